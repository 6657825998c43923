"""Requests (section 10): asking somebody for a secret, answering, and collecting the answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import _check as rules
from ._create import Content, Meter, Progress, Sealed, check_content, link_base, seal_fields
from ._errors import Gone, HalfkeyError, Tampered, raise_if_invalid
from ._flow import Flow, compute
from ._http import Call, Transport, json_body, query, request, respelled
from ._link import LinkAccess, LinkCore, open_access
from ._owner import Owner, open_with_any
from ._protocol.encoding import Key, b64, random_key, to_json, unb64_key
from ._protocol.keys import sha256
from ._protocol.link import ParsedLink, derive_link, format_link, read_link
from ._protocol.owner import open_meta, seal_meta
from ._protocol.request import (
    RequestKeys,
    check_public_key,
    derive_answer_key,
    derive_request,
    open_answer_key,
    open_request_note,
    parse_ask_link,
    parse_collect_link,
    seal_answer_key,
    seal_request_note,
)
from ._read import malformed_reply, read, read_list, read_text
from ._records import AnswerLimits, Page, ReceiptStatus, RequestDetails, RequestStats, SharedRequest
from ._secrets import describe, read_page
from ._sources import Attachable, open_sources
from ._upload import upload_files

REQUEST_FIELDS = {
    "answer.expires_in": "answer_hours",
    "answer.maximum_views": "answer_views",
    "answer.maximum_files": "answer_max_files",
    "answer.maximum_bytes": "answer_max_bytes",
    "expires_in": "hours",
    "maximum_answers": "answers",
    "note": "message",
    "meta": "description",
    "notify": "notify",
}


@dataclass(frozen=True)
class RequestOptions:
    """Everything that a request may say."""

    message: str | None
    hours: float | None
    answers: int | None
    answer_hours: float | None
    answer_views: int | None
    answer_max_files: int | None
    answer_max_bytes: int | None
    description: str | None
    notify: str | None
    keep_seed: bool | None

    def check(self, *, has_key: bool) -> None:
        """Raise :class:`ValidationError` with everything that is wrong."""
        problems = rules.find_problems(
            {
                "message": (self.message, rules.TEXT),
                "hours": (self.hours, rules.HOURS),
                "answers": (self.answers, rules.ANSWERS),
                "answer_hours": (self.answer_hours, rules.HOURS),
                "answer_views": (self.answer_views, rules.ANSWER_VIEWS),
                "answer_max_files": (self.answer_max_files, rules.MAX_FILES),
                "answer_max_bytes": (self.answer_max_bytes, rules.MAX_BYTES),
                "description": (self.description, rules.TEXT),
                "notify": (self.notify, rules.EMAIL),
                "keep_seed": (self.keep_seed, rules.BOOLEAN),
            }
        )
        for name in ("description", "keep_seed"):
            if getattr(self, name) and not has_key:
                problems.setdefault(name, []).append("needs the client to have a workspace_key")
        raise_if_invalid(problems)

    def limits(self) -> dict[str, Any] | None:
        """What each answer may be, as it travels."""
        fields = {
            "expires_in": None if self.answer_hours is None else rules.seconds_of(self.answer_hours),
            "maximum_views": self.answer_views,
            "maximum_files": self.answer_max_files,
            "maximum_bytes": self.answer_max_bytes,
        }
        return {name: value for name, value in fields.items() if value is not None} or None


def create_request(owner: Owner, options: RequestOptions) -> Flow[SharedRequest]:
    """Ask somebody for a secret."""
    options.check(has_key=bool(owner.workspace_keys))
    seed = random_key()
    workspace_key = yield from owner.optional_key()
    keys = yield from compute(lambda: derive_request(seed))
    meta = {
        "description": options.description,
        "note": options.message,
        "seed": None if options.keep_seed is False else b64(seed),
    }
    noted = {name: value for name, value in meta.items() if value is not None}
    body = json_body(
        {
            "slug": keys.slug,
            "access_verifier": b64(keys.access_verifier),
            "collect_verifier": b64(sha256(keys.collect)),
            "public_key": b64(keys.public_key),
            "note": seal_request_note(keys.ask_key, keys.slug, options.message or ""),
            "meta": None if workspace_key is None else seal_meta(workspace_key, keys.slug, noted),
            "maximum_answers": options.answers,
            "expires_in": None if options.hours is None else rules.seconds_of(options.hours),
            "answer": options.limits(),
            "notify": None if options.notify is None else {"email": options.notify},
        }
    )
    data = (yield from owner.call("POST", "/requests", body=body, fields=REQUEST_FIELDS)).data
    if read_text(data, "slug") != keys.slug:
        raise malformed_reply()
    ask_base = link_base(read_text(data, "ask_url"), f"ask/{keys.slug}")
    collect_base = link_base(read_text(data, "collect_url"), f"collect/{keys.slug}")
    return read(
        SharedRequest,
        data,
        ask_url=format_link(ask_base, keys.slug, keys.ask_key, "ask"),
        collect_url=format_link(collect_base, keys.slug, seed, "collect"),
        description=options.description,
        message=options.message,
    )


def _open_request(owner: Owner, data: object, *, listed: bool = False) -> RequestDetails:
    opened: dict[str, Any] = {}
    failed = False
    try:
        opened = _request_meta(owner, data)
    except HalfkeyError:
        if not listed:
            raise
        failed = True
    return _present(data, opened, failed)


def _request_meta(owner: Owner, data: object) -> dict[str, Any]:
    wire = data if isinstance(data, dict) else {}
    meta, slug = wire.get("meta"), str(wire.get("slug"))
    if meta is None or not owner.workspace_keys:
        return {}
    return open_with_any(owner.workspace_keys, lambda key: open_meta(key, slug, meta))


def _present(data: object, opened: dict[str, Any], failed: bool = False) -> RequestDetails:
    return read(
        RequestDetails,
        data,
        description=opened.get("description"),
        message=opened.get("note"),
        has_seed="seed" in opened,
        meta_error=failed,
    )


def list_requests(owner: Owner, status: str | None, limit: int | None, page: int | None) -> Flow[Page[RequestDetails]]:
    """One page, newest first."""
    rules.check(status=(status, rules.REQUEST_STATUS), limit=(limit, rules.LIMIT), page=(page, rules.PAGE))
    reply = yield from owner.call("GET", query("/requests", status=status, per_page=limit, page=page))
    items = reply.data if isinstance(reply.data, list) else [None]
    return read_page([_open_request(owner, item, listed=True) for item in items], reply.pagination)


def get_request(owner: Owner, slug: str) -> Flow[RequestDetails]:
    """Everything about a request but its answers."""
    rules.check("slug", slug=(slug, rules.SLUG))
    return _open_request(owner, (yield from owner.call("GET", f"/requests/{slug}")).data)


def patch_request(
    owner: Owner, slug: str, hours: float | None, answers: int | None, description: str | None
) -> Flow[RequestDetails]:
    """Shorten, take fewer answers, or describe."""
    rules.check(
        "slug",
        slug=(slug, rules.SLUG),
        hours=(hours, rules.HOURS),
        answers=(answers, rules.ANSWERS),
        description=(description, rules.TEXT),
    )
    if hours is None and answers is None and description is None:
        raise_if_invalid({"options": ["nothing to change: give at least one option"]})
    meta = None
    if description is not None:
        meta = yield from describe(owner, f"/requests/{slug}", slug, description)
    fields = {
        "expires_in": None if hours is None else rules.seconds_of(hours),
        "maximum_answers": answers,
        "meta": meta,
    }
    reply = yield from owner.call("PATCH", f"/requests/{slug}", body=json_body(fields), fields=REQUEST_FIELDS)
    return _open_request(owner, reply.data)


def delete_request(owner: Owner, slug: str, purge: bool) -> Flow[None]:
    """Withdraw a request."""
    rules.check("slug", slug=(slug, rules.SLUG), purge=(purge, rules.BOOLEAN))
    yield from owner.call("DELETE", f"/requests/{slug}{'?purge=true' if purge else ''}")


def get_request_stats(owner: Owner) -> Flow[RequestStats]:
    """The numbers of the workspace's requests."""
    return read(RequestStats, (yield from owner.call("GET", "/requests/stats")).data)


def collect_own(owner: Owner, slug: str) -> Flow[CollectCore]:
    """The answers to a request whose seed the workspace key keeps."""
    rules.check("slug", slug=(slug, rules.SLUG))
    if not owner.workspace_keys:
        raise_if_invalid({"collect": ["needs the client to have the workspace_key"]})
    data = (yield from owner.call("GET", f"/requests/{slug}")).data
    seed = _request_meta(owner, data).get("seed")
    if seed is None:
        raise_if_invalid({"slug": ["names a request whose seed was not kept: use its collect link"]})
    keys = yield from compute(lambda: derive_request(unb64_key(seed)))
    if keys.slug != slug:
        raise Tampered("The request's metadata has the seed of another request.")
    assert owner.base_url is not None
    return CollectCore(owner.base_url, keys, owner.transport)


def open_collect(text: str, transport: Transport) -> Flow[CollectCore]:
    """Check a collect link, then ask its server for the request."""
    rules.check("collect_url", collect_url=(text, rules.TEXT))
    base, keys = yield from compute(lambda: parse_collect_link(text))
    collect = CollectCore(base, keys, transport)
    yield from collect.details()
    return collect


@dataclass(frozen=True)
class AnswerFields:
    """An answer as the server lists it, which shows nothing of what is in it."""

    slug: str
    sealed_key_b: str | None
    status: str
    created_at: datetime
    collected_at: datetime | None
    attachments_count: int
    size: int


class CollectCore:
    """A request's answers. Its keys are private."""

    def __init__(self, base: str, keys: RequestKeys, transport: Transport) -> None:
        self.base = base
        self.keys = keys
        self.transport = transport

    def _call(self, method: str, path: str, persist: bool = False) -> Flow[Any]:
        url = f"{self.base}/api/v1/requests/{self.keys.slug}{path}"
        call = Call(method, url, {"Halfkey-Collect": b64(self.keys.collect)})
        return (yield from request(call, self.transport, persist=persist)).data

    def details(self, persist: bool = False) -> Flow[RequestDetails]:
        """Everything about the request but its answers."""
        data = yield from self._call("GET", "", persist)
        note = data.get("note") if isinstance(data, dict) else None
        opened = {} if note is None else {"note": open_request_note(self.keys.ask_key, self.keys.slug, note)}
        return _present(data, opened)

    def answers(self, persist: bool = False) -> Flow[list[AnswerFields]]:
        """The answers that are there, oldest first. A slug appears once, whatever the server says."""
        found = read_list(AnswerFields, (yield from self._call("GET", "/answers", persist)))
        return list({answer.slug: answer for answer in reversed(found)}.values())[::-1]

    def withdraw(self) -> Flow[None]:
        """End the request."""
        yield from self._call("DELETE", "")

    def open_answer(self, answer: AnswerFields, reveal_id: str | None) -> Flow[LinkCore]:
        """Open an answer's key, then ask the server what a reveal will need."""
        if answer.sealed_key_b is None and answer.status in ("viewed", "expired", "burned"):
            raise Gone("This answer has ended, and its content was destroyed.", details={"cause": answer.status})
        key_b = yield from compute(lambda: open_answer_key(self.keys, answer.slug, answer.sealed_key_b))
        access = derive_link(key_b).access
        link = LinkAccess(self.base, answer.slug, key_b, access, self.keys.collect)
        return (yield from open_access(link, self.transport, reveal_id))


@dataclass(frozen=True)
class AskStatus:
    """A request as whoever holds the ask link sees it."""

    note: str
    answers_left: int
    expiration: datetime
    limits: AnswerLimits
    asked_by: str


@dataclass(frozen=True, repr=False)
class _SealedAnswer:
    given: Key
    attachments: tuple[Attachable, ...]
    sealed: Sealed
    body: bytes
    manage_key: Key
    content_length: int
    total: int


def open_ask(text: str, transport: Transport) -> Flow[AskCore]:
    """Check an ask link, then ask its server for the request."""
    rules.check("ask_url", ask_url=(text, rules.TEXT))
    link = parse_ask_link(text)
    call = _ask_call(link, "status", b"{}")
    data = (yield from request(call, transport)).data
    public_key = check_public_key(link.key, read_text(data, "public_key"))
    note = open_request_note(link.key, link.slug, data.get("note"))
    return AskCore(link, transport, public_key, read(AskStatus, data, note=note))


def _ask_call(link: ParsedLink, step: str, body: bytes) -> Call:
    url = f"{link.base}/api/v1/asks/{link.slug}/{step}"
    return Call("POST", url, {"Halfkey-Access": b64(link.access)}, body)


class AskCore:
    """A request that was checked and can be answered. Its keys are private."""

    def __init__(self, link: ParsedLink, transport: Transport, public_key: bytes, status: AskStatus) -> None:
        self.link = link
        self.transport = transport
        self.status = status
        self._public_key = public_key
        self._unanswered: _SealedAnswer | None = None

    def answer(
        self,
        content: str | bytes,
        message: str | None,
        password: str | None,
        attachments: Sequence[Attachable],
        on_progress: Progress | None,
    ) -> Flow[ReceiptCore]:
        """Seal an answer once, and send those bytes until a reply comes."""
        self._check(content, message, password, attachments)
        answer = yield from self._seal_once(content, message, password, tuple(attachments))
        meter = Meter(on_progress, answer.total)
        data = yield from self._send(answer.body)
        if read_text(data, "slug") != answer.sealed.slug:
            raise malformed_reply()
        receipt = ReceiptCore(self.link.base, answer.sealed.slug, answer.manage_key, self.transport)
        if answer.sealed.files:
            try:
                yield from upload_files(
                    answer.sealed.slug, answer.sealed.files, receipt.prepare, self.transport, meter.add
                )
            except HalfkeyError as error:
                error.message += " The answer is incomplete, so nobody can open it. Its place comes back within a day."
                error.args = (error.message,)
                raise
        meter.add(answer.content_length)
        return receipt

    def _check(
        self, content: object, message: str | None, password: str | None, attachments: Sequence[Attachable]
    ) -> None:
        problems = rules.find_problems({"message": (message, rules.TEXT), "password": (password, rules.PASSWORD)})
        problems.update(check_content(content, attachments))
        most = self.status.limits.maximum_files
        if len(attachments) > most:
            none = "must be left out: the request takes no files"
            problems.setdefault("attachments", []).append(f"must be at most {most}" if most else none)
        raise_if_invalid(problems)

    def _seal_once(
        self, content: str | bytes, message: str | None, password: str | None, attachments: tuple[Attachable, ...]
    ) -> Flow[_SealedAnswer]:
        """What no reply came for, if the same is given again; anything else is a new answer."""
        plain = content if isinstance(content, str) else bytes(content)
        told = {"text": plain} if isinstance(plain, str) else {"bytes": b64(plain)}
        given = Key(hashlib.sha256(to_json({**told, "message": message, "password": password})).digest())
        last = self._unanswered
        is_same = last is not None and last.given == given and len(last.attachments) == len(attachments)
        if last and is_same and all(a is b for a, b in zip(last.attachments, attachments, strict=True)):
            return last
        sources = yield from compute(lambda: open_sources(attachments))
        what = Content(plain, message, password, sources)
        self._unanswered = yield from compute(lambda: self._seal(given, attachments, what))
        return self._unanswered

    def _seal(self, given: Key, attachments: tuple[Attachable, ...], what: Content) -> _SealedAnswer:
        x, manage_key = random_key(), random_key()
        sealed = seal_fields(derive_answer_key(x, self.link.key), manage_key, what)
        sealed_key = seal_answer_key(self._public_key, self.link.slug, sealed.slug, x)
        body = json_body({**sealed.fields, "sealed_key_b": b64(sealed_key)})
        return _SealedAnswer(given, attachments, sealed, body, manage_key, what.length(), what.total())

    def _send(self, body: bytes) -> Flow[Any]:
        call = _ask_call(self.link, "answers", body)
        try:
            data = (yield from request(call, self.transport, persist=True)).data
        except HalfkeyError as error:
            # The server refused it, so nothing was stored. Anything else leaves that open.
            if error.status is not None and error.status < 500:
                self._unanswered = None
            refusal = respelled(error, {"envelope": "content", "note": "message", "password_verifier": "password"})
        else:
            self._unanswered = None
            return data
        raise refusal


@dataclass
class _ReceiptWire:
    status: str
    collected_at: datetime | None
    expiration: datetime


def open_receipt(text: str, transport: Transport) -> ReceiptCore:
    """Read a status link. Asks the server for nothing."""
    rules.check("status_url", status_url=(text, rules.TEXT))
    base, slug, key = read_link(text, "status")
    return ReceiptCore(base, slug, key, transport)


class ReceiptCore:
    """What an answerer keeps: it tells what became of the answer, on the server's word."""

    def __init__(self, base: str, slug: str, manage_key: Key, transport: Transport) -> None:
        self.base = base
        self.slug = slug
        self.manage_key = manage_key
        self.transport = transport

    def prepare(self, method: str, path: str) -> Call:
        """A call with the right to the answer."""
        return Call(method, f"{self.base}/api/v1{path}", {"Halfkey-Manage": b64(self.manage_key)})

    def status_url(self) -> str:
        """The status link."""
        return format_link(self.base, self.slug, self.manage_key, "status")

    def status(self) -> Flow[ReceiptStatus]:
        """What became of the answer."""
        call = self.prepare("GET", f"/secrets/{self.slug}")
        wire = read(_ReceiptWire, (yield from request(call, self.transport)).data)
        state = wire.status if wire.status in ("uploading", "expired", "burned") else "waiting"
        if wire.collected_at is not None or wire.status == "viewed":
            state = "collected"
        return ReceiptStatus(state, wire.collected_at, wire.expiration)

    def withdraw(self) -> Flow[None]:
        """Destroy the answer, unless it was opened already."""
        yield from request(self.prepare("DELETE", f"/secrets/{self.slug}"), self.transport)

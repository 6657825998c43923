"""A sender's side: sealing a secret, and storing it."""

from __future__ import annotations

import contextlib
import secrets as random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from . import _check as rules
from ._errors import raise_if_invalid
from ._flow import Flow, compute
from ._http import NULL, json_body, respelling
from ._owner import SECRET_FIELDS, Owner
from ._protocol.chunks import encrypted_size
from ._protocol.content import FILE_ID_LENGTH, FileEntry, ikm_of, seal_content, seal_note
from ._protocol.encoding import Key, b64, random_key, unb64, utf8
from ._protocol.keys import file_key, sha256, stretch_password
from ._protocol.link import derive_link, format_fragment, format_link
from ._protocol.owner import seal_meta
from ._read import malformed_reply, read, read_text
from ._records import SharedSecret
from ._sources import Attachable, Source, open_sources
from ._upload import SealedFile, create_with_files

Progress = Callable[[int, int], object]
"""Is called with the bytes that are done and those in all; what it raises is ignored."""


class _Unlimited:
    """Any number of views until expiry."""

    def __repr__(self) -> str:
        return "UNLIMITED"


UNLIMITED = _Unlimited()
"""For ``views``: any number until expiry."""


class Meter:
    """Adds up what is done, and reports it."""

    def __init__(self, report: Progress | None, total: int) -> None:
        self._report = report
        self._total = total
        self._done = 0
        self.add(0)

    def add(self, count: int) -> None:
        """So many bytes more are done."""
        self._done += count
        if self._report:
            with contextlib.suppress(Exception):
                self._report(self._done, self._total)


@dataclass(frozen=True, repr=False)
class Content:
    """What is to be sealed, whoever is to open it."""

    content: str | bytes
    message: str | None
    password: str | None
    sources: Sequence[Source]

    def length(self) -> int:
        """Bytes of the content, without files."""
        return len(utf8(self.content)) if isinstance(self.content, str) else len(self.content)

    def total(self) -> int:
        """Bytes in all: encrypted ones of files, plain ones of all else."""
        return self.length() + sum(encrypted_size(source.size) for source in self.sources)


@dataclass(frozen=True, repr=False)
class Sealed:
    """What secrets and answers to requests have in common, sealed."""

    slug: str
    fields: dict[str, Any]
    """As they travel."""
    files: list[SealedFile]
    """To follow."""


def check_content(content: object, attachments: Iterable[Attachable]) -> dict[str, list[str]]:
    """What is wrong with a content, if anything."""
    if not rules.CONTENT.test(content):
        return {"content": [rules.CONTENT.problem]}
    is_empty = isinstance(content, (str, bytes, bytearray, memoryview)) and len(content) == 0
    return {"content": ["must not be empty"]} if is_empty and not attachments else {}


def seal_fields(key_b: Key, manage_key: Key, what: Content) -> Sealed:
    """Seal content, note and password. Takes a good part of a second if there is a password."""
    link = derive_link(key_b)
    stretched = None if what.password is None else stretch_password(what.password, key_b, link.slug)
    entries = [
        FileEntry(b64(random.token_bytes(FILE_ID_LENGTH)), source.name, source.type, source.size)
        for source in what.sources
    ]
    payload: dict[str, Any] = {}
    if len(what.content) > 0:
        is_text = isinstance(what.content, str)
        payload["text" if is_text else "bytes"] = what.content if is_text else b64(what.content)  # type: ignore[arg-type]
    if entries:
        payload["files"] = [entry.as_json() for entry in entries]
    password_key = stretched.key if stretched else None
    key_a, envelope = seal_content(key_b, link.slug, password_key, payload)
    ikm = ikm_of(key_a, key_b, password_key)
    salt = unb64(envelope["salt"])
    files = [
        SealedFile(entry.id, source, file_key(ikm, salt, entry.id))
        for entry, source in zip(entries, what.sources, strict=True)
    ]
    attachments = [{"id": entry.id, "size": encrypted_size(entry.size)} for entry in entries]
    fields = {
        "slug": link.slug,
        "envelope": envelope,
        "key_a": b64(key_a),
        "access_verifier": b64(link.access_verifier),
        "password_verifier": b64(sha256(stretched.proof)) if stretched else None,
        "manage_verifier": b64(sha256(manage_key)),
        "note": None if what.message is None else seal_note(key_b, link.slug, what.message),
        "attachments": attachments or None,
    }
    return Sealed(link.slug, fields, files)


@dataclass(frozen=True, repr=False)
class CreateOptions:
    """Everything that a secret's creation may say."""

    hours: float
    views: int | _Unlimited
    description: str | None
    message: str | None
    password: str | None
    attachments: Sequence[Attachable]
    ip_whitelist: str | Sequence[str] | None
    geolocation: str | Sequence[str] | None
    captcha: bool
    otp: Mapping[str, str] | None
    max_attempts: int | None
    on_lockout: str | None
    notify: str | None
    recoverable: bool

    def check(self, content: object, *, has_key: bool) -> None:
        """Raise :class:`ValidationError` with everything that is wrong."""
        problems = rules.find_problems(
            {
                "hours": (self.hours, rules.HOURS),
                "views": (None if self.views is UNLIMITED else self.views, rules.VIEWS),
                "description": (self.description, rules.TEXT),
                "message": (self.message, rules.TEXT),
                "password": (self.password, rules.PASSWORD),
                "ip_whitelist": (self.ip_whitelist, rules.NETWORKS),
                "geolocation": (self.geolocation, rules.COUNTRIES),
                "captcha": (self.captcha, rules.BOOLEAN),
                "otp": (self.otp, rules.OTP),
                "max_attempts": (self.max_attempts, rules.ATTEMPTS),
                "on_lockout": (self.on_lockout, rules.LOCKOUT),
                "notify": (self.notify, rules.EMAIL),
                "recoverable": (self.recoverable, rules.BOOLEAN),
            },
            required=["hours"],
        )
        problems.update(check_content(content, self.attachments))
        if self.views is None:
            problems["views"] = [rules.VIEWS.problem]
        for name in ("description", "recoverable"):
            if getattr(self, name) and not has_key:
                problems.setdefault(name, []).append("needs the client to have a workspace_key")
        raise_if_invalid(problems)

    def policies(self) -> dict[str, Any]:
        """The fields that aren't sealed."""
        return {
            "maximum_views": NULL if self.views is UNLIMITED else self.views,
            "expires_in": rules.seconds_of(self.hours),
            "ip_whitelist": None if self.ip_whitelist is None else rules.list_of(self.ip_whitelist),
            "geolocation": None if self.geolocation is None else rules.list_of(self.geolocation),
            "captcha": True if self.captcha else None,
            "otp": None if self.otp is None else _plain_otp(self.otp),
            "max_attempts": self.max_attempts,
            "on_lockout": self.on_lockout,
            "notify": None if self.notify is None else {"email": self.notify},
        }


def _plain_otp(otp: Mapping[str, str]) -> dict[str, str]:
    """Normalise what people copy: secrets in lower case or padded, numbers with spaces."""
    if otp["type"] == "totp":
        return {"type": "totp", "secret": otp["secret"].rstrip("=").upper()}
    return {"type": otp["type"], "to": otp["to"].replace(" ", "") if otp["type"] == "sms" else otp["to"]}


def create(
    owner: Owner, content: str | bytes, options: CreateOptions, on_progress: Progress | None
) -> Flow[SharedSecret]:
    """Seal a secret and store it, with its files if there are any. Every attempt sends the same bytes."""
    options.check(content, has_key=bool(owner.workspace_keys))
    sources = yield from compute(lambda: open_sources(options.attachments))
    plain = content if isinstance(content, str) else bytes(content)
    what = Content(plain, options.message, options.password, sources)
    key_b, manage_key = random_key(), random_key()
    workspace_key = yield from owner.optional_key()
    sealed = yield from compute(lambda: seal_fields(key_b, manage_key, what))
    meta = _meta(options, sources, key_b)
    fields = {
        **sealed.fields,
        "meta": None if workspace_key is None else seal_meta(workspace_key, sealed.slug, meta),
        **options.policies(),
    }
    body = json_body(fields)
    meter = Meter(on_progress, what.total())
    if sealed.files:
        manage = b64(manage_key) if owner.token is None else None
        data = yield from respelling(
            create_with_files(owner, sealed.slug, sealed.files, body, manage, meter.add), SECRET_FIELDS
        )
    else:
        data = (yield from owner.call("POST", "/secrets", body=body, fields=SECRET_FIELDS)).data
    meter.add(what.length())
    base = link_base(read_text(data, "share_url"), sealed.slug)
    return read(
        SharedSecret,
        data,
        slug=sealed.slug,
        share_url=format_link(base, sealed.slug, key_b),
        manage_key=b64(manage_key),
        description=options.description,
        message=options.message,
    )


def _meta(options: CreateOptions, sources: Sequence[Source], key_b: Key) -> dict[str, Any]:
    meta = {
        "description": options.description,
        "note": options.message,
        "files": [source.name for source in sources] or None,
        "fragment": format_fragment(key_b) if options.recoverable else None,
    }
    return {name: value for name, value in meta.items() if value is not None}


def link_base(address: str, path: str) -> str:
    """What comes before a link's path, if the server's address is one that a fragment may be put behind.

    :param path: the slug; of other links than share links, their kind and the slug
    """
    url = urlsplit(address)
    is_plain = url.scheme in ("http", "https") and bool(url.hostname) and "@" not in url.netloc
    if not is_plain or url.query or url.fragment or not url.path.endswith(f"/{path}"):
        raise malformed_reply()
    return address[: -len(path) - 1]

"""A recipient's conversation with a link's own server (section 9)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import _check as rules
from ._captcha import solve_captcha
from ._create import Meter, Progress
from ._download import Granted
from ._errors import (
    GeoDenied,
    Gone,
    IpDenied,
    Locked,
    OtpRequired,
    PasswordRequired,
    raise_if_invalid,
)
from ._flow import Flow, compute
from ._http import Call, Transport, json_body, once, request
from ._protocol.content import FileEntry, ikm_of, open_content, open_note
from ._protocol.encoding import Key, b64, unb64_key, utf8
from ._protocol.keys import Stretched, file_key, stretch_password
from ._read import malformed_reply, read, read_text, read_time
from ._records import LinkFile, Needs, OtpNeed, SentCode

Solve = Callable[[dict[str, Any]], str]
"""Returns the solution of a captcha's challenge, as :func:`solve_captcha` does."""


@dataclass(frozen=True, repr=False)
class LinkAccess:
    """A link that was read; ``collect`` only of an answer to a request."""

    base: str
    slug: str
    key_b: Key
    access: Key
    collect: Key | None = None

    def headers(self) -> dict[str, str]:
        """What every call of a recipient bears."""
        collect = {} if self.collect is None else {"Halfkey-Collect": b64(self.collect)}
        return {"Halfkey-Access": b64(self.access), **collect}

    def call(self, method: str, path: str) -> Call:
        """A call about this link."""
        return Call(method, f"{self.base}/api/v1/links/{self.slug}/{path}", self.headers())

    def post(self, transport: Transport, step: str, body: dict[str, Any]) -> Flow[Any]:
        """One step of the conversation."""
        call = self.call("POST", step)
        reply = yield from request(Call(call.method, call.url, call.headers, json_body(body)), transport)
        return reply.data


@dataclass(frozen=True)
class LinkStatus:
    """What the server says of a link before it is opened."""

    note: str | None
    expiration: datetime | None
    views_left: int | None
    attempts_left: int
    files: list[LinkFile]
    needs: Needs


@dataclass
class _Wire:
    password: bool
    otp: OtpNeed | None
    captcha: bool
    note: str | None
    expiration: datetime
    views_left: int | None
    attempts_left: int
    files: list[LinkFile]


@dataclass(frozen=True, repr=False)
class Revealed:
    """What a reveal gave."""

    content: str | bytes | None
    files: list[tuple[FileEntry, Granted]]


class LinkCore:
    """A link that was checked. Its keys are private."""

    def __init__(self, link: LinkAccess, transport: Transport, status: LinkStatus, reveal_id: str) -> None:
        self.link = link
        self.transport = transport
        self.status = status
        self.reveal_id = reveal_id
        self._stretched: tuple[Key, Stretched] | None = None

    def request_code(self, password: str | None, captcha: str | Solve | None) -> Flow[SentCode]:
        """Have a one-time code sent."""
        rules.check(password=(password, rules.PASSWORD))
        self._check_password(password)
        proofs, _ = yield from self._prove(password, captcha)
        # Never retried: each call sends a message.
        data = yield from self.link.post(once(self.transport), "otp", proofs)
        return read(SentCode, data)

    def reveal(
        self, password: str | None, otp: str | None, captcha: str | Solve | None, on_progress: Progress | None
    ) -> Flow[Revealed]:
        """Spend a view and decrypt."""
        rules.check(password=(password, rules.PASSWORD), otp=(otp, rules.TEXT))
        self._check_password(password)
        if self.status.needs.otp and otp is None:
            raise OtpRequired("This secret needs a one-time code. Nothing was sent, and no opening was used up.")
        proofs, password_key = yield from self._prove(password, captcha)
        code = None if otp is None else "".join(otp.split())
        body = {"reveal_id": self.reveal_id, **proofs, "otp": code}
        data = yield from self.link.post(self.transport, "reveal", body)
        key_a = unb64_key(read_text(data, "key_a"))
        grant = Key(utf8(read_text(data, "grant")))
        envelope = data.get("envelope")
        ikm = ikm_of(key_a, self.link.key_b, password_key)
        payload = open_content(ikm, self.link.slug, envelope)
        files = [self._grant(entry, ikm, envelope, grant) for entry in payload.files]
        length = len(utf8(payload.content) if isinstance(payload.content, str) else payload.content or b"")
        Meter(on_progress, length).add(length)
        return Revealed(payload.content, files)

    def _grant(self, entry: FileEntry, ikm: Key, envelope: Any, grant: Key) -> tuple[FileEntry, Granted]:
        from ._protocol.encoding import unb64

        key = file_key(ikm, unb64(envelope["salt"]), entry.id)
        call = self.link.call("GET", f"files/{entry.id}")
        call.headers["Halfkey-Grant"] = grant.decode()
        return entry, Granted(call, self.transport, key, entry.size)

    def ack(self, reveal_id: str) -> Flow[None]:
        """Tell the server that everything is saved."""
        yield from self.link.post(self.transport, "ack", {"reveal_id": reveal_id})

    def _check_password(self, password: str | None) -> None:
        needed = self.status.needs.password
        if needed and password is None:
            raise PasswordRequired("This secret needs a password. Nothing was sent, and no opening was used up.")
        if needed is False and password is not None:
            raise_if_invalid({"password": ["must be left out: this secret has none"]})

    def _prove(self, password: str | None, captcha: str | Solve | None) -> Flow[tuple[dict[str, Any], Key | None]]:
        """The proofs that one attempt needs: of the password, and a captcha's solution, which is good for one attempt."""
        proofs: dict[str, Any] = {}
        stretched = None
        if password is not None:
            stretched = yield from self._stretch(password)
            proofs["password_proof"] = b64(stretched.proof)
        if isinstance(captcha, str):
            proofs["captcha"] = captcha
        elif self.status.needs.captcha:
            challenge = yield from self._challenge()
            solve = captcha or solve_captcha
            if challenge is not None:
                proofs["captcha"] = yield from compute(lambda: solve(challenge))
        return proofs, stretched.key if stretched else None

    def _stretch(self, password: str) -> Flow[Stretched]:
        """Stretch a password once, however many attempts are made with it."""
        given = Key(utf8(password))
        if self._stretched is None or self._stretched[0] != given:
            link = self.link
            work = yield from compute(lambda: stretch_password(password, link.key_b, link.slug))
            self._stretched = given, work
        return self._stretched[1]

    def _challenge(self) -> Flow[dict[str, Any] | None]:
        """A new challenge; None if the server refuses one. A recorded reveal needs none (claim C6)."""
        try:
            data = yield from self.link.post(self.transport, "status", {})
        except (Gone, Locked, IpDenied, GeoDenied):
            return None
        challenge = data.get("challenge") if isinstance(data, dict) else None
        if challenge is not None and not isinstance(challenge, dict):
            raise malformed_reply()
        return challenge


def open_access(link: LinkAccess, transport: Transport, reveal_id: str | None) -> Flow[LinkCore]:
    """Ask the link's server for its status, which spends nothing."""
    rules.check(reveal_id=(reveal_id, rules.REVEAL_ID))
    chosen = reveal_id or b64(secrets.token_bytes(16))
    try:
        data = yield from link.post(transport, "status", {})
    except (Gone, Locked) as error:
        if reveal_id is None:
            raise
        # A recorded reveal can be repeated even after its secret ended or was locked (claim C6): only the reveal can tell.
        ended = read_time(error.details["at"]) if "at" in error.details else None
        return LinkCore(link, transport, LinkStatus(None, ended, 0, 0, [], Needs(None, None, False)), chosen)
    wire = read(_Wire, data)
    note = None if wire.note is None else open_note(link.key_b, link.slug, wire.note)
    needs = Needs(wire.password, wire.otp, wire.captcha)
    status = LinkStatus(note, wire.expiration, wire.views_left, wire.attempts_left, wire.files, needs)
    return LinkCore(link, transport, status, chosen)

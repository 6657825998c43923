"""Calls of the storage API: time-outs, retries, and reading replies."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from ._errors import (
    REPLY_ERRORS,
    HalfkeyError,
    Malformed,
    NetworkError,
    RateLimited,
    ServerError,
    Timeout,
    ValidationError,
)
from ._flow import Failure, Flow, HttpReply, HttpRequest, send, sleep
from ._protocol.encoding import from_json
from ._read import malformed_reply
from ._version import VERSION

T = TypeVar("T")

_USER_AGENT = f"halfkey-sdk-python/{VERSION}"
_MAX_WAIT = 60.0
_MIN_BACKOFF = 0.25
_MAX_BACKOFF = 10.0
_MAX_OUTAGE = 120.0
"""Seconds: long enough for a server to be restarted or moved."""
_MIN_SPEED = 8192
"""Bytes a second: the slowest connection that is waited for."""
_MAX_NAMED = 10
"""Fields that a message names; ``details`` has all."""


@dataclass(frozen=True)
class Transport:
    """How calls reach a server."""

    timeout: float = 30.0
    """Seconds that one attempt may take."""
    retries: int = 3
    """Attempts after the first."""


@dataclass(frozen=True, repr=False)
class Call:
    """One call, the same bytes at every attempt."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | memoryview | None = None
    content_type: str = "application/json"
    on_sent: Callable[[int], None] | None = None
    into: bytearray | None = None
    """Where a reply of this length is put."""


@dataclass(frozen=True, repr=False)
class Reply:
    """A success."""

    data: Any
    pagination: Any


class Retry:
    """Decides, for one series of failures, whether to try again.

    :param persist: beyond ``retries``, attempts go on until two minutes after the first failure
    """

    def __init__(self, transport: Transport, persist: bool = False) -> None:
        self._retries = transport.retries
        self._persist = persist and transport.retries > 0
        self._failures = 0
        self._first: float | None = None

    def wait(self, error: HalfkeyError, transient: bool, retry_after: float | None) -> Flow[None]:
        """Wait before the next attempt, or raise the error if there is to be none."""
        now = time.monotonic()
        self._first = now if self._first is None else self._first
        # Half of it jitter, so that clients which failed together don't come back together.
        backoff = min(_MIN_BACKOFF * 2.0**self._failures, _MAX_BACKOFF) * (0.5 + random.random() / 2)  # noqa: S311
        self._failures += 1
        pause = backoff if retry_after is None else retry_after
        persists = self._persist and now + pause - self._first < _MAX_OUTAGE
        if not transient or pause > _MAX_WAIT or (self._failures > self._retries and not persists):
            raise error
        yield from sleep(pause)


def request(call: Call, transport: Transport, *, persist: bool = False) -> Flow[Reply]:
    """Call the storage API.

    Network errors, time-outs, 429 and 502 to 504 are tried again after the reply's Retry-After (RFC 9110, section
    10.2.3), else after an exponential back-off: every call of the protocol is safe to repeat.

    :raises HalfkeyError: with the server's code, or NETWORK, TIMEOUT, MALFORMED
    """
    reply = yield from fetch(call, transport, persist=persist)
    fields = json_of(reply)
    if fields is None or fields.get("success") is not True or "data" not in fields:
        raise malformed_reply(reply.status)
    return Reply(fields["data"], fields.get("pagination"))


def fetch(call: Call, transport: Transport, *, persist: bool = False) -> Flow[HttpReply]:
    """:func:`request` for a reply that is a file: any success, as it came."""
    retry = Retry(transport, persist)
    while True:
        outcome = yield from send(_attempt(call, transport))
        if isinstance(outcome, HttpReply) and 200 <= outcome.status < 300:
            return outcome
        yield from retry.wait(*_failure_of(outcome, transport))


def _attempt(call: Call, transport: Transport) -> HttpRequest:
    length = max(0 if call.body is None else len(call.body), 0 if call.into is None else len(call.into))
    headers = {"User-Agent": _USER_AGENT, "Accept": "*/*", **call.headers}
    if call.body is not None:
        headers["Content-Type"] = call.content_type
    timeout = transport.timeout + length / _MIN_SPEED
    return HttpRequest(call.method, call.url, headers, call.body, timeout, transport.timeout, call.into, call.on_sent)


def _failure_of(outcome: HttpReply | Failure, transport: Transport) -> tuple[HalfkeyError, bool, float | None]:
    if isinstance(outcome, Failure):
        return _unreached(outcome, transport), not outcome.certificate, None
    if 300 <= outcome.status < 400:
        # Following it could send the call to anyone.
        return NetworkError("The server redirects to another address. Use that address instead."), False, None
    transient = outcome.status == 429 or 502 <= outcome.status <= 504
    return _read_error(outcome), transient, _retry_after(outcome.headers.get("retry-after"))


def _unreached(failure: Failure, transport: Transport) -> HalfkeyError:
    if failure.timed_out:
        return Timeout(f"The server didn't reply within {transport.timeout:g} seconds.")
    if failure.certificate:
        return NetworkError(
            "The server's certificate isn't trusted. If it is of an authority of your own, name that in SSL_CERT_FILE."
        )
    reason = f" ({failure.reason})" if failure.reason else ""
    return NetworkError(f"No reply from the server{reason}.")


def json_of(reply: HttpReply) -> dict[str, Any] | None:
    """The body's JSON object; None for anything else."""
    try:
        return None if reply.body is None else from_json(bytes(reply.body))
    except Malformed:
        return None


def _read_error(reply: HttpReply) -> HalfkeyError:
    error = (json_of(reply) or {}).get("error")
    fields = error if isinstance(error, dict) else {}
    code, message, details = fields.get("code"), fields.get("message"), fields.get("details")
    request_id = fields.get("request_id") or reply.headers.get("x-request-id")
    cls = REPLY_ERRORS.get(code) if isinstance(code, str) else None
    known = request_id if isinstance(request_id, str) else None
    if cls and isinstance(message, str):
        return cls(
            message, status=reply.status, details=details if isinstance(details, dict) else None, request_id=known
        )
    fallback = RateLimited if reply.status == 429 else ServerError if reply.status >= 500 else NetworkError
    return fallback(
        f"The reply (status {reply.status}) isn't from a Halfkey server. Check the address, and any proxy on the way.",
        status=reply.status,
        request_id=known,
    )


def _retry_after(value: str | None) -> float | None:
    """Seconds from delay-seconds or an HTTP-date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def json_body(value: Mapping[str, Any]) -> bytes:
    """A request's body; members that are None are left out, but for those given as :data:`NULL`."""
    fields = {name: None if field is NULL else field for name, field in value.items() if field is not None}
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class _Null:
    """JSON's null, where None means that a field isn't given."""


NULL = _Null()


def query(path: str, **parameters: object) -> str:
    """A path with a query; parameters that are None are left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def respelling(flow: Flow[T], fields: Mapping[str, str]) -> Flow[T]:
    """The same flow, whose refusals are in the caller's words."""
    try:
        return (yield from flow)
    except HalfkeyError as error:
        refusal = respelled(error, fields)
    raise refusal


def respelled(error: HalfkeyError, fields: Mapping[str, str]) -> HalfkeyError:
    """A server's refusal in the caller's words: ``expires_in`` of the wire is ``hours`` here."""
    if not isinstance(error, ValidationError) or error.status is None or not error.details:
        return error
    details = {_name_of(path, fields): problems for path, problems in error.details.items()}
    named = [f"{name}: {_sentence(problems)}" for name, problems in list(details.items())[:_MAX_NAMED]]
    more = f" And {len(details) - _MAX_NAMED} more." if len(details) > _MAX_NAMED else ""
    return ValidationError(" ".join(named) + more, status=error.status, details=details, request_id=error.request_id)


def _sentence(problems: object) -> str:
    return " ".join(map(str, problems)) if isinstance(problems, list) else str(problems)


def _name_of(path: str, fields: Mapping[str, str]) -> str:
    first, *rest = path.split(".")
    if path in fields:
        return fields[path]
    if first in fields:
        return fields[first]
    if first == "per_page":
        return "limit"
    return first + "".join(f"[{name}]" if name.isdigit() else f".{name}" for name in rest)


def once(transport: Transport) -> Transport:
    """For calls that must not be repeated."""
    return replace(transport, retries=0)

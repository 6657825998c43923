"""Every failure of this package: one class for each code of ``spec/errors.md`` and for each of the client's own.

.. code-block:: text

    HalfkeyError
    ├─ LinkError        the link, before any request
    ├─ KeyTextError     a folder or entry key, likewise
    ├─ OpeningError     what was sealed doesn't open
    ├─ TransportError   reaching the server
    └─ ReplyError       the server's refusal, with ``status``, ``details`` and ``request_id``

No message, attribute or representation of an error holds a secret, a key, a password or a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

Problems = dict[str, list[str]]
"""Name of an option or field: everything that is wrong with it."""


class HalfkeyError(Exception):
    """The base of every failure of this package.

    :ivar code: says what happened, and never changes between versions; the message may
    :ivar status: the HTTP status, where a server answered
    :ivar details: by the code: ``VALIDATION_ERROR`` field to messages, ``GONE`` ``{cause, at}``, ``PASSWORD_WRONG``
        ``{attempts_left}``, ``LINK_WRONG_KIND`` ``{kind}``, and so on
    :ivar request_id: to quote to the server's operator
    """

    code: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.details: dict[str, Any] = dict(details or {})
        self.request_id = request_id

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (type(self), self.message, self.status, self.details, self.request_id))


def _restore(
    cls: type[HalfkeyError],
    message: str,
    status: int | None,
    details: dict[str, Any],
    request_id: str | None,
) -> HalfkeyError:
    return cls(message, status=status, details=details, request_id=request_id)


class LinkError(HalfkeyError):
    """A link can't be used. Nothing was sent."""


class LinkNoFragment(LinkError):
    """The part after ``#`` is missing."""

    code = "LINK_NO_FRAGMENT"


class LinkCutShort(LinkError):
    """The end of the link is missing."""

    code = "LINK_CUT_SHORT"


class LinkMistyped(LinkError):
    """The link was mistyped, or changed on the way."""

    code = "LINK_MISTYPED"


class LinkNewerVersion(LinkError):
    """A newer version of Halfkey made the link."""

    code = "LINK_NEWER_VERSION"


class LinkWrongKind(LinkError):
    """A share, ask, collect or status link where another belongs; ``details["kind"]`` is which it is."""

    code = "LINK_WRONG_KIND"


class KeyTextError(HalfkeyError):
    """The text of a folder or entry key can't be used. Nothing was sent."""


class KeyCutShort(KeyTextError):
    """The end of the key is missing."""

    code = "KEY_CUT_SHORT"


class KeyMistyped(KeyTextError):
    """The key was mistyped, or changed on the way."""

    code = "KEY_MISTYPED"


class KeyNewerVersion(KeyTextError):
    """A newer version of Halfkey made the key."""

    code = "KEY_NEWER_VERSION"


class KeyNotCovering(KeyTextError):
    """None of the given keys opens this named secret."""

    code = "KEY_NOT_COVERING"


class OpeningError(HalfkeyError):
    """What was sealed doesn't open."""


class WrongKey(OpeningError):
    """The key is another one than it was sealed with."""

    code = "WRONG_KEY"


class Tampered(OpeningError):
    """It was changed after it was sealed."""

    code = "TAMPERED"


class Malformed(OpeningError):
    """It doesn't have the format that it should have; also a reply that isn't a Halfkey server's."""

    code = "MALFORMED"


class NewerVersion(OpeningError):
    """A newer version of Halfkey sealed it."""

    code = "NEWER_VERSION"


class TransportError(HalfkeyError):
    """The server wasn't reached, or the call was given up."""


class NetworkError(TransportError):
    """No reply from the server, or not from a Halfkey server."""

    code = "NETWORK"


class Timeout(TransportError):
    """The server didn't reply in time."""

    code = "TIMEOUT"


class Aborted(TransportError):
    """The caller's ``cancel`` event was set. (A cancelled asyncio task raises ``CancelledError`` as usual.)"""

    code = "ABORTED"


class Unsupported(TransportError):
    """Something that this installation lacks; the message says what to install."""

    code = "UNSUPPORTED"


class ReplyError(HalfkeyError):
    """The server refused; see ``spec/errors.md``."""


class AuthenticationError(ReplyError):
    """The token is missing, unknown, expired or revoked."""

    code = "AUTHENTICATION_ERROR"


class PermissionDenied(ReplyError):
    """The token lacks the scope, this handler or this address."""

    code = "PERMISSION_DENIED"


class QuotaExceeded(ReplyError):
    """The workspace, or all anonymous secrets together, have reached a limit."""

    code = "QUOTA_EXCEEDED"


class ValidationError(ReplyError):
    """Some fields or options are wrong: ``details`` lists every one of them. Also raised before anything is sent."""

    code = "VALIDATION_ERROR"


class NotFound(ReplyError):
    """Unknown, another workspace's, or no right to it; these can't be told apart."""

    code = "NOT_FOUND"


class Gone(ReplyError):
    """It has ended: ``details`` are ``{cause, at}``."""

    code = "GONE"


class Conflict(ReplyError):
    """This conflicts with what the server already has."""

    code = "CONFLICT"


class IpDenied(ReplyError):
    """Access isn't allowed from this address."""

    code = "IP_DENIED"


class GeoDenied(ReplyError):
    """Access isn't allowed from this country."""

    code = "GEO_DENIED"


class PasswordRequired(ReplyError):
    """A password is required. Nothing was used up."""

    code = "PASSWORD_REQUIRED"


class PasswordWrong(ReplyError):
    """The password is wrong: ``details["attempts_left"]``."""

    code = "PASSWORD_WRONG"


class OtpRequired(ReplyError):
    """A one-time code is required. Nothing was used up."""

    code = "OTP_REQUIRED"


class OtpWrong(ReplyError):
    """The one-time code is wrong, already used or expired."""

    code = "OTP_WRONG"


class CaptchaRequired(ReplyError):
    """A solved captcha is required."""

    code = "CAPTCHA_REQUIRED"


class CaptchaWrong(ReplyError):
    """The captcha's solution is wrong, already used or expired."""

    code = "CAPTCHA_WRONG"


class WrongRegion(ReplyError):
    """The call must go to another region's server."""

    code = "WRONG_REGION"


class Locked(ReplyError):
    """Locked after too many failed attempts; the owner can unlock it."""

    code = "LOCKED"


class RateLimited(ReplyError):
    """Too many requests."""

    code = "RATE_LIMITED"


class PayloadTooLarge(ReplyError):
    """Larger than a limit: ``details`` are ``{limit, maximum_bytes, bytes?}``."""

    code = "PAYLOAD_TOO_LARGE"


class UploadIncomplete(ReplyError):
    """Some parts of a file weren't uploaded."""

    code = "UPLOAD_INCOMPLETE"


class ServerError(ReplyError):
    """Something went wrong on the server."""

    code = "SERVER_ERROR"


class Unavailable(ReplyError):
    """The service is temporarily unavailable."""

    code = "UNAVAILABLE"


def _by_code(base: type[HalfkeyError]) -> dict[str, type[HalfkeyError]]:
    return {cls.code: cls for cls in base.__subclasses__() if cls.code}


REPLY_ERRORS = _by_code(ReplyError)
"""The class for each code that a server may reply with."""


def raise_if_invalid(problems: Problems) -> None:
    """Raise :class:`ValidationError` whose ``details`` are the problems, if there are any."""
    if problems:
        sentences = [f"{name} {' and '.join(found)}" for name, found in problems.items()]
        raise ValidationError(f"{'; '.join(sentences)}.", details=problems)

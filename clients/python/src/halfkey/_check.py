"""Checks what callers pass, before anything is sent or spent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ._errors import Malformed, Problems, raise_if_invalid
from ._protocol import kms, owner
from ._protocol.encoding import KEY_LENGTH, MAX_INTEGER, unb64, utf8
from ._protocol.keys import PASSWORD_PROBLEM, is_password


class Rule(NamedTuple):
    """A test, and what is wrong with a value that fails it."""

    test: Callable[[Any], bool]
    problem: str


def find_problems(options: Mapping[str, tuple[Any, Rule]], required: Iterable[str] = ()) -> Problems:
    """Every wrong option with what is wrong with it; an option that is None counts as not given."""
    must = set(required)
    return {
        name: [rule.problem]
        for name, (value, rule) in options.items()
        if not (value is None and name not in must) and not rule.test(value)
    }


def check(*required: str, **options: tuple[Any, Rule]) -> None:
    """Raise :class:`ValidationError` with everything that is wrong."""
    raise_if_invalid(find_problems(options, required))


def is_text(value: object) -> bool:
    """Well-formed Unicode text."""
    try:
        return isinstance(value, str) and utf8(value) is not None
    except Malformed:
        return False


def is_bytes(value: object) -> bool:
    """Bytes in memory."""
    return isinstance(value, (bytes, bytearray, memoryview))


def matches(pattern: str) -> Callable[[object], bool]:
    """Texts that match all of a pattern."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def whole(low: int, high: int) -> Callable[[object], bool]:
    """Integers in a range."""
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_number(value: object) -> bool:
    """Integers and floats."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_binary(length: int) -> Callable[[object], bool]:
    """B64 of so many bytes."""

    def test(value: object) -> bool:
        try:
            return len(unb64(value)) == length
        except Malformed:
            return False

    return test


def list_of(value: str | Iterable[str]) -> list[str]:
    """A list as it was given, or the entries of a text with commas between them."""
    return [entry.strip() for entry in value.split(",")] if isinstance(value, str) else list(value)


def _is_list(pattern: str) -> Callable[[object], bool]:
    one = matches(pattern)

    def test(value: object) -> bool:
        entries = list_of(value) if isinstance(value, str) else value
        # Not empty, which could mean anyone as well as no one.
        return isinstance(entries, (list, tuple)) and len(entries) > 0 and all(one(entry) for entry in entries)

    return test


def _list_rule(pattern: str, of: str) -> Rule:
    return Rule(_is_list(pattern), f"must be a list of {of}, or a string with commas between them")


def _is_email(value: object) -> bool:
    part = r'[^\s\x00-\x1f\x7f-\x9f@,;:<>()\[\]"\\]+'
    return matches(f"{part}@{part}")(value)


def _is_otp(value: object) -> bool:
    if not isinstance(value, Mapping) or len(value) != 2:
        return False
    kind = value.get("type")
    if kind == "totp":
        return matches("(?i:[A-Z2-7]+=*)")(value.get("secret"))
    if kind == "email":
        return _is_email(value.get("to"))
    return kind == "sms" and matches(r"\+?[0-9 ]+")(value.get("to"))


TEXT = Rule(is_text, "must be well-formed Unicode text")
CONTENT = Rule(lambda value: is_text(value) or is_bytes(value), "must be well-formed Unicode text, or bytes")
BOOLEAN = Rule(lambda value: isinstance(value, bool), "must be True or False")
HOURS = Rule(
    lambda value: is_number(value) and 60 / 3600 <= value <= 1000, "must be a number from 1/60 (one minute) to 1000"
)
VIEWS = Rule(whole(1, 10_000), "must be a whole number from 1 to 10,000, or UNLIMITED")
PASSWORD = Rule(is_password, PASSWORD_PROBLEM)
NETWORKS = _list_rule(r"[\da-fA-F:.]+(?:/\d{1,3})?", "IP addresses and CIDR ranges")
COUNTRIES = _list_rule("[A-Z]{2}", "two-letter country codes (ISO 3166-1 alpha-2)")
OTP = Rule(_is_otp, 'must be {"type": "email" or "sms", "to"} or {"type": "totp", "secret"}')
ATTEMPTS = Rule(whole(1, 100), "must be a whole number from 1 to 100")
LOCKOUT = Rule(lambda value: value in ("lock", "burn"), "must be lock or burn")
EMAIL = Rule(_is_email, "must be an e-mail address")
KEY = Rule(is_binary(KEY_LENGTH), owner.KEY_PROBLEM)
REVEAL_ID = Rule(is_binary(16), "must be 16 bytes as base64url (22 characters)")
SLUG = Rule(matches("[1-9A-HJ-NP-Za-km-z]{13}"), "must be 13 letters and digits, not the whole link")
LIMIT = Rule(whole(1, 100), "must be a whole number from 1 to 100")
LOG_LIMIT = Rule(whole(1, 1000), "must be a whole number from 1 to 1000")
PAGE = Rule(whole(1, 10**8), "must be a whole number from 1")
SECONDS = Rule(whole(60, 316_224_000), "must be a whole number of seconds from 60 to 316224000")
TTL = Rule(whole(1, 86_400), "must be a whole number of seconds from 1 to 86400")
SECRET_STATUS = Rule(
    lambda value: value in ("active", "uploading", "viewed", "expired", "burned", "locked"),
    "must be active, uploading, viewed, expired, burned or locked",
)
REQUEST_STATUS = Rule(
    lambda value: value in ("open", "answered", "expired", "withdrawn"),
    "must be open, answered, expired or withdrawn",
)
DELIVERY_STATUS = Rule(
    lambda value: value in ("pending", "delivered", "failed"), "must be pending, delivered or failed"
)
HANDLER = Rule(kms.is_handler, kms.HANDLER_PROBLEM)
KEY_NAME = Rule(kms.is_key_name, kms.KEY_NAME_PROBLEM)
VERSION = Rule(kms.is_version, kms.VERSION_PROBLEM)
PREFIX = Rule(matches("[a-z0-9._/-]{1,128}"), "must be the beginning of a handler")
PROPERTIES = Rule(lambda value: isinstance(value, dict), "must be a dict that JSON can hold")
ANSWERS = Rule(whole(1, 100), "must be a whole number from 1 to 100")
ANSWER_VIEWS = Rule(whole(1, 10), "must be a whole number from 1 to 10")
MAX_FILES = Rule(whole(0, 100), "must be a whole number from 0 to 100")
MAX_BYTES = Rule(whole(1, MAX_INTEGER), "must be a whole number of bytes from 1")
INTERVAL = Rule(lambda value: is_number(value) and 0 < value <= 3600, "must be seconds, more than 0 and at most 3600")
ENTRY_ID = Rule(whole(0, 10**15 - 1), "must be the id of an entry, or 0")
EVENT_TYPE = Rule(matches(r"(?:kms\.|request\.)?[a-z_]+"), "must be the type of an event")
TIME = Rule(
    lambda value: isinstance(value, datetime) and value.tzinfo is not None, "must be a datetime with a time zone"
)
FORMAT = Rule(lambda value: value in ("jsonl", "csv"), "must be jsonl or csv")
WEBHOOK_ID = Rule(matches(r"[\w-]{1,64}"), "must be an id")
TOKEN_ID = Rule(matches(r"[A-Za-z0-9]{1,40}"), "must be a token's id")
PATTERNS = Rule(
    lambda value: (
        isinstance(value, (list, tuple)) and len(value) > 0 and all(map(matches("[a-z0-9*][a-z0-9._*/-]*"), value))
    ),
    "must be a list of handlers, in which * may stand for any characters",
)
_SCOPES = (
    "secrets:read", "secrets:write", "kms:read", "kms:write", "kms:reveal",
    "requests:read", "requests:write", "audit:read", "tokens:admin",
)  # fmt: skip
SCOPES = Rule(
    lambda value: isinstance(value, (list, tuple)) and len(value) > 0 and all(scope in _SCOPES for scope in value),
    f"must be a list of: {', '.join(_SCOPES)}",
)


def is_base_url(value: object) -> bool:
    """An http or https URL without user, query and fragment."""
    return matches(r"https?://[^\s/?#@\\]+(?:/[^\s?#]*)?")(value)


def seconds_of(hours: float) -> int:
    """Expiry as it travels."""
    return round(hours * 3600)

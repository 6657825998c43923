"""Section 2: text, base64url, base 58 and JSON."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from typing import Any

from .._errors import Malformed

KEY_LENGTH = 32
"""Bytes of every key, salt, proof and verifier."""

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {char: value for value, char in enumerate(_BASE58)}


class Key(bytes):
    """Bytes that no representation shows: keys, and values that a server takes as a proof."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} secret bytes>"

    __str__ = __repr__


def random_key() -> Key:
    """32 random bytes."""
    return Key(secrets.token_bytes(KEY_LENGTH))


def utf8(text: str) -> bytes:
    """The UTF-8 of a text; :class:`Malformed` for a lone surrogate, which UTF-8 can't hold (RFC 3629, section 3)."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass
    raise Malformed("The text is not well-formed Unicode.")


def from_utf8(data: bytes | bytearray) -> str:
    """The text of some UTF-8, a leading U+FEFF included; :class:`Malformed` for anything else."""
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        pass
    raise Malformed("The text is not UTF-8.")


def b64(data: bytes) -> str:
    """base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: object, length: int | None = None) -> bytes:
    """The bytes of a base64url text without padding.

    :param text: refused unless a string, so that fields of a reply can be passed as they come
    :param length: in bytes; any other is refused
    :raises Malformed: for padding, white space, non-zero trailing bits, another alphabet or length
    """
    if isinstance(text, str) and text.isascii():
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            data = None
        # Every byte string has one encoding (RFC 4648, section 3.5): one comparison refuses what the decoder forgives.
        if data is not None and b64(data) == text and length in (None, len(data)):
            return data
    raise Malformed("A binary value is not base64url, or has the wrong length.")


def unb64_key(text: object) -> Key:
    """A value of 32 bytes that is secret."""
    return Key(unb64(text, KEY_LENGTH))


def b58(data: bytes, chars: int) -> str:
    """Bytes as one big-endian integer in base 58 (Bitcoin's alphabet), left-padded with ``1`` to ``chars`` characters."""
    value = int.from_bytes(data, "big")
    digits = []
    for _ in range(chars):
        value, digit = divmod(value, 58)
        digits.append(_BASE58[digit])
    return "".join(reversed(digits))


def unb58(text: str, chars: int, length: int) -> bytes | None:
    """``length`` bytes from exactly ``chars`` characters; None for another alphabet or length, or a value too large."""
    if len(text) != chars or any(char not in _DIGITS for char in text):
        return None
    value = 0
    for char in text:
        value = value * 58 + _DIGITS[char]
    return value.to_bytes(length, "big") if value < 256**length else None


def u64be(value: int) -> bytes:
    """8 bytes, big-endian."""
    return value.to_bytes(8, "big")


def to_json(value: object) -> bytes:
    """The UTF-8 of a value's JSON; :class:`Malformed` for a lone surrogate in it."""
    return utf8(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def from_json(data: bytes | bytearray) -> dict[str, Any]:
    """A JSON object from its UTF-8; :class:`Malformed` for anything else, lone surrogates in escapes included."""
    try:
        value = json.loads(from_utf8(data), parse_constant=_refuse, parse_int=_integer)
        # JSON's escapes can write lone surrogates that its UTF-8 can't (RFC 8259, section 8.2).
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError, Malformed):
        value = None
    if not isinstance(value, dict):
        raise Malformed("Not a JSON object in UTF-8.")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _integer(digits: str) -> int | float:
    # Python limits how many digits it converts; no integer of the protocol has as many.
    return int(digits) if len(digits) <= 20 else float(digits)


def as_integer(value: object) -> int | None:
    """A JSON number as an integer of at most 2^53−1; None for anything else. JSON has one kind of number: 5.0 is 5."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_integer = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTEGER
    return value if is_integer and isinstance(value, int) else None

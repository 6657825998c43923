"""Section 4: how keys are derived."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from .._errors import Malformed, raise_if_invalid
from .encoding import KEY_LENGTH, Key, utf8

_PBKDF2_ITERATIONS = 600_000
"""Belongs to version 1 of the protocol: neither sent nor negotiated."""

PASSWORD_PROBLEM = "must be 1 to 1024 bytes of well-formed Unicode text without control characters"  # noqa: S105


def hkdf(ikm: bytes, salt: str | bytes, info: str | bytes) -> Key:
    """HKDF with SHA-256 (RFC 5869), 32 bytes out. Texts are taken as UTF-8."""
    derived = HKDF(SHA256(), KEY_LENGTH, salt=_bytes(salt), info=_bytes(info)).derive(ikm)
    return Key(derived)


def _bytes(value: str | bytes) -> bytes:
    return utf8(value) if isinstance(value, str) else value


def sha256(data: bytes) -> bytes:
    """32 bytes. Of a bearer value (access, password proof, manage key), what the server keeps: its verifier."""
    return hashlib.sha256(data).digest()


class ContentKeys(NamedTuple):
    """The keys of one envelope, 32 bytes each."""

    content_key: Key
    commitment: Key


def content_keys(ikm: Key, salt: bytes) -> ContentKeys:
    """What an envelope is encrypted with, and what shows a reader that this is its key."""
    return ContentKeys(hkdf(ikm, salt, "halfkey/v1 content"), hkdf(ikm, salt, "halfkey/v1 commitment"))


def file_key(ikm: Key, salt: bytes, file_id: str) -> Key:
    """The key of one file, by its id as ``b64``."""
    return hkdf(ikm, salt, f"halfkey/v1 file {file_id}")


def content_ikm(*parts: bytes) -> Key:
    """``keyA ‖ keyB`` or ``keyA ‖ keyB ‖ passwordKey``: unambiguous because every part has 32 bytes."""
    if any(len(part) != KEY_LENGTH for part in parts):
        raise Malformed("A key has the wrong length.")
    return Key(b"".join(parts))


class Stretched(NamedTuple):
    """What a password gives, 32 bytes each: ``proof`` is sent at the reveal, ``key`` enters the content's key."""

    proof: Key
    key: Key


def stretch_password(password: str, key_b: Key, slug: str) -> Stretched:
    """PBKDF2 (RFC 8018) under a salt that only link holders can derive, which is claim C4. Takes a good part of a second.

    :raises ValidationError: for what isn't a password
    """
    if not is_password(password):
        raise_if_invalid({"password": [PASSWORD_PROBLEM]})
    salt = hkdf(key_b, slug, "halfkey/v1 password salt")
    kdf = PBKDF2HMAC(SHA256(), KEY_LENGTH, salt, _PBKDF2_ITERATIONS)
    stretched = Key(kdf.derive(_password_bytes(password)))
    return Stretched(
        hkdf(stretched, slug, "halfkey/v1 password proof"), hkdf(stretched, slug, "halfkey/v1 password key")
    )


def is_password(value: object) -> bool:
    """Whether section 4 takes it: well-formed, no control characters, 1 to 1024 bytes after NFC."""
    if not isinstance(value, str) or any(unicodedata.category(char) in ("Cc", "Cs") for char in value):
        return False
    return 1 <= len(_password_bytes(value)) <= 1024


def _password_bytes(password: str) -> bytes:
    """NFC, so that the same password typed on another keyboard is the same; never trimmed."""
    return utf8(unicodedata.normalize("NFC", password))

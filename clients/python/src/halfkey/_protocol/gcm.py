"""Section 2: AES-256-GCM, and boxes, which is how notes and metadata travel."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .._errors import Malformed, WrongKey
from .encoding import Key, b64, unb64, utf8
from .padding import pad, unpad

IV_LENGTH = 12
"""Bytes, all of them random: the RBG-based construction of NIST SP 800-38D, section 8.2.2."""

TAG_LENGTH = 16


def random_iv() -> bytes:
    """12 random bytes."""
    return secrets.token_bytes(IV_LENGTH)


def encrypt(key: Key, iv: bytes, aad: bytes, plaintext: bytes) -> bytes:
    """AES-256-GCM (NIST SP 800-38D), the 16-byte tag appended. Never twice with the same key and iv."""
    return AESGCM(key).encrypt(iv, plaintext, aad)


def decrypt(key: Key, iv: bytes, aad: bytes, ciphertext: bytes) -> bytes | None:
    """The plaintext, or None if key, iv, aad or ciphertext isn't what was encrypted."""
    if len(ciphertext) < TAG_LENGTH:
        return None
    try:
        return AESGCM(key).decrypt(iv, ciphertext, aad)
    except InvalidTag:
        return None


def seal_box(key: Key, aad: str, plaintext: bytes) -> str:
    """``b64(iv ‖ GCM(key, iv, aad, pad(plaintext)))``."""
    return seal_box_with(random_iv(), key, aad, plaintext)


def seal_box_with(iv: bytes, key: Key, aad: str, plaintext: bytes) -> str:
    """:func:`seal_box` with its random part given: for test vectors only."""
    return b64(iv + encrypt(key, iv, utf8(aad), pad(plaintext)))


def open_box(key: Key, aad: str, box: object) -> bytes | None:
    """Undo :func:`seal_box`; None if key, aad or box isn't what was sealed.

    :raises Malformed: if the box isn't base64url, or its plaintext not padded
    """
    data = unb64(box)
    if len(data) < IV_LENGTH:
        raise Malformed("A sealed value is too short.")
    padded = decrypt(key, data[:IV_LENGTH], utf8(aad), data[IV_LENGTH:])
    return None if padded is None else unpad(padded)


def open_meta_box(key: Key, aad: str, box: object) -> bytes:
    """:func:`open_box` for metadata; :class:`WrongKey` for another key or box."""
    opened = open_box(key, aad, box)
    if opened is None:
        raise WrongKey("The key is wrong, or the metadata was changed after it was sealed.")
    return opened

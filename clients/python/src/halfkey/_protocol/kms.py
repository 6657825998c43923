"""Section 8: named secrets, and the tree of their keys."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any

from .._errors import (
    KeyCutShort,
    KeyMistyped,
    KeyNewerVersion,
    KeyNotCovering,
    Malformed,
    raise_if_invalid,
)
from .encoding import KEY_LENGTH, MAX_INTEGER, Key, b64, from_json, random_key, to_json, u64be, unb58, unb64, utf8
from .envelope import Envelope, open_envelope, seal_envelope_with
from .gcm import open_meta_box, random_iv, seal_box, seal_box_with
from .keys import content_ikm, hkdf, sha256
from .owner import workspace_check

_SEGMENT = "[a-z0-9][a-z0-9._-]*"
_HANDLER = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*", re.ASCII)
_VERSION = "1"
_SUM_LENGTH = 4
_TEXT_LENGTH = 2 * KEY_LENGTH + _SUM_LENGTH
_TEXT_CHARS = len(_VERSION) + 91
"""The version, and the b64 of `_TEXT_LENGTH` bytes."""

HANDLER_PROBLEM = 'must be segments of a-z, 0-9, ".", "_" and "-" joined by "/", at most 128 characters'
KEY_NAME_PROBLEM = 'must be a handler, or a handler and "/" for the key of its folder'
VERSION_PROBLEM = "must be an integer from 1 to 2^53-1"


def is_handler(value: object) -> bool:
    """Whether a value names a named secret."""
    return isinstance(value, str) and len(value) <= 128 and _HANDLER.fullmatch(value) is not None


def is_key_name(value: object) -> bool:
    """Whether a value names a key below W: a handler for an entry key, a handler and ``/`` for a folder key."""
    return isinstance(value, str) and is_handler(_path_of(value))


def is_version(value: object) -> bool:
    """Whether a value is a version's number."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_INTEGER


@dataclass(frozen=True)
class KmsKey:
    """A key of the tree. What it opens is below it: nothing beside or above can be derived from it."""

    name: str
    """Empty for W; ``PATH/`` for a folder key, which opens the entry PATH and all below; ``PATH`` for an entry key."""
    key: Key
    check: str
    """b64 of the check value of the workspace that it belongs to."""


def root_key(workspace_key: Key) -> KmsKey:
    """W as the root of the tree."""
    return KmsKey("", workspace_key, b64(workspace_check(workspace_key)))


def covers(key: KmsKey, name: str) -> bool:
    """Whether the key named ``name`` can be derived from this one."""
    is_below = key.name.endswith("/") and f"{name}/".startswith(key.name)
    return key.name in ("", name) or is_below


def derive_key(key: KmsKey, name: str) -> Key:
    """The key named ``name``, derived from one that covers it; :class:`KeyNotCovering`."""
    if not covers(key, name):
        raise not_covering(name)
    if key.name == name:
        return key.key
    derived = key.key if key.name else hkdf(key.key, "", "halfkey/v1 kms")
    depth = key.name.count("/")
    for segment in _path_of(name).split("/")[depth:]:
        derived = hkdf(derived, "", f"halfkey/v1 kms segment\0{segment}")
    return derived if name.endswith("/") else hkdf(derived, "", "halfkey/v1 kms entry")


def format_key(key: KmsKey, name: str) -> str:
    """The key named ``name`` as text, ``NAME:1`` and 91 characters, derived from one that covers it."""
    if not is_key_name(name):
        raise_if_invalid({"name": [KEY_NAME_PROBLEM]})
    value = derive_key(key, name) + unb64(key.check, KEY_LENGTH)
    return f"{name}:{_VERSION}{b64(value + _checksum(name, value))}"


def parse_key(text: str) -> KmsKey:
    """Read the text of one key below W. No message has anything of the key.

    :raises Malformed, KeyNewerVersion, KeyCutShort, KeyMistyped: in the order of section 8
    """
    name, colon, rest = text.partition(":")
    if not colon or not is_key_name(name):
        raise _malformed_key()
    version = rest[:1]
    if version != _VERSION and unb58(version, 1, 1) is not None:
        raise KeyNewerVersion(f"The key {name} is of a newer version: update this program.")
    if len(rest) < _TEXT_CHARS:
        raise KeyCutShort(f"The key {name} was cut short. Copy all of it again.")
    try:
        data = unb64(rest[1:], _TEXT_LENGTH) if version == _VERSION else None
    except Malformed:
        data = None
    if data is None:
        raise _malformed_key()
    value = data[:-_SUM_LENGTH]
    if not hmac.compare_digest(_checksum(name, value), data[-_SUM_LENGTH:]):
        raise KeyMistyped(f"The key {name} was mistyped or changed on its way. Copy it again.")
    return KmsKey(name, Key(value[:KEY_LENGTH]), b64(value[KEY_LENGTH:]))


def not_covering(name: str) -> KeyNotCovering:
    """That none of a client's keys opens what it was asked for."""
    return KeyNotCovering(
        f"The given keys don't open {name}. Nothing was sent. "
        "Use its entry key, the key of a folder above it, or the workspace key."
    )


def _malformed_key() -> Malformed:
    return Malformed(
        "A folder or entry key is malformed. "
        f'It must be the folder or handler, ":1" and {_TEXT_CHARS - 1} characters of base64url.'
    )


def _checksum(name: str, value: bytes) -> bytes:
    return sha256(utf8(f"halfkey/v1 named key\0{name}\0") + value)[:_SUM_LENGTH]


def _path_of(name: str) -> str:
    return name[:-1] if name.endswith("/") else name


def seal_version(entry_key: Key, handler: str, version: int, content: bytes) -> tuple[Key, Envelope]:
    """Seal one version under a new ``keyA`` (32 bytes), which is for the server alone."""
    key_a = random_key()
    salt = secrets.token_bytes(KEY_LENGTH)
    return key_a, seal_version_with(entry_key, handler, version, key_a, salt, random_iv(), content)


def seal_version_with(
    entry_key: Key, handler: str, version: int, key_a: Key, salt: bytes, iv: bytes, content: bytes
) -> Envelope:
    """:func:`seal_version` with its random parts given: for test vectors only."""
    ikm = content_ikm(key_a, version_key(entry_key, version))
    return seal_envelope_with(ikm, _version_aad(handler, version), content, salt, iv)


def open_version(entry_key: Key, handler: str, version: int, key_a: bytes, envelope: object) -> bytes:
    """The content of a version; :class:`NewerVersion`, :class:`Malformed`, :class:`WrongKey`, :class:`Tampered`."""
    ikm = content_ikm(key_a, version_key(entry_key, version))
    wrong_key = "Wrong key, or the server passed off another entry or version."
    return open_envelope(ikm, _version_aad(handler, version), envelope, wrong_key)


def version_key(entry_key: Key, version: int) -> Key:
    """The ``keyB`` of one version, 32 bytes: no link carries it."""
    return hkdf(entry_key, "", b"halfkey/v1 kms version\0" + u64be(version))


def _version_aad(handler: str, version: int) -> bytes:
    return utf8(f"halfkey/v1 kms\0{handler}\0") + u64be(version)


def seal_kms_meta(entry_key: Key, handler: str, meta: dict[str, Any]) -> str:
    """Seal an entry's name and properties, which all its versions share."""
    return seal_box(*_slot(entry_key, handler), to_json(meta))


def seal_kms_meta_with(iv: bytes, entry_key: Key, handler: str, data: bytes) -> str:
    """:func:`seal_kms_meta` with its random part given: for test vectors only. ``data`` is JSON."""
    return seal_box_with(iv, *_slot(entry_key, handler), data)


def open_kms_meta(entry_key: Key, handler: str, meta: object) -> dict[str, Any]:
    """``{name?, properties?}``; others are dropped. :class:`Malformed` or :class:`WrongKey`."""
    opened = from_json(open_meta_box(*_slot(entry_key, handler), meta))
    if not isinstance(opened.get("name", ""), str) or not isinstance(opened.get("properties", {}), dict):
        raise Malformed("The metadata decrypts, but its format is invalid.")
    return {name: opened[name] for name in ("name", "properties") if name in opened}


def _slot(entry_key: Key, handler: str) -> tuple[Key, str]:
    return hkdf(entry_key, "", "halfkey/v1 kms meta"), f"halfkey/v1 kms meta\0{handler}"

"""Section 7: what the owner alone reads about a secret."""

from __future__ import annotations

from typing import Any

from .._errors import Malformed, raise_if_invalid
from .encoding import Key, from_json, to_json, unb64_key
from .gcm import open_meta_box, seal_box, seal_box_with
from .keys import hkdf

_LABEL = "halfkey/v1 owner"

KEY_PROBLEM = "must be 32 bytes as base64url without padding (43 characters)"


def seal_meta(workspace_key: Key, slug: str, meta: dict[str, Any]) -> str:
    """Seal metadata under the workspace key."""
    return seal_box(*_slot(workspace_key, slug), to_json(meta))


def seal_meta_with(iv: bytes, workspace_key: Key, slug: str, data: bytes) -> str:
    """:func:`seal_meta` with its random part given: for test vectors only. ``data`` is JSON."""
    return seal_box_with(iv, *_slot(workspace_key, slug), data)


def open_meta_json(workspace_key: Key, slug: str, meta: object) -> dict[str, Any]:
    """The metadata with every member, none of them checked; :class:`Malformed`, :class:`WrongKey`."""
    return from_json(open_meta_box(*_slot(workspace_key, slug), meta))


def open_meta(workspace_key: Key, slug: str, meta: object) -> dict[str, Any]:
    """``{description?, note?, files?, fragment?, seed?}``, checked; others are dropped."""
    opened = open_meta_json(workspace_key, slug, meta)
    texts: dict[str, Any] = {
        name: opened[name] for name in ("description", "note", "fragment", "seed") if name in opened
    }
    files = opened.get("files", [])
    if not all(isinstance(text, str) for text in texts.values()):
        raise _malformed()
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise _malformed()
    return {**texts, **({"files": files} if "files" in opened else {})}


def _malformed() -> Malformed:
    return Malformed("The metadata decrypts, but its format is invalid.")


def _slot(workspace_key: Key, slug: str) -> tuple[Key, str]:
    return hkdf(workspace_key, slug, _LABEL), f"{_LABEL}\0{slug}"


def workspace_check(workspace_key: Key) -> Key:
    """32 bytes by which a client recognises a wrong workspace key before it seals anything with it."""
    return hkdf(workspace_key, "", "halfkey/v1 workspace check")


def parse_workspace_key(text: object) -> Key:
    """A workspace key from its ``b64``; :class:`ValidationError` with ``details["workspace_key"]``."""
    try:
        return unb64_key(text)
    except Malformed:
        pass
    raise_if_invalid({"workspace_key": [KEY_PROBLEM]})
    raise AssertionError

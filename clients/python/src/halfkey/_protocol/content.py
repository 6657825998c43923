"""Section 5: what a secret holds, and the note that is readable before the reveal."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from .._errors import Malformed, PayloadTooLarge, Tampered, raise_if_invalid
from .encoding import KEY_LENGTH, Key, as_integer, from_json, from_utf8, random_key, to_json, unb64, utf8
from .envelope import Envelope, open_envelope, seal_envelope_with
from .gcm import open_box, random_iv, seal_box, seal_box_with
from .keys import content_ikm, hkdf

FILE_ID_LENGTH = 16
MAX_FILES = 100
_MAX_PAYLOAD_BYTES = 2**20
_MAX_NAME_CHARS = 255
"""No file system takes more, and a sender's name may have a million."""


@dataclass(frozen=True)
class FileEntry:
    """A file as the payload lists it. Everything but the id's format is the sender's claim."""

    id: str
    """b64 of 16 random bytes."""
    name: str
    type: str
    size: int
    """Plaintext bytes."""

    def as_json(self) -> dict[str, Any]:
        """The entry as it is sealed."""
        return {"id": self.id, "name": self.name, "type": self.type, "size": self.size}


@dataclass(frozen=True, repr=False)
class Payload:
    """A payload as its reader has it: a text, or bytes that aren't text, or neither; and files."""

    content: str | bytes | None
    files: tuple[FileEntry, ...]


def ikm_of(key_a: bytes, key_b: bytes, password_key: bytes | None) -> Key:
    """What an envelope's keys and those of its files are derived from."""
    return content_ikm(key_a, key_b) if password_key is None else content_ikm(key_a, key_b, password_key)


def seal_content(key_b: Key, slug: str, password_key: Key | None, payload: dict[str, Any]) -> tuple[Key, Envelope]:
    """Seal a payload under a new ``keyA`` (32 bytes), which is for the server alone.

    :raises PayloadTooLarge: for content of more than 1 MiB as JSON
    :raises ValidationError: if the files' names make it so large
    :raises Malformed: for what a reader would refuse
    """
    data = to_json(payload)
    if len(data) > _MAX_PAYLOAD_BYTES:
        length = len(to_json({name: value for name, value in payload.items() if name != "files"}))
        if length <= _MAX_PAYLOAD_BYTES:
            problem = "must have shorter names, or less content beside them: together they are over 1 MiB"
            raise_if_invalid({"attachments": [problem]})
        raise PayloadTooLarge(
            f"The content is too large: {length} bytes as JSON, and at most {_MAX_PAYLOAD_BYTES} (1 MiB) are allowed. "
            "Send it as an attachment.",
            details={"limit": "content", "maximum_bytes": _MAX_PAYLOAD_BYTES, "bytes": length},
        )
    read_payload(data)
    key_a = random_key()
    salt = secrets.token_bytes(KEY_LENGTH)
    return key_a, seal_content_with(ikm_of(key_a, key_b, password_key), slug, salt, random_iv(), data)


def seal_content_with(ikm: Key, slug: str, salt: bytes, iv: bytes, payload: bytes) -> Envelope:
    """:func:`seal_content` with its random parts given: for test vectors only. ``payload`` is the UTF-8 of its JSON."""
    return seal_envelope_with(ikm, _content_aad(slug), payload, salt, iv)


def open_content(ikm: Key, slug: str, envelope: object) -> Payload:
    """Open an envelope, and check the payload, which is the sender's and as little trusted.

    :raises NewerVersion, Malformed, Tampered:
    :raises WrongKey: also when the server misreported whether there is a password
    """
    wrong_key = "The key is wrong, or the server misreported whether there is a password."
    return read_payload(open_envelope(ikm, _content_aad(slug), envelope, wrong_key))


def _content_aad(slug: str) -> bytes:
    return utf8(f"halfkey/v1 content\0{slug}")


def read_payload(data: bytes) -> Payload:
    """Check a payload's JSON; members that this version doesn't know are ignored."""
    if len(data) > _MAX_PAYLOAD_BYTES:
        raise _malformed()
    fields = from_json(data)
    files = fields.get("files", [])
    if not isinstance(files, list) or len(files) > MAX_FILES:
        raise _malformed()
    entries = tuple(_read_entry(entry) for entry in files)
    if len({entry.id for entry in entries}) < len(entries):
        raise _malformed()
    if "text" not in fields:
        return Payload(unb64(fields["bytes"]) if "bytes" in fields else None, entries)
    text = fields["text"]
    if not isinstance(text, str) or "bytes" in fields:
        raise _malformed()
    return Payload(text, entries)


def _read_entry(entry: object) -> FileEntry:
    if not isinstance(entry, dict):
        raise _malformed()
    file_id, name, kind = entry.get("id"), entry.get("name"), entry.get("type")
    size = as_integer(entry.get("size"))
    unb64(file_id, FILE_ID_LENGTH)
    if not isinstance(file_id, str) or not isinstance(name, str) or not isinstance(kind, str):
        raise _malformed()
    if size is None or size < 0:
        raise _malformed()
    return FileEntry(file_id, last_component(name), kind, size)


def last_component(name: str) -> str:
    """A name that can't leave the folder it is saved in, on any platform; of a longer one, its last 255 characters."""
    last = re.split(r"[/\\]", name)[-1]
    last = "".join(char for char in last if unicodedata.category(char) != "Cc")
    return "file" if last in ("", ".", "..") else last[-_MAX_NAME_CHARS:]


def _malformed() -> Malformed:
    return Malformed("The content decrypts, but its format is invalid.")


def seal_note(key_b: Key, slug: str, text: str) -> str:
    """Seal the note, which link holders read before the reveal."""
    return seal_box(_note_key(key_b, slug), _note_aad(slug), utf8(text))


def seal_note_with(iv: bytes, key_b: Key, slug: str, text: str) -> str:
    """:func:`seal_note` with its random part given: for test vectors only."""
    return seal_box_with(iv, _note_key(key_b, slug), _note_aad(slug), utf8(text))


def open_note(key_b: Key, slug: str, note: object) -> str:
    """The note; :class:`Malformed` or :class:`Tampered`."""
    text = open_box(_note_key(key_b, slug), _note_aad(slug), note)
    if text is None:
        raise Tampered("The note was changed after it was sealed.")
    return from_utf8(text)


def _note_key(key_b: Key, slug: str) -> Key:
    return hkdf(key_b, slug, "halfkey/v1 note")


def _note_aad(slug: str) -> str:
    return f"halfkey/v1 note\0{slug}"

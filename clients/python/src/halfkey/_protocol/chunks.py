"""Section 6: files as they are stored, in chunks that are sealed one by one."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .._errors import Tampered
from .encoding import Key, u64be
from .gcm import IV_LENGTH, TAG_LENGTH

CHUNK_LENGTH = 2**18
"""Plaintext bytes of every chunk but the last."""

_OVERHEAD = IV_LENGTH + TAG_LENGTH
SEALED_CHUNK_LENGTH = CHUNK_LENGTH + _OVERHEAD

PART_CHUNKS = 32
"""Files travel to the server in parts of so many chunks."""

PART_LENGTH = PART_CHUNKS * CHUNK_LENGTH
"""Plaintext bytes of every part but the last: 8 MiB."""


def chunk_count(size: int) -> int:
    """Chunks of a file of ``size`` bytes; an empty one has one."""
    return max(1, -(-size // CHUNK_LENGTH))


def part_count(size: int) -> int:
    """Parts of a file of ``size`` bytes."""
    return -(-chunk_count(size) // PART_CHUNKS)


def encrypted_size(size: int) -> int:
    """Bytes of a file, or of a part, of ``size`` bytes once it is sealed."""
    return size + _OVERHEAD * chunk_count(size)


def seal_chunks(key: Key, size: int, first: int, plaintext: memoryview, into: memoryview) -> None:
    """Seal some of a file's chunks, each under an iv of its own that is drawn here. Other threads run meanwhile.

    :param key: of this file alone
    :param size: of the whole file, in bytes
    :param first: index of the first chunk
    :param plaintext: whole chunks, but for the file's last
    :param into: as long as they are once sealed
    """
    ivs = secrets.token_bytes(IV_LENGTH * chunk_count(len(plaintext)))
    seal_chunks_with(ivs, key, size, first, plaintext, into)


def seal_chunks_with(ivs: bytes, key: Key, size: int, first: int, plaintext: memoryview, into: memoryview) -> None:
    """:func:`seal_chunks` with its random part given, 12 bytes a chunk: for test vectors only."""
    last = chunk_count(size) - 1
    cipher = AESGCM(key)
    for i in range(chunk_count(len(plaintext))):
        iv = ivs[i * IV_LENGTH : (i + 1) * IV_LENGTH]
        chunk = plaintext[i * CHUNK_LENGTH : (i + 1) * CHUNK_LENGTH]
        start = i * SEALED_CHUNK_LENGTH
        into[start : start + IV_LENGTH] = iv
        sealed = into[start + IV_LENGTH : start + len(chunk) + _OVERHEAD]
        cipher.encrypt_into(iv, chunk, _aad(first + i, first + i == last), sealed)


def open_chunks(key: Key, size: int, first: int, sealed: memoryview, into: memoryview) -> None:
    """Open some of a file's chunks: index and last flag come from the sealed payload's ``size``, not from the server.

    :param sealed: whole sealed chunks, but for the file's last
    :param into: as long as they are once opened; its content is undefined if this raises
    :raises Tampered:
    """
    last = chunk_count(size) - 1
    cipher = AESGCM(key)
    for i in range(-(-len(sealed) // SEALED_CHUNK_LENGTH)):
        chunk = sealed[i * SEALED_CHUNK_LENGTH : (i + 1) * SEALED_CHUNK_LENGTH]
        if len(chunk) < _OVERHEAD:
            raise tampered_file()
        start = i * CHUNK_LENGTH
        plaintext = into[start : start + len(chunk) - _OVERHEAD]
        try:
            aad = _aad(first + i, first + i == last)
            cipher.decrypt_into(bytes(chunk[:IV_LENGTH]), chunk[IV_LENGTH:], aad, plaintext)
        except (InvalidTag, ValueError):
            raise tampered_file() from None


def tampered_file() -> Tampered:
    """A file that isn't what was sealed."""
    return Tampered("The file was changed after it was sealed.")


def _aad(index: int, last: bool) -> bytes:
    return u64be(index) + (b"\1" if last else b"\0")

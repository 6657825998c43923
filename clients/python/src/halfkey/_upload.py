"""Sends files in parts of 32 chunks, several at once; memory holds the parts in flight, whatever the files' sizes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ._buffers import Buffers
from ._errors import HalfkeyError, NotFound
from ._flow import Flow, Task, compute, join, start, stop
from ._http import Call, Transport, request
from ._owner import Owner
from ._protocol.chunks import PART_CHUNKS, PART_LENGTH, encrypted_size, part_count, seal_chunks
from ._protocol.encoding import Key
from ._sources import Source, refuse

_PARTS_IN_FLIGHT = 3
_PURGE_TIMEOUT = 10.0


@dataclass(frozen=True, repr=False)
class SealedFile:
    """An attachment that is to follow its secret, chunk by chunk."""

    id: str
    source: Source
    key: Key


Prepare = Callable[[str, str], Call]
"""A call with the right to a secret, from its method and path."""


def create_with_files(
    owner: Owner,
    slug: str,
    files: list[SealedFile],
    body: bytes,
    manage_key: str | None,
    on_sent: Callable[[int], None],
) -> Flow[Any]:
    """Create the secret, upload its files and complete it; if that fails, remove it again. Gives the reply to the create."""
    owner.check_keys()

    def prepare(method: str, path: str) -> Call:
        return owner.prepare(method, path, manage_key=manage_key)

    created = False
    try:
        call = replace(prepare("POST", "/secrets"), body=body)
        data = (yield from request(call, owner.transport)).data
        created = True
        yield from upload_files(slug, files, prepare, owner.transport, on_sent)
    except BaseException as error:
        refused = isinstance(error, HalfkeyError) and error.status is not None and error.status < 500
        if not created and refused:
            raise
        purged = yield from _purge(prepare("DELETE", f"/secrets/{slug}?purge=true"), owner.transport)
        left = "Parts of it may stay on the server for up to a day. Nobody can open them."
        _tell(error, "Nothing is left on the server." if purged else left)
        raise
    return data


def _purge(call: Call, transport: Transport) -> Flow[bool]:
    quick = Transport(min(transport.timeout, _PURGE_TIMEOUT), min(transport.retries, 1))
    try:
        yield from request(call, quick)
    except NotFound:
        return True
    except HalfkeyError:
        return False
    return True


def _tell(error: BaseException, outcome: str) -> None:
    """Have a failure also say what has become of the secret."""
    if isinstance(error, HalfkeyError):
        error.message = f"{error.message} {outcome}"
        error.args = (error.message,)


def upload_files(
    slug: str, files: list[SealedFile], prepare: Prepare, transport: Transport, on_sent: Callable[[int], None]
) -> Flow[None]:
    """Upload the files of a secret, or of an answer to a request, that was created; and complete it.

    :raises ValidationError: for a file that can't be read, or has another size than it said
    """
    in_flight: deque[Task[None]] = deque()
    buffers = Buffers()
    try:
        for file in files:
            for number in range(part_count(file.source.size)):
                while len(in_flight) >= _PARTS_IN_FLIGHT:
                    yield from join(in_flight.popleft())
                plaintext = yield from _read_part(file.source, number, buffers)
                call = prepare("PUT", f"/secrets/{slug}/files/{file.id}/parts/{number}")
                in_flight.append(
                    (yield from start(_send_part(call, transport, file, number, plaintext, buffers, on_sent)))
                )
                del plaintext
        while in_flight:
            yield from join(in_flight.popleft())
    finally:
        for file in files:
            file.source.close()
        yield from stop(in_flight)
    yield from request(prepare("POST", f"/secrets/{slug}/complete"), transport, persist=True)


def _read_part(source: Source, number: int, buffers: Buffers) -> Flow[bytearray]:
    begin = number * PART_LENGTH
    plaintext = buffers.take(min(PART_LENGTH, source.size - begin))
    length = yield from source.read_into(memoryview(plaintext))
    if length < len(plaintext):
        raise refuse(source.name, f"is shorter than its size: {begin + length} of {source.size} bytes")
    if number == part_count(source.size) - 1 and (yield from source.read_into(memoryview(bytearray(1)))):
        raise refuse(source.name, f"is longer than its size: {source.size} bytes")
    return plaintext


def _send_part(
    call: Call,
    transport: Transport,
    file: SealedFile,
    number: int,
    plaintext: bytearray,
    buffers: Buffers,
    on_sent: Callable[[int], None],
) -> Flow[None]:
    """Seal a part once, and send the same bytes until the server has them."""
    sealed = buffers.take(encrypted_size(len(plaintext)))
    yield from compute(partial(_seal, file, number, plaintext, sealed))
    buffers.give(plaintext)
    reported = 0

    def report(sent: int) -> None:
        nonlocal reported
        if sent > reported:
            on_sent(sent - reported)
            reported = sent

    part = replace(call, body=memoryview(sealed), content_type="application/octet-stream", on_sent=report)
    yield from request(part, transport, persist=True)
    report(len(sealed))
    buffers.give(sealed)


def _seal(file: SealedFile, number: int, plaintext: bytearray, sealed: bytearray) -> None:
    seal_chunks(file.key, file.source.size, number * PART_CHUNKS, memoryview(plaintext), memoryview(sealed))

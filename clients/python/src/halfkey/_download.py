"""Fetches attachments under a reveal's grant, a part at a time and several at once. Views are not spent again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from functools import partial

from ._buffers import Buffers
from ._errors import HalfkeyError
from ._flow import Flow, HttpReply, Task, compute, join, start, stop
from ._http import Call, Transport, fetch
from ._protocol.chunks import (
    PART_CHUNKS,
    PART_LENGTH,
    SEALED_CHUNK_LENGTH,
    encrypted_size,
    open_chunks,
    part_count,
    tampered_file,
)
from ._protocol.encoding import Key

_PARTS_IN_FLIGHT = 3
_SEALED_PART_LENGTH = PART_CHUNKS * SEALED_CHUNK_LENGTH
_NOT_SATISFIABLE = 416


@dataclass(frozen=True, repr=False)
class Granted:
    """What is needed to fetch one file of a reveal."""

    call: Call
    transport: Transport
    key: Key
    size: int
    """Plaintext bytes, from the sealed payload."""


class Download:
    """The verified plaintext of one file, in order; nothing of a part that fails is handed out.

    Every part is a request of its own, which is repeated after a cut; so memory holds the parts in flight.
    """

    def __init__(self, granted: Granted) -> None:
        self._granted = granted
        self._count = part_count(granted.size)
        self._started = 0
        self._buffers = Buffers()
        self._in_flight: deque[Task[bytearray]] = deque()

    def next(self) -> Flow[bytearray | None]:
        """The next part's plaintext, up to 8 MiB; None after the last.

        :raises Tampered, Gone, NotFound: the last two when the grant has lapsed
        """
        while self._started < self._count and len(self._in_flight) < _PARTS_IN_FLIGHT:
            self._in_flight.append((yield from start(self._fetch(self._started))))
            self._started += 1
        if not self._in_flight:
            return None
        return (yield from join(self._in_flight.popleft()))

    def stop(self) -> Flow[None]:
        """End what is in flight."""
        tasks = list(self._in_flight)
        self._in_flight.clear()
        self._started = self._count
        yield from stop(tasks)

    def _fetch(self, number: int) -> Flow[bytearray]:
        total = encrypted_size(self._granted.size)
        first = number * _SEALED_PART_LENGTH
        last = min(first + _SEALED_PART_LENGTH, total) - 1
        headers = {**self._granted.call.headers, "Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"}
        into = self._buffers.take(last + 1 - first)
        call = replace(self._granted.call, headers=headers, into=into)
        try:
            reply = yield from fetch(call, self._granted.transport, persist=True)
        except HalfkeyError as error:
            # Not satisfiable: the file ends before the range (RFC 9110, section 15.5.17).
            if error.status != _NOT_SATISFIABLE:
                raise
            reply = None
        sealed = _slice(reply, first, last, total)
        plaintext = yield from compute(partial(_open, self._granted, number, sealed))
        self._buffers.give(into)
        return plaintext


def _slice(reply: HttpReply | None, first: int, last: int, total: int) -> memoryview:
    """The bytes of the range. A server may also answer with the whole file (RFC 9110, section 14.2)."""
    if reply is None or reply.body is None:
        raise tampered_file()
    body = memoryview(reply.body)
    if reply.status == 206 and reply.headers.get("content-range") != f"bytes {first}-{last}/{total}":
        raise tampered_file()
    if reply.status != 206:
        if len(body) != total:
            raise tampered_file()
        body = body[first : last + 1]
    if len(body) != last + 1 - first:
        raise tampered_file()
    return body


def _open(granted: Granted, number: int, sealed: memoryview) -> bytearray:
    begin = number * PART_LENGTH
    plaintext = bytearray(min(PART_LENGTH, granted.size - begin))
    open_chunks(granted.key, granted.size, number * PART_CHUNKS, sealed, memoryview(plaintext))
    return plaintext

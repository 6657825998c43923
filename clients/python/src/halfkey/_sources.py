"""Where the bytes of attachments come from. Each source is read once, from its start to its end."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from ._errors import ValidationError, raise_if_invalid
from ._flow import Await, Flow, compute
from ._protocol.content import MAX_FILES, last_component

ByteStream = Iterable[bytes] | AsyncIterable[bytes]


@dataclass(frozen=True)
class Attachment:
    """A file as a stream of bytes, or anything else under another name.

    :ivar name: what the recipient is to save it as; folders in it are dropped
    :ivar stream: an iterable or async iterable of bytes, or a function that returns one; read once
    :ivar size: bytes that the stream gives: neither more nor fewer
    :ivar type: media type, as the recipient gets to see it
    """

    name: str
    stream: ByteStream | Callable[[], ByteStream] = field(repr=False)
    size: int
    type: str = ""


Attachable = str | os.PathLike[str] | bytes | BinaryIO | Attachment
"""A path, bytes, a file object opened for binary reading, or an :class:`Attachment`."""


class Source:
    """An attachment that can be read."""

    def __init__(self, name: str, kind: str, size: int) -> None:
        self.name = name
        self.type = kind
        self.size = size

    def read_into(self, into: memoryview) -> Flow[int]:
        """Fill ``into`` from its start, or as much of it as there is left; gives how many bytes."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what is open."""


def open_sources(attachments: Iterable[Attachable]) -> list[Source]:
    """Check attachments and find out their sizes; :class:`ValidationError` with ``details["attachments"]``."""
    given = list(attachments) if not isinstance(attachments, (str, bytes)) else None
    if given is None or len(given) > MAX_FILES:
        raise_if_invalid({"attachments": [f"must be a list of at most {MAX_FILES} files"]})
    return [_open(attachment) for attachment in given or ()]


def _open(attachment: Attachable) -> Source:
    if isinstance(attachment, (bytes, bytearray, memoryview)):
        return _FileSource("file", io.BytesIO(attachment), len(attachment), owned=False)
    if isinstance(attachment, (str, os.PathLike)) and os.fspath(attachment):
        return _PathSource(Path(attachment))
    if isinstance(attachment, Attachment):
        return _StreamSource(attachment)
    if hasattr(attachment, "readinto") and hasattr(attachment, "seek"):
        return _from_file(cast("BinaryIO", attachment))
    kinds = "a path, bytes, a file object opened for binary reading, or an Attachment"
    raise_if_invalid({"attachments": [f"must each be {kinds}"]})
    raise AssertionError


def _from_file(file: BinaryIO) -> Source:
    name = getattr(file, "name", None)
    name = _well_formed(last_component(name)) if isinstance(name, str) else "file"
    try:
        start = file.tell()
        size = file.seek(0, os.SEEK_END) - start
        file.seek(start)
    except (OSError, ValueError):
        size = -1
    if size < 0:
        raise refuse(name, "can't be measured: give an Attachment with its size")
    return _FileSource(name, file, size, owned=False)


def refuse(name: str, problem: str) -> ValidationError:
    """Something is wrong with one attachment."""
    sentence = f"{name} {problem}"
    return ValidationError(f"{sentence}.", details={"attachments": [sentence]})


def _well_formed(text: str) -> str:
    """File systems give names that UTF-8 can't hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


class _FileSource(Source):
    def __init__(self, name: str, file: BinaryIO, size: int, *, owned: bool) -> None:
        super().__init__(name, "", size)
        self._file = file
        self._owned = owned

    def read_into(self, into: memoryview) -> Flow[int]:
        return (yield from compute(lambda: self._fill(into)))

    def _fill(self, into: memoryview) -> int:
        length = 0
        try:
            while length < len(into):
                count = self._file.readinto(into[length:])  # type: ignore[attr-defined]
                if not count:
                    break
                length += count
        except (OSError, ValueError) as error:
            problem = f"can't be read ({getattr(error, 'strerror', None) or 'closed'})"
        else:
            return length
        raise refuse(self.name, problem)

    def close(self) -> None:
        if self._owned:
            self._file.close()


class _PathSource(Source):
    def __init__(self, path: Path) -> None:
        name = _well_formed(last_component(path.name))
        try:
            size = path.stat().st_size
            problem = None if path.is_file() else "is not a file"
        except OSError as error:
            size, problem = 0, f"can't be read ({error.strerror})"
        if problem:
            raise refuse(name, problem)
        super().__init__(name, "", size)
        self._path = path
        self._opened: _FileSource | None = None

    def read_into(self, into: memoryview) -> Flow[int]:
        if self._opened is None:
            self._opened = yield from compute(self._open)
        return (yield from self._opened.read_into(into))

    def _open(self) -> _FileSource:
        try:
            file = self._path.open("rb", buffering=0)
        except OSError as error:
            problem = f"can't be read ({error.strerror})"
        else:
            return _FileSource(self.name, file, self.size, owned=True)
        raise refuse(self.name, problem)

    def close(self) -> None:
        if self._opened:
            self._opened.close()


class _StreamSource(Source):
    def __init__(self, attachment: Attachment) -> None:
        name, size = attachment.name, attachment.size
        is_sized = isinstance(size, int) and not isinstance(size, bool) and size >= 0
        if not isinstance(name, str) or not isinstance(attachment.type, str) or not is_sized:
            raise_if_invalid({"attachments": ["must have a name, a type that is text, and a size of 0 or more"]})
        super().__init__(_well_formed(last_component(name)), attachment.type, size)
        self._stream = attachment.stream
        self._chunks: Iterator[bytes] | AsyncIterator[bytes] | None = None
        self._rest = memoryview(b"")

    def read_into(self, into: memoryview) -> Flow[int]:
        length = 0
        while length < len(into):
            if not self._rest:
                chunk = yield from self._next()
                if chunk is None:
                    break
                self._rest = memoryview(chunk)
                continue
            piece = self._rest[: len(into) - length]
            into[length : length + len(piece)] = piece
            length += len(piece)
            self._rest = self._rest[len(piece) :]
        return length

    def _next(self) -> Flow[bytes | None]:
        if self._chunks is None:
            stream: Any = self._stream() if callable(self._stream) else self._stream
            self._chunks = stream.__aiter__() if hasattr(stream, "__aiter__") else iter(stream)
        chunks = self._chunks
        if isinstance(chunks, AsyncIterator):
            chunk = yield Await(lambda: _anext(chunks))
        else:
            iterator = cast("Iterator[bytes]", chunks)
            chunk = yield from compute(lambda: next(iterator, None))
        if chunk is not None and not isinstance(chunk, (bytes, bytearray, memoryview)):
            raise refuse(self.name, "must give bytes")
        return None if chunk is None else bytes(chunk)


async def _anext(chunks: AsyncIterator[bytes]) -> bytes | None:
    try:
        return await chunks.__anext__()
    except StopAsyncIteration:
        return None

"""Files on disk that have their name only when they are whole."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import unicodedata
from functools import partial
from pathlib import Path

from ._create import Meter
from ._download import Download
from ._errors import ValidationError
from ._flow import Flow, compute
from ._protocol.encoding import b64

_MAX_NAME_BYTES = 255
"""In most file systems."""
_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\.|$)", re.IGNORECASE)


def save(download: Download, name: str, path: str | os.PathLike[str], overwrite: bool, meter: Meter) -> Flow[Path]:
    """Write to a temporary name beside ``path``, flush, and only then give the final one. What fails leaves nothing."""
    target = yield from compute(partial(_target, name, path, overwrite))
    temporary = target.with_name(f".halfkey-{b64(secrets.token_bytes(9))}.part")
    try:
        descriptor = yield from compute(partial(_create, temporary, target))
        try:
            while (piece := (yield from download.next())) is not None:
                yield from compute(partial(_write, descriptor, piece, target))
                meter.add(len(piece))
                del piece
            yield from compute(partial(os.fsync, descriptor))
        finally:
            os.close(descriptor)
        yield from compute(partial(_give_name, temporary, target, overwrite))
    finally:
        # Given its name, or never made.
        with contextlib.suppress(OSError):
            temporary.unlink()
        yield from download.stop()
    return target


def _target(name: str, path: str | os.PathLike[str], overwrite: bool) -> Path:
    text = os.fspath(path)
    target = Path(text)
    try:
        if text.endswith(("/", os.sep)):
            target.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            target = target / safe_name(name)
    except OSError as error:
        problem = _unwritable(target, error)
    else:
        if overwrite or not os.path.lexists(target):
            return target
        problem = _taken(target)
    raise problem


def _create(temporary: Path, target: Path) -> int:
    try:
        return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        problem = _unwritable(target, error)
    raise problem


def _write(descriptor: int, piece: bytearray, target: Path) -> None:
    view = memoryview(piece)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        problem = _unwritable(target, error)
    else:
        return
    raise problem


def _give_name(temporary: Path, target: Path, overwrite: bool) -> None:
    """Atomically; and unless ``overwrite``, never in the place of a file that is there."""
    try:
        if overwrite:
            temporary.replace(target)
        else:
            _link(temporary, target)
        _sync(target.parent)
    except FileExistsError:
        problem = _taken(target)
    except OSError as error:
        problem = _unwritable(target, error)
    else:
        return
    raise problem


def _link(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # The file system has no hard links: take the name first, then fill it.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        temporary.replace(target)


def _sync(folder: Path) -> None:
    """So that the name outlives a power cut, where folders can be flushed."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(target: Path, error: OSError) -> ValidationError:
    problem = f"{target} can't be written ({error.strerror})"
    return ValidationError(f"{problem}.", details={"path": [problem]})


def _taken(target: Path) -> ValidationError:
    problem = f"{target} already exists"
    return ValidationError(f"{problem}.", details={"path": [problem]})


def safe_name(name: str) -> str:
    """A received name as one that every platform takes for a plain file.

    Nothing that Windows reserves (Microsoft, “Naming Files, Paths, and Namespaces”), nothing that reorders text (Unicode
    UAX #9), at most 255 bytes, its extension kept.
    """
    plain = "".join(
        char
        for char in name
        if unicodedata.category(char) != "Cc" and char not in _BIDI_CONTROLS and char not in "\u2028\u2029"
    )
    plain = re.sub(r'[<>:"/\\|?*]', "_", plain).rstrip(". ").lstrip() or "file"
    stem, extension = os.path.splitext(plain)
    if len(extension) > 21:
        stem, extension = plain, ""
    stem = ("_" if _RESERVED.match(plain) else "") + stem
    while len((stem + extension).encode("utf-8", "replace")) > _MAX_NAME_BYTES:
        stem = stem[:-1]
    return stem + extension

"""Section 2: padding, which hides how long a text is."""

from __future__ import annotations

from .._errors import Malformed

_MINIMUM = 256


def padded_length(length: int) -> int:
    """Length in bytes of ``pad(x)`` for an x of ``length`` bytes: Padmé (Nikitin et al., PETS 2019), at least 256."""
    marked = length + 1
    if marked <= _MINIMUM:
        return _MINIMUM
    exponent = marked.bit_length() - 1
    bucket = 1 << (exponent - exponent.bit_length())
    return -(-marked // bucket) * bucket


def pad(data: bytes) -> bytes:
    """``data ‖ 0x80 ‖ 0x00…`` to :func:`padded_length` (ISO/IEC 7816-4)."""
    return (data + b"\x80").ljust(padded_length(len(data)), b"\0")


def unpad(padded: bytes) -> bytes:
    """Undo :func:`pad`; :class:`Malformed` if there is no 0x80 before the trailing zeros."""
    stripped = padded.rstrip(b"\0")
    if not stripped.endswith(b"\x80"):
        raise Malformed("The padding is malformed.")
    return stripped[:-1]

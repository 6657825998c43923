"""Memory of whole parts, used again: the system takes as long to clear new memory as a part takes to seal."""

from __future__ import annotations

from ._protocol.chunks import PART_LENGTH


class Buffers:
    """Memory for the parts of one upload or download."""

    def __init__(self) -> None:
        self._free: dict[int, list[bytearray]] = {}

    def take(self, length: int) -> bytearray:
        """So many bytes, of any content."""
        free = self._free.get(length)
        return free.pop() if free else bytearray(length)

    def give(self, buffer: bytearray) -> None:
        """Give back what nobody refers to any more."""
        if len(buffer) >= PART_LENGTH:
            self._free.setdefault(len(buffer), []).append(buffer)

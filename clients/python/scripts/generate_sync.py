"""Generate ``src/halfkey/_sync`` from ``src/halfkey/_aio``.

    python scripts/generate_sync.py [--check]

Both folders hold only the public classes, which run the flows of the modules above them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "halfkey" / "_aio"
TARGET = SOURCE.parent / "_sync"
NOTICE = "# Generated from _aio by scripts/generate_sync.py; don't edit.\n"

CLASSES = (
    "Halfkey", "Link", "Opened", "OpenedFile", "Kms", "Tokens", "Webhooks", "Audit", "Ask", "Receipt", "Collect", "Answer",
)  # fmt: skip

RULES = [
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bAsyncDriver\b", "SyncDriver"),
    (r"\bAsyncBaseTransport\b", "BaseTransport"),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\b__aiter__\b", "__iter__"),
    (r"\baclose\b", "close"),
    (rf"\b({'|'.join(CLASSES)})\b", r"\1Sync"),
    (r"The asyncio client\. .*", 'The synchronous client, generated from ``_aio`` by ``scripts/generate_sync.py``."""'),
]


def generate(text: str) -> str:
    """The synchronous twin of a module."""
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text)
    return NOTICE + text


def main() -> int:
    """Write every module; with ``--check``, only say whether one differs."""
    check = "--check" in sys.argv
    stale = []
    TARGET.mkdir(exist_ok=True)
    for source in sorted(SOURCE.glob("*.py")):
        target, text = TARGET / source.name, generate(source.read_text())
        if not target.exists() or target.read_text() != text:
            stale.append(target.name)
            if not check:
                target.write_text(text)
    if check and stale:
        print(f"Stale: {', '.join(stale)}. Run python scripts/generate_sync.py.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

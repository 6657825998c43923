"""Sealing and opening a file of 1 GiB, against age; with the memory that each takes.

    python bench/files.py [--quick]

The server is a stub in the same process: it drops what is sent, or gives what was kept. age is Debian's package.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from halfkey import HalfkeySync
from halfkey._protocol.chunks import PART_LENGTH, encrypted_size

MIB = 2**20
URL = "http://halfkey.test"
FLOOR = 1.2
MOST_MEMORY = 100
PIECE = 2**18


class Kept(httpx.SyncByteStream):
    """A range of a file."""

    def __init__(self, descriptor: int, first: int, last: int) -> None:
        self._range = (descriptor, first, last)

    def __iter__(self) -> Iterator[bytes]:
        descriptor, first, last = self._range
        for offset in range(first, last + 1, PIECE):
            yield os.pread(descriptor, min(PIECE, last + 1 - offset), offset)


class Stub(httpx.BaseTransport):
    """The least that a server does: what is left is the client's."""

    def __init__(self, folder: Path, keep: bool) -> None:
        self._create = folder / "create.json"
        self._descriptor = os.open(folder / "sealed", os.O_RDWR | os.O_CREAT)
        self._keep = keep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        assert isinstance(request.stream, httpx.SyncByteStream)
        part = re.search(r"/parts/(\d+)$", path)
        if part:
            offset = int(part[1]) * encrypted_size(PART_LENGTH)
            for piece in request.stream:
                if self._keep:
                    os.pwrite(self._descriptor, piece, offset)
                offset += len(piece)
            return reply({})
        if path.endswith("/secrets"):
            self._create.write_bytes(request.read())
        kept = json.loads(self._create.read_text())
        if "/files/" in path:
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers["range"])
            assert found
            headers = {
                "Content-Range": f"bytes {found[1]}-{found[2]}/{kept['attachments'][0]['size']}",
                "Content-Length": str(int(found[2]) + 1 - int(found[1])),
            }
            return httpx.Response(206, headers=headers, stream=Kept(self._descriptor, int(found[1]), int(found[2])))
        if path.endswith("/reveal"):
            return reply({"key_a": kept["key_a"], "envelope": kept["envelope"], "grant": "AAAA"})
        when = "2026-01-01T00:00:00.000Z"
        status = {"password": False, "otp": None, "captcha": False, "note": None, "expiration": when, "views_left": 1}
        created = {"maximum_views": 1, "current_views": 0, "has_password": False, "has_attachments": True}
        more = {"slug": kept["slug"], "share_url": f"{URL}/{kept['slug']}", "attachments_count": 1, "created_at": when}
        return reply({**status, **created, **more, "attempts_left": 10, "files": []})


def reply(data: object) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "message": "", "data": data})


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def work(mode: str, folder: Path, plain: Path) -> dict[str, object]:
    """Seal or open once, in this process."""
    with HalfkeySync(URL, transport=Stub(folder, keep=mode == "keep")) as client:
        link = None
        if mode == "open":
            link = client.open((folder / "link").read_text())
        before, start = peak(), time.perf_counter()
        if link:
            size = sum(len(piece) for piece in link.files[0].stream())
            assert size == plain.stat().st_size
        else:
            url = client.create(attachments=[plain]).share_url
            (folder / "link").write_text(url)
        return {"seconds": time.perf_counter() - start, "grew": peak() - before}


def child(mode: str, folder: Path, plain: Path) -> dict[str, float]:
    command = [sys.executable, __file__, mode, str(folder), str(plain)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result


def age(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run(["age", *arguments], check=True)
    return time.perf_counter() - start


def main() -> int:
    """Measure, print a table, and hold the floors."""
    quick = "--quick" in sys.argv
    size, rounds = (16 if quick else 1024), (1 if quick else 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, aged, key = folder / "plain", str(folder / "aged"), str(folder / "key")
        with plain.open("wb") as file:
            for _ in range(size):
                file.write(os.urandom(MIB))
        subprocess.run(["age-keygen", "-o", key], check=True, capture_output=True)
        recipient = subprocess.run(["age-keygen", "-y", key], check=True, capture_output=True, text=True).stdout.strip()
        age("-r", recipient, "-o", aged, str(plain))
        child("keep", folder, plain)
        kept = (folder / "create.json").read_bytes(), (folder / "link").read_text()
        times: dict[str, list[float]] = {"age, seal": [], "seal": [], "age, open": [], "open": []}
        memory: dict[str, list[float]] = {"seal": [], "open": []}
        for _ in range(rounds):
            times["age, seal"].append(age("-r", recipient, "-o", "/dev/null", str(plain)))
            for mode in ("seal", "open"):
                if mode == "open":
                    (folder / "create.json").write_bytes(kept[0])
                    (folder / "link").write_text(kept[1])
                    times["age, open"].append(age("-d", "-i", key, "-o", "/dev/null", aged))
                run = child(mode, folder, plain)
                times[mode].append(run["seconds"])
                memory[mode].append(run["grew"] / MIB)
    median = {what: statistics.median(seconds) for what, seconds in times.items()}
    print(f"{size} MiB, Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    failed = False
    for mode in ("seal", "open"):
        ratio = median[f"age, {mode}"] / median[mode]
        grew = statistics.median(memory[mode])
        print(f"{mode}: {size / median[mode]:.0f} MiB/s, {ratio:.2f} x age, {grew:.0f} MiB of memory")
        failed = failed or (not quick and (ratio < FLOOR or grew > MOST_MEMORY))
    if failed:
        print(f"Below the floor: at least {FLOOR} x age, at most {MOST_MEMORY} MiB.")
    return int(failed)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(work(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
    else:
        sys.exit(main())

"""Files, through the real server and one that cuts, changes and loses."""

from __future__ import annotations

import asyncio
import io
import os
import random
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import halfkey
from halfkey import Attachment, Halfkey, HalfkeySync
from halfkey._protocol.chunks import CHUNK_LENGTH, PART_LENGTH

from .conftest import Server

SIZE = 2 * PART_LENGTH + CHUNK_LENGTH + 1


class Meddler(httpx.BaseTransport):
    """Passes everything on, but for what ``meddle`` makes of a request or its reply."""

    def __init__(self, meddle: Callable[[httpx.Request, httpx.BaseTransport], httpx.Response | None]) -> None:
        self._inner = httpx.HTTPTransport()
        self._meddle = meddle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._meddle(request, self._inner) or self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def test_every_kind_of_attachment_arrives(owner: HalfkeySync, anyone: HalfkeySync, tmp_path: Path) -> None:
    path = tmp_path / "a path.bin"
    path.write_bytes(data := random.randbytes(300_000))
    with path.open("rb") as file:
        file.seek(100)
        attachments: list[Any] = [
            path,
            str(path),
            data,
            file,
            io.BytesIO(data),
            Attachment("n/a.txt", lambda: [data[:7], data[7:]], len(data)),
        ]
        secret = owner.create(attachments=attachments)
    opened = anyone.open(secret.share_url)
    assert [file.name for file in opened.files] == ["a path.bin", "a path.bin", "file", "a path.bin", "file", "a.txt"]
    assert [file.read() for file in opened.files] == [data, data, data, data[100:], data, data]
    assert (opened.text, opened.content) == (None, None)


def test_progress_ends_at_its_total_and_what_it_raises_is_ignored(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    seen: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        seen.append((done, total))
        raise RuntimeError

    secret = owner.create("text", attachments=[bytes(SIZE)], on_progress=report)
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    seen.clear()
    anyone.open(secret.share_url).files[0].read(on_progress=report)
    assert seen[-1] == (SIZE, SIZE)


def test_a_source_that_isn_t_as_long_as_it_said_leaves_nothing(server: Server, owner: HalfkeySync) -> None:
    before = owner.get_stats().total_secrets
    for size, problem in [(9, "longer"), (11, "shorter")]:
        with pytest.raises(halfkey.ValidationError, match=problem) as caught:
            owner.create("x", attachments=[Attachment("f", [bytes(10)], size)])
        assert "Nothing is left on the server." in str(caught.value)
    assert owner.get_stats().active_secrets <= before
    wrongs: list[Any] = [["no such file"], [object()], [server], "path"]
    for wrong in wrongs:
        with pytest.raises(halfkey.ValidationError) as refused:
            owner.create("x", attachments=wrong)
        assert "attachments" in refused.value.details


def test_a_lost_part_is_sent_again_with_the_same_bytes(server: Server, anyone: HalfkeySync) -> None:
    bodies: dict[str, set[bytes]] = {}

    def lose(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response | None:
        if "/parts/" not in request.url.path:
            return None
        body = request.read()
        sent = bodies.setdefault(request.url.path, set())
        first = not sent
        sent.add(body)
        inner.handle_request(request).close()
        if first:
            raise httpx.ReadError("the reply was lost")
        return None

    with HalfkeySync(server.url, transport=Meddler(lose)) as client:
        secret = client.create(attachments=[data := random.randbytes(SIZE)])
    assert len(bodies) == 3
    assert all(len(sent) == 1 for sent in bodies.values())
    assert anyone.open(secret.share_url).files[0].read() == data


def test_a_cut_download_goes_on_without_another_view(server: Server, owner: HalfkeySync) -> None:
    secret = owner.create(attachments=[data := random.randbytes(SIZE)])
    cuts = 0

    def cut(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response | None:
        nonlocal cuts
        if "/files/" in request.url.path and cuts < 3:
            cuts += 1
            raise httpx.RemoteProtocolError("peer closed connection")
        return None

    with HalfkeySync(transport=Meddler(cut)) as client:
        assert client.open(secret.share_url).files[0].read() == data
    assert cuts == 3
    assert owner.get_details(secret.slug).current_views == 1


@pytest.mark.parametrize("change", ["flip", "swap", "short", "range"])
def test_a_changed_file_is_refused_before_anything_of_the_part_is_handed_out(
    change: str, server: Server, owner: HalfkeySync, tmp_path: Path
) -> None:
    secret = owner.create(attachments=[random.randbytes(SIZE)])

    def meddle(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response | None:
        wanted = request.headers.get("range", "")
        if not wanted.startswith(f"bytes={32 * (CHUNK_LENGTH + 28)}-"):
            return None
        if change == "range":
            request.headers["range"] = "bytes=0-99"
        reply = inner.handle_request(request)
        body = bytearray(reply.read())
        if change == "flip":
            body[len(body) // 2] ^= 1
        if change == "swap":
            length = CHUNK_LENGTH + 28
            body[: 2 * length] = body[length : 2 * length] + body[:length]
        if change == "short":
            del body[-1]
        headers = {"content-range": reply.headers["content-range"]}
        return httpx.Response(reply.status_code, headers=headers, content=bytes(body))

    with HalfkeySync(transport=Meddler(meddle)) as client:
        file = client.open(secret.share_url).files[0]
        pieces: list[bytearray] = []
        with pytest.raises(halfkey.Tampered):
            pieces.extend(file.stream())
        with pytest.raises(halfkey.Tampered):
            file.save(tmp_path / "changed.bin")
    assert list(tmp_path.iterdir()) == []


def test_a_saved_file_has_its_name_only_when_it_is_whole(
    owner: HalfkeySync, anyone: HalfkeySync, tmp_path: Path
) -> None:
    secret = owner.create(attachments=[Attachment("..\\evil/CON.txt", [b"data"], 4)], views=2)
    opened = anyone.open(secret.share_url)
    file = opened.files[0]
    saved = file.save(f"{tmp_path}/folder/")
    assert saved == tmp_path / "folder" / "_CON.txt"
    assert saved.read_bytes() == b"data"
    if os.name == "posix":
        assert saved.stat().st_mode & 0o777 == 0o600
    with pytest.raises(halfkey.ValidationError, match="already exists"):
        file.save(saved)
    assert file.save(saved, overwrite=True) == saved
    with pytest.raises(halfkey.ValidationError, match="can't be written"):
        file.save(tmp_path / "missing" / "name")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["_CON.txt"]


def test_done_waits_for_files_that_are_being_read(owner: HalfkeySync, anyone: HalfkeySync) -> None:
    opened = anyone.open(owner.create(attachments=[bytes(SIZE)]).share_url)
    stream = iter(opened.files[0].stream())
    next(stream)
    with pytest.raises(halfkey.ValidationError):
        opened.done()
    stream.close()  # type: ignore[attr-defined]
    opened.done()


def test_a_cancelled_upload_is_removed_from_the_server(server: Server, owner: HalfkeySync) -> None:
    async def chunks(started: asyncio.Event) -> AsyncIterator[bytes]:
        yield bytes(PART_LENGTH)
        started.set()
        await asyncio.sleep(60)
        yield bytes(PART_LENGTH)

    async def journey() -> None:
        started = asyncio.Event()
        async with Halfkey(server.url, token=server.token) as client:
            file = Attachment("f", chunks(started), 2 * PART_LENGTH)
            task = asyncio.create_task(client.create(attachments=[file]))
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    uploading = len(owner.list_secrets(status="uploading"))
    asyncio.run(journey())
    assert len(owner.list_secrets(status="uploading")) == uploading


def test_an_aborted_upload_is_removed_from_the_server(server: Server, owner: HalfkeySync) -> None:
    cancel = threading.Event()
    uploading = len(owner.list_secrets(status="uploading"))
    report = lambda done, total: cancel.set() if done > 0 else None  # noqa: E731
    with pytest.raises(halfkey.Aborted, match="Nothing is left"):
        owner.create(attachments=[bytes(SIZE)], on_progress=report, cancel=cancel)
    assert len(owner.list_secrets(status="uploading")) == uploading


def test_async_iterators_belong_to_the_asyncio_client(server: Server, owner: HalfkeySync) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"da"
        yield b"ta"

    async def journey() -> None:
        async with Halfkey(server.url) as client:
            secret = await client.create(attachments=[Attachment("f", chunks(), 4)])
            opened = await client.open(secret.share_url)
            assert [bytes(piece) async for piece in opened.files[0].stream()] == [b"data"]

    asyncio.run(journey())
    with pytest.raises(halfkey.ValidationError, match="asyncio"):
        owner.create(attachments=[Attachment("f", chunks(), 4)])

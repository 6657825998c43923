"""What one client seals, the other opens, through the real server: Python and the TypeScript SDK, both ways."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import subprocess
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from halfkey import Attachment, HalfkeySync
from halfkey._protocol.chunks import CHUNK_LENGTH, PART_LENGTH
from halfkey._protocol.encoding import b64, random_key

from .conftest import NODE, Server

RANDOM_SECRETS = 1000 if os.environ.get("HALFKEY_LONG") else 200
SIZES = [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, PART_LENGTH, PART_LENGTH + 1]


class Peer:
    """The TypeScript SDK, in a Node process."""

    def __init__(self, server: Server) -> None:
        self._client = {"baseUrl": server.url, "token": server.token, "workspaceKey": server.workspace_key}
        peer = str(Path(__file__).with_name("peer.mjs"))
        self._process = subprocess.Popen([str(NODE), peer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, call: str, *, client: dict[str, str] | None = None, **parameters: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        line = {"call": call, "client": {**self._client, **(client or {})}, **parameters}
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        assert "error" not in reply, reply["error"]
        return reply["value"]

    def stop(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def peer(server: Server) -> Iterator[Peer]:
    node = Peer(server)
    yield node
    node.stop()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def content_of(content: str | bytes) -> dict[str, str]:
    return {"text": content} if isinstance(content, str) else {"base64": base64_of(content)}


CONTENTS: list[str | bytes] = [
    "correct horse",
    " \n\ttrailing\r\n",
    "\ufeffÅ\u0301 👩‍👩‍👧 日本 \x00\x1b",
    bytes(range(256)),
    "x" * 255,
    "x" * 256,
]


@pytest.mark.parametrize("content", CONTENTS, ids=range(len(CONTENTS)))
@pytest.mark.parametrize("password", [None, "pässwörd 👍", unicodedata.normalize("NFD", "pässwörd")])
def test_texts_and_bytes_with_notes_and_passwords(
    content: str | bytes, password: str | None, owner: HalfkeySync, anyone: HalfkeySync, peer: Peer
) -> None:
    options = {} if password is None else {"password": unicodedata.normalize("NFC", password)}
    plain = content.encode() if isinstance(content, str) else content

    sealed = owner.create(content, message="a note 📝", password=password)
    opened = peer("open", url=sealed.share_url, options=options)
    assert (opened["note"], opened["base64"]) == ("a note 📝", base64_of(plain))
    assert opened["text"] == (content if isinstance(content, str) else None)

    url = peer("create", content=content_of(content), options={"message": "a note 📝", **options})["url"]
    link = anyone.open_link(url)
    revealed = link.reveal(password=password)
    assert (link.note, revealed.content) == ("a note 📝", plain)
    assert revealed.text == (content if isinstance(content, str) else None)


def test_files_of_every_boundary_size(owner: HalfkeySync, anyone: HalfkeySync, peer: Peer) -> None:
    files = [random.randbytes(size) for size in SIZES]
    names = [f"{size} bytes 📎.bin" for size in SIZES]
    known = [
        {"name": name, "type": "x/y", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in zip(names, files, strict=True)
    ]
    attachments = [Attachment(name, [data], len(data), "x/y") for name, data in zip(names, files, strict=True)]
    sealed = owner.create("with files", attachments=attachments)
    assert peer("open", url=sealed.share_url)["files"] == known

    blobs = [{"name": name, "type": "x/y", "base64": base64_of(data)} for name, data in zip(names, files, strict=True)]
    opened = anyone.open(peer("create", content={"text": "with files"}, options={}, blobs=blobs)["url"])
    assert [(file.name, file.type, file.size) for file in opened.files] == [
        (file["name"], file["type"], file["size"]) for file in known
    ]
    assert [file.read() for file in opened.files] == files


def test_a_file_of_100_mib(owner: HalfkeySync, anyone: HalfkeySync, peer: Peer, tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(100):
            digest.update(piece := random.randbytes(2**20))
            file.write(piece)
    sealed = owner.create("large", attachments=[path])
    [received] = peer("open", url=sealed.share_url)["files"]
    assert received["sha256"] == digest.hexdigest()

    [again] = anyone.open(peer("create", content={"text": "large"}, options={}, paths=[str(path)])["url"]).files
    saved = again.save(tmp_path / "saved.bin")
    assert hashlib.sha256(saved.read_bytes()).digest() == digest.digest()


def test_owner_metadata(owner: HalfkeySync, peer: Peer) -> None:
    sealed = owner.create("x", description="mine 🗝", message="note", attachments=[Attachment("a.txt", [b"a"], 1)])
    noted = {"description": "mine 🗝", "message": "note", "files": ["a.txt"]}
    assert peer("details", slug=sealed.slug) == noted
    made = peer(
        "create",
        content={"text": "x"},
        options={"description": "mine 🗝", "message": "note"},
        blobs=[{"name": "a.txt", "type": "", "base64": "YQ=="}],
    )
    details = owner.get_details(made["slug"])
    names = [file.name for file in details.attachments]
    assert {"description": details.description, "message": details.message, "files": names} == noted


def test_named_secrets_by_folder_and_entry_key(server: Server, owner: HalfkeySync, peer: Peer) -> None:
    handler = f"cross/{b64(random_key())[:8].lower().replace('_', 'x').replace('-', 'x')}/db"
    for name in ("cross/", handler):
        key = owner.kms.derive_key(name)
        assert peer("deriveKey", name=name)["key"] == key
        with HalfkeySync(server.url, token=server.token, workspace_key=key) as machine:
            put = machine.kms.put(handler, b"\x00from Python", name="N 🗝", properties={"a": [1, None, "ü"]})
            assert peer("reveal", client={"workspaceKey": key}, handler=handler, version=put.version) == {
                "version": put.version,
                "base64": base64_of(b"\x00from Python"),
            }
            assert peer("entry", client={"workspaceKey": key}, handler=handler) == {
                "name": "N 🗝",
                "properties": {"a": [1, None, "ü"]},
            }
            version = peer(
                "put",
                client={"workspaceKey": key},
                handler=handler,
                content={"text": "from TypeScript"},
                options={"name": "T", "properties": {"b": 1.5}},
            )["version"]
            assert version == put.version + 1
            assert machine.kms.reveal(handler, version=version).text == "from TypeScript"
            entry = machine.kms.get(handler)
            assert (entry.name, entry.properties) == ("T", {"b": 1.5})


def test_requests_asked_by_python_and_answered_by_typescript(
    owner: HalfkeySync, anyone: HalfkeySync, peer: Peer
) -> None:
    asked = owner.create_request(message="the password, please", answers=2)
    blob = {"name": "f", "type": "", "base64": base64_of(b"file")}
    answer = peer("answer", url=asked.ask_url, content={"text": "an answer"}, options={"message": "note"}, blobs=[blob])
    assert answer["note"] == "the password, please"
    receipt = anyone.open_receipt(answer["statusUrl"])
    assert receipt.status().state == "waiting"
    peer("answer", url=asked.ask_url, content={"base64": base64_of(b"\xff")}, options={"password": "pw"})

    first, second = anyone.open_collect(asked.collect_url).answers()
    link = first.open()
    opened = link.reveal()
    assert (link.note, opened.text, opened.files[0].read()) == ("note", "an answer", b"file")
    assert owner.collect(asked.slug).answers()[1].slug == second.slug
    assert second.open().reveal(password="pw").content == b"\xff"
    assert receipt.status().state == "collected"


def test_requests_asked_by_typescript_and_answered_by_python(
    owner: HalfkeySync, anyone: HalfkeySync, peer: Peer
) -> None:
    asked = peer("ask", options={"message": "the password, please", "answers": 2})
    ask = anyone.open_ask(asked["askUrl"])
    assert (ask.note, ask.answers_left) == ("the password, please", 2)
    ask.answer("an answer", message="note", attachments=[b"file"])
    anyone.open_ask(asked["askUrl"]).answer(b"\xff")
    first, second = peer("collect", url=asked["collectUrl"])
    assert (first["note"], first["text"]) == ("note", "an answer")
    assert first["files"][0]["sha256"] == hashlib.sha256(b"file").hexdigest()
    assert second["base64"] == base64_of(b"\xff")
    assert [answer.status for answer in owner.collect(asked["slug"]).answers()] == ["viewed", "viewed"]


def random_content(generator: random.Random) -> str | bytes:
    length = generator.choice([1, 5, 50, 255, 256, 1000, 5000])
    if generator.random() < 0.3:
        return generator.randbytes(length)
    alphabet = 'ab \n\t"\\/\x00\x1f\u2028é߿ࠀ\ufeff\ufffd日👍𝒳'
    return "".join(generator.choices(alphabet, k=length))


def test_random_secrets_each_way(owner: HalfkeySync, anyone: HalfkeySync, peer: Peer) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    generator = random.Random(seed)
    contents = [random_content(generator) for _ in range(RANDOM_SECRETS)]
    with ThreadPoolExecutor(8) as threads:
        sealed = list(threads.map(lambda content: owner.create(content, message=f"{len(content)}"), contents))
        urls = [peer("create", content=content_of(content), options={})["url"] for content in contents]
        opened = list(threads.map(anyone.open, urls))
    for content, mine, theirs in zip(contents, sealed, opened, strict=True):
        plain = content.encode() if isinstance(content, str) else content
        assert theirs.content == plain
        received = peer("open", url=mine.share_url)
        assert (received["base64"], received["note"]) == (base64_of(plain), f"{len(content)}")

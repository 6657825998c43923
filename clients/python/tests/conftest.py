"""The real server as a child process on a fresh data directory."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from halfkey import HalfkeySync
from halfkey._protocol.encoding import b64, random_key

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "clients" / "python" / "src"
# For the programs that tests start.
os.environ["PYTHONPATH"] = str(SOURCE)

NODE = ROOT / "node_modules" / "node" / "bin" / "node"
MAIN = ROOT / "apps" / "api" / "dist" / "main.js"


@dataclass
class Server:
    """A server, and the keys of its first workspace."""

    url: str
    token: str
    """Of its first start: may do everything."""
    workspace_key: str


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with started(
        {"HALFKEY_REQUESTS": "anyone", "HALFKEY_RATE_LIMIT": "off", "HALFKEY_WEBHOOKS_PRIVATE": "allow"}
    ) as running:
        yield running


class started:  # noqa: N801
    """Starts a server; ``settings`` are HALFKEY_* variables."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings

    def __enter__(self) -> Server:
        assert MAIN.exists(), "The API is not built: run `pnpm -r run build` first."
        self._folder = tempfile.TemporaryDirectory(prefix="halfkey-python-")
        folder = Path(self._folder.name)
        environment = {
            "PATH": os.environ["PATH"],
            "HALFKEY_LISTEN": "127.0.0.1:0",
            "HALFKEY_DATA_DIR": str(folder / "data"),
            "HALFKEY_SERVER_KEY_FILE": str(folder / "server.key"),
            "HALFKEY_LOG": "off",
            **self._settings,
        }
        self._process = subprocess.Popen([NODE, MAIN], env=environment, stdout=subprocess.PIPE, text=True)
        printed = ""
        assert self._process.stdout
        for line in self._process.stdout:
            printed += line
            url = re.search(r"http://127\.0\.0\.1:\d+", printed)
            token = re.search(r"hkt_[\w-]+(?=\s)", printed)
            if url and token:
                server = Server(url[0], token[0], b64(random_key()))
                with HalfkeySync(server.url, token=server.token, workspace_key=server.workspace_key) as client:
                    client.set_workspace_check()
                return server
        self.__exit__()
        raise AssertionError(f"The server did not start: {printed}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._folder.cleanup()


@pytest.fixture
def owner(server: Server) -> Iterator[HalfkeySync]:
    """A client that may do everything."""
    with HalfkeySync(server.url, token=server.token, workspace_key=server.workspace_key) as client:
        yield client


@pytest.fixture
def anyone(server: Server) -> Iterator[HalfkeySync]:
    """A client without token and keys."""
    with HalfkeySync(server.url) as client:
        yield client

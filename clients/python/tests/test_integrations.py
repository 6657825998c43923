"""FastAPI, Django's settings (docs/python.md) and Ansible, against the real server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx
from fastapi import FastAPI

from halfkey import HalfkeySync
from halfkey.fastapi import HalfkeyClient, lifespan

from .conftest import ROOT, SOURCE, Server

COLLECTIONS = ROOT / "clients" / "python" / "ansible"


def test_fastapi_hands_out_one_client_for_the_application(server: Server, anyone: HalfkeySync) -> None:
    app = FastAPI(lifespan=lifespan(server.url, token=server.token))
    clients: set[int] = set()

    @app.post("/share")
    async def share(text: str, client: HalfkeyClient) -> str:
        clients.add(id(client))
        return (await client.create(text)).share_url

    async def ask() -> list[str]:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://app") as http,
        ):
            replies = [await http.post("/share", params={"text": text}) for text in ("one", "two")]
            return [reply.json() for reply in replies]

    urls = asyncio.run(ask())
    assert [anyone.open(url).text for url in urls] == ["one", "two"]
    assert len(clients) == 1


def test_django_s_settings_read_their_password_at_the_start(server: Server, owner: HalfkeySync, tmp_path: Path) -> None:
    document = (ROOT / "docs/python.md").read_text()
    settings = document.partition("# settings.py\n")[2].partition("```")[0]
    assert "DATABASES" in settings
    (tmp_path / "settings.py").write_text(settings)
    owner.kms.put("django/db", "correct horse")
    environment = {
        **os.environ,
        "HALFKEY_URL": server.url,
        "HALFKEY_TOKEN": server.token,
        "HALFKEY_WORKSPACE_KEY": owner.kms.derive_key("django/"),
    }
    program = "import settings; print(settings.DATABASES['default']['PASSWORD'])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "correct horse\n", done.stderr


def ansible(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    home = environment.pop("home")
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    inherited = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": home,
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(SOURCE),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_NOCOLOR": "1",
    }
    return subprocess.run(
        command, env={**inherited, **environment}, capture_output=True, text=True, check=False, timeout=120
    )


def test_ansible_s_lookup_reads_named_secrets_and_shows_no_key(
    server: Server, owner: HalfkeySync, tmp_path: Path
) -> None:
    owner.kms.put("ansible/db", "correct horse 🐎")
    owner.kms.put("ansible/db", "battery staple")
    key = owner.kms.derive_key("ansible/")
    environment = {
        "home": str(tmp_path),
        "HALFKEY_URL": server.url,
        "HALFKEY_TOKEN": server.token,
        "HALFKEY_WORKSPACE_KEY": key,
    }
    lookup = "lookup('halfkey.secrets.handler', 'ansible/db'"
    message = f"[{{{{ {lookup}, version=1) }}}}|{{{{ {lookup}) }}}}]"
    arguments = ["localhost", "-m", "ansible.builtin.debug", "-a", f'msg="{message}"']
    shown = ansible("ansible", *arguments, **environment)
    assert "[correct horse 🐎|battery staple]" in shown.stdout, shown.stdout + shown.stderr

    refused = ansible(
        "ansible", "localhost", "-m", "ansible.builtin.debug", "-a",
        "msg=\"{{ lookup('halfkey.secrets.handler', 'other/db') }}\"", **environment,
    )  # fmt: skip
    assert refused.returncode != 0
    assert "KEY_NOT_COVERING" in refused.stdout + refused.stderr
    assert [value for value in (server.token, key[12:]) if value in refused.stdout + refused.stderr] == []

    documented = ansible("ansible-doc", "-t", "lookup", "halfkey.secrets.handler", **environment)
    assert documented.returncode == 0, documented.stderr
    assert "HALFKEY_WORKSPACE_KEY" in documented.stdout

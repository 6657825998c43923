"""Every Python block of README.md and docs/python.md runs as printed, one document after the other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Server

DOCUMENTS = ["clients/python/README.md", "docs/python.md"]


def blocks(document: str) -> list[str]:
    text = (ROOT / document).read_text()
    return [
        code
        for language, code in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        if language == "python"
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_runs_as_printed(document: str, server: Server, tmp_path: Path) -> None:
    code = blocks(document)
    assert code
    program = tmp_path / "program.py"
    program.write_text("\n\n".join(code))
    environment = {
        **os.environ,
        "HALFKEY_URL": server.url,
        "HALFKEY_TOKEN": server.token,
        "HALFKEY_WORKSPACE_KEY": server.workspace_key,
    }
    run = [sys.executable, str(program)]
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr

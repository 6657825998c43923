"""Fuzzing the server from outside: schemathesis over the committed OpenAPI, against the running server.

No 500, no undeclared status, no breach of a schema, nothing accepted that the schema forbids.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, started

LONG = bool(os.environ.get("HALFKEY_LONG"))

RUNS = [
    pytest.param(1, ["examples,coverage,fuzzing", "200" if LONG else "2"], id="fixed seed"),
    pytest.param(secrets.randbelow(2**32), ["fuzzing", "200" if LONG else "3"], id="random seed"),
]
AT_LEAST = 9000 if LONG else 100
"""Cases of each run. Before a release, both together are 20,000."""


@pytest.mark.parametrize(("seed", "how"), RUNS)
def test_no_request_breaks_the_server_or_its_contract(seed: int, how: list[str], tmp_path: Path) -> None:
    phases, examples = how
    with started({"HALFKEY_REQUESTS": "anyone", "HALFKEY_RATE_LIMIT": "off"}) as server:
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
            *("run", str(ROOT / "spec" / "openapi.json")),
            *("--url", server.url, "--header", f"Authorization: Bearer {server.token}"),
            *("--phases", phases, "--max-examples", examples, "--seed", str(seed)),
            *("--workers", "2", "--request-timeout", "30", "--no-color", "--continue-on-failure"),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=3000)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    cases = re.search(r"Test cases:\s+(\d+) generated", done.stdout)
    assert cases, done.stdout[-2000:]
    print(f"seed {seed}: {cases[1]} cases")
    assert int(cases[1]) >= AT_LEAST

"""The wheel and the source distribution, as a stranger installs them."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from .conftest import ROOT, Server

HERE = ROOT / "clients" / "python"
CLEAN = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def run(*command: str | Path, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        input=text,
        env={**CLEAN, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel that was built from the source distribution, and that itself."""
    out = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, HERE)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a clean environment with the wheel; its dependencies are those of this one, which are pinned."""
    folder = tmp_path_factory.mktemp("venv")
    assert run(sys.executable, "-m", "venv", "--without-pip", folder).returncode == 0
    target = next(folder.glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    done = run(*pip, "--target", target, *built.glob("*.whl"))
    assert done.returncode == 0, done.stderr
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (target / "dependencies.pth").write_text(f"{here}\n")
    return folder / "bin" / "python"


def test_both_distributions_hold_the_package_and_nothing_else(built: Path) -> None:
    [wheel], [source] = built.glob("*.whl"), built.glob("*.tar.gz")
    names = zipfile.ZipFile(wheel).namelist()
    assert "halfkey/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"halfkey", "halfkey-0.1.0.dist-info"}
    metadata = zipfile.ZipFile(wheel).read("halfkey-0.1.0.dist-info/METADATA").decode()
    assert "Requires-Python: >=3.10" in metadata
    with tarfile.open(source) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert top == {"src", "README.md", "pyproject.toml", "PKG-INFO", ".gitignore"}


def test_the_installed_module_creates_and_opens(installed: Path, server: Server, tmp_path: Path) -> None:
    where = run(installed, "-c", "import halfkey; print(halfkey.__file__)").stdout
    assert str(installed.parents[1]) in where
    (tmp_path / "f.txt").write_text("a file")
    created = run(
        installed, "-m", "halfkey", "create", "--file", tmp_path / "f.txt", "--message", "a note",
        text="the text", HALFKEY_URL=server.url,
    )  # fmt: skip
    assert created.returncode == 0, created.stderr
    refused = run(installed, "-m", "halfkey", "open", "-", text=created.stdout)
    assert refused.returncode == 2
    assert "--out" in refused.stderr
    opened = run(installed, "-m", "halfkey", "open", "-", "--out", tmp_path / "out", text=created.stdout)
    assert (opened.returncode, opened.stdout) == (0, "the text")
    assert "a note" in opened.stderr
    assert (tmp_path / "out" / "f.txt").read_text() == "a file"
    gone = run(installed, "-m", "halfkey", "open", created.stdout.strip())
    assert gone.returncode == 1
    assert gone.stderr.startswith("GONE: ")


def test_a_stranger_s_program_type_checks(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import asyncio\n"
        "from halfkey import Halfkey, HalfkeySync, SecretDetails\n"
        "async def main(client: Halfkey) -> list[SecretDetails]:\n"
        "    url: str = (await client.create('x', hours=1)).share_url\n"
        "    text: str | None = (await client.open(url)).text\n"
        "    return [secret async for secret in client.secrets()]\n"
        "def same(client: HalfkeySync) -> str:\n"
        "    return client.create('x').share_url\n"
    )
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-executable",
        installed,
        "--cache-dir",
        tmp_path,
        program,
    ]
    done = run(*command)
    assert done.returncode == 0, done.stdout
    program.write_text("from halfkey import HalfkeySync\nHalfkeySync('x').create('x', views='all')\n")
    assert "arg-type" in run(*command).stdout


def test_where_ml_kem_is_missing_requests_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    import halfkey
    from halfkey._protocol import kem

    load = builtins.__import__

    def without(name: str, *arguments: object, **options: object) -> object:
        if name == "cryptography.hazmat.primitives" and arguments and "hpke" in (arguments[2] or ()):  # type: ignore[operator]
            raise ImportError(name)
        return load(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(halfkey.Unsupported, match="pip install"):
        kem.check_support()

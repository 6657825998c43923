"""What is public is pinned, and both clients have it."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import halfkey

HERE = Path(__file__).parents[1]

CLASSES = [
    "Halfkey", "Link", "Opened", "OpenedFile", "Kms", "Tokens", "Webhooks", "Audit", "Ask", "Receipt", "Collect", "Answer",
]  # fmt: skip
ALIASES = {"__aenter__": "__enter__", "__aexit__": "__exit__", "__aiter__": "__iter__", "aclose": "close"}

METHODS = {
    "aclose", "collect", "create", "create_request", "delete", "delete_request", "get_details", "get_events",
    "get_request", "get_request_stats", "get_stats", "get_workspace", "list_requests", "list_secrets", "open",
    "open_ask", "open_collect", "open_link", "open_receipt", "patch", "patch_request", "secrets", "send_notice",
    "set_workspace_check", "workspace_check",
}  # fmt: skip


def methods(cls: type) -> dict[str, inspect.Signature]:
    members = inspect.getmembers(cls, lambda member: inspect.isfunction(member))
    return {name: inspect.signature(member) for name, member in members if not name.startswith("_") or name in ALIASES}


def test_the_client_has_these_methods() -> None:
    assert {name for name in methods(halfkey.Halfkey) if not name.startswith("_")} == METHODS


def test_everything_imported_is_in_all() -> None:
    public = {name for name, value in vars(halfkey).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert public | {"__version__"} == set(halfkey.__all__)
    assert len(halfkey.__all__) == 111


@pytest.mark.parametrize("name", CLASSES)
def test_the_synchronous_twin_has_the_same_methods_with_the_same_parameters(name: str) -> None:
    written, generated = methods(getattr(halfkey, name)), methods(getattr(halfkey, f"{name}Sync"))
    assert {ALIASES.get(method, method) for method in written} == set(generated) | (
        {"__enter__", "__exit__", "__iter__"} & {ALIASES.get(method, method) for method in written}
    )
    for method, signature in written.items():
        twin = generated.get(ALIASES.get(method, method))
        assert twin is None or list(twin.parameters) == list(signature.parameters)


def test_the_synchronous_client_is_generated_from_what_is_there() -> None:
    command = [sys.executable, str(HERE / "scripts" / "generate_sync.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


def test_every_public_name_has_a_docstring() -> None:
    for name in halfkey.__all__:
        value = getattr(halfkey, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), name
            for method, member in inspect.getmembers(value, inspect.isfunction):
                assert method.startswith("_") or inspect.getdoc(member), f"{name}.{method}"


def test_the_protocol_imports_nothing_of_the_package_but_the_errors() -> None:
    for module in (HERE / "src" / "halfkey" / "_protocol").glob("*.py"):
        imports = [line for line in module.read_text().splitlines() if line.startswith("from ..")]
        assert all(line.startswith("from .._errors import") for line in imports), module.name


def test_the_api_s_page_is_generated_from_what_is_there() -> None:
    command = [sys.executable, str(HERE / "scripts" / "generate_api.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0

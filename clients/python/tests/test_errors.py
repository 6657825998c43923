"""The exception tree mirrors the codes of the server and of the TypeScript SDK."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

import halfkey
from halfkey import HalfkeyError, ReplyError
from halfkey._errors import REPLY_ERRORS

ROOT = Path(__file__).parents[3]


def leaves(cls: type[HalfkeyError]) -> list[type[HalfkeyError]]:
    below = cls.__subclasses__()
    return [leaf for child in below for leaf in leaves(child)] if below else [cls]


def test_the_server_s_codes_are_those_of_spec_errors() -> None:
    documented = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "spec" / "errors.md").read_text(), re.MULTILINE)
    assert set(documented) == set(REPLY_ERRORS)
    assert len(documented) == len(leaves(ReplyError))


def test_the_client_s_own_codes_are_those_of_the_typescript_sdk() -> None:
    source = (ROOT / "packages" / "sdk" / "src" / "errors.ts").read_text()
    union = source.partition("export type LocalErrorCode =")[2].partition("\n\n")[0]
    local = {cls.code for cls in leaves(HalfkeyError) if not issubclass(cls, ReplyError)}
    assert set(re.findall(r"'([A-Z_]+)'", union)) == local


@pytest.mark.parametrize("cls", leaves(HalfkeyError), ids=lambda cls: cls.code)
def test_every_error_is_public_and_survives_pickling(cls: type[HalfkeyError]) -> None:
    assert getattr(halfkey, cls.__name__) is cls
    error = pickle.loads(pickle.dumps(cls("what happened", status=418, details={"a": 1}, request_id="r")))
    assert type(error) is cls
    assert (str(error), error.status, error.details, error.request_id) == ("what happened", 418, {"a": 1}, "r")

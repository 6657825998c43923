"""Readers of the server's replies, none of which is trusted unchecked."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union

from ._errors import Malformed
from ._protocol.encoding import as_integer

R = TypeVar("R")


def malformed_reply(status: int | None = None) -> Malformed:
    """What every reader raises."""
    sentence = "The server sent an invalid reply. Check that the address is that of a Halfkey server."
    return Malformed(sentence, status=status)


def read(cls: type[R], value: object, **known: Any) -> R:
    """A dataclass from a JSON object, by the types of its fields; members that it doesn't have are dropped.

    :param known: fields that don't come from the server, or that were read before
    :raises Malformed:
    """
    wire = value if isinstance(value, dict) else None
    if wire is None:
        raise malformed_reply()
    hints: dict[str, Any] = _hints(cls)  # type: ignore[arg-type]
    fields = {name: _read(kind, wire.get(name)) for name, kind in hints.items() if name not in known}
    return cls(**fields, **known)


def read_list(cls: type[R], value: object) -> list[R]:
    """A list of :func:`read`."""
    if not isinstance(value, list):
        raise malformed_reply()
    return [read(cls, item) for item in value]


def read_text(value: object, name: str) -> str:
    """One member that is a text."""
    text = value.get(name) if isinstance(value, dict) else None
    if not isinstance(text, str):
        raise malformed_reply()
    return text


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def _read(kind: Any, value: object) -> Any:
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = [option for option in typing.get_args(kind) if option is not type(None)]
        return None if value is None else _read(inner[0], value)
    if origin is list and isinstance(value, list):
        return [_read(typing.get_args(kind)[0], item) for item in value]
    if origin is dict and isinstance(value, dict):
        return value
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return read(kind, value)
    if kind is datetime:
        return read_time(value)
    if kind is int and as_integer(value) is not None:
        return as_integer(value)
    if kind in (str, bool) and type(value) is kind:
        return value
    raise malformed_reply()


def read_time(value: object) -> datetime:
    """ISO 8601, UTC."""
    try:
        time = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else None
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise malformed_reply()
    return time

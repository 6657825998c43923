"""Generate API.md from the docstrings.

python scripts/generate_api.py [--check]
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import halfkey

TARGET = Path(__file__).parents[1] / "API.md"
HEAD = """# The package `halfkey`

<!-- Generated from the docstrings by scripts/generate_api.py; don't edit. -->

Every class whose name ends with `Sync` has the same methods as its asyncio twin below, without `await`.
"""


def markdown(docstring: str) -> str:
    """A docstring as Markdown: fields become list items, roles and literals code."""
    text = re.sub(r":\w+:`([^`]+)`", r"`\1`", inspect.cleandoc(docstring))
    text = text.replace("``", "`")
    code = re.compile(r"\.\. code-block:: (\w+)\n\n((?:    .*\n?|\n)+)")
    text = code.sub(lambda found: f"```{found[1]}\n{textwrap.dedent(found[2]).strip()}\n```\n\n", text)
    text = re.sub(r"^:(?:param|ivar) (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)
    text = re.sub(r"^:raises ([\w, ]+):", lambda found: f"- raises {_names(found[1])}:", text, flags=re.MULTILINE)
    text = re.sub(r"^:returns: ", "- returns ", text, flags=re.MULTILINE)
    return re.sub(r"^(- raises [^:\n]+):$", r"\1", text, flags=re.MULTILINE)


def _names(names: str) -> str:
    return ", ".join(f"`{name.strip()}`" for name in names.split(","))


def signature(function: Any) -> str:
    """Name and parameters, without `self`."""
    parameters = [
        parameter for parameter in inspect.signature(function).parameters.values() if parameter.name != "self"
    ]
    shown = inspect.Signature(parameters, return_annotation=inspect.signature(function).return_annotation)
    annotated = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(shown))
    is_async = inspect.iscoroutinefunction(function)
    return f"{'async ' if is_async else ''}{function.__name__}{annotated}"


def fields_of(cls: type) -> list[str]:
    """The fields of a dataclass, with the text that follows each in the source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(tree, ast.ClassDef)
    notes: dict[str, str] = {}
    for node, following in zip(tree.body, tree.body[1:], strict=False):
        is_note = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and is_note:
            notes[node.target.id] = inspect.cleandoc(following.value.value)  # type: ignore[attr-defined]
    own = [field for field in dataclasses.fields(cls) if field.name in cls.__annotations__]
    lines = [
        f"- `{field.name}: {field.type}`" + (f": {notes[field.name]}" if field.name in notes else "") for field in own
    ]
    return [markdown(line) for line in lines]


def section(name: str, value: Any) -> str:
    """One public name."""
    if inspect.isfunction(value):
        return f"## `{signature(value)}`\n\n{markdown(value.__doc__ or '')}\n"
    if not inspect.isclass(value):
        return ""
    bases = [base.__name__ for base in value.__bases__ if base.__name__ in halfkey.__all__]
    lines = [f"## {name}{f' ({bases[0]})' if bases else ''}", "", markdown(value.__doc__ or "")]
    if dataclasses.is_dataclass(value):
        lines += ["", *fields_of(value)]
    for method, member in vars(value).items():
        if isinstance(member, property) and member.fget and not method.startswith("_"):
            lines += ["", f"**`{method}`** {markdown(member.fget.__doc__ or '')}"]
        if inspect.isfunction(member) and (not method.startswith("_") or (method == "__init__" and member.__doc__)):
            if dataclasses.is_dataclass(value) and method == "__init__":
                continue
            lines += [
                "",
                f"### `{signature(member)}`".replace("`__init__", f"`{name}"),
                "",
                markdown(member.__doc__ or ""),
            ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write API.md; with ``--check``, only say whether it differs."""
    errors = [
        name
        for name in halfkey.__all__
        if inspect.isclass(getattr(halfkey, name)) and issubclass(getattr(halfkey, name), Exception)
    ]
    others = [name for name in halfkey.__all__ if name not in errors and not name.endswith("Sync")]
    first = [
        "Halfkey",
        "Link",
        "Opened",
        "OpenedFile",
        "Kms",
        "Ask",
        "Receipt",
        "Collect",
        "Answer",
        "Tokens",
        "Webhooks",
        "Audit",
    ]
    names = [*first, *(name for name in others if name not in first), *errors]
    text = "\n".join([HEAD, *filter(None, (section(name, getattr(halfkey, name)) for name in names))])
    text = re.sub(r"\n{3,}", "\n\n", text)
    if "--check" in sys.argv:
        return int(not TARGET.exists() or TARGET.read_text() != text)
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Reads the catalogue's keys out of the code, for `make words` and for the test of the catalogue.

Babel calls `keys` for each file that babel.cfg names. Where an English sentence becomes a key is
a matter of our code, not of gettext's habits: the list is below.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "scheduler" / "locale"
DOMAIN = "fabutai"
LANGUAGE = "zh_CN"

FIRST = {"_", "N_", "say", "__init__", "fault"}
"""Calls whose first argument is a key, as in `super().__init__("...")`, `self.fault("...")`."""
ROOMS = ("scheduler", "channels", "console")
ROOT_ERROR = "FabuError"


class Key(NamedTuple):
    """A key and the line it stands on."""

    line: int
    text: str


def keys(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple]:
    """Yield the keys of one file, as Babel wants them."""
    source = fileobj.read().decode("utf-8")
    for key in keys_of(ast.parse(source)):
        yield key.line, None, key.text, []


@cache
def errors() -> frozenset[str]:
    """Give the errors a person can act on whose first argument is a key.

    Those with an `__init__` of their own say their sentence there.
    """
    bases = {ROOT_ERROR: True}
    classes = [
        node
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    for _generation in range(4):
        for node in classes:
            if any(isinstance(base, ast.Name) and base.id in bases for base in node.bases):
                own = any(getattr(one, "name", "") == "__init__" for one in node.body)
                bases[node.name] = not own or node.name == ROOT_ERROR
    return frozenset(name for name, takes_key in bases.items() if takes_key)


def keys_of(tree: ast.Module) -> Iterator[Key]:
    """Yield the keys of one module: marked sentences, and the help of its commands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for place in _places(node):
                yield from _text(node, place)
    yield from _helps(tree)


def _places(call: ast.Call) -> Iterator[int]:
    match call.func:
        case ast.Name(id=name) if name in FIRST | errors():
            yield 0
        case ast.Name(id="RowError"):
            yield 2
        case ast.Attribute(attr=name) if name in FIRST | errors():
            yield 0
        case ast.Attribute(value=who, attr="add") if ast.unparse(who).endswith("faults"):
            yield 0


def _text(call: ast.Call, place: int) -> Iterator[Key]:
    if len(call.args) > place:
        match call.args[place]:
            case ast.Constant(value=str(text)) if re.sub(r"{\w+}", "", text):
                yield Key(call.lineno, text)


def _helps(tree: ast.Module) -> Iterator[Key]:
    """Yield the docstrings of the functions that `register` makes commands: Typer's help."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    register = functions.get("register")
    if register is None:
        return
    for node in ast.walk(register):
        if isinstance(node, ast.ImportFrom) and node.module:
            there = ast.parse((ROOT / (node.module.replace(".", "/") + ".py")).read_text("utf-8"))
            wanted = {name.name for name in node.names}
            for one in there.body:
                if isinstance(one, ast.FunctionDef) and one.name in wanted:
                    yield Key(node.lineno, ast.get_docstring(one) or "")
        elif isinstance(node, ast.Name) and node.id in functions:
            yield Key(node.lineno, ast.get_docstring(functions[node.id]) or "")


def extracted() -> dict[str, list[str]]:
    """Extract as `make words` does; give each key with the places it stands at."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[str, list[str]] = {}
    said = extract_from_dir(ROOT, methods, options, keywords={"_": None, "say": None})
    for name, line, text, _comments, _context in said:
        found.setdefault(str(text), []).append(f"{name}:{line}")
    return found


def compiled(catalogue: Catalog) -> bytes:
    """Give the catalogue as the .mo file that gettext reads."""
    from babel.messages.mofile import write_mo

    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()

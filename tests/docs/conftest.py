"""What the tests of the documents share: the pages and the program's own list of commands."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from scheduler.cli import VERBS, build, load

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("README*.md"), ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")],
)


@dataclass(frozen=True)
class Form:
    """One command: its options (every spelling) and which of them take a value."""

    options: frozenset[str]
    with_value: frozenset[str]
    args_min: int
    args_max: float


def _form(command) -> Form:
    spelled, valued, least, most = set(), set(), 0, 0.0
    for one in command.params:
        if one.param_type_name == "argument":
            least += int(one.required)
            most += float("inf") if one.nargs == -1 else one.nargs
        elif one.name != "help":
            names = {*one.opts, *one.secondary_opts}
            spelled |= names
            if not one.is_flag:
                valued |= names
    return Form(frozenset(spelled), frozenset(valued), least, most)


def _forms() -> dict[str, Form]:
    found = {}
    for verb in VERBS:
        if find_spec(f"scheduler.cli.{verb.module}") is None:
            continue  # announced, not there yet: `fabu` says so itself
        command = load(verb)
        if verb.is_group:
            found |= {f"{verb.name} {name}": _form(one) for name, one in command.commands.items()}
        else:
            found[verb.name] = _form(command)
    return found


@pytest.fixture(scope="session")
def forms() -> dict[str, Form]:
    """Give every command by its words after `fabu`."""
    return _forms()


@pytest.fixture(scope="session")
def top_options() -> Form:
    """Give the options that stand before the command."""
    return _form(build())


@pytest.fixture(scope="session")
def pages() -> dict[str, str]:
    """Give every page by its path from the root."""
    return {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}

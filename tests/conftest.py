"""What many tests need: a clean environment, a store, a clock, a home and a command line."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scheduler.cli import run
from scheduler.store import Store, migrate, open_store
from tests.clocks import ManualClock

PERSON = "王芳"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the developer's own shell says to `fabu`; sentences come in English."""
    for name in list(os.environ):
        if name.startswith("FABU_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FABU_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that stands still: Friday 2026-11-27, 17:00 in Beijing."""
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty, migrated SQLite store."""
    opened = open_store(f"sqlite:///{tmp_path / 'queue.db'}")
    migrate(opened)
    yield opened
    opened.close()


@dataclass(frozen=True, slots=True)
class Ran:
    """How one command line ended and what it printed."""

    code: int
    out: str
    err: str


Fabu = Callable[..., Ran]


@pytest.fixture
def fabu(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fabu:
    """Give `fabu("person", "list", stdin="...")`: a command line without a terminal."""

    def call(*args: object, stdin: str = "") -> Ran:
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run([str(arg) for arg in args])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture
def home(tmp_path: Path, fabu: Fabu, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home that 王芳 initialised and is logged in at; FABU_CONFIG points to it."""
    folder = tmp_path / "home"
    made = fabu("init", folder, "--person", PERSON, "--bureau", "示例市应急管理局")
    assert (0, "") == (made.code, made.err)
    monkeypatch.setenv("FABU_CONFIG", str(folder / "config.toml"))
    return folder

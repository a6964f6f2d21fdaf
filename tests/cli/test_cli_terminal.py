"""The command line at a terminal, at a pipe, and when it is interrupted."""

from __future__ import annotations

import inspect
import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest
from typer import core, rich_utils

from scheduler.cli import TYPER_WORDS, run

# A new session has no terminal until its first process opens one.
AT_A_TERMINAL = (
    "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); "
    "from scheduler.cli import main; main()"
)
PATIENCE_S = 30
AGAIN_S = 3
INTERRUPT = "\x03"
posix = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")


class Terminal:
    """A program at a pseudo-terminal: what it prints, and answers typed when it asks."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.master, slave = os.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", AT_A_TERMINAL, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            start_new_session=True,
        )
        os.close(slave)

    def answer(self, question: str, text: str) -> None:
        """Wait until `question` is on the screen, then type `text`.

        Whole to its last blank: what is typed before a hidden question stands is thrown away.
        """
        while question not in self.seen:
            piece = self._read()
            assert piece, self.seen
            self.seen += piece
        self.seen = ""
        os.write(self.master, text.encode())

    def interrupt(self, question: str) -> int:
        """Press Ctrl-C at `question` as people do: again when nothing happened; give the status.

        The first may fall between two of the interpreter's own steps, which swallow it.
        """
        self.answer(question, INTERRUPT)
        for _press in range(PATIENCE_S // AGAIN_S):
            ready, _, _ = select.select([self.master], [], [], AGAIN_S)
            if ready and not self._read():
                break
            if not ready:
                os.write(self.master, INTERRUPT.encode())
        return self.end()[0]

    def end(self) -> tuple[int, str]:
        """Read to the end; give the exit status and what was printed since the last answer."""
        while piece := self._read():
            self.seen += piece
        os.close(self.master)
        return self.process.wait(PATIENCE_S), self.seen

    def _read(self) -> str:
        ready, _, _ = select.select([self.master], [], [], PATIENCE_S)
        if not ready:
            self.process.kill()
        try:
            return os.read(self.master, 4096).decode(errors="replace")
        except OSError:  # Linux says so when the last program has left the terminal
            return ""


@posix
def test_init_at_a_terminal_asks_for_what_it_was_not_told(tmp_path, fabu, monkeypatch):
    """Bureau, name and password; the password opens the desk afterwards and was never shown."""
    terminal = Terminal(tmp_path, "init", "h")
    terminal.answer("Name of the bureau", "示例局\n")
    terminal.answer("Your name", "李雷\n")
    terminal.answer("now): ", "correct horse\n")
    terminal.answer("again: ", "correct horse\n")
    for question in ("Add an account", "Add a person", "ledger"):
        terminal.answer(question, "\n")
    code, printed = terminal.end()
    assert 0 == code
    assert "You are logged in as 李雷" in printed
    assert "correct horse" not in printed
    monkeypatch.setenv("FABU_CONFIG", str(tmp_path / "h"))
    assert 0 == fabu("login", "李雷", stdin="correct horse\n").code


@posix
def test_two_passwords_that_differ_make_nothing(tmp_path):
    """The same question again, by the same command."""
    terminal = Terminal(tmp_path, "init", "h", "--bureau", "x", "--person", "y")
    terminal.answer("now): ", "correct horse\n")
    terminal.answer("again: ", "correct house\n")
    code, printed = terminal.end()
    assert (1, False) == (code, (tmp_path / "h").exists())
    assert "differ" in printed


@posix
def test_interrupt_at_a_question_ends_with_130(tmp_path):
    """Ctrl-C, as the shell expects."""
    terminal = Terminal(tmp_path, "init", "h")
    assert 130 == terminal.interrupt("Name of the bureau")


def test_interrupt_at_work_ends_with_130(home, monkeypatch):
    """Also where nothing is asked."""

    class Interrupted:
        @staticmethod
        def isatty() -> bool:
            return False

        @staticmethod
        def readline() -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupted())
    assert 130 == run(["person", "password", "王芳"])


def test_pipe_gets_utf8_whatever_the_locale(home):
    """Other programs read our JSON."""
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "from scheduler.cli import main; main()",
            "person",
            "list",
            "--json",
        ],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "gb18030"},
        check=True,
    )
    assert "王芳" == json.loads(ran.stdout.decode("utf-8"))[0]["name"]


def test_typer_s_words_are_typer_s():
    """Those that a newer Typer drops would only be dead weight in the catalogue."""
    source = inspect.getsource(core) + inspect.getsource(rich_utils)
    assert [] == [word for word in TYPER_WORDS if f'_("{word}")' not in source]

"""The demo at a terminal: its console is open until Enter, then nothing is left of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import requests

import scheduler
from tests.cli.test_cli_terminal import Terminal
from tests.console.conftest import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX"),
]


def test_demo_at_a_terminal_keeps_the_console_open_until_enter(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(scheduler.__file__).parents[1]))
    terminal = Terminal(tmp_path, "demo")
    seen = ""
    while "nothing is left of it" not in seen:
        piece = terminal._read()
        assert piece, seen
        seen += piece
    assert "28 posts are out" in seen
    address = re.findall(r"console is open at (http://127\.0\.0\.1:\d+)", seen)[-1]
    password = re.findall(r"with the password (\w+)", seen)[-1]
    for name in ("林晓", "周敏"):
        browser = Browser(address)
        assert 303 == browser.login(name, password).status_code
        page = browser.get("/").text
        assert "No daemon runs" not in page
        assert "冬季" in page or "delivery published" in page
    os.write(terminal.master, b"\n")
    assert 0 == terminal.end()[0]
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=5)
    assert [] == list(tmp_path.iterdir())

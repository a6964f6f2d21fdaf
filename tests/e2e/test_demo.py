"""The demo as a newcomer sees it: one command, two platforms, figures that agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def _demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FABU_")}
    clean |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "FABU_LANG": "en"}
    command = [sys.executable, "-m", "scheduler", "demo", *words]
    return subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, timeout=200, check=False,
    )  # fmt: skip


def test_demo_publishes_everything_once_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """One JSON object; ledger and platforms agree; a broken config beside it does not matter."""
    (tmp_path / "config.toml").write_text("this is not a config", encoding="utf-8")
    done = _demo(tmp_path, "--json")
    assert (0, "") == (done.returncode, done.stderr)
    assert {
        "published": 28,
        "failed": 0,
        "uncertain": 0,
        "by_channel": {"weibo": 14, "wechat": 14},
        "platform": {"weibo": 14, "wechat": 14},
    } == json.loads(done.stdout)
    assert ["config.toml"] == [path.name for path in tmp_path.iterdir()]


def test_demo_without_a_terminal_ends_by_itself_with_the_report(tmp_path: Path) -> None:
    """Lines instead of a live view; the gap is said; an edition of five; the month's report."""
    done = _demo(tmp_path)
    assert 0 == done.returncode, done.stderr
    assert "gap_s = 2" in done.stdout
    assert "(edition of 5)" in done.stdout
    assert "28 posts are out, each exactly once; ledger and platforms agree." in done.stdout

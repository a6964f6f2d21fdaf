"""A whole installation for each test: a home, simulated platforms and the daemon as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
CONFIG = """
[daemon]
node = "desk"

[account.weibo]
channel = "weibo"
title = "示例应急"
app_id = "1000000001"
api_base = "{url}"
uid = "5990001234"
safe_domain = "www.example.gov.cn"
gap_s = 0
looks_s = [1, 3, 6]

[account.wechat]
channel = "wechat"
title = "示例应急"
app_id = "wx0000000000000001"
api_base = "{url}"
kind = "service"
accepted_looks_s = [1.5, 3, 6]
looks_s = [1, 3, 6]
"""
SECRETS = {
    "FABU_SECRET_WEIBO_ACCESS_TOKEN": "2.00demoWeiboToken",
    "FABU_SECRET_WECHAT_APP_SECRET": "wechat-demo-secret",
}


def until(condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Wait for another process until `condition` gives something; fail loudly after a minute."""
    never = Event()
    for _turn in range(int(patience_s / 0.05)):
        if found := condition():
            return found
        never.wait(0.05)
    pytest.fail(f"waited {patience_s} s in vain for: {what}")


@dataclass
class Desk:
    """One installation, driven from outside as people do it: by the command and over HTTP."""

    home: Path
    url: str
    tokens: dict[str, str] = field(default_factory=dict)
    daemon: subprocess.Popen[bytes] | None = None

    def environment(self, person: str = "") -> dict[str, str]:
        """Give a clean environment with the platforms' secrets, and a person's token."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FABU_")}
        clean |= SECRETS | {"FABU_LANG": "en", "PYTHONPATH": str(ROOT)}
        if person:
            clean["FABU_ACTOR_TOKEN"] = self.tokens[person]
        return clean

    def run(
        self, *words: str, person: str = "林晓", status: int = 0, feed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one `fabu` command and hold it to its exit status."""
        command = [sys.executable, "-m", "scheduler", "-c", str(self.home / "config.toml"), *words]
        done = subprocess.run(
            command, env=self.environment(person), input=feed, capture_output=True, text=True,
            encoding="utf-8", timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert status == done.returncode, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def json(self, *words: str, person: str = "林晓", status: int = 0) -> Any:
        """Run one command with --json and give what it printed."""
        return json.loads(self.run(*words, "--json", person=person, status=status).stdout)

    def add_person(self, name: str, *roles: str) -> None:
        """Add a person and log them in, as the administrator and the person would."""
        password = f"a long password for {name}"
        self.run("person", "add", name, *roles, "--password", feed=f"{password}\n", person="林晓")
        login = next(self.home.glob(".login-*"))
        login.unlink()
        self.run("login", name, feed=f"{password}\n", person="")
        self.tokens[name] = login.read_text(encoding="utf-8").strip()

    def story(self, name: str, *, accounts: list[str], change: str = "") -> int:
        """Add one example story for these accounts; `change` is put into its Weibo text."""
        path = self.copy(name, change)
        words = [word for account in accounts for word in ("--account", account)]
        return int(self.json("story", "add", str(path), *words)[0]["id"])

    def copy(self, name: str, change: str = "") -> Path:
        """Copy an example into the home, so that a test may change it."""
        stories = self.home / "stories"
        stories.mkdir(exist_ok=True)
        pictures = self.home / "pictures"
        if not pictures.exists():
            pictures.symlink_to(ROOT / "examples" / "pictures")
        source = next((ROOT / "examples" / "stories").glob(f"{name}*.md"))
        text = source.read_text(encoding="utf-8")
        if change:
            said = tomllib.loads(text.split("+++")[1])
            old = said["weibo"]["text"]
            text = text.replace(old, old + change).replace(
                said["summary"], said["summary"] + change
            )
        path = stories / source.name
        path.write_text(text, encoding="utf-8")
        return path

    def signed(self, name: str, *, accounts: list[str]) -> int:
        """Add, submit and have another person approve one example story."""
        story = self.story(name, accounts=accounts)
        self.run("story", "submit", str(story))
        self.run("review", "approve", str(story), "--yes", person="周敏")
        return story

    def queue(self, story: int, account: str, at: str = "now") -> int:
        """Queue a story and give the delivery's number."""
        words = ["queue", "add", str(story), "--account", account, "--at", at]
        return int(self.json(*words)["delivery"])

    def delivery(self, number: int) -> Any:
        """Look at one delivery."""
        return self.json("queue", "show", str(number))

    def reaches(self, number: int, state: str) -> Any:
        """Wait until a delivery stands in a state; give it."""

        def there() -> Any:
            seen = self.delivery(number)
            return seen if seen["state"] == state else None

        return until(there, f"delivery {number} to be {state}")

    # --- the daemon and the platforms ---------------------------------------------------------

    def start(self) -> None:
        """Start the daemon and wait until it says so."""
        command = [sys.executable, "-m", "scheduler", "-c", str(self.home / "config.toml"), "run"]
        self.daemon = subprocess.Popen(
            command, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.daemon.stdout is not None
        assert "started" == json.loads(self.daemon.stdout.readline())["event"]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the daemon a signal and give its exit status."""
        assert self.daemon is not None
        self.daemon.send_signal(number)
        self.daemon.communicate(timeout=PATIENCE_S)
        return self.daemon.returncode

    def control(self, path: str, **body: Any) -> Any:
        """Talk to the simulated platforms' control interface."""
        where = f"{self.url}/_control/{path}"
        answer = (
            requests.post(where, json=body, timeout=10) if body else requests.get(where, timeout=10)
        )
        answer.raise_for_status()
        return answer.json()

    def calls(self, call: str) -> list[Any]:
        """Give the calls of one kind that reached a platform."""
        return [one for one in self.control("calls")["calls"] if one["call"] == call]

    def counts(self) -> dict[str, int]:
        """Give how many posts the platforms ever made."""
        counts: dict[str, int] = self.control("counts")
        return counts


@pytest.fixture
def platforms() -> Iterator[str]:
    """Run both simulated platforms as a process of their own; give their address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator"], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["url"]
    process.terminate()
    process.communicate(timeout=PATIENCE_S)


@pytest.fixture
def desk(tmp_path: Path, platforms: str) -> Iterator[Desk]:
    """Make a home with a Weibo and a WeChat account, its maker and the reviewer 周敏."""
    made = Desk(tmp_path / "desk", platforms)
    command = [sys.executable, "-m", "scheduler", "init", str(made.home), "--person", "林晓"]
    subprocess.run(command, env=made.environment(), check=True, capture_output=True, timeout=60)
    config = made.home / "config.toml"
    text = config.read_text(encoding="utf-8").replace("[daemon]\n", "[x]\n")
    start = text.index("[x]")
    text = text[:start] + text[text.index("[network]") :]
    config.write_text(text + CONFIG.format(url=platforms), encoding="utf-8")
    first = next(made.home.glob(".login-*"))
    made.tokens["林晓"] = first.read_text(encoding="utf-8").strip()
    made.add_person("周敏", "reviewer")
    first.write_text(made.tokens["林晓"], encoding="utf-8")
    yield made
    if made.daemon is not None and made.daemon.poll() is None:
        made.stop(signal.SIGKILL)

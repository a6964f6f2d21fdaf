"""Chromium before the real console: pages that must behave, and the two desks they look at.

Playwright's loop stands in the way of other loops of its thread, so Chromium is started once for
each module and ends with it. Playwright's own browser is never downloaded: Debian's is used.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

from tests.browser.town import PASSWORD, Town, town_in
from tests.e2e.conftest import Desk, desk, platforms

__all__ = ["desk", "platforms"]  # fixtures of the other folder, wanted here as well

ROOT = Path(__file__).parents[2]
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
LANGUAGES = {"zh_CN": "zh-CN", "en": "en-GB"}
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
    " --disable-component-update --disable-sync"
).split()
PATIENCE_MS = 30_000
MISSING = (
    "there is no Chromium here, so no page is looked at; `make test` run as root installs it, or:"
    " apt-get install chromium fonts-noto-cjk"
)


def chromium() -> str:
    """Give Chromium's path; without one skip, in CI fail."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@contextmanager
def started() -> Iterator[Browser]:
    """Start Chromium and end it."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        yield browser
        browser.close()


def launch(playwright: Playwright, path: str, language: str = "en") -> Browser:
    """Start Chromium as a staff PC has it: no network of its own.

    `language` is Chromium's own: of file and date fields. Beside English it needs the package
    chromium-l10n; without that it stays English.
    """
    return playwright.chromium.launch(
        executable_path=path,
        args=FLAGS,
        ignore_default_args=["--headless"],
        headless=True,
        env={**os.environ, "LANGUAGE": language},
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Chromium."""
    with started() as found:
        yield found


@dataclass
class Watch:
    """What a page did that none of ours may do; `forgive` names addresses that may fail."""

    faults: list[str] = field(default_factory=list)
    forgive: set[str] = field(default_factory=set)

    def over(self, page: Page) -> None:
        """Watch a page and everything it opens."""
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.faults.append(f"left the machine: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        where = urlsplit(message.location.get("url", "")).path
        if message.type == "error" and where not in self.forgive:
            self.faults.append(f"{where}: {message.text}")


@dataclass
class Visit:
    """Opens windows on one console, every page of them watched."""

    browser: Browser
    url: str
    watch: Watch
    contexts: list[BrowserContext] = field(default_factory=list)
    cookies: dict[str, Any] = field(default_factory=dict)

    def window(
        self, *, language: str = "zh_CN", size: dict[str, int] | None = None, **more: Any
    ) -> Page:
        """Open a window of its own: another person, another machine."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport=size or DESKTOP,
            has_touch=size == PHONE,
            locale=LANGUAGES[language],
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "lang", "value": language, "url": self.url}])
        context.on("page", self.watch.over)
        self.contexts.append(context)
        return context.new_page()

    def signed_in(self, name: str, password: str = PASSWORD, **how: Any) -> Page:
        """Open a window and sign somebody in by the form."""
        page = self.window(**how)
        sign_in(page, name, password)
        return page

    def known(self, name: str, **how: Any) -> Page:
        """Open a window of somebody who signed in before: once for all tests."""
        if name not in self.cookies:
            page = self.signed_in(name)
            kept = page.context.cookies()
            self.cookies[name] = [one for one in kept if one["name"] != "lang"]
        page = self.window(**how)
        page.context.add_cookies(self.cookies[name])
        return page

    def close(self) -> None:
        """Close every window."""
        for context in self.contexts:
            context.close()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the login form, as a person does."""
    page.goto("/login")
    page.fill("#f-name", name)
    page.fill("#f-password", password)
    page.click("main button.primary")
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fail the test when a page asked another machine, broke the CSP or met a script fault."""
    made = Watch()
    yield made
    assert [] == made.faults


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, str]]:
    """Play one bureau's week once; give the town and its console's address."""
    with town_in(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture
def town(week: tuple[Town, str]) -> Town:
    """Give the bureau. Tests that change it leave it as it was."""
    return week[0]


@pytest.fixture(scope="session")
def cookies() -> dict[str, Any]:
    """Keep who signed in at the town's console."""
    return {}


@pytest.fixture
def visit(
    browser: Browser, week: tuple[Town, str], watch: Watch, cookies: dict[str, Any]
) -> Iterator[Visit]:
    """Visit the town's console."""
    made = Visit(browser, week[1], watch, cookies=cookies)
    yield made
    made.close()


@pytest.fixture
def console(desk: Desk) -> Iterator[str]:
    """Run `fabu console` over a whole installation as its own process; give its address."""
    desk.add_person("李静", "author", "operator")
    config = str(desk.home / "config.toml")
    command = [sys.executable, "-m", "scheduler", "-c", config, "console", "--port", "0"]
    process = subprocess.Popen(
        command, env=desk.environment(), stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    yield said[said.index("http://") :].split()[0].rstrip(".")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


def password_of(name: str) -> str:
    """Give the password that `Desk.add_person` gave somebody."""
    return f"a long password for {name}"

"""A real console on a free loopback port over a real home, and people with browsers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from pwdlib import PasswordHash
from sqlalchemy import update

from console import session as sessions
from console.serve import beside
from scheduler import config
from scheduler.home import open_database
from scheduler.people import PERSON, SETUP, Role, add_person
from scheduler.store import Store
from tests.clocks import ManualClock

PASSWORD = "correct horse battery"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
ACCOUNTS = """
[account.weibo-main]
channel = "weibo"
title = "示例应急"
safe_domain = "www.example.gov.cn"
app_id = "1000000001"

[account.board]
channel = "manual"
title = "公告栏"
"""


@cache
def hashed(password: str) -> str:
    """Hash a password as the program does."""
    return PasswordHash.recommended().hash(password)


@dataclass
class Browser:
    """A browser as far as the console sees one: cookies, own origin, forms with their token."""

    url: str
    http: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **how: Any) -> requests.Response:
        """Open a page; redirects are shown, not followed."""
        return self.http.get(self.url + path, allow_redirects=False, timeout=10, **how)

    def token(self) -> str:
        """Give this session's form token, "" when nobody is logged in."""
        found = CSRF.search(self.get("/people/password").text)
        return found[1] if found else ""

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, token: str | None = None,
        origin: str | None = None,
    ) -> requests.Response:  # fmt: skip
        """Send a form as our own page does, unless `token` or `origin` say otherwise."""
        sent = {"csrf": self.token() if token is None else token, **(data or {})}
        headers = {"Origin": self.url if origin is None else origin}
        return self.http.post(
            self.url + path,
            data={key: value for key, value in sent.items() if value is not None},
            headers={key: value for key, value in headers.items() if value},
            allow_redirects=False,
            timeout=10,
        )

    def login(self, name: str, password: str = PASSWORD, **more: Any) -> requests.Response:
        """Send the login form."""
        return self.post("/login", {"name": name, "password": password, **more}, token="")


@dataclass
class Site:
    """One console and what stands behind it."""

    url: str
    store: Store
    clock: ManualClock
    home: Path

    def person(self, name: str, *roles: str, password: str = PASSWORD) -> Browser:
        """Add a person and give the browser they are logged in with.

        One hash for all: Argon2 takes its time on purpose. The tests of the login use its form.
        """
        now, browser = self.clock.now(), Browser(self.url)
        with self.store.write() as tx:
            actor = add_person(tx, SETUP, name, [Role(role) for role in roles], now=now)
            mine = update(PERSON).where(PERSON.c.id == actor.id)
            tx.execute(mine.values(password_hash=hashed(password)))
            browser.http.cookies.set(sessions.COOKIE, sessions.open_session(tx, actor, now=now))
        return browser

    def browser(self) -> Browser:
        """Give a browser that nobody logged in with."""
        return Browser(self.url)


@pytest.fixture
def site(home: Path, clock: ManualClock, fabu: Callable[..., Any]) -> Iterator[Site]:
    """Serve a home with a Weibo account and a board; it is Friday 2026-11-27, 17:00."""
    file = home / "config.toml"
    file.write_text(file.read_text(encoding="utf-8") + ACCOUNTS, encoding="utf-8")
    settings = config.load(file)
    store = open_database(settings)
    with beside(settings, store, clock, port=0) as url:
        yield Site(url, store, clock, home)
    store.close()

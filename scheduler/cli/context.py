"""What every command begins with: the config, the database, the time and who is acting."""

from __future__ import annotations

import getpass
import os
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scheduler.clock import Clock, SystemClock
from scheduler.errors import FabuError, NotAllowed

if TYPE_CHECKING:
    from scheduler.config import Settings
    from scheduler.people import Actor
    from scheduler.store import Store

TOKEN_VARIABLE = "FABU_ACTOR_TOKEN"  # noqa: S105 - the name of the variable, not a token
TOKEN_MODE = 0o600
_chosen: ContextVar[Path | None] = ContextVar("chosen", default=None)


@dataclass(slots=True)
class Home:
    """An open home. Close it with `close()`, or use it in a `with`."""

    settings: Settings
    store: Store
    clock: Clock
    who: Actor | None

    @property
    def actor(self) -> Actor:
        """Who acts. Raises `NotAllowed` telling how to log in when nobody is logged in."""
        if self.who is None:
            raise NotAllowed("Nobody is logged in here. Log in first with: fabu login")
        return self.who

    def close(self) -> None:
        """Give back the database's connections."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, raised: BaseException | None, _trace: object) -> None:
        from sqlalchemy.exc import OperationalError

        self.close()
        if isinstance(raised, OperationalError):
            raise FabuError(
                "The database did not take this: {reason}. Nothing was changed by this step. Try "
                "again; if it stays so, look whether the disk is full and run: fabu doctor",
                reason=(str(raised.orig).splitlines()[0], {}),
            ) from raised


def choose_config(path: Path | None) -> None:
    """Remember what -c said, for this command line only."""
    _chosen.set(path)


def load_settings() -> Settings:
    """Read the config that -c, FABU_CONFIG or this folder names. Raises `ConfigError`."""
    from scheduler import config

    return config.load(config.find_config(_chosen.get()))


def open_home(*, actor: bool = True) -> Home:
    """Open the home: read its config, bring its database up to date, find out who acts.

    The accounts of config.toml are mirrored into the database on the way. With `actor=False`
    (daemon, login, status) nobody need be logged in; `Home.who` is then whoever is, or None.
    Raises `ConfigError`, and `NotAllowed` when nobody is logged in.
    """
    from scheduler.home import open_database

    settings = load_settings()
    store = open_database(settings)
    clock = SystemClock()
    try:
        who = _logged_in(settings, store, clock, must=actor)
    except BaseException:
        store.close()
        raise
    return Home(settings=settings, store=store, clock=clock, who=who)


def token_file(home: Path) -> Path:
    """Give the file that keeps the login of this user of this machine."""
    return home / f".login-{os_user()}"


def os_user() -> str:
    """Give the name of the operating system's user, fit for a file name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "user"
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)


def keep_token(home: Path, token: str) -> Path:
    """Write this user's login, readable by nobody else; give the file."""
    path = token_file(home)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, TOKEN_MODE), "w") as file:
        file.write(token + "\n")
    fresh.replace(path)
    return path


def is_terminal() -> bool:
    """Tell whether a person can be asked: standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def _logged_in(settings: Settings, store: Store, clock: Clock, *, must: bool) -> Actor | None:
    from scheduler import people

    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    path = token_file(settings.home)
    if not token and path.is_file():
        token = path.read_text(encoding="utf-8").strip()
    if not token:
        if not must:
            return None
        raise NotAllowed("Nobody is logged in here. Log in first with: fabu login")
    with store.read() as tx:
        try:
            return people.actor_of_token(tx, token, now=clock.now())
        except NotAllowed:
            if must:
                raise
            return None

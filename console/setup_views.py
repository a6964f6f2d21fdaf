"""How far the first hour has come: what is done, what is open, what comes next. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from scheduler import people, secrets
from scheduler.config import AccountSettings, Settings
from scheduler.daemon import NODE, running_nodes
from scheduler.errors import FabuError
from scheduler.people import Listed, Role
from scheduler.setup_form import CALLBACK_TOKEN
from scheduler.store.rules import POST

ORDER = ("bureau", "accounts", "people", "ledger")


@dataclass(frozen=True, slots=True)
class Line:
    """One account: `missing` are the secrets it cannot publish without, `fault` what is wrong."""

    name: str
    title: str
    channel: str
    missing: tuple[str, ...]
    fault: str
    takes_pushes: bool
    has_token: bool

    @property
    def ready(self) -> bool:
        """Whether nothing is missing here; the platform was not asked."""
        return not self.missing and not self.fault


@dataclass(frozen=True, slots=True)
class Progress:
    """The four steps. `stale` are running daemons that have not read the newest config.toml."""

    bureau: str
    accounts: tuple[Line, ...]
    writers: tuple[str, ...]
    reviewers: tuple[str, ...]
    two_people: bool
    imported: int
    nodes: tuple[str, ...]
    stale: tuple[str, ...]

    def done(self, step: str) -> bool:
        """Tell whether one of `ORDER` is done."""
        told = {
            "bureau": bool(self.bureau),
            "accounts": bool(self.accounts) and all(one.ready for one in self.accounts),
            "people": self.two_people,
            "ledger": bool(self.imported),
        }
        return told[step]

    @property
    def next(self) -> str:
        """The first step that is open, "" when all are done."""
        return next((step for step in ORDER if not self.done(step)), "")

    @property
    def enough(self) -> bool:
        """Whether work can begin: the ledger may come later."""
        return all(self.done(step) for step in ORDER[:3])


def read(tx: Connection, settings: Settings, now: datetime) -> Progress:
    """Read how far it has come."""
    listed = [one for one in people.list_people(tx) if one.active and one.has_password]
    rows = list(tx.execute(select(NODE)))
    running = running_nodes(rows, now)
    return Progress(
        bureau=settings.bureau,
        accounts=tuple(line(tx, settings, one) for one in settings.accounts.values()),
        writers=_names(listed, Role.author),
        reviewers=_names(listed, Role.reviewer),
        two_people=_two(listed),
        imported=int(tx.execute(_made_elsewhere()).scalar_one()),
        nodes=tuple(running),
        stale=tuple(_stale(rows, running, settings)),
    )


def line(tx: Connection, settings: Settings, account: AccountSettings) -> Line:
    """Read one account."""
    missing: tuple[str, ...] = ()
    fault, has_token = "", False
    try:
        values = secrets.get_all(tx, settings, account.name)
        missing = tuple(secrets.missing(settings, account.name, values))
        has_token = bool(secrets.get_extra(tx, settings, account.name, CALLBACK_TOKEN))
    except FabuError as error:
        fault = str(error)
    takes_pushes = CALLBACK_TOKEN in secrets.extra_of(settings, account.name)
    return Line(
        account.name, account.title, account.channel, missing, fault, takes_pushes, has_token
    )


def _names(listed: list[Listed], role: Role) -> tuple[str, ...]:
    return tuple(one.name for one in listed if role in one.roles)


def _two(listed: list[Listed]) -> bool:
    """Tell whether somebody can sign what somebody else wrote: nobody signs their own."""
    return any(
        writer.id != signer.id
        for writer in listed
        for signer in listed
        if Role.author in writer.roles and Role.reviewer in signer.roles
    )


def _made_elsewhere() -> Any:
    return select(func.count(POST.c.id)).where(POST.c.made_elsewhere)


def _stale(rows: list[Row[Any]], running: list[str], settings: Settings) -> list[str]:
    try:
        changed_at = datetime.fromtimestamp(settings.path.stat().st_mtime, UTC)
    except OSError:
        return []
    return [row.name for row in rows if row.name in running and row.started_at < changed_at]

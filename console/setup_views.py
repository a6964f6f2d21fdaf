"""How far the first hour has come: what is done, what is open, what comes next. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from scheduler import people, secrets, setup
from scheduler.checkup import Checkup, last_check
from scheduler.config import AccountSettings, Settings
from scheduler.daemon import NODE, config_taken_at, running_nodes
from scheduler.errors import FabuError
from scheduler.machine import State
from scheduler.people import Listed, Role
from scheduler.setup_form import CALLBACK_TOKEN, Asked
from scheduler.store.queue import posts_of
from scheduler.store.rules import ACCOUNT, DELIVERY, POST

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SOON = timedelta(seconds=10)
"""How long a daemon may take to read a changed config.toml: it looks every second."""
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
    asks_platform: bool
    check: Checkup | None

    @property
    def ready(self) -> bool:
        """Whether nothing is missing here, and no check found a fault since."""
        return not self.missing and not self.fault and (self.check is None or self.check.good)


@dataclass(frozen=True, slots=True)
class Progress:
    """The four steps. `stale` are running daemons that have not read the newest config.toml.

    `file_fault` says why a config.toml that was edited by hand is not taken up.
    """

    bureau: str
    accounts: tuple[Line, ...]
    writers: tuple[str, ...]
    reviewers: tuple[str, ...]
    two_people: bool
    imported: int
    nodes: tuple[str, ...]
    stale: tuple[str, ...]
    file_fault: str

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
    def count_done(self) -> int:
        """How many of the four are done."""
        return sum(self.done(step) for step in ORDER)

    @property
    def enough(self) -> bool:
        """Whether work can begin: the ledger may come later."""
        return all(self.done(step) for step in ORDER[:3])


def read(
    tx: Connection, settings: Settings, now: datetime, fault: FabuError | None = None
) -> Progress:
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
        stale=tuple(_stale(tx, rows, running, settings, now)),
        file_fault=str(fault) if fault else "",
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
        fault = error.sentence
    takes_pushes = CALLBACK_TOKEN in secrets.extra_of(settings, account.name)
    row = tx.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.name == account.name)).first()
    return Line(
        name=account.name,
        title=account.title,
        channel=account.channel,
        missing=missing,
        fault=fault,
        takes_pushes=takes_pushes,
        has_token=has_token,
        asks_platform=bool(secrets.fields_of(settings, account.name)),
        check=last_check(tx, row.id, account.name) if row is not None else None,
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


def _stale(
    tx: Connection, rows: list[Row[Any]], running: list[str], settings: Settings, now: datetime
) -> list[str]:
    """Name the daemons that had time to take up the newest file and have not."""
    try:
        changed_at = datetime.fromtimestamp(settings.path.stat().st_mtime, UTC)
    except OSError:
        return []
    if now - changed_at < SOON:
        return []
    mine = [row for row in rows if row.name in running and row.started_at < changed_at]
    return [row.name for row in mine if (config_taken_at(tx, row.name) or _NEVER) < changed_at]


# --- one account -------------------------------------------------------------------------------


def values(account: AccountSettings, asked: Iterable[Asked]) -> dict[str, str]:
    """Give what the file says of an account, as a form shows it."""
    found = {key: setup.value_of(account, key) for key in ("title", "api_base")}
    found |= {one.key: setup.value_of(account, one.key) for one in asked}
    return {key: _shown(value) for key, value in found.items()}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One delivery of an account that shall leave: `first` is the head's title."""

    id: int
    state: str
    held: bool
    due_at: datetime
    first: str
    count: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """What lies with an account: `open` must be settled first, `queued` will be held."""

    open: tuple[Waiting, ...]
    queued: tuple[Waiting, ...]


def leaving(tx: Connection, name: str) -> Leaving:
    """Read what lies with an account that shall be taken out of use."""
    states = [one.value for one in (*setup.OPEN, State.queued)]
    rows = tx.execute(
        select(DELIVERY)
        .join(ACCOUNT, ACCOUNT.c.id == DELIVERY.c.account_id)
        .where(ACCOUNT.c.name == name, DELIVERY.c.state.in_(states))
        .order_by(DELIVERY.c.due_at, DELIVERY.c.id)
    ).all()
    found = [_waiting(tx, row) for row in rows]
    queued = tuple(one for one in found if one.state == State.queued.value)
    return Leaving(tuple(one for one in found if one not in queued), queued)


def _waiting(tx: Connection, row: Row[Any]) -> Waiting:
    posts = posts_of(tx, row.id)
    first = posts[0].title if posts else ""
    return Waiting(row.id, row.state, row.held_for is not None, row.due_at, first, len(posts))

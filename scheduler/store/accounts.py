"""Accounts in the database: the mirror of config.toml, quota spent, rests.

The caps stand in the row so that claim can guard them in its WHERE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduler import events, notices
from scheduler.errors import NotFound
from scheduler.tables import Account, Spend, table

ACCOUNT = table(Account)
SPEND = table(Spend)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What the mirror writes of one configured account: the channel's limits as caps.

    `speaks_max` deliveries per `speaks_per` and `pushes_max` per `pushes_per` ("hour", "day",
    "month"); 0 and "" mean no cap.
    """

    name: str
    channel: str
    title: str
    gap_s: float = 0
    speaks_max: int = 0
    speaks_per: str = ""
    pushes_max: int = 0
    pushes_per: str = ""


def is_mirrored(tx: Connection, accounts: Sequence[AccountRow]) -> bool:
    """Tell whether `mirror` would change nothing: reading blocks no writer."""
    wanted = {account.name: asdict(account) for account in accounts}
    rows = tx.execute(select(ACCOUNT).where(ACCOUNT.c.recorded_only.is_(False), ACCOUNT.c.active))
    found = {row.name: {key: row._mapping[key] for key in AccountRow.__slots__} for row in rows}
    return wanted == found


def mirror(tx: Connection, accounts: Sequence[AccountRow]) -> None:
    """Make the table say what config.toml says.

    One that is recorded only becomes a full account when the config now has its name; one that
    left the config stays, with its posts, but is not active. Rests are left as they are.
    """
    for account in accounts:
        values = asdict(account) | {"recorded_only": False, "active": True}
        changed = tx.execute(update(ACCOUNT).where(ACCOUNT.c.name == account.name).values(values))
        if changed.rowcount == 0:
            blank = {"rests_until": None, "rest_reason": "", "needs_person": False}
            tx.execute(insert(ACCOUNT).values(values | blank))
    names = [account.name for account in accounts]
    tx.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.recorded_only.is_(False), ACCOUNT.c.name.not_in(names))
        .values(active=False)
    )


def by_name(tx: Connection, name: str) -> Row[Any]:
    """Give one account's row. Raises `NotFound` naming those there are."""
    row = tx.execute(select(ACCOUNT).where(ACCOUNT.c.name == name)).first()
    if row is None:
        known = tx.execute(select(ACCOUNT.c.name).order_by(ACCOUNT.c.name)).scalars()
        raise NotFound(
            "There is no account {name}. There are: {known}.",
            name=name,
            known=", ".join(known) or "-",
        )
    return row


def spend(tx: Connection, account_id: int, day: date, call: str) -> int:
    """Count one platform call on a Beijing day; give how many of this call there are now."""
    postgres = tx.dialect.name == "postgresql"
    fresh = (postgresql if postgres else sqlite).insert(SPEND)
    counted = (
        fresh.values(account_id=account_id, day=day, call=call, count=1)
        .on_conflict_do_update(
            index_elements=["account_id", "day", "call"], set_={"count": SPEND.c.count + 1}
        )
        .returning(SPEND.c.count)
    )
    return int(tx.execute(counted).scalar_one())


def spent(tx: Connection, account_id: int, since: date, call: str | None = None) -> int:
    """Give how many calls were made from a Beijing day on: of one kind, or of all (`None`)."""
    query = select(func.coalesce(func.sum(SPEND.c.count), 0)).where(
        SPEND.c.account_id == account_id, SPEND.c.day >= since
    )
    if call is not None:
        query = query.where(SPEND.c.call == call)
    return int(tx.execute(query).scalar_one())


def rest(
    tx: Connection,
    account_id: int,
    until: datetime | None,
    reason: str,
    needs_person: bool = False,  # noqa: FBT001, FBT002 - part of the store's fixed interface
    *,
    now: datetime | None = None,
    by: str = "",
) -> None:
    """Let an account rest: nothing is claimed before `until`, or until a person acts.

    With `now` and `by` (an actor's or node's mark) the history tells of it.
    """
    tx.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.id == account_id)
        .values(rests_until=until, rest_reason=reason, needs_person=needs_person)
    )
    if now is not None:
        _tell(tx, account_id, "rest", now, by=by, code=reason)


def wake(tx: Connection, account_id: int, *, now: datetime | None = None, by: str = "") -> bool:
    """End an account's rest; tell whether it had one."""
    changed = tx.execute(
        update(ACCOUNT)
        .where(
            ACCOUNT.c.id == account_id,
            ACCOUNT.c.rests_until.is_not(None) | ACCOUNT.c.needs_person,
        )
        .values(rests_until=None, rest_reason="", needs_person=False)
    )
    if changed.rowcount and now is not None:
        _tell(tx, account_id, "wake", now, by=by)
        notices.done(tx, "account", account_id, now)
    return bool(changed.rowcount)


def _tell(
    tx: Connection, account_id: int, verb: str, now: datetime, *, by: str, code: str = ""
) -> None:
    line = events.Line("account", account_id, verb, by, now, account_id=account_id, code=code)
    events.write(tx, line)

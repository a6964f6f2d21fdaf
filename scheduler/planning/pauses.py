"""Pauses: nothing leaves while one covers the account; lifting one sends nothing by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, insert, or_, select, update

from scheduler import events
from scheduler.errors import Conflict, InputError
from scheduler.people import Actor, Role, require
from scheduler.store import accounts
from scheduler.tables import Account, Pause, fresh, table

PAUSE, ACCOUNT = table(Pause), table(Account)
SENT_TWICE = timedelta(seconds=10)
STOPPERS = (Role.operator, Role.reviewer, Role.leader)


def start(
    tx: Connection,
    account: str | None,
    *,
    reason: str,
    now: datetime,
    actor: Actor,
    until: datetime | None = None,
) -> int:
    """Stop one account (or all, with None) from now on; give the pause's id.

    A request that is already armed is on its way and cannot be stopped; one that still prepares
    is stopped before it speaks.
    """
    require(actor, *STOPPERS)
    reason = events.reason(reason)
    if not reason:
        raise InputError("Say why: a pause needs a reason that others can read.")
    if until is not None and until <= now:
        raise InputError("A pause must end after it begins: give a later time.")
    account_id = accounts.by_name(tx, account).id if account else None
    if (same := _sent_twice(tx, account_id, reason, until, now=now, actor=actor)) is not None:
        return same
    values = fresh(
        Pause,
        account_id=account_id,
        from_at=now,
        until_at=until,
        reason=reason,
        person_id=actor.id or None,
    )
    pause_id = int(tx.execute(insert(PAUSE).values(**values).returning(PAUSE.c.id)).scalar_one())
    _tell(tx, pause_id, "pause", account_id, now, actor, reason=reason)
    return pause_id


def _sent_twice(
    tx: Connection,
    account_id: int | None,
    reason: str,
    until: datetime | None,
    *,
    now: datetime,
    actor: Actor,
) -> int | None:
    """Find the pause this is the second press of: one stop is one line of the history."""
    query = select(PAUSE.c.id).where(
        PAUSE.c.account_id == account_id,
        PAUSE.c.person_id == (actor.id or None),
        PAUSE.c.reason == reason,
        PAUSE.c.until_at == until,
        PAUSE.c.lifted_at.is_(None),
        PAUSE.c.from_at > now - SENT_TWICE,
    )
    found: int | None = tx.execute(query.limit(1)).scalar()
    return found


def lift(tx: Connection, account: str | None, *, now: datetime, actor: Actor) -> int:
    """Lift the pauses of one account, or with None those of all accounts together; how many."""
    require(actor, Role.operator)
    account_id = accounts.by_name(tx, account).id if account else None
    mine = PAUSE.c.account_id.is_(None) if account is None else PAUSE.c.account_id == account_id
    lifted = list(
        tx.execute(
            update(PAUSE)
            .where(PAUSE.c.lifted_at.is_(None), mine)
            .where(or_(PAUSE.c.until_at.is_(None), PAUSE.c.until_at > now))
            .values(lifted_at=now)
            .returning(PAUSE.c.id)
        ).scalars()
    )
    if not lifted:
        raise Conflict("Nothing is stopped there any more.", command="fabu status")
    for pause_id in lifted:
        _tell(tx, pause_id, "resume", account_id, now, actor)
    return len(lifted)


def in_force(tx: Connection, now: datetime) -> list[Row[tuple[object, ...]]]:
    """Give the pauses in force, with the account's name (None: all accounts)."""
    query = (
        select(PAUSE, ACCOUNT.c.name.label("account"))
        .outerjoin(ACCOUNT, ACCOUNT.c.id == PAUSE.c.account_id)
        .where(PAUSE.c.lifted_at.is_(None), PAUSE.c.from_at <= now)
        .where(or_(PAUSE.c.until_at.is_(None), PAUSE.c.until_at > now))
    )
    return list(tx.execute(query.order_by(PAUSE.c.id)))


def _tell(
    tx: Connection,
    pause_id: int,
    verb: str,
    account_id: int | None,
    at: datetime,
    actor: Actor,
    *,
    reason: str = "",
) -> None:
    line = events.Line(
        kind="pause",
        subject_id=pause_id,
        verb=verb,
        actor=actor.mark,
        at=at,
        account_id=account_id,
        detail={"reason": reason},
    )
    events.write(tx, line)

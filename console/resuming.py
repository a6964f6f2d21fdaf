"""What a stop holds back, and what lifting it would do. Reads only; lifting is planning's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from console import format as said
from console.frame import Pause, read_pauses
from scheduler.clock import day_end
from scheduler.machine import State
from scheduler.store import listing
from scheduler.store.rules import ACCOUNT, DELIVERY


@dataclass(frozen=True, slots=True)
class Held:
    """One queued delivery under a stop."""

    id: int
    account: str
    title: str
    count: int
    due_at: datetime
    late_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """One pause, and the queue under it: too late already, leaving at once, leaving at its time.

    `also` tells that another stop would still hold all of it.
    """

    pause: Pause
    missed: tuple[Held, ...]
    at_once: tuple[Held, ...]
    later: tuple[Held, ...]
    also: bool


def read_plans(tx: Connection, now: datetime) -> list[Plan]:
    """Give a plan for every pause in force."""
    found = read_pauses(tx, now)
    return [_plan(tx, pause, found, now) for pause in found]


def _plan(tx: Connection, pause: Pause, found: list[Pause], now: datetime) -> Plan:
    held = _held(tx, pause.account, since=pause.since)
    others = [one for one in found if one is not pause]
    waits = [one for one in held if one.late_at > now]
    return Plan(
        pause=pause,
        missed=tuple(one for one in held if one.late_at <= now),
        at_once=tuple(one for one in waits if one.due_at <= now),
        later=tuple(one for one in waits if one.due_at > now),
        also=any(one.account in ("", pause.account) for one in others),
    )


def _held(tx: Connection, account: str, *, since: datetime) -> list[Held]:
    """Give what waits under a stop, and what was missed since it began."""
    missed = (DELIVERY.c.state == State.missed.value) & (DELIVERY.c.late_at >= since)
    query = (
        select(DELIVERY, ACCOUNT.c.title.label("account_title"), ACCOUNT.c.channel)
        .join(ACCOUNT, ACCOUNT.c.id == DELIVERY.c.account_id)
        .where((DELIVERY.c.state == State.queued.value) | missed)
        .order_by(DELIVERY.c.due_at, DELIVERY.c.id)
    )
    if account:
        query = query.where(ACCOUNT.c.name == account)
    rows = tx.execute(query).all()
    members = listing.members_of(tx, [row.id for row in rows]) if rows else {}
    held = []
    for row in rows:
        posts = members.get(row.id, [])
        head = posts[0].title if posts else ""
        where = said.account(row.account_title, row.channel)
        held.append(Held(row.id, where, head, len(posts), row.due_at, row.late_at))
    return held


def waiting_today(tx: Connection, now: datetime) -> int:
    """Give how many deliveries a stop of everything would hold back today."""
    query = select(DELIVERY.c.id).where(
        DELIVERY.c.state.in_((State.queued.value, State.publishing.value)),
        DELIVERY.c.due_at < day_end(now),
    )
    return len(tx.execute(query).all())

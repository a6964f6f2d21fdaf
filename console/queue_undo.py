"""Undo for ten seconds: what was done stands in the address; the opposite verb takes it back.

Nothing here goes round the machine: undoing is another verb with its own rights and history. So a
made-up address can do no more than the person may do anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, select

from scheduler.errors import Conflict, InputError
from scheduler.machine import State, Verb
from scheduler.people import Actor
from scheduler.planning import place
from scheduler.store.moves import read
from scheduler.store.rules import DELIVERY, EVENT

SHOWN = timedelta(seconds=10)
TAKEN = timedelta(seconds=15)
"""A little longer than the button is shown: a click needs its time on the way."""
IDS_MAX = 100
VERBS = ("hold", "unhold", "cancel", "move")
LEAVES = {
    "cancel": (Verb.cancel.value, Verb.recall.value),
    "move": (Verb.edit.value,),
}
"""Which verb stands in the history, where it is another word."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What was done: the verb, each delivery with the time (UTC) it had before, and when."""

    verb: str
    before: Mapping[int, datetime]
    at: datetime

    @property
    def ids(self) -> tuple[int, ...]:
        """Give the deliveries."""
        return tuple(self.before)

    def mark(self) -> str:
        """Write it for an address."""
        told = (f"{one}@{due_at.timestamp():.0f}" for one, due_at in self.before.items())
        return f"{self.verb}:{','.join(told)}:{self.at.timestamp():.0f}"


def with_undo(address: str, verb: str, before: Mapping[int, datetime], now: datetime) -> str:
    """Add to an address that this can be undone, where the machine allows it.

    `before` gives each delivery's time before it was done.
    """
    if verb not in VERBS or not before or len(before) > IDS_MAX:
        return address
    mark = quote(Undo(verb, before, now).mark(), safe=":,@")
    return f"{address}{'&' if '?' in address else '?'}undo={mark}"


def parse(mark: str) -> Undo | None:
    """Read what an address says was done; None for anything else."""
    verb, _colon, rest = mark.partition(":")
    told, _colon, stamp = rest.partition(":")
    pairs = [one.partition("@") for one in told.split(",")][:IDS_MAX]
    numbers = [stamp, *(number for one, _at, due in pairs for number in (one, due))]
    if verb not in VERBS or not all(_is_number(one) for one in numbers):
        return None
    before = {int(one): _moment(due) for one, _at, due in pairs}
    return Undo(verb, before, _moment(stamp))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12


def _moment(stamp: str) -> datetime:
    return datetime.fromtimestamp(int(stamp), UTC)


def offered(tx: Connection, mark: str, now: datetime) -> Undo | None:
    """Give what may still be undone: done within ten seconds, and still as it was left."""
    undo = parse(mark) if mark else None
    if undo is None or not timedelta(0) <= now - undo.at < SHOWN + timedelta(seconds=1):
        return None
    if undo.verb == "move" and min(undo.before.values()) < now:
        return None  # a time that is past is given to nothing
    rows = tx.execute(select(DELIVERY).where(DELIVERY.c.id.in_(undo.ids))).all()
    stand = len(rows) == len(undo.ids) and all(_stands(undo.verb, row) for row in rows)
    return undo if stand else None


def _stands(verb: str, row: Row[Any]) -> bool:
    """Tell whether a delivery is as the verb left it, and may go back."""
    if verb == "cancel":
        return bool(row.state == State.cancelled.value)
    if row.state != State.queued.value:
        return False
    if verb == "move":
        return row.frozen_at is None
    return (row.held_for is not None) == (verb == "hold")


def take_back(tx: Connection, mark: str, *, now: datetime, actor: Actor) -> int:
    """Undo it; give how many. Raises `Conflict` when the ten seconds are over."""
    undo = parse(mark)
    if undo is None:
        raise InputError("There is nothing to undo here.")
    for delivery_id, due_at in undo.before.items():
        done_at = _done_at(tx, undo.verb, delivery_id)
        if done_at is None or now - done_at > TAKEN:
            raise Conflict(
                "The ten seconds for undoing are over. Open delivery {id} to see what can be done"
                " now.",
                id=delivery_id,
            )
        if undo.verb == "hold":
            place.unhold(tx, delivery_id, now=now, actor=actor)
        elif undo.verb == "unhold":
            place.hold(tx, delivery_id, _held_before(tx, delivery_id), now=now, actor=actor)
        elif undo.verb == "move":
            place.move(tx, delivery_id, due_at, now=now, actor=actor)
        else:
            again_at = max(read(tx, delivery_id).due_at, now)
            place.requeue(tx, delivery_id, again_at, now=now, actor=actor)
    return len(undo.before)


def _done_at(tx: Connection, verb: str, delivery_id: int) -> datetime | None:
    verbs = LEAVES.get(verb, (verb,))
    if not _stands(verb, read(tx, delivery_id)):
        return None
    found: datetime | None = tx.execute(
        select(EVENT.c.at)
        .where(
            EVENT.c.kind == "delivery",
            EVENT.c.subject_id == delivery_id,
            EVENT.c.verb.in_(verbs),
        )
        .order_by(EVENT.c.id.desc())
        .limit(1)
    ).scalar()
    return found


def _held_before(tx: Connection, delivery_id: int) -> str:
    code = tx.execute(
        select(EVENT.c.code)
        .where(
            EVENT.c.kind == "delivery",
            EVENT.c.subject_id == delivery_id,
            EVENT.c.verb == Verb.hold.value,
        )
        .order_by(EVENT.c.id.desc())
        .limit(1)
    ).scalar()
    return str(code or "person")

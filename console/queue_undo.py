"""Undo for ten seconds: what was done stands in the address; the opposite verb takes it back.

Nothing here goes round the machine: undoing is another verb with its own rights and history. So a
made-up address can do no more than the person may do anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sqlalchemy import Connection, select

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
VERBS = ("hold", "unhold", "cancel")


@dataclass(frozen=True, slots=True)
class Undo:
    """What was done: the verb, the deliveries and when (UTC)."""

    verb: str
    ids: tuple[int, ...]
    at: datetime

    def mark(self) -> str:
        """Write it for an address."""
        return f"{self.verb}:{','.join(map(str, self.ids))}:{int(self.at.timestamp())}"


def with_undo(address: str, verb: str, ids: Sequence[int], now: datetime) -> str:
    """Add to an address that this can be undone, where the machine allows it."""
    if verb not in VERBS or not ids or len(ids) > IDS_MAX:
        return address
    mark = quote(Undo(verb, tuple(ids), now).mark(), safe=":,")
    return f"{address}{'&' if '?' in address else '?'}undo={mark}"


def parse(mark: str) -> Undo | None:
    """Read what an address says was done; None for anything else."""
    verb, _colon, rest = mark.partition(":")
    ids, _colon, stamp = rest.partition(":")
    numbers = [*ids.split(","), stamp]
    if verb not in VERBS or not all(_is_number(one) for one in numbers):
        return None
    found = tuple(int(one) for one in numbers[:-1])
    return Undo(verb, found[:IDS_MAX], datetime.fromtimestamp(int(stamp), UTC))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12


def offered(tx: Connection, mark: str, now: datetime) -> Undo | None:
    """Give what may still be undone: done within ten seconds, and still as it was left."""
    undo = parse(mark) if mark else None
    if undo is None or not timedelta(0) <= now - undo.at < SHOWN + timedelta(seconds=1):
        return None
    return undo if all(_stands(tx, undo.verb, one) for one in undo.ids) else None


def _stands(tx: Connection, verb: str, delivery_id: int) -> bool:
    row = tx.execute(select(DELIVERY).where(DELIVERY.c.id == delivery_id)).first()
    if row is None:
        return False
    if verb == "cancel":
        return bool(row.state == State.cancelled.value)
    held = row.held_for is not None
    return bool(row.state == State.queued.value) and held == (verb == "hold")


def take_back(tx: Connection, mark: str, *, now: datetime, actor: Actor) -> int:
    """Undo it; give how many. Raises `Conflict` when the ten seconds are over."""
    undo = parse(mark)
    if undo is None:
        raise InputError("There is nothing to undo here.")
    for delivery_id in undo.ids:
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
        else:
            due_at = max(read(tx, delivery_id).due_at, now)
            place.requeue(tx, delivery_id, due_at, now=now, actor=actor)
    return len(undo.ids)


def _done_at(tx: Connection, verb: str, delivery_id: int) -> datetime | None:
    verbs = (Verb.cancel.value, Verb.recall.value) if verb == "cancel" else (verb,)
    if not _stands(tx, verb, delivery_id):
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

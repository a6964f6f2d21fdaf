"""What an ending means for the delivery: one pure table, then one guarded write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.contract import (
    Accepted,
    Busy,
    Doubt,
    Ending,
    Limits,
    Receipt,
    Refused,
    Stopped,
    Unreachable,
)
from scheduler import notices
from scheduler.dispatch.context import Context, backoff_s
from scheduler.dispatch.editions import regroup_refused
from scheduler.machine import State, Verb
from scheduler.store import accounts
from scheduler.store import flight as flights
from scheduler.store.flight import Flight
from scheduler.store.moves import DeliveryRow, lock, move
from scheduler.store.settle import Proof, proven
from scheduler.words import moment

HAND_LOOK_S = 600
"""How often we look whether a pack in a person's hands has left the draft box."""
Outcome = Receipt | Accepted | Ending | Stopped


@dataclass(frozen=True, slots=True)
class Step:
    """The edge to take: verb and target, the next alarm, and what to write besides."""

    verb: Verb
    target: State
    code: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)


def told(ending: Ending) -> dict[str, object]:
    """Give an ending's words as event detail."""
    words = {"text": ending.words.text, "params": plain_params(ending.words.params)}
    told: dict[str, object] = {**words, "raw": ending.raw}
    if isinstance(ending, Refused) and ending.guilty:
        told |= {"guilty": list(ending.guilty), "person": ending.person}
    return told


def plain_params(params: Mapping[str, object]) -> dict[str, object]:
    """Give parameters in a form that JSON can keep."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    return value if isinstance(value, (str, int, float, bool, list, tuple)) else str(value)


def proofs_of(receipt: Receipt) -> list[Proof]:
    """Give the store's form of a receipt."""
    return [Proof(out.remote_id, out.link, out.published_at) for out in receipt.posts]


def after(now: datetime, seconds: float) -> datetime:
    """Give the moment `seconds` from now."""
    return now + timedelta(seconds=seconds)


def first_look(limits: Limits, now: datetime) -> datetime:
    """Give when to look first after a doubt."""
    return after(now, limits.looks_s[0] if limits.looks_s else 60)


def decide(
    outcome: Ending | Stopped,
    *,
    failures: int,
    armed: bool,
    now: datetime,
    wait_s: float,
    look_at: datetime | None,
) -> Step:
    """Say which edge an ending takes. Pure.

    `wait_s` is the backoff, jitter included; `look_at` the next look should this be a doubt
    (None: the looks are used up, a person must).
    """
    again = {"next_at": after(now, wait_s), "failures": failures + 1}
    match outcome:
        case Stopped():
            if armed:  # cut off after speaking may have begun
                return Step(Verb.doubt, State.uncertain, "stopped", values={"next_at": look_at})
            # May not leave now: fall-out and the claim's guards say what comes next.
            return Step(Verb.release, State.queued, "stopped", values={"next_at": now})
        case Refused():
            return Step(Verb.refuse, State.failed, outcome.code, told(outcome))
        case Busy():
            wait = max(wait_s, outcome.not_before_s or 0)
            values = again | {"next_at": after(now, wait)}
            return Step(Verb.postpone, State.queued, outcome.code, told(outcome), values)
        case Unreachable():
            return Step(Verb.retry, State.queued, outcome.code, told(outcome), again)
        case Doubt():
            values = {"next_at": look_at}
            return Step(Verb.doubt, State.uncertain, outcome.code, told(outcome), values)
    assert isinstance(outcome, Ending)  # a fifth ending would be a bug of the contract
    code = outcome.code
    if armed:
        values = {"next_at": look_at}
        return Step(Verb.doubt, State.uncertain, code, told(outcome), values)
    return Step(Verb.retry, State.queued, code, told(outcome), again)


def settle(ctx: Context, flight: Flight, outcome: Outcome, limits: Limits) -> State | None:
    """Write what became of an attempt; None: it was not ours any more (and said nothing new)."""
    now = ctx.clock.now()
    with ctx.store.write() as tx:
        if isinstance(outcome, Receipt):
            proven(
                tx,
                flight.row.id,
                proofs_of(outcome),
                now=now,
                actor=ctx.actor,
                attempt=flight.row.attempt,
                rules=ctx.rules,
            )
            return State.published
        if isinstance(outcome, Accepted):
            return _accepted(ctx, tx, flight, outcome, limits, now)
        return _ended(ctx, tx, flight, outcome, limits, now)


def _accepted(
    ctx: Context, tx: Connection, flight: Flight, outcome: Accepted, limits: Limits, now: datetime
) -> State | None:
    row = lock(tx, flight.row.id)
    newest = row.attempt == flight.row.attempt or "attempt" not in ctx.rules.fence
    if not newest or row.state not in (State.publishing.value, State.uncertain.value):
        return None
    values = acceptance(outcome, limits, now)
    # Handing over to a person is not armed: this is the last moment to ask the truth (I7, I9).
    unarmed = outcome.by == "person" and row.armed_at is None
    landed = move(
        tx,
        row,
        Verb.receipt,
        now=now,
        actor=ctx.actor,
        target=State.accepted,
        detail={"job": outcome.job},
        values=values,
        where=flights.still_true(flight, now, ctx.rules) if unarmed else (),
        rules=ctx.rules,
    )
    if landed is None and unarmed:
        return _ended(ctx, tx, flight, Stopped(), limits, now)
    if landed is not None:
        for name, value in {"job": outcome.job, **outcome.kept}.items():
            flights.keep(tx, flight, name, value, now=now)
    return landed


def acceptance(outcome: Accepted, limits: Limits, now: datetime) -> dict[str, object]:
    """Give what is written on a row that enters `accepted`."""
    by_person = outcome.by == "person"
    polls = limits.accepted_looks_s or limits.looks_s or (60,)
    return {
        "accepted_by": outcome.by,
        "accepted_at": now,
        "looks": 0,
        "next_at": after(now, HAND_LOOK_S if by_person else polls[0]),
        "awaits": "author" if by_person else "",
    }


def _ended(
    ctx: Context,
    tx: Connection,
    flight: Flight,
    outcome: Ending | Stopped,
    limits: Limits,
    now: datetime,
) -> State | None:
    row = flights.own(tx, flight, ctx.rules)
    if row is None:
        return None
    armed = row.armed_at is not None
    wait_s = backoff_s(row.failures, ctx.policy, ctx.rng)
    # A repeat that ends in doubt goes on with the looks where they stood.
    look_at = next_look(row, limits, now) if row.doubted_at else first_look(limits, now)
    step = decide(
        outcome, failures=row.failures, armed=armed, now=now, wait_s=wait_s, look_at=look_at
    )
    if landed_uncertain(row, step):
        step = replace(step, values=dict(step.values) | {"next_at": look_at})
    landed = take(ctx, tx, row, step, now)
    if landed is not None and isinstance(outcome, Busy):
        _rest(ctx, tx, row, outcome, after(now, max(wait_s, outcome.not_before_s or 0)))
    if landed is State.failed and isinstance(outcome, Refused):
        regroup_refused(ctx, tx, row, now)
    return landed


def landed_uncertain(row: DeliveryRow, step: Step) -> bool:
    """Tell whether the doubt on the row will keep it uncertain whatever the step says."""
    return row.doubted_at is not None and step.target is not State.published


def _rest(ctx: Context, tx: Connection, row: DeliveryRow, busy: Busy, until: datetime) -> None:
    """Let the whole account rest where the ending speaks of the account, or of a person."""
    if not (busy.account_wide or busy.person):
        return
    now = ctx.clock.now()
    accounts.rest(
        tx,
        row.account_id,
        until=until,
        reason=busy.code,
        needs_person=busy.person,
        now=now,
        by=ctx.actor,
    )
    if busy.person:
        notices.tell(
            tx,
            role="operator",
            code="account_rests",
            now=now,
            kind="account",
            subject_id=row.account_id,
            detail=told(busy),
        )


def next_look(
    row: DeliveryRow, limits: Limits, now: datetime, *, counted: bool = True
) -> datetime | None:
    """Give the next look by the channel's table; None when a person must look. Pure.

    Looks that could not be made (`counted` false) do not use up the table.
    """
    if row.accepted_by == "person":
        return after(now, HAND_LOOK_S)
    if row.state == State.accepted.value:
        table_s = tuple(limits.accepted_looks_s or limits.looks_s or (60,))
        start, at = row.accepted_at or now, row.looks
        if at < len(table_s):
            return max(after(start, table_s[at]), now + timedelta(seconds=1))
        return after(now, max(table_s[-1], 60))
    if not counted:
        return after(now, 300)
    table_s = tuple(limits.looks_s)
    if row.looks < len(table_s):
        return max(after(row.doubted_at, table_s[row.looks]), now + timedelta(seconds=1))
    return None


def take(ctx: Context, tx: Connection, row: DeliveryRow, step: Step, now: datetime) -> State | None:
    """Take one edge."""
    return move(
        tx,
        row,
        step.verb,
        now=now,
        actor=ctx.actor,
        target=step.target,
        code=step.code,
        detail=step.detail,
        values=step.values,
        rules=ctx.rules,
    )

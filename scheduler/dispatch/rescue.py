"""The side room: rows nobody settled. Lapses, misses, looks, repeats."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.contract import (
    N_,
    Accepted,
    Busy,
    Channel,
    Ending,
    Gone,
    Limits,
    Pending,
    Receipt,
    Refused,
    Unseen,
    Words,
)
from scheduler.dispatch import attempt
from scheduler.dispatch.context import Context, delivery_of
from scheduler.dispatch.editions import regroup_refused
from scheduler.dispatch.line import LookLine
from scheduler.dispatch.settle import (
    Step,
    acceptance,
    first_look,
    next_look,
    plain_params,
    proofs_of,
    take,
    told,
)
from scheduler.errors import FabuError
from scheduler.machine import State, Verb
from scheduler.store import flight as flights
from scheduler.store import settle as settled
from scheduler.store.moves import DeliveryRow, move, read
from scheduler.store.queue import posts_of

LOG = logging.getLogger("fabu.dispatch")
FIRST_LOOK = timedelta(seconds=60)
OTHERS = N_("What was found belongs to another post of this account.")
Seen = Accepted | Pending | Unseen | Gone | Ending


def reap(ctx: Context, *, own: bool = False) -> int:
    """Settle claims nobody will finish: lapsed leases, or with `own` all of this node's.

    Unarmed: certainly not said, back to the queue. Armed: perhaps said, so uncertain.
    """
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        rows = settled.lapsed(tx, now=now, node=ctx.node if own else None)
    for row in rows:
        with ctx.store.write() as tx:
            _reap(ctx, tx, row, now)
    return len(rows)


def _reap(ctx: Context, tx: Connection, row: DeliveryRow, now: datetime) -> None:
    if row.armed_at is None:
        step = Step(Verb.release, State.queued, "lapsed", values={"next_at": now})
    else:
        # No channel is asked for its table here: one account that cannot be opened must not
        # keep the others' claims from being settled.
        values = {"next_at": now + FIRST_LOOK, "looks": 0}
        step = Step(Verb.lapse, State.uncertain, "lapsed", values=values)
    take(ctx, tx, row, step, now)


def miss(ctx: Context) -> int:
    """End what is later than its limit: it is never sent late by itself."""
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        rows = settled.too_late(tx, now=now)
    for row in rows:
        if row.state == State.accepted.value and _left_by_hand(ctx, row):
            continue
        with ctx.store.write() as tx:
            take(ctx, tx, row, Step(Verb.miss, State.missed, "late"), now)
    return len(rows)


def _left_by_hand(ctx: Context, row: DeliveryRow) -> bool:
    """Look once more before a hand-over is called missed: its draft may have been sent."""
    with ctx.store.read() as tx:
        if not any(kept.name == "draft" for kept in flights.kept(tx, row.id)):
            return False
    look(ctx, row)
    with ctx.store.read() as tx:
        return bool(read(tx, row.id).state != row.state)


def due_looks(ctx: Context) -> list[DeliveryRow]:
    """Reserve the looks whose alarm has rung; each is then carried out with `look`."""
    now = ctx.clock.now()
    until = now + timedelta(seconds=ctx.policy.look_s)
    with ctx.store.read() as tx:
        rows = settled.alarms(tx, now=now)
    taken = []
    for row in rows:
        with ctx.store.write() as tx:
            if settled.take_look(tx, row, until=until, now=now):
                taken.append(read(tx, row.id))
    return taken


def look(ctx: Context, row: DeliveryRow) -> State | None:
    """Ask the platform what became of one delivery, and write down what it said."""
    try:
        channel = ctx.channel_of(row.account_id)
    except FabuError as error:
        _cannot_ask(ctx, row, error)
        return None
    seen = _ask(ctx, row, channel)
    now = ctx.clock.now()
    with ctx.store.write() as tx:
        fresh = read(tx, row.id)
        if isinstance(seen, Receipt) and settled.taken_elsewhere(tx, fresh, proofs_of(seen)):
            seen = Unseen(Words(OTHERS, {}))
        if isinstance(seen, Receipt):
            settled.proven(
                tx,
                row.id,
                proofs_of(seen),
                now=now,
                actor=ctx.actor,
                verb=Verb.see,
                rules=ctx.rules,
            )
            return State.published
        if fresh.state != row.state or fresh.attempt != row.attempt:
            return None
        again = _write_down(ctx, tx, fresh, seen, channel.limits, now)
    if again:
        return _repeat(ctx, row.id)
    return None


def _cannot_ask(ctx: Context, row: DeliveryRow, error: FabuError) -> None:
    """Give a row whose account cannot be opened to a person, with the reason."""
    detail = {"text": error.text, "params": plain_params(error.params)}
    with ctx.store.write() as tx:
        settled.next_alarm(
            tx,
            row,
            next_at=None,
            code="account",
            now=ctx.clock.now(),
            detail=detail,
            looks=row.looks,
        )


def _ask(ctx: Context, row: DeliveryRow, channel: Channel) -> Receipt | Seen:
    with ctx.store.read() as tx:
        posts = posts_of(tx, row.id)
        delivery = delivery_of(tx, row, posts, with_data=False)
    line = LookLine(ctx, row.account_id, channel.limits, row.id, row.edition_digest)
    try:
        return channel.look(delivery, line)
    except Ending as ending:
        return ending
    except Exception as error:  # around one look, as around one attempt
        LOG.exception("look at delivery %s stopped by a fault", row.id)
        text = N_("The program met a fault of its own ({fault}) while looking.")
        return Busy("bug", Words(text, {"fault": type(error).__name__}), not_before_s=600)


def _write_down(
    ctx: Context, tx: Connection, row: DeliveryRow, seen: Seen, limits: Limits, now: datetime
) -> bool:
    """Write what was seen; True when the same may now be said again with the same key."""
    uncertain = row.state == State.uncertain.value
    if isinstance(seen, Accepted) and (uncertain or not _speechless(ctx, row, seen, now)):
        _see_accepted(ctx, tx, row, seen, limits, now)
        return False
    if isinstance(seen, Refused) and not uncertain:
        step = Step(Verb.refuse, State.failed, seen.code, told(seen))
        if take(ctx, tx, row, step, now) is State.failed:
            regroup_refused(ctx, tx, row, now)
        return False
    code = "pending"
    if isinstance(seen, Ending):
        code = seen.code
        detail = told(seen)
    else:
        code = "unseen" if isinstance(seen, Unseen | Gone) else "pending"
        detail = {} if isinstance(seen, Accepted) else _words(seen)
    if not uncertain and _speechless(ctx, row, seen, now):
        values = {"next_at": first_look(limits, now), "looks": 0}
        by_person = row.accepted_by == "person"
        verb, code = (Verb.recall, "draft_gone") if by_person else (Verb.doubt, "silent")
        take(ctx, tx, row, Step(verb, State.uncertain, code, detail, values), now)
        return False
    counted = not isinstance(seen, Ending) or isinstance(seen, Refused)
    next_at = next_look(row, limits, now, counted=counted)
    looks = row.looks if counted else row.looks - 1  # `take_look` counted it beforehand
    settled.next_alarm(tx, row, next_at=next_at, code=code, now=now, detail=detail, looks=looks)
    return uncertain and isinstance(seen, Unseen | Gone) and row.repeatable


def _words(seen: Pending | Unseen | Gone) -> dict[str, object]:
    return {"text": seen.words.text, "params": plain_params(seen.words.params)}


def _speechless(ctx: Context, row: DeliveryRow, seen: Seen, now: datetime) -> bool:
    """Tell whether an accepted row becomes a doubt: a job mute for a day, a draft that is gone."""
    if row.accepted_by == "person":
        return isinstance(seen, Gone)
    since = row.accepted_at
    return since is not None and now - since >= timedelta(seconds=ctx.policy.silent_s)


def _see_accepted(
    ctx: Context, tx: Connection, row: DeliveryRow, seen: Accepted, limits: Limits, now: datetime
) -> None:
    if row.state == State.uncertain.value:
        values = acceptance(seen, limits, now)
        move(
            tx,
            row,
            Verb.see,
            now=now,
            actor=ctx.actor,
            target=State.accepted,
            values=values,
            detail={"job": seen.job},
            rules=ctx.rules,
        )
        mark = flights.Mark(row.edition_digest)
        for name, value in {"job": seen.job, **seen.kept}.items():
            flights.keep_under(tx, row, mark, name, value, now=now)
    else:
        settled.next_alarm(
            tx,
            row,
            next_at=next_look(row, limits, now, counted=True),
            code="pending",
            now=now,
            detail={},
            looks=row.looks,
        )


def _repeat(ctx: Context, delivery_id: int) -> State | None:
    """Say it again with the same key, where every guard of claim holds."""
    lease_s = ctx.policy.prepare_s + ctx.policy.speak_s
    with ctx.store.write() as tx:
        flight = flights.repeat(
            tx, delivery_id, now=ctx.clock.now(), node=ctx.node, lease_s=lease_s, rules=ctx.rules
        )
    return attempt.run(ctx, flight) if flight else None

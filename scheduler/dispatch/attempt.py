"""One attempt: read, prepare, arm, speak, settle. Nothing is held across a network call."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from channels.contract import (
    N_,
    Accepted,
    Busy,
    Channel,
    Delivery,
    Doubt,
    Ending,
    Limits,
    Receipt,
    Stopped,
    Unreachable,
    Words,
)
from scheduler import events
from scheduler.dispatch.context import Context, delivery_of
from scheduler.dispatch.line import AttemptLine, LookLine
from scheduler.dispatch.settle import Outcome, plain_params, settle
from scheduler.errors import FabuError
from scheduler.machine import State, Verb
from scheduler.store import flight as flights
from scheduler.store.flight import Flight
from scheduler.store.moves import move
from scheduler.store.queue import DRAFTS, forget
from scheduler.store.rules import ACCOUNT, DELIVERY

LOG = logging.getLogger("fabu.dispatch")
BUG = N_(
    "The program met a fault of its own ({fault}). Nothing was sent; the delivery is held."
    " Tell the maintainers, then release it."
)
BUG_SPOKEN = N_(
    "The program met a fault of its own ({fault}) after speaking. The post may be out; it is"
    " looked for and not repeated."
)
SETTLE_TRIES = 5
NO_LIMITS = Limits(as_of=date(2026, 11, 22))


def claim(ctx: Context) -> Flight | None:
    """Claim the next delivery that may leave."""
    lease_s = ctx.policy.prepare_s + ctx.policy.speak_s
    with ctx.store.write() as tx:
        return flights.claim(
            tx, now=ctx.clock.now(), node=ctx.node, lease_s=lease_s, rules=ctx.rules
        )


def run(ctx: Context, flight: Flight) -> State | None:
    """Carry one claimed attempt to its end; give the state it was settled in, if it was ours."""
    try:
        channel = ctx.channel_of(flight.row.account_id)
    except FabuError as error:
        _cannot_open(ctx, flight, error)
        return None
    with ctx.store.read() as tx:
        gap_s = tx.execute(
            select(ACCOUNT.c.gap_s).where(ACCOUNT.c.id == flight.row.account_id)
        ).scalar_one()
    line = AttemptLine(ctx, flight, channel.limits, float(gap_s))
    outcome = _speak(ctx, flight, channel, line)
    return _settle(ctx, flight, outcome, channel)


def _speak(ctx: Context, flight: Flight, channel: Channel, line: AttemptLine) -> Outcome | None:
    """Prepare and speak; every way out is an outcome. None: a bug before speaking, now held."""
    try:
        with ctx.store.read() as tx:
            delivery = delivery_of(tx, flight.row, list(flight.posts), with_data=True)
        if not line.flight.row.doubted_at:
            _drop_old_drafts(ctx, flight, channel, delivery)
        channel.prepare(delivery, line)
        _prepared(ctx, flight)
        return channel.speak(delivery, line)
    except (Ending, Stopped) as outcome:
        return outcome
    except OperationalError as error:
        return _doubtful(error) if line.armed else _no_store(error)
    except Exception as error:  # the one place around an attempt: the attempt stops, the node stays
        LOG.exception("attempt on delivery %s stopped by a fault", flight.row.id)
        if line.armed:
            return _doubtful(error)
        _hold(ctx, flight, error)
        return None


def _cannot_open(ctx: Context, flight: Flight, error: FabuError) -> None:
    """Let an account that cannot be opened (config, key file) rest until a person mends it."""
    words = Words(error.text, plain_params(error.params))
    settle(ctx, flight, Busy("account", words, account_wide=True, person=True), NO_LIMITS)


def _doubtful(error: Exception) -> Doubt:
    return Doubt("bug", Words(BUG_SPOKEN, {"fault": type(error).__name__}))


def _no_store(error: Exception) -> Unreachable:
    text = N_("The database was not reachable ({fault}). Nothing was sent; it is tried again.")
    return Unreachable("database", Words(text, {"fault": type(error).__name__}))


def _hold(ctx: Context, flight: Flight, error: Exception) -> None:
    detail = {"text": BUG, "params": {"fault": type(error).__name__}}
    with ctx.store.write() as tx:
        row = flights.own(tx, flight, ctx.rules)
        if row is not None:
            move(
                tx,
                row,
                Verb.hold,
                now=ctx.clock.now(),
                actor=ctx.actor,
                code="bug",
                detail=detail,
                target=State.queued,
                rules=ctx.rules,
                values={"held_for": "bug", "next_at": ctx.clock.now(), "awaits": "operator"},
            )


def _drop_old_drafts(ctx: Context, flight: Flight, channel: Channel, delivery: Delivery) -> None:
    """Delete what an earlier form of this edition left at the platform: a live danger."""
    with ctx.store.read() as tx:
        old = {
            row.edition_digest
            for row in flights.kept(tx, flight.row.id)
            if row.name in DRAFTS and row.edition_digest != flight.edition_digest
        }
    for digest in old:
        line = LookLine(
            ctx, flight.row.account_id, channel.limits, flight.row.id, digest, reserve=True
        )
        if not channel.discard(replace(delivery, digest=digest), line):
            raise Doubt("draft_gone", Words(DRAFT_GONE, {}))
        with ctx.store.write() as tx:
            forget(tx, flight.row.id, digest=digest)


DRAFT_GONE = N_(
    "A draft of ours is no longer in the draft box: somebody published or deleted it by hand."
    " The post may be out; look at the account and say what happened."
)


def _prepared(ctx: Context, flight: Flight) -> None:
    """Note that preparing is done and give speaking its own lease."""
    now = ctx.clock.now()
    with ctx.store.write() as tx:
        row = flights.own(tx, flight, ctx.rules)
        if row is None:
            raise Stopped
        lease = now + timedelta(seconds=ctx.policy.speak_s)
        if row.lease_until <= now:
            raise Stopped  # too slow: whoever reaps the lease may have begun already
        tx.execute(
            update(DELIVERY)
            .where(DELIVERY.c.id == row.id, DELIVERY.c.attempt == row.attempt)
            .where(DELIVERY.c.state == State.publishing.value)
            .values(lease_until=lease)
        )
        line = events.Line(
            kind="delivery",
            subject_id=row.id,
            account_id=row.account_id,
            verb=Verb.prepare.value,
            origin_state=row.state,
            target_state=row.state,
            attempt=row.attempt,
            actor=ctx.actor,
            at=now,
        )
        events.write(tx, line)


def _settle(
    ctx: Context, flight: Flight, outcome: Outcome | None, channel: Channel
) -> State | None:
    """Write the result, trying harder than we tried to get it: losing it would make a doubt."""
    if outcome is None:
        return None
    if isinstance(outcome, Receipt | Accepted):
        LOG.info("delivery %s: %s", flight.row.id, type(outcome).__name__)
    else:
        LOG.info(
            "delivery %s: %s %s",
            flight.row.id,
            type(outcome).__name__,
            getattr(outcome, "code", ""),
        )
    for left in reversed(range(SETTLE_TRIES)):
        try:
            return settle(ctx, flight, outcome, channel.limits)
        except OperationalError:
            # The store waits for locks itself (10 s each time); the lease bounds what is left.
            if not left:
                raise
            LOG.warning("delivery %s: the result could not be written yet", flight.row.id)
    return None

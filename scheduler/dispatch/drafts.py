"""Drafts left at a platform: a live danger, for a colleague may press publish on one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update

from channels.contract import Channel, Ending
from scheduler import events, notices
from scheduler.dispatch.attempt import DRAFT_GONE
from scheduler.dispatch.context import Context, delivery_of
from scheduler.dispatch.editions import regroup_refused
from scheduler.dispatch.line import LookLine
from scheduler.dispatch.settle import Step, take
from scheduler.errors import Conflict, FabuError
from scheduler.machine import NOT_OUT, State, Verb
from scheduler.people import Actor, Role, require
from scheduler.store.moves import DeliveryRow, lock, read
from scheduler.store.queue import DRAFTS, KEPT, forget, posts_of
from scheduler.store.rules import DELIVERY

LOG = logging.getLogger("fabu.dispatch")
AGAIN = timedelta(seconds=60)
DEAD = tuple(state.value for state in NOT_OUT)


def clear(ctx: Context, stopping: Callable[[], bool] = lambda: False) -> int:
    """Delete the drafts of deliveries that will not go; give how many were tried.

    A draft that is gone although we never submitted it was sent or deleted by hand: a doubt.
    """
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        rows = tx.execute(
            select(KEPT.c.id.label("kept_id"), KEPT.c.edition_digest, DELIVERY.c.id)
            .join(DELIVERY, KEPT.c.delivery_id == DELIVERY.c.id)
            .where(KEPT.c.name.in_(DRAFTS), DELIVERY.c.state.in_(DEAD), _free(now))
        ).all()
    for row in rows:
        if stopping():
            break
        try:
            _clear(ctx, row)
        except FabuError as error:
            # One account that cannot be opened must not keep the others' drafts standing.
            LOG.warning("delivery %s: its draft cannot be deleted: %s", row.id, error)
    return len(rows)


def _free(now: datetime) -> Any:
    return or_(KEPT.c.clearing_until.is_(None), KEPT.c.clearing_until <= now)


def _reserve(ctx: Context, row: Any) -> DeliveryRow | None:
    """Take the deletion of one draft upon us; None when it is not ours to do any more."""
    now = ctx.clock.now()
    with ctx.store.write() as tx:
        fresh = lock(tx, row.id)
        if fresh.state not in DEAD:
            return None  # queued again meanwhile: the draft belongs to a living delivery
        until = now + timedelta(seconds=ctx.policy.look_s)
        mine = KEPT.c.delivery_id == row.id, KEPT.c.edition_digest == row.edition_digest
        taken = tx.execute(
            update(KEPT)
            .where(*mine, KEPT.c.id == row.kept_id, _free(now))
            .values(clearing_until=until)
        )
        return fresh if taken.rowcount == 1 else None


def _clear(ctx: Context, row: Any) -> None:
    channel = ctx.channel_of(_account_of(ctx, row.id))
    fresh = _reserve(ctx, row)
    if fresh is None:
        return
    try:
        deleted = _discard(ctx, channel, fresh, row.edition_digest)
    except Ending as ending:
        LOG.warning("delivery %s: its draft could not be deleted yet: %s", row.id, ending.code)
        with ctx.store.write() as tx:
            tx.execute(
                update(KEPT)
                .where(KEPT.c.id == row.kept_id)
                .values(clearing_until=ctx.clock.now() + AGAIN)
            )
        return
    with ctx.store.write() as tx:
        _cleared(ctx, tx, row, deleted=deleted)


def _cleared(ctx: Context, tx: Connection, row: Any, *, deleted: bool) -> None:
    now, detail = ctx.clock.now(), {"text": DRAFT_GONE, "params": {}}
    fresh = lock(tx, row.id)
    if not deleted and fresh.state in DEAD and fresh.state != State.failed.value:
        # Whatever was armed is settled as not sent, so it was not we who took the draft. It stays
        # kept while we doubt: which posts may be out, those that fell out of it since included.
        values = {"next_at": None, "awaits": "operator", "looks": 0}
        step = Step(Verb.doubt, State.uncertain, "draft_gone", detail, values)
        take(ctx, tx, fresh, step, now)
        return
    forget(tx, row.id, digest=row.edition_digest)
    if fresh.state not in DEAD:
        return  # a proof came meanwhile
    if deleted:
        if fresh.state == State.failed.value:
            regroup_refused(ctx, tx, fresh, now)
        return
    # The table has no doubt from "failed"; a person looks, and proof wins over it.
    of_row = {"kind": "delivery", "subject_id": row.id, "detail": detail}
    notices.tell(tx, role="operator", code="draft_gone", now=now, **of_row)


def _account_of(ctx: Context, delivery_id: int) -> int:
    with ctx.store.read() as tx:
        return int(read(tx, delivery_id).account_id)


def _discard(ctx: Context, channel: Channel, row: DeliveryRow, digest: str) -> bool:
    with ctx.store.read() as tx:
        delivery = delivery_of(tx, row, posts_of(tx, row.id), with_data=False)
    line = LookLine(ctx, row.account_id, channel.limits, row.id, digest)
    return channel.discard(replace(delivery, digest=digest), line)


def discard(ctx: Context, delivery_id: int, actor: Actor) -> None:
    """Delete the draft of a doubtful delivery, or of a pack in a person's hands.

    For a person who wants to send it again (operators) or take the pack back (authors, too).
    Raises `NotAllowed`, and `Conflict` when the delivery is neither, when the draft is gone
    (somebody may have published it), or when the platform could not be asked: then nothing may be
    sent again.
    """
    with ctx.store.read() as tx:
        row = read(tx, delivery_id)
        holders = (Role.author, Role.operator) if row.accepted_by == "person" else (Role.operator,)
        require(actor, *holders)
        digests = set(
            tx.execute(
                select(KEPT.c.edition_digest).where(
                    KEPT.c.delivery_id == row.id, KEPT.c.name.in_(DRAFTS)
                )
            ).scalars()
        )
    if row.state != State.uncertain.value and row.accepted_by != "person":
        raise Conflict(
            "Delivery {id} is neither doubtful nor in a person's hands; its draft stays.",
            id=delivery_id,
        )
    channel = ctx.channel_of(row.account_id)
    for digest in digests:
        try:
            deleted = _discard(ctx, channel, row, digest)
        except Ending as ending:
            raise Conflict(
                "The draft of delivery {id} could not be deleted at the platform ({code}); it is"
                " not sent again before that. Try once more in a while.",
                id=delivery_id,
                code=ending.code,
            ) from None
        if not deleted:
            raise Conflict(
                "The draft of delivery {id} is no longer in the platform's draft box: somebody may"
                " have published it. Look at the account; if it is not out, resolve with --failed"
                " and queue the stories anew.",
                id=delivery_id,
            )


def sweep(
    ctx: Context, account_ids: Sequence[int], stopping: Callable[[], bool] = lambda: False
) -> int:
    """Delete drafts with our mark that no row keeps: a left-over draft is a live danger.

    Only those of deliveries we know and that are over: a mark we do not know may be that of
    another desk on the same account.
    """
    swept = 0
    for account_id in account_ids:
        if stopping():
            break
        try:
            channel = ctx.channel_of(account_id)
            line = LookLine(ctx, account_id, channel.limits)
            swept += channel.sweep(lambda keys: _left_over(ctx, keys), line)
        except (Ending, FabuError) as error:
            LOG.info("the drafts of account %s could not be looked through: %s", account_id, error)
    return swept


def _left_over(ctx: Context, keys: frozenset[str]) -> frozenset[str]:
    kept = select(KEPT.c.delivery_id).where(KEPT.c.name.in_(DRAFTS))
    over = (*DEAD, State.published.value)
    with ctx.store.read() as tx:
        old = select(DELIVERY.c.key).where(
            DELIVERY.c.key.in_(keys), DELIVERY.c.state.in_(over), DELIVERY.c.id.not_in(kept)
        )
        found = frozenset(tx.execute(old).scalars())
        if left := keys - found:
            # A key that a person's "send it" renewed: the event of its making still names it.
            found |= _renewed(tx, left)
    return found


def _renewed(tx: Connection, keys: frozenset[str]) -> frozenset[str]:
    living = frozenset(tx.execute(select(DELIVERY.c.key).where(DELIVERY.c.key.in_(keys))).scalars())
    told = {key: events.EVENT.c.detail.contains(f'"key":"{key}"') for key in keys - living}
    added = events.EVENT.c.verb == "add"
    return frozenset(
        key
        for key, names in told.items()
        if tx.execute(select(events.EVENT.c.id).where(added, names).limit(1)).first()
    )

"""Editions: freeze ten minutes before, fall-out of what may not leave, regrouping after a no."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, update

from scheduler import events, notices
from scheduler.dispatch.context import Context
from scheduler.machine import State, Verb
from scheduler.store import flight as flights
from scheduler.store import queue
from scheduler.store.moves import DeliveryRow, move, read
from scheduler.store.rules import DELIVERY, POST, is_state, post_may_leave


def freeze_due(ctx: Context) -> int:
    """Freeze every delivery whose ten minutes have come."""
    now = ctx.clock.now()
    with ctx.store.write() as tx:
        rows = queue.to_freeze(tx, now)
        for row in rows:
            queue.freeze(tx, row, now=now, actor=ctx.actor)
    return len(rows)


def fall_out_due(ctx: Context) -> int:
    """Let posts that may not leave fall out of editions that are due; the rest goes.

    If the head falls out, the edition is held for a person. A single post waits and says why.
    """
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        due = [row.id for row in tx.execute(_unsound(now))]
    for delivery_id in due:
        with ctx.store.write() as tx:
            fall_out(ctx, tx, read(tx, delivery_id), now)
    return len(due)


def _unfit(now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202
    changed = POST.c.content_digest.is_distinct_from(POST.c.frozen_digest)
    return or_(~post_may_leave(POST, now), changed)


def _unsound(now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202
    mine = POST.c.delivery_id == DELIVERY.c.id
    size = select(func.count(POST.c.id)).where(mine).scalar_subquery()
    unfit = select(func.count(POST.c.id)).where(and_(mine, _unfit(now))).scalar_subquery()
    return select(DELIVERY.c.id).where(
        is_state(State.queued),
        DELIVERY.c.frozen_at.is_not(None),
        DELIVERY.c.held_for.is_(None),
        DELIVERY.c.next_at <= now,
        size > 1,
        unfit > 0,
    )


def fall_out(ctx: Context, tx: Connection, row: DeliveryRow, now: datetime) -> None:
    """Take the unfit posts out of one queued edition, or hold it when its head is unfit."""
    if row.state != State.queued.value or row.held_for is not None:
        return
    posts = queue.posts_of(tx, row.id)
    unfit = set(
        tx.execute(select(POST.c.id).where(POST.c.delivery_id == row.id, _unfit(now))).scalars()
    )
    if not unfit or len(posts) < 2:
        return
    if posts[0].id in unfit:
        values = {"held_for": "head", "awaits": "operator"}
        move(tx, row, Verb.hold, now=now, actor=ctx.actor, code="head", values=values)
        notices.tell(tx, role="operator", code="head", now=now, kind="delivery", subject_id=row.id)
        return
    fallen = move(
        tx,
        row,
        Verb.fall_out,
        now=now,
        actor=ctx.actor,
        code="fall_out",
        detail={"posts": sorted(unfit)},
    )
    if fallen is None:
        return
    tx.execute(
        update(POST)
        .where(POST.c.id.in_(unfit), POST.c.delivery_id == row.id)
        .values(delivery_id=None, frozen_digest=None, updated_at=now)
    )
    for post_id in sorted(unfit):
        notices.tell(tx, role="author", code="fell_out", now=now, kind="post", subject_id=post_id)


def regroup_refused(ctx: Context, tx: Connection, row: DeliveryRow, now: datetime) -> int | None:
    """Give the innocent posts of a refused edition one more delivery; None when that cannot be.

    Only where the platform named the guilty and not the head, only once per post, and only when
    the refused draft is gone from the platform: while it stands somebody may publish it by hand,
    so `drafts.clear` comes here again after deleting it.
    """
    detail = events.detail_of(read(tx, row.id))
    guilty = set(detail.get("guilty") or ())  # type: ignore[call-overload]
    posts = queue.posts_of(tx, row.id)
    if detail.get("person") or not guilty or 0 in guilty or len(posts) < 2:
        return None
    if any(kept.name in queue.DRAFTS for kept in flights.kept(tx, row.id)):
        return None
    innocent = [post for at, post in enumerate(posts) if at not in guilty]
    if any(post.regrouped for post in innocent) or not innocent:
        return None
    order = queue.Order(
        account_id=row.account_id,
        post_ids=[post.id for post in innocent],
        how=row.how,
        due_at=now,
        late_at=row.late_at,
        repeatable=row.repeatable,
        hold_account_s=row.hold_account_s,
        hold_account_day=row.hold_account_day,
    )
    new_id = queue.add(tx, order, now=now, actor=ctx.actor)
    tx.execute(update(POST).where(POST.c.delivery_id == new_id).values(regrouped=True))
    line = events.Line(
        kind="delivery",
        subject_id=row.id,
        verb="regroup",
        actor=ctx.actor,
        at=now,
        account_id=row.account_id,
        detail={"new": new_id, "guilty": sorted(guilty)},
    )
    events.write(tx, line)
    return new_id

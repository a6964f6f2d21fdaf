"""Settlements: proof, lapses, lateness, and the looks at what is not settled yet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, text, update

from scheduler.content import canonical_json
from scheduler.machine import State, Verb
from scheduler.store.moves import DeliveryRow, lock, move
from scheduler.store.queue import DRAFTS, KEPT, forget, posts_of
from scheduler.store.rules import DELIVERY, EVENT, POST, RULES, Rules, is_state


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves that one post is out: the platform's id, link and time (UTC)."""

    remote_id: str = ""
    link: str = ""
    published_at: datetime | None = None


def spoken_posts(
    tx: Connection, row: DeliveryRow, *, attempt: int | None = None, count: int | None = None
) -> list[int]:
    """Give the posts that were said, in order.

    By the newest arm (of `attempt`, where given) if it said what the row says now; else by a
    draft that stood at the platform (somebody may have sent it by hand), else by an older arm,
    else the present members (a person's pack). `count` is how many posts the proof shows: the
    first of these that fits is taken.
    """
    armed = _armed_posts(tx, row.id, attempt)
    told = [_ids(kept.posts) for kept in tx.execute(_drafts_of(row.id)) if kept.posts]
    members = [post.id for post in posts_of(tx, row.id)]
    if armed and armed[1] == row.edition_digest:
        told.insert(0, armed[0])
    elif armed:
        told.append(armed[0])
    told.append(members)
    fitting = [ids for ids in told if count is None or len(ids) == count]
    return (fitting or told)[0]


def _armed_posts(
    tx: Connection, delivery_id: int, attempt: int | None
) -> tuple[list[int], str] | None:
    query = select(EVENT.c.detail).where(
        EVENT.c.kind == "delivery", EVENT.c.subject_id == delivery_id, EVENT.c.verb == "arm"
    )
    if attempt is not None:
        query = query.where(EVENT.c.attempt == attempt)
    found = tx.execute(query.order_by(EVENT.c.id.desc()).limit(1)).scalar()
    if not found:
        return None
    detail = json.loads(found)
    return [int(post_id) for post_id in detail["posts"]], str(detail["digest"])


def _drafts_of(delivery_id: int) -> Select[Any]:
    return (
        select(KEPT.c.posts)
        .where(KEPT.c.delivery_id == delivery_id, KEPT.c.name == "draft")
        .order_by(KEPT.c.id.desc())
    )


def _ids(posts: str) -> list[int]:
    return [int(post_id) for post_id in json.loads(posts)]


def taken_elsewhere(tx: Connection, row: DeliveryRow, proofs: Sequence[Proof]) -> bool:
    """Tell whether a proof is another post's: one post on the platform proves one of ours."""
    ids = [proof.remote_id for proof in proofs if proof.remote_id]
    mine = spoken_posts(tx, row, count=len(proofs))
    other = select(POST.c.id).where(
        POST.c.account_id == row.account_id, POST.c.remote_id.in_(ids), POST.c.id.not_in(mine)
    )
    return tx.execute(other.limit(1)).first() is not None


def mark_out(
    tx: Connection,
    post_ids: Sequence[int],
    proofs: Sequence[Proof],
    *,
    now: datetime,
    spoke_at: datetime,
) -> None:
    """Write where `published` lives: on the posts. A post that is out already keeps its proof.

    `spoke_at` stands for the time where a proof has none.
    """
    filled = [*proofs, *([Proof()] * (len(post_ids) - len(proofs)))]
    for post_id, proof in zip(post_ids, filled, strict=False):
        tx.execute(
            update(POST)
            .where(POST.c.id == post_id, POST.c.published_at.is_(None))
            .values(
                published_at=proof.published_at or spoke_at,
                remote_id=proof.remote_id,
                link=proof.link,
                updated_at=now,
            )
        )


def proven(
    tx: Connection,
    delivery_id: int,
    proofs: Sequence[Proof],
    *,
    now: datetime,
    actor: str,
    verb: Verb = Verb.receipt,
    attempt: int | None = None,
    rules: Rules = RULES,
) -> bool:
    """Settle as published: proof wins over every other state, whoever holds the row.

    False only when it was published before.
    """
    row = lock(tx, delivery_id)
    if row.state == State.published.value:
        return False
    landed = move(
        tx,
        row,
        verb,
        now=now,
        actor=actor,
        target=State.published,
        rules=rules,
        detail={"ids": [proof.remote_id for proof in proofs]},
    )
    assert landed is State.published or rules is not RULES
    # Where the platform gives no time (a push), the post went out when we spoke, not when we
    # looked: a look after midnight must not move it into the next month.
    spoke_at = row.armed_at or row.first_armed_at or now
    said = spoken_posts(tx, row, attempt=attempt, count=len(proofs) or None)
    mark_out(tx, said, proofs, now=now, spoke_at=spoke_at)
    for name in DRAFTS:
        forget(tx, delivery_id, name)  # what is out is no draft any more
    return True


def lapsed(tx: Connection, *, now: datetime, node: str | None = None) -> list[DeliveryRow]:
    """Give the publishing rows whose lease is over, or all of `node` (it restarted)."""
    over = DELIVERY.c.node == node if node is not None else DELIVERY.c.lease_until <= now
    return list(tx.execute(select(DELIVERY).where(is_state(State.publishing), over)))


_ALARMED = text("state in ('accepted', 'uncertain')")
"""Word for word the condition of `ix_delivery_alarm`, so that it is used."""


def too_late(tx: Connection, *, now: datetime) -> list[DeliveryRow]:
    """Give what is later than its limit: queued, or accepted in a person's hands."""
    late = select(DELIVERY).where(DELIVERY.c.late_at <= now)
    handed = late.where(_ALARMED, is_state(State.accepted), DELIVERY.c.accepted_by == "person")
    return [*tx.execute(late.where(is_state(State.queued))), *tx.execute(handed)]


def alarms(tx: Connection, *, now: datetime) -> list[DeliveryRow]:
    """Give the accepted and uncertain rows whose alarm has rung."""
    ringing = select(DELIVERY).where(_ALARMED, DELIVERY.c.next_at <= now)
    return list(tx.execute(ringing.order_by(DELIVERY.c.next_at)))


def take_look(
    tx: Connection, row: DeliveryRow, *, until: datetime, now: datetime, rules: Rules = RULES
) -> bool:
    """Reserve one look: whoever moves the alarm looks, so two nodes never look at once."""
    del rules
    taken = tx.execute(
        update(DELIVERY)
        .where(
            DELIVERY.c.id == row.id,
            DELIVERY.c.state == row.state,
            DELIVERY.c.next_at == row.next_at,
            DELIVERY.c.next_at <= now,
        )
        .values(next_at=until, looks=DELIVERY.c.looks + 1, updated_at=now)
    )
    return taken.rowcount == 1


def next_alarm(
    tx: Connection,
    row: DeliveryRow,
    *,
    next_at: datetime | None,
    code: str,
    now: datetime,
    detail: Mapping[str, object],
    looks: int,
) -> None:
    """Set the next look, or hand the row to a person when the machine has looked often enough."""
    awaits = row.awaits if row.accepted_by == "person" else "" if next_at else "operator"
    tx.execute(
        update(DELIVERY)
        .where(DELIVERY.c.id == row.id, DELIVERY.c.state == row.state)
        .values(
            next_at=next_at,
            looks=looks,
            awaits=awaits,
            code=code,
            detail=canonical_json(dict(detail)),
            updated_at=now,
        )
    )


def next_due(tx: Connection) -> datetime | None:
    """Give the earliest alarm of all, for the daemon's precise wake-up."""
    moments = [
        tx.execute(
            select(DELIVERY.c.next_at)
            .where(condition, DELIVERY.c.next_at.is_not(None))
            .order_by(DELIVERY.c.next_at)
            .limit(1)
        ).scalar()
        for condition in (is_state(State.queued), _ALARMED)
    ]
    return min((moment for moment in moments if moment is not None), default=None)

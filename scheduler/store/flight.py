"""What the machine does with one delivery in flight: claim, repeat, keep, arm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.machine import State, Verb
from scheduler.store.moves import DeliveryRow, lock, move, read
from scheduler.store.queue import KEPT, current_digest, posts_of
from scheduler.store.rules import (
    ACCOUNT,
    DELIVERY,
    EVENT,
    POST,
    RULES,
    Clause,
    Rules,
    holds,
    is_state,
)
from scheduler.tables import Kept, fresh


@dataclass(frozen=True, slots=True)
class Flight:
    """One claimed attempt: the row as claimed and its posts in order."""

    row: DeliveryRow
    posts: tuple[DeliveryRow, ...]
    edition_digest: str

    @property
    def post_ids(self) -> list[int]:
        """The posts' ids in order."""
        return [post.id for post in self.posts]


def claim(
    tx: Connection,
    *,
    now: datetime,
    node: str,
    lease_s: float,
    rules: Rules = RULES,
    not_accounts: Sequence[int] = (),
) -> Flight | None:
    """Claim the earliest due delivery that may leave; None when there is none for us now.

    Every guard stands in the WHERE of the choice and again in the WHERE of the write.
    """
    guards = holds(rules.claim, DELIVERY, now)
    candidate = tx.execute(
        select(DELIVERY)
        .where(
            is_state(State.queued),
            DELIVERY.c.next_at <= now,
            DELIVERY.c.frozen_at.is_not(None),
            DELIVERY.c.account_id.not_in(list(not_accounts)),
            *guards,
        )
        .order_by(DELIVERY.c.next_at, DELIVERY.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=DELIVERY)
    ).first()
    if candidate is None:
        return None
    lease = Lease(node, lease_s, now)
    return _take(tx, candidate, Verb.claim, guards, lease, rules)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes a row, for how long, from when."""

    node: str
    seconds: float
    now: datetime


def _take(
    tx: Connection,
    row: DeliveryRow,
    verb: Verb,
    guards: Sequence[Clause],
    lease: Lease,
    rules: Rules,
) -> Flight | None:
    posts = posts_of(tx, row.id)
    digest = current_digest(posts)
    values: dict[str, object] = {
        "attempt": row.attempt + 1,
        "node": lease.node,
        "lease_until": lease.now + timedelta(seconds=lease.seconds),
        "armed_at": None,
        "edition_digest": digest,
        "next_at": None,
    }
    try:
        with tx.begin_nested():
            landed = move(
                tx,
                row,
                verb,
                now=lease.now,
                actor=f"node:{lease.node}",
                values=values,
                where=guards,
                rules=rules,
            )
    except IntegrityError:
        return None  # another node was first: one delivery in flight per account
    if landed is None:
        return None
    return Flight(read(tx, row.id), tuple(posts), digest)


REPEAT_FROM = timedelta(seconds=90)
REPEAT_TO = timedelta(hours=23)


def _spoken_in_doubt(tx: Connection, row: DeliveryRow) -> bool:
    """Tell whether the doubt came of speaking: its own attempt was armed."""
    doubt, spoken = EVENT.alias("doubt"), EVENT.alias("spoken")
    query = select(doubt.c.id).where(
        doubt.c.kind == "delivery",
        doubt.c.subject_id == row.id,
        doubt.c.target_state == State.uncertain.value,
        doubt.c.at == row.doubted_at,
        spoken.c.kind == "delivery",
        spoken.c.subject_id == row.id,
        spoken.c.verb == Verb.arm.value,
        spoken.c.attempt == doubt.c.attempt,
    )
    return tx.execute(query.limit(1)).first() is not None


def repeat(
    tx: Connection,
    delivery_id: int,
    *,
    now: datetime,
    node: str,
    lease_s: float,
    rules: Rules = RULES,
) -> Flight | None:
    """Say the same bytes with the same key again, where the platform knows the key.

    Every guard of claim, 90 s to 23 h after the first arm (the platform keeps a key for 24 h and
    refuses a repeat within 60 s), within the lateness limit; the doubt stays on.
    """
    row = lock(tx, delivery_id)
    if row.state != State.uncertain.value or not row.repeatable or row.first_armed_at is None:
        return None
    if not REPEAT_FROM <= now - row.first_armed_at <= REPEAT_TO:
        return None
    if not _spoken_in_doubt(tx, row):
        return None  # a draft that is gone: the platform does not know the key, it would send anew
    if current_digest(posts_of(tx, delivery_id)) != row.edition_digest and rules.same_bytes:
        return None
    guards = holds(rules.claim, DELIVERY, now)
    return _take(tx, row, Verb.repeat, guards, Lease(node, lease_s, now), rules)


def keep(tx: Connection, flight: Flight, name: str, value: str, *, now: datetime) -> None:
    """Make one remote id durable under the edition's digest; "" forgets it."""
    mark = Mark(flight.edition_digest, json.dumps(flight.post_ids))
    keep_under(tx, flight.row, mark, name, value, now=now)


@dataclass(frozen=True, slots=True)
class Mark:
    """Under which edition digest an id is kept, and which posts (JSON) were said with it."""

    digest: str
    posts: str = ""


def keep_under(
    tx: Connection, row: DeliveryRow, mark: Mark, name: str, value: str, *, now: datetime
) -> None:
    """Make one remote id of a delivery durable under a mark; "" forgets it."""
    mine = and_(KEPT.c.delivery_id == row.id, KEPT.c.name == name)
    tx.execute(KEPT.delete().where(mine))
    if value:
        values = fresh(
            Kept,
            delivery_id=row.id,
            name=name,
            value=value,
            edition_digest=mark.digest,
            posts=mark.posts,
            attempt=row.attempt,
            kept_at=now,
        )
        tx.execute(insert(KEPT).values(**values))


def kept(tx: Connection, delivery_id: int) -> list[DeliveryRow]:
    """Give every remote id that is kept for a delivery, also under older digests."""
    return list(tx.execute(select(KEPT).where(KEPT.c.delivery_id == delivery_id)))


def _says_the_same(flight: Flight) -> list[Clause]:
    """Every post is still where it was and says exactly what was prepared."""
    member = POST.alias("prepared")
    size = select(func.count(member.c.id)).where(member.c.delivery_id == flight.row.id)
    clauses: list[Clause] = [size.scalar_subquery() == len(flight.posts)]
    clauses += [
        exists(
            select(POST.c.id).where(
                POST.c.id == post.id,
                POST.c.delivery_id == flight.row.id,
                POST.c.position == post.position,
                POST.c.content_digest == post.content_digest,
            )
        )
        for post in flight.posts
    ]
    return clauses


def still_true(flight: Flight, now: datetime, rules: Rules = RULES) -> list[Clause]:
    """Give what must hold at the last moment: `may_leave`, and the words that were prepared."""
    guards = holds(rules.arm, DELIVERY, now)
    return [*guards, *_says_the_same(flight)] if rules.same_bytes else guards


def arm(
    tx: Connection, flight: Flight, *, now: datetime, gap_s: float = 0, rules: Rules = RULES
) -> bool:
    """Write down that we are about to speak: the last moment at which the truth is asked.

    False when the attempt is not ours any more, the lease is over, `may_leave` is false now, or
    a post says something else than what was prepared. The caller commits before the request.
    """
    row = lock(tx, flight.row.id)
    if row.attempt != flight.row.attempt and "attempt" in rules.fence:
        return False
    if row.state != State.publishing.value or row.armed_at is not None:
        return False
    guards = [*still_true(flight, now, rules), DELIVERY.c.lease_until > now]
    values: dict[str, object] = {"first_armed_at": row.first_armed_at or now}
    if rules.durable_arm:
        values["armed_at"] = now
    landed = move(
        tx,
        row,
        Verb.arm,
        now=now,
        actor=f"node:{flight.row.node}",
        values=values,
        where=guards,
        detail={"posts": flight.post_ids, "digest": flight.edition_digest},
        rules=rules,
    )
    if landed is None:
        return False
    tx.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.id == row.account_id)
        .values(speaks_from=now + timedelta(seconds=gap_s))
    )
    return True


def own(tx: Connection, flight: Flight, rules: Rules = RULES) -> DeliveryRow | None:
    """Read the row again if this attempt still holds it."""
    row = read(tx, flight.row.id)
    mine = row.attempt == flight.row.attempt or "attempt" not in rules.fence
    return row if mine and row.state == State.publishing.value else None

"""What people do with the queue: add, edit, freeze, hold, unhold, cancel, requeue, resolve, recall.

Rights are asked in the service layer above; here only the state machine and the memberships hold.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, insert, or_, select, update

from scheduler import events, notices
from scheduler.content import edition_digest, new_key
from scheduler.errors import Conflict, InputError
from scheduler.machine import NOT_OUT, NoSuchEdge, State, Verb
from scheduler.store.moves import DeliveryRow, lock, move, read
from scheduler.store.rules import DELIVERY, POST, RULES, Rules, is_state
from scheduler.tables import Delivery, Kept, fresh, table

KEPT = table(Kept)
DRAFTS = ("draft", "draft_key")
"""Kept names that mean: a draft of ours stands, or may stand, at the platform."""
FREEZE_BEFORE = timedelta(minutes=10)
_DEAD = tuple(state.value for state in NOT_OUT)


@dataclass(frozen=True, slots=True)
class Order:
    """What to queue: posts of one account, in order, at one time, and how the channel speaks.

    `repeatable`, `hold_account_s` and `hold_account_day` are channel data, copied so that the
    store needs no channel.
    """

    account_id: int
    post_ids: Sequence[int]
    how: str
    due_at: datetime
    late_at: datetime
    repeatable: bool = False
    hold_account_s: float = 0
    hold_account_day: bool = False


def posts_of(tx: Connection, delivery_id: int) -> list[DeliveryRow]:
    """Give a delivery's posts in order."""
    query = select(POST).where(POST.c.delivery_id == delivery_id)
    return list(tx.execute(query.order_by(POST.c.position, POST.c.id)))


def add(tx: Connection, order: Order, *, now: datetime, actor: str) -> int:
    """Put posts into the queue as one delivery; give its id.

    Each post must be unpublished, of this account, and in no living delivery. Raises `Conflict`
    (and the whole transaction is undone) when one is not.
    """
    if not order.post_ids:
        raise InputError("A delivery needs at least one post.")
    key = new_key()
    values = fresh(
        Delivery,
        key=key,
        account_id=order.account_id,
        how=order.how,
        repeatable=order.repeatable,
        hold_account_s=order.hold_account_s,
        hold_account_day=order.hold_account_day,
        due_at=order.due_at,
        next_at=order.due_at,
        late_at=order.late_at,
        created_at=now,
        updated_at=now,
    )
    inserted = tx.execute(insert(DELIVERY).values(**values).returning(DELIVERY.c.id))
    delivery_id = int(inserted.scalar_one())
    _join(tx, delivery_id, order, now)
    line = events.Line(
        kind="delivery",
        subject_id=delivery_id,
        account_id=order.account_id,
        verb=Verb.add.value,
        target_state=State.queued.value,
        actor=actor,
        at=now,
        detail={"posts": list(order.post_ids), "due_at": order.due_at.isoformat(), "key": key},
    )
    events.write(tx, line)
    if order.due_at - now <= FREEZE_BEFORE:
        freeze(tx, read(tx, delivery_id), now=now, actor=actor)
    return delivery_id


def drafted(tx: Connection, account_id: int) -> dict[int, int]:
    """Give the posts that stand in a draft at the platform: post id to delivery id.

    Somebody may press publish on such a draft at any moment, so its posts may not go out with
    another delivery before it is deleted.
    """
    rows = tx.execute(
        select(KEPT.c.delivery_id, KEPT.c.posts)
        .join(DELIVERY, DELIVERY.c.id == KEPT.c.delivery_id)
        .where(KEPT.c.name.in_(DRAFTS), KEPT.c.posts != "", DELIVERY.c.account_id == account_id)
    )
    return {post_id: row.delivery_id for row in rows for post_id in json.loads(row.posts)}


def _join(tx: Connection, delivery_id: int, order: Order, now: datetime) -> None:
    in_drafts = drafted(tx, order.account_id)
    for post_id in order.post_ids:
        if in_drafts.get(post_id, delivery_id) != delivery_id:
            raise Conflict(
                "Post {id} still stands in a draft of delivery {delivery} at the platform; the"
                " daemon is deleting it. Try again in half a minute.",
                id=post_id,
                delivery=in_drafts[post_id],
            )
    former = select(DELIVERY.c.id).where(
        DELIVERY.c.id == POST.c.delivery_id, DELIVERY.c.state.in_(_DEAD)
    )
    notices.emptied(tx, order.post_ids, now)
    for position, post_id in enumerate(order.post_ids):
        joined = tx.execute(
            update(POST)
            .where(
                POST.c.id == post_id,
                POST.c.account_id == order.account_id,
                POST.c.published_at.is_(None),
                POST.c.dropped_at.is_(None),
                or_(POST.c.delivery_id.is_(None), exists(former)),
            )
            .values(delivery_id=delivery_id, position=position, frozen_digest=None, updated_at=now)
        )
        if joined.rowcount != 1:
            raise Conflict(
                "Post {id} cannot be queued: it is out already, waits in another delivery, or"
                " belongs to another account.",
                command="fabu queue list",
                id=post_id,
            )


def freeze(tx: Connection, row: DeliveryRow, *, now: datetime, actor: str) -> bool:
    """Fix members, order and time; remember what each post says at this moment."""
    first = (DELIVERY.c.frozen_at.is_(None),)  # two nodes may come at once; one freezes
    frozen = move(
        tx, row, Verb.freeze, now=now, actor=actor, values={"frozen_at": now}, where=first
    )
    if frozen is None:
        return False
    tx.execute(
        update(POST).where(POST.c.delivery_id == row.id).values(frozen_digest=POST.c.content_digest)
    )
    return True


def to_freeze(tx: Connection, now: datetime) -> list[DeliveryRow]:
    """Give the queued deliveries whose ten minutes have come and that are not frozen yet."""
    return list(
        tx.execute(
            select(DELIVERY).where(
                is_state(State.queued),
                DELIVERY.c.frozen_at.is_(None),
                DELIVERY.c.due_at <= now + FREEZE_BEFORE,
            )
        )
    )


def reschedule(
    tx: Connection,
    delivery_id: int,
    *,
    due_at: datetime,
    late_at: datetime,
    now: datetime,
    actor: str,
) -> None:
    """Give a queued delivery another time. Raises `Conflict` when it is frozen or gone."""
    row = read(tx, delivery_id)
    if row.frozen_at is not None and row.state == State.queued.value:
        raise Conflict(
            "Delivery {id} is frozen: ten minutes before its time members, order and time stay."
            " Cancel it and requeue it with a new time.",
            id=delivery_id,
        )
    values = {"due_at": due_at, "next_at": due_at, "late_at": late_at}
    detail = {"due_at": due_at.isoformat()}
    _try(tx, row, Verb.edit, now=now, actor=actor, values=values, detail=detail)
    if due_at - now <= FREEZE_BEFORE:
        freeze(tx, read(tx, delivery_id), now=now, actor=actor)


def hold(
    tx: Connection,
    delivery_id: int,
    *,
    reason: str,
    now: datetime,
    actor: str,
    rules: Rules = RULES,
) -> State:
    """Hold a queued (or publishing, unarmed) delivery: it stays until somebody lets it go."""
    row = read(tx, delivery_id)
    # A repeat stopped before it spoke goes back to its doubt, which a hold does not concern.
    values: dict[str, object] = {} if row.doubted_at else {"held_for": reason}
    if row.next_at is None:
        # The claim took the alarm off; without one it would never leave after `unhold` (I4).
        values["next_at"] = now
    return _try(tx, row, Verb.hold, now=now, actor=actor, code=reason, values=values, rules=rules)


def unhold(tx: Connection, delivery_id: int, *, now: datetime, actor: str) -> None:
    """Let a held delivery go again; lateness has run on meanwhile."""
    row = read(tx, delivery_id)
    if row.held_for is None:
        raise Conflict("Delivery {id} is not held.", id=delivery_id)
    _try(tx, row, Verb.unhold, now=now, actor=actor, values={"held_for": None})


def cancel(
    tx: Connection,
    delivery_id: int,
    *,
    reason: str,
    now: datetime,
    actor: str,
    rules: Rules = RULES,
) -> State:
    """Take a delivery out of the queue; on one in a person's hands this is a recall."""
    row = read(tx, delivery_id)
    verb = Verb.recall if row.state == State.accepted.value else Verb.cancel
    target = State.cancelled
    detail = {"reason": reason}
    return _try(tx, row, verb, now=now, actor=actor, target=target, detail=detail, rules=rules)


def renewed(now: datetime, due_at: datetime, late_at: datetime) -> dict[str, object]:
    """Give what "send it" by a person brings: new key, new time, nothing of the old attempt."""
    return {
        "key": new_key(),
        "due_at": due_at,
        "next_at": due_at,
        "late_at": late_at,
        "frozen_at": None,
        "armed_at": None,
        "first_armed_at": None,
        "accepted_at": None,
        "failures": 0,
        "looks": 0,
        "held_for": None,
        "edition_digest": "",
        "updated_at": now,
    }


def requeue(
    tx: Connection,
    delivery_id: int,
    *,
    due_at: datetime,
    late_at: datetime,
    now: datetime,
    actor: str,
) -> int:
    """Queue a failed, missed or cancelled delivery again; give the id it now has.

    An edition's posts always go into a new delivery; a single post keeps its row with a new key.
    """
    row = lock(tx, delivery_id)
    posts = [post for post in posts_of(tx, delivery_id) if post.published_at is None]
    if not posts:
        raise Conflict(
            "Delivery {id} has no post left to send: they are out or in another delivery.",
            id=delivery_id,
        )
    _refuse_while_clearing(tx, delivery_id, now)
    if len(posts) > 1 or _was_edition(tx, delivery_id):
        if State(row.state) not in NOT_OUT:
            raise _wrong_state(row)
        order = Order(
            account_id=row.account_id,
            post_ids=[post.id for post in posts],
            how=row.how,
            due_at=due_at,
            late_at=late_at,
            repeatable=row.repeatable,
            hold_account_s=row.hold_account_s,
            hold_account_day=row.hold_account_day,
        )
        return add(tx, order, now=now, actor=actor)
    # What is kept stays known: the next attempt deletes the old draft first, armed or not (a busy
    # platform leaves it in the box), and a job goes by its own key.
    values = renewed(now, due_at, late_at)
    _try(tx, row, Verb.requeue, now=now, actor=actor, values=values)
    _thaw(tx, delivery_id, due_at, now, actor)
    return delivery_id


def _was_edition(tx: Connection, delivery_id: int) -> bool:
    added = [row for row in events.of_subject(tx, "delivery", delivery_id) if row.verb == "add"]
    return any(len(events.detail_of(row)["posts"]) > 1 for row in added)  # type: ignore[arg-type]


def _refuse_while_clearing(tx: Connection, delivery_id: int, now: datetime) -> None:
    clearing = select(KEPT.c.id).where(
        KEPT.c.delivery_id == delivery_id, KEPT.c.clearing_until > now
    )
    if tx.execute(clearing.limit(1)).first():
        raise Conflict(
            "The draft of delivery {id} is just being deleted at the platform. Try again in half a"
            " minute.",
            id=delivery_id,
        )


def _thaw(tx: Connection, delivery_id: int, due_at: datetime, now: datetime, actor: str) -> None:
    tx.execute(update(POST).where(POST.c.delivery_id == delivery_id).values(frozen_digest=None))
    if due_at - now <= FREEZE_BEFORE:
        freeze(tx, read(tx, delivery_id), now=now, actor=actor)


def forget(
    tx: Connection, delivery_id: int, name: str | None = None, digest: str | None = None
) -> None:
    """Forget remote ids: of an attempt that is over, or gone at the platform.

    `name` and `digest` narrow it to one id, or to what was kept under one edition digest.
    """
    mine = [KEPT.c.delivery_id == delivery_id]
    if name is not None:
        mine.append(KEPT.c.name == name)
    if digest is not None:
        mine.append(KEPT.c.edition_digest == digest)
    tx.execute(delete(KEPT).where(*mine))


def _wrong_state(row: DeliveryRow) -> Conflict:
    return Conflict(
        "Delivery {id} is {state} now; that cannot be done to it.",
        command="fabu queue show {id}",
        id=row.id,
        state=(row.state, {}),
    )


def _must(row: DeliveryRow, landed: State | None) -> State:
    if landed is None:
        raise _wrong_state(row)
    return landed


def _try(tx: Connection, row: DeliveryRow, verb: Verb, **rest: object) -> State:
    try:
        return _must(row, move(tx, row, verb, **rest))  # type: ignore[arg-type]
    except NoSuchEdge:
        raise _wrong_state(row) from None


# --- what people say of doubts ------------------------------------------------------------------


def resolve(
    tx: Connection,
    delivery_id: int,
    target: State,
    *,
    reason: str,
    now: datetime,
    actor: str,
    values: dict[str, object] | None = None,
) -> None:
    """End a doubt (or a pack in a person's hands) by a person's word, with the reason.

    To `queued` the caller has deleted the platform's draft first and gives a new time through
    `renewed()`; to `published` it then calls `flight.mark_out` with the link.
    """
    row = read(tx, delivery_id)
    if target is State.queued and not values:
        raise AssertionError("sending again needs a new time and a new key: see renewed()")
    if not reason.strip():
        raise InputError("Say why: a resolved doubt needs a reason in the record.")
    detail = {"reason": reason}
    _try(tx, row, Verb.resolve, now=now, actor=actor, target=target, values=values, detail=detail)
    if target is State.published or row.code == "draft_gone":
        # What is out is no draft any more, and what is gone cannot be deleted.
        for name in DRAFTS:
            forget(tx, delivery_id, name)
    if target is State.queued:
        forget(tx, delivery_id)
        due_at = (values or {})["due_at"]
        assert isinstance(due_at, datetime)
        _thaw(tx, delivery_id, due_at, now, actor)


def current_digest(posts: Sequence[DeliveryRow]) -> str:
    """Give the edition digest of posts as they stand now."""
    return edition_digest(post.content_digest for post in posts)

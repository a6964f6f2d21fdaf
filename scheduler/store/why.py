"""Why a queued delivery has not left yet, in words: the claim's guards asked one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from scheduler.machine import State
from scheduler.store.moves import DeliveryRow
from scheduler.store.rules import ACCOUNT, DELIVERY, POST, POST_GUARDS, RULES, holds
from scheduler.words import N_

REASONS = {
    "not_held": N_("held"),
    "not_paused": N_("paused"),
    "idle": N_("another delivery of this account is on its way"),
    "rested": N_("the account rests"),
    "past_gap": N_("the gap to the account's last delivery is not over"),
    "under_cap": N_("the account's cap for this hour or day is reached"),
    "push_left": N_("the account's pushes for this day or month are used up"),
    "no_doubt_holds": N_("a doubt on this account is being cleared up"),
    "in_time": N_("it is later than its limit"),
}
POST_REASONS = {
    "approved": N_("“{title}” is not approved as it reads now"),
    "not_out_yet": N_("“{title}” is out already"),
    "post_not_held": N_("“{title}” is held by a check"),
    "not_withdrawn": N_("“{title}” is being withdrawn"),
}
CHANGED = N_("“{title}” was changed after its approval")
WAITS = N_("its time has not come")
RETIRED = N_("the account was taken out of use")
UNTAKEN = N_("nothing holds it back, and the daemon has not taken it")
UNTAKEN_AFTER = timedelta(minutes=5)
"""So long may a delivery be due and free to leave before something is wrong with the daemon."""

Reason = tuple[str, dict[str, object]]


def why_not(tx: Connection, row: DeliveryRow, now: datetime) -> list[Reason]:
    """Give the reasons, each a catalogue key with parameters; empty: it is free to leave."""
    return reasons_of(tx, [row], now)[row.id]


def oldest_free(tx: Connection, now: datetime) -> Row[Any, Any] | None:
    """Give `id` and `next_at` of what is due longest though nothing holds it back, else None."""
    free = select(DELIVERY.c.id, DELIVERY.c.next_at).where(
        DELIVERY.c.state == State.queued.value,
        DELIVERY.c.next_at <= now,
        *holds(RULES.claim, DELIVERY, now),
    )
    return tx.execute(free.order_by(DELIVERY.c.next_at, DELIVERY.c.id).limit(1)).first()


def reasons_of(
    tx: Connection, rows: Sequence[DeliveryRow], now: datetime
) -> Mapping[int, list[Reason]]:
    """Give the reasons of many deliveries by id, in two queries; what is not queued has none."""
    queued = {row.id: row for row in rows if row.state == State.queued.value}
    reasons: dict[int, list[Reason]] = {row.id: [] for row in rows}
    if not queued:
        return reasons
    asked = [
        guard(DELIVERY, now).label(name) for name, guard in RULES.claim.items() if name in REASONS
    ]
    answers = tx.execute(
        select(DELIVERY.c.id, ACCOUNT.c.active, *asked)
        .join(ACCOUNT, ACCOUNT.c.id == DELIVERY.c.account_id)
        .where(DELIVERY.c.id.in_(list(queued)))
    )
    for answer in answers:
        row, said = queued[answer.id], reasons[answer.id]
        if row.next_at and row.next_at > now:
            said.append((WAITS, {}))
        # An account that is out of use does not rest: nothing but a person brings it back.
        words = REASONS if answer.active else {**REASONS, "rested": RETIRED}
        said += [(text, {}) for name, text in words.items() if not answer._mapping[name]]
    for delivery_id, of_posts in _posts(tx, list(queued), now).items():
        reasons[delivery_id] += of_posts
    for row in queued.values():
        if not reasons[row.id] and row.next_at and now - row.next_at > UNTAKEN_AFTER:
            reasons[row.id].append((UNTAKEN, {}))
    return reasons


def _posts(tx: Connection, ids: Sequence[int], now: datetime) -> Mapping[int, list[Reason]]:
    asked = [guard(POST, now).label(name) for name, guard in POST_GUARDS.items()]
    told = (POST.c.delivery_id, POST.c.title, POST.c.content_digest, POST.c.frozen_digest)
    posts = tx.execute(
        select(*told, *asked)
        .where(POST.c.delivery_id.in_(ids))
        .order_by(POST.c.delivery_id, POST.c.position)
    )
    reasons: dict[int, list[Reason]] = defaultdict(list)
    for post in posts:
        params: dict[str, object] = {"title": post.title}
        for name, text in POST_REASONS.items():
            if not post._mapping[name]:
                changed = name == "approved" and post.frozen_digest not in (
                    None,
                    post.content_digest,
                )
                reasons[post.delivery_id].append((CHANGED if changed else text, params))
    return reasons

"""A platform's word that a job of ours ended: it brings the next look forward, nothing else.

The proof stays the platform's API, asked by the daemon. Anybody who saw one signed address could
send such a word again, so each attempt has one early look: no more calls are spent on it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, exists, or_, select, update

from scheduler.machine import State
from scheduler.store.flight import Mark, keep_under
from scheduler.store.queue import KEPT
from scheduler.store.rules import DELIVERY

JOBS = ("job", "msg_data_id")
"""Under which names the channels keep what a push calls a job by."""
PUSHED = "pushed"
WAITING = (State.accepted.value, State.uncertain.value)


def look_soon(tx: Connection, account_id: int, jobs: Collection[str], *, now: datetime) -> int:
    """Bring the look at one of these jobs forward to `now`; give the delivery's id, 0 for none.

    Nothing happens for a job we do not keep, for a delivery that is settled, in a person's hands
    or due for its look anyway, and for the second push of an attempt.
    """
    seen = KEPT.alias("seen")
    told = exists().where(
        seen.c.delivery_id == DELIVERY.c.id,
        seen.c.name == PUSHED,
        seen.c.attempt == DELIVERY.c.attempt,
    )
    rows = tx.execute(
        select(DELIVERY, KEPT.c.value.label("told_job"))
        .join(KEPT, KEPT.c.delivery_id == DELIVERY.c.id)
        .where(
            DELIVERY.c.account_id == account_id,
            DELIVERY.c.state.in_(WAITING),
            DELIVERY.c.accepted_by != "person",
            KEPT.c.name.in_(JOBS),
            KEPT.c.value.in_(list(jobs)),
            ~told,
        )
        .order_by(DELIVERY.c.id)
    ).all()
    for row in rows:
        changed = tx.execute(
            update(DELIVERY)
            .where(
                DELIVERY.c.id == row.id,
                DELIVERY.c.state == row.state,
                DELIVERY.c.attempt == row.attempt,
                or_(DELIVERY.c.next_at.is_(None), DELIVERY.c.next_at > now),
            )
            .values(next_at=now)
        )
        if changed.rowcount == 1:
            mark = Mark(row.edition_digest)
            keep_under(tx, row, mark, PUSHED, str(row.told_job), now=now)
            return int(row.id)
    return 0

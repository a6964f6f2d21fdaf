"""What waits for one person: the open notices for their roles, and the doubts. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from console import format as said
from scheduler import sentences
from scheduler.desk import review
from scheduler.machine import State
from scheduler.notices import open_notices
from scheduler.people import Actor, Role
from scheduler.store.queue import posts_of
from scheduler.store.rules import ACCOUNT, DELIVERY, POST
from scheduler.tables import Story, table

STORY = table(Story)
ADDRESSES = {"story": "/stories", "delivery": "/queue", "post": "/stories"}
"""Where the thing a notice speaks of has its page, by the notice's kind."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do. `place` is the address of the list its page belongs to."""

    what: str
    title: str
    at: datetime
    kind: str
    subject_id: int | None
    place: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """One delivery that may be out or not."""

    id: int
    account: str
    title: str
    doubted_at: datetime
    next_at: datetime | None


def of_person(tx: Connection, person: Actor) -> list[Duty]:
    """Give what waits for this person, the newest first.

    A story waits for a reviewer; not for the one who wrote it, since nobody signs their own.
    """
    roles = {role.value for role in person.roles}
    own = {one.story_id for one in review.pending(tx) if one.made_by == person.name}
    found = []
    for row in open_notices(tx):
        told = row._mapping
        if told["role"] not in roles or told["code"] == "doubt":
            continue  # doubts stand at the top of the page, for everybody
        if told["code"] == "review_waits" and told["subject_id"] in own:
            continue
        found.append(_duty(tx, row))
    return found


def _duty(tx: Connection, row: Row[Any]) -> Duty:
    told = row._mapping
    kind, subject = told["kind"], told["subject_id"]
    place = "/review" if told["code"] == "review_waits" else ADDRESSES.get(kind, "")
    if kind == "post":
        subject = tx.execute(select(POST.c.story_id).where(POST.c.id == subject)).scalar()
    return Duty(
        what=sentences.reason(told["code"], told["detail"]),
        title=_title(tx, told["kind"], told["subject_id"]),
        at=told["at"],
        kind=kind,
        subject_id=subject,
        place=place,
    )


def _title(tx: Connection, kind: str, subject: int | None) -> str:
    if subject is None:
        return ""
    if kind == "story":
        return str(tx.execute(select(STORY.c.title).where(STORY.c.id == subject)).scalar() or "")
    if kind == "post":
        return str(tx.execute(select(POST.c.title).where(POST.c.id == subject)).scalar() or "")
    if kind == "delivery":
        posts = posts_of(tx, subject)
        return posts[0].title if posts else ""
    if kind == "account":
        query = select(ACCOUNT.c.title).where(ACCOUNT.c.id == subject)
        return str(tx.execute(query).scalar() or "")
    return ""


def doubts(tx: Connection) -> list[Doubt]:
    """Give the uncertain deliveries, the oldest doubt first."""
    query = (
        select(DELIVERY, ACCOUNT.c.title.label("account_title"), ACCOUNT.c.channel)
        .join(ACCOUNT, ACCOUNT.c.id == DELIVERY.c.account_id)
        .where(DELIVERY.c.state == State.uncertain.value)
        .order_by(DELIVERY.c.doubted_at, DELIVERY.c.id)
    )
    return [
        Doubt(
            row.id,
            said.account(row.account_title, row.channel),
            _title(tx, "delivery", row.id),
            row.doubted_at,
            row.next_at,
        )
        for row in tx.execute(query).all()
    ]


def reviews_for(tx: Connection, person: Actor) -> int:
    """Give how many versions wait for this person's signature."""
    if not person.may(Role.reviewer):
        return 0
    return sum(one.made_by != person.name for one in review.pending(tx))

"""What waits for one person: the notices for their roles, and the doubts. Reads only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from console import format as said
from scheduler import notices, sentences
from scheduler.desk import review
from scheduler.machine import State
from scheduler.people import Actor, Role
from scheduler.store import listing
from scheduler.store.rules import ACCOUNT, DELIVERY, EVENT, POST
from scheduler.tables import Story, table

STORY = table(Story)


@dataclass(frozen=True, slots=True)
class Duty:
    """One notice: what happened, to what, what it means and what to do. `step` is a link's words.

    `account` and `address` are "" where there is none; `may_settle` tells that a person may close
    it. `done_at` and `done_by` tell of one that is closed.
    """

    id: int
    at: datetime
    title: str
    account: str
    what: str
    means: str
    step: str
    address: str
    may_settle: bool
    done_at: datetime | None
    done_by: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """One delivery that may be out or not."""

    id: int
    account: str
    title: str
    doubted_at: datetime
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a notice speaks of."""

    title: str
    account: str = ""
    story: int = 0
    why: str = ""


def of_person(tx: Connection, person: Actor) -> list[Duty]:
    """Give what waits for this person, the newest first.

    Without the doubts: they stand at the top of the page, for everybody.
    """
    return _told(tx, [row for row in _open(tx, person) if row.code != "doubt"])


def notices_of(tx: Connection, person: Actor) -> list[Duty]:
    """Give every open notice for this person's roles, the newest first."""
    return _told(tx, _open(tx, person))


def done_of(tx: Connection, person: Actor, since: datetime) -> list[Duty]:
    """Give the notices for this person's roles that were closed since a moment."""
    return _told(tx, notices.done_for(tx, person.roles, since))


def count_new(tx: Connection, person: Actor, seen: int) -> int:
    """Give how many open notices there are that came after the one a person saw last."""
    return len(_open(tx, person, after=seen))


def _open(tx: Connection, person: Actor, *, after: int = 0) -> list[Row[Any]]:
    """Read the open ones. A story waits for a reviewer, not for the one who wrote it."""
    rows = notices.open_for(tx, person.roles, after=after)
    if not any(row.code == "review_waits" for row in rows):
        return rows
    own = {one.story_id for one in review.pending(tx) if one.made_by == person.name}
    return [row for row in rows if row.code != "review_waits" or row.subject_id not in own]


def _told(tx: Connection, rows: Sequence[Row[Any]]) -> list[Duty]:
    """Say notices in words: a handful of queries, however many there are."""
    subjects = _subjects(tx, rows)
    closed = [row.id for row in rows if row.done_at is not None]
    by = notices.settlers(tx, closed) if closed else {}
    return [
        _duty(row, subjects.get((row.kind, row.subject_id), _Subject("")), by.get(row.id, ""))
        for row in rows
    ]


def _duty(row: Row[Any], subject: _Subject, done_by: str) -> Duty:
    what = sentences.notice(row.code, row.detail)
    if subject.why and not row.detail and row.done_at is None:
        what = sentences.notice(row.code, {"reason": subject.why})
    return Duty(
        id=row.id,
        at=row.at,
        title=subject.title,
        account=subject.account,
        what=what,
        means=sentences.MEANINGS.get(row.code, ""),
        step=sentences.STEPS.get(row.code, ""),
        address=_address(row, subject),
        may_settle=row.code in notices.BY_HAND and row.done_at is None,
        done_at=row.done_at,
        done_by=sentences.actor(done_by) if done_by else "",
    )


def _address(row: Row[Any], subject: _Subject) -> str:
    """Give the page on which one acts."""
    match row.kind:
        case "story":
            place = "review" if row.code == "review_waits" else "stories"
            return f"/{place}/{row.subject_id}"
        case "post":
            return f"/stories/{subject.story}" if subject.story else ""
        case "delivery":
            return f"/{'doubts' if row.code == 'doubt' else 'queue'}/{row.subject_id}"
        case "account":
            return "/accounts"
    return ""


# --- what notices speak of ------------------------------------------------------------------------


def _subjects(
    tx: Connection, rows: Sequence[Row[Any]]
) -> Mapping[tuple[str, int | None], _Subject]:
    found: dict[tuple[str, int | None], _Subject] = {}
    ids: dict[str, list[int]] = {}
    for row in rows:
        ids.setdefault(row.kind, []).append(row.subject_id)
    if wanted := ids.get("story"):
        for story in tx.execute(select(STORY.c.id, STORY.c.title).where(STORY.c.id.in_(wanted))):
            found["story", story.id] = _Subject(story.title, story=story.id)
    if wanted := ids.get("post"):
        query = _with_account(select(POST.c.id, POST.c.story_id, POST.c.title.label("said")), POST)
        for post in tx.execute(query.where(POST.c.id.in_(wanted))):
            found["post", post.id] = _Subject(post.said, _account(post), post.story_id)
    if wanted := ids.get("account"):
        query = select(ACCOUNT.c.id, ACCOUNT.c.title, ACCOUNT.c.channel)
        for account in tx.execute(query.where(ACCOUNT.c.id.in_(wanted))):
            found["account", account.id] = _Subject(_account(account))
    if wanted := ids.get("delivery"):
        found |= {("delivery", id_): told for id_, told in _deliveries(tx, wanted).items()}
    return found


def _deliveries(tx: Connection, ids: Sequence[int]) -> dict[int, _Subject]:
    query = select(DELIVERY.c.id, DELIVERY.c.state, DELIVERY.c.code, DELIVERY.c.detail)
    rows = tx.execute(_with_account(query, DELIVERY).where(DELIVERY.c.id.in_(ids))).all()
    titles = headlines(tx, ids)
    return {
        row.id: _Subject(
            titles.get(row.id, ""),
            _account(row),
            why=sentences.reason(row.code, row.detail) if row.state == State.failed.value else "",
        )
        for row in rows
    }


def headlines(tx: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Give what deliveries say in one line each; also of those whose posts went elsewhere."""
    if not ids:
        return {}
    members = listing.members_of(tx, ids)
    said_by = {id_: [post.title for post in posts] for id_, posts in members.items() if posts}
    bare = [id_ for id_ in ids if id_ not in said_by]
    if bare:
        said_by |= _queued_titles(tx, bare)
    return {id_: listing.headline(titles) for id_, titles in said_by.items()}


def _queued_titles(tx: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """Give what was put into these deliveries when they were queued first."""
    first = (
        select(func.min(EVENT.c.id))
        .where(EVENT.c.kind == "delivery", EVENT.c.subject_id.in_(ids), EVENT.c.verb == "add")
        .group_by(EVENT.c.subject_id)
    )
    lines: Any = tx.execute(select(EVENT.c.subject_id, EVENT.c.detail).where(EVENT.c.id.in_(first)))
    posts = {line.subject_id: json.loads(line.detail)["posts"] for line in lines}
    wanted = [post_id for of_one in posts.values() for post_id in of_one]
    query = select(POST.c.id, POST.c.title).where(POST.c.id.in_(wanted))
    titles: dict[int, str] = {row.id: row.title for row in tx.execute(query)}
    return {
        id_: [titles[post_id] for post_id in of_one if post_id in titles]
        for id_, of_one in posts.items()
    }


def _with_account(query: Any, owner: Any) -> Any:
    joined = query.add_columns(ACCOUNT.c.title, ACCOUNT.c.channel)
    return joined.join_from(owner, ACCOUNT, ACCOUNT.c.id == owner.c.account_id)


def _account(row: Any) -> str:
    return said.account(row.title, row.channel)


# --- doubts and reviews ---------------------------------------------------------------------------


def doubts(tx: Connection) -> list[Doubt]:
    """Give the uncertain deliveries, the oldest doubt first."""
    query = _with_account(
        select(DELIVERY.c.id, DELIVERY.c.doubted_at, DELIVERY.c.next_at), DELIVERY
    )
    query = query.where(DELIVERY.c.state == State.uncertain.value)
    rows = tx.execute(query.order_by(DELIVERY.c.doubted_at, DELIVERY.c.id)).all()
    titles = headlines(tx, [row.id for row in rows])
    return [
        Doubt(row.id, _account(row), titles.get(row.id, ""), row.doubted_at, row.next_at)
        for row in rows
    ]


def reviews_for(tx: Connection, person: Actor) -> int:
    """Give how many versions wait for this person's signature."""
    if not person.may(Role.reviewer):
        return 0
    return sum(one.made_by != person.name for one in review.pending(tx))

"""Posts of one story, written under guards: an edit never touches bytes that may be under way.

The rows of their deliveries are locked first (on SQLite a write transaction locks everything), so
that an edit and an arm never pass each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from channels.contract import Content
from scheduler import events
from scheduler.content import content_digest, pack, unpack
from scheduler.desk import media
from scheduler.desk.tables import Version, VersionPost
from scheduler.errors import Conflict, NotFound
from scheduler.machine import NOT_OUT, State, Verb
from scheduler.people import Actor
from scheduler.store.moves import move
from scheduler.tables import Account, ContentColumn, Delivery, Post, Story, table

ACCOUNT, DELIVERY, POST, STORY = table(Account), table(Delivery), table(Post), table(Story)
COLUMN = table(ContentColumn)
VERSION, VERSION_POST = table(Version), table(VersionPost)
_MAY_CHANGE = frozenset(NOT_OUT | {State.queued})


def lock_story(tx: Connection, story_id: int) -> Row[Any]:
    """Read a story for changing it. Raises `NotFound`, also for one the ledger recorded only."""
    query = select(STORY).where(STORY.c.id == story_id, STORY.c.made_elsewhere.is_(False))
    row = tx.execute(query.with_for_update()).first()
    if row is None:
        raise NotFound("There is no story {id}.", command="fabu story list", id=story_id)
    return row


def of_story(tx: Connection, story_id: int) -> list[Row[Any]]:
    """Give a story's posts that were not dropped, each with `account` and `channel`, in order."""
    query = (
        select(POST, ACCOUNT.c.name.label("account"), ACCOUNT.c.channel)
        .join(ACCOUNT, ACCOUNT.c.id == POST.c.account_id)
        .where(POST.c.story_id == story_id, POST.c.dropped_at.is_(None))
        .order_by(POST.c.account_id)
    )
    return list(tx.execute(query))


def deliveries_of(tx: Connection, posts: Sequence[Row[Any]]) -> dict[int, Row[Any]]:
    """Give the deliveries of these posts by id, locked until the end of the transaction."""
    ids = sorted({post.delivery_id for post in posts if post.delivery_id is not None})
    query = select(DELIVERY).where(DELIVERY.c.id.in_(ids)).order_by(DELIVERY.c.id)
    return {row.id: row for row in tx.execute(query.with_for_update())}


def content_in(tx: Connection, post: Row[Any]) -> Content:
    """Give what a post says, its pictures without their bytes."""
    return unpack(post.content, lambda sha256: media.picture(tx, sha256))


def add(
    tx: Connection, story: Row[Any], account_id: int, content: Content, *, now: datetime
) -> int:
    """Make the post of `story` on one account; give its id."""
    values = {
        "story_id": story.id,
        "account_id": account_id,
        "position": 0,
        "regrouped": False,
        "remote_id": "",
        "link": "",
        "gone_how": "",
        "made_elsewhere": False,
        "import_digest": "",
        "content": pack(content),
        "content_digest": content_digest(content),
        "created_at": now,
        "updated_at": now,
        **_of_story(story, content),
    }
    return int(tx.execute(insert(POST).values(values).returning(POST.c.id)).scalar_one())


def _of_story(story: Row[Any], content: Content) -> dict[str, object]:
    """Give what stands on the post so that a later edit of the story changes no old figure."""
    return {
        "column_id": story.column_id,
        "title": content.title or story.title,
        "origin": story.origin,
        "source": story.source,
    }


def refresh(tx: Connection, post: Row[Any], story: Row[Any], content: Content) -> None:
    """Bring title and column of an unpublished post up to the story; what it says is the same."""
    mine = (POST.c.id == post.id, POST.c.published_at.is_(None))
    tx.execute(update(POST).where(*mine).values(**_of_story(story, content)))


def change(
    tx: Connection,
    post: Row[Any],
    delivery: Row[Any] | None,
    story: Row[Any],
    content: Content,
    *,
    now: datetime,
    actor: Actor,
) -> None:
    """Let an unpublished post say something else: its signature is void from this moment on.

    Raises `Conflict` when its delivery is armed, accepted or uncertain (its bytes may be under
    way). A claimed, unarmed attempt is not disturbed: it finds the signature void when it arms.
    """
    refuse_if_under_way(post, delivery)
    written = tx.execute(
        update(POST)
        .where(
            POST.c.id == post.id,
            POST.c.content_digest == post.content_digest,
            POST.c.published_at.is_(None),
            POST.c.dropped_at.is_(None),
        )
        .values(
            content=pack(content),
            content_digest=content_digest(content),
            approved_digest=None,
            approved_until=None,
            updated_at=now,
            **_of_story(story, content),
        )
    )
    if written.rowcount != 1:
        raise Conflict("Story {id} was changed at this moment. Try again.", id=story.id)
    void(tx, post.id, now=now)
    line = events.Line(
        kind="post",
        subject_id=post.id,
        account_id=post.account_id,
        verb="edit",
        actor=actor.mark,
        at=now,
        code="signature_void" if post.approved_digest else "",
        detail={"before": post.content_digest, "after": content_digest(content)},
    )
    events.write(tx, line)
    if delivery is not None and delivery.state == State.queued.value:
        move(tx, delivery, Verb.edit, now=now, actor=actor.mark, detail={"post": post.id})


def void(tx: Connection, post_id: int, *, now: datetime) -> None:
    """Mark every line of every version that spoke of this post as spoken of something else."""
    mine = (VERSION_POST.c.post_id == post_id, VERSION_POST.c.voided_at.is_(None))
    tx.execute(update(VERSION_POST).where(*mine).values(voided_at=now))


def accounts_waiting(tx: Connection) -> Mapping[int, list[str]]:
    """Give the accounts of the open versions' lines that still hold, by story, in order."""
    query = (
        select(VERSION.c.story_id, ACCOUNT.c.name)
        .join(VERSION_POST, VERSION_POST.c.version_id == VERSION.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == VERSION_POST.c.account_id)
        .where(VERSION.c.closed_at.is_(None), VERSION_POST.c.voided_at.is_(None))
        .order_by(VERSION.c.story_id, VERSION_POST.c.account_id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in tx.execute(query):
        found[row.story_id].append(row.name)
    return found


def lines_shown(tx: Connection, story_id: int) -> list[Row[Any]]:
    """Give the lines of a story's open version that still hold, each with its `account`."""
    query = (
        select(VERSION_POST, ACCOUNT.c.name.label("account"))
        .join(VERSION, VERSION.c.id == VERSION_POST.c.version_id)
        .join(ACCOUNT, ACCOUNT.c.id == VERSION_POST.c.account_id)
        .where(
            VERSION.c.story_id == story_id,
            VERSION.c.closed_at.is_(None),
            VERSION_POST.c.voided_at.is_(None),
        )
        .order_by(VERSION_POST.c.account_id)
    )
    return list(tx.execute(query))


def refuse_if_under_way(post: Row[Any], delivery: Row[Any] | None) -> None:
    """Raise `Conflict` when the platform may already have what the post says now."""
    if delivery is None or State(delivery.state) in _MAY_CHANGE:
        return
    if delivery.state == State.publishing.value and delivery.armed_at is None:
        return
    raise Conflict(
        "On account {account} this story is just going out or may be out already: delivery "
        "{delivery} is {state}. It can be changed when that is settled; what is out by then needs "
        "a correction as a new story.",
        account=post.account,
        delivery=delivery.id,
        state=(delivery.state, {}),
    )

"""What the faces show of stories: lists and the full view. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from channels.contract import Content
from scheduler import events
from scheduler.desk import comment, posts
from scheduler.desk.posts import ACCOUNT, COLUMN, DELIVERY, POST, STORY, VERSION, VERSION_POST
from scheduler.desk.tables import Signature
from scheduler.errors import InputError, NotFound
from scheduler.tables import Person, table

PERSON, SIGNATURE = table(Person), table(Signature)
REVIEWS = ("draft", "in_review", "approved", "returned")


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of the list of stories. `signed` and `out` count posts, of `posts` in all."""

    id: int
    title: str
    column: str
    origin: str
    review: str
    author: str
    posts: int
    signed: int
    out: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PostView:
    """What a story says on one account, and where that post stands."""

    id: int
    account: str
    channel: str
    content: Content
    digest: str
    is_signed: bool
    signed_until: datetime | None
    held_for: str | None
    delivery_id: int | None
    delivery_state: str
    due_at: datetime | None
    published_at: datetime | None
    link: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version: what was shown (account -> digest), which lines are void, what was decided.

    `gates` are names of `desk.gates`: those passed, or those a return names as failed.
    """

    number: int
    made_by: str
    made_at: datetime
    note: str
    shown: dict[str, str]
    void: tuple[str, ...]
    is_open: bool
    decision: str
    decided_by: str
    decided_at: datetime | None
    reason: str
    gates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryView:
    """Everything of one story."""

    id: int
    title: str
    column: str
    origin: str
    source: str
    author: str
    summary: str
    link: str
    body: str
    review: str
    review_note: str
    written_by: str
    created_at: datetime
    updated_at: datetime
    posts: tuple[PostView, ...]
    versions: tuple[VersionView, ...]
    comments: tuple[comment.Comment, ...]
    events: tuple[dict[str, object], ...]

    @property
    def open_comments(self) -> int:
        """How many comments nobody has settled."""
        return sum(one.is_open for one in self.comments)


def list_stories(
    tx: Connection, *, review: str = "", title: str = "", limit: int = 500, offset: int = 0
) -> list[StoryLine]:
    """List stories, the last changed first.

    `review` narrows to one state, `title` to titles with these words. Raises `InputError`.
    """
    if review and review not in REVIEWS:
        raise InputError(
            "There is no review state {state}. There are: {known}.",
            state=review,
            known=", ".join(REVIEWS),
        )
    mine = (POST.c.story_id == STORY.c.id, POST.c.dropped_at.is_(None))
    count = select(func.count(POST.c.id)).where(*mine)
    query = (
        select(
            STORY,
            COLUMN.c.path,
            PERSON.c.name.label("person"),
            count.scalar_subquery().label("posts"),
            count.where(POST.c.approved_digest == POST.c.content_digest)
            .scalar_subquery()
            .label("signed"),
            count.where(POST.c.published_at.is_not(None)).scalar_subquery().label("out"),
        )
        .join(COLUMN, COLUMN.c.id == STORY.c.column_id)
        .outerjoin(PERSON, PERSON.c.id == STORY.c.author_id)
        .where(STORY.c.made_elsewhere.is_(False))
        .order_by(STORY.c.updated_at.desc(), STORY.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if review:
        query = query.where(STORY.c.review == review)
    for word in title.split():
        query = query.where(STORY.c.title.icontains(word, autoescape=True))
    return [
        StoryLine(
            id=row.id,
            title=row.title,
            column=row.path,
            origin=row.origin,
            review=row.review,
            author=row.person or "",
            posts=row.posts,
            signed=row.signed,
            out=row.out,
            updated_at=row.updated_at,
        )
        for row in tx.execute(query)
    ]


def count_by_review(tx: Connection, *, title: str = "") -> dict[str, int]:
    """Give how many stories stand in each review state, of those with these words in the title."""
    query = select(STORY.c.review, func.count(STORY.c.id)).where(STORY.c.made_elsewhere.is_(False))
    for word in title.split():
        query = query.where(STORY.c.title.icontains(word, autoescape=True))
    found = {row[0]: row[1] for row in tx.execute(query.group_by(STORY.c.review))}
    return {review: found.get(review, 0) for review in REVIEWS}


def show(tx: Connection, story_id: int) -> StoryView:
    """Give everything of one story. Raises `NotFound`."""
    query = (
        select(STORY, COLUMN.c.path, PERSON.c.name.label("person"))
        .join(COLUMN, COLUMN.c.id == STORY.c.column_id)
        .outerjoin(PERSON, PERSON.c.id == STORY.c.author_id)
        .where(STORY.c.id == story_id)
    )
    row = tx.execute(query).first()
    if row is None:
        raise NotFound("There is no story {id}.", command="fabu story list", id=story_id)
    shown = _posts(tx, story_id)
    said = {post.account: post.content for post in shown}
    return StoryView(
        id=row.id,
        title=row.title,
        column=row.path,
        origin=row.origin,
        source=row.source,
        author=row.author,
        summary=row.summary,
        link=row.link,
        body=row.body,
        review=row.review,
        review_note=row.review_note,
        written_by=row.person or "",
        created_at=row.created_at,
        updated_at=row.updated_at,
        posts=shown,
        versions=_versions(tx, story_id),
        comments=comment.of_story(tx, story_id, said),
        events=tuple(_event(line) for line in events.of_subject(tx, "story", story_id)),
    )


def _posts(tx: Connection, story_id: int) -> tuple[PostView, ...]:
    mine = posts.of_story(tx, story_id)
    ids = [post.delivery_id for post in mine if post.delivery_id is not None]
    rows = tx.execute(select(DELIVERY).where(DELIVERY.c.id.in_(ids)))
    deliveries = {row.id: row for row in rows}
    return tuple(_post(tx, post, deliveries.get(post.delivery_id)) for post in mine)


def _post(tx: Connection, post: Row[Any], delivery: Row[Any] | None) -> PostView:
    # A post the ledger imported has no content of ours.
    content = posts.content_in(tx, post) if post.content else Content(title=post.title)
    return PostView(
        id=post.id,
        account=post.account,
        channel=post.channel,
        content=content,
        digest=post.content_digest,
        is_signed=post.approved_digest is not None and post.approved_digest == post.content_digest,
        signed_until=post.approved_until,
        held_for=post.held_for,
        delivery_id=post.delivery_id,
        delivery_state=delivery.state if delivery else "",
        due_at=delivery.due_at if delivery else None,
        published_at=post.published_at,
        link=post.link,
    )


def _versions(tx: Connection, story_id: int) -> tuple[VersionView, ...]:
    maker, signer = PERSON.alias("maker"), PERSON.alias("signer")
    query = (
        select(
            VERSION,
            maker.c.name.label("maker"),
            signer.c.name.label("signer"),
            SIGNATURE.c.decision,
            SIGNATURE.c.reason,
            SIGNATURE.c.gates,
            SIGNATURE.c.signed_at,
        )
        .outerjoin(maker, maker.c.id == VERSION.c.made_by)
        .outerjoin(SIGNATURE, SIGNATURE.c.version_id == VERSION.c.id)
        .outerjoin(signer, signer.c.id == SIGNATURE.c.person_id)
        .where(VERSION.c.story_id == story_id)
        .order_by(VERSION.c.number)
    )
    return tuple(_version(tx, row) for row in tx.execute(query).all())


def _version(tx: Connection, row: Row[Any]) -> VersionView:
    lines = tx.execute(
        select(ACCOUNT.c.name, VERSION_POST.c.content_digest, VERSION_POST.c.voided_at)
        .join(ACCOUNT, ACCOUNT.c.id == VERSION_POST.c.account_id)
        .where(VERSION_POST.c.version_id == row.id)
        .order_by(VERSION_POST.c.account_id)
    ).all()
    return VersionView(
        number=row.number,
        made_by=row.maker or "",
        made_at=row.made_at,
        note=row.note,
        shown={line.name: line.content_digest for line in lines},
        void=tuple(line.name for line in lines if line.voided_at is not None),
        is_open=row.closed_at is None,
        decision=row.decision or "",
        decided_by=row.signer or "",
        decided_at=row.signed_at,
        reason=row.reason or "",
        gates=tuple((row.gates or "").split()),
    )


def _event(line: Row[Any]) -> dict[str, object]:
    return {
        "at": line.at,
        "verb": line.verb,
        "actor": line.actor,
        "from": line.origin_state,
        "to": line.target_state,
        "detail": events.detail_of(line),
    }

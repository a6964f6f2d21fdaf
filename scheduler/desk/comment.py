"""Comments: a remark on words of the version that waits, settled when it was answered.

They stand beside the text and are no part of it: no signature is bound to them, no channel sees
them. Whoever may change the text (authors) or decide on it (reviewers) may comment and settle; a
comment is withdrawn by who made it, as long as its version waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from channels.contract import Content
from scheduler import events
from scheduler.desk import posts, quotes, versions
from scheduler.desk import tables as desk
from scheduler.desk.posts import ACCOUNT, VERSION
from scheduler.errors import InputError, NotAllowed, NotFound
from scheduler.people import Actor, Role, require
from scheduler.tables import Person, table

COMMENT, PERSON = table(desk.Comment), table(Person)
ROLES = (Role.reviewer, Role.author)
LENGTH_MAX = 2000
NTH_MAX = 1_000_000
"""No text says the same words so often: a body has at most a million characters."""


@dataclass(frozen=True, slots=True)
class Place:
    """The words a comment is on. All empty: the whole story. Account and field may be left out."""

    quote: str = ""
    account: str = ""
    field: str = ""
    occurrence: int = 1


WHOLE = Place()


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment, with its account's title and channel.

    `is_gone`: the story no longer says the quoted words where they stood. `withdrawable_by`: its
    maker while its version waits, else nobody.
    """

    id: int
    number: int
    place: Place
    title: str
    channel: str
    remark: str
    by: str
    made_at: datetime
    settled_by: str
    settled_at: datetime | None
    is_gone: bool
    withdrawable_by: int | None

    @property
    def is_open(self) -> bool:
        """Whether nobody has settled it yet."""
        return self.settled_at is None


def add(
    tx: Connection, story_id: int, number: int, remark: str, place: Place = WHOLE,
    *, now: datetime, actor: Actor,
) -> int:  # fmt: skip
    """Put a remark on words of the version that waits; give the comment's number.

    Where account or field are left out, the first place that says the words is taken. Raises
    `InputError` when nothing is said or the words stand nowhere, and what `versions.waiting` does.
    """
    require(actor, *ROLES)
    posts.lock_story(tx, story_id)
    version = versions.waiting(tx, story_id, number)
    remark, quote = (text.replace("\0", "").strip() for text in (remark, place.quote))
    if not remark:
        raise InputError("Say what is meant: the remark is empty.")
    if max(len(remark), len(quote)) > LENGTH_MAX:
        raise InputError("Remark and quoted words have at most {most} characters.", most=LENGTH_MAX)
    shown = {line.account for line in posts.lines_shown(tx, story_id)}
    mine = [post for post in posts.of_story(tx, story_id) if post.account in shown]
    account_id, field = _find(tx, mine, place) if quotes.bare(quote) else (None, "")
    values = {
        "version_id": version.id,
        "account_id": account_id,
        "field": field,
        "quote": quote if field else "",
        "occurrence": min(max(1, place.occurrence), NTH_MAX) if field == place.field else 1,
        "remark": remark,
        "person_id": actor.id,
        "made_at": now,
    }
    new = int(tx.execute(insert(COMMENT).values(values).returning(COMMENT.c.id)).scalar_one())
    _write(tx, story_id, "comment", number, remark, now=now, actor=actor)
    return new


def settle(
    tx: Connection, story_id: int, comment_id: int, *, now: datetime, actor: Actor,
    again: bool = False,
) -> None:  # fmt: skip
    """Mark a comment as settled, or with `again` as open once more; twice is once."""
    require(actor, *ROLES)
    found = _read(tx, story_id, comment_id)
    settled = COMMENT.c.settled_at
    before = settled.is_not(None) if again else settled.is_(None)
    standing = COMMENT.c.withdrawn_at.is_(None)  # its maker may take it back at this moment
    mark = {"settled_at": None if again else now, "settled_by": None if again else actor.id}
    done = tx.execute(
        update(COMMENT).where(COMMENT.c.id == comment_id, before, standing).values(mark)
    )
    if done.rowcount:
        verb = "reopen_comment" if again else "settle_comment"
        _write(tx, story_id, verb, found.number, found.remark, now=now, actor=actor)


def withdraw(
    tx: Connection, story_id: int, comment_id: int, *, now: datetime, actor: Actor
) -> None:
    """Take one's own comment back. Raises `NotAllowed` for another's, `Conflict` afterwards."""
    require(actor, *ROLES)
    posts.lock_story(tx, story_id)
    found = _read(tx, story_id, comment_id)
    if found.person_id != actor.id:
        raise NotAllowed(
            "Only {person}, who made this comment, can withdraw it. It can be marked as settled.",
            person=found.maker,
        )
    versions.waiting(tx, story_id, found.number)
    tx.execute(update(COMMENT).where(COMMENT.c.id == comment_id).values(withdrawn_at=now))
    _write(tx, story_id, "withdraw_comment", found.number, found.remark, now=now, actor=actor)


def count_open(tx: Connection, story_id: int) -> int:
    """Give how many comments on a story nobody has settled."""
    query = (
        select(func.count(COMMENT.c.id))
        .join(VERSION, VERSION.c.id == COMMENT.c.version_id)
        .where(VERSION.c.story_id == story_id, COMMENT.c.withdrawn_at.is_(None))
    )
    return int(tx.execute(query.where(COMMENT.c.settled_at.is_(None))).scalar_one())


def of_story(tx: Connection, story_id: int, said: Mapping[str, Content]) -> tuple[Comment, ...]:
    """Give a story's comments in the order they were made, the withdrawn ones left out.

    `said` is what the story says now, by account.
    """
    query = _joined().where(VERSION.c.story_id == story_id).order_by(COMMENT.c.id)
    return tuple(_comment(row, said) for row in tx.execute(query).all())


def _joined() -> Any:
    settler = PERSON.alias("settler")
    return (
        select(
            COMMENT,
            VERSION.c.number,
            VERSION.c.closed_at,
            ACCOUNT.c.name.label("account"),
            ACCOUNT.c.title,
            ACCOUNT.c.channel,
            PERSON.c.name.label("maker"),
            settler.c.name.label("settler"),
        )
        .join(VERSION, VERSION.c.id == COMMENT.c.version_id)
        .join(PERSON, PERSON.c.id == COMMENT.c.person_id)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == COMMENT.c.account_id)
        .outerjoin(settler, settler.c.id == COMMENT.c.settled_by)
        .where(COMMENT.c.withdrawn_at.is_(None))
    )


def _read(tx: Connection, story_id: int, comment_id: int) -> Row[Any]:
    query = _joined().where(VERSION.c.story_id == story_id, COMMENT.c.id == comment_id)
    row: Row[Any] | None = tx.execute(query).first()
    if row is None:
        raise NotFound("Story {id} has no comment {comment}.", id=story_id, comment=comment_id)
    return row


def _comment(row: Row[Any], said: Mapping[str, Content]) -> Comment:
    content = said.get(row.account)
    return Comment(
        id=row.id,
        number=row.number,
        place=Place(row.quote, row.account or "", row.field, row.occurrence),
        title=row.title or "",
        channel=row.channel or "",
        remark=row.remark,
        by=row.maker,
        made_at=row.made_at,
        settled_by=row.settler or "",
        settled_at=row.settled_at,
        is_gone=bool(row.field)
        and (content is None or not quotes.holds(content, row.field, row.quote)),
        withdrawable_by=row.person_id if row.closed_at is None else None,
    )


def _find(tx: Connection, shown: list[Row[Any]], place: Place) -> tuple[int, str]:
    """Give account and field that say the quoted words, those of `place` first."""
    for post in sorted(shown, key=lambda post: post.account != place.account):
        wanted = place.field if post.account == place.account or not place.account else ""
        if field := quotes.field_of(posts.content_in(tx, post), place.quote, wanted):
            return int(post.account_id), field
    raise InputError(
        "The quoted words do not stand in the text. Copy them from it as they are, or leave the "
        "quote empty and say in the remark what is meant."
    )


def _write(
    tx: Connection, story_id: int, verb: str, number: int, remark: str,
    *, now: datetime, actor: Actor,
) -> None:  # fmt: skip
    detail = {"number": number, "reason": remark}
    events.write(tx, events.Line("story", story_id, verb, actor.mark, now, detail=detail))

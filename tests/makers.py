"""Small factories: an account, a column, a story, a post with its signature, a delivery.

Rows are written with Core inserts, so that a test of the store does not lean on the desk.
Everything happens at `tests.clocks.START` unless a test says otherwise.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlmodel import SQLModel

from channels.contract import Content
from scheduler.content import content_digest, pack
from scheduler.store import queue
from scheduler.store.moves import read
from scheduler.tables import (
    Account,
    ContentColumn,
    Delivery,
    Event,
    Notice,
    Pause,
    Post,
    Story,
    Withdrawal,
    fresh,
    table,
)
from tests.clocks import START

LATENESS = timedelta(minutes=120)
POST = table(Post)


def later(seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> datetime:
    """Give a moment counted from the start of every test."""
    return START + timedelta(seconds=seconds, minutes=minutes, hours=hours)


def put(tx: Connection, model: type[SQLModel], **values: object) -> int:
    """Insert one row with the model's defaults; give its id."""
    made = table(model)
    return int(
        tx.execute(insert(made).values(fresh(model, **values)).returning(made.c.id)).scalar()
    )


def change(tx: Connection, model: type[SQLModel], row_id: int, **values: object) -> None:
    """Write some fields of one row, past every guard."""
    made = table(model)
    tx.execute(update(made).where(made.c.id == row_id).values(**values))


def get(tx: Connection, model: type[SQLModel], row_id: int) -> Row[Any]:
    """Read one row."""
    made = table(model)
    return tx.execute(select(made).where(made.c.id == row_id)).one()


def account(tx: Connection, name: str = "news", **values: object) -> int:
    """Make an account without caps."""
    return put(tx, Account, **{"name": name, "channel": "scripted", "title": name, **values})


def column(tx: Connection, path: str = "安全科普", **values: object) -> int:
    """Find a column, or make it."""
    made = table(ContentColumn)
    found = tx.execute(select(made.c.id).where(made.c.path == path)).scalar()
    return int(found) if found else put(tx, ContentColumn, path=path, **values)


def story(tx: Connection, title: str = "冬季取暖防范一氧化碳中毒", **values: object) -> int:
    """Make a story in one column."""
    values = {"column_id": column(tx), "created_at": START, "updated_at": START, **values}
    return put(tx, Story, title=title, **values)


def post(
    tx: Connection,
    account_id: int,
    text: str = "取暖要通风",
    *,
    signed: bool = True,
    **values: object,
) -> int:
    """Make a post that says `text` on an account, approved unless `signed` is false."""
    content = Content(title=text, text=text, how="publish")
    digest = content_digest(content)
    told = {
        "story_id": values.get("story_id") or story(tx, text),
        "column_id": column(tx),
        "account_id": account_id,
        "title": text,
        "content": pack(content),
        "content_digest": digest,
        "approved_digest": digest if signed else None,
        "created_at": START,
        "updated_at": START,
    }
    return put(tx, Post, **{**told, **values})


def rewrite(tx: Connection, post_id: int, text: str, *, signed: bool = False) -> None:
    """Edit a post's text as the desk does: the signature is void, unless signed again."""
    content = Content(title=text, text=text, how="publish")
    digest = content_digest(content)
    values = {"content": pack(content), "content_digest": digest}
    change(tx, Post, post_id, **values, approved_digest=digest if signed else None)


def delivery(
    tx: Connection,
    account_id: int,
    post_ids: list[int] | None = None,
    *,
    due_at: datetime = START,
    now: datetime = START,
    **order: object,
) -> int:
    """Queue posts (one new approved post without `post_ids`) the way people do."""
    members = post_ids if post_ids is not None else [post(tx, account_id)]
    asked = {"how": "publish", "late_at": due_at + LATENESS, **order}
    order_of = queue.Order(account_id=account_id, post_ids=members, due_at=due_at, **asked)
    return queue.add(tx, order_of, now=now, actor="person:1")


def edition(tx: Connection, account_id: int, texts: str = "头条 二条 三条", **order: object) -> int:
    """Queue an edition with one approved post for each word of `texts`."""
    members = [post(tx, account_id, text) for text in texts.split()]
    return delivery(tx, account_id, members, **order)


def in_state(tx: Connection, account_id: int, wanted: str, **values: object) -> int:
    """Queue one post for an hour later and set its delivery into a state, past the machine."""
    made = delivery(tx, account_id, due_at=later(hours=1))
    needed: dict[str, dict[str, object]] = {
        "publishing": {"lease_until": later(minutes=5)},
        "accepted": {"accepted_by": "person"},
        "uncertain": {"doubted_at": START},
    }
    change(tx, Delivery, made, state=wanted, **{**needed.get(wanted, {}), **values})
    return made


def pause(tx: Connection, account_id: int | None = None, **values: object) -> int:
    """Pause one account, or all."""
    told = {"account_id": account_id, "from_at": START, "reason": "哀悼日"}
    return put(tx, Pause, **{**told, **values})


def withdrawal(tx: Connection, post_id: int, **values: object) -> int:
    """Ask to take a post back."""
    return put(tx, Withdrawal, **{"post_id": post_id, "requested_at": START, **values})


def members(tx: Connection, delivery_id: int) -> list[int]:
    """Give the ids of a delivery's posts in order."""
    return [row.id for row in queue.posts_of(tx, delivery_id)]


def state(tx: Connection, delivery_id: int) -> str:
    """Give where a delivery is."""
    return str(read(tx, delivery_id).state)


def verbs(tx: Connection, delivery_id: int) -> list[str]:
    """Give what happened to a delivery, oldest first."""
    event = table(Event)
    mine = (event.c.kind == "delivery", event.c.subject_id == delivery_id)
    return list(tx.execute(select(event.c.verb).where(*mine).order_by(event.c.id)).scalars())


def notices(tx: Connection, kind: str, subject_id: int) -> list[str]:
    """Give the codes of the open notices on one subject, oldest first."""
    notice = table(Notice)
    mine = (notice.c.kind == kind, notice.c.subject_id == subject_id, notice.c.done_at.is_(None))
    return list(tx.execute(select(notice.c.code).where(*mine).order_by(notice.c.id)).scalars())


def count(tx: Connection, model: type[SQLModel]) -> int:
    """Give how many rows a table has."""
    return int(tx.execute(select(func.count()).select_from(table(model))).scalar_one())

"""What the faces show of the queue: one line or the whole of a delivery, and pages of many.

A page of a hundred deliveries is a handful of queries, however long the queue is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from scheduler import events, sentences
from scheduler.store.moves import DeliveryRow, read
from scheduler.store.queue import posts_of
from scheduler.store.rules import ACCOUNT, DELIVERY, EVENT, POST
from scheduler.store.settle import spoken_posts
from scheduler.store.why import reasons_of
from scheduler.tables import Kept, table
from scheduler.words import say

KEPT = table(Kept)

OPEN = ("queued", "publishing", "accepted", "uncertain", "missed", "failed")
"""States that are not over, or that a person should know of."""


def members(tx: Connection, row: DeliveryRow) -> list[DeliveryRow]:
    """Give the posts a delivery has, or had when it spoke."""
    posts = posts_of(tx, row.id)
    if posts:
        return posts
    ids = spoken_posts(tx, row)
    return list(tx.execute(select(POST).where(POST.c.id.in_(ids)).order_by(POST.c.position)))


def members_of(tx: Connection, ids: Sequence[int]) -> Mapping[int, list[DeliveryRow]]:
    """Give the posts of many deliveries by delivery, in order: those they have, or had."""
    found: dict[int, list[DeliveryRow]] = defaultdict(list)
    query = select(POST).where(POST.c.delivery_id.in_(ids))
    for post in tx.execute(query.order_by(POST.c.delivery_id, POST.c.position, POST.c.id)):
        found[post.delivery_id].append(post)
    bare = [delivery_id for delivery_id in ids if delivery_id not in found]
    if not bare:
        return found
    newest = (
        select(func.max(EVENT.c.id))
        .where(EVENT.c.kind == "delivery", EVENT.c.subject_id.in_(bare), EVENT.c.verb == "arm")
        .group_by(EVENT.c.subject_id)
    )
    arms = tx.execute(select(EVENT.c.subject_id, EVENT.c.detail).where(EVENT.c.id.in_(newest)))
    drafts = tx.execute(
        select(KEPT.c.delivery_id, KEPT.c.posts)
        .where(KEPT.c.delivery_id.in_(bare), KEPT.c.name == "draft", KEPT.c.posts != "")
        .order_by(KEPT.c.id)
    )
    said = {draft.delivery_id: [int(one) for one in json.loads(draft.posts)] for draft in drafts}
    said |= {arm.subject_id: [int(one) for one in json.loads(arm.detail)["posts"]] for arm in arms}
    wanted = [post_id for ids_said in said.values() for post_id in ids_said]
    posts = {post.id: post for post in tx.execute(select(POST).where(POST.c.id.in_(wanted)))}
    for delivery_id, ids_said in said.items():
        found[delivery_id] = [posts[post_id] for post_id in ids_said if post_id in posts]
    return found


def title_of(tx: Connection, delivery_id: int) -> tuple[str, str]:
    """Give a delivery's account title and what it says, for one line."""
    row = read(tx, delivery_id)
    account = tx.execute(select(ACCOUNT).where(ACCOUNT.c.id == row.account_id)).one()
    posts = members(tx, row)
    return sentences.account(account.title, account.channel), headline(
        [post.title for post in posts]
    )


def headline(titles: Sequence[str]) -> str:
    """Give what a delivery says in one line: its head, and how many more."""
    head = titles[0] if titles else ""
    return head + (say(" and {count} more", {"count": len(titles) - 1}) if len(titles) > 1 else "")


def one(tx: Connection, row: DeliveryRow, now: datetime) -> dict[str, Any]:
    """Give one delivery as data: what, when, why not yet."""
    return entries(tx, [row], now)[0]


def entries(tx: Connection, rows: Sequence[DeliveryRow], now: datetime) -> list[dict[str, Any]]:
    """Give many deliveries as data, in their order."""
    if not rows:
        return []
    wanted = {row.account_id for row in rows}
    found = tx.execute(select(ACCOUNT).where(ACCOUNT.c.id.in_(wanted)))
    accounts = {account.id: account for account in found}
    posts = members_of(tx, [row.id for row in rows])
    reasons = reasons_of(tx, rows, now)
    return [
        _entry(row, accounts[row.account_id], posts.get(row.id, []))
        | {"why_not": [say(text, params) for text, params in reasons[row.id]]}
        for row in rows
    ]


def _entry(row: DeliveryRow, account: DeliveryRow, posts: Sequence[DeliveryRow]) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "account": account.name,
        "account_title": account.title,
        "channel": account.channel,
        "how": row.how,
        "due_at": row.due_at,
        "late_at": row.late_at,
        "next_at": row.next_at,
        "attempt": row.attempt,
        "held_for": row.held_for,
        "awaits": row.awaits,
        "doubted_at": row.doubted_at,
        "code": row.code,
        "reason": sentences.reason(row.code, row.detail),
        "why_not": [],
        "key": row.key,
        "posts": [
            {
                "id": post.id,
                "story": post.story_id,
                "title": post.title,
                "approved": post.approved_digest == post.content_digest,
                "published_at": post.published_at,
                "link": post.link,
            }
            for post in posts
        ],
    }


def listed(tx: Connection, now: datetime, states: list[str] | None) -> list[dict[str, Any]]:
    """Give the deliveries of these states (default: those that are not over), by time."""
    query = select(DELIVERY).where(DELIVERY.c.state.in_(states or OPEN))
    rows = tx.execute(query.order_by(DELIVERY.c.due_at, DELIVERY.c.id)).all()
    return [entry for part in _parts(rows) for entry in entries(tx, part, now)]


def _parts(rows: Sequence[DeliveryRow], size: int = 500) -> list[Sequence[DeliveryRow]]:
    """Cut a long list up: a statement takes only so many parameters."""
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def page(
    tx: Connection,
    now: datetime,
    where: Sequence[ColumnElement[bool]],
    *,
    newest_first: bool = False,
    last: ColumnElement[bool] | None = None,
    offset: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Give one page of the deliveries for which `where` holds, by time.

    Those for which `last` holds stand after all others, the newest of them first.
    """
    order: list[ColumnElement[Any]] = [DELIVERY.c.due_at, DELIVERY.c.id]
    if newest_first:
        order = [column.desc() for column in order]
    elif last is not None:
        moment = case((last, None), else_=DELIVERY.c.due_at)
        order = [case((last, 1), else_=0), moment, DELIVERY.c.due_at.desc(), DELIVERY.c.id]
    query = joined(select(DELIVERY)).where(*where).order_by(*order)
    return entries(tx, tx.execute(query.offset(offset).limit(limit)).all(), now)


def count(tx: Connection, where: Sequence[ColumnElement[bool]]) -> int:
    """Give how many deliveries there are for which `where` holds."""
    query = joined(select(func.count(DELIVERY.c.id))).where(*where)
    return int(tx.execute(query).scalar_one())


def joined(query: Select[Any]) -> Select[Any]:
    """Join a query on deliveries with their accounts, so that `where` may speak of both."""
    return query.select_from(DELIVERY.join(ACCOUNT, ACCOUNT.c.id == DELIVERY.c.account_id))


def history(tx: Connection, delivery_id: int) -> list[dict[str, Any]]:
    """Give a delivery's history as data, oldest first."""
    return [
        {
            "at": row._mapping["at"],
            "verb": row._mapping["verb"],
            "from": row._mapping["origin_state"],
            "to": row._mapping["target_state"],
            "attempt": row._mapping["attempt"],
            "actor": row._mapping["actor"],
            "code": row._mapping["code"],
            "reason": sentences.reason(row._mapping["code"], row._mapping["detail"]),
        }
        for row in events.of_subject(tx, "delivery", delivery_id)
    ]

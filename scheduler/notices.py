"""Notices: what a person of a role should know or do. Shown by every face, closed when settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, select, update

from scheduler import events
from scheduler.content import canonical_json
from scheduler.errors import Conflict, NotFound
from scheduler.people import Actor, Role, require
from scheduler.tables import Event, Notice, Post, table

NOTICE, EVENT, POST = table(Notice), table(Event), table(Post)
BY_HAND = frozenset({"failed", "missed", "proof_wins", "draft_gone", "fell_out", "review_returned"})
"""Codes whose subject may stay as it is for good: a person who has seen to it closes them. Every
other notice closes when its subject moves on, and only then."""
OPEN_MAX = 500


def tell(
    tx: Connection,
    *,
    role: str,
    code: str,
    now: datetime,
    kind: str = "",
    subject_id: int | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Leave a notice, once: an open one with the same code and subject is not repeated."""
    same = select(NOTICE.c.id).where(
        NOTICE.c.code == code,
        NOTICE.c.kind == kind,
        NOTICE.c.subject_id == subject_id,
        NOTICE.c.done_at.is_(None),
    )
    if tx.execute(same).first() is None:
        text = canonical_json(dict(detail)) if detail else ""
        values = {"kind": kind, "subject_id": subject_id, "detail": text}
        tx.execute(insert(NOTICE).values(at=now, role=role, code=code, **values))


def done(
    tx: Connection, kind: str, subject_id: int, now: datetime, *, codes: Iterable[str] = ()
) -> None:
    """Close every open notice of one subject, or those of `codes`: it has moved on."""
    mine = [NOTICE.c.kind == kind, NOTICE.c.subject_id == subject_id, NOTICE.c.done_at.is_(None)]
    if wanted := list(codes):
        mine.append(NOTICE.c.code.in_(wanted))
    tx.execute(update(NOTICE).where(*mine).values(done_at=now))


def emptied(tx: Connection, post_ids: Sequence[int], now: datetime) -> None:
    """Close what was told of deliveries whose last post now goes into another one."""
    other = POST.alias()
    stays = select(other.c.id).where(
        other.c.delivery_id == POST.c.delivery_id, other.c.id.not_in(post_ids)
    )
    leaving = (POST.c.id.in_(post_ids), POST.c.delivery_id.is_not(None), ~exists(stays))
    for delivery_id in tx.execute(select(POST.c.delivery_id).distinct().where(*leaving)).all():
        done(tx, "delivery", delivery_id[0], now, codes=("failed", "missed"))


def settle(tx: Connection, notice_id: int, *, now: datetime, actor: Actor) -> None:
    """Close one notice because a person has seen to it.

    Only those of `BY_HAND`, and only by whom they are for. One that is closed already stays as it
    is. Raises `NotFound`, `NotAllowed`, and `Conflict` for one that closes by itself.
    """
    row = tx.execute(select(NOTICE).where(NOTICE.c.id == notice_id)).first()
    if row is None:
        raise NotFound("There is no notice {id}.", id=notice_id)
    require(actor, Role(row.role))
    if row.code not in BY_HAND:
        raise Conflict("This notice closes by itself when what it speaks of is settled.")
    mine = (NOTICE.c.id == notice_id, NOTICE.c.done_at.is_(None))
    if tx.execute(update(NOTICE).where(*mine).values(done_at=now)).rowcount:
        events.write(tx, events.Line("notice", notice_id, "done", actor.mark, now, code=row.code))


def open_notices(tx: Connection) -> list[Row[Any]]:
    """Give the open notices, newest first."""
    return list(
        tx.execute(select(NOTICE).where(NOTICE.c.done_at.is_(None)).order_by(NOTICE.c.id.desc()))
    )


def open_for(tx: Connection, roles: Iterable[Role], *, after: int = 0) -> list[Row[Any]]:
    """Give the newest open notices for these roles (at most `OPEN_MAX`), numbers over `after`."""
    query = select(NOTICE).where(
        NOTICE.c.done_at.is_(None),
        NOTICE.c.role.in_([role.value for role in roles]),
        NOTICE.c.id > after,
    )
    return list(tx.execute(query.order_by(NOTICE.c.id.desc()).limit(OPEN_MAX)))


def done_for(tx: Connection, roles: Iterable[Role], since: datetime) -> list[Row[Any]]:
    """Give the notices for these roles closed since a moment (at most `OPEN_MAX`), newest first."""
    query = select(NOTICE).where(
        NOTICE.c.done_at >= since, NOTICE.c.role.in_([role.value for role in roles])
    )
    return list(tx.execute(query.order_by(NOTICE.c.done_at.desc()).limit(OPEN_MAX)))


def settlers(tx: Connection, notice_ids: Iterable[int]) -> dict[int, str]:
    """Give who closed which of these notices by hand, as events name them."""
    query = select(EVENT.c.subject_id, func.max(EVENT.c.actor).label("actor")).where(
        EVENT.c.kind == "notice", EVENT.c.verb == "done", EVENT.c.subject_id.in_(list(notice_ids))
    )
    return {row.subject_id: row.actor for row in tx.execute(query.group_by(EVENT.c.subject_id))}

"""Notices: what a person of a role should know or do. Shown by every face, closed when settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from scheduler.content import canonical_json
from scheduler.tables import Notice, table

NOTICE = table(Notice)


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


def done(tx: Connection, kind: str, subject_id: int, now: datetime) -> None:
    """Close every open notice of one subject: it has moved on."""
    mine = (NOTICE.c.kind == kind, NOTICE.c.subject_id == subject_id, NOTICE.c.done_at.is_(None))
    tx.execute(update(NOTICE).where(*mine).values(done_at=now))


def open_notices(tx: Connection) -> list[Row[tuple[object, ...]]]:
    """Give the open notices, newest first."""
    return list(
        tx.execute(select(NOTICE).where(NOTICE.c.done_at.is_(None)).order_by(NOTICE.c.id.desc()))
    )

"""The column tree in the database: its seed, and finding a column by its path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from scheduler.errors import NotFound
from scheduler.tables import ContentColumn, table

COLUMN = table(ContentColumn)


@dataclass(frozen=True, slots=True)
class Seed:
    """One column a new home begins with, and the origin its stories have by default."""

    path: str
    origin: str = "original"


# A parent stands before its children.
SEEDS = (
    Seed("政务信息"),
    Seed("政务信息/政务公开"),
    Seed("政务信息/审批事项"),
    Seed("政务信息/安监动态"),
    Seed("安全科普"),
    Seed("推送新闻", origin="reprint"),
)


def seed(tx: Connection) -> int:
    """Add the columns a new home begins with, those it lacks; give how many were added."""
    ids = {row.path: int(row.id) for row in tx.execute(select(COLUMN.c.path, COLUMN.c.id))}
    added = 0
    for position, one in enumerate(SEEDS):
        if one.path in ids:
            continue
        values = {
            "path": one.path,
            "parent_id": ids.get(one.path.rpartition("/")[0]),
            "position": position,
            "origin": one.origin,
            "lateness": "normal",
        }
        new = tx.execute(insert(COLUMN).values(values).returning(COLUMN.c.id)).scalar_one()
        ids[one.path] = int(new)
        added += 1
    return added


def by_path(tx: Connection, path: str) -> Row[Any]:
    """Give a column by its path. Raises `NotFound` naming those there are."""
    row = tx.execute(select(COLUMN).where(COLUMN.c.path == path)).first()
    if row is None:
        known = tx.execute(select(COLUMN.c.path).order_by(COLUMN.c.position)).scalars()
        raise NotFound(
            "There is no column {path}. There are: {known}.", path=path, known=", ".join(known)
        )
    return row

"""Counting: one SQL gives the counts of the finest cells, everything else is pure adding.

Counted are posts with `published_at`, whoever made them. A post taken down later still counts:
the figure of a month must not change afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, or_, select

from scheduler.ledger import months
from scheduler.tables import Account, ContentColumn, Post, table

POST, ACCOUNT, COLUMN = table(Post), table(Account), table(ContentColumn)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Cell:
    """So many posts of one month, account, column and origin."""

    month: str
    channel: str
    account_id: int
    column: str
    origin: str
    count: int


@dataclass(frozen=True, slots=True)
class Which:
    """Which posts: a period, and what is not empty. `column` has all columns below it with it.

    `account` is an internal name or a title.
    """

    from_month: str
    to_month: str
    channel: str = ""
    account: str = ""
    column: str = ""
    origin: str = ""


def conditions(which: Which) -> list[ColumnElement[bool]]:
    """Give the WHERE for the posts of `which`; account and column tables must be joined."""
    found: list[ColumnElement[bool]] = [
        POST.c.published_at >= months.start_of(which.from_month),
        POST.c.published_at < months.end_of(which.to_month),
    ]
    if which.channel:
        found.append(ACCOUNT.c.channel == which.channel)
    if which.account:
        found.append(or_(ACCOUNT.c.name == which.account, ACCOUNT.c.title == which.account))
    if which.column:
        below = COLUMN.c.path.startswith(which.column + "/", autoescape=True)
        found.append(or_(COLUMN.c.path == which.column, below))
    if which.origin:
        found.append(POST.c.origin == which.origin)
    return found


def joined(query: Select[Any]) -> Select[Any]:
    """Join a query on posts with their account and column."""
    return query.select_from(
        POST.join(ACCOUNT, POST.c.account_id == ACCOUNT.c.id).join(
            COLUMN, POST.c.column_id == COLUMN.c.id
        )
    )


def read_cells(tx: Connection, which: Which) -> list[Cell]:
    """Count the posts of `which`. Raises `InputError` for a period that is none."""
    period = months.between(which.from_month, which.to_month)
    # A number per month, by the Beijing months' edges in UTC: the same on both databases. It is
    # made in a query of its own, because PostgreSQL does not group by an expression with
    # parameters.
    edges = [(POST.c.published_at < months.end_of(name), n) for n, name in enumerate(period[:-1])]
    month = case(*edges, else_=len(period) - 1) if edges else literal(0)
    rows = joined(select(month.label("month"), POST.c.account_id, POST.c.column_id, POST.c.origin))
    each = rows.where(*conditions(which)).subquery()
    keys = (each.c.month, each.c.account_id, each.c.column_id, each.c.origin)
    part = select(*keys, func.count().label("count")).group_by(*keys).subquery()
    query = (
        select(
            part.c.month,
            ACCOUNT.c.channel,
            part.c.account_id,
            COLUMN.c.path,
            part.c.origin,
            part.c["count"],
        )
        .join(ACCOUNT, part.c.account_id == ACCOUNT.c.id)
        .join(COLUMN, part.c.column_id == COLUMN.c.id)
    )
    cells = [
        Cell(period[row[0]], row[1], row[2], row[3], row[4], row[5]) for row in tx.execute(query)
    ]
    return sorted(cells, key=lambda cell: (cell.month, cell.channel, cell.account_id, cell.column))


def tally(cells: Iterable[Cell], key: Callable[[Cell], K]) -> Counter[K]:
    """Add the cells up by what `key` gives. Pure."""
    counted: Counter[K] = Counter()
    for cell in cells:
        counted[key(cell)] += cell.count
    return counted


def total(cells: Iterable[Cell]) -> int:
    """Add all cells up. Pure."""
    return sum(cell.count for cell in cells)


def originals(cells: Iterable[Cell]) -> int:
    """Add the cells of original posts up. Pure."""
    return sum(cell.count for cell in cells if cell.origin == "original")

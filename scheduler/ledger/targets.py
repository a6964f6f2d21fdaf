"""Monthly targets: the seeded one, which hold in a month, and whether a month meets them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from scheduler import events
from scheduler.content import canonical_json
from scheduler.ledger.counts import Cell
from scheduler.ledger.tables import Target
from scheduler.people import SETUP, Actor
from scheduler.tables import table
from scheduler.words import N_, _

TARGET = table(Target)
RULE_VERSION = 1
RULE = N_(
    "Counted is every post published in the Beijing month, whoever made it and whether or not it "
    "was taken down later; on WeChat each article of a push counts as one."
)
SEEDED_FROM = "2009-01"
"""From the beginning: an imported ledger of past years is held against the target too."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One target, read. Empty `account_ids`, `columns`, `origin` mean all."""

    name: str
    account_ids: frozenset[int]
    columns: tuple[str, ...]
    origin: str
    comparison: str
    number: int
    from_month: str = SEEDED_FROM
    until_month: str | None = None

    def holds_in(self, month: str) -> bool:
        """Say whether this target is asked of `month`."""
        return self.from_month <= month and (self.until_month is None or month <= self.until_month)

    def counts(self, cell: Cell) -> bool:
        """Say whether the posts of `cell` are counted for this target."""
        return (
            (not self.account_ids or cell.account_id in self.account_ids)
            and (not self.origin or cell.origin == self.origin)
            and (
                not self.columns
                or any(
                    cell.column == path or cell.column.startswith(path + "/")
                    for path in self.columns
                )
            )
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one target stands in one month."""

    name: str
    actual: int
    number: int
    comparison: str
    met: bool


def seed(tx: Connection, now: datetime, by: Actor = SETUP) -> None:
    """Write the target a new home starts with, unless there is one already.

    Originals over all accounts, more than 50 a month. Running it again changes nothing.
    """
    if tx.execute(select(TARGET.c.id).limit(1)).first() is None:
        goal = Goal(_("Original posts"), frozenset(), (), "original", ">", 50)
        add(tx, goal, by, now)


def add(tx: Connection, goal: Goal, by: Actor, now: datetime) -> int:
    """Write a new target with its event; give its id. The counting rule is stored with it."""
    values = {
        "name": goal.name,
        "account_ids": canonical_json(sorted(goal.account_ids)) if goal.account_ids else "",
        "columns": canonical_json(list(goal.columns)) if goal.columns else "",
        "origin": goal.origin,
        "comparison": goal.comparison,
        "number": goal.number,
        "from_month": goal.from_month,
        "until_month": goal.until_month,
        "rule": RULE,
        "rule_version": RULE_VERSION,
    }
    query = insert(TARGET).values(values | {"created_at": now}).returning(TARGET.c.id)
    target_id = int(tx.execute(query).scalar_one())
    line = events.Line(
        kind="target", subject_id=target_id, verb="add", actor=by.mark, at=now, detail=values
    )
    events.write(tx, line)
    return target_id


def read_goals(tx: Connection) -> list[Goal]:
    """Read every target, in the order they were made."""
    return [
        Goal(
            name=row.name,
            account_ids=frozenset(json.loads(row.account_ids or "[]")),
            columns=tuple(json.loads(row.columns or "[]")),
            origin=row.origin,
            comparison=row.comparison,
            number=row.number,
            from_month=row.from_month,
            until_month=row.until_month,
        )
        for row in tx.execute(select(TARGET).order_by(TARGET.c.id))
    ]


def evaluate(goals: Iterable[Goal], month: str, cells: Sequence[Cell]) -> list[Outcome]:
    """Hold the cells of one month against the targets that are asked of it. Pure."""
    outcomes = []
    for goal in goals:
        if goal.holds_in(month):
            actual = sum(cell.count for cell in cells if goal.counts(cell))
            met = actual > goal.number if goal.comparison == ">" else actual >= goal.number
            outcomes.append(Outcome(goal.name, actual, goal.number, goal.comparison, met))
    return outcomes

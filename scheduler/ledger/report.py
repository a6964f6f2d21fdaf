"""The month report: every figure of a period, frozen, and its JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from scheduler.ledger import accounts, months, targets
from scheduler.ledger.columns import read_tree, with_parents
from scheduler.ledger.counts import Cell, Which, originals, read_cells, tally, total
from scheduler.ledger.targets import Outcome

ALWAYS = ("weibo", "wechat")
"""Channels that every report names, also with nothing to count."""

ORIGINS = ("original", "reprint", "forward")


@dataclass(frozen=True, slots=True)
class Sum:
    """All posts, and the originals among them."""

    total: int
    original: int


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one month or of the whole period.

    `columns` maps channel and column path to a count; a parent has what stands below it, too.
    """

    total: int
    original: int
    channels: Mapping[str, Sum]
    columns: Mapping[str, Mapping[str, int]]
    origins: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Month:
    """One month's figures, and how the targets stand."""

    month: str
    figures: Table
    targets: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class AccountSum:
    """One account that has posts in the period."""

    name: str
    title: str
    channel: str
    recorded_only: bool
    total: int
    original: int


@dataclass(frozen=True, slots=True)
class Report:
    """A period of Beijing months, both ends included; `months` has every one, empty ones too."""

    from_month: str
    to_month: str
    figures: Table
    accounts: tuple[AccountSum, ...]
    months: tuple[Month, ...]


def month_report(
    tx: Connection, from_month: str, to_month: str, counted: Sequence[Cell] | None = None
) -> Report:
    """Count a period. Raises `InputError` for a period that is none. Reads only.

    `counted` are the period's cells, where the caller has read them already.
    """
    period = months.between(from_month, to_month)
    cells = read_cells(tx, Which(from_month, to_month)) if counted is None else counted
    paths = tuple(read_tree(tx).ids)
    goals = targets.read_goals(tx)
    others = sorted({cell.channel for cell in cells} - set(ALWAYS))
    channels = (*ALWAYS, *others)
    by_month: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_month[cell.month].append(cell)
    return Report(
        from_month=period[0],
        to_month=period[-1],
        figures=figures_of(cells, channels, paths),
        accounts=_accounts(tx, cells),
        months=tuple(
            Month(
                month=month,
                figures=figures_of(by_month[month], channels, paths),
                targets=tuple(targets.evaluate(goals, month, by_month[month])),
            )
            for month in period
        ),
    )


def figures_of(cells: Sequence[Cell], channels: Sequence[str], paths: Sequence[str]) -> Table:
    """Add cells up to every figure of a report. Pure."""
    of_channel: dict[str, list[Cell]] = {channel: [] for channel in channels}
    for cell in cells:
        of_channel[cell.channel].append(cell)
    origins = tally(cells, lambda cell: cell.origin)
    columns = {
        channel: with_parents(tally(its, lambda cell: cell.column))
        for channel, its in of_channel.items()
    }
    return Table(
        total=total(cells),
        original=originals(cells),
        channels={channel: Sum(total(its), originals(its)) for channel, its in of_channel.items()},
        columns={
            channel: {path: counted[path] for path in paths} for channel, counted in columns.items()
        },
        origins={origin: origins[origin] for origin in ORIGINS},
    )


def _accounts(tx: Connection, cells: Sequence[Cell]) -> tuple[AccountSum, ...]:
    all_of = tally(cells, lambda cell: cell.account_id)
    original_of = tally(
        [cell for cell in cells if cell.origin == "original"], lambda cell: cell.account_id
    )
    return tuple(
        AccountSum(
            name=known.name,
            title=known.title,
            channel=known.channel,
            recorded_only=known.recorded_only,
            total=all_of[known.id],
            original=original_of[known.id],
        )
        for known in accounts.read_accounts(tx)
        if all_of[known.id]
    )


def as_json(report: Report) -> dict[str, Any]:
    """Give the report as plain data; the keys are a promise to scripts (docs/ledger.md)."""
    return {
        "period": {"from": report.from_month, "to": report.to_month},
        **_table_json(report.figures),
        "accounts": [
            {
                "name": account.name,
                "title": account.title,
                "channel": account.channel,
                "recorded_only": account.recorded_only,
                "total": account.total,
                "original": account.original,
            }
            for account in report.accounts
        ],
        "months": [
            {
                "month": month.month,
                **_table_json(month.figures),
                "targets": [
                    {
                        "name": outcome.name,
                        "actual": outcome.actual,
                        "number": outcome.number,
                        "comparison": outcome.comparison,
                        "met": outcome.met,
                    }
                    for outcome in month.targets
                ],
            }
            for month in report.months
        ],
    }


def _table_json(figures: Table) -> dict[str, Any]:
    return {
        "total": figures.total,
        "original": figures.original,
        "channels": {
            channel: {"total": both.total, "original": both.original}
            for channel, both in figures.channels.items()
        },
        "columns": {channel: dict(counts) for channel, counts in figures.columns.items()},
        "origins": dict(figures.origins),
    }

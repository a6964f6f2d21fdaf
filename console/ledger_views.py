"""The ledger's figures, each with the address of the posts behind it. Reads only; ledger counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import Connection, select

from console import chart
from scheduler.errors import InputError, NotFound
from scheduler.ledger import accounts, counts, months, posts, report, targets
from scheduler.ledger.columns import heads_of, read_tree
from scheduler.ledger.counts import Cell, Which
from scheduler.ledger.posts import Counted
from scheduler.ledger.targets import TARGET, Goal, Outcome
from scheduler.words import MONTHS, N_, _, say

PERIOD_MAX = 36
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and the address of its list; "" where there is nothing to list."""

    count: int
    address: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account of the table: its figures by column path, all posts, the originals."""

    name: str
    title: str
    channel: str
    recorded_only: bool
    columns: tuple[Figure, ...]
    total: Figure
    original: Figure


@dataclass(frozen=True, slots=True)
class Standing:
    """How one target stands in one month. `least` is the number that meets it."""

    outcome: Outcome
    least: int
    figure: Figure

    @property
    def gap(self) -> int:
        """How many are missing."""
        return max(0, self.least - self.outcome.actual)

    def said(self) -> str:
        """Say how it stands, in a sentence."""
        told: dict[str, object] = {"done": self.outcome.actual, "least": self.least}
        if self.outcome.met:
            return say(N_("Met: {done} of {least}."), told)
        return say(N_("{done} of {least}: {gap} missing."), {**told, "gap": self.gap})


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month: all posts, originals, by channel, and how its targets stand."""

    month: str
    total: Figure
    original: Figure
    channels: tuple[Figure, ...]
    targets: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the ledger's page shows of a period."""

    first: str
    last: str
    paths: tuple[str, ...]
    channels: tuple[str, ...]
    accounts: tuple[AccountRow, ...]
    totals: AccountRow
    months: tuple[MonthRow, ...]
    missing: tuple[str, ...]
    charts: tuple[tuple[str, chart.Drawn], ...]
    rules: tuple[str, ...]


def period(first: str, last: str, now: datetime) -> tuple[str, str]:
    """Read a period from an address; without one it is this month. Raises `InputError`."""
    this_month = months.month_of(now)
    began = (first or last or this_month).strip()
    ended = (last or began).strip()
    if len(months.between(began, ended)) > PERIOD_MAX:
        raise InputError(
            "A period has at most {most} months here. Choose a shorter one.", most=PERIOD_MAX
        )
    return began, ended


def month_words(month: str) -> str:
    """Say a month: Nov 2026."""
    year, number = months.parse(month)
    return say(N_("{month} {year}"), {"month": _(MONTHS[number - 1]), "year": year})


def spans(found: Sequence[str]) -> list[str]:
    """Say months in order, those that follow each other as one span."""
    runs: list[list[str]] = []
    for month in found:
        if runs and len(months.between(runs[-1][-1], month)) == 2:
            runs[-1].append(month)
        else:
            runs.append([month])
    return [
        month_words(run[0])
        if len(run) == 1
        else say(
            N_("{first} to {last}"), {"first": month_words(run[0]), "last": month_words(run[-1])}
        )
        for run in runs
    ]


def list_address(first: str, last: str, **other: str) -> str:
    """Give the address of the posts of a period; `other` narrows it."""
    told = {"month": first} if first == last else {"from": first, "to": last}
    told |= {name: value for name, value in other.items() if value}
    return f"/ledger/posts?{urlencode(told)}"


def read_page(tx: Connection, first: str, last: str, now: datetime) -> Page:
    """Count a period once and give every figure of it."""
    cells = counts.read_cells(tx, Which(first, last))
    counted = report.month_report(tx, first, last, cells)
    paths = tuple(read_tree(tx).ids)
    channels = tuple(counted.figures.channels)
    this_month = months.month_of(now)
    rows = tuple(_month(one, channels) for one in counted.months)
    rules = tx.execute(select(TARGET.c.rule).order_by(TARGET.c.id)).scalars()
    return Page(
        first=first,
        last=last,
        paths=paths,
        channels=channels,
        accounts=_accounts(tx, cells, paths, first, last),
        totals=_row(cells, paths, first, last, names=("", _ALL, "", False)),
        months=rows,
        missing=tuple(row.month for row in rows if not row.total.count and row.month < this_month),
        charts=_charts(rows),
        rules=tuple(dict.fromkeys(rule for rule in rules if rule)),
    )


_ALL = N_("all accounts")


def _accounts(
    tx: Connection, cells: Sequence[Cell], paths: Sequence[str], first: str, last: str
) -> tuple[AccountRow, ...]:
    of_account: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        of_account[cell.account_id].append(cell)
    return tuple(
        _row(
            of_account[one.id],
            paths,
            first,
            last,
            names=(one.name, one.title, one.channel, one.recorded_only),
        )
        for one in accounts.read_accounts(tx)
        if of_account[one.id]
    )


def _row(
    cells: Sequence[Cell],
    paths: Sequence[str],
    first: str,
    last: str,
    *,
    names: tuple[str, str, str, bool],
) -> AccountRow:
    name, title, channel, recorded_only = names
    of_path: dict[str, int] = defaultdict(int)
    for cell in cells:
        for head in heads_of(cell.column):
            of_path[head] += cell.count

    def figure(count: int, **narrow: str) -> Figure:
        return Figure(count, list_address(first, last, account=name, channel=channel, **narrow))

    return AccountRow(
        name=name,
        title=title,
        channel=channel,
        recorded_only=recorded_only,
        columns=tuple(figure(of_path[path], column=path) for path in paths),
        total=figure(counts.total(cells)),
        original=figure(counts.originals(cells), origin="original"),
    )


def _month(one: report.Month, channels: Sequence[str]) -> MonthRow:
    month = one.month

    def figure(count: int, **narrow: str) -> Figure:
        return Figure(count, list_address(month, month, **narrow))

    return MonthRow(
        month=month,
        total=figure(one.figures.total),
        original=figure(one.figures.original, origin="original"),
        channels=tuple(figure(one.figures.channels[name].total, channel=name) for name in channels),
        targets=tuple(
            Standing(
                outcome,
                outcome.number + (outcome.comparison == ">"),
                figure(outcome.actual, target=outcome.name),
            )
            for outcome in one.targets
        ),
    )


def _charts(rows: Sequence[MonthRow]) -> tuple[tuple[str, chart.Drawn], ...]:
    """Draw each target over the months: one question per chart."""
    names = list(dict.fromkeys(one.outcome.name for row in rows for one in row.targets))
    found = []
    for name in names:
        bars = [
            chart.Bar(row.month, one.outcome.actual, one.least, met=one.outcome.met)
            for row in rows
            for one in row.targets
            if one.outcome.name == name
        ]
        found.append((name, chart.draw(bars)))
    return tuple(found)


# --- the posts behind a figure -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Behind:
    """The posts behind a figure: how many there are, one page of them, and what was asked."""

    asked: dict[str, str]
    count: int
    posts: list[Counted]


Asked = dict[str, str]
NAMES = ("month", "from", "to", "channel", "account", "column", "origin", "target")


def behind(tx: Connection, told: Asked, *, page: int | None) -> Behind:
    """Give the posts that an address asks for; `page` None means all of them.

    Raises `InputError` and `NotFound` for a word that fits nothing: an empty list would look
    like a figure of 0.
    """
    first = told["month"] or told["from"] or told["to"]
    last = told["month"] or told["to"] or first
    narrow = {name: told[name] for name in ("channel", "account", "column", "origin")}
    which = posts.asked(tx, first, last, **narrow)
    if told["target"]:
        found = _of_goal(tx, _goal(tx, told["target"], first), which)
        part = found if page is None else found[(page - 1) * PER_PAGE : page * PER_PAGE]
        return Behind(told, len(found), part)
    count = counts.total(counts.read_cells(tx, which))
    if page is None:
        return Behind(told, count, posts.posts_behind(tx, which))
    part = posts.posts_behind(tx, which, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    return Behind(told, count, part)


def _goal(tx: Connection, name: str, month: str) -> Goal:
    for goal in targets.read_goals(tx):
        if goal.name == name and goal.holds_in(month):
            return goal
    raise NotFound("There is no target {name} in {month}.", name=name, month=month)


def _of_goal(tx: Connection, goal: Goal, which: Which) -> list[Counted]:
    """Give what a target counts, by the very rule it counts with."""
    account_of = _account_ids(tx, which)

    def counts_it(post: Counted) -> bool:
        account_id = account_of[post.post_id]
        return goal.counts(Cell("", post.channel, account_id, post.column, post.origin, 1))

    return [post for post in posts.posts_behind(tx, which) if counts_it(post)]


def _account_ids(tx: Connection, which: Which) -> dict[int, int]:
    query = counts.joined(select(counts.POST.c.id, counts.POST.c.account_id))
    return {row.id: row.account_id for row in tx.execute(query.where(*counts.conditions(which)))}

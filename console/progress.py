"""The month's targets and the days of silence, for Today. Reads only; the ledger counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from sqlalchemy import Connection, func, select

from console import format as said
from scheduler.calendar import workdays
from scheduler.clock import beijing
from scheduler.ledger import months, targets
from scheduler.ledger.counts import Cell, Which, joined, read_cells
from scheduler.machine import State
from scheduler.store.rules import ACCOUNT, DELIVERY, POST
from scheduler.tables import ContentColumn, Story, table
from scheduler.words import N_, say

COLUMN, STORY = table(ContentColumn), table(Story)
AMBER_DAYS, RED_DAYS = 7, 10
PACE_DAYS = 3
"""Working days a month must be old before its pace says anything."""
LIVING = (
    State.queued.value,
    State.publishing.value,
    State.accepted.value,
    State.uncertain.value,
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a month ends when it goes on as it began: the day it is met, or how many there are."""

    met_on: date | None
    at_end: int


@dataclass(frozen=True, slots=True)
class Target:
    """How one target stands. `least` is the number that meets it; `scale` the bar's full length.

    `days_left` are working days, today included. `forecast` is None while it is too early to tell.
    """

    name: str
    done: int
    planned: int
    in_review: int
    least: int
    days_left: int
    forecast: Forecast | None = None

    @property
    def gap(self) -> int:
        """How many are missing, 0 when it is met."""
        return max(0, self.least - self.done)

    @property
    def scale(self) -> int:
        """What the whole bar stands for."""
        return max(self.least, self.done + self.planned + self.in_review, 1)

    def percent(self, count: int) -> str:
        """Give a count as the percentage of the bar, for an SVG attribute."""
        return f"{100 * count / self.scale:.2f}%"

    def said(self) -> str:
        """Say how it stands in one sentence."""
        told: dict[str, object] = {"gap": self.gap, "days": self.days_left, "done": self.done}
        told |= {"least": self.least, "planned": self.planned}
        if not self.gap:
            return say(N_("Met: {done} of {least}."), told)
        if self.planned >= self.gap:
            return say(N_("{gap} to go; {planned} are planned, so it will be met."), told)
        if not self.days_left:
            return say(N_("{gap} to go, and no working day is left this month."), told)
        told |= {"rate": f"{ceil(10 * self.gap / self.days_left) / 10:g}"}
        if self.forecast is None:
            return say(N_("{gap} to go, {rate} a day; working days left: {days}."), told)
        if self.forecast.met_on is None:
            return say(
                N_(
                    "{gap} to go, {rate} a day; working days left: {days}. At the present pace the "
                    "month ends at {end}, which is not enough."
                ),
                {**told, "end": self.forecast.at_end},
            )
        return say(
            N_(
                "{gap} to go, {rate} a day; working days left: {days}. At the present pace it is "
                "met on {day}."
            ),
            {**told, "day": said.date_of(self.forecast.met_on)},
        )


def foresee(done: int, least: int, passed: int, coming: Sequence[date]) -> Forecast | None:
    """Go on at the pace of the month so far. Pure.

    `passed` are its working days up to today, `coming` those after today. None in the first
    days, and while nothing is out: there is no pace yet.
    """
    if passed < PACE_DAYS or not done or done >= least:
        return None
    needed = ceil((least - done) * passed / done)
    met_on = coming[needed - 1] if needed <= len(coming) else None
    return Forecast(met_on, done + done * len(coming) // passed)


@dataclass(frozen=True, slots=True)
class Silence:
    """How long one account has said nothing. `days` is None when it never said anything."""

    account: str
    channel: str
    days: int | None
    last_at: datetime | None

    @property
    def tone(self) -> str:
        """Give calm, amber (from 7 days, or nothing ever said) or red (from 10 days)."""
        if self.days is not None and self.days >= RED_DAYS:
            return "red"
        return "amber" if self.days is None or self.days >= AMBER_DAYS else "calm"


def read_targets(tx: Connection, now: datetime) -> list[Target]:
    """Hold this month's posts, planned ones and those in review against each target."""
    month = months.month_of(now)
    done = read_cells(tx, Which(month, month))
    planned = _cells(tx, month, in_queue=True)
    in_review = _cells(tx, month, in_queue=False)
    goals = [goal for goal in targets.read_goals(tx) if goal.holds_in(month)]
    return [_target(goal, done, planned, in_review, now) for goal in goals]


def _target(
    goal: targets.Goal, done: list[Cell], planned: list[Cell], in_review: list[Cell], now: datetime
) -> Target:
    today = beijing(now).date()
    last = beijing(months.end_of(months.month_of(now))).date() - timedelta(days=1)
    coming = workdays(today + timedelta(days=1), last)
    counted, least = _sum(goal, done), goal.number + (goal.comparison == ">")
    return Target(
        name=goal.name,
        done=counted,
        planned=_sum(goal, planned),
        in_review=_sum(goal, in_review),
        least=least,
        days_left=len(workdays(today, last)),
        forecast=foresee(counted, least, len(workdays(today.replace(day=1), today)), coming),
    )


def _sum(goal: targets.Goal, cells: list[Cell]) -> int:
    return sum(cell.count for cell in cells if goal.counts(cell))


def _cells(tx: Connection, month: str, *, in_queue: bool) -> list[Cell]:
    """Count posts that are not out: those queued for this month, or those still in review."""
    keys = (ACCOUNT.c.channel, POST.c.account_id, COLUMN.c.path, POST.c.origin)
    query = joined(select(*keys, func.count().label("count")))
    query = query.where(POST.c.published_at.is_(None), POST.c.dropped_at.is_(None))
    if in_queue:
        query = query.where(
            POST.c.delivery_id.in_(
                select(DELIVERY.c.id).where(
                    DELIVERY.c.state.in_(LIVING), DELIVERY.c.due_at < months.end_of(month)
                )
            )
        )
    else:
        waiting = select(STORY.c.id).where(STORY.c.review == "in_review")
        query = query.where(POST.c.delivery_id.is_(None), POST.c.story_id.in_(waiting))
    return [
        Cell(month, row[0], row[1], row[2], row[3], row[4])
        for row in tx.execute(query.group_by(*keys))
    ]


def read_silence(tx: Connection, now: datetime) -> list[Silence]:
    """Give the days since the last visible post of each account in use, the longest first."""
    last = (
        select(func.max(POST.c.published_at))
        .where(POST.c.account_id == ACCOUNT.c.id, POST.c.gone_at.is_(None))
        .correlate(ACCOUNT)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(ACCOUNT.c.title, ACCOUNT.c.channel, last.label("last_at"))
        .where(ACCOUNT.c.active, ACCOUNT.c.recorded_only.is_(False))
        .order_by(ACCOUNT.c.name)
    ).all()
    today = beijing(now).date()
    found = [
        Silence(
            row.title,
            row.channel,
            None if row.last_at is None else (today - beijing(row.last_at).date()).days,
            row.last_at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: -(10**6 if one.days is None else one.days))

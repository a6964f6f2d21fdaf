"""The one place that asks the system for the time. Everybody else gets `now` as a parameter."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Give the present moment, aware, UTC."""


class SystemClock:
    """The machine's own clock. It cannot be set: tests bring their own clock instead."""

    def now(self) -> datetime:
        """Give the present moment, aware, UTC."""
        return datetime.now(UTC)


def monotonic_s() -> float:
    """Seconds that never jump, for measuring how long something took."""
    return time.monotonic()


def utc(moment: datetime) -> datetime:
    """Give `moment` in UTC. Raises `ValueError` for a naive time: nobody knows what it means."""
    if moment.tzinfo is None:
        message = f"naive time {moment.isoformat()}: say which zone"
        raise ValueError(message)
    return moment.astimezone(UTC)


def from_beijing(moment: datetime) -> datetime:
    """Read a naive time as Beijing time (imports, people's input); aware times keep their zone."""
    return utc(moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment)


def beijing(moment: datetime) -> datetime:
    """Give `moment` in Beijing time, for showing and for counting by day or month."""
    return utc(moment).astimezone(BEIJING)


def day_start(moment: datetime) -> datetime:
    """Give the start of `moment`'s Beijing day, in UTC."""
    return beijing(moment).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def day_end(moment: datetime) -> datetime:
    """Give the start of the Beijing day after `moment`'s, in UTC."""
    return day_start(day_start(moment) + timedelta(hours=30))


def month_start(moment: datetime) -> datetime:
    """Give the start of `moment`'s Beijing month, in UTC."""
    return day_start(beijing(moment).replace(day=1))

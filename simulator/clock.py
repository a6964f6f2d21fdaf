"""The only place where the simulator asks the system for the time, and can be told another one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def _system_now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Real time plus a movable offset, so that tests advance hours without waiting for them."""

    def __init__(self, base: Callable[[], datetime] = _system_now) -> None:
        """Start without an offset from `base`."""
        self._base = base
        self.offset_s = 0.0

    def now(self) -> datetime:
        """Return the simulated moment, aware, in UTC."""
        return self._base() + timedelta(seconds=self.offset_s)

    def move_to(self, offset_s: float) -> None:
        """Set the distance from real time."""
        self.offset_s = offset_s

    def advance(self, seconds: float) -> None:
        """Move forward (or back, when negative) from where the clock stands."""
        self.offset_s += seconds


def beijing(moment: datetime) -> datetime:
    """Return the same moment as Beijing wall time: both platforms count days and months by it."""
    return moment.astimezone(BEIJING)


def beijing_day(moment: datetime) -> str:
    """Return the Beijing calendar day, as 2026-11-22."""
    return beijing(moment).strftime("%Y-%m-%d")


def beijing_hour(moment: datetime) -> str:
    """Return the Beijing clock hour, as 2026-11-22T09."""
    return beijing(moment).strftime("%Y-%m-%dT%H")


def beijing_month(moment: datetime) -> str:
    """Return the Beijing calendar month, as 2026-11."""
    return beijing(moment).strftime("%Y-%m")


def unix_s(moment: datetime) -> int:
    """Return whole Unix seconds."""
    return int(moment.timestamp())

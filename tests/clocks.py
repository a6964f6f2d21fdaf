"""Clocks that tests set by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # Friday, 17:00 in Beijing


class ManualClock:
    """A clock that stands still until it is advanced."""

    def __init__(self, moment: datetime = START) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """Give the moment it stands at."""
        return self._moment

    def advance(self, seconds: float) -> datetime:
        """Go on by so many seconds; give the new moment."""
        self._moment += timedelta(seconds=seconds)
        return self._moment

"""Beijing's days and months, and the refusal of naive times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.clock import (
    BEIJING,
    SystemClock,
    beijing,
    day_end,
    day_start,
    from_beijing,
    month_start,
    utc,
)

NAIVE = datetime(2026, 11, 27, 17)  # noqa: DTZ001 - a naive time is what is refused here
MOMENTS = st.integers(0, 60_000).flatmap(
    lambda days: st.floats(0, 1).map(
        lambda part: datetime(1992, 1, 1, tzinfo=UTC) + timedelta(days=days + part)
    )
)


def at(text: str) -> datetime:
    """Read a moment with its zone."""
    return datetime.fromisoformat(text)


def test_naive_time_is_refused():
    """Nobody knows what a time without zone means."""
    for ask in (utc, beijing, day_start, day_end, month_start):
        with pytest.raises(ValueError, match="naive time 2026-11-27T17:00:00"):
            ask(NAIVE)


def test_naive_time_of_an_import_is_beijing_time():
    """Staff write the time they see on their wall."""
    assert at("2026-11-27T09:00Z") == from_beijing(NAIVE)


def test_aware_time_of_an_import_keeps_its_zone():
    """A zone that was given is believed."""
    assert at("2026-11-27T17:00Z") == from_beijing(at("2026-11-27T17:00Z"))


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        ("2026-11-27T15:59:59Z", "2026-11-26T16:00Z", "2026-11-27T16:00Z"),
        ("2026-11-27T16:00:00Z", "2026-11-27T16:00Z", "2026-11-28T16:00Z"),
        ("2026-12-31T23:59+08:00", "2026-12-30T16:00Z", "2026-12-31T16:00Z"),
    ],
)
def test_day_begins_at_beijings_midnight(moment, start, end):
    """A post at 00:30 in Beijing counts for the new day."""
    assert (at(start), at(end)) == (day_start(at(moment)), day_end(at(moment)))


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        ("2026-11-30T15:59:59Z", "2026-10-31T16:00Z"),
        ("2026-11-30T16:00:00Z", "2026-11-30T16:00Z"),
        ("2026-12-31T16:00:00Z", "2026-12-31T16:00Z"),
    ],
)
def test_month_begins_at_beijings_midnight(moment, start):
    """A post at 00:30 on the first counts for the new month."""
    assert at(start) == month_start(at(moment))


@given(MOMENTS)
def test_moment_lies_in_its_day_and_month(moment):
    """Every moment has one day of 24 hours and one month around it."""
    assert day_start(moment) <= moment < day_end(moment)
    assert timedelta(hours=24) == day_end(moment) - day_start(moment)
    assert month_start(moment) <= day_start(moment)
    assert (1, 0) == ((first := beijing(month_start(moment))).day, first.hour)


@given(MOMENTS)
def test_zones_say_the_same_moment(moment):
    """Showing in Beijing time changes nothing but the clock face."""
    assert moment == beijing(moment) == utc(moment.astimezone(BEIJING))


def test_system_clock_is_aware_and_utc():
    """What is stored carries its zone."""
    assert timedelta(0) == SystemClock().now().utcoffset()

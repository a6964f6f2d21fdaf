"""How late a delivery may still leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.calendar import late_at

DUE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # 17:00 in Beijing


@pytest.mark.parametrize(
    ("lateness", "limit"),
    [
        ("normal", timedelta(minutes=120)),
        ("warning", timedelta(minutes=30)),
        ("evergreen", timedelta(hours=7)),
    ],
)
def test_lateness_counts_from_the_planned_time(lateness, limit):
    """Two hours, half an hour for a warning, the end of Beijing's day for evergreen."""
    assert DUE + limit == late_at(DUE, lateness)


def test_evergreen_shortly_before_midnight_ends_with_its_own_day():
    """23:59 gives one minute, 00:00 the whole day."""
    due = datetime(2026, 11, 27, 15, 59, tzinfo=UTC)
    assert due + timedelta(minutes=1) == late_at(due, "evergreen")
    assert due + timedelta(hours=24, minutes=1) == late_at(due + timedelta(minutes=1), "evergreen")


def test_unknown_lateness_is_refused():
    """A word nobody knows must not become a default."""
    with pytest.raises(KeyError):
        late_at(DUE, "whenever")

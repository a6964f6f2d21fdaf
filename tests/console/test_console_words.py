"""Times, counts and the language of one request."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from console import format as said
from console.progress import Target
from scheduler.clock import BEIJING
from scheduler.words import language, speak
from tests.clocks import START


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ((2026, 11, 27, 17, 0), "today 17:00"),
        ((2026, 11, 28, 8, 30), "tomorrow 08:30"),
        ((2026, 11, 26, 23, 59), "yesterday 23:59"),
        ((2026, 12, 1, 8, 0), "Dec 1 (Tue) 08:00"),
        ((2025, 1, 5, 8, 0), "Jan 5, 2025 08:00"),
    ],
)
def test_time_is_said_as_people_say_it(moment, words):
    assert words == said.when(datetime(*moment, tzinfo=BEIJING), START)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (10, "in less than a minute"),
        (60, "in 1 minute"),
        (720, "in 12 minutes"),
        (3600, "in 1 hour"),
        (86400 * 2, "in 2 days"),
        (-7200, "2 hours ago"),
    ],
)
def test_distance_is_said_in_its_largest_unit(seconds, words):
    assert words == said.until(START + timedelta(seconds=seconds), START)


@pytest.mark.parametrize(
    ("done", "planned", "words"),
    [
        (51, 0, "Met: 51 of 51."),
        (41, 6, "10 to go, 2.5 a day; working days left: 4."),
        (41, 10, "10 to go; 10 are planned, so it will be met."),
    ],
)
def test_target_is_said_in_one_sentence(done, planned, words):
    assert words == Target("原创信息", done, planned, 0, 51, 4).said()


def test_bar_never_runs_over_its_paper():
    target = Target("原创信息", 60, 30, 10, 51, 4)
    assert ("60.00%", "51.00%") == (target.percent(60), target.percent(51))


def test_language_of_one_request_ends_with_it():
    with speak("zh_CN"):
        assert "zh_CN" == language()
        with speak("xx"):
            assert "en" == language()
    assert "en" == language()

"""Today: the same few queries for any day, alarms, targets with working days, silence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, insert

from console.progress import Forecast, Silence, Target, foresee
from scheduler.calendar import is_workday, workdays
from scheduler.daemon import NODE
from scheduler.tables import Delivery, Post
from scheduler.words import speak
from tests import makers
from tests.clocks import START
from tests.console.test_console_pages import start_daemon
from tests.console.test_queue_pages import account, put


@contextmanager
def counted(site) -> Iterator[list[str]]:
    """Note every statement that is sent to the database meanwhile."""
    said: list[str] = []

    def note(_conn, _cursor, statement, *_rest) -> None:
        said.append(statement)

    event.listen(site.store.engine, "before_cursor_execute", note)
    yield said
    event.remove(site.store.engine, "before_cursor_execute", note)


STATES = ("queued", "failed", "missed", "uncertain", "published")


def fill(site, count: int) -> None:
    for number in range(count):
        state = STATES[number % len(STATES)]
        with site.store.write() as tx:
            where = account(site, "weibo-main")
            post = makers.post(tx, where, f"第{number}条", signed=number % 2 == 0)
            due = makers.later(minutes=number)
            made = makers.delivery(tx, where, [post], due_at=due)
            extra = {"doubted_at": START} if state == "uncertain" else {}
            makers.change(tx, Delivery, made, state=state, **extra)
            if state == "published":
                makers.change(tx, Post, post, published_at=START)
            if state in ("failed", "missed"):
                told = {"at": START, "role": "operator", "code": state, "kind": "delivery"}
                makers.put(tx, makers.Notice, subject_id=made, **told)


@pytest.mark.parametrize("path", ["/", "/notices", "/doubts", "/stop/plan", "/search?q=条"])
def test_page_takes_as_many_queries_for_fifty_deliveries_as_for_five(site, path):
    browser = site.person("李强", "operator", "reviewer", "author")
    browser.post("/stop", {"reason": "演练"})
    browser.get("/stop/plan")
    fill(site, 5)
    with counted(site) as few:
        assert 200 == browser.get(path).status_code
    fill(site, 45)
    with counted(site) as many:
        assert 200 == browser.get(path).status_code
    assert len(few) == len(many)


def test_delivery_that_nothing_holds_back_and_that_stays_is_an_alarm(site):
    browser = site.person("李强", "leader")
    with site.store.write() as tx:
        made = makers.delivery(tx, account(site, "weibo-main"))
    site.clock.advance(301)
    start_daemon(site)
    page = browser.get("/").text
    assert f"Delivery {made} was due today 17:00; nothing holds it back" in page
    assert "All is well" not in page


def test_held_delivery_is_no_alarm(site):
    browser = site.person("李强", "leader")
    put(site, "queued", held_for="person", next_at=START)
    site.clock.advance(3600)
    start_daemon(site)
    assert "nothing holds it back" not in browser.get("/").text


def test_node_that_fell_silent_is_an_alarm_for_a_day(site):
    browser = site.person("李强", "leader")
    start_daemon(site)
    with site.store.write() as tx:
        values = {"started_at": START, "beat_at": START - timedelta(minutes=3), "version": "1"}
        tx.execute(insert(NODE).values(name="second", stopped_at=None, **values))
        tx.execute(insert(NODE).values(name="third", stopped_at=START, **values))
    page = browser.get("/").text
    assert "The node second has said nothing since today 16:57" in page
    assert "The node third" not in page
    site.clock.advance(86400)
    with site.store.write() as tx:
        tx.execute(NODE.update().where(NODE.c.name == "desk").values(beat_at=site.clock.now()))
    again = site.browser()
    again.login("李强")
    assert "The node second" not in again.get("/").text


def test_several_targets_stand_each_with_its_bar(site):
    browser = site.person("李强", "leader")
    with site.store.write() as tx:
        tx.exec_driver_sql(
            "insert into target select null, '政务信息', account_ids, columns, '', '>=', 3,"
            " from_month, until_month, rule, rule_version, created_at from target limit 1"
        )
    page = browser.get("/").text
    assert (2, True) == (page.count('<svg class="bar"'), "政务信息" in page)


# --- pure -----------------------------------------------------------------------------------------


def days(first: int, last: int) -> list[date]:
    return workdays(date(2026, 11, first), date(2026, 11, last))


@pytest.mark.parametrize(
    ("done", "least", "passed", "coming", "expected"),
    [
        (42, 51, 14, days(20, 30), Forecast(date(2026, 11, 24), 63)),
        (10, 51, 14, days(20, 30), Forecast(None, 15)),
        (0, 51, 14, days(20, 30), None),
        (5, 51, 2, days(4, 30), None),
        (51, 51, 14, days(20, 30), None),
        (50, 51, 21, [], Forecast(None, 50)),
    ],
)
def test_forecast_goes_on_at_the_pace_of_the_month(done, least, passed, coming, expected):
    assert expected == foresee(done, least, passed, coming)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target("x", 60, 0, 0, 51, 4), "已达标：完成 60 条，指标 51 条。"),
        (
            Target("x", 42, 2, 0, 51, 6, Forecast(date(2026, 11, 27), 53)),
            "还差 9 条，剩 6 个工作日，每天 1.5 条；按目前进度 11 月 27 日（周五）达标。",
        ),
        (
            Target("x", 10, 2, 0, 51, 2, Forecast(None, 15)),
            "还差 41 条，剩 2 个工作日，每天 20.5 条；按目前进度月底为 15 条，不能达标。",
        ),
        (Target("x", 0, 0, 0, 51, 21), "还差 51 条，剩 21 个工作日，每天 2.5 条。"),
        (Target("x", 41, 10, 0, 51, 4), "还差 10 条，已安排 10 条，可以达标。"),
        (Target("x", 41, 0, 0, 51, 0), "还差 10 条，本月已没有工作日。"),
    ],
)
def test_target_is_said_in_chinese(target, words):
    with speak("zh_CN"):
        assert words == target.said()


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 27), True),
        (date(2026, 11, 28), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 2, 23), False),
        (date(2026, 2, 28), True),
        (date(2031, 10, 1), True),  # nobody knows yet
    ],
)
def test_working_days_follow_the_notice_of_the_state_council(day, expected):
    assert expected is is_workday(day)


def test_working_days_of_a_month_are_counted():
    assert 21 == len(workdays(date(2026, 11, 1), date(2026, 11, 30)))
    assert 18 == len(workdays(date(2026, 10, 1), date(2026, 10, 31)))
    assert [] == workdays(date(2026, 11, 28), date(2026, 11, 27))


@pytest.mark.parametrize(
    ("days_", "tone"),
    [(0, "calm"), (6, "calm"), (7, "amber"), (9, "amber"), (10, "red"), (None, "amber")],
)
def test_silence_is_amber_at_seven_days_and_red_at_ten(days_, tone):
    assert tone == Silence("x", "weibo", days_, None).tone

"""Real signals to a real daemon: the post is out once, and the ledger says what is true."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.conftest import Desk, until

pytestmark = pytest.mark.slow


def test_killed_while_the_request_is_on_the_wire_it_is_out_once_and_counted(desk: Desk) -> None:
    """The platform took the post, the daemon died before the answer: seen, not sent again."""
    number = desk.queue(desk.signed("01", accounts=["weibo"]), "weibo")
    desk.control("faults", call="statuses/share", fault="accept_then_delay", params={"seconds": 20})
    desk.start()
    until(lambda: desk.counts()["weibo"], "the platform to take the post")
    desk.stop(signal.SIGKILL)
    assert "publishing" == desk.delivery(number)["state"]
    desk.start()
    seen = desk.reaches(number, "published")
    assert 1 == desk.counts()["weibo"]
    assert seen["posts"][0]["link"].startswith("https://weibo.com/5990001234/")
    assert "lapse" in [line["verb"] for line in seen["history"]]
    assert 0 == desk.stop()


@pytest.mark.parametrize("fault", ["accept_then_drop", "accept_then_502", "garbage"])
def test_an_answer_lost_after_acceptance_is_looked_for_not_repeated(desk: Desk, fault: str) -> None:
    """The platform took the post and the answer is lost: one post, found by looking."""
    number = desk.queue(desk.signed("01", accounts=["weibo"]), "weibo")
    desk.control("faults", call="statuses/share", fault=fault)
    desk.start()
    seen = desk.reaches(number, "published")
    assert {"weibo": 1, "wechat": 0} == desk.counts()
    assert 1 == len(desk.calls("statuses/share"))
    assert ["doubt", "see"] == [
        line["verb"] for line in seen["history"] if line["verb"] in ("doubt", "see")
    ]


def test_a_lost_submit_of_an_edition_is_found_by_its_mark(desk: Desk) -> None:
    """The answer to freepublish/submit is lost: the edition is out once, each article counted."""
    stories = [desk.signed(name, accounts=["wechat"]) for name in ("01", "02", "03", "04")]
    words = ["queue", "add", *map(str, stories), "--account", "wechat"]
    number = int(desk.json(*words)["delivery"])
    desk.control("faults", call="freepublish/submit", fault="accept_then_drop")
    desk.start()
    seen = desk.reaches(number, "published")
    assert {"weibo": 0, "wechat": 4} == desk.counts()
    assert 1 == len(desk.calls("freepublish/submit"))
    assert [True] * 4 == [bool(post["link"]) for post in seen["posts"]]


def test_what_was_due_during_a_stop_of_two_days_is_missed_not_sent(desk: Desk) -> None:
    """A daemon that was off does not send old news; a person decides."""
    number = desk.queue(desk.signed("01", accounts=["weibo"]), "weibo", at="+5m")
    _age(desk.home / "queue.db", number)
    desk.start()
    seen = desk.reaches(number, "missed")
    assert {"weibo": 0, "wechat": 0} == desk.counts()
    needs = desk.json("status")["needs_me"]
    assert ["missed"] == [entry["code"] for entry in needs]
    desk.run("queue", "requeue", str(number), "--at", "now")
    desk.reaches(seen["id"], "published")
    assert 1 == desk.counts()["weibo"]


def _age(database: Path, number: int) -> None:
    """Move a delivery's times two days into the past, as if the machine had been off."""
    with sqlite3.connect(database) as connection:
        for column in ("due_at", "next_at", "late_at"):
            connection.execute(
                f"update delivery set {column} = strftime('%Y-%m-%d %H:%M:%f000', {column},"
                " '-2 days') where id = ?",
                (number,),
            )
    connection.close()


def test_an_orderly_stop_lets_the_running_attempt_end(desk: Desk) -> None:
    """SIGTERM during a slow answer: the answer is waited for and written down."""
    number = desk.queue(desk.signed("01", accounts=["weibo"]), "weibo")
    desk.control("faults", call="statuses/share", fault="accept_then_delay", params={"seconds": 3})
    desk.start()
    until(lambda: desk.counts()["weibo"], "the platform to take the post")
    assert 0 == desk.stop(signal.SIGTERM)
    assert "published" == desk.delivery(number)["state"]


def test_a_second_daemon_of_the_same_name_is_kept_out(desk: Desk) -> None:
    """Two daemons would be one too many; the second says so and ends."""
    desk.start()
    refused = desk.run("run", status=1)
    assert "is running already" in refused.stderr


def test_a_broken_config_ends_the_daemon_with_a_reason(desk: Desk) -> None:
    """A misspelt key is named, with the nearest known one; the exit status is not zero."""
    config = desk.home / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("safe_domain", "save_domain"), encoding="utf-8")
    refused = desk.run("run", status=2)
    assert "save_domain" in refused.stderr
    assert "safe_domain" in refused.stderr


def test_what_another_process_adds_leaves_within_moments(desk: Desk) -> None:
    """The daemon is idle; a delivery added by the command is seen by the next tick."""
    desk.start()
    number = desk.queue(desk.signed("01", accounts=["weibo"]), "weibo")
    seen = desk.reaches(number, "published")
    added, claimed = (
        next(line["at"] for line in seen["history"] if line["verb"] == verb)
        for verb in ("add", "claim")
    )
    assert added <= claimed

"""config.toml changes while the daemon runs: it takes that up by itself, whoever wrote it."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Desk, until

pytestmark = pytest.mark.slow

BOARD = '\n[account.board]\nchannel = "manual"\ntitle = "公告栏"\n'


def taken(desk: Desk) -> None:
    """Wait until the daemon says that it read the file."""
    assert desk.daemon is not None
    assert desk.daemon.stdout is not None
    stdout = desk.daemon.stdout
    until(lambda: json.loads(stdout.readline())["event"] == "take_config", "the file to be read")


def test_account_added_while_the_daemon_runs_is_served_without_a_restart(desk: Desk):
    desk.start()
    config = desk.home / "config.toml"
    before = config.read_text(encoding="utf-8")
    config.write_text(before + BOARD, encoding="utf-8")
    taken(desk)
    delivery = desk.queue(desk.signed("10", accounts=["board"]), "board")
    assert "accepted" == desk.reaches(delivery, "accepted")["state"]


def test_file_with_a_fault_leaves_the_daemon_as_it_was(desk: Desk):
    story = desk.signed("10", accounts=["weibo"])
    delivery = desk.queue(story, "weibo", "2099-01-01 10:00")
    desk.start()
    config = desk.home / "config.toml"
    before = config.read_text(encoding="utf-8")
    config.write_text(before + "\n[account.board\n", encoding="utf-8")
    assert desk.daemon is not None
    desk.run("status", status=2)
    assert desk.daemon.poll() is None
    config.write_text(before + BOARD, encoding="utf-8")
    taken(desk)
    assert "queued" == desk.delivery(delivery)["state"]


def test_account_out_of_use_gets_nothing_more_until_it_is_back(desk: Desk):
    desk.start()
    config = desk.home / "config.toml"
    story = desk.signed("10", accounts=["weibo"])
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace("[account.weibo]", "[account.weibo]\nin_use = false"), encoding="utf-8"
    )
    taken(desk)
    refused = desk.run("queue", "add", str(story), "--account", "weibo", "--at", "now", status=1)
    assert "out of use" in refused.stderr
    assert "out of use" == next(
        one["use"] for one in desk.json("account", "list") if one["name"] == "weibo"
    )
    config.write_text(text, encoding="utf-8")
    taken(desk)
    desk.reaches(desk.queue(story, "weibo"), "published")
    assert {"weibo": 1, "wechat": 0} == desk.counts()


def test_number_no_database_can_keep_does_not_stop_the_other_accounts(desk: Desk):
    desk.start()
    config = desk.home / "config.toml"
    story = desk.signed("10", accounts=["weibo"])
    delivery = desk.queue(story, "weibo", "+5s")
    text = config.read_text(encoding="utf-8")
    far = f"[account.weibo]\nposts_per_hour = {10**20}"
    config.write_text(text.replace("[account.weibo]", far), encoding="utf-8")
    # Every command brings the database up to the file, so they wait until it is mended.
    until(lambda: 1 == desk.counts()["weibo"], "the post to leave")
    config.write_text(text, encoding="utf-8")
    assert "published" == desk.reaches(delivery, "published")["state"]

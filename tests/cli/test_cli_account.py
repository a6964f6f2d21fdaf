"""`fabu account`: the list, secrets from standard input, and asking the platforms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.clock import beijing
from scheduler.store import open_store
from scheduler.store.accounts import by_name, rest, spent
from simulator.server import Running
from tests.platforms import WECHAT_SECRET, WEIBO_TOKEN, add_accounts


@pytest.fixture
def platform(home: Path) -> Iterator[Running]:
    with Running() as running:
        add_accounts(home, running.url)
        yield running


@pytest.fixture
def accounts(home: Path) -> Path:
    add_accounts(home, "http://127.0.0.1:1")
    return home


def listed(fabu) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in json.loads(fabu("account", "list", "--json").out)}


def test_configured_accounts_are_listed_at_once(accounts, fabu):
    """The first command after the edit brings the table up to date."""
    found = listed(fabu)
    assert {"wb": "weibo", "wx-main": "wechat", "hand": "manual"} == {
        name: one["channel"] for name, one in found.items()
    }
    assert {"in use"} == {one["use"] for one in found.values()}


def test_listing_for_eyes_shows_the_same(accounts, fabu):
    """A table."""
    ran = fabu("account", "list")
    assert 0 == ran.code
    for word in ("wb", "wx-main", "hand", "in use"):
        assert word in ran.out


def test_account_that_left_the_config_stays_without_being_used(accounts, fabu):
    """Its posts are counted for ever."""
    listed(fabu)
    config = accounts / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text[: text.index("[account.hand]")], encoding="utf-8")
    assert "not configured" == listed(fabu)["hand"]["use"]


def test_caps_follow_the_channel_and_its_overrides(accounts, fabu):
    """Claim guards them in its WHERE, so they stand in the row."""
    config = accounts / "config.toml"
    text = config.read_text(encoding="utf-8").replace(
        '\nchannel = "weibo"', '\nchannel = "weibo"\ngap_s = 2'
    )
    config.write_text(text, encoding="utf-8")
    listed(fabu)
    store = open_store(f"sqlite:///{accounts / 'queue.db'}")
    with store.read() as tx:
        weibo, wechat = by_name(tx, "wb"), by_name(tx, "wx-main")
    store.close()
    assert (2, "hour", "month") == (weibo.gap_s, weibo.speaks_per, wechat.pushes_per)
    assert weibo.speaks_max > 0
    assert wechat.pushes_max > 0


def test_secret_from_standard_input_is_stored_and_works(platform, fabu):
    """Never from the arguments; what is printed does not hold it."""
    ran = fabu("account", "login", "wx-main", stdin=f"{WECHAT_SECRET}\n")
    assert 0 == ran.code
    assert WECHAT_SECRET not in ran.out + ran.err
    assert 0 == fabu("account", "check", "wx-main").code


def test_login_ends_the_rest_that_waited_for_a_person(accounts, fabu, clock):
    """The daemon goes on by itself."""
    listed(fabu)
    store = open_store(f"sqlite:///{accounts / 'queue.db'}")
    with store.write() as tx:
        rest(
            tx, by_name(tx, "wb").id, None, "21332", needs_person=True, now=clock.now(), by="node:a"
        )
    assert listed(fabu)["wb"]["needs_person"]
    assert "goes on" in fabu("account", "login", "wb", stdin=f"{WEIBO_TOKEN}\n").out
    store.close()
    assert not listed(fabu)["wb"]["needs_person"]


def test_empty_input_stores_nothing(accounts, fabu):
    """A pipe that broke must not wipe out a good secret."""
    ran = fabu("account", "login", "wb", stdin="")
    assert 1 == ran.code
    assert "is empty" in ran.err


def test_login_of_an_account_without_secrets_says_so(accounts, fabu):
    """Manual accounts have none."""
    assert "hand needs no secret" in fabu("account", "login", "hand").out


@pytest.mark.parametrize("verb", ["login", "check"])
def test_account_that_is_not_configured_is_refused_with_those_there_are(accounts, fabu, verb):
    """Exit status 2: it is the configuration."""
    ran = fabu("account", verb, "nope")
    assert 2 == ran.code
    assert "There are: wb, wx-main, hand" in ran.err


def test_author_may_not_give_secrets(accounts, fabu):
    """Operators and administrators may."""
    fabu("person", "password", "王芳", stdin="correct horse\n")
    fabu("person", "add", "李雷", "author", "--password", stdin="another horse\n")
    fabu("login", "李雷", stdin="another horse\n")
    ran = fabu("account", "login", "wb", stdin=f"{WEIBO_TOKEN}\n")
    assert 1 == ran.code
    assert "needs the role operator / admin" in ran.err


def test_check_counts_its_calls_on_the_account(platform, fabu, home, monkeypatch):
    """The platform counts them, so do we."""
    monkeypatch.setenv("FABU_SECRET_WB_ACCESS_TOKEN", WEIBO_TOKEN)
    assert 0 == fabu("account", "check", "wb").code
    store = open_store(f"sqlite:///{home / 'queue.db'}")
    with store.read() as tx:
        day = beijing(platform.world.clock.now()).date()
        assert 2 == spent(tx, by_name(tx, "wb").id, day)
    store.close()


def test_check_as_json_prints_json_only(platform, fabu):
    """Also when something is wrong: exit status 1 tells it."""
    ran = fabu("account", "check", "--json")
    told = json.loads(ran.out)
    assert (1, "", False) == (ran.code, ran.err, told["ok"])
    assert {"wb": "fault", "wx-main": "fault", "hand": "fine"} == {
        one["subject"]: one["state"] for one in told["findings"]
    }

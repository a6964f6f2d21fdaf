"""An account that rests is checked: what a good answer ends, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from scheduler import checkup, config, events, setup
from scheduler.accounts import mirror_settings
from scheduler.errors import InputError
from scheduler.people import Actor, Role
from scheduler.store import accounts

BY = Actor(1, "赵敏", frozenset({Role.admin}))
SECTION = '[account.board]\nchannel = "manual"\ntitle = "公告栏"\n'


@pytest.fixture
def settings(tmp_path: Path, store) -> config.Settings:
    path = tmp_path / "config.toml"
    path.write_text(SECTION, encoding="utf-8")
    loaded = config.load(path)
    mirror_settings(store, loaded)
    return loaded


def board(store):
    with store.read() as tx:
        return accounts.by_name(tx, "board")


def test_good_answer_leaves_a_rest_the_platform_asked_for(settings, store, clock):
    """Ten minutes of silence after "too fast" stay ten minutes, whoever looks meanwhile."""
    until = clock.now() + timedelta(minutes=10)
    with store.write() as tx:
        accounts.rest(tx, board(store).id, until, "20016")
    checkup.check_account(settings, store, BY, "board", clock)
    assert (until, "20016") == (board(store).rests_until, board(store).rest_reason)


def test_good_answer_ends_the_wait_for_a_person(settings, store, clock):
    with store.write() as tx:
        accounts.rest(tx, board(store).id, None, "21332", needs_person=True)
    found = checkup.check_account(settings, store, BY, "board", clock)
    assert not board(store).needs_person
    assert ["survey", "rest"] == [one.check for one in found]
    with store.read() as tx:
        lines = events.of_subject(tx, "account", board(store).id)
    assert ["wake", "check"] == [line.verb for line in lines]


def test_reason_for_taking_an_account_out_of_use_has_a_length(settings, store, clock):
    """It stands in the history and on pages like every other reason."""
    with pytest.raises(InputError, match="at most 2000"):
        setup.retire_account(settings, store, BY, "board", "字" * 2001, now=clock.now())
    assert board(store).active
    assert "in_use" not in settings.path.read_text(encoding="utf-8")

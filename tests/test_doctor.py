"""`fabu doctor`: each fault of an installation is named with the next step."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.store import open_store
from simulator.server import Running
from tests.platforms import WECHAT_SECRET, WEIBO_TOKEN, add_accounts, set_clock


@pytest.fixture
def platform(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with Running() as running:
        add_accounts(home, running.url)
        monkeypatch.setenv("FABU_SECRET_WB_ACCESS_TOKEN", WEIBO_TOKEN)
        monkeypatch.setenv("FABU_SECRET_WX_MAIN_APP_SECRET", WECHAT_SECRET)
        yield running


def faults(ran) -> list[tuple[str, str, str]]:
    """Give (check, subject, text and next step) of what is wrong; the exit status must agree."""
    told = json.loads(ran.out)
    wrong = [one for one in told["findings"] if one["state"] == "fault"]
    assert (int(bool(wrong)), not wrong, "") == (ran.code, told["ok"], ran.err)
    return [(one["check"], one["subject"], f"{one['text']} {one['next']}".strip()) for one in wrong]


def test_healthy_home_passes(platform, fabu):
    """Both platforms were really asked, although no command ran since the config was edited."""
    ran = fabu("doctor", "--json")
    assert [] == faults(ran)
    assert ["wb", "wx-main", "hand"] == [
        one["subject"] for one in json.loads(ran.out)["findings"] if one["check"] == "survey"
    ]


def test_doctor_for_eyes_ends_with_a_clear_word(platform, fabu):
    """One line per finding."""
    ran = fabu("doctor")
    assert 0 == ran.code
    assert "Everything is in order." in ran.out


def test_broken_config_is_reported_with_its_line(home, fabu):
    """Exit status 1: the doctor did its work."""
    (home / "config.toml").write_text("[daemon\n")
    ((check, _, text),) = faults(fabu("doctor", "--json"))
    assert "config" == check
    assert "line 1, column 8" in text


def test_missing_config_is_reported(tmp_path, fabu, monkeypatch):
    """Also where there is no home at all."""
    monkeypatch.chdir(tmp_path)
    ((check, _, text),) = faults(fabu("doctor", "--json"))
    assert ("config", True) == (check, "fabu init DIR" in text)


def test_missing_secret_is_named_with_the_command_and_the_variable(platform, fabu, monkeypatch):
    """The other account is examined all the same."""
    monkeypatch.delenv("FABU_SECRET_WX_MAIN_APP_SECRET")
    ((check, subject, text),) = faults(fabu("doctor", "--json"))
    assert ("secrets", "wx-main") == (check, subject)
    assert "fabu account login wx-main" in text
    assert "FABU_SECRET_WX_MAIN_APP_SECRET" in text


@pytest.mark.parametrize(
    ("variable", "account"),
    [("FABU_SECRET_WX_MAIN_APP_SECRET", "wx-main"), ("FABU_SECRET_WB_ACCESS_TOKEN", "wb")],
)
def test_wrong_secret_is_named_without_showing_it(platform, fabu, monkeypatch, variable, account):
    """The platform's own code stands beside the next step."""
    monkeypatch.setenv(variable, "hush-hush-hush")
    ((check, subject, text),) = faults(fabu("doctor", "--json"))
    assert ("survey", account) == (check, subject)
    assert f"fabu account login {account}" in text
    assert "hush" not in text


def test_host_that_does_not_answer_is_named(platform, fabu, home):
    """Host and section, so that one knows where to look."""
    config = home / "config.toml"
    text = config.read_text(encoding="utf-8")
    head, tail = text.split("[account.wx-main]")
    tail = tail.replace(platform.url, "http://127.0.0.1:1")
    config.write_text(f"{head}[account.wx-main]{tail}", encoding="utf-8")
    ((check, subject, said),) = faults(fabu("doctor", "--json"))
    assert ("survey", "wx-main") == (check, subject)
    assert "127.0.0.1:1 could not be reached" in said
    assert "api_base in [account.wx-main]" in said


@pytest.mark.parametrize(("offset_s", "way"), [(300, "behind"), (-300, "ahead of")])
def test_clock_five_minutes_off_is_named(platform, fabu, offset_s, way):
    """By the platform's Date header, in either direction."""
    set_clock(platform, offset_s)
    found = faults(fabu("doctor", "--json"))
    assert [("clock", "wb"), ("clock", "wx-main")] == [one[:2] for one in found]
    for _, _, text in found:
        assert f" seconds {way} " in text
        assert "Set the clock" in text


def test_clock_half_a_minute_off_is_fine(platform, fabu):
    """Within what a network and a second hand may differ."""
    set_clock(platform, 30)
    assert [] == faults(fabu("doctor", "--json"))


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_key_file_that_others_can_read_is_named(home, fabu):
    """With the command that mends it."""
    (home / "secret.key").chmod(0o644)
    ((check, _, text),) = faults(fabu("doctor", "--json"))
    assert ("key", True) == (check, f"chmod 600 {home / 'secret.key'}" in text)


def test_missing_key_file_is_named(home, fabu):
    """Before anything needs it."""
    (home / "secret.key").unlink()
    ((check, _, text),) = faults(fabu("doctor", "--json"))
    assert ("key", True) == (check, "backup" in text)


def test_secret_under_another_key_is_named(home, fabu, tmp_path):
    """The database came from one home and the key from another."""
    add_accounts(home, "http://127.0.0.1:1")
    fabu("account", "login", "wb", stdin="x\n")
    fabu("init", tmp_path / "other")
    (home / "secret.key").write_bytes((tmp_path / "other" / "secret.key").read_bytes())
    found = faults(fabu("doctor", "--json"))
    assert ("secrets", "wb") == found[0][:2]
    assert "does not open the stored secrets of wb" in found[0][2]


def test_lost_database_is_named(home, fabu):
    """And not made anew by the examination."""
    (home / "queue.db").unlink()
    ((check, _, text),) = faults(fabu("doctor", "--json"))
    assert ("database", True, False) == (
        check,
        "There is no database" in text,
        (home / "queue.db").exists(),
    )


def test_database_of_a_newer_program_is_named(home, fabu):
    """It is left alone."""
    store = open_store(f"sqlite:///{home / 'queue.db'}")
    with store.write() as tx:
        tx.exec_driver_sql("update alembic_version set version_num = '9999'")
    store.close()
    ((check, _, text),) = faults(fabu("doctor", "--json"))
    assert ("database", True) == (check, "has the schema 9999" in text)


def test_history_changed_from_outside_is_named(home, fabu):
    """The chain tells the first line that was touched."""
    from scheduler import events

    store = open_store(f"sqlite:///{home / 'queue.db'}")
    with store.write() as tx:
        events.seal(tx)
        tx.exec_driver_sql("update event set actor = 'person:nobody' where seq = 2")
    store.close()
    ((check, _, text),) = faults(fabu("doctor", "--json"))
    assert ("history", True) == (check, "at line 2" in text)


def test_account_that_waits_for_a_person_is_named(platform, fabu, home):
    """Why it rests, and how it goes on."""
    from scheduler.store.accounts import by_name, rest

    fabu("account", "list")
    store = open_store(f"sqlite:///{home / 'queue.db'}")
    with store.write() as tx:
        rest(tx, by_name(tx, "wb").id, None, "21332", needs_person=True)
    store.close()
    ((check, subject, text),) = faults(fabu("doctor", "--json"))
    assert ("rest", "wb") == (check, subject)
    assert "fabu account login wb" in text

"""The set-up in the browser: from an empty home to accounts, without opening a file."""

from __future__ import annotations

import os
import re
from datetime import timedelta

import pytest

from channels.contract import Health
from console.serve import beside
from scheduler import config, secrets
from scheduler.daemon import NODE, TAKEN
from scheduler.events import Line, write
from scheduler.home import open_database
from tests.console.conftest import Site

WECHAT = {
    "channel": "wechat",
    "name": "wechat-main",
    "title": "示例应急",
    "app_id": "wx0000000000000001",
    "kind": "service",
    "secret.app_secret": "wechat-demo-secret",
}


@pytest.fixture
def bare(home, clock):
    """Serve a home as `fabu init` leaves it: no account, one person."""
    settings = config.load(home / "config.toml")
    store = open_database(settings)
    with beside(settings, store, clock, port=0) as url:
        yield Site(url, store, clock, home)
    store.close()


def states(page: str) -> list[str]:
    """Give the state of each of the four steps."""
    return re.findall(r"</span>(finished|to do)</span>", page)


def test_home_without_accounts_leads_the_administrator_to_the_set_up(bare):
    assert 'href="/setup"' in bare.person("赵敏", "admin").get("/").text
    assert 'href="/setup"' not in bare.person("李强", "author").get("/").text


def test_steps_are_done_one_after_the_other(bare):
    admin = bare.person("赵敏", "admin", "author", "operator")
    page = admin.get("/setup").text
    assert ["finished", "to do", "to do", "to do"] == states(page)
    assert "Add the first account." in page
    assert 303 == admin.post("/setup/account", WECHAT).status_code
    bare.person("李强", "reviewer")
    page = admin.get("/setup").text
    assert ["finished", "finished", "finished", "to do"] == states(page)
    assert "示例应急 is added." in page
    assert "Work can begin." in page


def test_added_account_stands_in_the_file_and_in_the_running_console(bare):
    admin = bare.person("赵敏", "admin")
    assert 200 == admin.get("/setup/account?channel=wechat").status_code
    assert 303 == admin.post("/setup/account", WECHAT).status_code
    settings = config.load(bare.home / "config.toml")
    assert "service" == settings.account("wechat-main").options["kind"]
    with bare.store.read() as tx:
        assert {"app_secret": "wechat-demo-secret"} == secrets.get_all(tx, settings, "wechat-main")
    assert "示例应急" in admin.get("/accounts").text
    assert "not checked yet" in admin.get("/accounts").text


def test_wrong_answer_shows_the_form_with_what_was_typed_but_no_secret(bare):
    admin = bare.person("赵敏", "admin")
    before = (bare.home / "config.toml").read_bytes()
    answer = admin.post("/setup/account", {**WECHAT, "app_id": "gh_1"})
    assert 400 == answer.status_code
    assert "begins with wx" in answer.text
    assert 'value="gh_1"' in answer.text
    assert "wechat-demo-secret" not in answer.text
    assert before == (bare.home / "config.toml").read_bytes()


def test_bureau_s_name_is_changed_at_once(bare):
    admin = bare.person("赵敏", "admin")
    assert 303 == admin.post("/setup/bureau", {"name": "新局<b>"}).status_code
    page = admin.get("/setup").text
    assert ("新局&lt;b&gt;" in page, "<b>新局" in page) == (True, False)
    assert 400 == admin.post("/setup/bureau", {"name": " "}).status_code
    assert "新局<b>" == config.load(bare.home / "config.toml").bureau


def test_missing_secret_is_asked_for_and_stored(bare):
    admin = bare.person("赵敏", "admin")
    admin.post("/setup/account", {**WECHAT, "secret.app_secret": ""})
    assert "Enter the secret" in admin.get("/setup").text
    where = "/accounts/wechat-main/secrets"
    assert 400 == admin.post(where, {"secret.app_secret": " "}).status_code
    assert 303 == admin.post(where, {"secret.app_secret": "wechat-demo-secret"}).status_code
    assert "One is stored." in admin.get("/accounts/wechat-main").text
    assert 400 == admin.post(where, {"secret.other": "x"}).status_code


def test_check_asks_the_platform_and_says_what_it_answered(bare, monkeypatch):
    admin = bare.person("赵敏", "admin")
    admin.post("/setup/account", WECHAT)
    monkeypatch.setattr(
        "scheduler.accounts.survey", lambda *_args: Health(identity="示例应急", followers=7)
    )
    assert "not checked yet" in admin.get("/setup").text
    answer = admin.post("/accounts/wechat-main/check", {"back": "/setup"})
    assert (303, "/setup") == (answer.status_code, answer.headers["location"])
    page = admin.get("/setup").text
    assert "answers as 示例应急; followers: 7" in page
    assert "answered today 17:00" in page


@pytest.mark.parametrize("role", ["author", "reviewer", "operator", "leader"])
def test_set_up_is_for_administrators(bare, role):
    other = bare.person("李强", role)
    before = (bare.home / "config.toml").read_bytes()
    pages = ("/setup", "/setup/account")
    assert [403, 403] == [other.get(path).status_code for path in pages]
    assert 403 == other.post("/setup/account", WECHAT).status_code
    assert 403 == other.post("/setup/bureau", {"name": "x"}).status_code
    assert before == (bare.home / "config.toml").read_bytes()


def test_account_of_another_name_is_not_there(bare):
    admin = bare.person("赵敏", "admin")
    assert 404 == admin.get("/accounts/none").status_code
    assert 404 == admin.post("/accounts/none/check").status_code


def test_old_address_of_an_account_leads_to_its_page(bare):
    answer = bare.person("赵敏", "admin").get("/setup/accounts/wechat-main")
    assert (303, "/accounts/wechat-main") == (answer.status_code, answer.headers["location"])


def test_daemon_that_has_not_taken_up_the_change_is_told_of(bare):
    admin = bare.person("赵敏", "admin")
    started_at = bare.clock.now() - timedelta(hours=1)
    with bare.store.write() as tx:
        tx.execute(
            NODE.insert().values(
                name="desk-1", started_at=started_at, beat_at=bare.clock.now(), version="1",
                stopped_at=None,
            )
        )  # fmt: skip
    file = bare.home / "config.toml"
    old, fresh = (started_at + timedelta(minutes=step) for step in (-1, 1))
    os.utime(file, (old.timestamp(), old.timestamp()))
    assert "desk-1 has not taken up" not in admin.get("/setup").text
    os.utime(file, (fresh.timestamp(), fresh.timestamp()))
    assert "desk-1 has not taken up" in admin.get("/setup").text
    with bare.store.write() as tx:
        taken = Line("node", 0, TAKEN, "node:desk-1", fresh)
        write(tx, taken)
    assert "desk-1 has not taken up" not in admin.get("/setup").text

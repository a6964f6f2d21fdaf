"""The first hour and accounts by command: the first password, secrets by name, who may check."""

from __future__ import annotations

import os
import re

import pytest

from scheduler import checkup, config, people, secrets
from scheduler.home import open_database
from scheduler.store.accounts import by_name
from tests.cli.test_cli_terminal import Terminal
from tests.platforms import add_accounts


@pytest.fixture
def accounts(home):
    """Give a home with three accounts whose platforms nobody serves."""
    add_accounts(home, "http://127.0.0.1:1")
    return home


def stored(home, field: str) -> str:
    settings = config.load(home / "config.toml")
    store = open_database(settings)
    with store.read() as tx:
        found = secrets.get_extra(tx, settings, "wx-main", field)
    store.close()
    return found


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
def test_newcomer_who_presses_enter_gets_a_password_that_opens_the_pages(tmp_path):
    terminal = Terminal(tmp_path, "init", "h", "--bureau", "示例局", "--person", "李雷")
    for question in ("now): ", "Add an account", "Add a person", "ledger"):
        terminal.answer(question, "\n")
    code, printed = terminal.end()
    password = re.findall(r"password for the pages is: (\S+)", printed)[0]
    store = open_database(config.load(tmp_path / "h" / "config.toml"))
    with store.read() as tx:
        assert (0, "李雷") == (code, people.check_password(tx, "李雷", password).name)
    store.close()
    assert "run --console" in printed
    assert "log in as 李雷" in printed.replace("\r\n", " ")


def test_script_is_told_how_to_come_to_the_pages_and_gets_no_password(tmp_path, fabu):
    ran = fabu("init", tmp_path / "h", "--bureau", "x", "--person", "李雷")
    assert (0, False) == (ran.code, "password for the pages is" in ran.out)
    assert "person password 李雷" in ran.out.replace("\n", " ")
    assert 0 == fabu("-c", tmp_path / "h", "person", "password", "李雷", stdin="long enough\n").code


def test_token_of_the_message_push_is_stored_by_its_name(accounts, fabu):
    ran = fabu("account", "login", "wx-main", "--field", "callback_token", stdin="AAAAA\n")
    assert 0 == ran.code
    assert "AAAAA" == stored(accounts, "callback_token")
    wrong = fabu("account", "login", "wx-main", "--field", "callback_token", stdin="a b\n")
    assert (1, "AAAAA") == (wrong.code, stored(accounts, "callback_token"))
    other = fabu("account", "login", "wb", "--field", "callback_token", stdin="AAAAA\n")
    assert 1 == other.code
    assert "access_token" in other.err


def test_check_is_kept_and_not_for_everybody(accounts, fabu):
    assert 0 == fabu("account", "check", "hand").code
    store = open_database(config.load(accounts / "config.toml"))
    with store.read() as tx:
        last = checkup.last_check(tx, by_name(tx, "hand").id, "hand")
    store.close()
    assert last is not None
    assert (True, "person:王芳") == (last.good, last.actor)
    fabu("person", "add", "李强", "author", "--password", stdin="long enough\n")
    (login,) = accounts.glob(".login-*")
    login.unlink()
    assert 0 == fabu("login", "李强", stdin="long enough\n").code
    ran = fabu("account", "check", "hand")
    assert 1 == ran.code
    assert "needs the role" in ran.err


def test_account_out_of_use_is_listed_as_such(accounts, fabu):
    assert "out of use" not in fabu("account", "list").out
    file = accounts / "config.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[account.hand]", "[account.hand]\nin_use = false"), "utf-8")
    assert "out of use" in fabu("account", "list").out
    assert {"wb", "wx-main"} == set(config.load(file).accounts)
    assert not config.load(file).account("hand").in_use

"""`fabu init` at a terminal: a whole desk made by answering questions, or nothing at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scheduler import config, people, secrets
from scheduler.home import open_database
from tests.cli.test_cli_terminal import Terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
LEDGER = (
    "日期,平台,账号,栏目,标题,原创/转载,链接\n2025-03-01,微博,示例应急,安全科普,春季防火,原创,\n"
)
BROKEN = LEDGER.replace("2025-03-01", "2025-02-30")


def begin(folder: Path) -> Terminal:
    """Come as far as the accounts."""
    terminal = Terminal(folder, "init", "h", "--bureau", "示例局", "--person", "李雷")
    terminal.answer("now): ", "correct horse\n")
    terminal.answer("again: ", "correct horse\n")
    return terminal


def answer(terminal: Terminal, *pairs: tuple[str, str]) -> None:
    for question, text in pairs:
        terminal.answer(question, text + "\n")


WECHAT = (
    ("Add an account", "wechat"),
    ("as readers know it: ", "示例应急"),
    ("AppID: ", "wx0000000000000001"),
    ("Kind of account [1]: ", "service"),
    ("How posts go out [1]: ", ""),
    ("Verified account [1]: ", "1"),
    ("Short name for commands [wechat-main]: ", ""),
    ("AppSecret (Enter: later): ", "wechat-demo-secret"),
)
WEIBO = (
    ("Add an account", "1"),
    ("as readers know it: ", "示例应急"),
    ("App Key: ", "wx1"),
    ("App Key: ", "1000000001"),
    ("(uid): ", ""),
    ("Safe domain: ", "https://www.example.gov.cn"),
    ("commands [weibo-main]: ", "weibo-city"),
    ("Access token (Enter: later): ", ""),
)


def test_desk_is_made_by_answering_questions(tmp_path):
    """Two accounts, a second person, last year's ledger; no secret is shown."""
    (tmp_path / "旧台账.csv").write_text(LEDGER, encoding="utf-8")
    terminal = begin(tmp_path)
    answer(terminal, *WECHAT)
    secret_shown = "wechat-demo-secret" in terminal.seen
    answer(terminal, *WEIBO, ("Add an account", ""))
    answer(
        terminal,
        ("Name (Enter: none): ", "韩梅"),
        ("office (Enter: none): ", "办公室"),
        ("commas [2]: ", "审核"),
        ("commas [2]: ", "2，4"),
        ("password of this person (Enter: later): ", "short"),
        ("password of this person (Enter: later): ", "battery staple"),
        ("again: ", "battery staple"),
        ("Name (Enter: none): ", ""),
        ("CSV file (Enter: none): ", "nowhere.csv"),
        ("CSV file (Enter: none): ", f"'{tmp_path / '旧台账.csv'}'"),
        ("[y/N]: ", "y"),
    )
    code, printed = terminal.end()
    assert (0, False, False) == (code, secret_shown, "wechat-demo-secret" in printed)
    assert "Added 1 posts" in printed
    assert "run --console" in printed
    settings = config.load(tmp_path / "h" / "config.toml")
    assert {"wechat-main": "wechat", "weibo-city": "weibo"} == {
        name: one.channel for name, one in settings.accounts.items()
    }
    assert ("service", "www.example.gov.cn") == (
        settings.account("wechat-main").options["kind"],
        settings.account("weibo-city").options["safe_domain"],
    )
    store = open_database(settings)
    with store.read() as tx:
        assert {"app_secret": "wechat-demo-secret"} == secrets.get_all(tx, settings, "wechat-main")
        assert {} == secrets.get_all(tx, settings, "weibo-city")
        signer = people.check_password(tx, "韩梅", "battery staple")
        assert {people.Role.reviewer, people.Role.leader} == signer.roles
        count = tx.exec_driver_sql("select count(*) from post where made_elsewhere").scalar()
    store.close()
    assert 1 == count


def test_enter_skips_everything_also_half_an_account(tmp_path):
    terminal = begin(tmp_path)
    answer(
        terminal,
        ("Add an account", "weibo"),
        ("as readers know it: ", ""),
        ("Add an account", "2"),
        ("as readers know it: ", "示例应急"),
        ("AppID: ", ""),
        ("Add an account", ""),
        ("Name (Enter: none): ", ""),
        ("CSV file (Enter: none): ", ""),
    )
    assert 0 == terminal.end()[0]
    assert {} == config.load(tmp_path / "h" / "config.toml").accounts


@pytest.mark.parametrize("after", [0, 2, len(WECHAT)])
def test_ctrl_c_leaves_nothing_behind(tmp_path, after):
    terminal = begin(tmp_path)
    answer(terminal, *WECHAT[:after])
    question = [*WECHAT, ("Add an account", "")][after][0]
    assert (130, False) == (terminal.interrupt(question), (tmp_path / "h").exists())


def test_ledger_with_faults_leaves_the_home_and_adds_nothing(tmp_path):
    (tmp_path / "old.csv").write_text(BROKEN, encoding="utf-8")
    terminal = begin(tmp_path)
    answer(
        terminal,
        ("Add an account", ""),
        ("Name (Enter: none): ", ""),
        ("CSV file (Enter: none): ", "old.csv"),
    )
    code, printed = terminal.end()
    assert 0 == code
    assert "Nothing of the ledger was written" in printed
    assert (tmp_path / "h" / "queue.db").exists()


def test_nobody_is_asked_when_the_output_goes_into_a_file(tmp_path, fabu):
    """As a script uses it."""
    ran = fabu("init", tmp_path / "h", "--bureau", "x", "--person", "y")
    assert (0, False) == (ran.code, "Add an account" in ran.out + ran.err)

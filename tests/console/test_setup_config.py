"""config.toml, changed by the set-up: what stood there stays, and a half file never appears."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from scheduler import config, secrets, setup, setup_form
from scheduler.errors import ConfigError, Conflict, InputError, NotAllowed
from scheduler.home import open_database
from scheduler.people import Actor, Role, actor_named
from scheduler.store.accounts import by_name
from tests.clocks import START

WECHAT = {"app_id": "wx0000000000000001", "kind": "service"}
WEIBO = {"app_id": "1000000001", "uid": "5990001234", "safe_domain": "https://www.example.gov.cn/"}


@pytest.fixture
def desk(home):
    """Give the settings, the open store and 王芳, who is an administrator."""
    settings = config.load(home / "config.toml")
    store = open_database(settings)
    with store.read() as tx:
        admin = actor_named(tx, "王芳")
    yield settings, store, admin
    store.close()


def new(channel="wechat", name="wechat-main", title="示例应急", **typed):
    given = {"wechat": WECHAT, "weibo": WEIBO}.get(channel, {})
    return setup_form.read_account(channel, name, title, {**given, **typed})


def add(desk, account, **values):
    settings, store, admin = desk
    return setup.add_account(settings, store, admin, account, values, now=START)


def test_account_is_appended_and_every_byte_before_it_stays(home, desk):
    file = home / "config.toml"
    before = file.read_bytes()
    after = add(desk, new(), app_secret="s3cret")
    assert file.read_bytes().startswith(before)
    assert b"s3cret" not in file.read_bytes()
    assert config.load(file) == after
    entry = after.account("wechat-main")
    assert ("wechat", "示例应急", "service", True) == (
        entry.channel, entry.title, entry.options["kind"], entry.options["verified"],
    )  # fmt: skip
    with desk[1].read() as tx:
        assert {"app_secret": "s3cret"} == secrets.get_all(tx, after, "wechat-main")
        assert by_name(tx, "wechat-main").active


def test_accounts_follow_each_other_and_the_console_s_copy_is_no_matter(home, desk):
    add(desk, new())
    after = add(desk, new("weibo", "weibo-main", title='带"引号"的'))
    assert ["wechat-main", "weibo-main"] == list(after.accounts)
    assert ('带"引号"的', "www.example.gov.cn") == (
        after.account("weibo-main").title,
        after.account("weibo-main").options["safe_domain"],
    )


def test_line_ends_mark_and_mode_of_the_file_stay(home, desk):
    file = home / "config.toml"
    text = "\ufeffbureau = '旧局' # 名称\r\n[daemon]\r\nworkers = 2"
    file.write_bytes(text.encode())
    file.chmod(0o640)
    add(desk, new("manual", "board"))
    setup.rename_bureau(desk[0], desk[2], "新局")
    said = file.read_bytes().decode()
    assert said.startswith(
        '\ufeffbureau = "新局" # 名称\r\n[daemon]\r\nworkers = 2\r\n\r\n[account.board]'
    )
    assert said.replace("\r\n", "").find("\n") == -1
    if os.name == "posix":
        assert 0o640 == file.stat().st_mode & 0o777


def test_bureau_that_was_not_named_gets_a_line_of_its_own(home, desk):
    file = home / "config.toml"
    file.write_text("[daemon]\nworkers = 2\n", encoding="utf-8")
    assert "新局" == setup.rename_bureau(desk[0], desk[2], " 新局 ").bureau
    assert 'bureau = "新局"\n[daemon]\nworkers = 2\n' == file.read_text(encoding="utf-8")


def test_file_that_cannot_be_changed_safely_is_left_alone(home, desk):
    file = home / "config.toml"
    file.write_text('bureau = """\n[旧局]"""\n', encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(ConfigError):
        setup.rename_bureau(desk[0], desk[2], "新局")
    assert before == file.read_bytes()
    assert [] == list(home.glob(".config.toml.new"))


def test_fault_of_the_new_file_names_the_file_people_know(home, desk):
    account = setup_form.NewAccount("board", "manual", "公告栏", {"api_base": "not an address"})
    with pytest.raises(ConfigError) as caught:
        add(desk, account)
    assert f"{home / 'config.toml'}: api_base" in str(caught.value)
    assert {} == config.load(home / "config.toml").accounts


@pytest.mark.parametrize(
    "twin", [new(), new(name="wechat-2"), new("manual", "wechat-main")], ids=["name", "id", "kind"]
)
def test_second_account_like_the_first_is_refused(home, desk, twin):
    add(desk, new())
    before = (home / "config.toml").read_bytes()
    with pytest.raises(Conflict):
        add(desk, twin)
    assert before == (home / "config.toml").read_bytes()


def test_name_of_an_account_that_left_is_kept_for_its_kind(home, desk):
    before = (home / "config.toml").read_bytes()
    add(desk, new())
    (home / "config.toml").write_bytes(before)
    with pytest.raises(Conflict, match="another kind"):
        add(desk, new("manual", "wechat-main"))


def test_secret_that_cannot_be_stored_leaves_no_account(home, desk):
    (home / "secret.key").unlink()
    before = (home / "config.toml").read_bytes()
    with pytest.raises(ConfigError):
        add(desk, new(), app_secret="s3cret")
    assert before == (home / "config.toml").read_bytes()
    with desk[1].read() as tx, pytest.raises(Exception, match="no account"):
        by_name(tx, "wechat-main")


def test_only_administrators_change_the_file(home, desk):
    settings, store, admin = desk
    other = replace(admin, roles=frozenset({Role.operator}))
    assert isinstance(other, Actor)
    with pytest.raises(NotAllowed):
        setup.add_account(settings, store, other, new(), {}, now=START)
    with pytest.raises(NotAllowed):
        setup.rename_bureau(settings, other, "新局")


@pytest.mark.parametrize(
    ("channel", "typed"),
    [
        ("wechat", {"app_id": "gh_123"}),
        ("wechat", {"app_id": ""}),
        ("wechat", {"kind": "personal"}),
        ("weibo", {"app_id": "wx0000000000000001"}),
        ("weibo", {"uid": "https://weibo.com/u/1"}),
        ("weibo", {"safe_domain": "www example"}),
        ("weibo", {"name": "Weibo Main"}),
        ("weibo", {"title": " "}),
        ("weibo", {"title": "名" * 61}),
        ("weibo", {"api_base": "not an address"}),
        ("weibo", {"api_base": "ftp://example.org"}),
        ("telegram", {}),
    ],
)
def test_what_was_pasted_into_the_wrong_field_is_said(channel, typed):
    with pytest.raises(InputError):
        new(channel, **typed)


def test_choices_are_the_words_of_the_channels():
    for channel in config.KINDS:
        options = config.channel_class(channel).OPTIONS
        for asked in setup_form.asked_of(channel):
            assert asked.key == "app_id" or asked.key in options
            assert not asked.choices or str(options[asked.key].default).lower() in dict(
                asked.choices
            )


def test_suggested_name_is_free():
    assert "wechat-main" == setup_form.free_name("wechat", set())
    assert "wechat-2" == setup_form.free_name("wechat", {"wechat-main"})


def test_callback_token_is_a_secret_nobody_misses(home, desk):
    after = add(desk, new(), app_secret="s3cret")
    _settings, store, admin = desk
    with store.read() as tx:
        assert [] == secrets.missing(after, "wechat-main", {"app_secret": "x"})
        assert "" == secrets.get_extra(tx, after, "wechat-main", "callback_token")
    with store.write() as tx:
        setup.keep_callback_token(tx, after, admin, "wechat-main", "AAAAA", now=START)
    with store.read() as tx:
        assert "AAAAA" == secrets.get_extra(tx, after, "wechat-main", "callback_token")
        assert {"app_secret": "s3cret"} == secrets.get_all(tx, after, "wechat-main")
    with store.write() as tx, pytest.raises(InputError):
        setup.keep_callback_token(tx, after, admin, "wechat-main", "a b", now=START)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("posts_per_hour", "1.5", "whole number from 0 to 1000000"),
        ("gap_s", "1000001", "number from 0 to 1000000"),
    ],
)
def test_number_that_is_none_is_told_what_would_be_one(field, typed, told):
    with pytest.raises(InputError, match=told):
        setup_form.read_changes("weibo", {field: typed})

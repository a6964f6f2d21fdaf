"""One account on its page: a truthful card, its settings, its secrets, out of use and back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from channels.contract import Health, Unreachable, Words
from console.serve import beside
from scheduler import config, people, secrets
from scheduler.home import open_database
from scheduler.planning import pauses
from scheduler.store import accounts, moves
from tests import makers
from tests.console.conftest import Site
from tests.platforms import WECHAT_SECRET

SECTION = """
# 公众号由宣传科负责
[account.wechat-main]  # 主号
channel = "wechat"
title = '示例应急'   # 读者看到的名称
app_id = "wx0000000000000001"
kind = "service"
looks_s = [
  1, 3,
]

# 公告栏在一楼
[account.board]
channel = "manual"
title = "公告栏"
"""
PAGE = "/accounts/wechat-main"


@pytest.fixture
def desk(home, clock):
    """Serve a home whose config.toml has two accounts written by hand, one with its secret."""
    file = home / "config.toml"
    file.write_text(file.read_text(encoding="utf-8") + SECTION, encoding="utf-8")
    settings = config.load(file)
    store = open_database(settings)
    with store.write() as tx:
        secrets.put(
            tx, settings, "wechat-main", "app_secret", WECHAT_SECRET, by="person:x", now=clock.now()
        )
    clock.advance(60)
    with beside(settings, store, clock, port=0) as url:
        yield Site(url, store, clock, home)
    store.close()


def form(page: str) -> dict[str, str]:
    """Give what the form of settings holds, as a browser sends it."""
    body = page[page.index('id="settings"') :]
    body = body[: body.index("</form>")]
    sent = {}
    for tag in re.findall(r"<input[^>]+>", body):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if told["type"] != "radio" or " checked" in tag:
            sent[told["name"]] = told.get("value", "").replace("&#39;", "'")
    del sent["csrf"]
    return sent


def written(desk) -> str:
    return (desk.home / "config.toml").read_text(encoding="utf-8")


def answers(monkeypatch, health: Health | Exception) -> None:
    """Let the platform answer so."""

    def survey(*_args):
        if isinstance(health, Exception):
            raise health
        return health

    monkeypatch.setattr("scheduler.accounts.survey", survey)


# --- settings ----------------------------------------------------------------------------------


def test_changed_settings_stand_in_the_file_and_every_other_byte_stays(desk):
    admin = desk.person("赵敏", "admin")
    before, sent = written(desk), form(admin.get(PAGE).text)
    assert ("示例应急", "wx0000000000000001", "service") == (
        sent["title"], sent["app_id"], sent["kind"],
    )  # fmt: skip
    changed = {**sent, "title": '带"引号"的局', "how": "push", "gap_s": "90"}
    assert 303 == admin.post(f"{PAGE}/change", changed).status_code
    wanted = before.replace("'示例应急'   # 读者", '"带\\"引号\\"的局"   # 读者')
    wanted = wanted.replace("  1, 3,\n]\n", '  1, 3,\n]\nhow = "push"\ngap_s = 90.0\n')
    assert wanted == written(desk)
    entry = config.load(desk.home / "config.toml").account("wechat-main")
    assert ("push", 90.0, (1, 3)) == tuple(
        entry.options[one] for one in ("how", "gap_s", "looks_s")
    )
    page = admin.get(PAGE).text
    assert "带&#34;引号&#34;的局" in page
    assert 90.0 == _row(desk).gap_s


def _row(desk):
    with desk.store.read() as tx:
        return accounts.by_name(tx, "wechat-main")


def test_saving_what_was_there_writes_nothing(desk):
    admin = desk.person("赵敏", "admin")
    before, sent = written(desk), form(admin.get(PAGE).text)
    assert 303 == admin.post(f"{PAGE}/change", sent).status_code
    assert before == written(desk)


def test_change_by_hand_meanwhile_is_shown_and_not_lost(desk):
    admin = desk.person("赵敏", "admin")
    sent = form(admin.get(PAGE).text)
    by_hand = written(desk).replace("'示例应急'", "'手改的名称'")
    (desk.home / "config.toml").write_text(by_hand, encoding="utf-8")
    answer = admin.post(f"{PAGE}/change", {**sent, "title": "页面上的名称"})
    assert 409 == answer.status_code
    assert 'value="手改的名称"' in answer.text
    assert by_hand == written(desk)
    again = {**form(answer.text), "title": "页面上的名称"}
    assert 303 == admin.post(f"{PAGE}/change", again).status_code
    assert "页面上的名称" in written(desk)


def test_account_added_by_hand_is_seen_by_the_running_console(desk):
    admin = desk.person("赵敏", "admin")
    more = '\n[account.second]\nchannel = "manual"\ntitle = "宣传车"\n'
    (desk.home / "config.toml").write_text(written(desk) + more, encoding="utf-8")
    assert "宣传车" in admin.get("/accounts").text
    broken = written(desk) + "\n[account.third\n"
    (desk.home / "config.toml").write_text(broken, encoding="utf-8")
    page = admin.get("/setup").text
    assert "config.toml was edited and has a fault" in page
    assert "宣传车" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "名" * 300},
        {"title": " "},
        {"app_id": "gh_1"},
        {"app_id": ""},
        {"gap_s": "-1"},
        {"gap_s": "nan"},
        {"tag_id": "1.5"},
        {"kind": "personal"},
        {"api_base": "weixin"},
        {"api_base": "https://api.example.net"},
        {"api_base": 'https://a"b'},
    ],
)
def test_wrong_setting_is_said_above_what_was_typed(desk, wrong):
    admin = desk.person("赵敏", "admin")
    before, sent = written(desk), form(admin.get(PAGE).text)
    answer = admin.post(f"{PAGE}/change", {**sent, **wrong})
    assert 400 == answer.status_code
    assert 'role="alert"' in answer.text
    assert before == written(desk)


def test_address_changes_only_while_nothing_is_with_the_platform(desk):
    admin = desk.person("赵敏", "admin")
    delivery = in_doubt(desk)
    sent = form(admin.get(PAGE).text)
    other = {**sent, "app_id": "wx0000000000000009"}
    answer = admin.post(f"{PAGE}/change", other)
    assert 409 == answer.status_code
    assert f"in doubt: {delivery}" in answer.text
    assert 303 == admin.post(f"{PAGE}/change", {**sent, "title": "新名"}).status_code


def test_queue_of_another_account_at_the_platform_waits_for_a_person(desk):
    """What was signed for one readership does not leave for another by itself."""
    admin = desk.person("赵敏", "admin")
    with desk.store.write() as tx:
        delivery = makers.delivery(tx, _row(desk).id, due_at=makers.later(hours=2))
    sent = form(admin.get(PAGE).text)
    assert 303 == admin.post(f"{PAGE}/change", {**sent, "title": "新名"}).status_code
    with desk.store.read() as tx:
        assert moves.read(tx, delivery).held_for is None
    sent = form(admin.get(PAGE).text)
    other = {**sent, "app_id": "wx0000000000000009"}
    assert 303 == admin.post(f"{PAGE}/change", other).status_code
    with desk.store.read() as tx:
        assert "account_moved" == moves.read(tx, delivery).held_for
    assert "another account at the platform" in admin.get("/queue").text


def test_same_account_twice_is_refused(desk):
    admin = desk.person("赵敏", "admin")
    second = SECTION.replace("wechat-main", "wechat-2").replace("0001", "0002")
    text = written(desk) + second[: second.index("# 公告栏")]
    (desk.home / "config.toml").write_text(text, encoding="utf-8")
    sent = form(admin.get("/accounts/wechat-2").text)
    answer = admin.post("/accounts/wechat-2/change", {**sent, "app_id": "wx0000000000000001"})
    assert 409 == answer.status_code
    assert "there already, as wechat-main" in answer.text


@pytest.mark.parametrize(
    "section",
    [
        SECTION.replace("'示例应急'   #", '"""示例\n应急"""   #'),
        SECTION.replace("[account.wechat-main]", "[ account . 'wechat-main' ]").replace(
            "title = '示例应急'", "'title' = '示例应急'"
        ),
    ],
    ids=["several-lines", "quoted"],
)
def test_file_written_another_way_is_changed_right_or_not_at_all(desk, section):
    admin = desk.person("赵敏", "admin")
    before = written(desk).replace(SECTION, section)
    (desk.home / "config.toml").write_text(before, encoding="utf-8")
    sent = form(admin.get(PAGE).text)
    status = admin.post(f"{PAGE}/change", {**sent, "title": "新名称"}).status_code
    safe = status == 303 and "新名称" in written(desk)
    assert safe or before == written(desk)
    config.load(desk.home / "config.toml")


# --- the card ----------------------------------------------------------------------------------


def test_card_says_that_nobody_ever_checked_and_who_did(desk, monkeypatch):
    operator = desk.person("李强", "operator")
    assert "○ not checked yet" in operator.get(PAGE).text
    answers(monkeypatch, Health(identity="gh_1", followers=7))
    answer = operator.post(f"{PAGE}/check", {"back": "/accounts"})
    assert "/accounts" == answer.headers["location"]
    page = operator.get(PAGE).text
    assert "✓ ready" in page
    assert "today 17:01 · 李强" in page
    assert "示例应急 · WeChat answers as gh_1; followers: 7." in page
    desk.clock.advance(60)
    operator.post(f"{PAGE}/secrets", {"secret.app_secret": "another"})
    assert "○ not checked yet" in operator.get(PAGE).text


def test_card_keeps_what_the_check_found_wrong(desk, monkeypatch):
    operator = desk.person("李强", "operator")
    words = Words("The host {host} is not there.", {"host": "api.example"})
    answers(monkeypatch, Unreachable("dns", words))
    operator.post(f"{PAGE}/check")
    page = operator.get("/accounts").text
    assert "✕ the last check found a fault" in page
    assert "could not be reached (dns). The host api.example is not there." in page


def test_card_tells_when_the_login_ends(desk, monkeypatch):
    operator = desk.person("李强", "operator")
    ends = desk.clock.now() + timedelta(days=20)
    answers(monkeypatch, Health(identity="x", expires_at=ends))
    operator.post(f"{PAGE}/check")
    assert "✓ ready" in operator.get(PAGE).text
    desk.clock.advance(15 * 86400)
    operator = operator_again(desk)
    assert "△ needs a look" in operator.get(PAGE).text
    assert "The login at the platform ends: " in operator.get(PAGE).text
    desk.clock.advance(6 * 86400)
    operator = operator_again(desk)
    assert "✕ cannot publish" in operator.get(PAGE).text
    assert "The login at the platform ended: yesterday 17:01." in operator.get(PAGE).text


def operator_again(desk):
    """Log in anew: sessions end with the day."""
    browser = desk.browser()
    browser.login("李强")
    return browser


def test_check_wakes_an_account_that_waited_for_a_person(desk, monkeypatch):
    operator = desk.person("李强", "operator")
    with desk.store.write() as tx:
        row = accounts.by_name(tx, "wechat-main")
        accounts.rest(tx, row.id, None, "40125", needs_person=True)
    assert "✕ cannot publish" in operator.get(PAGE).text
    answers(monkeypatch, Health(identity="x"))
    operator.post(f"{PAGE}/check")
    page = operator.get(PAGE).text
    assert "waited for this and goes on." in page
    assert "✓ ready" in page
    assert not _row(desk).needs_person


def test_card_says_silence_doubt_and_stop(desk, monkeypatch):
    operator = desk.person("李强", "operator")
    answers(monkeypatch, Health(identity="x"))
    operator.post(f"{PAGE}/check")
    account_id = _row(desk).id
    with desk.store.write() as tx:
        then = desk.clock.now() - timedelta(days=8)
        makers.post(tx, account_id, published_at=then)
    page = operator.get(PAGE).text
    assert "△ silent" in page
    assert "nothing new for 8 days" in page
    in_doubt(desk)
    assert "△ in doubt" in operator.get(PAGE).text
    with desk.store.write() as tx:
        actor = people.actor_named(tx, "李强")
        pauses.start(tx, "wechat-main", reason="哀悼日", now=desk.clock.now(), actor=actor)
    assert re.search(r"</svg>\s*stopped", operator.get(PAGE).text)


def in_doubt(desk) -> int:
    """Make one delivery whose request got no answer; give its number."""
    account_id = _row(desk).id
    with desk.store.write() as tx:
        return makers.in_state(tx, account_id, "uncertain")


# --- out of use --------------------------------------------------------------------------------


def test_account_out_of_use_holds_its_queue_and_comes_back_without_sending(desk):
    admin = desk.person("赵敏", "admin")
    account_id = _row(desk).id
    with desk.store.write() as tx:
        delivery = makers.delivery(tx, account_id, due_at=makers.later(hours=2))
    page = admin.get(f"{PAGE}/retire").text
    assert f'href="/queue/{delivery}"' in page
    assert 400 == admin.post(f"{PAGE}/retire", {"reason": " "}).status_code
    assert 303 == admin.post(f"{PAGE}/retire", {"reason": "两号合并"}).status_code
    assert "in_use = false" in written(desk)
    page = admin.get(PAGE).text
    assert "– out of use" in page
    assert "示例应急 · WeChat is out of use." in page  # on Weibo it has the same name
    assert "示例应急" in admin.get("/accounts").text
    with desk.store.read() as tx:
        assert "account_retired" == moves.read(tx, delivery).held_for
    assert not _row(desk).active
    assert {} == queue_accounts(desk)
    assert 409 == admin.post(f"{PAGE}/retire", {"reason": "again"}).status_code
    assert 303 == admin.post(f"{PAGE}/reinstate").status_code
    assert _row(desk).active
    with desk.store.read() as tx:
        assert "account_retired" == moves.read(tx, delivery).held_for
    assert 409 == admin.post(f"{PAGE}/reinstate").status_code


def queue_accounts(desk) -> dict[str, object]:
    """Give the configured accounts but the board."""
    known = dict(config.load(desk.home / "config.toml").accounts)
    del known["board"]
    return known


def test_account_with_a_doubt_stays_in_use_until_it_is_settled(desk):
    admin = desk.person("赵敏", "admin")
    delivery = in_doubt(desk)
    page = admin.get(f"{PAGE}/retire").text
    assert f'href="/doubts/{delivery}"' in page
    assert "<textarea" not in page
    answer = admin.post(f"{PAGE}/retire", {"reason": "x"})
    assert 409 == answer.status_code
    assert "in_use" not in written(desk)
    assert _row(desk).active


def test_retired_account_may_still_be_checked_and_is_offered_nowhere(desk, monkeypatch):
    admin = desk.person("赵敏", "admin", "author", "operator")
    admin.post(f"{PAGE}/retire", {"reason": "两号合并"})
    assert 'value="wechat-main"' not in admin.get("/stories/new").text
    assert "account=wechat-main" not in admin.get("/queue/add").text
    assert "wechat-main" not in admin.get("/stop").text
    answers(monkeypatch, Health(identity="x"))
    assert 303 == admin.post(f"{PAGE}/check").status_code


@pytest.mark.parametrize("role", ["author", "reviewer", "operator", "leader"])
def test_only_administrators_change_or_retire_an_account(desk, role):
    other = desk.person("李强", role)
    before = written(desk)
    page = other.get(PAGE).text
    assert 'id="settings"' not in page
    assert (role == "operator") == ('id="secrets"' in page)
    assert 403 == other.get(f"{PAGE}/retire").status_code
    assert [403] * 4 == [
        other.post(f"{PAGE}/{verb}", sent).status_code
        for verb, sent in (
            ("change", {"title": "x", "seen": ""}),
            ("retire", {"reason": "x"}),
            ("reinstate", {}),
            ("push", {"token": "AAAAA"}),
        )
    ]
    refused = 303 if role == "operator" else 403
    secret = other.post(f"{PAGE}/secrets", {"secret.app_secret": "x"})
    assert refused == secret.status_code
    assert before == written(desk)


def test_tabs_show_the_set_up_to_administrators_only(desk):
    tab = 'href="/setup" aria-current="page"'
    assert tab in desk.person("赵敏", "admin").get("/setup").text
    assert 'href="/setup"' not in desk.person("李强", "operator").get("/accounts").text

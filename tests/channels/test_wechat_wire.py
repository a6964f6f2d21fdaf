"""How the channel talks: raw UTF-8, one token, one request when speaking, secrets kept quiet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from channels.contract import Busy, Doubt, Ending, Refused, Unreachable
from tests.channels.wechat_fake import (
    DROP,
    KEY,
    SECRET,
    Desk,
    Notebook,
    article,
    delivery,
    desk,
    running,
)

EXPIRED = {"errcode": 42001, "errmsg": "access_token expired rid: 1-2-3"}
INVALID = {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid"}


@pytest.fixture
def place():
    with running() as (fake, base):
        yield desk(fake, base)


def test_chinese_text_travels_as_raw_utf8(place: Desk):
    place.channel.prepare(delivery(article("安全生产")), place.line)
    sent = place.fake.of("draft/add")[0]
    assert ("安全生产".encode() in sent.body, b"\\u" in sent.body) == (True, False)
    assert sent.headers["Content-Type"] == "application/json; charset=utf-8"


def test_answers_without_charset_are_read_as_utf8(place: Desk):
    place.channel.prepare(delivery(article("防汛“四个一”")), place.line)
    assert "draft_print" in place.line.ids


def test_token_is_fetched_once_and_again_300_s_before_its_end(place: Desk):
    place.channel.prepare(delivery(), place.line)
    place.clock.move(6899)
    place.channel.prepare(delivery(), place.line)
    assert len(place.fake.of("stable_token")) == 1
    place.clock.move(1)
    place.channel.prepare(delivery(), place.line)
    assert len(place.fake.of("stable_token")) == 2
    asked = place.fake.of("stable_token")[0].json
    assert {
        "grant_type": "client_credential",
        "appid": "wx0123456789abcdef",
        "secret": SECRET,
        "force_refresh": False,
    } == asked


def test_attempts_side_by_side_share_one_token(place: Desk):
    with ThreadPoolExecutor(8) as pool:
        lines = [Notebook() for _ in range(8)]
        list(pool.map(lambda line: place.channel.sweep(lambda found: found, line), lines))
    assert (1, 8) == (len(place.fake.of("stable_token")), len(place.fake.of("draft/batchget")))


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_stale_token_while_preparing_is_refreshed_once(place: Desk, code: int):
    place.fake.script("draft/add", {"errcode": code, "errmsg": "stale"})
    place.channel.prepare(delivery(), place.line)
    first, second = place.fake.of("draft/add")
    assert first.query["access_token"] != second.query["access_token"]
    assert len(place.fake.of("stable_token")) == 2


def test_token_stale_twice_is_busy_for_the_account(place: Desk):
    place.fake.script("draft/add", INVALID, INVALID)
    with pytest.raises(Busy) as found:
        place.channel.prepare(delivery(), place.line)
    assert (True, False, 60) == (
        found.value.account_wide,
        found.value.person,
        found.value.not_before_s,
    )
    assert len(place.fake.of("draft/add")) == 2


@pytest.mark.parametrize(
    ("how", "call"), [("publish", "freepublish/submit"), ("push", "message/mass/sendall")]
)
def test_stale_token_when_speaking_is_busy_with_one_request_only(place: Desk, how: str, call: str):
    place.channel.prepare(delivery(how=how), place.line)
    place.fake.script(call, EXPIRED)
    with pytest.raises(Busy) as found:
        place.channel.speak(delivery(how=how), place.line)
    assert (1, 1, "42001") == (len(place.fake.of(call)), place.line.armed, found.value.code)
    place.channel.prepare(delivery(how=how), place.line)
    assert len(place.fake.of("stable_token")) == 2


def test_wrong_secret_is_busy_for_a_person_without_a_refresh_loop(place: Desk):
    place.fake.script("stable_token", INVALID)
    with pytest.raises(Busy) as found:
        place.channel.prepare(delivery(), place.line)
    assert (True, True) == (found.value.person, found.value.account_wide)
    assert place.fake.calls() == ["stable_token"]


def test_address_not_on_the_list_is_shown(place: Desk):
    text = "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1-2-3"
    place.fake.script("stable_token", {"errcode": 40164, "errmsg": text})
    with pytest.raises(Busy) as found:
        place.channel.prepare(delivery(), place.line)
    assert ("203.0.113.9", True) == (found.value.words.params["ip"], found.value.person)


def test_every_call_is_counted_before_it_is_made(place: Desk):
    place.accept(delivery(how="push"))
    assert place.line.spent == place.fake.calls()


def test_no_answer_when_speaking_is_doubt_and_when_preparing_unreachable(place: Desk):
    place.fake.script("draft/add", DROP)
    with pytest.raises(Unreachable):
        place.channel.prepare(delivery(), place.line)
    place.channel.prepare(delivery(), place.line)
    place.fake.script("freepublish/submit", DROP)
    with pytest.raises(Doubt):
        place.channel.speak(delivery(), place.line)
    assert place.line.kept("submitted") == place.line.kept("draft")


@pytest.mark.parametrize(
    "reply", [b"<html>oops</html>", b"", b"[]", {"errcode": 0}, {"errcode": "x"}, (502, b"bad")]
)
def test_unreadable_answer_when_speaking_is_doubt(place: Desk, reply: object):
    place.channel.prepare(delivery(), place.line)
    place.fake.script("freepublish/submit", reply)
    with pytest.raises(Doubt):
        place.channel.speak(delivery(), place.line)
    assert len(place.fake.of("freepublish/submit")) == 1


def test_refusing_status_without_envelope_is_refused_when_speaking_and_busy_when_looking(
    place: Desk,
):
    place.accept(delivery())
    place.fake.script("freepublish/get", (403, b"no"))
    with pytest.raises(Busy):
        place.channel.look(delivery(), place.line)
    place.fake.script("freepublish/submit", (403, b"no"))
    with pytest.raises(Refused):
        place.channel.speak(delivery(), place.line)


def test_secrets_show_in_no_ending_and_no_repr(place: Desk):
    def echo(request):
        token = request.query["access_token"]
        return {"errcode": 45166, "errmsg": f"no {token} {SECRET}"}

    place.channel.prepare(delivery(), place.line)
    place.fake.script("freepublish/submit", echo)
    with pytest.raises(Ending) as found:
        place.channel.speak(delivery(), place.line)
    token = place.fake.of("freepublish/submit")[0].query["access_token"]
    account, api = place.channel.account, place.channel._api
    shown = f"{found.value!r} {found.value.raw} {found.value.words} {account!r} {api._token!r}"
    assert (False, False) == (token in shown, SECRET in shown)
    assert found.value.raw == "no *** ***"


def test_push_repeats_the_same_bytes_under_the_same_key(place: Desk):
    edition = delivery(how="push")
    place.channel.prepare(edition, place.line)
    place.fake.script("message/mass/sendall", DROP)
    with pytest.raises(Doubt):
        place.channel.speak(edition, place.line)
    again = delivery(how="push", armed_at=place.clock())
    place.channel.prepare(again, place.line)
    place.channel.speak(again, place.line)
    first, second = place.fake.of("message/mass/sendall")
    assert first.body == second.body
    assert {
        "filter": {"is_to_all": True},
        "mpnews": {"media_id": place.line.kept("draft")},
        "msgtype": "mpnews",
        "send_ignore_reprint": 0,
        "clientmsgid": KEY,
    } == second.json

"""Tokens: two separate spaces, the stable rules, and the checks before every call."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Sim


def plain_token(sim: Sim, **changes: str) -> dict[str, object]:
    query = {
        "grant_type": "client_credential",
        "appid": sim.service,
        "secret": "wechat-demo-secret",
        **changes,
    }
    return sim.http.get(f"{sim.url}/cgi-bin/token", params=query).json()


def code_with(sim: Sim, token: object) -> int:
    query = {"access_token": str(token)}
    return sim.http.get(f"{sim.url}/cgi-bin/draft/count", params=query).json().get("errcode", 0)


def test_answer_is_plain_text_without_charset_and_slashes_are_escaped(sim: Sim) -> None:
    """Status 200 always; Chinese stays raw; the text ends in a rid whose first part is the time."""
    answer = sim.http.get(f"{sim.url}/cgi-bin/draft/count")
    assert (200, "text/plain") == (answer.status_code, answer.headers["content-type"])
    body = answer.json()
    assert 41001 == body["errcode"]
    found = re.fullmatch(
        r"access_token missing rid: ([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{8}", body["errmsg"]
    )
    assert found
    assert 1_794_967_200 == int(found.group(1), 16)
    media_id = sim.draft(title="标题")
    token = sim.token()["access_token"]
    raw = sim.http.post(
        f"{sim.url}/cgi-bin/draft/get",
        params={"access_token": token},
        data=json.dumps({"media_id": media_id}),
    ).content
    assert "标题".encode() in raw
    assert b"https:\\/\\/www.example.gov.cn\\/a\\/1" in raw


def test_wrong_method_comes_before_the_missing_token(sim: Sim) -> None:
    """A GET where POST is wanted is 43002 even without a token."""
    assert 43002 == sim.http.get(f"{sim.url}/cgi-bin/draft/add").json()["errcode"]
    assert 43001 == sim.http.post(f"{sim.url}/cgi-bin/token").json()["errcode"]


def test_bad_token_comes_before_a_bad_body(sim: Sim) -> None:
    """40001 is said though the body is no JSON."""
    url = f"{sim.url}/cgi-bin/draft/add?access_token=forged"
    body = sim.http.post(url, data=b"{").json()
    assert 40001 == body["errcode"]
    assert body["errmsg"].startswith("invalid credential, access_token is invalid or not latest")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wxnobody", "grant_type": "x"}, 40013),
        ({"grant_type": "x", "secret": ""}, 40002),
        ({"secret": ""}, 41004),
        ({"secret": "wrong"}, 40125),
    ],
)
def test_wrong_login_is_refused_appid_first(
    sim: Sim, changes: dict[str, str], expected: int
) -> None:
    """The appid is looked at before the grant type, the secret last."""
    assert expected == plain_token(sim, **changes)["errcode"]


def test_foreign_address_is_named_in_the_refusal(sim: Sim) -> None:
    """The address to allow stands in the text."""
    sim.order("account", platform="wechat", account=sim.service, ip_allow=["203.0.113.1"])
    body = plain_token(sim)
    assert 40164 == body["errcode"]
    text = "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist"
    assert str(body["errmsg"]).startswith(text)


def test_new_plain_token_ends_the_old_one_after_five_minutes(sim: Sim) -> None:
    """Both work during the switch."""
    old = plain_token(sim)["access_token"]
    new = plain_token(sim)["access_token"]
    sim.advance(299)
    assert (0, 0) == (code_with(sim, old), code_with(sim, new))
    sim.advance(1)
    assert (40001, 0) == (code_with(sim, old), code_with(sim, new))


def test_stable_token_stays_the_same_until_five_minutes_before_its_end(sim: Sim) -> None:
    """Then a new one comes, and the old one lives out its time."""
    first = sim.token()
    sim.advance(6000)
    again = sim.token()
    assert (first["access_token"], 1200) == (again["access_token"], again["expires_in"])
    sim.advance(900)
    renewed = sim.token()
    assert first["access_token"] != renewed["access_token"]
    assert 0 == code_with(sim, first["access_token"])
    sim.advance(300)
    assert 42001 == code_with(sim, first["access_token"])
    assert 0 == code_with(sim, renewed["access_token"])


def test_forced_renewal_kills_the_old_token_and_is_limited(sim: Sim) -> None:
    """Thirty seconds apart, twenty a day."""
    old = sim.token()["access_token"]
    assert 0 == code_with(sim, sim.token(force_refresh=True)["access_token"])
    assert 40001 == code_with(sim, old)
    assert 45011 == sim.token(force_refresh=True)["errcode"]
    for _ in range(19):
        sim.advance(30)
        assert "access_token" in sim.token(force_refresh=True)
    sim.advance(30)
    assert 45009 == sim.token(force_refresh=True)["errcode"]


def test_two_kinds_of_token_do_not_end_each_other(sim: Sim) -> None:
    """The spaces are separate."""
    stable = sim.token()["access_token"]
    plain = plain_token(sim)["access_token"]
    sim.token(force_refresh=True)
    plain_token(sim)
    assert (40001, 0) == (code_with(sim, stable), code_with(sim, plain))


def test_banned_account_is_refused_everything(sim: Sim) -> None:
    """A token got before the ban does not help."""
    assert {"total_count": 0} == sim.wechat("draft/count")
    sim.order("account", platform="wechat", account=sim.service, banned=True)
    assert 48004 == sim.wechat("draft/count")["errcode"]


def test_day_quota_ends_and_comes_back_at_midnight_or_when_cleared(sim: Sim) -> None:
    """quota/get tells the numbers; clearing works ten times a month."""
    sim.order("account", platform="wechat", account=sim.service, quota={"draft/count": 2})
    path = {"cgi_path": "/cgi-bin/draft/count"}
    assert [0, 0, 45009] == [sim.wechat("draft/count").get("errcode", 0) for _ in range(3)]
    quota = sim.wechat("openapi/quota/get", path)["quota"]
    assert {"daily_limit": 2, "used": 2, "remain": 0} == quota
    for _ in range(10):
        assert 0 == sim.wechat("clear_quota", {"appid": sim.service})["errcode"]
    assert 0 == sim.wechat("draft/count").get("errcode", 0)
    assert 48006 == sim.wechat("clear_quota", {"appid": sim.service})["errcode"]
    assert 76021 == sim.wechat("openapi/quota/get", {"cgi_path": "/cgi-bin/x"})["errcode"]
    assert [0, 45009] == [sim.wechat("draft/count").get("errcode", 0) for _ in range(2)]
    sim.advance(14 * 3600)
    sim._tokens.clear()
    assert 0 == sim.wechat("draft/count").get("errcode", 0)


def test_published_daily_limits_are_in_force(sim: Sim) -> None:
    """A hundred status queries a day, as the table for a new account says."""
    path = {"cgi_path": "/cgi-bin/freepublish/get"}
    assert 100 == sim.wechat("openapi/quota/get", path)["quota"]["daily_limit"]
    codes = [sim.wechat("freepublish/get", {"publish_id": 1})["errcode"] for _ in range(101)]
    assert [53502] * 100 + [45009] == codes


def test_personal_and_unverified_accounts_may_draft_but_not_publish(sim: Sim) -> None:
    """Since July 2025 freepublish and mass calls answer 48001 there."""
    for change in ({"verified": False}, {"verified": True, "subject": "personal"}):
        sim.order("account", platform="wechat", account=sim.service, **change)
        media_id = sim.draft()
        assert 48001 == sim.wechat("freepublish/submit", {"media_id": media_id})["errcode"]
        assert 48001 == sim.send(media_id)["errcode"]


def test_followers_are_told(sim: Sim) -> None:
    """user/get gives the total."""
    token = sim.token()["access_token"]
    answer = sim.http.get(f"{sim.url}/cgi-bin/user/get", params={"access_token": token}).json()
    assert (603, 603) == (answer["total"], len(answer["data"]["openid"]))

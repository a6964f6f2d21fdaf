"""The way from the authorise page to a token, its data and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from conftest import Sim

CLIENT = {"client_id": "1000000001", "redirect_uri": "http://127.0.0.1:9/back"}
SECRET = {"client_secret": "weibo-demo-secret", "grant_type": "authorization_code"}


def code(sim: Sim) -> str:
    query = {**CLIENT, "state": "s1", "decision": "allow", "uid": sim.uid}
    answer = sim.http.get(f"{sim.url}/oauth2/authorize", params=query, allow_redirects=False)
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert ["s1"] == back["state"]
    return back["code"][0]


def exchange(sim: Sim, path: str = "/oauth2/access_token", **changes: str):
    return sim.http.post(sim.url + path, data={**CLIENT, **SECRET, **changes})


@pytest.mark.parametrize("path", ["/oauth2/access_token", "/2/oauth2/access_token"])
def test_code_becomes_a_token_that_works(sim: Sim, path: str) -> None:
    """Both spellings of the address serve; the types are those of the live answer."""
    body = exchange(sim, path, code=code(sim)).json()
    assert (2_592_000, "2592000", sim.uid) == (
        body["expires_in"],
        body["remind_in"],
        body["uid"],
    )
    answer = sim.weibo("account/get_uid", access_token=body["access_token"])
    assert {"uid": sim.uid} == answer.json()


def test_code_works_once(sim: Sim) -> None:
    """The second exchange is an invalid grant, with the two extra fields of OAuth answers."""
    used = code(sim)
    assert 200 == exchange(sim, code=used).status_code
    answer = exchange(sim, code=used)
    body = answer.json()
    assert (400, 21325, "invalid_grant") == (answer.status_code, body["error_code"], body["error"])
    assert "/oauth2/access_token" == body["error_uri"]


def test_code_dies_after_ten_minutes(sim: Sim) -> None:
    """A stale code is an invalid grant."""
    stale = code(sim)
    sim.advance(600)
    assert 21325 == exchange(sim, code=stale).json()["error_code"]


def test_get_for_a_token_is_refused(sim: Sim) -> None:
    """The exchange is a POST; the parameters may stand in the query all the same."""
    query = {**CLIENT, **SECRET, "code": code(sim)}
    url = f"{sim.url}/oauth2/access_token"
    assert 10021 == sim.http.get(url, params=query).json()["error_code"]
    assert 200 == sim.http.post(url, params=query).status_code


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": "wrong"}, 21324),
        ({"grant_type": "password"}, 21328),
        ({"redirect_uri": "http://127.0.0.1:9/other"}, 21322),
        ({"client_id": ""}, 21323),
    ],
)
def test_wrong_exchange_is_refused(sim: Sim, changes: dict[str, str], expected: int) -> None:
    """Each wrong parameter has its code."""
    assert expected == exchange(sim, code=code(sim), **changes).json()["error_code"]


def test_client_may_log_in_by_basic(sim: Sim) -> None:
    """Key and secret also come as HTTP Basic."""
    data = {"redirect_uri": CLIENT["redirect_uri"], "grant_type": "authorization_code"}
    answer = sim.http.post(
        f"{sim.url}/oauth2/access_token",
        data={**data, "code": code(sim)},
        auth=("1000000001", "weibo-demo-secret"),
    )
    assert sim.uid == answer.json()["uid"]


def test_user_who_says_no_is_sent_back_with_the_refusal(sim: Sim) -> None:
    """The refusal arrives in the query of the redirect."""
    query = {**CLIENT, "decision": "deny"}
    answer = sim.http.get(f"{sim.url}/oauth2/authorize", params=query, allow_redirects=False)
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (["21330"], ["access_denied"]) == (back["error_code"], back["error"])


def test_foreign_return_address_is_refused(sim: Sim) -> None:
    """A registered address must match; without one, loopback only."""
    query = {**CLIENT, "redirect_uri": "https://elsewhere.example/"}
    url = f"{sim.url}/oauth2/authorize"
    assert 21322 == sim.http.get(url, params=query).json()["error_code"]
    assert "示例应急" in sim.http.get(url, params=CLIENT).text


def test_owner_of_the_app_gets_a_long_life(sim: Sim) -> None:
    """About five years, as reported for one's own app."""
    sim.order("account", platform="weibo", account="1000000001", owner_uid=sim.uid)
    assert 157_679_999 == exchange(sim, code=code(sim)).json()["expires_in"]


def test_token_info_tells_what_is_left_and_revocation_ends_it(sim: Sim) -> None:
    """expire_in counts down; after revocation the token is 21319."""
    sim.advance(86_400)
    form = {"access_token": sim.weibo_token}
    info = sim.http.post(f"{sim.url}/oauth2/get_token_info", data=form).json()
    assert (2_592_000 - 86_400, int(sim.uid)) == (info["expire_in"], info["uid"])
    answer = sim.http.post(f"{sim.url}/oauth2/revokeoauth2", data=form)
    assert {"result": "true"} == answer.json()
    assert 21319 == sim.weibo("account/get_uid").json()["error_code"]

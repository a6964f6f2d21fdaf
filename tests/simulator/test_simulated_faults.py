"""Each fault: whether the work was done, and what the client saw."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from conftest import Sim

LINK = "https://www.example.gov.cn/a/"

CALL = "statuses/share"
TEXT = f"通知 {LINK}1"


def made(sim: Sim) -> int:
    return sim.look("counts")["weibo"]


def last_call(sim: Sim) -> tuple[int | None, int | None]:
    call = sim.look("calls")["calls"][-1]
    return call["status"], call["code"]


@pytest.mark.parametrize(("fault", "expected"), [("accept_then_drop", 1), ("drop", 0)])
def test_dropped_connection_gives_not_one_byte(sim: Sim, fault: str, expected: int) -> None:
    """The client cannot tell the two apart; the timeline can."""
    sim.fault(CALL, fault)
    with pytest.raises(requests.ConnectionError):
        sim.share(TEXT)
    assert expected == made(sim)
    assert (None, None) == last_call(sim)


@pytest.mark.parametrize(("fault", "expected"), [("accept_then_502", 1), ("502", 0)])
def test_bad_gateway_is_a_page(sim: Sim, fault: str, expected: int) -> None:
    """502 comes as HTML, without an envelope."""
    sim.fault(CALL, fault)
    answer = sim.share(TEXT)
    assert (502, "text/html") == (answer.status_code, answer.headers["content-type"])
    assert b"502 Bad Gateway" in answer.content
    assert expected == made(sim)


def impatient_share(sim: Sim) -> None:
    with pytest.raises(requests.ReadTimeout):
        sim.http.post(
            f"{sim.url}/2/statuses/share.json",
            data={"access_token": sim.weibo_token, "status": TEXT},
            timeout=(5, 0.2),
        )


def seconds_until_made(sim: Sim) -> float:
    """Ask until the post is there; at most ten seconds."""
    started = time.monotonic()
    while made(sim) == 0 and time.monotonic() - started < 10:
        pass
    return time.monotonic() - started


def test_answer_held_back_after_the_work_outlasts_the_client(sim: Sim) -> None:
    """The post is there long before the answer would have come."""
    sim.fault(CALL, "accept_then_delay", params={"seconds": 8})
    impatient_share(sim)
    assert seconds_until_made(sim) < 7
    assert 1 == made(sim)


def test_work_held_back_is_done_after_the_client_has_gone(sim: Sim) -> None:
    """Nothing is there when the client gives up, and later it is."""
    sim.fault(CALL, "delay", params={"seconds": 1})
    impatient_share(sim)
    assert 0 == made(sim)
    assert seconds_until_made(sim) < 9
    assert 1 == made(sim)


def test_slow_answer_reaches_a_patient_client(sim: Sim) -> None:
    """Whoever waits gets the ordinary answer."""
    sim.fault(CALL, "accept_then_delay", params={"seconds": 0.05})
    assert sim.share(TEXT).json()["idstr"] == sim.posts()[0]["id"]


def test_delay_then_refusal_does_nothing(sim: Sim) -> None:
    """The client waits for nothing."""
    sim.fault(CALL, "delay_refuse", params={"seconds": 0.05})
    with pytest.raises(requests.ConnectionError):
        sim.share(TEXT)
    assert 0 == made(sim)


@pytest.mark.parametrize(
    ("fault", "code", "status", "expected"),
    [("busy", 10009, 400, 0), ("accept_then_busy", 10010, 400, 1), ("quota", 10023, 403, 0)],
)
def test_busy_words_of_weibo(sim: Sim, fault: str, code: int, status: int, expected: int) -> None:
    """10009 is said before the work, 10010 after it, 10023 when the budget is used up."""
    sim.fault(CALL, fault)
    answer = sim.share(TEXT)
    assert (status, code) == (answer.status_code, answer.json()["error_code"])
    assert expected == made(sim)
    assert (status, code) == last_call(sim)


@pytest.mark.parametrize(
    ("fault", "code", "expected"),
    [("busy", -1, 0), ("accept_then_busy", -1, 1), ("quota", 45009, 0)],
)
def test_busy_words_of_wechat(sim: Sim, fault: str, code: int, expected: int) -> None:
    """-1 says the same before and after the work."""
    media_id = sim.draft()
    sim.fault("freepublish/submit", fault)
    assert code == sim.wechat("freepublish/submit", {"media_id": media_id})["errcode"]
    sim.advance(1)
    assert expected == sim.look("counts")["wechat"]


def test_any_code_can_be_answered_instead_of_the_work(sim: Sim) -> None:
    """The code and its words are free."""
    sim.fault(CALL, "code", params={"code": 20031, "text": "need captcha"})
    body = sim.share(TEXT).json()
    assert (20031, "need captcha") == (body["error_code"], body["error"])
    assert 0 == made(sim)


@pytest.mark.parametrize("code", [20032, 20053, 10010])
def test_post_is_accepted_though_an_error_is_answered(sim: Sim, code: int) -> None:
    """The post exists, and with hidden_s shows only later."""
    sim.fault(CALL, "accept_then_code", params={"code": code, "hidden_s": 90})
    answer = sim.share(TEXT)
    assert (400, code) == (answer.status_code, answer.json()["error_code"])
    assert 1 == made(sim)
    assert [] == sim.weibo("statuses/user_timeline").json()["statuses"]
    sim.advance(90)
    assert 1 == len(sim.weibo("statuses/user_timeline").json()["statuses"])


@pytest.mark.parametrize(("params", "code"), [({}, 21332), ({"code": 21315}, 21315)])
def test_token_dies_in_the_middle_and_stays_dead(
    sim: Sim, params: dict[str, int], code: int
) -> None:
    """One request kills it; the next is refused without a fault."""
    assert 200 == sim.share(TEXT).status_code
    sim.fault(CALL, "token_dead", params=params)
    assert code == sim.share(TEXT + "二").json()["error_code"]
    assert code == sim.weibo("account/get_uid").json()["error_code"]
    assert 1 == made(sim)


def test_all_wechat_tokens_die_and_a_new_one_works(sim: Sim) -> None:
    """The stable call then gives another token."""
    old = sim.token()["access_token"]
    sim.fault("draft/count", "token_dead")
    assert 40001 == sim.wechat("draft/count")["errcode"]
    assert 40001 == sim.wechat("draft/count")["errcode"]
    new = sim.token()["access_token"]
    assert old != new
    query = {"access_token": new}
    assert {"total_count": 0} == sim.http.get(f"{sim.url}/cgi-bin/draft/count", params=query).json()


def test_garbage_is_no_json_and_the_work_is_done(sim: Sim) -> None:
    """Status 200 with a body nobody can read."""
    sim.fault(CALL, "garbage")
    answer = sim.share(TEXT)
    assert 200 == answer.status_code
    with pytest.raises(ValueError):
        answer.json()
    assert 1 == made(sim)


def test_truncated_answer_breaks_off_and_the_work_is_done(sim: Sim) -> None:
    """A chunked body without its end."""
    sim.fault(CALL, "truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        sim.share(TEXT)
    assert 1 == made(sim)


def test_faults_wait_for_their_turn(sim: Sim) -> None:
    """Skip two requests, then spoil two, then nothing."""
    sim.fault(CALL, "busy", after=2, times=2)
    codes = [sim.share(f"第{n}条 {LINK}").json().get("error_code") for n in range(5)]
    assert [None, None, 10009, 10009, None] == codes
    listed = sim.look("faults")["faults"]
    assert [(2, 2, True)] == [(f["skipped"], f["applied"], f["spent"]) for f in listed]


def test_faults_are_used_in_the_order_of_their_coming(sim: Sim) -> None:
    """The second waits until the first is spent."""
    sim.fault(CALL, "busy")
    sim.fault(CALL, "quota")
    codes = [sim.share(f"第{n}条 {LINK}").json().get("error_code") for n in range(3)]
    assert [10009, 10023, None] == codes


def test_fault_for_one_account_spares_the_others(sim: Sim) -> None:
    """A fault may name its account."""
    sim.fault("draft/count", "busy", account=sim.subscription, times=0)
    assert {"total_count": 0} == sim.wechat("draft/count")
    for _ in range(3):
        assert -1 == sim.wechat("draft/count", appid=sim.subscription)["errcode"]
    sim.http.delete(f"{sim.url}/_control/faults")
    assert {"total_count": 0} == sim.wechat("draft/count", appid=sim.subscription)
    assert [] == sim.look("faults")["faults"]


def test_fault_on_fetching_a_token_knows_the_account(sim: Sim) -> None:
    """The appid stands in the body there."""
    sim.fault("stable_token", "busy", account=sim.service)
    assert "access_token" in sim.token(sim.subscription)
    assert -1 == sim.token(sim.service)["errcode"]


@pytest.mark.parametrize(
    "order",
    [{"call": CALL, "fault": "nonsense"}, {"fault": "drop"}, {"call": CALL, "fault": "code"}],
)
def test_wrong_fault_is_refused(sim: Sim, order: dict[str, str]) -> None:
    """A test with a misspelt fault must not pass for want of it."""
    answer = sim.http.post(f"{sim.url}/_control/faults", json=order)
    assert 400 == answer.status_code
    assert answer.json()["error"]

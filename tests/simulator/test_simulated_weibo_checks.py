"""statuses/share: which refusal comes first, in which words, under which HTTP status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Sim

LINK = "https://www.example.gov.cn/a/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64

GOOD = "通知：" + LINK + "1 请知悉"


def refusal(answer) -> tuple[int, int, str]:
    body = answer.json()
    return answer.status_code, body["error_code"], body["error"]


def test_get_instead_of_post_is_refused_before_the_token_is_looked_at(sim: Sim) -> None:
    """The method comes first, in the platform's own misspelling."""
    answer = sim.weibo("statuses/share", access_token="nobody")
    assert (400, 10021, "HTTP METHOD is not suported for this request!") == refusal(answer)


def test_no_token_is_refused_with_the_misspelt_words(sim: Sim) -> None:
    """A call without token or appkey gets 10006."""
    answer = sim.http.post(f"{sim.url}/2/statuses/share.json", data={"status": GOOD})
    assert (400, 10006, "source paramter(appkey) is missing") == refusal(answer)


def test_unknown_token_is_refused_before_the_text_is_looked_at(sim: Sim) -> None:
    """A garbled token gets 21332 though the text is empty too."""
    answer = sim.share("", access_token="2.00nobody")
    assert (403, 21332, "invalid_access_token") == refusal(answer)


def test_token_past_its_life_is_expired(sim: Sim) -> None:
    """After thirty days the demo token is refused with 21327."""
    sim.advance(30 * 86_400 - 1)
    assert 200 == sim.share(GOOD).status_code
    sim.advance(1)
    assert (403, 21327, "expired_token") == refusal(sim.share(GOOD + "二"))


@pytest.mark.parametrize("place", ["query", "form", "multipart", "header"])
def test_token_in_any_place_is_accepted(sim: Sim, place: str) -> None:
    """Query, form, multipart and the OAuth2 header all carry a token."""
    token = {"access_token": sim.weibo_token}
    answer = sim.http.post(
        f"{sim.url}/2/statuses/share.json",
        params=token if place == "query" else None,
        data={"status": GOOD, **(token if place in ("form", "multipart") else {})},
        files={"pic": ("p.png", PNG)} if place == "multipart" else None,
        headers={"Authorization": f"OAuth2 {sim.weibo_token}"} if place == "header" else None,
    )
    assert 200 == answer.status_code
    assert answer.json()["idstr"] == sim.posts()[0]["id"]


def test_unreviewed_app_is_refused_to_strangers_and_open_to_test_users(sim: Sim) -> None:
    """An app of level test serves its owner and test accounts only."""
    sim.order("account", platform="weibo", account="1000000001", level="test")
    text = "applications over the unaudited use restrictions!"
    assert (403, 21321, text) == refusal(sim.share(GOOD))
    sim.order("account", platform="weibo", account="1000000001", test_uids=[sim.uid])
    assert 200 == sim.share(GOOD).status_code


def test_foreign_address_is_refused_when_the_app_lists_safe_ones(sim: Sim) -> None:
    """The caller's address must be on the app's list, if it has one."""
    sim.order("account", platform="weibo", account="1000000001", safety_ips=["203.0.113.1"])
    text = "Ip Limit, request ip is not contained in safety ip"
    assert (400, 10004, text) == refusal(sim.share(GOOD))


def test_missing_and_blank_text_are_two_refusals(sim: Sim) -> None:
    """No status parameter is 10016, an empty one 20008."""
    missing = sim.http.post(
        f"{sim.url}/2/statuses/share.json", data={"access_token": sim.weibo_token}
    )
    assert 10016 == missing.json()["error_code"]
    assert (400, 20008, "content is null!") == refusal(sim.share("  "))


def test_app_without_approved_domain_is_told_so_before_the_text_is_read(sim: Sim) -> None:
    """The two cases of 10017 differ in their words only."""
    assert (400, 10017, "text not find domain!") == refusal(sim.share("没有链接"))
    sim.order("account", platform="weibo", account="1000000001", domains_approved=False)
    assert (400, 10017, "appkey not bind domain!") == refusal(sim.share("没有链接"))


@pytest.mark.parametrize(
    "url", ["http://t.cn/AXMdzqjJ", "https://example.gov.cn/1", "https://sub.www.example.gov.cn/"]
)
def test_link_on_another_host_does_not_satisfy_the_domain_rule(sim: Sim, url: str) -> None:
    """Exactly the registered host counts by default."""
    assert 10017 == sim.share("看这里 " + url).json()["error_code"]


def test_subdomain_satisfies_the_rule_when_the_app_says_so(sim: Sim) -> None:
    """Whether sub-domains count is unknown, so it is a switch."""
    sim.order("account", platform="weibo", account="1000000001", subdomains_count=True)
    assert 200 == sim.share("看 https://sub.www.example.gov.cn/ 吧").status_code


def test_long_text_without_domain_fails_for_the_domain(sim: Sim) -> None:
    """The domain is looked at before the length."""
    assert 10017 == sim.share("汉" * 200).json()["error_code"]
    assert 20012 == sim.share("汉" * 130 + " " + LINK).json()["error_code"]
    assert 200 == sim.share("汉" * 129 + " " + LINK).status_code


def test_long_text_with_bad_picture_fails_for_the_length(sim: Sim) -> None:
    """The length is looked at before the picture."""
    assert 20012 == sim.share("汉" * 131 + LINK, pic=b"RIFFxxxxWEBP").json()["error_code"]


@pytest.mark.parametrize("data", [b"RIFFxxxxWEBPVP8 ", b"BM" + b"\0" * 40, b"not a picture"])
def test_picture_of_another_kind_is_refused_by_its_bytes(sim: Sim, data: bytes) -> None:
    """Only JPEG, PNG and GIF pass, whatever the file is called."""
    assert 20005 == sim.share(GOOD, pic=data).json()["error_code"]
    assert {"weibo": 0, "wechat": 0} == sim.look("counts")


def test_picture_of_five_mib_is_too_large_and_one_byte_less_is_not(sim: Sim) -> None:
    """The limit is strict."""
    limit = 5 * 1024 * 1024
    whole = PNG + b"\0" * (limit - len(PNG))
    assert 20006 == sim.share(GOOD, pic=whole).json()["error_code"]
    answer = sim.share(GOOD, pic=whole[:-1])
    assert 200 == answer.status_code
    assert 1 == answer.json()["pic_num"]


def test_picture_sent_as_a_plain_field_is_no_picture(sim: Sim) -> None:
    """Without multipart the answer is 20007."""
    data = {"access_token": sim.weibo_token, "status": GOOD, "pic": "abc"}
    answer = sim.http.post(f"{sim.url}/2/statuses/share.json", data=data)
    assert 20007 == answer.json()["error_code"]


def test_forbidden_word_is_refused_before_the_duplicate(sim: Sim) -> None:
    """The content rules work by trigger words, each with its code."""
    assert 21602 == sim.share("敏感词示例 " + LINK).json()["error_code"]
    assert 20018 == sim.share("违法网址示例 " + LINK).json()["error_code"]


def test_equal_text_within_ten_minutes_is_refused_and_later_accepted(sim: Sim) -> None:
    """Blanks do not make a text another one."""
    assert 200 == sim.share(GOOD).status_code
    sim.advance(599)
    assert (400, 20019, "repeat content!") == refusal(sim.share("  " + GOOD + "\n"))
    sim.advance(1)
    assert 200 == sim.share(GOOD).status_code
    assert 2 == sim.look("counts")["weibo"]


def test_text_one_character_apart_is_refused_only_when_that_is_switched_on(sim: Sim) -> None:
    """Similar content is 20017, off by default."""
    assert 200 == sim.share(GOOD).status_code
    assert 200 == sim.share(GOOD + "。").status_code
    sim.order("settings", weibo={"similar_window_s": 120})
    assert 20017 == sim.share(GOOD + "！").json()["error_code"]
    assert 200 == sim.share(GOOD + "，务必注意").status_code


@pytest.mark.parametrize("name", ["update", "upload", "upload_url_text", "repost", "destroy"])
def test_old_write_calls_are_closed(sim: Sim, name: str) -> None:
    """Since 2017 an ordinary app gets 403 and 10014."""
    answer = sim.http.post(
        f"{sim.url}/2/statuses/{name}.json",
        data={"access_token": sim.weibo_token, "status": GOOD, "id": "1"},
    )
    assert (403, 10014, "Insufficient app permissions!") == refusal(answer)


def test_error_code_becomes_a_string_when_switched(sim: Sim) -> None:
    """Both spellings are seen in the wild."""
    sim.order("settings", weibo={"error_code_as_string": True})
    body = sim.share("没有链接").json()
    assert {
        "request": "/2/statuses/share.json",
        "error_code": "10017",
        "error": "text not find domain!",
    } == body


def test_thirty_posts_fill_an_hour_and_the_next_hour_is_open(sim: Sim) -> None:
    """The posting limit is its own counter, per clock hour."""
    for number in range(30):
        assert 200 == sim.share(f"第{number}条 {LINK}{number}").status_code
    assert (403, 10024) == refusal(sim.share(GOOD))[:2]
    sim.advance(3600)
    assert 200 == sim.share(GOOD).status_code


def test_hundred_calls_fill_a_beijing_day_and_asking_for_the_rest_is_free(sim: Sim) -> None:
    """All calls of a user share one budget; rate_limit_status is not counted."""
    for _ in range(100):
        assert 200 == sim.weibo("account/get_uid").status_code
    answer = sim.share(GOOD)
    assert (403, 10023, "User requests out of rate limit!") == refusal(answer)
    assert 0 == sim.weibo("account/rate_limit_status").json()["remaining_user_hits"]
    sim.advance(14 * 3600 - 1)  # from ten in the morning to one second before midnight
    assert 10023 == sim.share(GOOD).json()["error_code"]
    sim.advance(1)
    assert 200 == sim.share(GOOD).status_code


def test_too_many_calls_from_one_address_are_refused(sim: Sim) -> None:
    """The address has an hourly counter of its own."""
    sim.order("settings", weibo={"calls_per_ip_hour": 2})
    assert 200 == sim.weibo("account/get_uid").status_code
    assert 200 == sim.weibo("account/get_uid").status_code
    assert (403, 10022) == refusal(sim.weibo("account/get_uid"))[:2]

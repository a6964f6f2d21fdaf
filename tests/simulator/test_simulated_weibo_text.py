"""Counting, short links, the status form, and the two spellings of a post's number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.weibo.length import length
from simulator.weibo.mid import to_bid, to_mid

if TYPE_CHECKING:
    from conftest import Sim

LINK = "https://www.example.gov.cn/a/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64

URL = "https://www.example.gov.cn/".ljust(54, "x")
VECTORS = [
    ("a", 1),
    ("你a", 2),
    ("haha", 2),
    ("通知：" + URL, 13),
    (URL, 10),
    (f"{URL} {URL}", 21),
    ("x" * 280, 140),
    ("x" * 281, 141),
    ("https://www.example.gov.cn/".ljust(141, "x"), 11),
    ("汉" * 140, 140),
    ("汉" * 141, 141),
    ("汉" * 130 + URL, 140),
    ("汉" * 131 + URL, 141),
    ("汉" * 129 + " " + URL, 140),
    ("汉" * 130 + " " + URL, 141),
    ("😀", 2),
    ("http://t.cn/AXMdzqjJ", 10),
    ("https://weibo.com/".ljust(41, "x"), 21),
    ("https://weibo.com/".ljust(42, "x"), 10),
]
MIDS = [
    ("3501756485200075", "z0JH2lOMb"),
    ("3501703397689247", "z0Ijpwgk7"),
    ("3500330408906190", "z08AUBmUe"),
    ("4098749565013950", "EFqVul2ma"),
    ("3512191498379699", "z579Hz9Wr"),
    ("5349862107251384", "RkV8KuqpO"),
    ("5349890210661211", "RkVS52M0H"),
    ("5000000000000001", "O00000001"),
]


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_text_has_the_length_the_site_counts(text: str, expected: int) -> None:
    """The vectors of the published counting rule hold."""
    assert expected == length(text)


@pytest.mark.parametrize(("mid", "bid"), MIDS)
def test_number_and_address_form_convert_both_ways(sim: Sim, mid: str, bid: str) -> None:
    """Known pairs pass, also over the wire."""
    assert bid == to_bid(mid)
    assert mid == to_mid(bid)
    assert {"mid": bid} == sim.weibo("statuses/querymid", id=mid, type="1").json()


def test_post_comes_back_with_short_links_and_its_long_ones_beside(sim: Sim) -> None:
    """The text is not what was sent; url_objects tell the original link."""
    status = sim.share(f"通知 {LINK}1 结束").json()
    short = status["url_objects"][0]["info"]["url_short"]
    assert f"通知 {short} 结束 \u200b" == status["text"]
    assert len("http://t.cn/") + 8 == len(short)
    assert LINK + "1" == status["url_objects"][0]["info"]["url_long"]
    assert 5 + 20 + 5 == status["textLength"]


def test_same_link_has_the_same_short_form(sim: Sim) -> None:
    """A short link depends on its link only."""
    first = sim.share(f"一 {LINK}1").json()["url_objects"][0]["info"]["url_short"]
    second = sim.share(f"二 {LINK}1").json()["url_objects"][0]["info"]["url_short"]
    third = sim.share(f"三 {LINK}2").json()["url_objects"][0]["info"]["url_short"]
    assert first == second
    assert first != third


def test_url_objects_are_absent_when_switched_off(sim: Sim) -> None:
    """Nobody knows whether they come back for one's own posts."""
    sim.order("settings", weibo={"url_objects": False})
    assert "url_objects" not in sim.share(f"通知 {LINK}1").json()


def test_success_has_rising_numbers_that_agree(sim: Sim) -> None:
    """id, idstr and mid are the same sixteen digits, and rise even if the clock goes back."""
    first = sim.share(f"一 {LINK}").json()
    sim.advance(-3600)
    second = sim.share(f"二 {LINK}").json()
    assert str(first["id"]) == first["idstr"] == first["mid"]
    assert 16 == len(first["idstr"])
    assert second["id"] > first["id"]
    assert "Wed Nov 18 10:00:00 +0800 2026" == first["created_at"]
    assert {"type": 0, "list_id": 0} == first["visible"]
    assert 603 != first["user"]["followers_count"]
    assert 1 == first["user"]["verified_type"]


def test_picture_of_a_post_is_served_back(sim: Sim) -> None:
    """The page shows the very bytes that were uploaded."""
    status = sim.share(f"图 {LINK}", pic=PNG).json()
    key = status["original_pic"].rsplit("/", 1)[1].split(".")[0]
    answer = sim.http.get(f"{sim.url}/_media/{key}")
    assert PNG == answer.content
    assert "image/png" == answer.headers["content-type"]
    assert f"/_media/{key}" == sim.posts()[0]["picture"]


def test_long_text_typed_by_hand_is_cut_with_the_tail(sim: Sim) -> None:
    """Reads give 140 characters and an address of the rest."""
    sim.order("handmade", platform="weibo", account=sim.uid, text="汉" * 200)
    status = sim.weibo("statuses/user_timeline").json()["statuses"][0]
    tail = f"...全文： http://m.weibo.cn/{sim.uid}/{status['idstr']} \u200b"
    assert "汉" * 140 + tail == status["text"]
    assert status["isLongText"] is True

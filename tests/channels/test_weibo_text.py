"""Weibo's arithmetic: lengths, numbers in two spellings, times, texts that are the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.contract import Content
from channels.weibo.ids import bid_to_mid, mid_to_bid, post_link
from channels.weibo.look import moment
from channels.weibo.text import length, links, normalise, same_link, status_of, units

U = "https://www.example.gov.cn/art/2026/11/22/art_1234.html"
assert 55 == len(U)
U = U[:54]

# Vectors of the platform papers, §3.1.
LENGTHS = [
    ("a", 1),
    ("你a", 2),
    ("haha", 2),
    (f"通知：{U}", 13),
    (U, 10),
    (f"{U} {U}", 21),
    ("x" * 280, 140),
    ("https://a.example/" + "x" * 123, 11),
    ("http://t.cn/AXMdzqjJ", 10),
    ("汉" * 140, 140),
    ("汉" * 141, 141),
    ("汉" * 130 + U, 140),
    ("汉" * 131 + U, 141),
    ("汉" * 129 + " " + U, 140),
    ("汉" * 130 + " " + U, 141),
    ("x" * 281, 141),
    ("😀", 2),
    ("https://weibo.com/" + "1" * 23, 21),
    ("https://weibo.com/" + "1" * 24, 10),
    # not in the papers
    ("", 0),
    (" a \n", 1),
    ("一\n二", 3),
    ("·", 1),
    ("é", 1),
    ("https://WEIBO.com/" + "1" * 23, 21),
    ("https://notweibo.com/" + "1" * 10, 10),
]


@pytest.mark.parametrize(("text", "expected"), LENGTHS)
def test_length_counts_as_the_composer_does(text, expected):
    assert expected == length(text)


def test_point_in_names_counts_two_units():
    """The two published counters differ here; we take the stricter one."""
    assert 2 == units("·")


def test_trailing_blank_after_the_link_costs_nothing():
    assert 140 == length("汉" * 129 + f" {U} ")


PAIRS = [
    ("3501756485200075", "z0JH2lOMb"),
    ("3501703397689247", "z0Ijpwgk7"),
    ("3500330408906190", "z08AUBmUe"),
    ("4098749565013950", "EFqVul2ma"),
    ("3512191498379699", "z579Hz9Wr"),
    ("5349862107251384", "RkV8KuqpO"),
    ("5349890210661211", "RkVS52M0H"),
    ("5000000000000001", "O00000001"),
    ("7", "7"),
    ("10000000", "10000"),
]


@pytest.mark.parametrize(("mid", "bid"), PAIRS)
def test_mid_and_bid_are_the_same_number(mid, bid):
    assert (bid, mid) == (mid_to_bid(mid), bid_to_mid(bid))


@pytest.mark.parametrize("text", ["", "12a", "１２", "-1", "1.5"])
def test_other_texts_are_no_mid(text):
    with pytest.raises(ValueError):
        mid_to_bid(text)
    assert "" == post_link("1", text)


@pytest.mark.parametrize("text", ["", "汉", "a-b"])
def test_other_texts_are_no_bid(text):
    with pytest.raises(ValueError):
        bid_to_mid(text)


def test_link_without_owner_is_empty():
    assert "" == post_link("", "3501756485200075")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu Apr 20 23:18:30 +0800 2017", datetime(2017, 4, 20, 15, 18, 30, tzinfo=UTC)),
        ("Sun Nov 01 00:00:00 +0000 2026", datetime(2026, 11, 1, tzinfo=UTC)),
        ("Thu Apr 31 23:18:30 +0800 2017", None),
        ("Thu Foo 20 23:18:30 +0800 2017", None),
        ("2017-04-20", None),
        ("", None),
        (None, None),
        (1492701510, None),
    ],
)
def test_platform_time_is_read_in_any_locale(text, expected):
    assert expected == moment(text)


@pytest.mark.parametrize(
    ("text", "link", "expected"),
    [
        ("通知", "", "通知"),
        ("  通知\n", "", "通知"),
        ("通知", U, f"通知 {U} "),
        (f"通知 {U}", U, f"通知 {U} "),
        (f"通知 {U}", "", f"通知 {U} "),
        (f"见 {U} 通知", U, f"见 {U} 通知"),
        (f"见{U}。", U, f"见{U}。"),
        # the link is the beginning of another one: it is not there yet
        (f"见 {U}/b 一", U, f"见 {U}/b 一 {U} "),
        ("", U, f"{U} "),
    ],
)
def test_status_holds_the_link_once_with_a_blank_behind_it(text, link, expected):
    assert expected == status_of(Content(text=text, link=link))


def test_links_end_where_chinese_begins():
    assert ["https://a.example/x?y=1#z"] == links("见https://a.example/x?y=1#z。好")


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        (f"通知 {U} ", "通知 http://t.cn/A0000001 \u200b"),
        ("通知", "通知 \u200b"),
        ("通知\n\n第二行", "通知\n第二行"),
        (f"见 {U} 和 {U}x 完", "见 http://t.cn/A1 和 http://t.cn/A2 完"),
        ("a<b & c", "a&lt;b &amp; c"),
        ("e\u0301", "\u00e9"),
    ],
)
def test_what_comes_back_is_the_same_text(sent, returned):
    assert normalise(sent) == normalise(returned)


@pytest.mark.parametrize(
    ("one", "other"), [("通知一", "通知二"), ("通知", f"通知 {U}"), ("a", "A")]
)
def test_other_texts_stay_different(one, other):
    assert normalise(one) != normalise(other)


def test_same_page_in_other_spelling_is_the_same_link():
    assert same_link("https://A.example/%E4%B8%80/", "http://a.example/一")
    assert not same_link("https://a.example/1", "https://a.example/2")
    assert not same_link("https://a.example/?id=1", "https://a.example/?id=2")

"""What is found before queueing, the marks in links, and the limits with their overrides."""

from __future__ import annotations

from datetime import date

import pytest

from channels.contract import Account, Severity, Window
from channels.wechat import WeChat
from channels.wechat.mark import FALLBACK, keys_in, link_of, marked
from channels.wire import Wire
from tests.channels.wechat_fake import KEY, START, article, picture


def channel(**options: object) -> WeChat:
    account = Account("bureau", "wechat", "局", "", app_id="wx1", options=options)
    return WeChat(account, Wire(), lambda: START)


def found(**content: object) -> set[tuple[str, str, str]]:
    return {
        (one.severity.value, one.field, one.code) for one in channel().check(article(**content))
    }


def body_of(chars: int) -> str:
    return f"<p>{'字' * chars}</p>"


def rendered_extra() -> int:
    return len(channel().render(article(body=body_of(1))).fields["content"]) - 1


def test_sound_article_has_no_findings():
    body = f'<p>一<img src="media:{"a" * 64}"></p>'
    assert set() == found(body=body, pictures=(picture("a"),), link="https://a.gov.cn/")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"title": " "}, ("must", "title", "title_empty")),
        ({"title": "字" * 33}, ("must", "title", "title_too_long")),
        ({"author": "字" * 17}, ("must", "author", "author_too_long")),
        ({"summary": "字" * 121}, ("must", "summary", "summary_too_long")),
        ({"body": "<p> </p>"}, ("must", "body", "body_empty")),
        ({"body": "<p>字\ud800</p>"}, ("must", "body", "unsendable")),
        ({"body": f'<img src="media:{"b" * 64}">'}, ("must", "body", "picture_missing")),
        ({"cover": None}, ("must", "cover", "cover_missing")),
        ({"cover": picture("c", mime="image/tiff")}, ("must", "cover", "picture_type")),
        ({"body": '<p><a href="#a">甲</a></p>'}, ("must", "body", "anchor")),
        (
            {"body": '<p><a href="https://mp.weixin.qq.com/s/x?tempkey=1">甲</a></p>'},
            ("must", "body", "preview_link"),
        ),
        (
            {"body": f'<p><a href="https://mp.weixin.qq.com/s/{"x" * 64}">甲</a></p>'},
            ("should", "body", "long_link"),
        ),
        ({"body": '<p><a href="https://a.cn">甲</a></p>'}, ("hint", "body", "links_as_notes")),
        ({"link": "ftp://a.gov.cn"}, ("must", "link", "link_no_address")),
        ({"link": "http://["}, ("must", "link", "link_no_address")),
        ({"link": "https://a.cn/" + "x" * 980}, ("must", "link", "link_too_long")),
        ({"origin": "reprint"}, ("must", "source", "source_missing")),
        ({"how": "shout"}, ("must", "how", "how")),
    ],
)
def test_trouble_is_found(content: dict[str, object], expected: tuple[str, str, str]):
    assert expected in found(**content)


@pytest.mark.parametrize(
    "content",
    [{"title": "字" * 32}, {"author": "字" * 16}, {"summary": "字" * 120}],
)
def test_the_last_allowed_length_is_fine(content: dict[str, object]):
    assert set() == found(**content)


@pytest.mark.parametrize(("over", "expected"), [(-1, set()), (0, {"body_too_long"})])
def test_body_is_measured_as_it_is_sent(over: int, expected: set[str]):
    codes = found(body=body_of(20_000 - rendered_extra() + over))
    assert expected == {code for _, _, code in codes}


def test_picture_counts_with_its_longer_address():
    html = f'<img src="media:{"a" * 64}">'
    room = 20_000 - rendered_extra() - 1
    size = len(channel().render(article(body=html, pictures=(picture("a"),))).fields["content"])
    codes = found(body=body_of(room - size) + html, pictures=(picture("a"),))
    assert {("must", "body", "body_too_long")} == codes


def test_picture_of_too_many_pixels_is_found():
    vast = picture("c", width_px=18018, height_px=24477)
    assert {("must", "cover", "picture_pixels")} == found(cover=vast)


def test_picture_over_ten_megabytes_is_found():
    large = picture("a")
    object.__setattr__(large, "size_bytes", 10_000_001)
    assert ("must", "pictures", "picture_size") in found(pictures=(large,))


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ([article(link="https://a.cn")], set()),
        ([article()], {"mark_link"}),
        ([article(link="https://a.cn")] * 8, set()),
        ([article(link="https://a.cn")] * 9, {"article_count"}),
        ([article(link="https://a.cn"), article(how="push")], {"how_mixed"}),
        ([article(link="https://a.cn", summary="摘"), article()], {"summary_left_out"}),
    ],
)
def test_edition_findings(contents: list[object], expected: set[str]):
    assert expected == {one.code for one in channel().check_edition(contents)}


def test_findings_have_three_parts_and_can_be_filled():
    bad = article(title="", body="", cover=None, link="x", origin="reprint", how="shout")
    for one in channel().check(bad):
        assert one.words.text.format(**one.words.params).count(". ") >= 1
        assert "!" not in one.words.text
    assert Severity.must in {one.severity for one in channel().check(bad)}


def test_render_gives_the_platforms_fields():
    content = article("题", summary="摘", author="李", link="https://a.cn/")
    shown = channel().render(content)
    assert {
        "title": "题",
        "author": "李",
        "digest": "摘",
        "content_source_url": "https://a.cn/",
        "thumb": "c" * 64,
    } == {name: text for name, text in shown.fields.items() if name != "content"}
    assert f"{len(shown.fields['content'])}/20000" == shown.length


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://a.cn/x", f"https://a.cn/x#fabu-{KEY}"),
        ("https://a.cn/x#", f"https://a.cn/x#fabu-{KEY}"),
        ("https://a.cn/#/news/1", f"https://a.cn/?fabu-{KEY}#/news/1"),
        ("https://a.cn/?a=1#/n", f"https://a.cn/?a=1&fabu-{KEY}#/n"),
    ],
)
def test_mark_leaves_the_link_working_and_is_read_again(link: str, expected: str):
    assert expected == marked(link, KEY)
    assert {KEY} == keys_in([{"content_source_url": expected}])


@pytest.mark.parametrize(
    ("first", "base", "expected"),
    [
        (False, "https://a.gov.cn/", ""),
        (True, "https://a.gov.cn/", f"https://a.gov.cn/#fabu-{KEY}"),
        (True, "", f"{FALLBACK}#fabu-{KEY}"),
    ],
)
def test_article_without_link_is_marked_only_when_first(first: bool, base: str, expected: str):
    assert expected == link_of("", KEY, first=first, mark_base=base)


def test_foreign_drafts_carry_no_mark():
    links = ["", None, "https://a.cn/#fabu-short", "https://a.cn/xfabu-" + KEY]
    assert frozenset() == keys_in([{"content_source_url": link} for link in links])


def test_limits_are_dated_and_overridable():
    plain, service = channel().limits, channel(kind="service").limits
    assert (date(2026, 7, 14), 8, 32, Window(1, "day")) == (
        plain.as_of,
        plain.posts_per_call,
        plain.title_max,
        plain.pushes,
    )
    assert Window(4, "month") == service.pushes
    changed = channel(title_max=64, pushes_per_day=2, gap_s=10, accepted_looks_s=[1, 2]).limits
    assert (64, Window(2, "day"), 10.0, (1.0, 2.0)) == (
        changed.title_max,
        changed.pushes,
        changed.gap_s,
        changed.accepted_looks_s,
    )
    assert {"push": "day", "publish": 0} == plain.holds_account_s

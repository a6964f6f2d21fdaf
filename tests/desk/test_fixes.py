"""One-press fixes: what they change, and that they change nothing else."""

from __future__ import annotations

import pytest

from channels.contract import Account, Channel, Finding, Limits, Severity, Words
from channels.wechat import WeChat
from channels.weibo import Weibo
from channels.wire import Wire
from scheduler.desk import fixes
from scheduler.desk.crop import SQUARE, WIDE, crop_of
from scheduler.desk.form import Typed, from_text, text_of
from scheduler.errors import InputError
from tests.channels.wechat_fake import START

SHA = "a" * 64
PICTURE = f'<p><img src="media:{SHA}" alt="井口"></p>'


def limits(kind: str) -> Limits:
    made: type[Channel] = {"weibo": Weibo, "wechat": WeChat}[kind]
    return made(Account("a", kind, "局", ""), Wire(), lambda: START).limits


def fix(kind: str, code: str, typed: Typed, *pieces: str) -> Typed:
    finding = Finding(Severity.must, "", code, Words(""), pieces)
    after = fixes.fixed(kind, finding, typed, limits(kind))
    offered = fixes.offer(kind, finding, typed, limits(kind))
    assert (after != typed) == bool(offered), "a fix is offered where it changes something"
    return after


def weibo(text: str) -> Typed:
    return Typed(words={"weibo": {"text": text}})


def test_cover_is_the_first_picture_with_its_description():
    after = fix("wechat", "cover_missing", Typed(title="题", body="<p>一</p>" + PICTURE))
    assert (SHA, "井口", "题") == (after.cover, after.cover_alt, after.title)


def test_cover_of_a_text_without_pictures_is_not_offered():
    typed = Typed(body="一行字")
    assert typed == fix("wechat", "cover_missing", typed)


def test_summary_too_long_keeps_whole_sentences():
    typed = Typed(summary="先通风。" * 40)
    assert "先通风。" * 30 == fix("wechat", "summary_too_long", typed).summary


def test_summary_of_wechat_alone_is_cut_there():
    typed = Typed(summary="短", words={"wechat": {"summary": "字" * 130}})
    after = fix("wechat", "summary_too_long", typed)
    assert ("短", 120) == (after.summary, len(after.word("wechat", "summary")))


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("一。二。", 10, "一。二。"),
        ("一句话。第二句很长很长", 6, "一句话。"),
        ("“一句话。”第二句很长很长", 8, "“一句话。”"),
        ("很长的一个分句，后面还有", 10, "很长的一个分句"),
        ("没有任何标点的很长的一句话", 5, "没有任何标"),
        ("", 5, ""),
    ],
)
def test_first_sentences_end_where_a_reader_would_end(text: str, most: int, expected: str):
    assert expected == fixes.first_sentences(text, most)


def test_empty_summary_is_filled_from_the_text_and_a_written_one_stays():
    filled = fixes.with_summary(Typed(body="先通风。\n再检测。"), limits("wechat"))
    assert "先通风。再检测。" == filled.summary
    assert "旧" == fixes.with_summary(Typed(summary="旧", body="新"), limits("wechat")).summary


def test_links_go_and_their_words_stay():
    body = (
        '<p>看<a href="https://a.cn/?b=1&amp;c=2">这<strong>里</strong></a>'
        '和<a href="https://d.cn">那</a></p>'
    )
    after = fix("wechat", "links_as_notes", Typed(body=body), "https://a.cn/?b=1&c=2")
    assert '<p>看这<strong>里</strong>和<a href="https://d.cn">那</a></p>' == after.body


def test_empty_weibo_text_begins_with_the_title():
    after = fix("weibo", "text_empty", Typed(title=" 有限空间 三步走 ", link="https://a.cn"))
    assert "有限空间 三步走" == after.word("weibo", "text")


def test_number_signs_go_and_words_stay():
    after = fix("weibo", "hashtag", weibo("#安全# 一 #生产#"), "#安全#", "#生产#")
    assert "安全 一 生产" == after.word("weibo", "text")


def test_blank_comes_behind_the_link_and_into_no_other():
    typed = weibo("看https://a.cn/b。另https://a.cn/bc 完")
    after = fix("weibo", "link_glued", typed, "https://a.cn/b")
    assert "看https://a.cn/b 。另https://a.cn/bc 完" == after.word("weibo", "text")


def test_controls_go_and_lines_stay():
    assert "一\n二" == fix("weibo", "unsendable", weibo("一\n\x08二")).word("weibo", "text")


def test_only_the_first_pictures_are_kept():
    typed = Typed(pictures={"weibo": ((SHA, "甲"), ("b" * 64, "乙"))})
    assert ((SHA, "甲"),) == fix("weibo", "pictures_cut", typed).pictures["weibo"]


def test_unknown_finding_changes_nothing():
    assert Typed(title="题") == fix("weibo", "text_long", Typed(title="题"))


# --- the form as text, for taking a fix back ------------------------------------------------------


def test_form_is_read_again_as_it_was():
    typed = Typed(
        title="题", cover=SHA, cover_shape=WIDE, cover_at="10", accounts=("a",),
        words={"weibo": {"text": "文"}}, pictures={"weibo": ((SHA, "甲"),)},
    )  # fmt: skip
    assert typed == from_text(text_of(typed))


NO_FORMS = ["", "[]", "{", '{"words": 1}', '{"pictures": {"weibo": [1]}}', "[" * 100_000]


@pytest.mark.parametrize("text", NO_FORMS, ids=range(len(NO_FORMS)))
def test_text_that_is_no_form_is_refused(text: str):
    with pytest.raises(InputError):
        from_text(text)


# --- the part of the cover ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "shape", "at", "expected"),
    [
        ((1000, 1000), WIDE, "0", (0.0, 0.0, 1.0, 0.425532)),
        ((1000, 1000), WIDE, "100", (0.0, 0.574468, 1.0, 1.0)),
        ((1000, 1000), WIDE, "50", (0.0, 0.287234, 1.0, 0.712766)),
        ((2000, 1000), SQUARE, "0", (0.0, 0.0, 0.5, 1.0)),
        ((2000, 1000), SQUARE, "100", (0.5, 0.0, 1.0, 1.0)),
        ((2000, 1000), SQUARE, "", (0.25, 0.0, 0.75, 1.0)),
        ((2000, 1000), SQUARE, "-5", (0.25, 0.0, 0.75, 1.0)),
        ((2000, 1000), SQUARE, "999999", (0.5, 0.0, 1.0, 1.0)),
        ((4000, 1000), WIDE, "100", (0.4125, 0.0, 1.0, 1.0)),
        ((900, 383), WIDE, "0", None),
        ((800, 800), SQUARE, "0", None),
        ((800, 600), "", "0", None),
        ((800, 600), "round", "0", None),
        ((0, 0), SQUARE, "0", None),
    ],
)
def test_crop_is_the_shape_at_its_place(size, shape, at, expected):
    assert expected == crop_of(*size, shape, at)

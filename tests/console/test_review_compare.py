"""What changed between two contents: what was taken out, what was put in, and where."""

from __future__ import annotations

import pytest

from channels.contract import Content, Picture
from console import compare
from scheduler.words import speak

IN, OUT, SAME, SKIPPED = compare.IN, compare.OUT, compare.SAME, compare.SKIPPED
OLD, NEW = (Picture(sha * 64, "image/png", 1, 1, 1, alt=sha) for sha in "ab")


def pieces(before: Content, after: Content) -> dict[str, list[list[tuple[str, str]]]]:
    return {
        change.field: [[(piece.kind, piece.text) for piece in line] for line in change.lines]
        for change in compare.changes(before, after)
    }


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (
            "延长到12月10日",
            "延长到12月15日",
            [(SAME, "延长到12月"), (OUT, "10"), (IN, "15"), (SAME, "日")],
        ),
        ("共有23.5%", "共有24%", [(SAME, "共有"), (OUT, "23.5%"), (IN, "24%")]),
        ("甲乙", "完全不同的话", [(OUT, "甲乙"), (IN, "完全不同的话")]),
        (
            "先通风，后作业，保平安",
            "再检测，才作业，保平安",
            [(OUT, "先通风，后"), (IN, "再检测，才"), (SAME, "作业，保平安")],
        ),
    ],
)
def test_words_are_marked_so_that_a_person_can_read_them(before, after, wanted):
    """Figures stay whole; one sign that stayed does not cut a change in two."""
    assert {"Title": [wanted]} == pieces(Content(title=before), Content(title=after))


def test_link_origin_and_way_of_sending_are_swapped_whole_and_in_words():
    before = Content(link="https://a.gov.cn/1", origin="original", how="publish")
    after = Content(link="https://a.gov.cn/2", origin="reprint", how="push")
    with speak("zh_CN"):
        assert {
            "Link": [[(OUT, "https://a.gov.cn/1"), (IN, "https://a.gov.cn/2")]],
            "Origin": [[(OUT, "原创"), (IN, "转载")]],
            "Way of sending": [[(OUT, "发布"), (IN, "群发")]],
        } == pieces(before, after)


def test_pictures_and_cover_name_what_went_and_what_came():
    found = compare.changes(Content(cover=OLD, pictures=(OLD,)), Content(pictures=(OLD, NEW)))
    told = {
        change.field: [(line[0].kind, line[0].sha256) for line in change.lines] for change in found
    }
    assert {"Cover picture": [(OUT, OLD.sha256)], "Pictures": [(IN, NEW.sha256)]} == told


def test_link_inside_the_text_is_a_change_of_its_own():
    """The words are the same; where they lead is not."""
    before, after = (f'<p>看<a href="https://{one}.cn">这里</a></p>' for one in "ab")
    assert {"Links in the text": [[(OUT, "https://a.cn")], [(IN, "https://b.cn")]]} == pieces(
        Content(body=before), Content(body=after)
    )


def test_bold_alone_is_said_without_marks():
    found = pieces(Content(body="<p>甲</p>"), Content(body="<p><strong>甲</strong></p>"))
    assert {"Headings, bold or lists in the text": []} == found


def test_place_of_each_piece_is_counted_without_blanks():
    """So the page finds in the article what was put in, past lines that are not shown."""
    before = "".join(f"<p>第 {n} 段</p>" for n in range(8)) + "<p>先通风</p>"
    (change,) = compare.changes(Content(body=before), Content(body=before[:-4] + "三十分钟</p>"))
    kinds = [(piece.kind, piece.at) for line in change.lines for piece in line]
    assert [(SKIPPED, 0), (SAME, 21), (SAME, 24), (IN, 27)] == kinds


def test_lists_of_accounts_are_one_line():
    (change,) = compare.names(["甲", "乙"], ["甲", "丙"], "Goes to")
    assert [(SAME, "甲"), (OUT, "乙"), (IN, "丙")] == [
        (piece.kind, piece.text) for piece in change.lines[0] if piece.text != ", "
    ]
    assert () == compare.names(["甲", "乙"], ["乙", "甲"], "Goes to")

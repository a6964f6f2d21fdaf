"""Comments: a remark on words of the version that waits, beside the text and never part of it."""

from __future__ import annotations

import pytest

from scheduler.desk import comment, review, views
from scheduler.desk.comment import Place
from scheduler.errors import Conflict, InputError, NotAllowed, NotFound
from scheduler.notices import open_notices
from scheduler.people import Actor, Role
from scheduler.sentences import reason
from tests.desk.conftest import TEXT, WECHAT, WEIBO, Desk
from tests.desk.test_story import drop

STEPS = Place("先通风、再检测", WEIBO, "text")


def remark(
    desk: Desk, story_id: int, place: Place = STEPS, *, said: str = "次序请核对",
    actor: Actor | None = None, number: int = 1,
) -> int:  # fmt: skip
    with desk.store.write() as tx:
        who = actor or desk.reviewer
        return comment.add(tx, story_id, number, said, place, now=desk.now, actor=who)


def settle(desk: Desk, story_id: int, one: int, *, again: bool = False) -> None:
    with desk.store.write() as tx:
        comment.settle(tx, story_id, one, now=desk.now, actor=desk.author, again=again)


def withdraw(desk: Desk, story_id: int, one: int, actor: Actor | None = None) -> None:
    with desk.store.write() as tx:
        comment.withdraw(tx, story_id, one, now=desk.now, actor=actor or desk.reviewer)


def seen(desk: Desk, story_id: int) -> views.StoryView:
    with desk.store.read() as tx:
        return views.show(tx, story_id)


@pytest.fixture
def story_id(desk: Desk) -> int:
    """Give a story that waits for a reviewer."""
    made = desk.add()
    desk.submit(made)
    return made


def test_comment_is_kept_with_place_person_and_time(desk: Desk, story_id: int):
    one = remark(desk, story_id)
    (found,) = seen(desk, story_id).comments
    assert (one, 1, STEPS, "次序请核对", "李强", desk.now) == (
        found.id, found.number, found.place, found.remark, found.by, found.made_at,
    )  # fmt: skip
    assert (True, False) == (found.is_open, found.is_gone)


def test_comment_voids_no_signature_and_changes_no_digest(desk: Desk, story_id: int):
    before = {name: post.content_digest for name, post in desk.posts(story_id).items()}
    remark(desk, story_id)
    assert before == {name: post.content_digest for name, post in desk.posts(story_id).items()}
    desk.approve(story_id)
    assert {WEIBO: True, WECHAT: True} == desk.signed(story_id)
    assert 1 == seen(desk, story_id).open_comments


@pytest.mark.parametrize(
    ("quote", "account", "field"),
    [
        ("三步走", WEIBO, "text"),
        ("先通风、再检测、后作业。", WEIBO, "text"),
        ("打开进出口", WECHAT, "body"),
        ("三步走\n先通风。", WECHAT, "body"),
        ("https://www.example.gov.cn/a.html", WEIBO, "text"),
    ],
)
def test_quote_without_a_place_finds_its_own(desk, story_id, quote, account, field):
    """The form without JavaScript has only the words; line ends do not count."""
    remark(desk, story_id, Place(quote))
    (found,) = seen(desk, story_id).comments
    assert (account, field, quote) == (found.place.account, found.place.field, found.place.quote)


def test_named_place_comes_before_the_first(desk: Desk, story_id: int):
    remark(desk, story_id, Place("三步走", WECHAT, "title"))
    remark(desk, story_id, Place("先通风", WECHAT, "body", 2))
    found = [one.place for one in seen(desk, story_id).comments]
    assert [(WECHAT, "title", 1), (WECHAT, "body", 2)] == [
        (one.account, one.field, one.occurrence) for one in found
    ]


def test_words_that_stand_elsewhere_than_named_are_found_there(desk: Desk, story_id: int):
    remark(desk, story_id, Place("打开进出口", WEIBO, "text", 3))
    (found,) = seen(desk, story_id).comments
    assert Place("打开进出口", WECHAT, "body", 1) == found.place


def test_remark_on_the_whole_needs_no_quote(desk: Desk, story_id: int):
    remark(desk, story_id, Place("  "), said="整体太长")
    (found,) = seen(desk, story_id).comments
    assert (comment.WHOLE, False) == (found.place, found.is_gone)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (STEPS, "  "),
        (Place("从未写过的话"), "改"),
        (STEPS, "长" * 2001),
        (Place("长" * 2001), "改"),
    ],
)
def test_comment_that_says_nothing_or_quotes_nothing_is_refused(desk, story_id, place, said):
    with pytest.raises(InputError):
        remark(desk, story_id, place, said=said)
    assert () == seen(desk, story_id).comments


def test_only_authors_and_reviewers_comment_and_settle(desk: Desk, story_id: int):
    one = remark(desk, story_id, actor=desk.author)
    other = Actor(desk.reviewer.id, "李强", frozenset({Role.operator, Role.leader, Role.admin}))
    with pytest.raises(NotAllowed):
        remark(desk, story_id, actor=other)
    for verb in (comment.settle, comment.withdraw):
        with pytest.raises(NotAllowed), desk.store.write() as tx:
            verb(tx, story_id, one, now=desk.now, actor=other)
    assert 1 == seen(desk, story_id).open_comments


def test_comment_is_settled_and_opened_again(desk: Desk, story_id: int):
    one = remark(desk, story_id)
    for _twice in range(2):
        settle(desk, story_id, one)
    (found,) = seen(desk, story_id).comments
    assert (False, "王芳", desk.now) == (found.is_open, found.settled_by, found.settled_at)
    settle(desk, story_id, one, again=True)
    (found,) = seen(desk, story_id).comments
    assert (True, "", None) == (found.is_open, found.settled_by, found.settled_at)
    verbs = [line["verb"] for line in seen(desk, story_id).events]
    assert ["comment", "settle_comment", "reopen_comment"] == verbs[2:]


def test_only_its_maker_withdraws_and_only_while_the_version_waits(desk: Desk, story_id: int):
    one, other = remark(desk, story_id), remark(desk, story_id)
    with pytest.raises(NotAllowed):
        withdraw(desk, story_id, one, desk.author)
    withdraw(desk, story_id, one)
    assert [other] == [found.id for found in seen(desk, story_id).comments]
    with pytest.raises(NotFound):
        settle(desk, story_id, one)
    desk.approve(story_id)
    with pytest.raises(Conflict):
        withdraw(desk, story_id, other)


def test_comment_of_another_story_is_not_reached(desk: Desk, story_id: int):
    other = desk.add(TEXT.replace('三步走"', '四步走"'))
    one = remark(desk, story_id)
    with pytest.raises(NotFound):
        settle(desk, other, one)
    assert seen(desk, story_id).comments[0].is_open


def test_comment_on_a_version_that_changed_meanwhile_is_refused(desk: Desk, story_id: int):
    desk.edit(story_id, TEXT.replace("再检测", "再测气"))
    with pytest.raises(Conflict) as caught:
        remark(desk, story_id)
    assert "changed since" in str(caught.value)
    desk.submit(story_id)
    with pytest.raises(Conflict) as caught:
        remark(desk, story_id)
    assert "Version 2 takes its place" in str(caught.value)


def test_quote_that_a_new_text_no_longer_has_is_gone(desk: Desk, story_id: int):
    remark(desk, story_id)
    remark(desk, story_id, Place("打开进出口", WECHAT, "body"))
    desk.edit(story_id, TEXT.replace("先通风、再检测、后作业。", "先测气、后作业。"))
    assert [True, False] == [one.is_gone for one in seen(desk, story_id).comments]
    drop(desk, story_id, WECHAT)
    assert [True, True] == [one.is_gone for one in seen(desk, story_id).comments]


def test_return_tells_the_author_how_many_are_open(desk: Desk, story_id: int):
    remark(desk, story_id)
    settle(desk, story_id, remark(desk, story_id))
    remark(desk, story_id, comment.WHOLE)
    with desk.store.write() as tx:
        review.return_(tx, story_id, 1, reason="请改", now=desk.now, actor=desk.reviewer)
    with desk.store.read() as tx:
        (told,) = open_notices(tx)
    assert "请改 (2 comments are open)" == reason(told._mapping["code"], told._mapping["detail"])
    assert "请改" == seen(desk, story_id).review_note


def test_comment_takes_no_sign_and_no_number_that_a_database_refuses(desk: Desk, story_id: int):
    """PostgreSQL keeps no NUL in a text and no such number in a row."""
    place = Place(STEPS.quote, WEIBO, "text", 2**40)
    remark(desk, story_id, place, said="次\0序")
    (found,) = seen(desk, story_id).comments
    assert "次序" == found.remark
    assert found.place.occurrence < 2**31

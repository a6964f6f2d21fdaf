"""Reviews: a second person signs exactly what was shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from scheduler import events
from scheduler.desk import gates, posts, review, views
from scheduler.errors import Conflict, InputError, NotAllowed, NotFound
from scheduler.notices import open_notices
from scheduler.people import Actor, Role
from tests.desk.conftest import TEXT, WECHAT, WEIBO, Desk
from tests.desk.test_story import MORE_BODY, MORE_WEIBO, drop


def return_(desk: Desk, story_id: int, reason: str = "数字不对", number: int = 1) -> None:
    with desk.store.write() as tx:
        review.return_(tx, story_id, number, reason=reason, now=desk.now, actor=desk.reviewer)


def seen(desk: Desk, story_id: int) -> views.StoryView:
    with desk.store.read() as tx:
        return views.show(tx, story_id)


def test_signature_is_written_on_every_post_for_ninety_days(desk: Desk):
    """The store needs no more than the two columns of the post."""
    story_id = desk.add()
    assert 1 == desk.submit(story_id)
    until = desk.approve(story_id)
    assert desk.now + timedelta(days=90) == until
    for post in desk.posts(story_id).values():
        assert post.content_digest == post.approved_digest
        assert until == post.approved_until
    shown = seen(desk, story_id)
    assert ("approved", "approve", "李强") == (
        shown.review, shown.versions[0].decision, shown.versions[0].decided_by,
    )  # fmt: skip
    verbs = [(line["verb"], line["from"], line["to"]) for line in shown.events]
    assert [
        ("add", "", "draft"),
        ("submit", "draft", "in_review"),
        ("approve", "in_review", "approved"),
    ] == verbs


def test_author_cannot_sign_even_with_the_role(desk: Desk):
    """Nobody decides on their own words."""
    story_id = desk.add()
    desk.submit(story_id)
    with pytest.raises(NotAllowed):
        desk.approve(story_id, actor=desk.author)
    assert {WEIBO: False, WECHAT: False} == desk.signed(story_id)


def test_who_edited_the_story_cannot_sign_it(desk: Desk):
    """A reviewer who put in a sentence is an author of it."""
    story_id = desk.add()
    desk.edit(story_id, MORE_BODY, actor=desk.reviewer)
    desk.submit(story_id)
    with pytest.raises(NotAllowed):
        desk.approve(story_id)


def test_person_without_the_role_cannot_sign(desk: Desk):
    """An operator is no reviewer."""
    story_id = desk.add()
    desk.submit(story_id)
    operator = Actor(desk.reviewer.id, "李强", frozenset({Role.operator, Role.admin}))
    with pytest.raises(NotAllowed):
        desk.approve(story_id, actor=operator)


def test_edit_after_submission_closes_the_version(desk: Desk):
    """The reviewer's finger on version 1 signs nothing; version 2 is read anew."""
    story_id = desk.add()
    desk.submit(story_id)
    desk.edit(story_id, MORE_BODY)
    assert "draft" == seen(desk, story_id).review
    with pytest.raises(Conflict) as caught:
        desk.approve(story_id, 1)
    assert "changed since" in str(caught.value)
    assert 2 == desk.submit(story_id)
    with pytest.raises(Conflict):
        desk.approve(story_id, 1)
    desk.approve(story_id, 2)
    assert {WEIBO: True, WECHAT: True} == desk.signed(story_id)


def test_post_that_differs_from_the_version_is_never_signed(desk: Desk):
    """Even where the row changed behind the desk's back: all or nothing."""
    story_id = desk.add()
    desk.submit(story_id)
    with desk.store.write() as tx:
        mine = posts.POST.c.id == desk.posts(story_id)[WECHAT].id
        tx.execute(update(posts.POST).where(mine).values(content_digest="f" * 64))
    with pytest.raises(Conflict) as caught:
        desk.approve(story_id)
    assert "changed since" in str(caught.value)
    assert {WEIBO: False, WECHAT: False} == desk.signed(story_id)
    assert "in_review" == seen(desk, story_id).review


def test_second_version_asks_only_for_what_changed(desk: Desk):
    """Weibo stays signed by version 1; version 2 shows the article alone."""
    story_id = desk.approved()
    desk.edit(story_id, MORE_BODY)
    desk.submit(story_id)
    first, second = seen(desk, story_id).versions
    assert (WECHAT,) == first.void
    assert [WECHAT] == list(second.shown)
    return_(desk, story_id, number=2)
    assert {WEIBO: True, WECHAT: False} == desk.signed(story_id)


def test_text_put_back_needs_a_new_signature(desk: Desk):
    """A voided signature does not come back with the old words."""
    story_id = desk.approved()
    desk.edit(story_id, MORE_WEIBO)
    desk.edit(story_id, TEXT)
    assert {WEIBO: False, WECHAT: True} == desk.signed(story_id)


def test_must_finding_stops_submission_but_not_adding(desk: Desk):
    """A draft may be unfinished; what is signed may not."""
    story_id = desk.add(TEXT.replace("三步走：", "三步走：" + "很长" * 80))
    with pytest.raises(review.Unfit) as caught:
        desk.submit(story_id)
    assert ["text_too_long"] == [finding.code for _, finding in caught.value.found]
    assert "draft" == seen(desk, story_id).review
    assert () == seen(desk, story_id).versions


def test_story_waiting_or_signed_is_not_submitted_twice(desk: Desk):
    """There is nothing to sign."""
    story_id = desk.add()
    desk.submit(story_id)
    with pytest.raises(Conflict):
        desk.submit(story_id)
    desk.approve(story_id)
    with pytest.raises(Conflict) as caught:
        desk.submit(story_id)
    assert "Nothing" in str(caught.value)


def test_expired_signature_can_be_asked_for_again(desk: Desk):
    """After ninety days the same text is read once more."""
    story_id = desk.approved()
    desk.clock.advance(91 * 86_400)
    assert 2 == desk.submit(story_id)
    assert desk.now + timedelta(days=90) == desk.approve(story_id, 2)


def test_returned_story_carries_the_reason_and_comes_again(desk: Desk):
    """The author reads why, mends it, hands it in anew."""
    story_id = desk.add()
    desk.submit(story_id)
    return_(desk, story_id)
    shown = seen(desk, story_id)
    assert ("returned", "数字不对") == (shown.review, shown.review_note)
    assert {WEIBO: False, WECHAT: False} == desk.signed(story_id)
    desk.edit(story_id, MORE_BODY)
    assert "draft" == seen(desk, story_id).review
    assert 2 == desk.submit(story_id)


def test_return_without_a_reason_is_refused(desk: Desk):
    """A returned draft gets its reason."""
    story_id = desk.add()
    desk.submit(story_id)
    with pytest.raises(InputError):
        return_(desk, story_id, "  ")


def test_version_decided_on_is_not_decided_again(desk: Desk):
    """One signature a step; the words say who was first."""
    story_id = desk.approved()
    with pytest.raises(Conflict) as caught:
        return_(desk, story_id)
    assert "李强" in str(caught.value)
    with pytest.raises(NotFound):
        desk.approve(story_id, 7)


def test_pending_lists_what_waits_and_the_notice_closes_with_it(desk: Desk):
    """Reviewers hear of it until it is decided."""
    story_id = desk.add()
    desk.submit(story_id)
    with desk.store.read() as tx:
        (waiting,) = review.pending(tx)
        told = [(line.role, line.code) for line in open_notices(tx)]
    assert (story_id, 1, (WEIBO, WECHAT), "王芳") == (
        waiting.story_id, waiting.number, waiting.accounts, waiting.made_by,
    )  # fmt: skip
    assert [("reviewer", "review_waits")] == told
    desk.approve(story_id)
    with desk.store.read() as tx:
        assert [] == review.pending(tx)
        assert [] == open_notices(tx)


def test_account_dropped_in_review_leaves_the_rest_to_be_signed(desk: Desk):
    """With the last account gone there is nothing to sign and the version closes."""
    story_id = desk.add()
    desk.submit(story_id)
    drop(desk, story_id, WEIBO)
    desk.approve(story_id)
    assert {WECHAT: True} == desk.signed(story_id)
    other = desk.add(TEXT.replace('三步走"', '四步走"'))
    desk.submit(other)
    drop(desk, other, WEIBO)
    drop(desk, other, WECHAT)
    assert "draft" == seen(desk, other).review


def test_every_decision_is_a_line_of_the_history(desk: Desk):
    """Who, what, which digests."""
    story_id = desk.approved()
    with desk.store.read() as tx:
        line = events.of_subject(tx, "story", story_id)[-1]
        detail = events.detail_of(line)
        digests = dict(
            tx.execute(select(posts.POST.c.account_id, posts.POST.c.content_digest)).all()
        )
    assert ("approve", "person:李强", 1) == (line.verb, line.actor, detail["number"])
    accounts = detail["accounts"]
    assert isinstance(accounts, dict)
    assert set(digests.values()) == set(accounts.values())


def test_signature_says_that_all_five_gates_are_passed(desk: Desk):
    """Approving is the reviewer's word on each of them, in the record and in the history."""
    shown = seen(desk, desk.approved())
    assert ("politics", "law", "policy", "secrecy", "wording") == shown.versions[0].gates
    detail = shown.events[-1]["detail"]
    assert isinstance(detail, dict)
    assert list(gates.ALL) == detail["gates"]
    assert "All five gates are passed." == gates.said("approve", shown.versions[0].gates)


def test_return_may_name_the_gates_that_were_failed(desk: Desk):
    story_id = desk.add()
    desk.submit(story_id)
    named = ["wording", "policy", "wording"]
    with desk.store.write() as tx:
        review.return_(
            tx, story_id, 1, reason="口径", failed=named, now=desk.now, actor=desk.reviewer
        )
    (version,) = seen(desk, story_id).versions
    assert ("return", ("policy", "wording")) == (version.decision, version.gates)
    assert "Failed: Policy, Wording" == gates.said("return", version.gates)


def test_unknown_gate_is_refused_and_nothing_is_decided(desk: Desk):
    story_id = desk.add()
    desk.submit(story_id)
    with pytest.raises(InputError) as caught, desk.store.write() as tx:
        review.return_(
            tx, story_id, 1, reason="口径", failed=["grammar"], now=desk.now, actor=desk.reviewer
        )
    assert "politics" in str(caught.value)
    assert "in_review" == seen(desk, story_id).review

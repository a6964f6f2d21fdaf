"""What a new version is compared with: what this reviewer saw last, else the one before."""

from __future__ import annotations

import json

from sqlalchemy import select, update

from scheduler.desk import reading, review
from scheduler.desk.reading import Basis
from scheduler.people import SETUP, Actor, Role, add_person
from scheduler.tables import Event, table
from tests.desk.conftest import TEXT, WECHAT, WEIBO, Desk
from tests.desk.test_story import drop

EVENT = table(Event)


def text(words: str) -> str:
    """Give the story with another Weibo text."""
    return TEXT.replace("三步走：先通风、再检测、后作业。", words)


def again(desk: Desk, story_id: int, words: str) -> None:
    """Change the Weibo text and submit."""
    desk.edit(story_id, text(words))
    desk.submit(story_id)


def return_(desk: Desk, story_id: int, number: int, actor: Actor | None = None) -> None:
    with desk.store.write() as tx:
        who = actor or desk.reviewer
        review.return_(tx, story_id, number, reason="请改", now=desk.now, actor=who)


def opened(desk: Desk, story_id: int, number: int, actor: Actor | None = None) -> None:
    with desk.store.write() as tx:
        reading.note(tx, story_id, number, now=desk.now, actor=actor or desk.reviewer)


def basis(desk: Desk, story_id: int, number: int, actor: Actor | None = None) -> Basis | None:
    digests = {name: post.content_digest for name, post in desk.posts(story_id).items()}
    with desk.store.read() as tx:
        return reading.basis(tx, story_id, number, digests, actor or desk.reviewer)


def weibo_before(found: Basis | None) -> tuple[int, bool, str]:
    assert found is not None
    before = found.accounts[WEIBO]
    return before.number, before.is_seen, before.content.text if before.content else ""


def test_first_version_has_nothing_to_compare_with(desk: Desk):
    story_id = desk.add(text("一"))
    desk.submit(story_id)
    opened(desk, story_id, 1)
    assert basis(desk, story_id, 1) is None


def test_version_opened_but_not_decided_on_counts_as_seen(desk: Desk):
    """Opened 1, never opened 2: version 3 is compared with 1."""
    story_id = desk.add(text("一"))
    desk.submit(story_id)
    opened(desk, story_id, 1)
    again(desk, story_id, "二")
    again(desk, story_id, "三")
    opened(desk, story_id, 3)
    assert (1, True, "有限空间作业一") == weibo_before(basis(desk, story_id, 3))


def test_version_decided_on_counts_as_seen(desk: Desk):
    story_id = desk.add(text("一"))
    desk.submit(story_id)
    return_(desk, story_id, 1)
    again(desk, story_id, "二")
    assert (1, True, "有限空间作业一") == weibo_before(basis(desk, story_id, 2))


def test_reviewer_who_saw_none_is_shown_the_step_from_the_last_submitted(desk: Desk):
    """What another reviewer saw does not count."""
    with desk.store.write() as tx:
        other = add_person(tx, SETUP, "赵岩", [Role.reviewer], now=desk.now)
    story_id = desk.add(text("一"))
    desk.submit(story_id)
    opened(desk, story_id, 1)
    again(desk, story_id, "二")
    return_(desk, story_id, 2)
    again(desk, story_id, "三")
    assert (2, False, "有限空间作业二") == weibo_before(basis(desk, story_id, 3, other))
    assert (2, True, "有限空间作业二") == weibo_before(basis(desk, story_id, 3))


def test_account_signed_earlier_is_compared_with_the_version_that_showed_it(desk: Desk):
    """Version 2 shows WeChat alone; version 3 changes Weibo, last shown in version 1."""
    story_id = desk.approved(text("一"))
    desk.edit(story_id, text("一").replace("打开进出口", "打开出入口"))
    desk.submit(story_id)
    desk.approve(story_id, 2)
    again(desk, story_id, "二")
    found = basis(desk, story_id, 3)
    assert (1, True, "有限空间作业一") == weibo_before(found)
    assert found is not None
    assert (2, 2) == (found.number, found.accounts[WECHAT].number)


def test_new_account_has_no_before_and_a_dropped_one_is_named(desk: Desk):
    only = text("一").replace("[weibo]", 'accounts = ["weibo-main"]\n\n[weibo]')
    story_id = desk.add(only)
    desk.submit(story_id)
    opened(desk, story_id, 1)
    desk.edit(story_id, only.replace('["weibo-main"]', '["weibo-main", "wechat-main"]'))
    drop(desk, story_id, WEIBO)
    desk.submit(story_id)
    found = basis(desk, story_id, 2)
    assert found is not None
    assert ({}, (WEIBO,)) == (found.accounts, found.dropped)


def forget_texts(desk: Desk, story_id: int) -> None:
    """Make the submissions those of a time when texts were not kept with them."""
    with desk.store.write() as tx:
        mine = (EVENT.c.subject_id == story_id, EVENT.c.verb == "submit")
        for line in tx.execute(select(EVENT).where(EVENT.c.kind == "story", *mine)).all():
            detail = json.loads(line.detail)
            del detail["said"]
            tx.execute(update(EVENT).where(EVENT.c.id == line.id).values(detail=json.dumps(detail)))


def test_version_whose_text_was_not_kept_is_new_only_where_it_differs(desk: Desk):
    """The digest says that the article is the same; of the Weibo text nothing is known."""
    story_id = desk.add(text("一"))
    desk.submit(story_id)
    return_(desk, story_id, 1)
    forget_texts(desk, story_id)
    desk.edit(story_id, text("二"))
    desk.submit(story_id)
    found = basis(desk, story_id, 2)
    assert found is not None
    assert found.accounts[WEIBO].content is None
    assert found.accounts[WECHAT].content is not None


def test_opening_is_noted_once_and_only_for_who_may_decide(desk: Desk):
    story_id = desk.add(text("一"))
    desk.submit(story_id)
    for who in (desk.author, desk.reviewer, desk.reviewer):
        opened(desk, story_id, 1, who)
    with desk.store.read() as tx:
        noted = [reading.is_noted(tx, story_id, 1, who) for who in (desk.author, desk.reviewer)]
        rows = tx.execute(select(reading.READING.c.person_id)).scalars().all()
    assert ([False, True], [desk.reviewer.id]) == (noted, rows)

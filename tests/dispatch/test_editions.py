"""Editions: what may not leave falls out, the rest goes; a no names the guilty; drafts go first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from channels.contract import Accepted, Doubt, Refused, Words
from scheduler.dispatch import drafts, editions
from scheduler.store import queue
from scheduler.store.rules import DELIVERY
from scheduler.store.why import why_not
from scheduler.tables import Delivery, Post
from tests import makers
from tests.clocks import START
from tests.makers import later

WORDS = Words("Scripted.", {})


def edit(world, post, *, signed=False):
    """Give a step of the script that edits a post while the attempt runs."""
    return lambda *_given: world.do(makers.rewrite, post, "改了一个字", signed=signed)


def said_titles(world):
    """Give the titles of each delivery that was spoken."""
    return [[content.title for content in one.contents] for one in world.channel.said]


UNFIT = {
    "edited": lambda tx, post: makers.rewrite(tx, post, "改"),
    "edited and signed again": lambda tx, post: makers.rewrite(tx, post, "改", signed=True),
    "unapproved": lambda tx, post: makers.change(tx, Post, post, approved_digest=None),
    "held by a check": lambda tx, post: makers.change(tx, Post, post, held_for="check"),
    "withdrawal open": makers.withdrawal,
    "expired": lambda tx, post: makers.change(tx, Post, post, approved_until=START),
}


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_post_falls_out_and_the_rest_goes(world, name):
    """The author is told; the post is free for another delivery."""
    made = world.queue("头条 二条 三条")
    head, second, third = world.posts(made)
    world.do(UNFIT[name], second)
    world.tick()
    assert ("published", [["头条", "三条"]]) == (world.row(made).state, said_titles(world))
    fallen = world.do(makers.get, Post, second)
    assert (None, None, None) == (fallen.delivery_id, fallen.frozen_digest, fallen.published_at)
    assert ["fell_out"] == world.do(makers.notices, "post", second)
    assert ([head, third], 1) == (
        world.posts(made),
        world.do(makers.verbs, made).count("fall_out"),
    )


def test_several_unfit_posts_fall_out_in_one_step(world):
    """The head alone is still an edition that can leave."""
    made = world.queue("头条 二条 三条")
    for post in world.posts(made)[1:]:
        world.do(makers.change, Post, post, held_for="check")
    world.tick()
    assert ([["头条"]], 1) == (said_titles(world), world.do(makers.verbs, made).count("fall_out"))


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_head_holds_the_edition_for_a_person(world, name):
    """Nobody chose the second article for the big picture."""
    made = world.queue("头条 二条 三条")
    posts = world.posts(made)
    world.do(UNFIT[name], posts[0])
    world.tick()
    row = world.row(made)
    assert ("queued", "head", "operator") == (row.state, row.held_for, row.awaits)
    assert (["head"], posts, []) == (
        world.do(makers.notices, "delivery", made),
        world.posts(made),
        world.channel.said,
    )


def test_held_edition_keeps_its_posts(world):
    """A person's hold comes first: nothing falls out of what will not go now."""
    made = world.queue("头条 二条")
    world.do(queue.hold, made, reason="leader", now=START, actor="person:1")
    world.do(makers.change, Post, world.posts(made)[1], held_for="check")
    world.tick()
    assert 2 == len(world.posts(made))


def test_post_unfit_before_its_time_may_still_be_signed(world):
    """Fall-out comes when it is due, not at the freeze."""
    made = world.queue("头条 二条", due_at=later(minutes=5))
    second = world.posts(made)[1]
    digest = world.do(makers.get, Post, second).content_digest
    world.do(makers.change, Post, second, approved_digest=None)
    world.tick()
    world.do(makers.change, Post, second, approved_digest=digest)
    world.tick(300)
    assert [["头条", "二条"]] == said_titles(world)
    assert "published" == world.row(made).state


@pytest.mark.parametrize("name", [name for name in UNFIT if "again" not in name])
def test_single_unfit_post_waits_and_says_why(world, name):
    """There is no rest that could go."""
    made = world.queue()
    [post] = world.posts(made)
    world.do(UNFIT[name], post)
    world.tick()
    row = world.row(made)
    assert ("queued", None, [post]) == (row.state, row.held_for, world.posts(made))
    assert 1 == len(world.do(why_not, row, world.clock.now()))
    world.tick(7200)
    assert "missed" == world.row(made).state


def test_single_post_edited_after_the_freeze_leaves_when_it_is_signed_again(world):
    """It falls out of nothing: it waits for the signature on what it says now, then goes."""
    made = world.queue()
    world.do(UNFIT["edited and signed again"], world.posts(made)[0])
    world.tick()
    assert "published" == world.row(made).state


# --- what changes between claim and arm ----------------------------------------------------------


@pytest.mark.parametrize("signed", [False, True])
def test_edit_during_the_uploads_falls_out_and_the_rest_goes(world, signed):
    """Released at arm, fallen out, old draft deleted, new attempt with the rest."""
    world.channel.drafts = True
    made = world.queue("头条 二条 三条")
    world.channel.prepares = [edit(world, world.posts(made)[2], signed=signed)]
    world.tick()
    assert ("queued", []) == (world.row(made).state, world.channel.said)
    first = world.row(made).edition_digest
    world.tick()
    assert ("published", [["头条", "二条"]]) == (world.row(made).state, said_titles(world))
    new = world.row(made).edition_digest
    assert ["prepare", "discard", "prepare", "speak"] == [call for call, _ in world.channel.calls]
    assert [first, first, new, new] == [digest for _, digest in world.channel.calls]
    assert 2 == world.row(made).attempt


def test_edit_of_a_single_post_during_the_uploads_stops_it(world):
    """One character, in the last second: it does not leave."""
    made = world.queue()
    world.channel.prepares = [edit(world, world.posts(made)[0])]
    world.tick()
    world.tick()
    assert ("queued", []) == (world.row(made).state, world.channel.said)


def test_pause_during_the_uploads_stops_the_speaking(world):
    """The pause ends, and the same draft leaves."""
    world.channel.drafts = True
    made = world.queue("头条 二条")
    world.channel.prepares = [lambda *_given: world.do(makers.pause, until_at=later(600))]
    world.tick()
    assert ("queued", []) == (world.row(made).state, world.channel.said)
    world.tick(600)
    assert ("published", 2) == (world.row(made).state, len(world.posts(made)))
    assert "discard" not in [call for call, _ in world.channel.calls]


def test_cancel_during_the_uploads_stops_the_attempt(world):
    """The fence: the attempt is not ours any more, its draft is cleared away."""
    world.channel.drafts = True
    made = world.queue()
    world.channel.prepares = [
        lambda *_given: world.do(queue.cancel, made, reason="过时", now=START, actor="person:1")
    ]
    world.tick()
    assert ("cancelled", []) == (world.row(made).state, world.channel.said)
    assert 1 == drafts.clear(world.ctx)
    assert ({}, "cancelled") == (world.kept(made), world.row(made).state)
    assert 0 == drafts.clear(world.ctx)


def test_same_text_reuses_its_draft(world):
    """Unreachable in the middle: the second attempt finds the draft it kept."""
    from channels.contract import Unreachable

    world.channel.drafts = True
    world.channel.before_arm = [Unreachable("dns", WORDS)]
    made = world.queue("头条 二条")
    world.tick()
    assert {"draft": "draft1"} == world.kept(made)
    world.tick(60)
    assert ("published", {}) == (world.row(made).state, world.kept(made))
    assert "discard" not in [call for call, _digest in world.channel.calls]


def test_old_draft_that_is_gone_is_a_doubt(world):
    """Somebody published or deleted it by hand: we do not speak before we know."""
    world.channel.drafts = True
    made = world.queue("头条 二条")
    world.channel.prepares = [edit(world, world.posts(made)[1])]
    world.tick()
    world.channel.discards = [lambda *_given: False]
    world.tick()
    assert ("uncertain", "draft_gone") == (world.row(made).state, world.row(made).code)
    assert [] == world.channel.said


# --- drafts of what will not go ------------------------------------------------------------------


@pytest.mark.parametrize("state", ["cancelled", "missed", "failed"])
def test_left_over_draft_is_deleted(world, state):
    """A colleague might press publish on it."""
    world.channel.drafts = True
    world.channel.before_arm = [Refused("1", WORDS)]
    made = world.queue()
    world.tick()
    world.do(makers.change, Delivery, made, state=state)
    assert 1 == drafts.clear(world.ctx)
    assert (state, {}) == (world.row(made).state, world.kept(made))


@pytest.mark.parametrize(("state", "landed"), [("cancelled", "uncertain"), ("missed", "uncertain")])
def test_left_over_draft_that_is_gone_is_a_doubt(world, state, landed):
    """Never submitted by us, and gone: perhaps it is out. A person looks."""
    world.channel.drafts = True
    world.channel.before_arm = [Refused("1", WORDS)]
    made = world.queue()
    world.tick()
    world.do(makers.change, Delivery, made, state=state)
    world.channel.discards = [lambda *_given: False]
    drafts.clear(world.ctx)
    row = world.row(made)
    assert (landed, "draft_gone", "operator") == (row.state, row.code, row.awaits)


def test_draft_that_was_submitted_and_is_gone_is_no_doubt(world):
    """The platform ate it when we spoke, and then refused."""
    world.channel.drafts = True
    world.channel.after_arm = [Refused("1", WORDS)]
    made = world.queue()
    world.tick()
    world.channel.discards = [lambda *_given: False]
    drafts.clear(world.ctx)
    assert ("failed", {}) == (world.row(made).state, world.kept(made))


def test_draft_that_cannot_be_deleted_yet_is_kept(world):
    """The next round tries again."""
    from channels.contract import Unreachable

    world.channel.drafts = True
    world.channel.before_arm = [Refused("1", WORDS)]
    made = world.queue()
    world.tick()
    world.channel.discards = [Unreachable("dns", WORDS)]
    drafts.clear(world.ctx)
    assert ("failed", ["draft"]) == (world.row(made).state, list(world.kept(made)))


# --- regrouping ----------------------------------------------------------------------------------


def test_innocent_posts_are_regrouped_once(world):
    """The platform named the third: the others get one more delivery, the guilty stays."""
    world.channel.after_arm = [
        Refused("53503", WORDS, guilty=(2,)),
        Refused("53503", WORDS, guilty=(1,)),
    ]
    made = world.queue("头条 二条 三条 四条")
    head, second, third, fourth = world.posts(made)
    world.tick()
    assert ["failed", "failed"] == world.states()
    assert [["头条", "二条", "三条", "四条"], ["头条", "二条", "四条"]] == said_titles(world)
    assert ([third], "regroup") == (world.posts(made), world.do(makers.verbs, made)[-1])
    assert [head, second, fourth] == world.posts(made + 1)
    assert (1, {True}) == (
        world.do(makers.verbs, made + 1).count("claim"),
        {world.do(makers.get, Post, post).regrouped for post in (head, second, fourth)},
    )


def test_regrouped_delivery_has_its_own_key_and_the_old_limit(world):
    """A new message to the platform, and no more time than before."""
    world.channel.after_arm = [Refused("53503", WORDS, guilty=(1,))]
    made = world.queue("头条 二条 三条", how="push", hold_account_day=True, repeatable=True)
    world.tick()
    old, new = world.row(made), world.row(made + 1)
    assert ("failed", "published", True) == (old.state, new.state, old.key != new.key)
    assert [old.late_at, "push", True, True] == [
        new.late_at,
        new.how,
        new.hold_account_day,
        new.repeatable,
    ]


@pytest.mark.parametrize(
    "refused",
    [
        Refused("53503", WORDS, guilty=(0,)),
        Refused("53503", WORDS, guilty=(0, 2)),
        Refused("53503", WORDS),
        Refused("3", WORDS, guilty=(1,), person=True),
        Refused("53503", WORDS, guilty=(0, 1, 2)),
    ],
    ids=["head", "head and another", "nobody named", "a person decides", "all"],
)
def test_edition_fails_whole_where_regrouping_is_no_answer(world, refused):
    """The head is the edition; a person's no is not ours to work around."""
    world.channel.after_arm = [refused]
    made = world.queue("头条 二条 三条")
    world.tick()
    assert ["failed"] == world.states()
    assert 3 == len(world.posts(made))
    assert ["failed"] == world.do(makers.notices, "delivery", made)


def test_single_post_that_is_guilty_just_fails(world):
    """There is nobody to regroup."""
    world.channel.after_arm = [Refused("53503", WORDS, guilty=(0,))]
    world.queue()
    world.tick()
    assert ["failed"] == world.states()


def test_job_that_is_refused_later_is_regrouped_too(world):
    """The platform's review named the guilty after it had taken the job."""
    world.channel.after_arm = [lambda *_given: Accepted("job")]
    world.channel.sees = [Refused("2", WORDS, guilty=(1,))]
    world.queue("头条 二条 三条")
    world.tick()
    assert ["accepted"] == world.states()
    world.tick(30)
    assert ["failed", "queued"] == world.states()
    world.tick()
    assert [["头条", "二条", "三条"], ["头条", "三条"]] == said_titles(world)


def test_refused_repeat_is_not_regrouped(world):
    """The first try is still in doubt: its posts must not go into another delivery."""
    world.channel.after_arm = [Doubt("timeout", WORDS), Refused("53503", WORDS, guilty=(1,))]
    world.queue("头条 二条 三条", repeatable=True)
    world.tick()
    world.tick(90)
    assert 2 == len(world.channel.said)
    assert ["uncertain"] == world.states()


def test_freeze_comes_ten_minutes_before_and_once(world):
    """Members, order and text are fixed from then on."""
    made = world.queue("头条 二条", due_at=later(hours=1))
    world.clock.advance(49 * 60)
    assert 0 == editions.freeze_due(world.ctx)
    world.clock.advance(60)
    assert [1, 0] == [editions.freeze_due(world.ctx) for _ in range(2)]
    assert later(minutes=50) == world.row(made).frozen_at
    frozen = select(DELIVERY.c.id).where(DELIVERY.c.frozen_at.is_not(None))
    assert [made] == world.do(lambda tx: list(tx.execute(frozen).scalars()))

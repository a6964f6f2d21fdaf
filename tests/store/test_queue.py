"""What people do with the queue: joining, freezing, moving, holding, requeueing, resolving."""

from __future__ import annotations

import pytest

from scheduler.errors import Conflict, InputError
from scheduler.store import flight as flights
from scheduler.store import queue
from scheduler.store.moves import read
from scheduler.tables import Delivery, Post
from tests import makers
from tests.clocks import START
from tests.makers import later

MOMENT = {"now": START, "actor": "person:1"}
AGAIN = {"due_at": later(hours=3), "late_at": later(hours=5)}


@pytest.fixture
def account(store):
    """Give an account that was made and committed."""
    with store.write() as tx:
        return makers.account(tx)


def test_added_delivery_waits_with_its_posts_in_order(store, account):
    """The order of the list is the order of the articles."""
    with store.write() as tx:
        posts = [makers.post(tx, account, text) for text in ("一", "二", "三")]
        made = makers.delivery(tx, account, posts[::-1], due_at=later(hours=1))
        row = read(tx, made)
        assert posts[::-1] == makers.members(tx, made)
        assert ("queued", later(hours=1), 0, None) == (
            row.state,
            row.next_at,
            row.attempt,
            row.frozen_at,
        )
        assert 26 == len(row.key)


def test_delivery_without_posts_is_refused(store, account):
    """A delivery is what is said; nothing cannot be said."""
    with pytest.raises(InputError), store.write() as tx:
        makers.delivery(tx, account, [])


@pytest.mark.parametrize(
    "hindrance", ["published", "dropped", "other account", "unknown", "twice in the list"]
)
def test_post_that_may_not_join_undoes_the_whole_delivery(store, account, hindrance):
    """One post that cannot be queued, and nothing was queued."""
    with store.write() as tx:
        good, bad = makers.post(tx, account, "好"), makers.post(tx, account, "坏")
        match hindrance:
            case "published":
                makers.change(tx, Post, bad, published_at=START)
            case "dropped":
                makers.change(tx, Post, bad, dropped_at=START)
            case "other account":
                makers.change(tx, Post, bad, account_id=makers.account(tx, "other"))
            case "unknown":
                bad = 999
            case _:
                bad = good
    with pytest.raises(Conflict), store.write() as tx:
        makers.delivery(tx, account, [good, bad])
    with store.read() as tx:
        assert 0 == makers.count(tx, Delivery)
        assert makers.get(tx, Post, good).delivery_id is None


@pytest.mark.parametrize("state", ["queued", "publishing", "accepted", "uncertain", "published"])
def test_post_of_a_living_delivery_is_refused(store, account, state):
    """A post belongs to one delivery until that one is certainly not out."""
    with store.write() as tx:
        posts = makers.members(tx, makers.in_state(tx, account, state))
    with pytest.raises(Conflict), store.write() as tx:
        makers.delivery(tx, account, posts)


@pytest.mark.parametrize("state", ["failed", "missed", "cancelled"])
def test_post_of_a_dead_delivery_joins_a_new_one(store, account, state):
    """What is certainly not out may be queued again."""
    with store.write() as tx:
        old = makers.in_state(tx, account, state)
        posts = makers.members(tx, old)
        new = makers.delivery(tx, account, posts)
        assert ([], posts) == (makers.members(tx, old), makers.members(tx, new))


@pytest.mark.parametrize(("minutes", "frozen"), [(-5, True), (0, True), (10, True), (10.1, False)])
def test_delivery_is_frozen_at_once_when_its_time_is_near(store, account, minutes, frozen):
    """Ten minutes before its time members, order and text are fixed."""
    with store.write() as tx:
        made = makers.delivery(tx, account, due_at=later(minutes=minutes))
        post = makers.get(tx, Post, makers.members(tx, made)[0])
        digest = post.content_digest if frozen else None
        assert (frozen, digest) == (read(tx, made).frozen_at is not None, post.frozen_digest)
        assert ["add", "freeze"][: 1 + frozen] == makers.verbs(tx, made)


def test_far_delivery_is_frozen_when_its_ten_minutes_come(store, account):
    """The tick asks which are due to be frozen, and asks once."""
    with store.write() as tx:
        made = makers.delivery(tx, account, due_at=later(hours=1))
        assert [] == queue.to_freeze(tx, later(minutes=49))
        [row] = queue.to_freeze(tx, later(minutes=50))
        assert queue.freeze(tx, row, now=later(minutes=50), actor="node:a")
        assert ([], made) == (queue.to_freeze(tx, later(minutes=50)), row.id)


def test_queued_delivery_gets_another_time(store, account):
    """Before the freeze a person moves it as they like."""
    with store.write() as tx:
        made = makers.delivery(tx, account, due_at=later(hours=1))
        queue.reschedule(tx, made, **AGAIN, **MOMENT)
        row = read(tx, made)
        assert tuple(AGAIN.values()) == (row.due_at, row.late_at)
        assert (later(hours=3), None) == (row.next_at, row.frozen_at)


def test_moving_near_freezes_at_once(store, account):
    """A new time within ten minutes is the last word on members and order."""
    with store.write() as tx:
        made = makers.delivery(tx, account, due_at=later(hours=1))
        queue.reschedule(tx, made, due_at=START, late_at=later(hours=2), **MOMENT)
        assert START == read(tx, made).frozen_at


def test_frozen_delivery_is_not_moved(store, account):
    """Whoever took the last look saw this time."""
    with store.write() as tx:
        made = makers.delivery(tx, account)
    with pytest.raises(Conflict), store.write() as tx:
        queue.reschedule(tx, made, **AGAIN, **MOMENT)
    with store.read() as tx:
        assert START == read(tx, made).due_at


@pytest.mark.parametrize("state", ["publishing", "published", "failed", "uncertain"])
def test_delivery_that_is_not_queued_is_not_moved(store, account, state):
    """A person hears a sentence they can act on, not a bug."""
    with store.write() as tx:
        made = makers.in_state(tx, account, state)
    with pytest.raises(Conflict), store.write() as tx:
        queue.reschedule(tx, made, **AGAIN, **MOMENT)


def test_held_delivery_says_why_and_goes_on_when_released(store, account):
    """A hold has a reason, and its end takes the reason off."""
    with store.write() as tx:
        made = makers.delivery(tx, account)
        assert "queued" == queue.hold(tx, made, reason="leader", **MOMENT)
        assert "leader" == read(tx, made).held_for
        queue.unhold(tx, made, **MOMENT)
        assert read(tx, made).held_for is None
    with pytest.raises(Conflict), store.write() as tx:
        queue.unhold(tx, made, **MOMENT)


def test_released_delivery_does_not_show_its_old_reason(store, account):
    """`code` says why it stands here; after the release nothing holds it."""
    with store.write() as tx:
        made = makers.delivery(tx, account)
        queue.hold(tx, made, reason="leader", **MOMENT)
        queue.unhold(tx, made, **MOMENT)
        assert "" == read(tx, made).code


def test_delivery_held_while_it_is_prepared_leaves_after_its_release(store, account):
    """Held in the middle of the uploads, it comes back with an alarm and goes when let go."""
    with store.write() as tx:
        made = makers.delivery(tx, account)
        assert flights.claim(tx, now=START, node="a", lease_s=60)
        assert "queued" == queue.hold(tx, made, reason="leader", **MOMENT)
        queue.unhold(tx, made, **MOMENT)
        assert flights.claim(tx, now=later(1), node="a", lease_s=60)


@pytest.mark.parametrize("state", ["accepted", "published", "failed", "uncertain", "missed"])
def test_delivery_out_of_our_hands_is_not_held(store, account, state):
    """There is nothing left to hold."""
    with store.write() as tx:
        made = makers.in_state(tx, account, state)
    with pytest.raises(Conflict), store.write() as tx:
        queue.hold(tx, made, reason="leader", **MOMENT)


@pytest.mark.parametrize(
    ("state", "values", "landed"),
    [
        ("queued", {}, "cancelled"),
        ("publishing", {}, "cancelled"),
        ("publishing", {"doubted_at": START}, "uncertain"),
        ("accepted", {}, "cancelled"),
        ("accepted", {"doubted_at": START}, "uncertain"),
    ],
)
def test_cancelled_delivery_lands_where_it_is_true(store, account, state, values, landed):
    """Certainly not out, unless a doubt says otherwise."""
    with store.write() as tx:
        made = makers.in_state(tx, account, state, **values)
        assert landed == queue.cancel(tx, made, reason="过时", **MOMENT)
        assert landed == makers.state(tx, made)


@pytest.mark.parametrize(
    ("state", "values"),
    [
        ("publishing", {"armed_at": START}),
        ("accepted", {"accepted_by": "platform"}),
        ("published", {}),
        ("uncertain", {}),
        ("cancelled", {}),
    ],
)
def test_delivery_that_may_be_out_is_not_cancelled(store, account, state, values):
    """What may have been said cannot be unsaid by a word in our database."""
    with store.write() as tx:
        made = makers.in_state(tx, account, state, **values)
    with pytest.raises(Conflict), store.write() as tx:
        queue.cancel(tx, made, reason="过时", **MOMENT)

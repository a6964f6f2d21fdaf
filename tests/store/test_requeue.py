"""Sending again and ending doubts: what a person says goes into the record."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from scheduler.errors import Conflict, InputError, NotFound
from scheduler.machine import State, Verb
from scheduler.store import queue, settle
from scheduler.store.moves import move, read
from scheduler.store.queue import renewed
from scheduler.tables import Delivery, Kept, Post
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


@pytest.mark.parametrize("state", ["failed", "missed", "cancelled"])
def test_single_post_keeps_its_row_with_a_new_key(store, account, state):
    """Its history stays in one place; the platform sees a new message."""
    with store.write() as tx:
        made = makers.in_state(
            tx, account, state, attempt=3, failures=2, first_armed_at=START, settled_at=START
        )
        old = read(tx, made)
        assert made == queue.requeue(tx, made, **AGAIN, **MOMENT)
        row = read(tx, made)
        assert old.key != row.key
        assert ("queued", 3, 0, None, None) == (
            row.state,
            row.attempt,
            row.failures,
            row.first_armed_at,
            row.settled_at,
        )
        assert (AGAIN["due_at"], AGAIN["due_at"]) == (row.due_at, row.next_at)


def test_editions_posts_go_into_a_new_delivery(store, account):
    """The old one keeps its history and loses its posts."""
    with store.write() as tx:
        old = makers.edition(tx, account, due_at=later(hours=1))
        posts = makers.members(tx, old)
        queue.cancel(tx, old, reason="过时", **MOMENT)
        new = queue.requeue(tx, old, **AGAIN, **MOMENT)
        assert (True, posts, []) == (old != new, makers.members(tx, new), makers.members(tx, old))
        assert ("cancelled", "queued") == (makers.state(tx, old), makers.state(tx, new))
        assert read(tx, old).key != read(tx, new).key


def test_requeued_edition_leaves_out_what_is_published(store, account):
    """A post once published never gets another delivery."""
    with store.write() as tx:
        old = makers.edition(tx, account, due_at=later(hours=1))
        posts = makers.members(tx, old)
        makers.change(tx, Post, posts[1], published_at=START)
        queue.cancel(tx, old, reason="过时", **MOMENT)
        new = queue.requeue(tx, old, **AGAIN, **MOMENT)
        assert [posts[0], posts[2]] == makers.members(tx, new)


@pytest.mark.parametrize("state", ["queued", "publishing", "accepted", "uncertain", "published"])
@pytest.mark.parametrize("texts", ["一", "一 二"])
def test_living_delivery_is_not_requeued(store, account, state, texts):
    """It must be certainly not out before it may be sent again."""
    with store.write() as tx:
        made = makers.edition(tx, account, texts, due_at=later(hours=1))
        values = {"lease_until": START} if state == "publishing" else {}
        values |= {"accepted_by": "person"} if state == "accepted" else {}
        values |= {"doubted_at": START} if state == "uncertain" else {}
        makers.change(tx, Delivery, made, state=state, **values)
    with pytest.raises(Conflict), store.write() as tx:
        queue.requeue(tx, made, **AGAIN, **MOMENT)


def test_delivery_without_posts_left_is_not_requeued(store, account):
    """Its posts went elsewhere."""
    with store.write() as tx:
        old = makers.in_state(tx, account, "failed")
        makers.delivery(tx, account, makers.members(tx, old))
    with pytest.raises(Conflict), store.write() as tx:
        queue.requeue(tx, old, **AGAIN, **MOMENT)


@pytest.mark.parametrize("state", ["uncertain", "accepted"])
@pytest.mark.parametrize("target", [State.published, State.failed])
def test_resolved_doubt_is_off(store, account, state, target):
    """A person looked and says what is true."""
    with store.write() as tx:
        made = makers.in_state(
            tx, account, state, doubted_at=START, holds_account_until=later(hours=1)
        )
        queue.resolve(tx, made, target, reason="账号首页已见", **MOMENT)
        row = read(tx, made)
        assert (target.value, None, None) == (row.state, row.doubted_at, row.holds_account_until)
        assert (None, "", START) == (row.next_at, row.awaits, row.settled_at)


def test_resolved_to_send_it_is_a_new_message(store, account):
    """New key, new time, no doubt, nothing kept of the old attempt."""
    with store.write() as tx:
        made = makers.in_state(tx, account, "uncertain", first_armed_at=START, looks=4, attempt=1)
        makers.put(
            tx,
            Kept,
            delivery_id=made,
            name="job",
            value="7",
            edition_digest="",
            attempt=1,
            kept_at=START,
        )
        key = read(tx, made).key
        values = renewed(START, **AGAIN)
        queue.resolve(tx, made, State.queued, reason="后台没有", values=values, **MOMENT)
        row = read(tx, made)
        assert ("queued", None, None, 0) == (
            row.state,
            row.doubted_at,
            row.first_armed_at,
            row.looks,
        )
        assert (AGAIN["due_at"], True) == (row.next_at, key != row.key)
        assert 0 == makers.count(tx, Kept)


def test_resolved_to_send_it_needs_a_new_time_and_key(store, account):
    """Without them the old key would go out again, or the row would have no alarm."""
    with store.write() as tx:
        made = makers.in_state(tx, account, "uncertain", first_armed_at=START, next_at=None)
        key = read(tx, made).key
        with suppress(InputError, AssertionError):
            queue.resolve(tx, made, State.queued, reason="后台没有", **MOMENT)
        row = read(tx, made)
        assert row.state == "uncertain" or (row.next_at and row.key != key)


def test_resolved_near_its_new_time_is_frozen_again(store, account):
    """What it says at the freeze is remembered anew."""
    with store.write() as tx:
        made = makers.in_state(tx, account, "uncertain", first_armed_at=START)
        values = renewed(START, START, later(hours=2))
        queue.resolve(tx, made, State.queued, reason="后台没有", values=values, **MOMENT)
        assert START == read(tx, made).frozen_at


@pytest.mark.parametrize("reason", ["", "  "])
def test_doubt_is_not_resolved_without_a_reason(store, account, reason):
    """The record must say how the person knows."""
    with store.write() as tx:
        made = makers.in_state(tx, account, "uncertain")
    with pytest.raises(InputError), store.write() as tx:
        queue.resolve(tx, made, State.published, reason=reason, **MOMENT)


@pytest.mark.parametrize(
    ("state", "values"), [("accepted", {"accepted_by": "platform"}), ("queued", {}), ("failed", {})]
)
def test_only_doubts_and_packs_are_resolved(store, account, state, values):
    """A running platform job is not ended by a word."""
    with store.write() as tx:
        made = makers.in_state(tx, account, state, **values)
    with pytest.raises(Conflict), store.write() as tx:
        queue.resolve(tx, made, State.failed, reason="看过", **MOMENT)


def test_unknown_delivery_is_not_found(store):
    """A mistyped number gets a sentence."""
    with pytest.raises(NotFound), store.read() as tx:
        read(tx, 7)


def test_missed_packs_and_queued_are_what_is_too_late(store, account):
    """A platform's job is past recall, so lateness does not end it."""
    with store.write() as tx:
        late = {"late_at": later(hours=1)}
        queued = makers.in_state(tx, account, "queued", **late)
        pack = makers.in_state(tx, account, "accepted", **late)
        makers.in_state(tx, account, "accepted", accepted_by="platform", **late)
        makers.in_state(tx, account, "uncertain", **late)
        assert [] == settle.too_late(tx, now=later(hours=1) - timedelta(microseconds=1))
        rows = settle.too_late(tx, now=later(hours=1))
        assert {queued, pack} == {row.id for row in rows}
        for row in rows:
            assert "missed" == move(tx, row, Verb.miss, now=later(hours=1), actor="node:a")
        assert ["missed"] == makers.notices(tx, "delivery", queued)

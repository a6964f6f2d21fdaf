"""What nobody settled, our own count of calls, and the dispatcher around it all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels.contract import (
    Doubt,
    Receipt,
    Window,
    Words,
)
from scheduler.clock import beijing
from scheduler.dispatch import attempt, rescue
from scheduler.dispatch.dispatcher import Dispatcher
from scheduler.dispatch.line import LookLine, calls_left
from scheduler.store import accounts
from scheduler.store import flight as flights
from scheduler.tables import Account, Delivery
from tests import makers
from tests.clocks import START
from tests.dispatch.conftest import LIMITS
from tests.makers import later

WORDS = Words("Scripted.", {})
DAY = beijing(START).date()


def doubtful(world, **order):
    """Give an uncertain delivery, doubted at the start."""
    world.channel.after_arm = [Doubt("timeout", WORDS)]
    made = world.queue(**order)
    world.tick()
    assert "uncertain" == world.row(made).state
    return made


@pytest.mark.parametrize(("armed", "state"), [(False, "queued"), (True, "uncertain")])
@pytest.mark.parametrize("own", [False, True])
def test_claim_nobody_finishes_is_settled_by_what_is_certain(world, armed, state, own):
    """Unarmed: not said, again at once. Armed: perhaps said, looked for."""
    made = world.queue()
    flight = attempt.claim(world.ctx)
    if armed:
        assert world.do(flights.arm, flight, now=START)
    assert 0 == rescue.reap(world.ctx)
    if own:
        Dispatcher(world.ctx, 1).start()
    else:
        world.clock.advance(world.ctx.policy.prepare_s + world.ctx.policy.speak_s)
        assert 1 == rescue.reap(world.ctx)
    row = world.row(made)
    assert (state, "lapsed", 60 if armed else 0) == (row.state, row.code, world.alarm_s(made))


def test_restart_of_another_node_leaves_our_claims(world):
    """Only the lease speaks for somebody else's claim."""
    made = world.queue()
    attempt.claim(world.ctx)
    assert 0 == rescue.reap(replace(world.ctx, node="b"), own=True)
    assert "publishing" == world.row(made).state


def test_delivery_due_during_a_long_stop_is_missed(world):
    """It is never sent late by itself."""
    made = world.queue(due_at=later(hours=1), late_at=later(hours=3))
    world.tick(48 * 3600)
    assert ("missed", []) == (world.row(made).state, world.channel.said)
    assert ["missed"] == world.do(makers.notices, "delivery", made)


def test_held_and_paused_time_counts(world):
    """A held delivery is missed like any other."""
    made = world.queue()
    world.do(makers.pause)
    world.do(makers.change, Delivery, made, held_for="leader")
    world.tick(7199)
    assert "queued" == world.row(made).state
    world.tick(1)
    assert "missed" == world.row(made).state


# --- our own count of calls -----------------------------------------------------------------------


def calling(times=1, name="draft/add"):
    """Give a step that makes counted calls."""

    def step(_delivery, line):
        for _ in range(times):
            line.spend(name)

    return step


def test_calls_are_counted_per_account_and_day(world):
    """A call of one name also counts for the limit of all."""
    world.channel.now_limits = replace(
        LIMITS, quotas={"*": Window(10, "day"), "draft/add": Window(4, "day")}
    )
    world.channel.prepares = [calling(3)]
    world.queue()
    world.tick()
    left = [
        calls_left(world.ctx, world.account, world.channel.limits, name, world.clock.now())
        for name in ("draft/add", "draft/get")
    ]
    assert [1, 7] == left
    assert 3 == world.do(accounts.spent, world.account, DAY, "draft/add")
    world.clock.advance(7 * 3600)
    assert 10 == calls_left(
        world.ctx, world.account, world.channel.limits, "draft/get", world.clock.now()
    )


def test_used_up_quota_rests_the_account_till_after_midnight(world):
    """Nothing is sent to be refused; it goes on five minutes into the new day."""
    world.channel.now_limits = replace(LIMITS, quotas={"draft/add": Window(2, "day")})
    world.channel.prepares = [calling(3), calling(1)]
    made = world.queue(late_at=later(hours=20))
    world.tick()
    row = world.row(made)
    assert ("queued", "own_quota") == (row.state, row.code)
    assert later(hours=7, minutes=5) == row.next_at
    assert row.next_at == world.do(makers.get, Account, world.account).rests_until
    assert 2 == world.do(accounts.spent, world.account, DAY)
    world.tick(7 * 3600 + 300)
    assert "published" == world.row(made).state


def test_looks_leave_the_reserve_to_publishing(world):
    """The last calls of the day belong to what has to leave."""
    world.channel.now_limits = replace(LIMITS, quotas={"*": Window(4, "day")}, reserve_calls=2)
    made = doubtful(world)
    world.channel.sees = [calling(2, "get"), calling(1, "get")]
    world.tick(60)
    assert 2 == world.do(accounts.spent, world.account, DAY)
    world.tick(120)
    assert (2, "own_quota") == (
        world.do(accounts.spent, world.account, DAY),
        world.row(made).code,
    )
    assert world.do(makers.get, Account, world.account).rests_until is None
    world.channel.prepares = [calling(2)]
    second = world.queue("二条")
    world.tick()
    assert ("published", 4) == (
        world.row(second).state,
        world.do(accounts.spent, world.account, DAY),
    )


def test_monthly_quota_counts_the_month(world):
    """Yesterday's calls are part of this month."""
    limits = replace(LIMITS, quotas={"sendall": Window(4, "month")})
    yesterday = beijing(later(hours=-24)).date()
    for _ in range(3):
        world.do(accounts.spend, world.account, yesterday, "sendall")
    assert 1 == calls_left(world.ctx, world.account, limits, "sendall", START)


def test_publishing_may_use_the_reserve_for_its_old_draft(world):
    """Deleting the old draft is part of publishing the new one."""
    world.channel.now_limits = replace(LIMITS, quotas={"*": Window(2, "day")}, reserve_calls=2)
    world.channel.drafts = True
    made = world.queue("头条 二条")
    world.channel.prepares = [
        lambda *_given: world.do(makers.rewrite, world.posts(made)[1], "改"),
    ]
    world.channel.discards = [calling(1, "draft/delete")]
    world.tick()
    world.tick()
    assert "published" == world.row(made).state


def test_look_neither_keeps_nor_arms(world):
    """A look makes nothing at the platform; it may only forget."""
    made = world.queue()
    line = LookLine(world.ctx, world.account, LIMITS, made, world.row(made).edition_digest)
    with pytest.raises(AssertionError):
        line.keep("draft", "1")
    with pytest.raises(AssertionError):
        line.arm()
    flight = attempt.claim(world.ctx)
    world.do(flights.keep, flight, "draft", "1", now=START)
    seen = LookLine(world.ctx, world.account, LIMITS, made, flight.edition_digest)
    assert ("1", None) == (seen.kept("draft"), line.kept("draft"))
    seen.keep("draft", "")
    assert seen.kept("draft") is None


# --- the dispatcher -------------------------------------------------------------------------------


def test_dispatcher_carries_out_what_is_due_and_names_the_next_alarm(world):
    """One tick: what is due leaves, the next wake-up is told."""
    made, second = world.queue("一"), world.queue("二", due_at=later(hours=1))
    dispatcher = Dispatcher(world.ctx, 2)
    assert later(hours=1) == dispatcher.tick()
    assert dispatcher.drain(30)
    assert ["published", "queued"] == [world.row(at).state for at in (made, second)]


def test_dispatcher_claims_no_more_than_it_can_start(world):
    """A claimed row that waits for a thread would waste its lease."""
    import threading

    go = threading.Event()
    world.channel.prepares = [lambda *_given: go.wait(30)] * 3
    for name in "abc":
        world.do(makers.edition, world.do(makers.account, name), name)
    dispatcher = Dispatcher(world.ctx, 2)
    dispatcher.tick()
    assert (["publishing", "publishing", "queued"], 0) == (world.states(), dispatcher.idle())
    assert not dispatcher.drain(0)
    go.set()
    dispatcher._pool.shutdown(wait=True)
    assert ["published", "published", "queued"] == world.states()


def test_stopping_dispatcher_starts_nothing_new(world):
    """An orderly stop ends what runs and leaves the rest queued."""
    dispatcher = Dispatcher(world.ctx, 2)
    assert dispatcher.drain(1)
    made = world.queue()
    dispatcher.tick()
    assert ("queued", []) == (world.row(made).state, world.channel.said)


def test_stopping_dispatcher_makes_no_looks(world):
    """A tick that comes after the stop does no harm."""
    doubtful(world)
    dispatcher = Dispatcher(world.ctx, 2)
    assert dispatcher.drain(1)
    world.clock.advance(60)
    dispatcher.tick()
    assert [] == world.channel.looked


def test_receipt_without_proofs_is_still_a_receipt(world):
    """The platform said it is out but named no ids."""
    world.channel.after_arm = [lambda *_given: Receipt(())]
    made = world.queue("一 二")
    world.tick()
    assert "published" == world.row(made).state

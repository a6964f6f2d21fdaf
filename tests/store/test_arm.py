"""Arm: the last moment at which the truth is asked, durable before the request leaves."""

from __future__ import annotations

import pytest

from scheduler.store import flight as flights
from scheduler.store import open_store, queue
from scheduler.store.moves import read
from scheduler.tables import Account, Delivery, Event, Post
from tests import makers
from tests.clocks import START
from tests.makers import change, later


class Flying:
    """A claimed edition of three posts, everything in order."""

    def __init__(self, tx):
        self.tx = tx
        self.account = makers.account(tx)
        self.delivery = makers.edition(tx, self.account)
        self.posts = makers.members(tx, self.delivery)
        self.flight = flights.claim(tx, now=START, node="a", lease_s=60)


def arm(tx, flight, at=1, **rest):
    """Arm a second after the claim."""
    return flights.arm(tx, flight, now=later(at), **rest)


def of_post(**values):
    """Change the last article."""
    return lambda case: change(case.tx, Post, case.posts[2], **values)


def of_delivery(**values):
    """Change the delivery past the machine."""
    return lambda case: change(case.tx, Delivery, case.delivery, **values)


def swapped(case):
    """Change the order of two articles."""
    change(case.tx, Post, case.posts[1], position=2)
    change(case.tx, Post, case.posts[2], position=1)


def joined(case):
    """Slip a fourth article in."""
    makers.post(case.tx, case.account, "四条", delivery_id=case.delivery, position=3)


def reclaimed(case):
    """Let the lease lapse and another node claim it."""
    change(case.tx, Delivery, case.delivery, state="queued", lease_until=None, next_at=START)
    assert flights.claim(case.tx, now=START, node="b", lease_s=60)


BETWEEN = {
    "edited": lambda case: makers.rewrite(case.tx, case.posts[2], "改了一个字"),
    "edited and signed again": lambda case: makers.rewrite(
        case.tx, case.posts[2], "改了一个字", signed=True
    ),
    "signature withdrawn": of_post(approved_digest=None),
    "signature expired": of_post(approved_until=later(1)),
    "held by a check": of_post(held_for="check"),
    "out already": of_post(published_at=START),
    "withdrawal asked": lambda case: makers.withdrawal(case.tx, case.posts[0]),
    "account paused": lambda case: makers.pause(case.tx, case.account),
    "all paused": lambda case: makers.pause(case.tx),
    "held by a person": of_delivery(held_for="leader"),
    "fell out": of_post(delivery_id=None),
    "joined by another": joined,
    "order changed": swapped,
    "cancelled": lambda case: queue.cancel(
        case.tx, case.delivery, reason="过时", now=START, actor="person:1"
    ),
    "held through the queue": lambda case: queue.hold(
        case.tx, case.delivery, reason="leader", now=START, actor="person:1"
    ),
    "lease over": of_delivery(lease_until=later(1)),
    "claimed by another node": reclaimed,
    "armed already": of_delivery(armed_at=START),
}
HARMLESS = {
    "nothing": lambda _case: None,
    "lease nearly over": of_delivery(lease_until=later(2)),
    "another account paused": lambda case: makers.pause(case.tx, makers.account(case.tx, "b")),
    "pause begins later": lambda case: makers.pause(case.tx, from_at=later(2)),
    "signed again as it was": lambda case: makers.rewrite(
        case.tx, case.posts[2], "三条", signed=True
    ),
    "late meanwhile": of_delivery(late_at=START),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_change_between_claim_and_arm_stops_the_speaking(store, name):
    """What became untrue since the claim is not said."""
    with store.write() as tx:
        case = Flying(tx)
        BETWEEN[name](case)
        assert not arm(tx, case.flight)
        assert "arm" not in makers.verbs(tx, case.delivery)
        assert read(tx, case.delivery).first_armed_at is None
        assert makers.get(tx, Account, case.account).speaks_from is None


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_not_matter_stops_nothing(store, name):
    """The guards refuse no more than they must."""
    with store.write() as tx:
        case = Flying(tx)
        HARMLESS[name](case)
        assert arm(tx, case.flight)


def test_armed_delivery_keeps_the_moment_and_starts_the_gap(store):
    """First arm of this key, gap of the account, one event with what is said."""
    with store.write() as tx:
        case = Flying(tx)
        assert arm(tx, case.flight, gap_s=30)
        row = read(tx, case.delivery)
        assert (later(1), later(1)) == (row.armed_at, row.first_armed_at)
        assert later(31) == makers.get(tx, Account, case.account).speaks_from
        assert 1 == makers.verbs(tx, case.delivery).count("arm")
        assert not arm(tx, case.flight, at=2)


def test_second_attempt_keeps_the_first_arm(store):
    """The platform counts its hours from the first time it heard the key."""
    with store.write() as tx:
        case = Flying(tx)
        change(tx, Delivery, case.delivery, first_armed_at=later(-300))
        assert arm(tx, case.flight)
        assert later(-300) == read(tx, case.delivery).first_armed_at


def test_armed_is_committed_when_the_block_ends(store, database_url):
    """Another connection, as after a crash, sees it before any request could leave."""
    with store.write() as tx:
        case = Flying(tx)
    with store.write() as tx:
        assert arm(tx, case.flight)
    again = open_store(database_url)
    with again.read() as tx:
        assert later(1) == read(tx, case.delivery).armed_at
    again.close()


def test_arm_that_is_rolled_back_armed_nothing(store):
    """A commit that failed means: do not speak."""

    def broken():
        with store.write() as tx:
            assert arm(tx, case.flight, gap_s=30)
            raise RuntimeError

    with store.write() as tx:
        case = Flying(tx)
    with pytest.raises(RuntimeError):
        broken()
    with store.read() as tx:
        assert read(tx, case.delivery).armed_at is None
        assert makers.get(tx, Account, case.account).speaks_from is None
        assert 3 == makers.count(tx, Event)

"""Claim: each guard alone keeps a delivery back, and its opposite lets it go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from scheduler.content import edition_digest
from scheduler.store import flight as flights
from scheduler.store import queue
from scheduler.store.moves import read
from scheduler.store.rules import DELIVERY, RULES, leave_guards_without, may_leave
from scheduler.store.why import RETIRED, why_not
from scheduler.tables import Account, Delivery, Event, Pause, Post, Withdrawal
from tests import makers
from tests.clocks import START
from tests.makers import change, later

TICK = timedelta(microseconds=1)
MIDNIGHT = later(hours=-17)  # the start of START's Beijing day
MONTH = later(hours=-17) - timedelta(days=26)


class Case:
    """One account with one due delivery of one approved post, everything in order."""

    def __init__(self, tx):
        self.tx = tx
        self.account = makers.account(tx)
        self.delivery = makers.delivery(tx, self.account)
        [self.post] = makers.members(tx, self.delivery)

    def own(self, **values):
        """Change the delivery."""
        change(self.tx, Delivery, self.delivery, **values)

    def other(self, state="queued", **values):
        """Give the account another delivery that is not due."""
        post = makers.post(self.tx, self.account, "别的")
        made = makers.delivery(self.tx, self.account, [post], due_at=later(hours=1))
        change(self.tx, Delivery, made, state=state, **values)

    def armed(self, at):
        """Write down that the account spoke."""
        told = {"kind": "delivery", "subject_id": 99, "verb": "arm", "actor": "node:b"}
        makers.put(self.tx, Event, at=at, account_id=self.account, **told)


def of_post(**values):
    """Change the post."""
    return lambda case: change(case.tx, Post, case.post, **values)


def of_delivery(**values):
    """Change the delivery."""
    return lambda case: case.own(**values)


def of_account(**values):
    """Change the account."""
    return lambda case: change(case.tx, Account, case.account, **values)


def paused(everywhere=False, **values):
    """Pause the case's account, or all."""
    return lambda case: makers.pause(case.tx, None if everywhere else case.account, **values)


def elsewhere(**values):
    """Pause another account."""
    return lambda case: makers.pause(case.tx, makers.account(case.tx, "other"), **values)


def withdrawn(**values):
    """Ask to take the post back."""
    return lambda case: makers.withdrawal(case.tx, case.post, **values)


def beside(state="queued", **values):
    """Put another delivery of the account beside it."""
    return lambda case: case.other(state, **values)


def spoken(*at, **cap):
    """Cap the account, and let it have spoken."""

    def act(case):
        change(case.tx, Account, case.account, **cap)
        for moment in at:
            case.armed(moment)

    return act


def pushed(at, state="published", *, how="push", cap=1, per="day", **values):
    """Make the delivery a push, with an allowance and another push before it."""

    def act(case):
        change(case.tx, Account, case.account, pushes_max=cap, pushes_per=per)
        case.own(how="push")
        case.other(state, how=how, first_armed_at=at, **values)

    return act


def edited(signed):
    """Change the text after the approval; sign it again or not."""
    return lambda case: makers.rewrite(case.tx, case.post, "另一个字", signed=signed)


FLYING = {"lease_until": later(minutes=5)}
HOUR = {"speaks_max": 2, "speaks_per": "hour"}
DAY = {"speaks_max": 1, "speaks_per": "day"}

# name: (what keeps it back, its nearest opposite that does not)
GUARDS = {
    "not due": (of_delivery(next_at=START + TICK), of_delivery(next_at=START)),
    "no alarm": (of_delivery(next_at=None), of_delivery(next_at=later(-1))),
    "not frozen": (of_delivery(frozen_at=None), of_delivery(frozen_at=START)),
    "held delivery": (of_delivery(held_for="leader"), of_delivery(held_for=None)),
    "held post": (of_post(held_for="check"), of_post(held_for=None)),
    "unapproved": (of_post(approved_digest=None), of_post(title="was approved")),
    "approval expired": (of_post(approved_until=START), of_post(approved_until=START + TICK)),
    "edited after approval": (edited(signed=False), edited(signed=True)),
    "out already": (of_post(published_at=START), of_post(published_at=None)),
    "no posts": (of_post(delivery_id=None), of_post(position=3)),
    "account paused": (paused(), elsewhere()),
    "all paused": (paused(everywhere=True), paused(everywhere=True, from_at=START + TICK)),
    "pause lifted": (paused(), paused(lifted_at=START)),
    "pause ended": (paused(until_at=START + TICK), paused(until_at=START)),
    "withdrawal open": (withdrawn(), withdrawn(closed_at=START)),
    "other in flight": (beside("publishing", **FLYING), beside("published")),
    "resting": (of_account(rests_until=START + TICK), of_account(rests_until=START)),
    "needs a person": (of_account(needs_person=True), of_account(needs_person=False)),
    "inactive": (of_account(active=False), of_account(active=True)),
    "recorded only": (of_account(recorded_only=True), of_account(recorded_only=False)),
    "gap": (of_account(speaks_from=START + TICK), of_account(speaks_from=START)),
    "hourly cap": (
        spoken(later(minutes=-59), START, **HOUR),
        spoken(later(minutes=-60) - TICK, START, **HOUR),
    ),
    "daily cap": (spoken(MIDNIGHT + TICK, **DAY), spoken(MIDNIGHT - TICK, **DAY)),
    "daily cap at midnight": (spoken(MIDNIGHT, **DAY), spoken(MIDNIGHT - TICK, **DAY)),
    "push of the day": (pushed(MIDNIGHT), pushed(MIDNIGHT - TICK)),
    "push of the month": (pushed(MONTH, per="month"), pushed(MONTH - TICK, per="month")),
    "push that may be out": (
        pushed(START, "uncertain", doubted_at=START),
        pushed(START, "failed"),
    ),
    "push in the platform's hands": (
        pushed(START, "accepted", accepted_by="platform"),
        pushed(START, "published", how="publish"),
    ),
    "second push of two": (pushed(START), pushed(START, cap=2)),
    "doubt holds the account": (
        beside("uncertain", doubted_at=START, holds_account_until=START + TICK),
        beside("uncertain", doubted_at=START, holds_account_until=START),
    ),
    "too late": (of_delivery(late_at=START), of_delivery(late_at=START + TICK)),
}
# These stand in the claim's own WHERE, not in a guard with a word for people.
WORDLESS = {"no alarm", "not frozen", "no posts", "inactive", "recorded only"}


def names(without=()):
    """Give the guards' names."""
    return [name for name in GUARDS if name not in without]


def claim(tx, **rest):
    """Claim as node a at the start."""
    return flights.claim(tx, **{"now": START, "node": "a", "lease_s": 60, **rest})


@pytest.mark.parametrize("name", names())
def test_guard_alone_keeps_the_delivery_back(store, name):
    """One thing wrong, everything else in order: it stays."""
    with store.write() as tx:
        case = Case(tx)
        GUARDS[name][0](case)
        assert claim(tx) is None
        assert "queued" == makers.state(tx, case.delivery)
        assert "claim" not in makers.verbs(tx, case.delivery)


@pytest.mark.parametrize("name", GUARDS)
def test_opposite_of_the_guard_lets_it_go(store, name):
    """At the very edge of the guard the delivery leaves."""
    with store.write() as tx:
        case = Case(tx)
        GUARDS[name][1](case)
        taken = claim(tx)
        assert taken
        assert case.delivery == taken.row.id


@pytest.mark.parametrize("name", names(without=WORDLESS))
def test_delivery_kept_back_says_why(store, name):
    """Whatever keeps it back, a person can read it; what leaves has nothing to say."""
    with store.write() as tx:
        case = Case(tx)
        assert [] == why_not(tx, read(tx, case.delivery), START)
        GUARDS[name][0](case)
        assert 1 == len(why_not(tx, read(tx, case.delivery), START))


def test_account_out_of_use_is_not_said_to_rest(store):
    """A rest ends by itself; this does not."""
    with store.write() as tx:
        case = Case(tx)
        GUARDS["inactive"][0](case)
        assert [(RETIRED, {})] == why_not(tx, read(tx, case.delivery), START)


def test_every_claim_guard_is_tried_above():
    """A guard added to the rules must be added to this table."""
    tried = {
        "posts": "unapproved",
        "not_held": "held delivery",
        "not_paused": "account paused",
        "idle": "other in flight",
        "rested": "resting",
        "past_gap": "gap",
        "under_cap": "hourly cap",
        "push_left": "push of the day",
        "no_doubt_holds": "doubt holds the account",
        "in_time": "too late",
    }
    # An edition's own guard is tried with editions, in tests/dispatch/test_editions.py.
    assert set(tried) | {"as_frozen"} == set(RULES.claim)
    assert set(tried.values()) <= set(GUARDS)
    assert {"posts", "not_held", "not_paused"} == set(RULES.arm)


def test_one_bad_post_keeps_a_whole_edition_back(store):
    """`may_leave` speaks of every post."""
    with store.write() as tx:
        account = makers.account(tx)
        made = makers.edition(tx, account)
        change(tx, Post, makers.members(tx, made)[2], held_for="check")
        assert claim(tx) is None
        change(tx, Post, makers.members(tx, made)[2], held_for=None)
        assert claim(tx)


def test_predicate_may_leave_is_what_claim_and_arm_ask(store):
    """One predicate, asked by itself."""
    with store.write() as tx:
        case = Case(tx)
        asked = select(DELIVERY.c.id).where(may_leave(DELIVERY, START))
        assert [case.delivery] == list(tx.execute(asked).scalars())
        makers.pause(tx)
        assert [] == list(tx.execute(asked).scalars())


def test_switched_off_guards_are_gone_by_name(store):
    """The simulated world must be able to go without one."""
    assert {"posts", "not_held"} == set(leave_guards_without("not_paused", "approved"))
    with store.write() as tx:
        Case(tx)
        makers.pause(tx)
        rest = leave_guards_without("not_paused").values()
        asked = select(DELIVERY.c.id).where(*(guard(DELIVERY, START) for guard in rest))
        assert 1 == len(tx.execute(asked).all())


def test_claimed_delivery_has_lease_node_and_next_attempt(store):
    """What the fence will pin is written in one statement."""
    with store.write() as tx:
        case = Case(tx)
        case.own(attempt=4, armed_at=START)
        taken = claim(tx, lease_s=90)
        row = read(tx, case.delivery)
        assert ("publishing", 5, "a", later(90), None, None) == (
            row.state,
            row.attempt,
            row.node,
            row.lease_until,
            row.armed_at,
            row.next_at,
        )
        digest = makers.get(tx, Post, case.post).content_digest
        assert (edition_digest([digest]), [case.post]) == (taken.edition_digest, taken.post_ids)
        assert taken.edition_digest == row.edition_digest
        assert ["add", "freeze", "claim"] == makers.verbs(tx, case.delivery)


def test_earliest_alarm_is_claimed_first(store):
    """First due, first out; of two equal ones the older."""
    with store.write() as tx:
        made = [
            makers.delivery(tx, makers.account(tx, name), due_at=later(due))
            for name, due in (("a", 0), ("b", -60), ("c", 0))
        ]
        taken = [claim(tx).row.id for _ in range(3)]
        assert [made[1], made[0], made[2]] == taken
        assert claim(tx) is None


def test_one_account_flies_one_delivery_at_a_time(store):
    """The second waits until the first is settled."""
    with store.write() as tx:
        account = makers.account(tx)
        for _ in range(2):
            makers.delivery(tx, account)
        first = claim(tx)
        assert claim(tx) is None
        change(tx, Delivery, first.row.id, state="failed", lease_until=None)
        assert claim(tx).row.id != first.row.id


def test_account_left_out_is_not_claimed(store):
    """A dispatcher may leave accounts out; the others go."""
    with store.write() as tx:
        case = Case(tx)
        other = makers.delivery(tx, makers.account(tx, "other"), due_at=later(60))
        assert claim(tx, not_accounts=[case.account]) is None
        taken = claim(tx, now=later(60), not_accounts=[case.account])
        assert other == taken.row.id


def test_several_claims_of_one_transaction_come_and_go_together(store):
    """Claims may be committed in groups; a fault undoes the group."""
    with store.write() as tx:
        made = [makers.delivery(tx, makers.account(tx, name)) for name in "abc"]

    def group():
        with store.write() as tx:
            assert [claim(tx).row.id for _ in made] == made
            raise RuntimeError

    with pytest.raises(RuntimeError):
        group()
    with store.write() as tx:
        assert ["queued"] * 3 == [makers.state(tx, one) for one in made]
        assert [["add", "freeze"]] * 3 == [makers.verbs(tx, one) for one in made]
        assert made == [claim(tx).row.id for _ in made]


def test_claimed_row_is_not_claimed_with_a_stale_reading(store):
    """The write carries the guards again: what was read a moment ago may be wrong now."""
    with store.write() as tx:
        case = Case(tx)
        stale = read(tx, case.delivery)
        queue.hold(tx, case.delivery, reason="leader", now=START, actor="person:1")
        guards = [guard(DELIVERY, START) for guard in RULES.claim.values()]
        lease = flights.Lease("a", 60, START)
        assert flights._take(tx, stale, flights.Verb.claim, guards, lease, RULES) is None
        assert "queued" == makers.state(tx, case.delivery)


def test_pause_and_withdrawal_are_rows_of_their_own(store):
    """Nothing of the guards is written on the delivery."""
    with store.write() as tx:
        case = Case(tx)
        makers.pause(tx)
        makers.withdrawal(tx, case.post)
        assert (1, 1) == (makers.count(tx, Pause), makers.count(tx, Withdrawal))
        assert read(tx, case.delivery).held_for is None

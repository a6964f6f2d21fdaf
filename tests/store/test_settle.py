"""Settlements: the fence, proof above everything, doubts that stay, ids that are kept."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from scheduler.machine import State, Verb
from scheduler.store import flight as flights
from scheduler.store import queue, settle
from scheduler.store.flight import REPEAT_FROM, REPEAT_TO
from scheduler.store.moves import move, read
from scheduler.store.settle import Proof
from scheduler.tables import Delivery, Post
from tests import makers
from tests.clocks import START
from tests.makers import change, later

ACTOR = "node:a"
TICK = timedelta(microseconds=1)


def fly(tx, *, armed=True, **order):
    """Give a claimed (and armed) flight of one post."""
    makers.delivery(tx, makers.account(tx), **order)
    flight = flights.claim(tx, now=START, node="a", lease_s=60)
    if armed:
        assert flights.arm(tx, flight, now=START)
    return flight


def step(tx, delivery_id, verb, target=None, *, now=START, **values):
    """Take one edge of a delivery as it stands now."""
    row = read(tx, delivery_id)
    return move(tx, row, verb, now=now, actor=ACTOR, target=target, values=values)


def doubtful(tx, *, armed_at=START, repeatable=True, **values):
    """Give an uncertain delivery that was armed once, and the id of its post."""
    flight = fly(tx, repeatable=repeatable)
    change(tx, Delivery, flight.row.id, first_armed_at=armed_at)
    assert "uncertain" == step(tx, flight.row.id, Verb.doubt, **values)
    return flight.row.id


def again(tx, delivery_id, now=None):
    """Repeat when the platform lets us."""
    at = now or START + REPEAT_FROM
    return flights.repeat(tx, delivery_id, now=at, node="b", lease_s=60)


# --- the fence ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "target"),
    [
        (Verb.refuse, State.failed),
        (Verb.postpone, State.queued),
        (Verb.doubt, State.uncertain),
        (Verb.receipt, State.accepted),
        (Verb.receipt, State.published),
    ],
)
@pytest.mark.parametrize("meanwhile", [{"attempt": 2}, {"armed_at": None}, {"doubted_at": START}])
def test_stale_attempt_changes_nothing(store, verb, target, meanwhile):
    """State, attempt, arm and doubt are pinned: zero rows changed means not mine any more."""
    with store.write() as tx:
        flight = fly(tx)
        stale = read(tx, flight.row.id)
        change(tx, Delivery, flight.row.id, **meanwhile)
        before = read(tx, flight.row.id), makers.verbs(tx, flight.row.id)
        values = {"accepted_by": "platform"} if target is State.accepted else {}
        assert (
            move(tx, stale, verb, now=later(5), actor=ACTOR, target=target, values=values) is None
        )
        assert before == (read(tx, flight.row.id), makers.verbs(tx, flight.row.id))


def test_lapsed_attempt_is_not_owned(store):
    """After the reaper came, the old attempt's answer writes nothing."""
    with store.write() as tx:
        flight = fly(tx, armed=False)
        assert flights.own(tx, flight)
        assert "queued" == step(tx, flight.row.id, Verb.release, next_at=START)
        assert flights.own(tx, flight) is None
        second = flights.claim(tx, now=START, node="b", lease_s=60)
        assert (None, 2) == (flights.own(tx, flight), flights.own(tx, second).attempt)


def test_leases_that_are_over_are_found_at_their_very_end(store):
    """One microsecond before it still belongs to its node; a restarted node finds all its own."""
    with store.write() as tx:
        flight = fly(tx)
        assert [] == settle.lapsed(tx, now=later(60) - TICK)
        assert [flight.row.id] == [row.id for row in settle.lapsed(tx, now=later(60))]
        assert [flight.row.id] == [row.id for row in settle.lapsed(tx, now=START, node="a")]
        assert [] == settle.lapsed(tx, now=later(60), node="b")


# --- proof -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "values", "notices"),
    [
        ("queued", {}, []),
        ("publishing", {"lease_until": later(60)}, []),
        ("accepted", {"accepted_by": "platform"}, []),
        ("uncertain", {"doubted_at": START}, []),
        ("failed", {}, ["proof_wins"]),
        ("missed", {}, ["proof_wins"]),
        ("cancelled", {}, ["proof_wins"]),
    ],
)
def test_proof_wins_over_every_state(store, state, values, notices):
    """Whatever we had said, what is out is out; a person hears when we had said otherwise."""
    with store.write() as tx:
        made = makers.delivery(tx, makers.account(tx))
        [post] = makers.members(tx, made)
        change(tx, Delivery, made, state=state, settled_at=START, **values)
        proof = Proof("9", "https://example.cn/9", later(7))
        assert settle.proven(tx, made, [proof], now=later(60), actor=ACTOR)
        row, told = read(tx, made), makers.get(tx, Post, post)
        assert ("published", None, None, None) == (
            row.state,
            row.doubted_at,
            row.lease_until,
            row.next_at,
        )
        assert ("9", proof.link, later(7)) == (told.remote_id, told.link, told.published_at)
        assert notices == makers.notices(tx, "delivery", made)


def test_second_proof_changes_nothing(store):
    """The first receipt stands."""
    with store.write() as tx:
        flight = fly(tx)
        assert settle.proven(tx, flight.row.id, [Proof("1")], now=START, actor=ACTOR)
        assert not settle.proven(tx, flight.row.id, [Proof("2")], now=later(9), actor=ACTOR)
        assert "1" == makers.get(tx, Post, flight.post_ids[0]).remote_id
        assert 1 == makers.verbs(tx, flight.row.id).count("receipt")


def test_late_proof_marks_the_posts_that_were_said(store):
    """Posts that moved on to another delivery are out by the attempt that said them."""
    with store.write() as tx:
        account = makers.account(tx)
        made = makers.edition(tx, account)
        posts = makers.members(tx, made)
        flight = flights.claim(tx, now=START, node="a", lease_s=60)
        assert flights.arm(tx, flight, now=START)
        assert "failed" == step(tx, made, Verb.refuse)
        moved = makers.delivery(tx, account, posts[:2])
        assert settle.proven(tx, made, [Proof(str(at)) for at in posts], now=START, actor=ACTOR)
        assert [str(at) for at in posts] == [makers.get(tx, Post, at).remote_id for at in posts]
        assert flights.claim(tx, now=START, node="a", lease_s=60) is None
        assert "queued" == makers.state(tx, moved)


def test_receipt_with_fewer_ids_marks_every_post(store):
    """The platform takes an edition whole: all of it is out, even where it named one id."""
    with store.write() as tx:
        made = makers.edition(tx, makers.account(tx))
        assert settle.proven(tx, made, [Proof("1")], now=later(5), actor=ACTOR)
        told = [makers.get(tx, Post, post) for post in makers.members(tx, made)]
        assert [later(5)] * 3 == [post.published_at for post in told]
        assert ["1", "", ""] == [post.remote_id for post in told]


@pytest.mark.postgres
def test_proof_wins_over_a_lapse_of_the_same_moment(postgres_store):
    """The reaper holds the row while the receipt comes in: the receipt must not be lost."""
    from tests.store.conftest import empty

    empty(postgres_store)
    with postgres_store.write() as tx:
        flight = fly(tx)
    errors = []

    def receive():
        try:
            with postgres_store.write() as tx:
                settle.proven(tx, flight.row.id, [Proof("1")], now=later(60), actor=ACTOR)
        except AssertionError as error:
            errors.append(error)

    with postgres_store.write() as tx:
        assert "uncertain" == step(tx, flight.row.id, Verb.lapse)
        thread = threading.Thread(target=receive)
        thread.start()
        waiting = text("select count(*) from pg_locks where not granted")
        while thread.is_alive() and not tx.execute(waiting).scalar():
            thread.join(0.01)
    thread.join()
    with postgres_store.read() as tx:
        assert ([], "published") == (errors, makers.state(tx, flight.row.id))


# --- doubts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "until"),
    [
        ({}, START),
        ({"hold_account_s": 1860}, later(1860)),
        ({"hold_account_day": True}, later(hours=7)),
    ],
)
def test_doubt_is_dated_once_and_holds_the_account(store, values, until):
    """As long as the channel says: seconds, or to the end of Beijing's day."""
    with store.write() as tx:
        flight = fly(tx, **values)
        assert "uncertain" == step(tx, flight.row.id, Verb.doubt, next_at=later(60))
        row = read(tx, flight.row.id)
        assert (START, until, later(60)) == (row.doubted_at, row.holds_account_until, row.next_at)
        assert ["doubt"] == makers.notices(tx, "delivery", flight.row.id)


def test_doubt_without_an_alarm_waits_for_a_named_role(store):
    """Nothing stands still without somebody who must act."""
    with store.write() as tx:
        flight = fly(tx)
        step(tx, flight.row.id, Verb.doubt)
        assert "operator" == read(tx, flight.row.id).awaits


@pytest.mark.parametrize(
    ("verb", "armed"),
    [
        (Verb.postpone, True),
        (Verb.retry, True),
        (Verb.refuse, True),
        (Verb.release, False),
        (Verb.hold, False),
        (Verb.cancel, False),
    ],
)
def test_doubt_stays_on_through_a_repeat(store, verb, armed):
    """A repeat that was certainly not done says nothing of the first try."""
    with store.write() as tx:
        made = doubtful(tx, next_at=later(60))
        flight = again(tx, made)
        assert ("publishing", START) == (makers.state(tx, made), read(tx, made).doubted_at)
        assert not armed or flights.arm(tx, flight, now=START + REPEAT_FROM)
        assert "uncertain" == step(tx, made, verb, now=later(100), next_at=later(160))
        assert START == read(tx, made).doubted_at


def test_receipt_of_a_repeat_takes_the_doubt_off(store):
    """Proof ends a doubt."""
    with store.write() as tx:
        made = doubtful(tx)
        assert again(tx, made)
        assert settle.proven(tx, made, [Proof("1")], now=later(100), actor=ACTOR)
        assert ("published", None) == (makers.state(tx, made), read(tx, made).doubted_at)


def test_job_of_a_repeat_that_is_refused_is_uncertain(store):
    """Accepted after a repeat still carries the doubt of the first try."""
    with store.write() as tx:
        made = doubtful(tx)
        again(tx, made)
        values = {"accepted_by": "platform", "next_at": later(200)}
        assert "accepted" == step(tx, made, Verb.receipt, State.accepted, **values)
        assert START == read(tx, made).doubted_at
        assert "uncertain" == step(tx, made, Verb.refuse, State.failed, next_at=later(300))


@pytest.mark.parametrize(
    ("after", "may"),
    [
        (REPEAT_FROM - TICK, False),
        (REPEAT_FROM, True),
        (REPEAT_TO, True),
        (REPEAT_TO + TICK, False),
    ],
)
def test_repeat_has_its_window(store, after, may):
    """Ninety seconds to twenty-three hours after the first arm of this key."""
    with store.write() as tx:
        made = doubtful(tx)
        change(tx, Delivery, made, late_at=later(hours=48))
        key = read(tx, made).key
        assert may is (again(tx, made, START + after) is not None)
        assert key == read(tx, made).key


REPEAT_GUARDS = {
    "not repeatable": lambda tx, made, _post: change(tx, Delivery, made, repeatable=False),
    "never armed": lambda tx, made, _post: change(tx, Delivery, made, first_armed_at=None),
    "too late": lambda tx, made, _post: change(tx, Delivery, made, late_at=START + REPEAT_FROM),
    "paused": lambda tx, _made, _post: makers.pause(tx),
    "held": lambda tx, made, _post: change(tx, Delivery, made, held_for="leader"),
    "edited": lambda tx, _made, post: makers.rewrite(tx, post, "改"),
    "edited and signed again": lambda tx, _made, post: makers.rewrite(tx, post, "改", signed=True),
    "withdrawal open": lambda tx, _made, post: makers.withdrawal(tx, post),
    "resolved": lambda tx, made, _post: queue.resolve(
        tx, made, State.failed, reason="看过", now=START, actor="person:1"
    ),
}


@pytest.mark.parametrize("name", REPEAT_GUARDS)
def test_repeat_asks_every_guard_of_claim(store, name):
    """The same bytes, with the same key, only where a first sending would be right too."""
    with store.write() as tx:
        made = doubtful(tx)
        REPEAT_GUARDS[name](tx, made, makers.members(tx, made)[0])
        assert again(tx, made) is None
        assert "repeat" not in makers.verbs(tx, made)


# --- what is kept ------------------------------------------------------------------------------


def test_kept_id_is_found_under_its_digest_until_forgotten(store):
    """One value per name; "" forgets; other names stay."""
    with store.write() as tx:
        flight = fly(tx)
        for name, value in (("draft", "1"), ("draft", "2"), ("thumb", "3")):
            flights.keep(tx, flight, name, value, now=START)
        kept = {row.name: row for row in flights.kept(tx, flight.row.id)}
        assert {"draft": "2", "thumb": "3"} == {name: row.value for name, row in kept.items()}
        assert {(flight.edition_digest, 1)} == {
            (row.edition_digest, row.attempt) for row in kept.values()
        }
        flights.keep(tx, flight, "draft", "", now=START)
        assert ["thumb"] == [row.name for row in flights.kept(tx, flight.row.id)]
        queue.forget(tx, flight.row.id, "thumb")
        assert [] == flights.kept(tx, flight.row.id)


def test_look_is_taken_by_one_node_only(store):
    """Whoever moves the alarm looks."""
    with store.write() as tx:
        made = doubtful(tx, next_at=later(60))
        assert [] == settle.alarms(tx, now=later(60) - TICK)
        [row] = settle.alarms(tx, now=later(60))
        assert settle.take_look(tx, row, until=later(240), now=later(60))
        assert not settle.take_look(tx, row, until=later(240), now=later(60))
        assert (1, later(240)) == ((found := read(tx, made)).looks, found.next_at)


def test_next_alarm_is_the_earliest_of_all(store):
    """The daemon wakes at it."""
    with store.write() as tx:
        assert settle.next_due(tx) is None
        for minutes, name in ((30, "a"), (20, "b")):
            makers.delivery(tx, makers.account(tx, name), due_at=later(minutes=minutes))
        assert later(minutes=20) == settle.next_due(tx)

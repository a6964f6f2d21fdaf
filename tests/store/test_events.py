"""The history: one line per move, sealed into a chain that shows every change."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update

from scheduler import events, notices
from scheduler.events import EVENT, Line
from scheduler.machine import NoSuchEdge, State, Verb
from scheduler.store import flight as flights
from scheduler.store.moves import move, read
from scheduler.tables import Delivery, Event
from tests import makers
from tests.clocks import START
from tests.makers import later


def written(tx, count, first=1):
    """Append lines."""
    for number in range(first, first + count):
        line = Line("story", number, "edit", "person:1", later(number), detail={"标题": number})
        events.write(tx, line)


def test_each_move_has_exactly_one_line(store):
    """Verb, both states, attempt, actor and moment stand in it."""
    with store.write() as tx:
        account = makers.account(tx)
        made = makers.delivery(tx, account)
        flight = flights.claim(tx, now=later(1), node="a", lease_s=60)
        assert flights.arm(tx, flight, now=later(2))
        row = read(tx, made)
        move(tx, row, Verb.refuse, now=later(3), actor="node:a", code="40007", detail={"n": 1})
        lines = events.of_subject(tx, "delivery", made)
        assert [
            ("add", "", "queued", 0, "person:1", START),
            ("freeze", "queued", "queued", 0, "person:1", START),
            ("claim", "queued", "publishing", 1, "node:a", later(1)),
            ("arm", "publishing", "publishing", 1, "node:a", later(2)),
            ("refuse", "publishing", "failed", 1, "node:a", later(3)),
        ] == [
            (one.verb, one.origin_state, one.target_state, one.attempt, one.actor, one.at)
            for one in lines
        ]
        assert {account} == {one.account_id for one in lines}
        assert ("40007", {"n": 1}) == (lines[-1].code, events.detail_of(lines[-1]))


def test_move_the_table_lacks_writes_nothing(store):
    """No line, no change, an error for the programmer."""
    with store.write() as tx:
        made = makers.delivery(tx, makers.account(tx))
        before = read(tx, made)
        with pytest.raises(NoSuchEdge):
            move(tx, before, Verb.lapse, now=START, actor="node:a")
        assert (before, ["add", "freeze"]) == (read(tx, made), makers.verbs(tx, made))


def test_move_that_fails_leaves_no_line(store):
    """The line and the change are one transaction."""
    with store.write() as tx:
        made = makers.delivery(tx, makers.account(tx))

    def broken():
        with store.write() as tx:
            move(tx, read(tx, made), Verb.miss, now=START, actor="node:a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with store.read() as tx:
        assert ("queued", ["add", "freeze"]) == (makers.state(tx, made), makers.verbs(tx, made))


def test_sealed_lines_are_numbered_without_gaps(store):
    """The sealer numbers what is new and then has nothing to do."""
    with store.write() as tx:
        written(tx, 3)
        assert 3 == events.seal(tx)
        assert 0 == events.seal(tx)
        written(tx, 2, first=4)
        assert 2 == events.seal(tx)
        assert [1, 2, 3, 4, 5] == list(
            tx.execute(select(EVENT.c.seq).order_by(EVENT.c.id)).scalars()
        )
        assert events.broken_at(tx) is None


def test_untouched_chain_is_whole_in_another_transaction(store):
    """What was sealed reads the same from the disk."""
    with store.write() as tx:
        written(tx, 3)
        events.seal(tx)
    with store.read() as tx:
        assert events.broken_at(tx) is None


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "approve"},
        {"actor": "person:2"},
        {"detail": ""},
        {"at": later(99)},
        {"subject_id": 9},
        {"account_id": 9},
        {"origin_state": "queued"},
        {"target_state": "published"},
        {"attempt": 9},
        {"code": "x"},
        {"kind": "post"},
        {"chain": "0" * 64},
        {"seq": None},
        {"seq": 9},
    ],
    ids=lambda change: next(iter(change)),
)
def test_changed_line_is_found_by_its_number(store, change):
    """Whoever edits the history is seen at the very line."""
    with store.write() as tx:
        written(tx, 3)
        events.seal(tx)
        tx.execute(update(EVENT).where(EVENT.c.seq == 2).values(**change))
        assert 2 == events.broken_at(tx)


def test_line_taken_out_is_found(store):
    """A gap in the numbers is a broken chain."""
    with store.write() as tx:
        written(tx, 3)
        events.seal(tx)
        tx.execute(delete(EVENT).where(EVENT.c.seq == 2))
        assert 2 == events.broken_at(tx)


def test_more_lines_than_one_batch_are_sealed_by_two_ticks(store):
    """The sealer's transaction stays short."""
    with store.write() as tx:
        written(tx, events.SEAL_BATCH + 1)
        assert [events.SEAL_BATCH, 1, 0] == [events.seal(tx) for _ in range(3)]
        assert events.broken_at(tx) is None


def test_every_field_of_an_event_is_under_the_chain():
    """A field added to the table must be added to the chain and to the test above."""
    told = set("id at kind subject_id account_id verb origin_state target_state".split())
    told |= set("attempt actor code detail seq chain".split())
    assert told == set(Event.model_fields)


def test_notice_is_left_once_and_closed_by_the_next_move(store):
    """A person is told once per matter, and no longer when it moved on."""
    with store.write() as tx:
        made = makers.delivery(tx, makers.account(tx))
        for _ in range(2):
            notices.tell(
                tx, role="operator", code="head", now=START, kind="delivery", subject_id=made
            )
        assert ["head"] == makers.notices(tx, "delivery", made)
        assert [made] == [one.subject_id for one in notices.open_notices(tx)]
        move(tx, read(tx, made), Verb.miss, now=START, actor="node:a", target=State.missed)
        assert ["missed"] == makers.notices(tx, "delivery", made)


def test_notice_without_a_subject_is_left_once(store):
    """Matters of the whole house are not repeated either."""
    with store.write() as tx:
        for _ in range(2):
            notices.tell(tx, role="admin", code="clock", now=START, detail={"s": 300})
        assert ["clock"] == [one.code for one in notices.open_notices(tx)]


def test_delivery_of_a_final_state_has_no_alarm(store):
    """Whatever the caller asked for besides."""
    with store.write() as tx:
        made = makers.delivery(tx, makers.account(tx))
        values = {"next_at": later(60)}
        move(tx, read(tx, made), Verb.miss, now=START, actor="node:a", values=values)
        row = makers.get(tx, Delivery, made)
        assert (None, START) == (row.next_at, row.settled_at)

"""Looks by the channel's table, jobs the platform works on, repeats with the same key."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from channels.contract import (
    Accepted,
    Busy,
    Doubt,
    Gone,
    Limits,
    Pending,
    Refused,
    Unreachable,
    Unseen,
    Words,
)
from scheduler.clock import beijing
from scheduler.dispatch.rescue import next_look
from tests import makers
from tests.clocks import START
from tests.dispatch.conftest import LIMITS, receipt
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


def handed_over(world):
    """Give a delivery on which the platform works since the start."""
    world.channel.after_arm = [lambda *_given: Accepted("job")]
    made = world.queue()
    world.tick()
    assert "accepted" == world.row(made).state
    return made


@pytest.mark.parametrize("answer", [Unseen, Gone, Pending])
def test_doubt_is_looked_at_by_the_table_and_then_awaits_the_operator(world, answer):
    """After one, three, ten and thirty minutes; then a person, and the machine looks no more."""
    made = doubtful(world)
    world.channel.sees = [lambda *_given: answer(WORDS)] * 9
    looks = []
    while (wait_s := world.alarm_s(made)) is not None:
        world.tick(wait_s)
        looks.append((world.clock.now() - START).total_seconds())
    row = world.row(made)
    assert ([60, 180, 600, 1800], 4) == (looks, row.looks)
    assert ("uncertain", None, "operator") == (row.state, row.next_at, row.awaits)
    assert (START, 4) == (world.channel.looked[0].armed_at, len(world.channel.looked))


def test_look_that_finds_it_settles_it(world):
    """Proof by sight: published, with the platform's own id."""
    made = doubtful(world)
    world.channel.sees = [lambda delivery, _line: receipt(delivery)]
    world.tick(60)
    assert ("published", None) == (world.row(made).state, world.row(made).doubted_at)
    assert "see" == world.do(makers.verbs, made)[-1]


def test_refusal_seen_in_doubt_is_no_proof_for_the_machine(world):
    """Only proof that it is out, or a person, ends a doubt."""
    made = doubtful(world)
    world.channel.sees = [Refused("2", WORDS)]
    world.tick(60)
    assert ("uncertain", "2") == (world.row(made).state, world.row(made).code)


def test_look_that_could_not_be_made_does_not_use_up_the_table(world):
    """The platform was away for an hour: its four looks are still to come."""
    made = doubtful(world)
    world.channel.sees = [Unreachable("dns", WORDS) for _ in range(6)]
    world.live(60 + 5 * 300)
    assert ([], 0) == (world.channel.sees, world.row(made).looks)
    world.tick(300)
    assert (1, "") == (world.row(made).looks, world.row(made).awaits)


@pytest.mark.parametrize(
    "fault", [Busy("45009", WORDS), Unreachable("dns", WORDS), ZeroDivisionError()]
)
def test_look_that_could_not_be_made_comes_again(world, fault):
    """Five minutes later, whatever the reason."""
    made = doubtful(world)
    world.channel.sees = [fault]
    world.tick(60)
    assert ("uncertain", 300) == (world.row(made).state, world.alarm_s(made))


def row(state="uncertain", looks=0, **values):
    """Give what `next_look` reads of a row."""
    told = {"state": state, "looks": looks, "doubted_at": START, "accepted_at": START}
    return SimpleNamespace(**{"accepted_by": "", **told, **values})


@pytest.mark.parametrize(
    ("one", "now_s", "counted", "wanted_s"),
    [
        (row(looks=1), 60, True, 180),
        (row(looks=2), 180, True, 600),
        (row(looks=3), 600, True, 1800),
        (row(looks=4), 1800, True, None),
        (row(looks=9), 1800, True, None),
        (row(looks=1), 500, True, 501),  # the moment of the table is over: soon, not now
        (row(looks=1), 60, False, 360),
        (row(looks=4), 1800, False, 2100),
        (row("accepted", 0), 0, True, 30),
        (row("accepted", 1), 30, True, 90),
        (row("accepted", 2), 90, True, 180),
        (row("accepted", 50), 9000, True, 9090),
        (row("accepted", 1), 200, True, 201),
    ],
)
def test_next_look_is_read_from_the_table(one, now_s, counted, wanted_s):
    """Pure: row, limits and moment in, the next moment out."""
    got = next_look(one, LIMITS, later(now_s), counted=counted)
    assert (None if wanted_s is None else later(wanted_s)) == got


@pytest.mark.parametrize(("looks_s", "wanted_s"), [((), 60), ((10,), 60), ((10, 300), 300)])
def test_job_without_a_table_of_its_own_is_polled_slowly(looks_s, wanted_s):
    """At most once a minute when the table has come to its end."""
    limits = Limits(START.date(), looks_s=looks_s)
    assert later(1000 + wanted_s) == next_look(
        row("accepted", 9), limits, later(1000), counted=True
    )


# --- jobs ----------------------------------------------------------------------------------------


def test_job_is_polled_until_it_is_out(world):
    """Half a minute, then as the table says, for as long as it takes."""
    made = handed_over(world)
    world.channel.sees = [lambda *_given: Pending(WORDS)] * 3 + [
        lambda delivery, _line: receipt(delivery)
    ]
    waits = []
    while world.row(made).state == "accepted":
        waits.append(world.alarm_s(made))
        world.tick(waits[-1])
    assert ([30, 60, 90, 90], "published") == (waits, world.row(made).state)


def test_job_that_failed_is_failed(world):
    """The platform proves that it is not out."""
    made = handed_over(world)
    world.channel.sees = [Refused("2", WORDS)]
    world.tick(30)
    assert ("failed", "2") == (world.row(made).state, world.row(made).code)


@pytest.mark.parametrize(
    "answer",
    [lambda *_given: Pending(WORDS), lambda *_given: Unseen(WORDS), Unreachable("dns", WORDS)],
)
def test_job_silent_for_a_day_is_a_doubt(world, answer):
    """Then it is looked at like any doubt, and at last a person."""
    made = handed_over(world)
    world.channel.sees = [answer, answer]
    world.tick(24 * 3600 - 1)
    assert "accepted" == world.row(made).state
    world.tick(600)
    row = world.row(made)
    assert ("uncertain", "silent", "") == (row.state, row.code, row.accepted_by)
    assert (world.clock.now(), 60, 0) == (row.doubted_at, world.alarm_s(made), row.looks)


def test_job_found_while_in_doubt_is_polled_with_its_doubt(world):
    """The look found the job: accepted, still doubted, and polled."""
    made = doubtful(world)
    world.channel.sees = [lambda *_given: Accepted("job7")]
    world.tick(60)
    row = world.row(made)
    assert ("accepted", START, 30) == (row.state, row.doubted_at, world.alarm_s(made))


def test_job_found_while_in_doubt_is_kept(world):
    """The next look must know which job to ask for."""
    made = doubtful(world)
    world.channel.sees = [lambda *_given: Accepted("job7", kept={"msg_data": "8"})]
    world.tick(60)
    assert {"job": "job7", "msg_data": "8"} == world.kept(made)


# --- repeats --------------------------------------------------------------------------------------


def test_unseen_delivery_is_said_again_with_the_same_key(world):
    """Where the platform knows the key, after ninety seconds; the receipt ends the doubt."""
    made = doubtful(world, repeatable=True)
    world.tick(60)
    assert 1 == len(world.channel.said)
    world.tick(120)
    first, second = world.channel.said
    assert (first.key, first.digest) == (second.key, second.digest)
    assert ("published", 2) == (world.row(made).state, world.row(made).attempt)


def test_delivery_that_is_not_repeatable_is_never_said_again(world):
    """A second post would be a second statement."""
    doubtful(world)
    world.live(4000)
    assert 1 == len(world.channel.said)


def test_edited_delivery_is_not_repeated(world):
    """Other bytes under the same key are not the same message."""
    made = doubtful(world, repeatable=True)
    world.do(makers.rewrite, world.posts(made)[0], "改", signed=True)
    world.live(4000)
    assert (1, "operator") == (len(world.channel.said), world.row(made).awaits)


def test_repeats_that_stay_in_doubt_come_to_an_end(world):
    """Whatever the platform does, at last a person must look."""
    made = doubtful(world, repeatable=True, late_at=later(minutes=10))
    world.channel.after_arm = [Doubt("timeout", WORDS) for _ in range(100)]
    world.live(2 * 3600)
    assert ("uncertain", "operator") == (world.row(made).state, world.row(made).awaits)


def test_repeats_do_not_begin_the_table_anew(world):
    """Four looks belong to one doubt, so at most as many repeats."""
    doubtful(world, repeatable=True)
    world.channel.after_arm = [Doubt("timeout", WORDS) for _ in range(100)]
    world.live(900)
    assert 5 >= len(world.channel.said)


def test_doubt_holds_the_account_as_long_as_the_channel_says(world):
    """Then the account goes on, also while a person still looks."""
    doubtful(world, hold_account_s=1860)
    second = world.queue("二条", late_at=later(hours=9))
    world.tick(1799)
    assert "queued" == world.row(second).state
    world.tick(61)
    assert "published" == world.row(second).state

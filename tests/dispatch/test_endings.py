"""Each ending at each stage: the right state, the right next alarm, the right person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from channels.contract import (
    Accepted,
    Busy,
    Doubt,
    Ending,
    Refused,
    Stopped,
    Unreachable,
    Words,
)
from scheduler.dispatch import rescue
from scheduler.dispatch.context import Policy, backoff_s
from scheduler.dispatch.settle import decide
from scheduler.machine import Facts as MachineFacts
from scheduler.machine import State, edge_for
from scheduler.tables import Account, Post
from tests import makers
from tests.clocks import START
from tests.makers import later

WORDS = Words("Scripted {n}.", {"n": 1})
STAGES = ("prepares", "before_arm", "after_arm")
SPOKEN_LAST = [("prepares", "queued"), ("before_arm", "queued"), ("after_arm", "uncertain")]
BACKOFF = (13.5, 16.5)
DATABASE = OperationalError("select", {}, Exception("gone"))

# ending: (state, alarm from, alarm to) for every stage
ENDINGS = {
    "refused": (Refused("40007", WORDS), "failed", None),
    "busy": (Busy("45009", WORDS), "queued", BACKOFF),
    "busy, wait told": (Busy("45009", WORDS, not_before_s=600), "queued", (600, 600)),
    "busy, short wait told": (Busy("45009", WORDS, not_before_s=1), "queued", BACKOFF),
    "unreachable": (Unreachable("refused", WORDS), "queued", BACKOFF),
    "doubt": (Doubt("timeout", WORDS), "uncertain", (60, 60)),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", ENDINGS)
def test_ending_leads_to_its_state_and_alarm(world, name, stage):
    """Refused fails, busy and unreachable wait, a doubt is looked for."""
    ending, state, alarm = ENDINGS[name]
    setattr(world.channel, stage, [ending])
    made = world.queue()
    assert state == world.attempt()
    row, wait_s = world.row(made), world.alarm_s(made)
    assert (state, ending.code) == (row.state, row.code)
    if alarm is None:
        assert (None, START) == (wait_s, row.settled_at)
    else:
        assert alarm[0] <= wait_s <= alarm[1]
    assert (1 if state == "queued" else 0) == row.failures
    assert (stage == "after_arm") is bool(world.channel.said)
    assert [None] == [world.do(makers.get, Post, post).published_at for post in world.posts(made)]


def test_receipt_publishes_every_post_with_its_proof(world):
    """Ids, links and the moment stand on the posts; the delivery has no alarm."""
    made = world.queue("一 二")
    assert "published" == world.attempt()
    told = [world.do(makers.get, Post, post) for post in world.posts(made)]
    assert ["id1", "id2"] == [post.remote_id for post in told]
    assert [START] * 2 == [post.published_at for post in told]
    assert ("https://example.cn/1", None) == (told[0].link, world.alarm_s(made))
    verbs = ["add", "freeze", "claim", "prepare", "arm", "receipt"]
    assert verbs == world.do(makers.verbs, made)


def test_platform_job_is_polled_by_the_channels_table(world):
    """Accepted by the platform: the first look comes when the channel says."""
    made = world.queue()
    world.channel.after_arm = [lambda *_: Accepted("job7", kept={"msg_data": "8"})]
    assert "accepted" == world.attempt()
    row = world.row(made)
    assert ("platform", START, "") == (row.accepted_by, row.accepted_at, row.awaits)
    assert (30, {"job": "job7", "msg_data": "8"}) == (world.alarm_s(made), world.kept(made))


def test_pack_in_a_persons_hands_waits_for_the_author(world):
    """A person must act, and is named; every ten minutes we look whether a draft has left."""
    made = world.queue()
    world.channel.after_arm = [lambda *_: Accepted("pack", by="person")]
    assert "accepted" == world.attempt()
    row = world.row(made)
    assert ("person", "author") == (row.accepted_by, row.awaits)
    assert later(minutes=10) == row.next_at
    world.tick(600)
    assert "author" == world.row(made).awaits
    world.tick(7200)
    assert "missed" == world.row(made).state


@pytest.mark.parametrize("stage", STAGES[:2])
def test_bug_before_speaking_holds_the_delivery(world, stage):
    """Nothing was sent; the same bug would come again, so a maintainer first."""
    setattr(world.channel, stage, [ZeroDivisionError()])
    made = world.queue()
    assert world.attempt() is None
    row = world.row(made)
    assert ("queued", "bug", "operator") == (row.state, row.held_for, row.awaits)
    assert "ZeroDivisionError" in row.detail
    world.tick(60)
    assert (1, []) == (world.row(made).attempt, world.channel.said)


def test_bug_after_speaking_is_a_doubt(world):
    """It may be out: looked for, not repeated."""
    world.channel.after_arm = [ZeroDivisionError()]
    made = world.queue()
    assert "uncertain" == world.attempt()
    assert ("bug", 60) == (world.row(made).code, world.alarm_s(made))


@pytest.mark.parametrize(("stage", "state"), SPOKEN_LAST)
def test_database_that_goes_away_is_no_bug(world, stage, state):
    """Before speaking it is tried again, after speaking it is a doubt."""
    setattr(world.channel, stage, [DATABASE])
    made = world.queue()
    assert state == world.attempt()
    assert (None, state) == (world.row(made).held_for, world.row(made).state)


@pytest.mark.parametrize(("stage", "state"), SPOKEN_LAST)
def test_unknown_ending_is_tried_again_or_doubted(world, stage, state):
    """A fifth ending would be a bug of the contract; it must not lose the truth."""
    setattr(world.channel, stage, [Ending("fifth", WORDS)])
    world.queue()
    assert state == world.attempt()


@pytest.mark.parametrize("stage", STAGES[:2])
def test_cut_line_releases_the_delivery_at_once(world, stage):
    """The guards of the next claim say what is wrong."""
    setattr(world.channel, stage, [Stopped()])
    made = world.queue()
    assert "queued" == world.attempt()
    assert (0, 0) == (world.alarm_s(made), world.row(made).failures)


def test_cut_line_after_speaking_is_a_doubt(world):
    """A channel that lets `Stopped` through after the request has left us in doubt."""
    world.channel.after_arm = [Stopped()]
    world.queue()
    assert "uncertain" == world.attempt()


@pytest.mark.parametrize("armed", [False, True])
@pytest.mark.parametrize("name", ENDINGS)
def test_every_decision_is_an_edge_of_the_machine(name, armed):
    """The pure table names no edge that does not exist."""
    step = decide(ENDINGS[name][0], failures=0, armed=armed, now=START, wait_s=1, look_at=START)
    assert (
        step.target
        is edge_for(MachineFacts(State.publishing, armed), step.verb, step.target).target
    )


def test_failures_double_the_wait_and_a_claim_does_not_reset_them(world):
    """15, 30, 60 seconds, each within ten per cent."""
    world.channel.prepares = [Unreachable("dns", WORDS) for _ in range(3)]
    made = world.queue()
    for number, bare_s in enumerate((15, 30, 60), 1):
        assert "queued" == world.attempt()
        wait_s = world.alarm_s(made)
        assert bare_s * 0.9 <= wait_s <= bare_s * 1.1
        assert number == world.row(made).failures
        world.clock.advance(wait_s)
    assert "published" == world.attempt()


def test_lateness_ends_the_tries(world):
    """There is no limit in number; the limit is the time."""
    world.channel.prepares = [Unreachable("dns", WORDS) for _ in range(50)]
    made = world.queue()
    world.live(7200)
    assert ("missed", []) == (world.row(made).state, world.channel.said)


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_backoff_stays_within_its_bounds(failures, rng):
    """Never under the first wait less jitter, never over the cap plus jitter."""
    policy = Policy()
    bare_s = min(policy.retry_max_s, policy.retry_first_s * 2 ** min(failures, 20))
    assert 0.9 * bare_s <= backoff_s(failures, policy, rng) <= 1.1 * bare_s
    assert 13.4 <= backoff_s(failures, policy, rng) <= 991


# --- the account --------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_busy_account_rests_as_a_whole(world, stage):
    """Quota used up: nothing of this account is tried, everything of others is."""
    setattr(world.channel, stage, [Busy("45028", WORDS, not_before_s=600, account_wide=True)])
    made, second = world.queue("一"), world.queue("二")
    other = world.do(makers.account, "other")
    third = world.do(makers.edition, other, "三")
    world.tick()
    row = world.do(makers.get, Account, world.account)
    assert (later(600), "45028", False) == (row.rests_until, row.rest_reason, row.needs_person)
    assert ["queued", "queued", "published"] == [
        world.row(at).state for at in (made, second, third)
    ]
    world.tick(599)
    assert 0 == world.row(second).attempt
    world.tick(1)
    assert "published" == world.row(made).state


def test_busy_of_one_delivery_lets_the_account_go_on(world):
    """Only the account-wide ending rests it."""
    world.channel.prepares = [Busy("-1", WORDS, not_before_s=600)]
    made, second = world.queue("一"), world.queue("二")
    world.tick()
    assert ["queued", "published"] == [world.row(at).state for at in (made, second)]


def test_dead_credentials_wait_for_a_person(world):
    """No time ends this: nothing is claimed until somebody acts."""
    world.channel.prepares = [Busy("40001", WORDS, account_wide=True, person=True)]
    made = world.queue(late_at=later(hours=100))
    world.tick()
    assert world.do(makers.get, Account, world.account).needs_person
    world.tick(3600 * 24)
    assert ("queued", 1) == (world.row(made).state, world.row(made).attempt)


def test_person_alone_holds_the_account_too(world):
    """The contract: `person` means that the account is held."""
    world.channel.prepares = [Busy("40001", WORDS, person=True)]
    world.queue()
    world.tick()
    assert world.do(makers.get, Account, world.account).needs_person


def test_person_who_must_act_is_told(world):
    """A rest that only a person ends must reach one, and stand in the history."""
    world.channel.prepares = [Busy("40001", WORDS, account_wide=True, person=True)]
    world.queue()
    world.tick()
    assert world.do(makers.notices, "account", world.account)


def test_gap_of_the_account_is_kept_after_speaking(world):
    """The next delivery leaves when the gap is over."""
    world.do(makers.change, Account, world.account, gap_s=30)
    first, second = world.queue("一"), world.queue("二")
    world.tick()
    assert ["published", "queued"] == [world.row(at).state for at in (first, second)]
    world.tick(30)
    assert "published" == world.row(second).state


@pytest.mark.parametrize(
    ("late", "state"), [(Refused("40007", WORDS), "uncertain"), (None, "published")]
)
def test_late_answer_of_a_lapsed_attempt_is_heard_only_as_proof(world, late, state):
    """After the reaper: a refusal writes nothing, a receipt wins."""

    def lapse(*_given):
        world.clock.advance(world.ctx.policy.prepare_s + world.ctx.policy.speak_s)
        assert 1 == rescue.reap(world.ctx)
        if late:
            raise late

    world.channel.after_arm = [lapse]
    made = world.queue()
    world.attempt()
    assert state == world.row(made).state

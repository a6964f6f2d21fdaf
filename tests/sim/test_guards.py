"""Guards that chance tests too seldom, each told as a story: with it all is well, without it not.

The dearer half of `test_mutants.py`: a world broken by chance is found within a few seeds there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Connection, insert, update

from scheduler.dispatch import rescue
from scheduler.store import accounts
from scheduler.store.rules import ACCOUNT, POST, RULES, WITHDRAWAL, Rules
from tests.sim.holes import CLAIMED, land_without_doubt, no_claim_guard, no_fence, no_leave_guard
from tests.sim.test_mutants import TOLD
from tests.sim.world import Failure, SimNode, World


def calm_world(rules: Rules = RULES, unwatched: frozenset[str] = frozenset()) -> World:
    """Make a world in which nothing happens by chance."""
    world = World(2, 0, rules=rules, unwatched=unwatched, again="pytest tests/sim/test_guards.py")
    world.chance.rates = dict.fromkeys(world.chance.rates, 0.0)
    return world


def first(world: World) -> SimNode:
    return world.nodes.nodes[0]


@contextmanager
def somebody(world: World) -> Iterator[Connection]:
    """Let a person write."""
    with world.as_person(), world.store.write() as tx:
        yield tx


def out(world: World) -> int:
    """Count what is on the platforms."""
    return sum(len(place.outs) for place in world.places.values())


# --- what a claim demands ------------------------------------------------------------------------


def tired_account(world: World) -> None:
    world.people.publish_soon("sim_weibo", 1)
    with somebody(world) as tx:
        for account_id in world.channels:
            accounts.rest(tx, account_id, until=None, reason="token", needs_person=True)
    world.nodes.tick(first(world))
    assert 0 == out(world)
    with somebody(world) as tx:
        tx.execute(update(ACCOUNT).values(needs_person=False))


def two_at_once(world: World) -> None:
    for _ in range(2):
        world.people.publish_soon("sim_weibo", 1)
    world.nodes.tick(first(world))
    assert 1 == out(world)


def three_in_an_hour(world: World) -> None:
    for _ in range(3):
        world.people.publish_soon("sim_weibo", 1)
    for _ in range(3):
        world.nodes.tick(first(world))
        world.advance(61)
    assert 2 == out(world)


def three_pushes_a_day(world: World) -> None:
    for _ in range(3):
        world.people.publish_soon("sim_push", 1)
    world.nodes.tick(first(world))
    assert 2 == sum(line.lstrip().startswith("#") and " arm " in line for line in world.trace)


def one_after_a_doubt(world: World) -> None:
    world.chance.rates["answer_lost"] = 1.0
    world.people.publish_soon("sim_weibo", 1)
    world.nodes.claim_and_run(first(world))
    world.advance(61)
    world.people.publish_soon("sim_weibo", 1)
    world.nodes.claim_and_run(first(world))
    assert 1 == out(world)


def edited_after_the_freeze(world: World) -> None:
    world.people.publish_soon("sim_publish", 3)
    with somebody(world) as tx:
        world.people._write(tx, 2, "publish")
        tx.execute(update(POST).values(approved_digest=POST.c.content_digest))
    assert not world.nodes.claim_and_run(first(world))


# --- what may leave -------------------------------------------------------------------------------


def withdrawn(world: World) -> None:
    world.people.publish_soon("sim_weibo", 1)
    with somebody(world) as tx:
        asked = {"post_id": 1, "state": "requested", "reason": "no"}
        tx.execute(insert(WITHDRAWAL).values(**asked, requested_at=world.clock.now()))
    world.nodes.tick(first(world))
    assert 0 == out(world)


def post_held(world: World) -> None:
    world.people.publish_soon("sim_weibo", 1)
    with somebody(world) as tx:
        tx.execute(update(POST).values(held_for="check"))
    world.nodes.tick(first(world))
    assert 0 == out(world)


def published_by_hand(world: World) -> None:
    world.people.publish_soon("sim_weibo", 1)
    world.people.act("publish_by_hand")
    world.nodes.tick(first(world))
    assert 1 == out(world)


# --- doubts ---------------------------------------------------------------------------------------


def repeat_that_finds_the_platform_busy(world: World) -> None:
    world.chance.rates["answer_lost"] = 1.0
    world.people.publish_soon("sim_push", 1)
    world.nodes.claim_and_run(first(world))
    world.advance(95)
    world.chance.rates |= {"answer_lost": 0.0, "speak_busy": 1.0}
    world.nodes.looks(first(world))
    assert any("repeat uncertain->publishing" in line for line in world.trace)
    assert any("postpone publishing->uncertain" in line for line in world.trace)


@dataclass(frozen=True)
class Story:
    """What happens, and which of the watch's rules breaks without the guard, in which words."""

    happens: Callable[[World], object]
    without: Rules
    rule: str
    words: str
    unwatched: frozenset[str] = frozenset()


def _of_claim(name: str, happens: Callable[[World], object]) -> Story:
    return Story(happens, no_claim_guard(name), "claim", name)


def _of_leave(name: str, happens: Callable[[World], object], words: str) -> Story:
    return Story(happens, no_leave_guard(name), "may_leave", words, CLAIMED)


STORIES = {
    "claim without rested": _of_claim("rested", tired_account),
    "claim without past_gap": _of_claim("past_gap", two_at_once),
    "claim without under_cap": _of_claim("under_cap", three_in_an_hour),
    "claim without push_left": _of_claim("push_left", three_pushes_a_day),
    "claim without no_doubt_holds": _of_claim("no_doubt_holds", one_after_a_doubt),
    "claim without as_frozen": _of_claim("as_frozen", edited_after_the_freeze),
    "may_leave without not_withdrawn": _of_leave("not_withdrawn", withdrawn, "withdrawn"),
    "may_leave without post_not_held": _of_leave("post_not_held", post_held, "post held"),
    "may_leave without not_out_yet": _of_leave("not_out_yet", published_by_hand, "out already"),
    "doubts forgotten": Story(
        repeat_that_finds_the_platform_busy,
        replace(RULES, land=land_without_doubt),
        "crash",  # the table's own check stands behind the machine
        "no_doubt_on_a_statement",
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_story_ends_well_only_with_its_guard(name: str):
    story = STORIES[name]
    calm_world().run(story.happens)
    with pytest.raises(Failure, match=story.words) as told:
        calm_world(story.without, story.unwatched).run(story.happens)
    assert story.rule == told.value.rule


@pytest.mark.parametrize("guarded", [True, False])
def test_busy_account_keeps_others_waiting_only_without_idle(*, guarded: bool):
    """Two in flight on one account are impossible by the database's own index, guard or not.

    Without the guard each claim runs into the index, and what is due elsewhere waits behind it.
    """
    world = calm_world(RULES if guarded else no_claim_guard("idle"))
    claimed = []

    def meanwhile() -> None:
        world.people.publish_soon("sim_weibo", 1)
        world.people.publish_soon("sim_push", 1)
        world.advance(1)
        claimed.append(world.nodes.claim_and_run(world.nodes.nodes[1]))

    world.people.publish_soon("sim_weibo", 1)
    world.plan["sim_weibo.prepare"] = meanwhile
    world.nodes.claim_and_run(first(world))
    assert [guarded] == claimed


# --- the fence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("unpinned", [(), ("attempt",), tuple(sorted(RULES.fence))])
def test_late_no_of_a_first_attempt_doubles_only_without_the_attempt_pin(unpinned: tuple[str, ...]):
    """A stands still in preparing; B takes the row, speaks, and dies; then A comes back with a no.

    What happens inside something ends before it, so chance alone finds this only when B dies at
    one point of many: it is told here instead.
    """
    world = calm_world(no_fence(*unpinned))
    a, b = world.nodes.nodes[:2]

    def meanwhile() -> None:
        world.advance(a.ctx.policy.prepare_s + a.ctx.policy.speak_s + 1)
        world.plan["sim_weibo.after effect"] = lambda: world.kill(b)
        world.nodes.tick(b)
        world.chance.rates["prepare_unreachable"] = 1.0

    def script(_world: World) -> None:
        world.plan["sim_weibo.prepare"] = meanwhile
        world.people.publish_soon("sim_weibo", 1)
        world.nodes.claim_and_run(a)

    if not unpinned:
        world.run(script)
        assert 1 == out(world)
    else:
        with pytest.raises(Failure) as told:
            world.run(script)
        assert told.value.rule in ("I1", "I5")


@pytest.mark.parametrize("pinned", [True, False])
def test_stale_reap_sends_what_a_person_cancelled_only_without_the_state_pin(*, pinned: bool):
    """A dies in preparing; B reads the lapsed claim; a person cancels; then B puts it back.

    Chance alone would have to put the cancel between one reading and one writing: it is told here.
    """
    world = calm_world(RULES if pinned else no_fence("state"))
    a, b = world.nodes.nodes[:2]

    def script(_world: World) -> None:
        world.people.publish_soon("sim_weibo", 1)
        world.plan["sim_weibo.prepare"] = lambda: world.kill(a)
        world.nodes.claim_and_run(a)
        world.advance(a.ctx.policy.prepare_s + a.ctx.policy.speak_s + 1)
        world.plan["write"] = lambda: world.people.act("cancel")
        world.as_node(b, rescue.reap)

    if pinned:
        world.run(script)
        assert 0 == out(world)
        assert any("person cancel: #" in line for line in world.trace)
    else:
        with pytest.raises(Failure, match="was cancelled, release says publishing") as told:
            world.run(script)
        assert "I5" == told.value.rule


def test_every_guard_left_out_of_the_chance_has_a_story():
    assert {*STORIES, "claim without idle"} == TOLD

"""Hundreds of worlds: the plan's invariants I1 to I10, on SQLite and on PostgreSQL.

A world that breaks prints the one command that shows it again.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from scheduler.store.rules import POST
from tests.sim.world import Failure, World

CHUNK = 5
SEEDS = 300
POSTGRES_SEEDS = 20
ROUGH_SEEDS_MAX = 60
SIGNS = (
    *(f" {verb} " for verb in ("claim", "prepare", "arm", "receipt", "see", "refuse", "postpone")),
    *(f" {verb} " for verb in ("retry", "release", "doubt", "lapse", "repeat", "resolve", "miss")),
    *(f" {verb} " for verb in ("recall", "cancel", "requeue", "fall_out", "hold", "unhold")),
    "dies at",
    "does not answer",
    "a colleague presses",
    "late request",
)


def check_world(world: World) -> None:
    """Run a world; it raises `Failure` with the command that shows it again."""
    world.run()


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=[pytest.mark.slow] if first > 1 else [])
        for first in range(1, SEEDS + 1, CHUNK)
    ],
)
def test_world_of_any_seed_keeps_every_invariant(first: int):
    for seed in range(first, first + CHUNK):
        check_world(World(seed))


@pytest.mark.slow
@pytest.mark.postgres
def test_world_on_postgresql_keeps_every_invariant(postgres_url: str):
    for seed in range(1, POSTGRES_SEEDS + 1):
        check_world(World(seed, url=postgres_url))


def test_same_seed_gives_the_same_trace_again():
    traces = []
    for _ in range(2):
        world = World(11)
        world.run()
        traces.append(world.trace)
    assert traces[0] == traces[1]


def test_broken_world_prints_the_command_that_breaks_it_again():
    """No rule may be broken by an honest world, so a rule is broken here from outside."""
    world = World(3, steps=1, weather={"nest": 0.5})
    with pytest.raises(Failure) as told:
        world.run(lambda world: world.watch.broken("I1", "for show"))
    command = "python -m tests.sim --seed 3 --steps 1 --weather '{\"nest\": 0.5}'"
    assert f"I1: for show\n  again: {command}" == str(told.value)


def test_draft_a_colleague_published_is_booked_on_all_it_said():
    """A post fell out of an edition whose old draft still stood; the edition was then missed."""
    world = World(2, steps=0)
    world.chance.rates = dict.fromkeys(world.chance.rates, 0.0)

    def edit_the_second() -> None:
        with world.as_person(), world.store.write() as tx:
            world.people._write(tx, 2, "publish")

    def script(_world: World) -> None:
        world.people.publish_soon("sim_publish", 3)
        world.plan["sim_publish.draft kept"] = edit_the_second
        world.nodes.tick(world.nodes.nodes[0])
        place = next(place for place in world.places.values() if place.drafts)
        world.nodes.upkeep(world.nodes.nodes[0])
        place.press(next(iter(place.drafts.values())), world.clock.at)
        world.advance(3 * 3600)

    world.run(script)
    assert any("fall_out" in line for line in world.trace)
    assert any("missed->uncertain" in line for line in world.trace)
    with world.store.peek() as tx:
        out = tx.execute(select(POST.c.id).where(POST.c.published_at.is_not(None))).scalars()
        assert [1, 2, 3] == sorted(out)


@pytest.mark.slow
def test_rough_worlds_see_much_happen():
    """Nothing is proved by worlds in which nothing is sent, lost, doubted or killed."""
    rough = {"request_lost": 0.3, "death": 0.03, "job_refused": 0.3, "job_guilty": 0.5}
    rough |= {"nest": 0.2, "long_pause": 0.3, "look_fails": 0.0, "colleague": 1.0}
    rough |= {"answer_lost": 0.3, "speak_busy": 0.2}
    missing = set(SIGNS)
    for seed in range(1, ROUGH_SEEDS_MAX):
        late = {"late": 0.7, "request_lost": 0.0} if seed % 2 else {}
        world = World(seed, weather=rough | late)
        world.run()
        told = "\n".join(world.trace)
        missing -= {sign for sign in missing if sign in told}
        if not missing:
            break
    assert set() == missing

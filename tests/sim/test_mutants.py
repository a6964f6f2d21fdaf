"""The test of the tests: every guard switched off must break some world within a few seeds.

A guard that is backed by another one is named here with the reason, and both are switched off.
What chance finds too seldom stands in `test_guards.py`, as stories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError

from scheduler.dispatch import attempt
from scheduler.machine import State, Verb
from scheduler.store.flight import arm
from scheduler.store.moves import move, read
from scheduler.store.rules import POST_GUARDS, RULES, Rules
from tests.sim.holes import (
    CLAIMED,
    land_without_doubt,
    no_arm_guard,
    no_claim_guard,
    no_fence,
    no_leave_guard,
)
from tests.sim.world import Failure, World

SEEDS_MAX = 60


ROUGH = {"nest": 0.12, "long_pause": 0.2}
"""Weather in which much happens inside other things."""


@dataclass(frozen=True)
class Mutant:
    """Rules with a hole, and the watch's rules that may not catch it."""

    rules: Rules
    unwatched: frozenset[str] = frozenset()
    weather: Mapping[str, float] = field(default_factory=lambda: ROUGH)


def _mutants() -> dict[str, Mutant]:
    found = {f"claim without {name}": Mutant(no_claim_guard(name)) for name in RULES.claim}
    # `not_held` is missing here: a hold takes a publishing row back to queued, so a publishing row
    # is never held and arm's guard is backed by the state pin and by the claim's guard.
    found |= {f"arm without {name}": Mutant(no_arm_guard(name)) for name in ("posts", "not_paused")}
    for name in (*POST_GUARDS, "not_held", "not_paused"):
        found[f"may_leave without {name}"] = Mutant(no_leave_guard(name), CLAIMED)
    found["doubts forgotten"] = Mutant(replace(RULES, land=land_without_doubt))
    found["arm not durable"] = Mutant(replace(RULES, durable_arm=False))
    found["other bytes"] = Mutant(replace(RULES, same_bytes=False))
    return {name: mutant for name, mutant in found.items() if name not in TOLD}


TOLD = {
    *(f"claim without {name}" for name in ("idle", "rested", "past_gap", "under_cap")),
    *(f"claim without {name}" for name in ("no_doubt_holds", "as_frozen", "push_left")),
    "doubts forgotten",
    *(f"may_leave without {name}" for name in ("not_out_yet", "post_not_held", "not_withdrawn")),
}
"""What chance finds only after dozens of worlds: `test_guards.py` tells a story of each."""
MUTANTS = _mutants()


def caught(mutant: Mutant, *, seeds: int = SEEDS_MAX) -> Failure | None:
    """Give the first world that breaks under these rules."""
    for seed in range(1, seeds + 1):
        try:
            World(
                seed, rules=mutant.rules, unwatched=mutant.unwatched, weather=mutant.weather
            ).run()
        except Failure as failure:
            return failure
    return None


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_guard_switched_off_breaks_a_world(name: str, record_property: Callable[..., None]):
    failure = caught(MUTANTS[name])
    assert failure is not None, f"{name}: no world of {SEEDS_MAX} broke"
    record_property("caught", f"{name}: seed {failure.seed}, {failure.rule}")


def _armed_after_reading(world: World) -> tuple[Row[Any], Row[Any]]:
    """Read a claimed row, let its attempt arm, and read it again."""
    world.people.publish_soon("sim_weibo", 1)
    node = world.nodes.nodes[0]
    flight = world.as_node(node, attempt.claim)
    with world.store.peek() as tx:
        before = read(tx, flight.row.id)
    with world.as_person(), world.store.write() as tx:
        assert arm(tx, flight, now=world.clock.now())
    with world.store.peek() as tx:
        return before, read(tx, flight.row.id)


@pytest.mark.parametrize("pinned", [True, False])
def test_stale_cancel_is_written_only_without_the_armed_pin(*, pinned: bool):
    """Every verb of a person reads and writes in one transaction, and SQLite has one writer.

    So no world can put an arm between the two; on PostgreSQL (read committed) another commit can.
    """
    world = World(2, steps=0)
    before, _after = _armed_after_reading(world)
    rules = RULES if pinned else no_fence("armed")
    told = {"now": world.clock.now(), "actor": "person:reviewer", "rules": rules}
    with world.store.engine.begin() as tx:
        landed = move(tx, before, Verb.cancel, target=State.cancelled, **told)
    assert (None if pinned else State.cancelled) == landed


@pytest.mark.parametrize("pinned", [True, False])
def test_stale_refusal_of_a_doubted_row_is_stopped_by_pin_or_check(*, pinned: bool):
    """A doubt always comes with another state, and a repeat with another attempt.

    So the other pins hold wherever this one does, and the table's own check stands behind it: a
    row may not say "failed" and carry a doubt.
    """
    world = World(2, steps=0)
    _before, armed = _armed_after_reading(world)
    told = {"now": world.clock.now(), "actor": "node:a"}
    with world.store.engine.begin() as tx:
        doubt = {"next_at": world.clock.now()}
        assert State.uncertain == move(tx, armed, Verb.doubt, values=doubt, **told)
    fence = no_fence("state", "attempt") if pinned else no_fence("state", "attempt", "doubted")
    with world.store.engine.connect() as tx:
        if pinned:
            assert move(tx, armed, Verb.refuse, rules=fence, **told) is None
        else:
            with pytest.raises(IntegrityError, match="doubt"):
                move(tx, armed, Verb.refuse, rules=fence, **told)

"""Die at the n-th effect, n = 1, 2, 3 ... until a run ends without dying: no point is chosen.

An effect is a commit or a sentence of a channel. Afterwards the node starts again, the world must
settle, and every invariant holds.
"""

from __future__ import annotations

import pytest

from tests.sim.world import World

pytestmark = pytest.mark.slow
EFFECTS_MAX = 200


def world_dying_at(number: int, kind: str, posts: int, trouble: str | None, again: str) -> World:
    """Live through a calm world with one delivery and one trouble that always happens."""
    world = World(2, steps=0, crash_at=number, again=f"{again}  # effect {number}")
    world.chance.rates = dict.fromkeys(world.chance.rates, 0.0)
    if trouble is not None:
        world.chance.rates[trouble] = 1.0

    def script(world: World) -> None:
        world.people.publish_soon(kind, posts)
        world.nodes.tick(world.nodes.nodes[0])

    world.run(script)
    return world


@pytest.mark.parametrize("trouble", [None, "answer_lost", "request_lost", "speak_unreachable"])
@pytest.mark.parametrize(("kind", "posts"), [("sim_weibo", 1), ("sim_push", 3), ("sim_publish", 3)])
def test_death_at_every_effect_leaves_a_world_that_settles(
    kind: str, posts: int, trouble: str | None, request: pytest.FixtureRequest
):
    again = f"pytest '{request.node.nodeid}'"
    for number in range(1, EFFECTS_MAX):
        world = world_dying_at(number, kind, posts, trouble, again)
        if world.crash_at is not None:
            break  # the run ended before its n-th effect: every one has been tried
    assert 10 < number < EFFECTS_MAX - 1
    if trouble is None:
        outs = [seen for place in world.places.values() for seen in place.outs]
        assert posts == len(outs)

"""Run simulated worlds by hand: `python -m tests.sim --seed 7`, or `--seeds 1-500`.

`--weather '{"colleague": 1.0}'` sets the rates of some troubles for all of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from tests.sim.world import Failure, World


def _seeds(text: str) -> range:
    first, _dash, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> int:
    """Run what the command line asks for; 1 when a world broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim")
    parser.add_argument("--seed", type=int, help="one world, with its trace")
    parser.add_argument("--seeds", type=_seeds, help="many worlds, as A-B")
    parser.add_argument("--steps", type=int, default=45)
    parser.add_argument("--weather", type=json.loads, default={}, help="rates of trouble, as JSON")
    parser.add_argument("--url", help="a database of its own; it is emptied")
    asked = parser.parse_args()
    broken = 0
    began = time.perf_counter()
    seeds = [asked.seed] if asked.seed is not None else list(asked.seeds or range(1, 101))
    for seed in seeds:
        world = World(seed, steps=asked.steps, url=asked.url, weather=asked.weather)
        try:
            world.run()
        except Failure as failure:
            broken += 1
            if asked.seed is None:
                sys.stdout.write(f"{failure}\n")
                sys.stdout.flush()
        if asked.seed is not None:
            sys.stdout.write("\n".join([*world.trace, ""]))
    took_s = time.perf_counter() - began
    sys.stdout.write(f"{len(seeds)} worlds, {broken} broken, {took_s:.1f} s\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

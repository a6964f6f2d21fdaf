"""Rules with holes: the store's guards with some of them switched off."""

from __future__ import annotations

from dataclasses import replace

from scheduler.machine import Facts, State, Verb, edge_for
from scheduler.store.rules import RULES, Rules, leave_guards_without

CLAIMED = frozenset({"claim"})
"""Where a post's guard is off in claim and in arm, only what went wrong at the platform counts."""


def _without(guards, *names):
    return {name: guard for name, guard in guards.items() if name not in names}


def no_claim_guard(name: str) -> Rules:
    return replace(RULES, claim=_without(RULES.claim, name))


def no_arm_guard(name: str) -> Rules:
    return replace(RULES, arm=_without(RULES.arm, name))


def no_leave_guard(name: str) -> Rules:
    leave = leave_guards_without(name)
    claim = {**leave, **_without(RULES.claim, "posts", "not_held", "not_paused")}  # both places
    return replace(RULES, claim=claim, arm=leave)


def no_fence(*names: str) -> Rules:
    return replace(RULES, fence=RULES.fence - set(names))


def land_without_doubt(facts: Facts, verb: Verb, target: State | None) -> State:
    """Take the table's end and forget the doubt."""
    return edge_for(facts, verb, target).target

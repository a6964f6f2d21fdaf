"""The delivery's state machine: states, verbs, the table of edges, the doubt rule. Pure.

Nothing here reads a clock, a row or a setting. `Facts` in, a state out. The store asks `land()`
before every write; the documents' table and drawing are generated from `EDGES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a delivery is. The three kinds of ending are statements about the world."""

    queued = "queued"
    publishing = "publishing"
    accepted = "accepted"
    published = "published"
    failed = "failed"
    uncertain = "uncertain"
    missed = "missed"
    cancelled = "cancelled"


class Verb(StrEnum):
    """What may happen to a delivery. One event line carries one verb."""

    add = "add"
    edit = "edit"
    freeze = "freeze"
    fall_out = "fall_out"
    hold = "hold"
    unhold = "unhold"
    claim = "claim"
    prepare = "prepare"
    arm = "arm"
    receipt = "receipt"
    see = "see"
    refuse = "refuse"
    postpone = "postpone"
    retry = "retry"
    release = "release"
    doubt = "doubt"
    lapse = "lapse"
    repeat = "repeat"
    resolve = "resolve"
    recall = "recall"
    restore = "restore"
    miss = "miss"
    cancel = "cancel"
    requeue = "requeue"


S, V = State, Verb

NOT_OUT = frozenset({S.failed, S.missed, S.cancelled})
"""States that say: certainly not out."""
FINAL = NOT_OUT | {S.published}
LIVING = frozenset({S.queued, S.publishing, S.accepted, S.uncertain})
"""A post in a living delivery may not be put into another one."""
DOUBT_STAYS = frozenset({S.queued}) | NOT_OUT
"""Where a row that carries a doubt may not end, unless a person says so."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One line of the table: a verb leads from one of `origins` to `target` (None: from nothing).

    `armed`: True only when armed, False only when unarmed, None either way. `hands`: only while
    a person holds the pack. `lifts_doubt`: proof or a person, so the doubt does not survive.
    """

    verb: Verb
    origins: frozenset[State] | None
    target: State
    armed: bool | None = None
    hands: bool | None = None
    lifts_doubt: bool = False


_MENDS = frozenset({V.doubt, V.receipt, V.see})
"""All that may be done with a queued row that carries a doubt: such a row should not exist."""


def _edge(verb: Verb, origins: str, target: State, **marks: bool) -> Edge:
    return Edge(verb, frozenset(State(name) for name in origins.split()), target, **marks)


_ALL_BUT_PUBLISHED = "queued publishing accepted failed uncertain missed cancelled"

EDGES: tuple[Edge, ...] = (
    Edge(V.add, None, S.queued),
    _edge(V.edit, "queued", S.queued),
    _edge(V.freeze, "queued", S.queued),
    _edge(V.fall_out, "queued", S.queued),
    _edge(V.hold, "queued", S.queued),
    _edge(V.hold, "publishing", S.queued, armed=False),
    _edge(V.unhold, "queued", S.queued),
    _edge(V.claim, "queued", S.publishing),
    _edge(V.prepare, "publishing", S.publishing),
    _edge(V.arm, "publishing", S.publishing, armed=False),
    _edge(V.receipt, _ALL_BUT_PUBLISHED, S.published, lifts_doubt=True),
    _edge(V.receipt, "publishing uncertain", S.accepted),
    _edge(V.see, _ALL_BUT_PUBLISHED, S.published, lifts_doubt=True),
    _edge(V.see, "publishing uncertain", S.accepted),
    _edge(V.refuse, "publishing accepted", S.failed),
    _edge(V.postpone, "publishing", S.queued),
    _edge(V.retry, "publishing", S.queued),
    _edge(V.release, "publishing", S.queued, armed=False),
    _edge(V.doubt, "publishing", S.uncertain),
    _edge(V.doubt, "accepted", S.uncertain, hands=False),
    _edge(V.doubt, "queued missed cancelled", S.uncertain),
    _edge(V.lapse, "publishing", S.uncertain, armed=True),
    _edge(V.repeat, "uncertain", S.publishing),
    _edge(V.resolve, "uncertain", S.published, lifts_doubt=True),
    _edge(V.resolve, "uncertain", S.failed, lifts_doubt=True),
    _edge(V.resolve, "uncertain", S.queued, lifts_doubt=True),
    _edge(V.resolve, "accepted", S.published, hands=True, lifts_doubt=True),
    _edge(V.resolve, "accepted", S.failed, hands=True, lifts_doubt=True),
    _edge(V.resolve, "accepted", S.queued, hands=True, lifts_doubt=True),
    _edge(V.recall, "accepted", S.cancelled, hands=True),
    _edge(V.recall, "accepted", S.uncertain, hands=True),
    _edge(V.restore, "queued publishing accepted", S.uncertain),
    _edge(V.miss, "queued", S.missed),
    _edge(V.miss, "accepted", S.missed, hands=True),
    _edge(V.cancel, "queued", S.cancelled),
    _edge(V.cancel, "publishing", S.cancelled, armed=False),
    _edge(V.requeue, "failed missed cancelled", S.queued),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the machine must know of a delivery: no more than this."""

    state: State | None
    armed: bool = False
    doubted: bool = False
    in_hands: bool = False


class NoSuchEdge(Exception):
    """The table has no such edge: the verb may not be used on a delivery like this."""

    def __init__(self, facts: Facts, verb: Verb, target: State | None) -> None:
        super().__init__(f"{verb} from {facts} to {target}")
        self.facts = facts
        self.verb = verb


def edge_for(facts: Facts, verb: Verb, target: State | None = None) -> Edge:
    """Find the one edge for `verb`; `target` chooses where a verb has several.

    Raises `NoSuchEdge` when there is none, also when a row with a doubt stands queued: a queued
    row never carries a doubt, so nothing may be done with such a row but doubt or see it.
    """
    for edge in EDGES:
        if edge.verb is verb and (target is None or edge.target is target) and _fits(edge, facts):
            return edge
    raise NoSuchEdge(facts, verb, target)


def _fits(edge: Edge, facts: Facts) -> bool:
    if edge.origins is None or facts.state is None:
        return edge.origins is None and facts.state is None
    if facts.state is S.queued and facts.doubted and edge.verb not in _MENDS:
        return False
    return (
        facts.state in edge.origins
        and edge.armed in (None, facts.armed)
        and edge.hands in (None, facts.in_hands)
    )


def land(facts: Facts, verb: Verb, target: State | None = None) -> State:
    """Say where `verb` ends, the doubt rule included.

    A doubt is taken off only by proof or by a person: where the table ends in queued, failed,
    missed or cancelled and the row carries a doubt, it ends in `uncertain` instead.
    """
    edge = edge_for(facts, verb, target)
    if facts.doubted and not edge.lifts_doubt and edge.target in DOUBT_STAYS:
        return S.uncertain
    return edge.target


def lifts_doubt(facts: Facts, verb: Verb, target: State | None = None) -> bool:
    """Say whether `verb` takes the doubt off (proof, or a person who says so)."""
    return edge_for(facts, verb, target).lifts_doubt

"""The whole machine, enumerated: every state, flag, verb and target, against the written plan."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest

from scheduler.machine import EDGES, Facts, NoSuchEdge, State, Verb, edge_for, land, lifts_doubt

FLAGS = (False, True)
NOT_OUT = {"failed", "missed", "cancelled"}


@dataclass(frozen=True)
class Row:
    """One line of the plan's table, as its words say it. `None`: either way."""

    verb: str
    origins: str
    target: str
    armed: bool | None = None
    hands: bool | None = None
    proof_or_person: bool = False


# Written from the plan's section on the state machine, not from machine.py.
EVERY_BUT_PUBLISHED = "queued publishing accepted failed uncertain missed cancelled"
PLAN = (
    Row("add", "", "queued"),
    Row("edit", "queued", "queued"),
    Row("freeze", "queued", "queued"),
    Row("fall_out", "queued", "queued"),
    Row("hold", "queued", "queued"),
    Row("hold", "publishing", "queued", armed=False),
    Row("unhold", "queued", "queued"),
    Row("claim", "queued", "publishing"),
    Row("prepare", "publishing", "publishing"),
    Row("arm", "publishing", "publishing", armed=False),
    Row("receipt", EVERY_BUT_PUBLISHED, "published", proof_or_person=True),
    Row("see", EVERY_BUT_PUBLISHED, "published", proof_or_person=True),
    Row("receipt", "publishing uncertain", "accepted"),
    Row("see", "publishing uncertain", "accepted"),
    Row("refuse", "publishing accepted", "failed"),
    Row("postpone", "publishing", "queued"),
    Row("retry", "publishing", "queued"),
    Row("release", "publishing", "queued", armed=False),
    Row("doubt", "publishing", "uncertain"),
    Row("doubt", "accepted", "uncertain", hands=False),  # "a *platform* job unknown or silent"
    Row("doubt", "queued missed cancelled", "uncertain"),
    Row("lapse", "publishing", "uncertain", armed=True),
    Row("repeat", "uncertain", "publishing"),
    Row("resolve", "uncertain", "published", proof_or_person=True),
    Row("resolve", "uncertain", "failed", proof_or_person=True),
    Row("resolve", "uncertain", "queued", proof_or_person=True),
    Row("resolve", "accepted", "published", hands=True, proof_or_person=True),
    Row("resolve", "accepted", "failed", hands=True, proof_or_person=True),
    Row("resolve", "accepted", "queued", hands=True, proof_or_person=True),
    Row("recall", "accepted", "cancelled", hands=True),
    Row("recall", "accepted", "uncertain", hands=True),
    Row("restore", "queued publishing accepted", "uncertain"),
    Row("miss", "queued", "missed"),
    Row("miss", "accepted", "missed", hands=True),
    Row("cancel", "queued", "cancelled"),
    Row("cancel", "publishing", "cancelled", armed=False),
    Row("requeue", "failed missed cancelled", "queued"),
)

ALL_FACTS = [
    Facts(state, armed, doubted, hands)
    for state, armed, doubted, hands in product([None, *State], FLAGS, FLAGS, FLAGS)
]
QUEUED_VERBS = [
    edge.verb
    for edge in EDGES
    if State.queued in (edge.origins or ())
    and edge.verb not in (Verb.doubt, Verb.receipt, Verb.see)
]
Situation = tuple[Facts, Verb, State]
SITUATIONS: list[Situation] = list(product(ALL_FACTS, Verb, State))


def planned(facts: Facts, verb: Verb, target: State) -> Row | None:
    """Find the line of the plan for one situation."""
    for row in PLAN:
        named = (facts.state is None) if not row.origins else facts.state in row.origins.split()
        if (
            named
            and (row.verb, row.target) == (verb, target)
            and row.armed in (None, facts.armed)
            and row.hands in (None, facts.in_hands)
        ):
            return row
    return None


def expected(facts: Facts, verb: Verb, target: State) -> str | None:
    """Say where the plan ends, its rule about doubts included; None where it has no line."""
    row = planned(facts, verb, target)
    if row is None:
        return None
    keeps = facts.doubted and not row.proof_or_person
    return "uncertain" if keeps and row.target in {"queued", *NOT_OUT} else row.target


def landed(facts: Facts, verb: Verb, target: State | None) -> str | None:
    """Say where the machine ends; None where it refuses."""
    try:
        return land(facts, verb, target)
    except NoSuchEdge:
        return None


def differences(situations: list[Situation]) -> list[str]:
    """List every situation in which the machine does not do what the plan says."""
    return [
        f"{facts} {verb} -> {target}: plan {want}, machine {got}"
        for facts, verb, target in situations
        if (want := expected(facts, verb, target)) != (got := landed(facts, verb, target))
    ]


def impossible(facts: Facts) -> bool:
    """Tell whether no row can be like this: a queued row never carries a doubt."""
    return facts.state is State.queued and facts.doubted


def test_every_situation_ends_where_the_plan_says():
    """All 13 824 combinations of facts, verb and target agree with the transcription."""
    assert len(SITUATIONS) == 9 * 8 * 24 * 8
    asked = [one for one in SITUATIONS if not impossible(one[0]) and not in_hands_doubt(one)]
    assert [] == differences(asked)


def in_hands_doubt(situation: Situation) -> bool:
    """Tell the one situation that has its own test below."""
    facts, verb, _target = situation
    return verb is Verb.doubt and facts.state is State.accepted and facts.in_hands


def test_pack_in_a_persons_hands_is_not_doubted_by_silence():
    """Only a platform's job may be doubted; a person's pack waits for the person."""
    assert [] == differences([one for one in SITUATIONS if in_hands_doubt(one)])


def test_every_verb_without_target_ends_in_a_state_or_is_refused():
    """Without a chosen target the first fitting line counts, and nothing else can come out."""
    for facts, verb in product(ALL_FACTS, Verb):
        ends = [end for target in State if (end := landed(facts, verb, target)) is not None]
        got = landed(facts, verb, None)
        assert (got in ends) if ends else (got is None), (facts, verb)
        assert got is None or got in set(State), (facts, verb)


def test_table_has_the_plans_lines_and_no_other():
    """Flattened to one origin each, the two tables hold the same lines."""
    plan = {
        (row.verb, origin, row.target, row.armed, row.hands, row.proof_or_person)
        for row in PLAN
        for origin in row.origins.split() or [None]
    }
    machine = {
        (edge.verb, origin, edge.target, edge.armed, edge.hands, edge.lifts_doubt)
        for edge in EDGES
        for origin in edge.origins or [None]
    }
    pack = {("doubt", "accepted", "uncertain", None, mark, False) for mark in (None, False)}
    assert [] == sorted(map(str, (plan ^ machine) - pack))  # the pack has its own test above


def test_no_two_lines_answer_the_same_question():
    """For one situation at most one line fits, so the order of the table means nothing."""
    for facts, verb, target in SITUATIONS:
        fitting = [
            edge
            for edge in EDGES
            if edge.verb is verb
            and edge.target is target
            and (facts.state in (edge.origins or {None}))
            and edge.armed in (None, facts.armed)
            and edge.hands in (None, facts.in_hands)
        ]
        assert len(fitting) <= 1, (facts, verb, target, fitting)


def test_doubt_leaves_only_by_proof_or_person():
    """Whoever carries a doubt and lands in a clear state has met proof or a person's word."""
    for facts, verb, target in SITUATIONS:
        end = landed(facts, verb, target)
        if facts.doubted and end in {"queued", *NOT_OUT}:
            assert verb is Verb.resolve, (facts, verb, target)


def test_doubt_rule_for_every_edge_into_a_clear_state():
    """The same edge ends clear without a doubt, and uncertain with one unless it lifts it."""
    for facts, verb, target in SITUATIONS:
        if facts.doubted or landed(facts, verb, target) not in {"queued", *NOT_OUT}:
            continue
        doubted = Facts(facts.state, facts.armed, doubted=True, in_hands=facts.in_hands)
        if impossible(doubted) or facts.state is None:
            continue
        want = target if lifts_doubt(facts, verb, target) else State.uncertain
        assert want == landed(doubted, verb, target), (facts, verb, target)


def test_row_that_stays_queued_carries_no_doubt():
    """No verb brings a doubted row to queued with its doubt on."""
    for facts, verb in product(ALL_FACTS, Verb):
        if facts.doubted and landed(facts, verb, State.queued) == "queued":
            assert lifts_doubt(facts, verb, State.queued), (facts, verb)


@pytest.mark.parametrize("verb", QUEUED_VERBS)
def test_queued_row_with_a_doubt_is_refused(verb):
    """Such a row cannot be: nothing may be done with it but to doubt it or to see it."""
    facts = Facts(State.queued, doubted=True)
    assert {None} == {landed(facts, verb, target) for target in State}


def test_published_is_never_left():
    """What is certainly out stays certainly out."""
    for facts, verb, target in SITUATIONS:
        if facts.state is State.published:
            assert landed(facts, verb, target) is None


def test_armed_row_is_never_released_held_or_cancelled():
    """After the arm only an answer, a lapse or a doubt can come."""
    armed = Facts(State.publishing, armed=True)
    for verb in (Verb.release, Verb.hold, Verb.cancel, Verb.arm):
        assert landed(armed, verb, None) is None


def test_refusal_names_the_facts_and_the_verb():
    """The error carries what was asked, for the log."""
    facts = Facts(State.published)
    with pytest.raises(NoSuchEdge) as caught:
        edge_for(facts, Verb.claim)
    assert (facts, Verb.claim) == (caught.value.facts, caught.value.verb)

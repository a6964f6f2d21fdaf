"""Targets: what they count, > against >=, and when they hold."""

from __future__ import annotations

import pytest

from scheduler.ledger import targets
from scheduler.ledger.counts import Cell
from scheduler.ledger.targets import Goal, evaluate
from scheduler.people import SETUP
from tests.ledger.conftest import NOW

CELLS = [
    Cell("2016-08", "weibo", 1, "政务信息/安监动态", "original", 20),
    Cell("2016-08", "wechat", 2, "政务信息", "original", 30),
    Cell("2016-08", "wechat", 2, "政务信息公报", "original", 5),
    Cell("2016-08", "wechat", 2, "推送新闻", "reprint", 100),
]


def goal(number, comparison=">", *, accounts=(), columns=(), origin=""):
    return Goal("甲", frozenset(accounts), columns, origin, comparison, number)


@pytest.mark.parametrize(
    ("comparison", "number", "met"),
    [(">", 54, True), (">", 55, False), (">=", 55, True), (">=", 56, False)],
)
def test_more_than_and_at_least_differ_on_the_number_itself(comparison, number, met):
    """More than 50 means 51."""
    (outcome,) = evaluate([goal(number, comparison, origin="original")], "2016-08", CELLS)
    assert (55, met) == (outcome.actual, outcome.met)


@pytest.mark.parametrize(
    ("which", "actual"),
    [
        ({}, 155),
        ({"accounts": [1]}, 20),
        ({"accounts": [1, 2], "origin": "reprint"}, 100),
        ({"columns": ("政务信息",)}, 50),
        ({"columns": ("政务信息/安监动态", "推送新闻")}, 120),
    ],
)
def test_target_counts_its_accounts_columns_and_origin_only(which, actual):
    """A column has those below it with it, not those that begin alike."""
    (outcome,) = evaluate([goal(1, **which)], "2016-08", CELLS)
    assert actual == outcome.actual


@pytest.mark.parametrize(
    ("month", "asked"),
    [("2016-07", False), ("2016-08", True), ("2016-09", True), ("2016-10", False)],
)
def test_target_is_asked_of_the_months_it_holds_in(month, asked):
    """Both ends are included."""
    bounded = Goal("甲", frozenset(), (), "", ">", 1, "2016-08", "2016-09")
    assert asked == bool(evaluate([bounded], month, []))


def test_target_comes_back_from_the_database_as_it_was(store):
    """With its event and its counting rule."""
    made = Goal("乙", frozenset({2, 1}), ("安全科普",), "original", ">=", 8, "2020-01", "2020-12")
    with store.write() as tx:
        targets.add(tx, made, SETUP, NOW)
    with store.read() as tx:
        assert made == targets.read_goals(tx)[-1]


def test_seeding_twice_leaves_one_target(store, desk):
    """`init` may be run by a migration as well."""
    with store.write() as tx:
        targets.seed(tx, NOW)
    assert 1 == desk.count("target")
    with store.read() as tx:
        (seeded,) = targets.read_goals(tx)
    assert ("original", ">", 50) == (seeded.origin, seeded.comparison, seeded.number)

"""Sentences for people: filled, nested, and never lost to a wrong field."""

from __future__ import annotations

import pytest

from scheduler.errors import Conflict, FabuError, RowError, RowErrors
from scheduler.words import N_, _, language, say


@pytest.mark.parametrize(
    ("text", "params", "said"),
    [
        ("Plain.", None, "Plain."),
        ("", None, ""),
        ("No {name} here.", {"name": "微博"}, "No 微博 here."),
        ("No {name} here.", {"other": 1}, "No {name} here."),
        ("A brace { alone.", {"name": 1}, "A brace { alone."),
        ("By {0}.", {"name": 1}, "By {0}."),
        ("{why} Stop.", {"why": ("Day {n}.", {"n": 3})}, "Day 3. Stop."),
        ("{why} Stop.", {"why": ["Day {n}.", {"n": 3}]}, "Day 3. Stop."),
        ("{pair}", {"pair": ("a", "b")}, "('a', 'b')"),
    ],
)
def test_sentence_is_filled_or_given_as_it_is(text, params, said):
    """A wrong field must not hide the message."""
    assert said == say(text, params)


@pytest.mark.parametrize(
    ("wanted", "got"), [("en", "en"), ("zh_CN", "zh_CN"), ("", "zh_CN"), ("xx", "zh_CN")]
)
def test_language_is_chinese_unless_asked(monkeypatch, wanted, got):
    """Chinese is the first language of every face."""
    monkeypatch.setenv("FABU_LANG", wanted)
    assert got == language()


def test_sentence_that_no_catalogue_has_is_given_as_it_is():
    """An untranslated message is better than none."""
    assert "Nobody translated this." == _(N_("Nobody translated this."))


def test_empty_sentence_is_not_the_catalogues_heading():
    """Asked for "", gettext gives its metadata; a person must not see that."""
    assert "" == _("")


def test_error_says_its_sentence_filled():
    """`str(error)` is what a face shows."""
    error = Conflict("Delivery {id} is {state} now.", id=3, state=("queued", {}))
    assert "Delivery 3 is queued now." == str(error)
    assert isinstance(error, FabuError)


def test_row_errors_count_their_rows():
    """All faults of a file come in one go."""
    rows = [RowError(2, "栏目", "There is no column {path}.", {"path": "x"})] * 2
    error = RowErrors("ledger.csv", rows)
    assert "ledger.csv: 2 faults; nothing was written." == str(error)
    assert "There is no column x." == str(error.rows[0])

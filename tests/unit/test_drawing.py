"""The page about states says what the machine does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scheduler import drawing
from scheduler.machine import EDGES, State

PAGE = Path(__file__).resolve().parents[2] / "docs" / "states.md"


@pytest.mark.parametrize("name", ["table", "drawing"])
def test_page_holds_what_the_machine_generates(name):
    """Renew it with `python -m scheduler.drawing docs/states.md`."""
    assert drawing.parts()[name] == drawing.between(name, PAGE.read_text(encoding="utf-8"))


def test_table_has_one_line_per_edge():
    """A heading, a rule, then every edge."""
    assert 2 + len(EDGES) == len(drawing.table().splitlines())


def test_page_explains_every_state():
    """Each state has its line in the first table."""
    page = PAGE.read_text(encoding="utf-8")
    assert [] == [state for state in State if f"\n| {state} | " not in page]


def test_stale_page_is_renewed():
    """What stands between the markers is replaced, the rest stays."""
    page = "a\n<!-- table: begin -->\nx\n<!-- table: end -->\n"
    page += "b\n<!-- drawing: begin -->\nx\n<!-- drawing: end -->\nc\n"
    renewed = drawing.renew(page)
    assert [drawing.between(name, renewed) for name in drawing.parts()] == list(
        drawing.parts().values()
    )
    assert ("a", "c") == (renewed.splitlines()[0], renewed.splitlines()[-1])


def test_page_without_markers_is_an_error():
    """A page that lost its markers must not pass as equal."""
    with pytest.raises(ValueError, match="markers for table"):
        drawing.renew("nothing here")


def test_module_prints_both_parts():
    """`python -m scheduler.drawing` is the newcomer's way to see them."""
    ran = subprocess.run(
        [sys.executable, "-m", "scheduler.drawing"],
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
    )
    assert "\n\n".join(drawing.parts().values()) + "\n" == ran.stdout

"""Charts as plain geometry for an inline SVG: bars from zero, the target as a line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 160
TOP = 24
BELOW = 28
STEP_MAX, STEP_MIN = 72, 26
LEFT = 4
RIGHT = 80
"""Room for the words beside the target line."""
LABELS_MIN_STEP = 60
"""Narrower columns name only the first month and every January in full."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: what was counted and the number that meets the target."""

    month: str
    count: int
    least: int
    met: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar in user units, with its labels."""

    width: int
    height: int
    base: int
    bars: tuple[DrawnBar, ...]


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """Where one bar and its target line stand."""

    bar: Bar
    x: int
    width: int
    y: float
    tall: float
    goal_y: float
    middle: float
    label: str


def draw(bars: Sequence[Bar]) -> Drawn:
    """Place the bars. The axis begins at zero; the highest of count and target fills it."""
    most = max([1, *(max(bar.count, bar.least) for bar in bars)])
    step = max(STEP_MIN, min(STEP_MAX, 864 // max(1, len(bars))))
    base = TOP + HEIGHT

    def level(count: int) -> float:
        return round(base - HEIGHT * count / most, 1)

    drawn = []
    for at, bar in enumerate(bars):
        x = LEFT + at * step
        year, _dash, month = bar.month.partition("-")
        short = str(int(month))
        whole = at == 0 or month == "01"
        label = bar.month if whole and step >= LABELS_MIN_STEP else short
        if whole and step < LABELS_MIN_STEP:
            label = f"{short}/{year[2:]}"
        drawn.append(
            DrawnBar(
                bar=bar,
                x=x,
                width=step - 8,
                y=level(bar.count),
                tall=round(base - level(bar.count), 1),
                goal_y=level(bar.least),
                middle=x + (step - 8) / 2,
                label=label,
            )
        )
    return Drawn(LEFT * 2 + step * len(bars) + RIGHT, base + BELOW, base, tuple(drawn))

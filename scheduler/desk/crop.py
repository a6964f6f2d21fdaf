"""Which part of a cover is shown: a shape and a place along the side that is too long. Pure.

WeChat shows the cover of an edition's first article at 2.35:1 and the others as squares, and cuts
the middle out by itself. Who wants another part of the picture says so; it is part of what is
signed.
"""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.words import N_

Crop = tuple[float, float, float, float]
WIDE, SQUARE = "wide", "square"
RATIOS: Mapping[str, float] = {WIDE: 2.35, SQUARE: 1.0}
SHAPES: Mapping[str, str] = {
    "": N_("The whole picture (WeChat shows its middle)"),
    WIDE: N_("A wide part, 2.35:1, as the first article shows it"),
    SQUARE: N_("A square part, 1:1, as the other articles show it"),
}
"""The choices of the form and their words."""
MIDDLE = 50
_NEARLY = 0.995
"""A picture so near to the shape is not cut: it would lose a line of pixels and nothing else."""


def crop_of(width_px: int, height_px: int, shape: str, at: str) -> Crop | None:
    """Give the part of a picture as four fractions (x1, y1, x2, y2); None is the whole.

    `at` says where along the long side, in percent from its beginning; anything else is the middle.
    """
    ratio = RATIOS.get(shape)
    if ratio is None or width_px <= 0 or height_px <= 0:
        return None
    share = ratio * height_px / width_px  # how much of the width the shape takes
    place = _percent(at) / 100
    if share > 1:
        left, right, height = 0.0, 1.0, 1 / share
        top = (1 - height) * place
        crop = (left, top, right, top + height)
        kept = height
    else:
        begin = (1 - share) * place
        crop = (begin, 0.0, begin + share, 1.0)
        kept = share
    return None if kept > _NEARLY else _rounded(crop)


def _percent(at: str) -> int:
    if not at.isascii() or not at.isdigit():
        return MIDDLE
    return min(100, int(at[:4]))


def _rounded(crop: Crop) -> Crop:
    x1, y1, x2, y2 = (round(min(1.0, edge), 6) for edge in crop)
    return x1, y1, x2, y2

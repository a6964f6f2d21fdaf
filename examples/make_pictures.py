"""Draw the pictures of the demo stories: flat shapes, no text, no font, no randomness.

    python examples/make_pictures.py [folder]

A cover is 900 x 383 (the 2.35:1 of a WeChat cover) with its subject in the middle, so that the
square crop of a secondary article still shows it. A body picture is 800 x 600.
"""

# What a function draws is its name; a shape is told by its coordinates.
# ruff: noqa: D102, D103, D401, PLR0917

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

COVER = (900, 383)
BODY = (800, 600)
FINE = 3  # drawn three times as large, then scaled down: smooth edges
LARGEST = 60_000  # bytes per file

Point = tuple[float, float]

INK = "#2f3b4c"
WHITE = "#ffffff"
STEEL = "#8fa1b3"
PALE = "#e9eef3"
RED = "#d2544a"
DARK_RED = "#a93f38"
ORANGE = "#e8924a"
AMBER = "#f2c14e"
GREEN = "#5f9e78"
DARK_GREEN = "#3f7a58"
BLUE = "#4f86b8"
NAVY = "#2b4468"
TEAL = "#4c9a9a"
WOOD = "#b98a5e"
SKIN = "#f0c9a4"


def mix(one: str, other: str, share: float) -> str:
    """The colour `share` of the way from `one` to `other`."""
    a = [int(one[i : i + 2], 16) for i in (1, 3, 5)]
    b = [int(other[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b, strict=True))


class Pen:
    """Draws in its own coordinates; `at` gives a pen moved, scaled and turned."""

    def __init__(
        self, draw: ImageDraw.ImageDraw, x: float, y: float, scale: float, turn: float = 0
    ) -> None:
        self.draw, self.x, self.y, self.scale, self.turn = draw, x, y, scale, turn

    def _out(self, points: Iterable[Point]) -> list[Point]:
        c = math.cos(math.radians(self.turn)) * self.scale
        s = math.sin(math.radians(self.turn)) * self.scale
        return [(self.x + c * x - s * y, self.y + s * x + c * y) for x, y in points]

    def at(self, x: float, y: float, scale: float = 1, turn: float = 0) -> Pen:
        ((px, py),) = self._out([(x, y)])
        return Pen(self.draw, px, py, self.scale * scale, self.turn + turn)

    def poly(self, points: Iterable[Point], fill: str) -> None:
        self.draw.polygon(self._out(points), fill=fill)

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: str, r: float = 0) -> None:
        if r <= 0:
            self.poly([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill)
            return
        corners = ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90),
                   (x0 + r, y0 + r, 180))  # fmt: skip
        self.poly(
            [
                (cx + r * math.cos(math.radians(a + t)), cy + r * math.sin(math.radians(a + t)))
                for cx, cy, a in corners
                for t in range(0, 91, 6)
            ],
            fill,
        )

    def pie(
        self, x: float, y: float, r: float, a0: float, a1: float, fill: str, ry: float | None = None
    ) -> None:
        """A sector from angle a0 to a1 (degrees, clockwise from the right)."""
        tall = r if ry is None else ry
        rim = [
            (
                x + r * math.cos(math.radians(a0 + (a1 - a0) * i / 72)),
                y + tall * math.sin(math.radians(a0 + (a1 - a0) * i / 72)),
            )
            for i in range(73)
        ]
        self.poly(rim if abs(a1 - a0) >= 360 else [(x, y), *rim], fill)

    def disc(self, x: float, y: float, r: float, fill: str, ry: float | None = None) -> None:
        self.pie(x, y, r, 0, 360, fill, ry)

    def arc(
        self, x: float, y: float, r: float, a0: float, a1: float, width: float, fill: str
    ) -> None:
        def rim(radius: float) -> list[Point]:
            return [
                (
                    x + radius * math.cos(math.radians(a0 + (a1 - a0) * i / 72)),
                    y + radius * math.sin(math.radians(a0 + (a1 - a0) * i / 72)),
                )
                for i in range(73)
            ]

        self.poly(rim(r + width / 2) + rim(r - width / 2)[::-1], fill)
        if abs(a1 - a0) < 360:
            for a in (a0, a1):
                self.disc(
                    x + r * math.cos(math.radians(a)),
                    y + r * math.sin(math.radians(a)),
                    width / 2,
                    fill,
                )

    def ring(self, x: float, y: float, r: float, width: float, fill: str) -> None:
        self.arc(x, y, r, 0, 360, width, fill)

    def line(self, points: list[Point], width: float, fill: str) -> None:
        for (x0, y0), (x1, y1) in pairwise(points):
            long = math.hypot(x1 - x0, y1 - y0) or 1
            dx, dy = (y1 - y0) / long * width / 2, (x0 - x1) / long * width / 2
            self.poly(
                [(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)],
                fill,
            )
        for x, y in points:
            self.disc(x, y, width / 2, fill)

    def curve(self, a: Point, b: Point, c: Point, width: float, fill: str) -> None:
        """A quadratic curve from a to c, bent towards b."""
        self.line(bend(a, b, c), width, fill)


def bend(a: Point, b: Point, c: Point, steps: int = 24) -> list[Point]:
    return [
        (
            (1 - t) ** 2 * a[0] + 2 * (1 - t) * t * b[0] + t * t * c[0],
            (1 - t) ** 2 * a[1] + 2 * (1 - t) * t * b[1] + t * t * c[1],
        )
        for t in (i / steps for i in range(steps + 1))
    ]


# --- things, each about 200 units tall and centred on (0, 0) ---------------------------------


def helmet(p: Pen, main: str = AMBER) -> None:
    dark, light = mix(main, INK, 0.22), mix(main, WHITE, 0.45)
    p.pie(0, 30, 88, 180, 360, main, 92)
    p.rect(-16, -72, 16, 30, light, 14)
    p.curve((-50, 22), (-50, -24), (-34, -44), 8, dark)
    p.curve((50, 22), (50, -24), (34, -44), 8, dark)
    p.rect(-110, 24, 110, 48, dark, 12)
    p.rect(-88, 18, 88, 32, main, 7)


def flame(p: Pen, outer: str = ORANGE, inner: str = AMBER) -> None:
    def drop(k: float, dy: float) -> list[Point]:
        left = bend((0, -100 * k + dy), (-12 * k, -40 * k + dy), (-46 * k, -6 * k + dy))
        left += bend((-46 * k, -6 * k + dy), (-84 * k, 44 * k + dy), (-34 * k, 86 * k + dy))
        base = bend((-34 * k, 86 * k + dy), (0, 104 * k + dy), (36 * k, 84 * k + dy))
        right = bend((36 * k, 84 * k + dy), (84 * k, 40 * k + dy), (48 * k, -20 * k + dy))
        right += bend((48 * k, -20 * k + dy), (40 * k, 10 * k + dy), (22 * k, 10 * k + dy))
        right += bend((22 * k, 10 * k + dy), (34 * k, -50 * k + dy), (0, -100 * k + dy))
        return left + base + right

    p.poly(drop(1, 0), outer)
    p.poly(drop(0.55, 40), inner)


def clipboard(p: Pen, board: str = WOOD, ticks: int = 4, tick: str = GREEN) -> None:
    p.rect(-72, -94, 72, 100, board, 12)
    p.rect(-58, -76, 58, 88, WHITE, 5)
    p.rect(-30, -106, 30, -78, STEEL, 8)
    p.disc(0, -96, 7, mix(STEEL, WHITE, 0.6))
    for i in range(4):
        y = -46 + i * 36
        p.rect(-2, y - 5, (44, 30, 40, 22)[i], y + 5, mix(STEEL, WHITE, 0.45), 5)
        if i < ticks:
            p.line([(-44, y), (-35, y + 9), (-19, y - 11)], 8, tick)
        else:
            p.ring(-32, y, 9, 5, mix(STEEL, WHITE, 0.35))


def paper(p: Pen, head: str = BLUE, lines: int = 5) -> None:
    p.poly([(-70, -100), (38, -100), (72, -66), (72, 100), (-70, 100)], WHITE)
    p.poly([(38, -100), (72, -66), (38, -66)], mix(STEEL, WHITE, 0.5))
    p.rect(-48, -74, 16, -58, head, 5)
    for i in range(lines):
        y = -30 + i * 25
        p.rect(-48, y, (50, 50, 32, 50, 10, 50)[i], y + 10, mix(STEEL, WHITE, 0.6), 5)


def seal(p: Pen, colour: str = RED) -> None:
    """A round red seal: ring and five-pointed figure, nobody's real one."""
    p.ring(0, 0, 44, 7, colour)
    p.poly(
        [
            (
                (24 if i % 2 == 0 else 10) * math.cos(math.radians(-90 + 36 * i)),
                (24 if i % 2 == 0 else 10) * math.sin(math.radians(-90 + 36 * i)),
            )
            for i in range(10)
        ],
        colour,
    )


def stamp(p: Pen, handle: str = DARK_RED) -> None:
    p.disc(0, -62, 30, handle)
    p.poly([(-16, -46), (16, -46), (24, 16), (-24, 16)], handle)
    p.rect(-54, 10, 54, 44, mix(handle, WHITE, 0.15), 8)
    p.rect(-54, 40, 54, 54, INK, 4)


def magnifier(p: Pen, rim: str = NAVY) -> None:
    p.line([(40, 40), (92, 92)], 24, rim)
    p.disc(-8, -8, 68, rim)
    p.disc(-8, -8, 54, "#dcebf5")
    p.arc(-8, -8, 38, 185, 250, 8, WHITE)


def calendar(p: Pen, head: str = RED, mark: int | None = 9) -> None:
    p.rect(-88, -78, 88, 92, WHITE, 14)
    p.rect(-88, -78, 88, -32, head, 14)
    p.rect(-88, -50, 88, -32, head)
    for x in (-44, 44):
        p.rect(x - 8, -98, x + 8, -58, INK, 8)
    for i in range(15):
        x, y = -60 + (i % 5) * 30, -4 + (i // 5) * 34
        if i == mark:
            p.disc(x, y, 17, head)
            p.disc(x, y, 7, WHITE)
        else:
            p.rect(x - 9, y - 9, x + 9, y + 9, mix(STEEL, WHITE, 0.62), 4)


def shield(p: Pen, main: str = GREEN, tick: str | None = WHITE) -> None:
    def edge(k: float) -> list[Point]:
        right = bend((0, -100 * k), (40 * k, -74 * k), (80 * k, -72 * k))
        right += bend((80 * k, -72 * k), (92 * k, 54 * k), (0, 102 * k))
        return right + [(-x, y) for x, y in right[::-1]]

    p.poly(edge(1), mix(main, INK, 0.2))
    p.poly(edge(0.84), main)
    if tick:
        p.line([(-36, 2), (-8, 30), (40, -30)], 19, tick)


def cross_out(p: Pen, r: float = 90) -> None:
    p.line([(-r * 0.7, -r * 0.7), (r * 0.7, r * 0.7)], r * 0.17, RED)
    p.ring(0, 0, r, r * 0.17, RED)


def tick_badge(p: Pen, colour: str = GREEN) -> None:
    p.disc(0, 0, 40, WHITE)
    p.disc(0, 0, 34, colour)
    p.line([(-15, 1), (-4, 12), (16, -11)], 8, WHITE)


def box(p: Pen, main: str = WOOD) -> None:
    p.rect(-40, -34, 40, 34, main, 3)
    p.rect(-10, -34, 10, 34, mix(main, WHITE, 0.35))
    p.rect(14, 12, 32, 24, mix(main, WHITE, 0.55), 2)


def rack(p: Pen, frame: str, boxes: tuple[str, ...]) -> None:
    """Two shelves and a floor, 240 wide, 250 tall."""
    for i, colour in enumerate(boxes):
        b = p.at(-74 + (i % 3) * 74, -92 + (i // 3) * 84, 0.8)
        box(b, colour)
    for y in (-64, 20, 104):
        p.rect(-120, y, 120, y + 9, frame)
    for x in (-120, 112):
        p.rect(x, -140, x + 9, 126, frame)


def tank(p: Pen, main: str = "#c9d6e2") -> None:
    dark = mix(main, INK, 0.22)
    p.pie(0, -60, 84, 180, 360, mix(main, WHITE, 0.35), 34)
    p.rect(-84, -62, 84, 96, main)
    p.rect(48, -62, 84, 96, dark)
    for y in (-62, -8, 46):
        p.rect(-84, y, 84, y + 6, dark)
    for i in range(8):
        p.rect(-52, -48 + i * 18, -28, -43 + i * 18, INK)
    p.rect(-56, -54, -51, 96, INK)
    p.rect(-29, -54, -24, 96, INK)


def torch(p: Pen, beam: str, glow: str) -> None:
    p.poly([(62, -20), (360, -128), (360, 128), (62, 20)], beam)
    p.poly([(62, -14), (330, -66), (330, 66), (62, 14)], glow)
    p.poly([(30, -20), (66, -34), (66, 34), (30, 20)], STEEL)
    p.rect(-70, -19, 34, 19, "#d5dde6", 9)
    p.rect(-20, -24, 6, -14, AMBER, 5)


def bars(p: Pen, colours: tuple[str, ...], heights: tuple[float, ...]) -> None:
    for i, (colour, high) in enumerate(zip(colours, heights, strict=True)):
        x = -96 + i * 52
        p.rect(x, 90 - high, x + 34, 90, colour, 6)
        p.rect(x, 78, x + 34, 90, colour)
    p.rect(-116, 90, 116, 97, INK, 3)


def handset(p: Pen, main: str = GREEN) -> None:
    p.arc(0, 56, 92, 212, 328, 34, main)
    for side in (-1, 1):
        e = p.at(side * 82, 22, 1, side * 30)
        e.rect(-30, -18, 30, 28, main, 12)


def bubble(p: Pen, main: str, dots: str = WHITE) -> None:
    p.rect(-78, -56, 78, 40, main, 26)
    p.poly([(-42, 34), (-6, 34), (-46, 72)], main)
    for x in (-38, 0, 38):
        p.disc(x, -8, 11, dots)


def shop(p: Pen, roof: str, wall: str = "#f7efe2") -> None:
    p.rect(-100, -40, 100, 100, wall)
    p.rect(-100, -84, 100, -66, mix(roof, INK, 0.25), 4)
    for i in range(5):
        colour = roof if i % 2 == 0 else WHITE
        x = -100 + i * 40
        p.rect(x, -70, x + 40, -30, colour)
        p.pie(x + 20, -31, 20, 0, 180, colour)
    p.rect(-80, 6, 8, 66, "#bcd8e8", 4)
    p.line([(-66, 54), (-36, 20)], 6, WHITE)
    p.rect(30, 4, 78, 100, mix(roof, INK, 0.35), 4)
    p.disc(68, 54, 5, AMBER)


def house(p: Pen, roof: str = DARK_RED, wall: str = "#f6ead8") -> None:
    p.rect(54, -92, 80, -30, mix(wall, INK, 0.35))
    p.rect(-84, -16, 84, 100, wall)
    p.poly([(-112, -10), (0, -104), (112, -10)], roof)
    p.rect(-62, 20, -14, 62, AMBER, 4)
    p.rect(-40, 20, -36, 62, wall)
    p.rect(-62, 39, -14, 43, wall)
    p.rect(18, 24, 62, 100, mix(roof, INK, 0.2), 4)
    p.disc(54, 64, 4, AMBER)


def cloud(p: Pen, main: str) -> None:
    for x, y, r in ((-52, 12, 34), (-14, -10, 44), (34, -2, 38), (62, 18, 28)):
        p.disc(x, y, r, main)
    p.rect(-66, 8, 78, 46, main, 19)


def letters_co(p: Pen, ink: str) -> None:
    """C and O as strokes, so that no font is needed."""
    p.arc(-32, 0, 26, 45, 315, 13, ink)
    p.ring(36, 0, 26, 13, ink)


def flake(p: Pen, colour: str = WHITE) -> None:
    for a in (0, 60, 120):
        arm = p.at(0, 0, 1, a)
        arm.line([(-16, 0), (16, 0)], 4, colour)


def ebike(p: Pen, body: str = TEAL) -> None:
    """A small electric bicycle, 300 wide."""
    for x in (-94, 94):
        p.ring(x, 56, 42, 13, INK)
        p.ring(x, 56, 18, 5, STEEL)
        for a in range(0, 180, 45):
            s = p.at(x, 56, 1, a)
            s.line([(-34, 0), (34, 0)], 3, STEEL)
        p.disc(x, 56, 9, INK)
    p.line([(-94, 56), (-34, -14), (-8, 44), (-94, 56)], 10, body)
    p.line([(-8, 44), (50, 44), (70, -34)], 15, body)
    p.line([(94, 56), (62, -66)], 12, body)
    p.line([(62, -66), (54, -92), (30, -98)], 10, INK)
    p.line([(54, -92), (72, -98)], 10, INK)
    p.rect(58, -70, 82, -44, AMBER, 9)
    p.line([(-34, -14), (-40, -44)], 10, INK)
    p.rect(-84, -64, -6, -42, INK, 11)
    p.rect(-40, -10, 2, 34, mix(body, INK, 0.4), 7)
    p.poly([(-16, -4), (-28, 15), (-20, 15), (-24, 28), (-10, 8), (-18, 8)], AMBER)
    p.line([(-94, 56), (-118, -14)], 6, STEEL)
    p.rect(-146, -24, -38, -12, INK, 5)
    p.disc(-8, 44, 14, INK)


def charger(p: Pen, main: str = GREEN) -> None:
    p.rect(-30, -90, 30, 100, main, 12)
    p.rect(-18, -74, 18, -34, "#d9efe2", 5)
    p.poly([(4, -24), (-15, 10), (-2, 10), (-6, 36), (15, -2), (2, -2)], AMBER)
    p.curve((30, 20), (72, 62), (70, -6), 7, INK)
    p.rect(58, -40, 82, -6, INK, 6)


def battery(p: Pen, main: str = TEAL) -> None:
    p.rect(-64, -74, 64, 92, mix(main, INK, 0.35), 16)
    p.rect(-52, -40, 52, 80, main, 8)
    p.rect(-26, -100, 26, -62, INK, 10)
    p.rect(-14, -88, 14, -72, PALE, 5)
    p.poly([(10, -26), (-28, 28), (-4, 28), (-12, 66), (28, 10), (4, 10)], AMBER)


def extinguisher(p: Pen) -> None:
    p.curve((10, -70), (84, -84), (62, 30), 10, INK)
    p.rect(52, 26, 74, 56, INK, 6)
    p.rect(-44, -50, 44, 100, RED, 30)
    p.rect(-44, 50, 44, 100, RED, 8)
    p.rect(-34, 0, 34, 48, WHITE, 5)
    p.rect(-22, 10, 22, 18, RED, 3)
    p.rect(-22, 26, 8, 34, mix(STEEL, WHITE, 0.4), 3)
    p.rect(-15, -78, 15, -42, INK, 4)
    p.line([(-40, -92), (24, -78)], 11, INK)
    p.line([(-40, -70), (14, -68)], 9, INK)
    p.disc(16, -58, 11, AMBER)


def burst(p: Pen, colours: tuple[str, ...], rays: int = 12) -> None:
    for i in range(rays):
        ray = p.at(0, 0, 1, 360 / rays * i)
        colour = colours[i % len(colours)]
        far = 92 if i % 2 == 0 else 66
        ray.line([(26, 0), (far - 22, 0)], 6, colour)
        ray.disc(far, 0, 7, colour)
    p.disc(0, 0, 9, colours[0])


def firework_box(p: Pen) -> None:
    p.rect(-70, -30, 70, 80, RED, 6)
    p.rect(-70, 4, 70, 46, AMBER)
    p.disc(0, 25, 15, RED)
    for x in (-46, -16, 14, 44):
        p.rect(x - 9, -52, x + 11, -28, DARK_RED, 4)
    p.curve((70, 60), (112, 70), (124, 32), 5, INK)


def bucket(p: Pen) -> None:
    p.arc(0, -46, 66, 190, 350, 7, STEEL)
    p.poly([(-74, -44), (74, -44), (54, 92), (-54, 92)], BLUE)
    p.disc(0, -44, 74, mix(BLUE, INK, 0.3), 17)
    p.disc(0, -42, 62, "#a9d3ea", 12)
    p.poly([(-52, -14), (-36, -12), (-26, 72), (-38, 72)], mix(BLUE, WHITE, 0.4))


def manhole(p: Pen, ground: str) -> None:
    p.disc(0, 0, 118, mix(ground, INK, 0.35), 34)
    p.disc(0, -3, 98, "#263241", 25)


def tripod(p: Pen) -> None:
    for x in (-104, 0, 104):
        p.line([(0, -140), (x, 100 if x else 66)], 10, STEEL if x else mix(STEEL, INK, 0.3))
    p.disc(0, -140, 16, RED)
    p.line([(0, -126), (0, 12)], 4, INK)


def worker(p: Pen, vest: str = ORANGE, hat: str = AMBER) -> None:
    """Head and shoulders, cut off straight at y = 100."""
    p.poly([*bend((-78, 100), (-78, 22), (-24, 18)), *bend((24, 18), (78, 22), (78, 100))], vest)
    p.rect(-46, 34, -32, 100, "#f4e9a8")
    p.rect(32, 34, 46, 100, "#f4e9a8")
    p.poly([(-18, 14), (18, 14), (0, 46)], WHITE)
    p.rect(-15, -8, 15, 24, mix(SKIN, INK, 0.12), 8)
    p.disc(0, -32, 36, SKIN, 40)
    helmet(p.at(0, -52, 0.48), hat)


def fan(p: Pen, main: str = BLUE) -> None:
    p.rect(-34, 78, 34, 94, INK, 7)
    p.rect(-7, 56, 7, 84, INK)
    p.disc(0, -6, 80, mix(main, INK, 0.25))
    p.disc(0, -6, 66, PALE)
    for a in range(0, 360, 120):
        b = p.at(0, -6, 1, a)
        b.disc(0, -34, 18, main, 26)
    p.disc(0, -6, 13, INK)


def detector(p: Pen, main: str = ORANGE) -> None:
    p.curve((0, -76), (0, -116), (40, -112), 7, INK)
    p.rect(-50, -80, 50, 96, main, 18)
    p.rect(-36, -60, 36, 14, "#dfeee4", 7)
    p.line([(-26, -14), (-12, -14), (-4, -40), (8, -2), (14, -20), (26, -20)], 5, DARK_GREEN)
    for x, colour in ((-24, GREEN), (0, AMBER), (24, RED)):
        p.disc(x, 40, 9, colour)
    p.rect(-26, 62, 26, 78, mix(main, INK, 0.35), 7)


def runner(p: Pen, colour: str = WHITE) -> None:
    p.disc(24, -76, 19, colour)
    p.line([(10, -40), (-8, 12)], 30, colour)
    p.line([(10, -42), (44, -22), (66, -42)], 13, colour)
    p.line([(4, -44), (-34, -36), (-48, -6)], 13, colour)
    p.line([(-6, 14), (26, 40), (18, 86)], 16, colour)
    p.line([(-10, 12), (-30, 52), (-70, 56)], 16, colour)


def megaphone(p: Pen, main: str = RED) -> None:
    p.poly([(-20, -26), (70, -76), (70, 76), (-20, 26)], main)
    p.disc(70, 0, 14, mix(main, INK, 0.25), 76)
    p.rect(-72, -27, -16, 27, mix(main, WHITE, 0.25), 12)
    p.poly([(-54, 26), (-24, 26), (-14, 82), (-44, 82)], INK)
    for r in (50, 80):
        p.arc(90, 0, r, -32, 32, 9, mix(main, WHITE, 0.45))


def card(p: Pen, main: str = BLUE) -> None:
    p.rect(-120, -76, 120, 78, WHITE, 14)
    p.rect(-120, -76, 120, -38, main, 14)
    p.rect(-120, -54, 120, -38, main)
    p.rect(-98, -20, -34, 58, mix(main, WHITE, 0.75), 6)
    p.disc(-66, 6, 17, main)
    p.poly([*bend((-92, 58), (-90, 26), (-66, 26)), *bend((-66, 26), (-42, 26), (-40, 58))], main)
    for i, w in enumerate((110, 78, 96)):
        p.rect(-14, -16 + i * 26, -14 + w, -4 + i * 26, mix(STEEL, WHITE, 0.5), 6)


def screen(p: Pen, board: str = NAVY) -> None:
    p.rect(-150, -96, 150, 76, INK, 10)
    p.rect(-140, -86, 140, 66, board, 5)
    p.rect(-8, 76, 8, 100, INK)
    p.rect(-60, 96, 60, 106, INK, 5)


def kit(p: Pen) -> None:
    p.arc(0, -62, 34, 180, 360, 13, DARK_GREEN)
    p.rect(-110, -62, 110, 90, TEAL, 18)
    p.rect(-110, -4, 110, 8, mix(TEAL, INK, 0.3))
    p.disc(0, 12, 50, DARK_GREEN)
    p.rect(-11, -20, 11, 44, WHITE, 3)
    p.rect(-32, 1, 32, 23, WHITE, 3)


def stove(p: Pen) -> None:
    p.rect(-14, -150, 14, -50, STEEL)
    p.rect(-20, -70, 20, -48, mix(STEEL, INK, 0.3), 4)
    p.rect(-66, -50, 66, 84, "#4a5563", 14)
    p.rect(-78, -56, 78, -40, INK, 7)
    p.rect(-44, -16, 44, 52, "#1f2833", 10)
    flame(p.at(0, 20, 0.3))
    for x in (-50, 50):
        p.rect(x - 8, 80, x + 8, 100, INK, 3)
    p.disc(0, 68, 6, STEEL)


def window(p: Pen, sky: str) -> None:
    p.rect(-94, -104, 94, 104, WHITE, 6)
    p.rect(-80, -90, 80, 90, sky)
    p.rect(-5, -90, 5, 90, WHITE)
    p.poly([(5, -90), (66, -116), (66, 116), (5, 90)], WHITE)
    p.poly([(16, -82), (56, -100), (56, 100), (16, 82)], mix(sky, WHITE, 0.5))
    p.rect(-108, 100, 108, 116, mix(WHITE, STEEL, 0.4), 4)


def arrow(p: Pen, colour: str) -> None:
    p.line([(-26, 0), (22, 0)], 9, colour)
    p.line([(6, -18), (25, 0), (6, 18)], 9, colour)


def gear(p: Pen, colour: str, hole: str) -> None:
    for a in range(0, 360, 45):
        t = p.at(0, 0, 1, a)
        t.poly([(-17, -96), (17, -96), (23, -60), (-23, -60)], colour)
    p.disc(0, 0, 74, colour)
    p.disc(0, 0, 32, hole)


def skyline(p: Pen, colour: str, base: float, light: str | None = None) -> None:
    """Roofs over the whole width of a cover or a body picture."""
    tops = (70, 110, 56, 132, 88, 120, 64, 104, 78, 140, 60, 96)
    for i, high in enumerate(tops):
        x = i * 78 - 10
        p.rect(x, base - high, x + 66, base, colour)
        if light:
            for k in range(int(high // 34)):
                for col in (14, 40):
                    if (i * 5 + k * 3 + col) % 4 != 1:
                        y = base - high + 14 + k * 30
                        p.rect(x + col, y, x + col + 12, y + 14, light)


# --- backgrounds -------------------------------------------------------------------------------


def calm(p: Pen, size: tuple[int, int], tint: str, floor: str | None = None) -> None:
    """Two large soft discs behind the subject, and a floor if asked for."""
    w, h = size
    p.disc(w / 2, h * 0.52, h * 0.47, mix(tint, WHITE, 0.34))
    p.disc(w / 2, h * 0.52, h * 0.37, mix(tint, WHITE, 0.58))
    p.disc(w * 0.07, h * 0.1, h * 0.2, mix(tint, WHITE, 0.18))
    p.disc(w * 0.94, h * 0.24, h * 0.13, mix(tint, WHITE, 0.18))
    if floor:
        p.rect(0, h * 0.84, w, h, floor)


def shadow(p: Pen, x: float, y: float, r: float, colour: str) -> None:
    p.disc(x, y, r, colour, r * 0.13)


# --- the pictures ------------------------------------------------------------------------------

Drawing = Callable[[Pen], None]
PICTURES: dict[str, tuple[tuple[int, int], str, Drawing]] = {}


def picture(name: str, size: tuple[int, int], back: str) -> Callable[[Drawing], Drawing]:
    def keep(draw: Drawing) -> Drawing:
        PICTURES[name] = (size, back, draw)
        return draw

    return keep


@picture("01", COVER, "#cfe0ec")
def _(p: Pen) -> None:
    calm(p, COVER, "#b9d2e4", "#a9bfce")
    mixed = (WOOD, ORANGE, WOOD, TEAL, WOOD, WOOD, WOOD, WOOD, AMBER)
    rack(p.at(150, 214, 0.98), BLUE, mixed)
    rack(p.at(750, 214, 0.98), BLUE, mixed[::-1])
    shadow(p, 450, 336, 130, "#93abbc")
    clipboard(p.at(508, 214, 1.12, 8))
    helmet(p.at(402, 278, 0.98))


@picture("01-2", BODY, "#e6eef2")
def _(p: Pen) -> None:
    calm(p, BODY, "#cfdfe8", "#b9cdd9")
    shadow(p, 400, 536, 230, "#a3bac8")
    clipboard(p.at(360, 320, 2.0, -5), BLUE, 3)
    magnifier(p.at(512, 388, 1.1))
    helmet(p.at(210, 486, 0.86), ORANGE)


@picture("02", COVER, "#22385a")
def _(p: Pen) -> None:
    p.disc(740, 84, 38, "#f4e7b5")
    p.disc(724, 74, 34, "#22385a")
    for x, y in ((70, 60), (180, 36), (300, 84), (452, 40), (590, 66), (842, 50), (640, 28)):
        p.disc(x, y, 2.6, "#c8d4ea")
    skyline(p, "#2b4670", 322, "#e9cf86")
    p.rect(0, 320, 900, 383, "#1a2c48")
    torch(p.at(196, 306, 0.66, -14), "#31486f", "#425c86")
    tank(p.at(450, 218, 1.12), "#a9bdd3")
    tank(p.at(630, 240, 0.88), "#93abc6")
    p.disc(408, 236, 44, "#c3cfd6", 60)
    p.disc(408, 236, 30, "#e6e6d2", 42)
    p.rect(530, 294, 572, 306, STEEL)
    worker(p.at(112, 284, 1.0), BLUE, AMBER)


@picture("02-2", BODY, "#dfe7f1")
def _(p: Pen) -> None:
    calm(p, BODY, "#c3d1e4", "#a8bad2")
    screen(p.at(400, 270, 1.9))
    p.line([(150, 250), (220, 250), (244, 196), (276, 312), (304, 250), (380, 250)], 8, "#7fd1a8")
    bars(p.at(520, 220, 0.82), (AMBER, TEAL, ORANGE, GREEN), (70, 120, 96, 140))
    for i, colour in enumerate((GREEN, GREEN, AMBER, GREEN)):
        p.disc(190 + i * 52, 354, 14, colour)
    p.rect(424, 336, 620, 348, "#5d7ba6", 6)
    p.rect(424, 360, 560, 372, "#5d7ba6", 6)
    p.rect(250, 508, 550, 534, STEEL, 12)
    for i in range(8):
        p.rect(266 + i * 34, 514, 290 + i * 34, 522, PALE, 3)


@picture("03", COVER, "#dbe9e4")
def _(p: Pen) -> None:
    calm(p, COVER, "#bfdad0", "#a4c7ba")
    paper(p.at(240, 204, 1.2, -7), TEAL)
    shadow(p, 450, 334, 150, "#8fb5a7")
    p.rect(318, 78, 582, 318, WHITE, 18)
    bars(p.at(450, 196, 1.02), (TEAL, AMBER, BLUE, ORANGE), (92, 128, 74, 160))
    magnifier(p.at(676, 214, 1.1), DARK_GREEN)


@picture("03-2", BODY, "#f1ede3")
def _(p: Pen) -> None:
    calm(p, BODY, "#e3dac6")
    start = -90.0
    for share, colour in ((0.46, TEAL), (0.27, AMBER), (0.17, ORANGE), (0.10, BLUE)):
        p.pie(300, 310, 172, start, start + 360 * share, colour)
        start += 360 * share
    p.disc(300, 310, 92, "#f9f6ef")
    shield(p.at(300, 312, 0.62), DARK_GREEN)
    for i, colour in enumerate((TEAL, AMBER, ORANGE, BLUE)):
        y = 196 + i * 76
        p.rect(530, y - 18, 566, y + 18, colour, 9)
        p.rect(586, y - 9, (734, 690, 714, 664)[i], y + 9, "#b9ac92", 9)


@picture("04", COVER, "#f6e7d5")
def _(p: Pen) -> None:
    calm(p, COVER, "#eccfae", "#dfb98f")
    bubble(p.at(246, 166, 1.1), ORANGE)
    q = p.at(654, 166, 1.1)
    q.rect(-78, -56, 78, 40, TEAL, 26)
    q.poly([(42, 34), (6, 34), (46, 72)], TEAL)
    q.line([(-24, -8), (-6, 10), (28, -26)], 13, WHITE)
    shadow(p, 450, 336, 130, "#cba277")
    shield(p.at(450, 204, 1.22), BLUE, None)
    handset(p.at(450, 190, 0.62), WHITE)
    p.line([(395, 246), (505, 246)], 8, mix(BLUE, WHITE, 0.5))


@picture("04-2", BODY, "#e7eff5")
def _(p: Pen) -> None:
    spots = ((200, 168), (600, 168), (600, 432), (200, 432))
    for (x, y), tint in zip(spots, ("#cfe0ee", "#f4dfc4", "#d3e8da", "#f3d7d3"), strict=True):
        p.disc(x, y, 132, tint)
        p.disc(x, y, 112, mix(tint, WHITE, 0.5))
    handset(p.at(200, 162, 0.86), BLUE)
    paper(p.at(600, 168, 0.78), ORANGE)
    magnifier(p.at(596, 426, 0.84), DARK_GREEN)
    p.rect(116, 384, 284, 486, RED, 10)
    p.poly([(116, 392), (284, 392), (200, 450)], DARK_RED)
    p.disc(200, 444, 19, AMBER)
    arrow(p.at(400, 168, 1.5), STEEL)
    arrow(p.at(600, 300, 0.8, 90), STEEL)
    arrow(p.at(400, 432, 1.5, 180), STEEL)


@picture("05", COVER, "#e3e9d8")
def _(p: Pen) -> None:
    calm(p, COVER, "#cbd8b4", "#b0c193")
    shop(p.at(190, 222, 1.04), ORANGE)
    shop(p.at(710, 222, 1.04), BLUE)
    shadow(p, 450, 336, 120, "#97ab78")
    clipboard(p.at(450, 206, 1.2), WOOD, 4)
    tick_badge(p.at(526, 290, 1.0), GREEN)


@picture("05-2", BODY, "#ece7f0")
def _(p: Pen) -> None:
    calm(p, BODY, "#d6cce0", "#bfb1cd")
    gear(p.at(250, 254, 1.36), "#7c6f9b", "#ddd5e6")
    gear(p.at(440, 386, 0.94, 20), ORANGE, "#f3e3d3")
    worker(p.at(636, 364, 1.42), GREEN, AMBER)
    tick_badge(p.at(250, 254, 1.4), GREEN)


@picture("06", COVER, "#f7ddd2")
def _(p: Pen) -> None:
    calm(p, COVER, "#eebfae", "#d99c8a")
    burst(p.at(176, 150, 1.05), (RED, AMBER, ORANGE))
    burst(p.at(730, 142, 1.1), (AMBER, RED, TEAL))
    burst(p.at(292, 92, 0.46), (TEAL, AMBER))
    burst(p.at(620, 82, 0.44), (RED, ORANGE))
    shadow(p, 456, 338, 120, "#c48674")
    paper(p.at(444, 204, 1.24, -3), RED, 4)
    seal(p.at(492, 276, 0.94, -8))
    stamp(p.at(606, 262, 0.92, 6))


@picture("06-2", BODY, "#eaf0e6")
def _(p: Pen) -> None:
    calm(p, BODY, "#d3e0ca")
    p.rect(0, 462, 800, 600, "#b7c9a8")
    p.rect(0, 500, 800, 552, "#8d98a3")
    for x in range(20, 800, 90):
        p.rect(x, 522, x + 46, 530, WHITE, 4)
    shop(p.at(172, 344, 1.2), RED)
    extinguisher(p.at(330, 410, 0.54))
    q = p.at(630, 332)
    q.rect(-110, -70, 110, 132, "#f6ead8")
    q.rect(-122, -88, 122, -66, BLUE, 5)
    for i in range(8):
        x, y = -88 + (i % 4) * 48, -44 + (i // 4) * 62
        q.rect(x, y, x + 30, y + 36, "#a8cfe4", 4)
    q.rect(-24, 72, 24, 132, DARK_GREEN, 4)
    q.rect(-3, -150, 3, -88, STEEL)
    q.poly([(3, -150), (48, -136), (3, -122)], RED)
    p.line([(300, 214), (508, 214)], 7, DARK_GREEN)
    for x, side in ((300, 1), (508, -1)):
        p.line([(x + side * 22, 198), (x, 214), (x + side * 22, 230)], 7, DARK_GREEN)


@picture("07", COVER, "#d6e4f3")
def _(p: Pen) -> None:
    calm(p, COVER, "#b4cde8", "#95b4d6")
    calendar(p.at(152, 206, 1.0, -5), TEAL, 7)
    helmet(p.at(756, 262, 0.96), ORANGE)
    shadow(p, 450, 332, 150, "#7f9fc3")
    card(p.at(450, 208, 1.3, 3), BLUE)
    tick_badge(p.at(584, 294, 0.96), GREEN)


@picture("07-2", BODY, "#f4eadb")
def _(p: Pen) -> None:
    calm(p, BODY, "#e8d5b8")
    p.rect(96, 404, 704, 416, "#cdb48d", 6)
    for x, colour in ((150, BLUE), (400, ORANGE), (650, GREEN)):
        p.disc(x, 410, 30, WHITE)
        p.disc(x, 410, 20, colour)
    card(p.at(150, 268, 0.78), BLUE)
    calendar(p.at(400, 252, 0.94), ORANGE, 12)
    card(p.at(650, 268, 0.78), GREEN)
    tick_badge(p.at(728, 322, 0.8), GREEN)


@picture("08", COVER, "#2c3f5f")
def _(p: Pen) -> None:
    p.disc(450, 200, 190, "#344a6d")
    p.disc(450, 200, 150, "#3d5479")
    for x, y, s in ((84, 70, 1), (182, 160, 0.7), (286, 54, 0.8), (706, 58, 0.9), (812, 138, 1.1),
                    (640, 130, 0.6), (110, 250, 0.8), (830, 256, 0.7)):  # fmt: skip
        flake(p.at(x, y, s), "#b7c7de")
    p.disc(130, 420, 250, "#e6edf5", 110)
    p.disc(760, 424, 300, "#dbe4ef", 116)
    p.rect(0, 340, 900, 383, "#eef3f8")
    house(p.at(416, 226, 1.2), DARK_RED)
    cloud(p.at(590, 96, 0.94), "#aab6c6")
    letters_co(p.at(592, 103, 0.78), INK)
    for x, y, r in ((506, 112, 9), (522, 90, 13)):
        p.disc(x, y, r, "#aab6c6")
    house(p.at(176, 282, 0.56), BLUE)
    house(p.at(744, 282, 0.6), TEAL)


@picture("08-2", BODY, "#f3e5d2")
def _(p: Pen) -> None:
    p.rect(0, 470, 800, 600, "#c79f74")
    for x in range(0, 800, 160):
        p.rect(x, 470, x + 4, 600, "#b68d62")
    window(p.at(560, 232, 1.22), "#9cc6de")
    p.rect(206, -10, 234, 140, STEEL)
    stove(p.at(220, 340, 1.5))
    for y in (176, 232, 288):
        p.curve((470, y), (420, y - 26), (372, y), 7, "#9cc6de")
        p.line([(388, y - 14), (370, y + 1), (390, y + 10)], 7, "#9cc6de")
    shadow(p, 220, 494, 130, "#b08558")


@picture("08-3", BODY, "#e2ecef")
def _(p: Pen) -> None:
    calm(p, BODY, "#c7dbe1")
    for r in (214, 250):
        p.arc(400, 280, r, -38, 38, 12, RED)
        p.arc(400, 280, r, 142, 218, 12, RED)
    p.disc(400, 292, 176, "#b9c8cf")
    p.disc(400, 280, 176, WHITE)
    p.ring(400, 280, 148, 5, PALE)
    for i in range(7):
        p.rect(340 + i * 18, 168, 348 + i * 18, 208, STEEL, 4)
    letters_co(p.at(400, 286, 1.2), INK)
    p.disc(400, 380, 15, RED)
    p.disc(400, 380, 7, "#f3b5b0")


@picture("09", COVER, "#d9ece3")
def _(p: Pen) -> None:
    calm(p, COVER, "#bfdccf", "#a0c4b3")
    p.rect(216, 66, 684, 88, DARK_GREEN, 8)
    p.poly([(196, 72), (704, 72), (664, 46), (236, 46)], GREEN)
    for x in (232, 660):
        p.rect(x - 6, 84, x + 6, 330, STEEL)
    charger(p.at(616, 232, 0.94))
    shadow(p, 436, 334, 166, "#86ae9b")
    ebike(p.at(436, 226, 1.06))
    for x, y in ((94, 260), (814, 254)):
        p.rect(x - 7, y + 20, x + 7, y + 76, WOOD)
        p.disc(x, y - 10, 50, GREEN)
        p.disc(x - 18, y + 6, 30, DARK_GREEN)


@picture("09-2", BODY, "#f4e3dc")
def _(p: Pen) -> None:
    calm(p, BODY, "#e9cabe", "#d5ab9b")
    house(p.at(226, 344, 1.6), BLUE)
    shadow(p, 590, 524, 110, "#be9080")
    battery(p.at(590, 360, 1.2), TEAL)
    cross_out(p.at(590, 360), 146)


@picture("10", COVER, "#dce6ea")
def _(p: Pen) -> None:
    calm(p, COVER, "#c0d1d8", "#9fb3bc")
    manhole(p.at(450, 328, 1.0), "#9fb3bc")
    tripod(p.at(450, 210, 1.08))
    fan(p.at(206, 244, 0.9), BLUE)
    for y in (214, 240, 266):
        p.curve((290, y), (316, y - 12), (346, y + 4), 6, "#7fb0cf")
    detector(p.at(620, 246, 0.68, 6), ORANGE)
    worker(p.at(754, 252, 1.0), ORANGE, AMBER)


@picture("10-2", BODY, "#e8e4ee")
def _(p: Pen) -> None:
    for x, tint in ((142, "#cddff0"), (400, "#f6ddbf"), (658, "#d2e6d6")):
        p.disc(x, 290, 114, tint)
        p.disc(x, 290, 98, mix(tint, WHITE, 0.5))
    fan(p.at(142, 294, 0.78), BLUE)
    detector(p.at(400, 294, 0.74), ORANGE)
    worker(p.at(658, 282, 0.72), GREEN, AMBER)
    arrow(p.at(271, 290, 0.62), "#7d7592")
    arrow(p.at(529, 290, 0.62), "#7d7592")
    for i, x in enumerate((142, 400, 658)):
        for k in range(i + 1):
            p.disc(x + (k - i / 2) * 30, 446, 10, "#7d7592")


@picture("11", COVER, "#f9e1cf")
def _(p: Pen) -> None:
    calm(p, COVER, "#f0c4a2", "#dfa27a")
    flame(p.at(200, 214, 1.1), ORANGE, AMBER)
    calendar(p.at(704, 208, 1.04, 4), RED, 8)
    shadow(p, 450, 338, 96, "#cb8b61")
    extinguisher(p.at(442, 202, 1.3))


@picture("11-2", BODY, "#dcebe1")
def _(p: Pen) -> None:
    p.rect(0, 500, 800, 600, "#b4c9bc")
    p.rect(448, 130, 704, 500, "#8fae9c")
    p.rect(468, 150, 684, 500, "#f7f3df")
    p.poly([(684, 150), (748, 188), (748, 540), (684, 500)], DARK_GREEN)
    p.disc(732, 350, 7, AMBER)
    p.rect(492, 44, 660, 106, GREEN, 10)
    runner(p.at(540, 76, 0.24))
    arrow(p.at(612, 76, 0.9), WHITE)
    shadow(p, 286, 500, 110, "#9db6a7")
    runner(p.at(296, 330, 1.86), DARK_GREEN)
    for y, w in ((240, 70), (310, 96), (380, 64)):
        p.rect(70, y, 70 + w, y + 10, "#a9c4b4", 5)


@picture("12", COVER, "#33274d")
def _(p: Pen) -> None:
    burst(p.at(450, 148, 1.34), (AMBER, ORANGE, "#f2e3b0"), 16)
    burst(p.at(196, 120, 0.94), ("#e68a9c", AMBER, "#f4c8d0"))
    burst(p.at(708, 116, 1.0), ("#7cc7c0", "#cdece8", AMBER))
    burst(p.at(290, 232, 0.46), ("#9fb4ea", WHITE))
    burst(p.at(606, 238, 0.46), ("#e68a9c", WHITE))
    skyline(p, "#22193a", 383, "#c79c58")


@picture("12-2", BODY, "#e5e8f3")
def _(p: Pen) -> None:
    calm(p, BODY, "#cdd3e8", "#aeb7d4")
    shadow(p, 240, 520, 140, "#949fc0")
    shadow(p, 570, 520, 120, "#949fc0")
    firework_box(p.at(236, 396, 1.42))
    bucket(p.at(570, 376, 1.5))
    burst(p.at(236, 186, 0.92), (RED, AMBER, ORANGE))


@picture("12-3", BODY, "#f5dfd6")
def _(p: Pen) -> None:
    calm(p, BODY, "#eac3b4")
    burst(p.at(400, 226, 1.0), (ORANGE, AMBER, RED))
    firework_box(p.at(400, 402, 1.0))
    cross_out(p.at(400, 312), 214)


@picture("13", COVER, "#dfe3f1")
def _(p: Pen) -> None:
    calm(p, COVER, "#c3cae4", "#9fa9cc")
    screen(p.at(450, 168, 1.22))
    shield(p.at(382, 158, 0.66), GREEN)
    for i, w in enumerate((124, 92, 110)):
        p.rect(456, 114 + i * 34, 456 + w, 128 + i * 34, "#7189b8", 7)
    for x, colour in ((84, TEAL), (224, BLUE), (676, ORANGE), (816, GREEN)):
        worker(p.at(x, 300, 0.84), colour, AMBER)


@picture("14", COVER, "#d8ebf2")
def _(p: Pen) -> None:
    calm(p, COVER, "#b9dae6", "#9cc59a")
    skyline(p, "#b0cfdc", 322)
    p.rect(0, 316, 900, 383, "#9cc59a")
    for x, colour in ((130, BLUE), (794, ORANGE)):
        q = p.at(x, 240)
        q.poly([(-110, 90), (0, -84), (110, 90)], colour)
        q.poly([(-26, 90), (0, -20), (26, 90)], mix(colour, INK, 0.4))
        q.poly([(0, -84), (110, 90), (70, 90)], mix(colour, WHITE, 0.25))
    shadow(p, 450, 336, 130, "#7fae7d")
    kit(p.at(398, 244, 1.0))
    megaphone(p.at(548, 236, 0.72, -10), RED)


@picture("14-2", BODY, "#efe9dc")
def _(p: Pen) -> None:
    calm(p, BODY, "#e0d5bf", "#cbbb9d")
    shadow(p, 420, 528, 270, "#b5a381")
    kit(p.at(400, 376, 1.5))
    q = p.at(664, 398)
    q.rect(-36, -92, 36, 118, "#8fc3de", 20)
    q.rect(-20, -122, 20, -88, BLUE, 6)
    q.rect(-36, -20, 36, 52, WHITE)
    q.rect(-24, 6, 24, 18, BLUE, 5)
    q = p.at(140, 396, 1.1, -90)
    q.rect(-110, -26, 36, 26, NAVY, 12)
    q.poly([(32, -26), (76, -46), (76, 46), (32, 26)], STEEL)
    q.rect(74, -46, 88, 46, AMBER, 6)
    q.rect(-36, -34, -4, -22, RED, 5)


def render(name: str) -> Image.Image:
    size, back, draw = PICTURES[name]
    big = Image.new("RGB", (size[0] * FINE, size[1] * FINE), back)
    draw(Pen(ImageDraw.Draw(big), 0, 0, FINE))
    return big.resize(size, Image.Resampling.LANCZOS)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in PICTURES:
        path = folder / f"{name}.jpg"
        render(name).save(path, quality=80, subsampling=0, optimize=True)
        size = path.stat().st_size
        if size > LARGEST:
            raise SystemExit(f"{path} has {size} bytes, more than {LARGEST}")
        print(f"{path.name:10} {size:6} bytes")


if __name__ == "__main__":
    here = Path(__file__).resolve().parent / "pictures"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else here)

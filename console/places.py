"""The seven places on the left, always in the same order; each appears with its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from scheduler.people import Actor

ORDER = ("today", "stories", "review", "calendar", "queue", "ledger", "settings")

Count = Callable[[Connection, Actor, datetime], int]


@dataclass(frozen=True, slots=True)
class Place:
    """One place: `name` is one of `ORDER`, `title` a catalogue key.

    `count` gives the number beside it: what this very person must do there, 0 for nothing.
    """

    name: str
    address: str
    title: str
    count: Count | None = None


def in_order(places: list[Place]) -> tuple[Place, ...]:
    """Give the places in the order of `ORDER`."""
    return tuple(sorted(places, key=lambda place: ORDER.index(place.name)))

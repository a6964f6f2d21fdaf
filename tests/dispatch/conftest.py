"""A channel that behaves as its script says, and a small world of one store around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import settings

from channels.contract import (
    Account,
    Channel,
    Delivery,
    Health,
    Limits,
    Line,
    Out,
    Receipt,
    Rendered,
    Unseen,
    Words,
)
from scheduler.dispatch import attempt, editions, rescue
from scheduler.dispatch.context import Context, Policy
from scheduler.machine import State
from scheduler.store import Store, settle
from scheduler.store import flight as flights
from scheduler.store.moves import DeliveryRow, read
from tests import makers
from tests.clocks import ManualClock

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")

LOOKS_S = (60, 180, 600, 1800)
LIMITS = Limits(as_of=date(2026, 11, 22), looks_s=LOOKS_S, accepted_looks_s=(30, 90))
WORDS = Words("Scripted.", {})


def receipt(delivery: Delivery) -> Receipt:
    """Give the proof that all of a delivery is out."""
    numbers = range(1, 1 + len(delivery.contents))
    return Receipt(tuple(Out(f"id{number}", f"https://example.cn/{number}") for number in numbers))


class Scripted(Channel):
    """Each stage plays its list, one step a call: an exception is raised, a function called.

    An empty list means that all is well: a draft is kept, the post is out, nothing is seen.
    """

    NAME = "scripted"
    HOWS = ("publish", "push")
    REPEATABLE = frozenset({"push"})

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(Account("news", "scripted", "新闻", ""), None, clock.now)  # type: ignore[arg-type]
        self.now_limits = LIMITS
        self.prepares: list[Any] = []
        self.before_arm: list[Any] = []
        self.after_arm: list[Any] = []
        self.sees: list[Any] = []
        self.discards: list[Any] = []
        self.drafts = False
        self.calls: list[tuple[str, str]] = []
        self.said: list[Delivery] = []
        self.looked: list[Delivery] = []

    @property
    def limits(self) -> Limits:
        return self.now_limits

    def check(self, content):
        return []

    def render(self, content):
        return Rendered({"text": content.text})

    def survey(self, line):
        return Health(self.account.name)

    @staticmethod
    def _play(script: list[Any], *given: Any) -> Any:
        step = script.pop(0) if script else None
        if isinstance(step, BaseException):
            raise step
        return step(*given) if callable(step) else step

    def prepare(self, delivery: Delivery, line: Line) -> None:
        self.calls.append(("prepare", delivery.digest))
        if self.drafts and line.kept("draft") is None:
            line.keep("draft", f"draft{len(self.calls)}")
        self._play(self.prepares, delivery, line)

    def speak(self, delivery: Delivery, line: Line) -> Any:
        self._play(self.before_arm, delivery, line)
        line.arm()
        self.calls.append(("speak", delivery.digest))
        self.said.append(delivery)
        return self._play(self.after_arm, delivery, line) or receipt(delivery)

    def look(self, delivery: Delivery, line: Line) -> Any:
        self.looked.append(delivery)
        return self._play(self.sees, delivery, line) or Unseen(WORDS)

    def discard(self, delivery: Delivery, line: Line) -> bool:
        self.calls.append(("discard", delivery.digest))
        answer = self._play(self.discards, delivery, line)
        return True if answer is None else bool(answer)


@dataclass
class World:
    """One account, one scripted channel, one node; everything runs in this thread."""

    store: Store
    clock: ManualClock
    channel: Scripted
    account: int = 0
    ctx: Context = field(init=False)

    def __post_init__(self) -> None:
        self.ctx = Context(
            self.store, self.clock, Random(1), "a", lambda _id: self.channel, Policy()
        )
        with self.store.write() as tx:
            self.account = makers.account(tx)

    def do(self, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Run one of the makers in a transaction of its own."""
        with self.store.write() as tx:
            return work(tx, *given, **named)

    def queue(self, texts: str = "取暖要通风", **order: Any) -> int:
        """Queue one approved post for each word."""
        return int(self.do(makers.edition, self.account, texts, **order))

    def row(self, delivery_id: int) -> DeliveryRow:
        """Read a delivery."""
        return self.do(read, delivery_id)

    def posts(self, delivery_id: int) -> list[int]:
        """Give the ids of a delivery's posts."""
        return list(self.do(makers.members, delivery_id))

    def kept(self, delivery_id: int) -> dict[str, str]:
        """Give the remote ids that are kept."""
        return {row.name: row.value for row in self.do(flights.kept, delivery_id)}

    def attempt(self) -> State | None:
        """Claim what is due and carry it to its end."""
        flight = attempt.claim(self.ctx)
        assert flight is not None
        return attempt.run(self.ctx, flight)

    def tick(self, seconds: float = 0) -> None:
        """Do all that a tick does, after so many seconds, without threads."""
        self.clock.advance(seconds)
        rescue.reap(self.ctx)
        rescue.miss(self.ctx)
        editions.freeze_due(self.ctx)
        editions.fall_out_due(self.ctx)
        while (flight := attempt.claim(self.ctx)) is not None:
            attempt.run(self.ctx, flight)
        for row in rescue.due_looks(self.ctx):
            rescue.look(self.ctx, row)

    def live(self, seconds: float) -> None:
        """Let so much time pass, with a tick at each alarm and one at the end."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while (due := self.do(settle.next_due)) is not None and due < end:
            self.tick(max(1, (due - self.clock.now()).total_seconds()))
        self.tick(max(0, (end - self.clock.now()).total_seconds()))

    def alarm_s(self, delivery_id: int) -> float | None:
        """Give the seconds to the next alarm; None when there is none."""
        at = self.row(delivery_id).next_at
        return None if at is None else (at - self.clock.now()).total_seconds()

    def states(self) -> list[str]:
        """Give the state of every delivery, oldest first."""
        from sqlalchemy import select

        from scheduler.store.rules import DELIVERY

        return list(self.do(lambda tx: tx.execute(select(DELIVERY.c.state)).scalars().all()))


@pytest.fixture
def world(store: Store, clock: ManualClock) -> World:
    """Give a world in which nothing is queued yet."""
    return World(store, clock, Scripted(clock))

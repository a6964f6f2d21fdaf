"""The simulated platform as channels: in process, implementing the contract, and it lies.

Between any two of its sentences the world may go on (`hear`): other nodes tick, people act, nodes
die, an hour passes. What a call does at the platform happens in `Place`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from channels.contract import (
    Accepted,
    Account,
    Busy,
    Channel,
    Content,
    Delivery,
    Doubt,
    Finding,
    Health,
    Limits,
    Line,
    Out,
    Pending,
    Receipt,
    Refused,
    Rendered,
    Unreachable,
    Unseen,
    Window,
    Words,
)
from tests.sim.place import Place, Said

if TYPE_CHECKING:
    from tests.sim.world import World

W = Words("simulated")
LOOKS_S = (60, 180, 600, 1800)
AS_OF = date(2026, 3, 1)


class InjectedBug(Exception):
    """A fault of the program that the world put in on purpose."""


class SimChannel(Channel):
    """What the simulated channels share: troubles, and the world going on in between."""

    LIMITS: ClassVar[Limits]

    def __init__(self, world: World, place: Place) -> None:
        account = Account(place.name, self.NAME, place.name, "")
        super().__init__(account, None, world.clock.now)  # type: ignore[arg-type]
        self.world = world
        self.place = place

    @property
    def limits(self) -> Limits:
        return self.LIMITS

    def check(self, content: Content) -> list[Finding]:
        return []

    def render(self, content: Content) -> Rendered:
        return Rendered({})

    def survey(self, line: Line) -> Health:
        return Health(self.place.name)

    def happens(self, name: str) -> bool:
        return self.world.chance.happens(name)

    def hear(self, where: str) -> None:
        self.world.hook(f"{self.NAME}.{where}")

    def soon(self, most_s: int) -> datetime:
        return self.clock() + timedelta(seconds=self.world.chance.rng.randrange(1, most_s))

    def seen_by(self) -> datetime:
        """Give when what comes out now can be found by looking."""
        return self.soon(400) if self.happens("look_lag") else self.clock()

    def troubled_prepare(self, delivery: Delivery) -> None:
        self.hear("prepare")
        if self.happens("prepare_unreachable"):
            raise Unreachable("refused", W)
        if self.happens("prepare_busy"):
            raise Busy("busy", W, not_before_s=self.world.chance.rng.choice((None, 5, 600)))
        if self.happens("bug_before"):
            raise InjectedBug
        if self.happens("prepare_refused"):
            raise self.refusal(delivery)

    def refusal(self, delivery: Delivery) -> Refused:
        rng, count = self.world.chance.rng, len(delivery.contents)
        if self.happens("job_guilty"):
            return Refused("no", W, guilty=sorted({rng.randrange(count) for _ in range(2)}))
        return Refused("no", W, person=rng.random() < 0.5)

    def before_arm(self, line: Line) -> None:
        line.spend("speak")
        self.hear("before arm")
        if self.happens("bug_before"):
            raise InjectedBug

    def troubled_speech(self, delivery: Delivery) -> None:
        """Say no, or nothing, before anything is done at the platform."""
        if self.happens("speak_unreachable"):
            raise Unreachable("refused", W)
        if self.happens("speak_busy"):
            raise Busy("busy", W)
        if self.happens("speak_rest"):
            raise Busy("quota", W, not_before_s=900, account_wide=True)
        if self.happens("speak_rest_person"):
            raise Busy("token", W, account_wide=True, person=True)
        if self.happens("speak_refused"):
            raise self.refusal(delivery)
        if self.happens("request_lost"):
            raise Doubt("timeout", W)

    def after_effect(self) -> None:
        self.hear("after effect")
        if self.happens("answer_lost"):
            raise Doubt("timeout", W)
        if self.happens("bug_after"):
            raise InjectedBug

    def troubled_look(self, line: Line) -> None:
        line.spend("look")
        self.hear("look")
        if self.happens("look_fails"):
            raise Unreachable("refused", W)


def receipt_of(said: tuple[Said, ...], at: datetime) -> Receipt:
    """Make the platform's word that these are out."""
    return Receipt(tuple(Out(f"r{one.post_id}", f"https://p/{one.post_id}", at) for one in said))


class SimWeibo(SimChannel):
    """No key; found again among the account's own posts."""

    NAME = "sim_weibo"
    HOWS = ("post",)
    LIMITS = Limits(
        as_of=AS_OF,
        quotas={"*": Window(60, "day")},
        reserve_calls=10,
        speaks=Window(2, "hour"),
        gap_s=60,
        holds_account_s={"post": 1860},
        looks_s=LOOKS_S,
    )

    def prepare(self, delivery: Delivery, line: Line) -> None:
        self.troubled_prepare(delivery)

    def speak(self, delivery: Delivery, line: Line) -> Receipt:
        self.before_arm(line)
        line.arm()
        with self.world.speaking(delivery):
            self.hear("armed")
            self.world.watch.spoken(delivery, [Said.of(delivery.contents[0])])
            self.troubled_speech(delivery)
            said = (Said.of(delivery.contents[0]),)
            if self.happens("late"):
                self.place.later(
                    self.soon(50), delivery.key, lambda at: self._show(said, delivery, at)
                )
                raise Doubt("timeout", W)
            self._show(said, delivery, self.clock())
        self.after_effect()
        return receipt_of(said, self.clock())

    def _show(self, said: tuple[Said, ...], delivery: Delivery, at: datetime) -> None:
        lag = max(at, self.seen_by())
        self.place.put_out(said, delivery.key, at, lag=lag, by_hand=False)

    def look(self, delivery: Delivery, line: Line) -> Receipt | Unseen:
        self.troubled_look(line)
        since = (delivery.armed_at or delivery.due_at) - timedelta(seconds=120)
        said = (Said.of(delivery.contents[0]),)
        found = [
            seen
            for seen in self.place.outs
            if seen.said == said[0] and seen.at >= since and seen.shown_at <= self.clock()
        ]
        self.hear("looked")
        return receipt_of(said, found[0].at) if found else Unseen(W)


class SimHands(SimChannel):
    """A place that people serve by hand: nothing is armed, the pack is handed over."""

    NAME = "sim_hands"
    HOWS = ("hand",)
    LIMITS = Limits(as_of=AS_OF)

    def prepare(self, delivery: Delivery, line: Line) -> None:
        self.troubled_prepare(delivery)

    def speak(self, delivery: Delivery, line: Line) -> Accepted:
        self.hear("hand over")
        return Accepted(delivery.key, by="person")

    def look(self, delivery: Delivery, line: Line) -> Pending:
        return Pending(W)

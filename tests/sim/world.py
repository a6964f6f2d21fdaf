"""One simulated world: real machine, store and dispatch; a lying platform; people; dying nodes.

Nothing runs beside anything else. Where two things could happen at once, the world lets one happen
*inside* the other: at every transaction and every sentence of a channel (`hook`) it may go on with
other steps before it returns, let an hour pass, or end the node that is speaking.
"""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from channels.contract import Delivery
from scheduler.dispatch.context import Context
from scheduler.store.rules import ACCOUNT, DELIVERY, RULES, Rules
from scheduler.tables import Account, ContentColumn, fresh, table
from tests.sim.chance import Chance, SimClock
from tests.sim.nodes import Nodes
from tests.sim.people import People
from tests.sim.place import Place
from tests.sim.places import InjectedBug, SimChannel, SimHands, SimWeibo
from tests.sim.sim_store import SimLocked, SimStore, fresh_engine
from tests.sim.watch import Broken, Watch
from tests.sim.wechat_places import SimPublish, SimPush

KINDS: tuple[type[SimChannel], ...] = (SimWeibo, SimPush, SimPublish, SimHands)
DEPTH_MAX = 3
PAUSED_MAX_S = 1200
"""How long a process may stand still between arm and request: the honest person waits longer."""
LOG = logging.getLogger("fabu.dispatch")


class Death(BaseException):
    """A node ends here. Not an `Exception`: dispatch must not be able to survive it."""


@dataclass(slots=True)
class SimNode:
    """One daemon that can die. Every attempt of an earlier incarnation is dead, too."""

    name: str
    ctx: Context
    incarnation: int = 0
    up: bool = True


@dataclass(slots=True)
class Frame:
    """One piece of a node's work that has begun and not ended."""

    node: SimNode | None
    incarnation: int
    claiming: bool = False
    flying: bool = False


class Failure(AssertionError):
    """A world broke: the invariant, and how to see it again."""

    def __init__(self, seed: int, rule: str, words: str, command: str) -> None:
        super().__init__(f"{words}\n  again: {command}")
        self.seed = seed
        self.rule = rule


@dataclass
class World:
    """One seed's world."""

    seed: int
    steps: int = 45
    url: str | None = None
    rules: Rules = RULES
    posts_max: int = 14
    crash_at: int | None = None
    unwatched: frozenset[str] = frozenset()
    weather: Mapping[str, float] = field(default_factory=dict)
    again: str = ""
    plan: dict[str, Callable[[], object]] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Chance(self.seed, self.weather)
        self.clock = SimClock(self.chance.starts_at())
        self.frames: list[Frame] = []
        self.depth = 0
        self.effects = 0
        self.posts_made = 0
        self.versions = 0
        self.on_the_wire: list[tuple[str, Any]] = []
        self.watch = Watch(self)
        self.store = SimStore(fresh_engine(self.url), self)
        self.places: dict[int, Place] = {}
        self.channels: dict[int, SimChannel] = {}
        self._open_accounts()
        self.people = People(self)
        self.nodes = Nodes(self, [self._node(name) for name in "abc"[: 2 + self.seed % 2]])

    def _open_accounts(self) -> None:
        with self.store.write() as tx:
            tx.execute(insert(table(ContentColumn)).values(fresh(ContentColumn, path="政务信息")))
            for kind in KINDS:
                limits = kind.LIMITS
                row = fresh(
                    Account,
                    name=kind.NAME,
                    channel=kind.NAME,
                    title=kind.NAME,
                    gap_s=limits.gap_s,
                    speaks_max=limits.speaks.count if limits.speaks else 0,
                    speaks_per=limits.speaks.per if limits.speaks else "",
                    pushes_max=limits.pushes.count if limits.pushes else 0,
                    pushes_per=limits.pushes.per if limits.pushes else "",
                )
                made = tx.execute(insert(ACCOUNT).values(row).returning(ACCOUNT.c.id))
                account_id = int(made.scalar_one())
                place = Place(kind.NAME, account_id)
                self.places[account_id] = place
                self.channels[account_id] = kind(self, place)

    def _node(self, name: str) -> SimNode:
        rng = Random(f"{self.seed}/{name}")
        ctx = Context(
            store=self.store,
            clock=self.clock,
            rng=rng,
            node=name,
            channel_of=self.channels.__getitem__,
            rules=self.rules,
        )
        return SimNode(name, ctx)

    # --- running -----------------------------------------------------------------------------

    def run(self, script: Callable[[World], object] | None = None) -> None:
        """Live through safety and liveness. Raises `Failure` when an invariant breaks."""
        handler = _Bugs(self)
        LOG.addHandler(handler)
        spoke = LOG.propagate
        LOG.propagate = False
        try:
            if script is not None:
                script(self)
            for act in ("add_single", "add_edition", "add_single")[: self.steps]:
                self.people.act(act)
            for _ in range(self.steps):
                self.step()
                self.watch.world_holds()
            self.nodes.settle()
            self.watch.settled()
        except Broken as broken:
            raise self._failure(broken.rule, str(broken)) from None
        except Exception as error:
            raise self._failure("crash", f"crash: {error!r}") from error
        finally:
            LOG.removeHandler(handler)
            LOG.propagate = spoke

    def _failure(self, rule: str, words: str) -> Failure:
        command = f"python -m tests.sim --seed {self.seed} --steps {self.steps}"
        if self.weather:
            command += f" --weather {shlex.quote(json.dumps(dict(self.weather)))}"
        if self.url is not None:
            command += f" --url {self.url}"
        self.say(f"BROKEN {words}")
        return Failure(self.seed, rule, words, self.again or command)

    def step(self) -> None:
        """Let one thing happen; in the middle of something, more often a person than a node."""
        roll, inside = self.chance.rng.random(), self.depth > 0
        if roll < (0.25 if inside else 0.45):
            self.nodes.work()
        elif roll < 0.75:
            self.people.act(in_flight=inside)
        elif roll < (0.85 if inside else 0.78):
            self._colleague()
        else:
            self._let_time_pass()

    def _let_time_pass(self) -> None:
        rng, kind = self.chance.rng, self.chance.rng.random()
        if kind < 0.45:
            self.advance(rng.randrange(1, 45))
        elif kind < 0.9:
            self.nodes.to_next_alarm(most_s=900)
        elif kind < 0.97:
            self.advance(rng.randrange(60, 900))
        elif self.depth == 0:
            self.advance(rng.randrange(1800, 3 * 3600))

    def advance(self, seconds: float) -> None:
        """Let time pass; what lands meanwhile lands at its own moment."""
        to = self.clock.at + timedelta(seconds=seconds)
        for _key, since in self.on_the_wire:
            to = min(to, since + timedelta(seconds=PAUSED_MAX_S))
        if to <= self.clock.at:
            return
        moments = {at for place in self.places.values() for at, *_ in place.landing if at <= to}
        for at in sorted(moments):
            self.clock.at = max(at, self.clock.at)
            for place in self.places.values():
                place.land_until(self.clock.at)
        self.clock.at = to
        for place in self.places.values():
            place.land_until(to)
        self.say(f"it is {to:%d %H:%M:%S}")

    def _colleague(self) -> None:
        """Somebody outside the desk finds a draft of ours in the box."""
        if not self.chance.happens("colleague"):
            return
        place = self.chance.rng.choice(list(self.places.values()))
        drafts = [draft for draft in place.drafts.values() if self._is_known(draft.id)]
        if not drafts:
            return
        draft = self.chance.rng.choice(drafts)
        if self.chance.rng.random() < 0.7:
            self.say(f"a colleague presses publish on {draft.id}: {draft.said}")
            place.press(draft, self.clock.at)
        else:
            self.say(f"a colleague deletes {draft.id}")
            del place.drafts[draft.id]

    def _is_known(self, draft_id: str) -> bool:
        return self.nodes.keeps(draft_id)

    # --- things inside things ------------------------------------------------------------------

    def hook(self, where: str) -> None:
        """Be called wherever another process could act, or this one could end."""
        frame = self.frames[-1] if self.frames else None
        if frame is None or frame.node is None:
            return
        self._check_alive(frame)
        # Dying before a read or a write is dying after what came before it.
        self.effects += where not in ("read", "write")
        if self.crash_at == self.effects:
            self.crash_at = None
            self.say(f"node {frame.node.name} dies at effect {self.effects}, {where}")
            self.kill(frame.node)
        if act := self.plan.pop(where, None):
            act()  # what a test wants to happen here, once
            self._check_alive(frame)
        # Between the transactions of an idle tick little can be hurt: go on there more rarely.
        here = frame.flying or self.chance.rng.random() < 0.2
        if here and self.depth < DEPTH_MAX and self.chance.happens("nest"):
            self._go_on(where)
            self._check_alive(frame)
        if self.chance.happens("death"):
            self.say(f"node {frame.node.name} dies at {where}")
            self.kill(frame.node)

    def _go_on(self, where: str) -> None:
        self.say(f"[ {where}")
        self.depth += 1
        try:
            if self.chance.happens("long_pause"):
                self.advance(self.chance.rng.choice((40, 200, 450, 700)))
                if self.chance.rng.random() < 0.7:
                    self.nodes.tick(self.chance.rng.choice(self.nodes.nodes))
            for _ in range(self.chance.rng.randrange(1, 3)):
                self.step()
        finally:
            self.depth -= 1
        self.say(f"] {where}")

    def kill(self, node: SimNode) -> None:
        """End a node here, with all that it was doing."""
        node.incarnation += 1
        node.up = False
        raise Death

    @staticmethod
    def _check_alive(frame: Frame) -> None:
        if frame.node is not None and frame.incarnation != frame.node.incarnation:
            raise Death  # it died while we stood still

    def as_node(
        self,
        node: SimNode,
        work: Callable[[Context], Any],
        *,
        claiming: bool = False,
        flying: bool = False,
    ) -> Any:
        """Let a node do one piece of work, to its end or to the node's."""
        if not node.up:
            return None
        frame = Frame(node, node.incarnation, claiming, flying)
        self.frames.append(frame)
        on_the_wire = len(self.on_the_wire)
        try:
            return work(node.ctx)
        except Death:
            return None
        except SimLocked:
            self.say(f"node {node.name}: the database does not answer")
            return None
        finally:
            self.frames.pop()
            del self.on_the_wire[on_the_wire:]

    def as_command(self, work: Callable[[Context], Any]) -> Any:
        """Let somebody's command talk to a platform: the world goes on meanwhile, it may die."""
        return self.as_node(self._node("command"), work, flying=True)

    @contextmanager
    def as_person(self) -> Iterator[None]:
        """Let a person act: one transaction, not interrupted."""
        self.frames.append(Frame(None, 0))
        try:
            yield
        finally:
            self.frames.pop()

    @contextmanager
    def speaking(self, delivery: Delivery) -> Iterator[None]:
        """Note that a request stands between arm and effect."""
        self.on_the_wire.append((delivery.key, self.clock.at))
        try:
            yield
        finally:
            if self.on_the_wire:
                self.on_the_wire.pop()

    def speaks(self, key: str) -> bool:
        """Tell whether a request with this key stands between arm and effect."""
        return any(key == one for one, _since in self.on_the_wire)

    # --- asked by the others ---------------------------------------------------------------------

    def in_node(self) -> bool:
        """Tell whether a node is at work, not a person."""
        return bool(self.frames) and self.frames[-1].node is not None

    def claiming(self) -> bool:
        """Tell whether the work at hand is a claim."""
        return bool(self.frames) and self.frames[-1].claiming

    def by_hand(self, account_id: int) -> bool:
        """Tell whether people serve this account."""
        return isinstance(self.channels[account_id], SimHands)

    def keys_of(self, row: Row[Any]) -> set[str]:
        """Give every key a delivery has had."""
        return self.watch.keys.get(row.id, set()) | {row.key}

    def is_free(self, tx: Connection, post: Row[Any]) -> bool:
        """Tell whether a person may post this by hand without doubling it."""
        row = tx.execute(select(DELIVERY).where(DELIVERY.c.id == post.delivery_id)).first()
        if any(
            one.post_id == post.id
            for place in self.places.values()
            for draft in place.drafts.values()
            for one in draft.said
        ):
            return False
        if any(
            seen.said.post_id == post.id for place in self.places.values() for seen in place.outs
        ):
            return False
        if row is None:
            return True
        return row.state in ("queued", "failed", "missed", "cancelled") and not self.speaks(row.key)

    def thorough(self) -> bool:
        """Tell whether to ask what is costly to ask."""
        return self.chance.rng.random() < 0.5

    def say(self, words: str) -> None:
        """Write one line of the trace."""
        self.trace.append("  " * self.depth + words)


class _Bugs(logging.Handler):
    """Dispatch survives faults of the program; the world does not, but for those it put in."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self.world = world

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, (InjectedBug, SimLocked)):
            raise Broken("crash", f"{record.getMessage()}: {error!r}") from error

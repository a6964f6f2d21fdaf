"""The daemons of the simulated world: each tick's work, piece by piece, and the way to the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduler.dispatch import attempt, drafts, editions, rescue
from scheduler.dispatch.context import Context
from scheduler.machine import State
from scheduler.store.queue import KEPT
from scheduler.store.rules import ACCOUNT, DELIVERY, PAUSE

if TYPE_CHECKING:
    from tests.sim.world import SimNode, World

ROUNDS_MAX = 400
FINAL = ("published", "failed", "missed", "cancelled")


class Nodes:
    """Two or three daemons on one database."""

    def __init__(self, world: World, nodes: list[SimNode]) -> None:
        self.world = world
        self.nodes = nodes

    def work(self) -> None:
        """Let one node do one piece of its tick, or start again when it is down."""
        rng = self.world.chance.rng
        node = rng.choice(self.nodes)
        if not node.up:
            self.start(node)
            return
        roll = rng.random()
        if roll < 0.55:
            if roll < 0.35:
                self.world.as_node(node, editions.freeze_due)
                self.world.as_node(node, editions.fall_out_due)
            self.claim_and_run(node)
        elif roll < 0.75:
            self.looks(node)
        elif roll < 0.85:
            self.upkeep(node)
        else:
            self.drafts(node)

    def start(self, node: SimNode) -> None:
        """Start a node that was down: it settles what it left behind."""
        node.up = True
        self.world.say(f"node {node.name} starts")
        self.world.as_node(node, lambda ctx: rescue.reap(ctx, own=True))

    def upkeep(self, node: SimNode) -> None:
        """Do the cheap part of a tick."""
        for work in (rescue.reap, rescue.miss, editions.freeze_due, editions.fall_out_due):
            self.world.as_node(node, work)

    def claim_and_run(self, node: SimNode) -> bool:
        """Claim one delivery and carry the attempt to its end; tell whether there was one."""
        if not self._something_is_due():
            return False
        flight = self.world.as_node(node, attempt.claim, claiming=True)
        if flight is not None:
            self.world.say(f"node {node.name} runs #{flight.row.id} attempt {flight.row.attempt}")
            landed = self.world.as_node(node, lambda ctx: attempt.run(ctx, flight), flying=True)
            self.world.say(f"node {node.name} leaves #{flight.row.id}: {landed}")
        return flight is not None

    def _something_is_due(self) -> bool:
        query = select(DELIVERY.c.id).where(
            DELIVERY.c.state == "queued",
            DELIVERY.c.next_at <= self.world.clock.now(),
            DELIVERY.c.frozen_at.is_not(None),
        )
        with self.world.store.peek() as tx:
            due = tx.execute(query.limit(1)).first() is not None
            # A claim is the dearest statement of all: in the calm it is asked when it may succeed.
            return due and (not self.world.chance.calm or bool(self.world.watch.claimable(tx)))

    def looks(self, node: SimNode) -> None:
        """Carry out the looks that are due."""
        for row in self.world.as_node(node, rescue.due_looks) or []:
            self.world.say(f"node {node.name} looks at #{row.id} ({row.state})")
            self.world.as_node(node, lambda ctx, row=row: rescue.look(ctx, row), flying=True)

    def drafts(self, node: SimNode) -> None:
        """Delete left-over drafts, those that a row keeps and those that none keeps."""
        self.world.as_node(node, drafts.clear, flying=True)
        if self.world.chance.rng.random() < 0.3:
            self.world.as_node(node, self._sweep, flying=True)

    def _sweep(self, ctx: Context) -> None:
        drafts.sweep(ctx, list(self.world.channels))

    def keeps(self, draft_id: str) -> bool:
        """Tell whether some row keeps this draft."""
        with self.world.store.peek() as tx:
            return tx.execute(select(KEPT.c.id).where(KEPT.c.value == draft_id)).first() is not None

    # --- time ------------------------------------------------------------------------------------

    def alarms(self) -> list[datetime]:
        """Give every moment at which something could become possible."""
        now = self.world.clock.now()
        with self.world.store.peek() as tx:
            rows = tx.execute(select(DELIVERY).where(DELIVERY.c.state.not_in(FINAL))).all()
            accounts = tx.execute(select(ACCOUNT)).all()
            pauses = tx.execute(select(PAUSE.c.until_at)).scalars().all()
        found: list[Any] = [*pauses]
        for row in rows:
            found += [row.next_at, row.lease_until, row.holds_account_until]
            found += [row.due_at - timedelta(minutes=10)]
            if row.state == "queued" or row.accepted_by == "person":
                found.append(row.late_at)
            if row.doubted_at is not None:
                found.append(row.doubted_at + self.world.people.patience)
        for account in accounts:
            found += [account.speaks_from, account.rests_until]
        for place in self.world.places.values():
            found += [at for at, *_ in place.landing]
        return sorted({moment for moment in found if moment is not None and moment > now})

    def to_next_alarm(self, *, most_s: float) -> None:
        """Let time pass to the next alarm, and a moment more."""
        alarms = self.alarms()
        now = self.world.clock.now()
        wait_s = (alarms[0] - now).total_seconds() if alarms else 60
        self.world.advance(min(wait_s, most_s) + 0.5)

    # --- liveness ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Faults stop, nodes start again, honest people act: everything must come to its end."""
        world = self.world
        world.chance.quiet()
        world.say("faults stop")
        for act in ("lift", "wake", "unhold", "unhold_post"):
            world.people.act(act)
        for number in range(ROUNDS_MAX):
            for node in self.nodes:
                if not node.up:
                    self.start(node)
            self.tick(self.nodes[number % len(self.nodes)])
            world.watch.world_holds()
            if self._all_final():
                world.advance(24 * 3600)
                self.tick(self.nodes[0])
                if self._all_final():
                    world.as_node(self.nodes[0], self._sweep, flying=True)
                    return
            for act in ("resolve", "serve", "see_gone", "close_withdrawals"):
                world.people.act(act)
            self.to_next_alarm(most_s=2 * 3600)

    def tick(self, node: SimNode) -> None:
        """Do all of a tick, as the dispatcher does it."""
        if not node.up:
            return
        self.upkeep(node)
        claims = 0
        while self.claim_and_run(node) and claims < len(self.world.channels):
            claims += 1
        self.looks(node)
        self.world.as_node(node, drafts.clear, flying=True)

    def _all_final(self) -> bool:
        with self.world.store.peek() as tx:
            living = [state.value for state in State if state.value not in FINAL]
            query = select(DELIVERY.c.id).where(DELIVERY.c.state.in_(living)).limit(1)
            waiting = tx.execute(query).first() is not None
            landing = any(place.landing for place in self.world.places.values())
        return not waiting and not landing

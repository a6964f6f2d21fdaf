"""The watch: the plan's invariants, asked after every step and inside every commit.

Each rule is said here a second time in plain Python over plain rows, from the plan and from the
platform's truth, never by the guard that it watches over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from channels.contract import Delivery
from scheduler.clock import day_start
from scheduler.machine import DOUBT_STAYS, EDGES, NOT_OUT, State, Verb
from scheduler.notices import NOTICE
from scheduler.store.queue import KEPT
from scheduler.store.rules import ACCOUNT, DELIVERY, EVENT, PAUSE, POST, WITHDRAWAL
from scheduler.tables import Spend, table
from tests.sim.place import Said, Seen

if TYPE_CHECKING:
    from tests.sim.world import World

SPEND = table(Spend)
MAY_BE_OUT = {"publishing", "accepted", "published", "uncertain"}
VERBS = {verb.value for verb in Verb}


class Broken(BaseException):
    """An invariant does not hold.

    Not an `Exception`: nothing between here and the world may take it for an ending.
    """

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(f"{rule}: {words}")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Step:
    """Where a delivery's events have led to so far."""

    state: State | None = None
    attempt: int = 0
    armed: bool = False
    doubted: bool = False
    in_hands: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a claim depends on, read in one transaction."""

    deliveries: Sequence[Row[Any]]
    posts: Sequence[Row[Any]]
    accounts: dict[int, Row[Any]]
    pauses: Sequence[Row[Any]]
    withdrawn: frozenset[int]
    arms: Sequence[Row[Any]]

    @classmethod
    def of(cls, tx: Connection) -> Snapshot:
        """Read it."""
        open_ones = select(WITHDRAWAL.c.post_id).where(WITHDRAWAL.c.closed_at.is_(None))
        arms = select(EVENT.c.account_id, EVENT.c.subject_id, EVENT.c.at).where(
            EVENT.c.kind == "delivery", EVENT.c.verb == "arm"
        )
        return cls(
            tx.execute(select(DELIVERY)).all(),
            tx.execute(select(POST).order_by(POST.c.position)).all(),
            {row.id: row for row in tx.execute(select(ACCOUNT))},
            tx.execute(select(PAUSE).where(PAUSE.c.lifted_at.is_(None))).all(),
            frozenset(tx.execute(open_ones).scalars()),
            tx.execute(arms).all(),
        )

    def blocks(self, row: Row[Any], now: datetime) -> list[str]:
        """Give every reason why a claim of `row` would be wrong now."""
        account = self.accounts[row.account_id]
        others = [
            one for one in self.deliveries if one.account_id == row.account_id and one.id != row.id
        ]
        found = {
            **self.leave_blocks(row, now),
            "idle": any(one.state == "publishing" for one in others),
            "rested": account.needs_person
            or (account.rests_until is not None and account.rests_until > now),
            "past_gap": account.speaks_from is not None and account.speaks_from > now,
            "under_cap": self.over_cap(account, now, room=1),
            "push_left": row.how == "push" and self.over_pushes(row, others, now, room=1),
            "no_doubt_holds": any(
                one.state == "uncertain"
                and one.holds_account_until is not None
                and one.holds_account_until > now
                for one in others
            ),
            "in_time": row.late_at <= now,
            "as_frozen": self.changed_since_frozen(row),
        }
        return [name for name, wrong in found.items() if wrong]

    def leave_blocks(self, row: Row[Any], now: datetime) -> dict[str, bool]:
        """Give the plan's `may_leave`, reason by reason."""
        mine = [post for post in self.posts if post.delivery_id == row.id]
        return {
            "no posts": not mine,
            "not approved": any(not approved(post, now) for post in mine),
            "out already": any(post.published_at is not None for post in mine),
            "post held": any(post.held_for is not None for post in mine),
            "withdrawn": any(post.id in self.withdrawn for post in mine),
            "held": row.held_for is not None,
            "paused": any(
                pause.account_id in (None, row.account_id)
                and pause.from_at <= now
                and (pause.until_at is None or pause.until_at > now)
                for pause in self.pauses
            ),
        }

    def changed_since_frozen(self, row: Row[Any]) -> bool:
        """Tell whether an edition holds words written after its freeze: they have to fall out."""
        mine = [post for post in self.posts if post.delivery_id == row.id]
        return len(mine) > 1 and any(post.content_digest != post.frozen_digest for post in mine)

    def over_cap(self, account: Row[Any], now: datetime, *, room: int) -> bool:
        """Tell whether `room` more arms would be over the account's hourly cap."""
        if not account.speaks_max:
            return False
        assert account.speaks_per == "hour"
        spoken = [
            arm
            for arm in self.arms
            if arm.account_id == account.id and arm.at >= now - timedelta(hours=1)
        ]
        return len(spoken) + room > account.speaks_max

    def over_pushes(
        self, row: Row[Any], others: Iterable[Row[Any]], now: datetime, *, room: int
    ) -> bool:
        """Tell whether the day's pushes, counting all that may be out, leave no `room`."""
        most = self.accounts[row.account_id].pushes_max
        since = day_start(now)
        used = [
            one
            for one in others
            if one.state in MAY_BE_OUT
            and one.first_armed_at is not None
            and one.first_armed_at >= since
        ]
        return bool(most) and len(used) + room > most


def approved(post: Row[Any], now: datetime) -> bool:
    """Tell whether the signature covers exactly what the post says now."""
    current = post.approved_until is None or post.approved_until > now
    return (
        post.approved_digest is not None and post.approved_digest == post.content_digest and current
    )


class Watch:
    """Everything that is checked, and what it has to remember for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.last_event = 0
        self.steps: dict[int, Step] = {}
        self.keys: dict[int, set[str]] = {}
        self.arms: dict[str, dict[int, str | None]] = {}
        self.last_arm: dict[int, datetime] = {}
        self.writes = 0
        self.checked = (-1, 0, 0)

    # --- inside each write transaction, before its commit ----------------------------------

    def lines(self, tx: Connection, *, claiming: bool) -> None:
        """Check every new event against the table and against the truth of this moment."""
        self.writes += 1
        query = select(EVENT).where(EVENT.c.id > self.last_event).order_by(EVENT.c.id)
        claimed = False
        for line in tx.execute(query).all():
            self.last_event = line.id
            if line.kind != "delivery" or line.verb not in VERBS:
                continue
            self.world.say(
                f"  #{line.subject_id} {line.verb} {line.origin_state}->{line.target_state}"
                f" attempt {line.attempt} {line.code} by {line.actor}"
            )
            self._walk(line)
            if line.verb in ("claim", "repeat"):
                claimed = True
                self._claimed(tx, line)
            if line.verb == "arm":
                self._armed(tx, line)
        if claiming and not claimed and self.world.thorough():
            self._nothing_to_claim(tx)

    def _walk(self, line: Row[Any]) -> None:
        was = self.steps.get(line.subject_id, Step())
        verb, target = Verb(line.verb), State(line.target_state)
        if (was.state.value if was.state else "") != line.origin_state:
            self.broken(
                "I5", f"#{line.subject_id} was {was.state}, {verb} says {line.origin_state}"
            )
        edges = [
            edge
            for edge in EDGES
            if edge.verb is verb
            and (edge.origins is None if was.state is None else was.state in (edge.origins or ()))
            and edge.armed in (None, was.armed)
            and edge.hands in (None, was.in_hands)
        ]
        direct = [edge for edge in edges if edge.target is target]
        stays = [edge for edge in edges if edge.target in DOUBT_STAYS and not edge.lifts_doubt]
        by_doubt = was.doubted and target is State.uncertain and stays
        if not direct and not by_doubt:
            self.broken("I5", f"#{line.subject_id}: no edge {verb} from {was} to {target}")
        if was.doubted and not by_doubt and target in DOUBT_STAYS and not direct[0].lifts_doubt:
            self.broken("I5", f"#{line.subject_id}: a doubt was dropped by {verb} to {target}")
        begins = verb in (Verb.claim, Verb.repeat)
        if line.attempt != was.attempt + begins:
            self.broken("I5", f"#{line.subject_id}: attempt {line.attempt} after {was.attempt}")
        lifted = bool(direct) and direct[0].lifts_doubt
        self.steps[line.subject_id] = replace(
            was,
            state=target,
            attempt=line.attempt,
            armed=(was.armed or verb is Verb.arm)
            and not begins
            and not (verb in (Verb.requeue, Verb.resolve) and target is State.queued),
            doubted=(was.doubted and not lifted) or target is State.uncertain,
            in_hands=target is State.accepted and self.world.by_hand(line.account_id),
        )

    def _claimed(self, tx: Connection, line: Row[Any]) -> None:
        now = self.world.clock.now()
        snapshot = Snapshot.of(tx)
        row = next(one for one in snapshot.deliveries if one.id == line.subject_id)
        if blocks := snapshot.blocks(row, now):
            self.broken("claim", f"#{row.id} was claimed although: {', '.join(blocks)}")

    def _nothing_to_claim(self, tx: Connection) -> None:
        for delivery_id in self.claimable(tx):
            self.broken("claim", f"#{delivery_id} could leave and was not claimed")

    def claimable(self, tx: Connection) -> list[int]:
        """Give what a claim may take now."""
        now = self.world.clock.now()
        snapshot = Snapshot.of(tx)
        return [
            row.id
            for row in snapshot.deliveries
            if row.state == "queued"
            and row.frozen_at is not None
            and row.next_at <= now
            and not snapshot.blocks(row, now)
        ]

    def _armed(self, tx: Connection, line: Row[Any]) -> None:
        now = self.world.clock.now()
        snapshot = Snapshot.of(tx)
        row = next(one for one in snapshot.deliveries if one.id == line.subject_id)
        told = json.loads(line.detail)["posts"]
        mine = [post for post in snapshot.posts if post.id in told]
        self.arms[row.key] = {post.id: post.approved_digest for post in mine}
        for post in mine:
            if not approved(post, now):
                self.broken("I7", f"#{row.id} was armed with post {post.id} not approved")
        blocks = [name for name, wrong in snapshot.leave_blocks(row, now).items() if wrong]
        if blocks:
            rule = "I9" if blocks == ["paused"] else "may_leave"
            self.broken(rule, f"#{row.id} was armed although: {', '.join(blocks)}")
        account = snapshot.accounts[row.account_id]
        last = self.last_arm.get(account.id)
        if last is not None and now < last + timedelta(seconds=account.gap_s):
            self.broken("I8", f"#{row.id} spoke {now - last} after the last on {account.name}")
        self.last_arm[account.id] = now
        if snapshot.over_cap(account, now, room=0):
            self.broken("I8", f"{account.name} is over its hourly cap")
        others = [
            one for one in snapshot.deliveries if one.account_id == account.id and one.id != row.id
        ]
        if row.how == "push" and snapshot.over_pushes(row, others, now, room=1):
            self.broken("I8", f"{account.name} is over its pushes")

    # --- at the platform --------------------------------------------------------------------

    def spoken(self, delivery: Delivery, said: Sequence[Said]) -> None:
        """Check that what reaches the platform is what was approved at the moment of arming."""
        signed = self.arms.get(delivery.key, {})
        for one in said:
            if signed.get(one.post_id) != one.digest:
                self.broken("I7", f"post {one.post_id} was said with words nobody signed")
        if len(signed) != len(said):
            self.broken("I7", f"{len(said)} posts were said, {len(signed)} were armed")

    # --- after each step --------------------------------------------------------------------

    def world_holds(self) -> None:
        """Check the database against the platform's truth, if either has changed."""
        outs = [seen for place in self.world.places.values() for seen in place.outs]
        if (changes := (self.last_event, self.writes, len(outs))) == self.checked:
            return
        self.checked = changes
        with self.world.store.peek() as tx:
            deliveries = tx.execute(select(DELIVERY)).all()
            posts = {row.id: row for row in tx.execute(select(POST))}
            kept = select(KEPT.c.delivery_id).where(KEPT.c.name == "draft")
            told = select(NOTICE.c.subject_id).where(
                NOTICE.c.code == "draft_gone", NOTICE.c.done_at.is_(None)
            )
            drafted = {*tx.execute(kept).scalars(), *tx.execute(told).scalars()}
        for row in deliveries:
            self.keys.setdefault(row.id, set()).add(row.key)
        out_ids = [seen.said.post_id for seen in outs]
        for post_id in set(out_ids):
            if out_ids.count(post_id) > 1:
                times = out_ids.count(post_id)
                self.broken("I1", f"post {post_id} is on the platform {times} times")
        for post in posts.values():
            if post.published_at is not None and post.id not in out_ids:
                self.broken("I2", f"post {post.id} is said to be out and is not")
        for row in deliveries:
            mine = [post.id for post in posts.values() if post.delivery_id == row.id]
            if row.state == "published" and (wrong := set(mine) - set(out_ids)):
                self.broken("I2", f"#{row.id} is published, posts {sorted(wrong)} are not out")
            self._row_holds(row, [seen for seen in outs if seen.key in self.keys[row.id]], drafted)

    def _row_holds(self, row: Row[Any], outs: list[Seen], drafted: set[int]) -> None:
        state = State(row.state)
        # A colleague's 发表 is learned when the draft that the row still keeps is looked for,
        # and where the table has no doubt (failed), a notice asks a person to look.
        unnoticed = row.id in drafted and all(seen.by_hand for seen in outs)
        if state in NOT_OUT and outs and not unnoticed:
            self.broken("I3", f"#{row.id} is {state} and out")
        rings = {
            State.queued: row.next_at is not None,
            State.publishing: row.lease_until is not None,
            State.accepted: row.next_at is not None or row.awaits,
            State.uncertain: row.next_at is not None or row.awaits,
        }
        if not rings.get(state, True):
            self.broken("I4", f"#{row.id} is {state} without an alarm or a person")

    def quotas_hold(self) -> None:
        """Check the day's calls against the channels' quotas."""
        with self.world.store.peek() as tx:
            rows = tx.execute(select(SPEND)).all()
        for row in rows:
            quotas = self.world.channels[row.account_id].limits.quotas
            window = quotas.get("*") or quotas.get(row.call)
            if window is None:
                continue
            total = sum(
                one.count
                for one in rows
                if (one.account_id, one.day) == (row.account_id, row.day)
                and ("*" in quotas or one.call == row.call)
            )
            if total > window.count:
                self.broken("I8", f"account {row.account_id} made {total} calls on {row.day}")

    # --- at the end --------------------------------------------------------------------------

    def settled(self) -> None:
        """Check the end: everything final, and the ledger agrees with the platform."""
        with self.world.store.peek() as tx:
            deliveries = tx.execute(select(DELIVERY)).all()
            posts = tx.execute(select(POST)).all()
        for row in deliveries:
            if State(row.state) not in NOT_OUT | {State.published}:
                self.broken(
                    "I6",
                    f"#{row.id} stays {row.state}: {row.code}, next {row.next_at},"
                    f" awaits {row.awaits!r}, held {row.held_for}",
                )
        for place in self.world.places.values():
            ledger = sorted(
                post.id
                for post in posts
                if post.account_id == place.account_id and post.published_at is not None
            )
            truth = sorted(seen.said.post_id for seen in place.outs)
            if ledger != truth:
                self.broken("I10", f"{place.name}: ledger {ledger}, platform {truth}")
            if place.drafts:
                self.broken("drafts", f"{place.name}: left over {sorted(place.drafts)}")
        self.quotas_hold()

    def broken(self, rule: str, words: str) -> None:
        """Stop the world: `rule` does not hold."""
        if rule in self.world.unwatched:
            return
        raise Broken(rule, words)

"""The people of the simulated world: they write, sign, hold, cancel, resolve. They are honest.

What they know they see with their own eyes on the platform, and they wait long enough before they
say what became of a doubt. Each act is one transaction, and what it may not do is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from scheduler.dispatch import drafts
from scheduler.errors import Conflict, InputError
from scheduler.machine import LIVING, NOT_OUT, State, Verb
from scheduler.notices import done, open_notices
from scheduler.people import Actor, Role
from scheduler.planning import place
from scheduler.store import accounts, queue
from scheduler.store.moves import read
from scheduler.store.rules import ACCOUNT, DELIVERY, PAUSE, POST, WITHDRAWAL
from scheduler.store.settle import Proof, mark_out, proven, spoken_posts
from tests.sim.place import Said, Seen
from tests.sim.writing import WHO, Writing

OPERATOR = Actor(1, "reviewer", frozenset({Role.author, Role.operator}))
PATIENCE = timedelta(seconds=1900)
ACTS = {
    "add_single": 12,
    "add_edition": 10,
    "edit": 3,
    "approve": 6,
    "edit_and_sign": 3,
    "hold_post": 1,
    "unhold_post": 4,
    "hold": 1,
    "unhold": 4,
    "cancel": 2,
    "move": 2,
    "requeue": 5,
    "resolve": 6,
    "serve": 6,
    "see_gone": 3,
    "withdraw": 1,
    "close_withdrawals": 3,
    "pause": 1,
    "lift": 4,
    "publish_by_hand": 2,
    "wake": 3,
}


COMMANDS = {"resolve"}
"""What takes more than one transaction: platforms are spoken to in between."""
IN_FLIGHT = {
    "edit": 4,
    "edit_and_sign": 6,
    "hold_post": 3,
    "hold": 3,
    "cancel": 3,
    "withdraw": 3,
    "pause": 3,
    "publish_by_hand": 3,
    "resolve": 2,
    "serve": 2,
    "requeue": 2,
    "add_single": 2,
}
"""What people do while something is on its way: what could hurt it."""


class People(Writing):
    """Everybody at the desk."""

    patience = PATIENCE

    def act(self, name: str | None = None, *, in_flight: bool = False) -> None:
        """Let somebody do something, or find it cannot be done; `in_flight`: where it hurts."""
        self.aims = in_flight
        if name is None:
            acts = IN_FLIGHT if in_flight else ACTS
            name = self.rng.choices(list(acts), weights=list(acts.values()))[0]
        doing: Callable[..., object] = getattr(self, name)
        try:
            what = doing() if name in COMMANDS else self._written(doing)
        except (Conflict, InputError) as no:
            what = f"refused: {type(no).__name__}"
        self.world.say(f"person {name}: {what}")

    def _written(self, doing: Callable[[Connection], object]) -> object:
        """Do something in one transaction, not interrupted."""
        with self.world.as_person(), self.world.store.write() as tx:
            return doing(tx)

    # --- the queue ---------------------------------------------------------------------------

    def hold_post(self, tx: Connection) -> str:
        post = self._post(tx)
        if post is None:
            return "nothing"
        tx.execute(update(POST).where(POST.c.id == post.id).values(held_for="check"))
        return f"post {post.id}"

    def unhold_post(self, tx: Connection) -> str:
        held = tx.execute(select(POST.c.id).where(POST.c.held_for.is_not(None))).scalars().all()
        tx.execute(update(POST).where(POST.c.id.in_(held)).values(held_for=None))
        return f"posts {sorted(held)}"

    def hold(self, tx: Connection) -> str:
        row = self._one(tx, "queued", "publishing")
        if row is None:
            return "nothing"
        queue.hold(tx, row.id, reason="person", now=self.now, actor=WHO, rules=self.world.rules)
        return f"#{row.id}"

    def unhold(self, tx: Connection) -> str:
        held = [row for row in self._deliveries(tx, "queued") if row.held_for]
        for row in held:
            queue.unhold(tx, row.id, now=self.now, actor=WHO)
        return f"{[row.id for row in held]}"

    def cancel(self, tx: Connection) -> str:
        row = self._one(tx, "queued", "publishing")
        if row is None:
            return "nothing"
        queue.cancel(tx, row.id, reason="no", now=self.now, actor=WHO, rules=self.world.rules)
        return f"#{row.id}"

    def move(self, tx: Connection) -> str:
        row = self._one(tx, "queued")
        if row is None:
            return "nothing"
        due_at, late_at = self._time()
        queue.reschedule(tx, row.id, due_at=due_at, late_at=late_at, now=self.now, actor=WHO)
        return f"#{row.id}"

    def requeue(self, tx: Connection) -> str:
        row = self._one(tx, *(state.value for state in NOT_OUT))
        if row is None:
            return "nothing"
        due_at, late_at = self._time()
        new = queue.requeue(tx, row.id, due_at=due_at, late_at=late_at, now=self.now, actor=WHO)
        return f"#{row.id} as #{new}"

    # --- doubts and packs ----------------------------------------------------------------------

    def resolve(self) -> object:
        """Say what became of a doubt, by what is on the platform, after long enough.

        Whoever wants it sent again has the platform's draft deleted first.
        """
        with self.world.store.peek() as tx:
            rows = [row for row in self._deliveries(tx, "uncertain") if self.may_say(row)]
        if not rows:
            return "nothing"
        row = self.rng.choice(rows)
        again = not self._out(row) and self.rng.random() < 0.5
        if again and not self._discarded(row):
            return f"#{row.id}: the command came to no end"
        return self._written(lambda tx: self._say(tx, row.id, again=again))

    def _discarded(self, row: Row[Any]) -> bool:
        done = self.world.as_command(lambda ctx: drafts.discard(ctx, row.id, OPERATOR) or True)
        return bool(done)

    def may_say(self, row: Row[Any]) -> bool:
        """Tell whether waiting longer cannot change what became of `row`."""
        return (
            row.doubted_at + self.patience <= self.now
            and not self.world.places[row.account_id].is_open(self.world.keys_of(row))
            and not self.world.speaks(row.key)
        )

    def _out(self, row: Row[Any]) -> list[Seen]:
        keys = self.world.keys_of(row)
        return [seen for seen in self.world.places[row.account_id].outs if seen.key in keys]

    def _say(self, tx: Connection, delivery_id: int, *, again: bool) -> str:
        row = read(tx, delivery_id)
        if row.state != State.uncertain.value or not self.may_say(row):
            return f"#{row.id} is {row.state} by now"
        told: dict[str, Any] = {"reason": "I looked", "now": self.now, "actor": OPERATOR}
        if out := self._out(row):
            links = [f"https://p/{seen.said.post_id}" for seen in out]
            place.resolve_published(tx, row.id, links=links, published_at=out[0].at, **told)
            return f"#{row.id} is out"
        if again:
            place.resolve_again(tx, row.id, self._time()[0], **told)
        else:
            place.resolve_failed(tx, row.id, **told)
        return f"#{row.id} is not out{', again' if again else ''}"

    def see_gone(self, tx: Connection) -> str:
        """Look at the account where a draft of a failed delivery has left the box."""
        about = {row.subject_id for row in open_notices(tx) if row.code == "draft_gone"}
        rows = [row for row in self._deliveries(tx, "failed") if row.id in about]
        for row in rows:
            if out := self._out(row):
                proofs = [Proof(published_at=seen.at) for seen in out]
                proven(tx, row.id, proofs, now=self.now, actor=WHO, verb=Verb.see)
            done(tx, "delivery", row.id, self.now)
        return f"{[row.id for row in rows]}"

    def serve(self, tx: Connection) -> str:
        """Publish what lies in somebody's hands, give it back, or say that it was not used."""
        rows = [row for row in self._deliveries(tx, "accepted") if row.accepted_by == "person"]
        if not rows:
            return "nothing"
        row = self.rng.choice(rows)
        choice = self.rng.random()
        told: dict[str, Any] = {"now": self.now, "actor": OPERATOR}
        if choice < 0.15:
            place.cancel(tx, row.id, "no", unused=True, **told)
            return f"#{row.id} recalled"
        if choice < 0.25:
            place.resolve_failed(tx, row.id, reason="unused", **told)
            return f"#{row.id} given back"
        if choice < 0.35:
            place.resolve_again(tx, row.id, self._time()[0], reason="unused", **told)
            return f"#{row.id} given back, again"
        posts = [post for post in queue.posts_of(tx, row.id) if post.id in spoken_posts(tx, row)]
        self._publish(row.account_id, posts, row.key, tx)
        links = [f"https://p/{post.id}" for post in posts]
        place.resolve_published(
            tx, row.id, links=links, published_at=self.now, reason="done", **told
        )
        return f"#{row.id} published by hand"

    def _publish(
        self, account_id: int, posts: Sequence[Row[Any]], key: str, tx: Connection
    ) -> None:
        for post in posts:
            if key and post.approved_digest != post.content_digest:
                self.world.watch.broken("I7", f"the pack of post {post.id} was not approved")
        said = tuple(Said(post.id, post.content_digest) for post in posts)
        self.world.places[account_id].put_out(said, key, self.now, lag=self.now, by_hand=True)

    def publish_by_hand(self, tx: Connection) -> str:
        """Somebody posts in the phone app what waits in the queue, and records it."""
        free = [post for post in self._waiting(tx) if self.world.is_free(tx, post)]
        if not free:
            return "nothing"
        post = self.rng.choice(free)
        self._publish(post.account_id, [post], "", tx)
        mark_out(tx, [post.id], [], now=self.now, spoke_at=self.now)
        return f"post {post.id}"

    def _waiting(self, tx: Connection) -> Sequence[Row[Any]]:
        return tx.execute(
            select(POST).where(POST.c.published_at.is_(None)).order_by(POST.c.id)
        ).all()

    # --- withdrawals, pauses, accounts ---------------------------------------------------------

    def withdraw(self, tx: Connection) -> str:
        post = self._post(tx)
        if post is None:
            return "nothing"
        values = {"post_id": post.id, "state": "requested", "reason": "no"}
        tx.execute(insert(WITHDRAWAL).values(**values, requested_at=self.now))
        return f"post {post.id}"

    def close_withdrawals(self, tx: Connection) -> str:
        living = [state.value for state in LIVING]
        still = select(POST.c.id).join(DELIVERY, DELIVERY.c.id == POST.c.delivery_id)
        still = still.where(DELIVERY.c.state.in_(living), DELIVERY.c.state != "queued")
        closing = WITHDRAWAL.c.closed_at.is_(None) & WITHDRAWAL.c.post_id.not_in(still)
        done = tx.execute(update(WITHDRAWAL).where(closing).values(closed_at=self.now))
        return f"{done.rowcount}"

    def pause(self, tx: Connection) -> str:
        which = self.rng.choice([None, *self.world.channels])
        until = None
        if self.rng.random() < 0.5:
            until = self.now + timedelta(seconds=self.rng.choice((60, 900, 3600)))
        tx.execute(
            insert(PAUSE).values(account_id=which, from_at=self.now, until_at=until, reason="默哀")
        )
        return f"account {which}"

    def lift(self, tx: Connection) -> str:
        open_ones = PAUSE.c.lifted_at.is_(None)
        done = tx.execute(update(PAUSE).where(open_ones).values(lifted_at=self.now))
        return f"{done.rowcount}"

    def wake(self, tx: Connection) -> str:
        rows = tx.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.needs_person)).scalars().all()
        for account_id in rows:
            accounts.wake(tx, account_id)
        return f"accounts {sorted(rows)}"

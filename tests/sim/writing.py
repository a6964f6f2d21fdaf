"""The desk's writers and reviewers: posts are written, signed, edited and put into the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, insert, select, update

from channels.contract import Content
from scheduler import calendar
from scheduler.content import content_digest, pack
from scheduler.store import queue
from scheduler.store.rules import DELIVERY, POST
from scheduler.tables import Post, Story, fresh, table

if TYPE_CHECKING:
    from tests.sim.world import World

WHO = "person:reviewer"


class Writing:
    """What people do with words, and how they pick what to do it to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = world.chance.rng
        self.aims = False

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    # --- picking ---------------------------------------------------------------------------

    def _deliveries(self, tx: Connection, *states: str) -> Sequence[Row[Any]]:
        query = select(DELIVERY).where(DELIVERY.c.state.in_(states)).order_by(DELIVERY.c.id)
        return tx.execute(query).all()

    def _one(self, tx: Connection, *states: str) -> Row[Any] | None:
        found = self._deliveries(tx, *states)
        flying = [row for row in found if row.state == "publishing"]
        if flying and self.aims:
            found = flying
        return self.rng.choice(found) if found else None

    def _post(self, tx: Connection) -> Row[Any] | None:
        waiting = select(POST).where(POST.c.published_at.is_(None)).order_by(POST.c.id)
        found = tx.execute(waiting).all()
        in_flight = [post for post in found if self._flies(tx, post)]
        if in_flight and self.rng.random() < (0.8 if self.aims else 0.2):
            return self.rng.choice(in_flight)
        return self.rng.choice(found) if found else None

    def _flies(self, tx: Connection, post: Row[Any]) -> bool:
        row = self._delivery_of(tx, post)
        return row is not None and row.state == "publishing"

    def _delivery_of(self, tx: Connection, post: Row[Any]) -> Row[Any] | None:
        return tx.execute(select(DELIVERY).where(DELIVERY.c.id == post.delivery_id)).first()

    def _time(self) -> tuple[datetime, datetime]:
        due_at = self.now + timedelta(
            seconds=self.rng.choice((-20, 0, 5, 60, 400, 900, 2400)) + self.rng.randrange(10)
        )
        return due_at, calendar.late_at(due_at, self.rng.choice(("normal", "warning", "normal")))

    # --- writing and signing -----------------------------------------------------------------

    def _new_post(self, tx: Connection, account_id: int, how: str) -> int:
        now, world = self.now, self.world
        story = fresh(Story, title="稿", column_id=1, created_at=now, updated_at=now)
        told = tx.execute(insert(table(Story)).values(story).returning(table(Story).c.id))
        post = fresh(
            Post,
            story_id=told.scalar_one(),
            account_id=account_id,
            column_id=1,
            title="稿",
            created_at=now,
            updated_at=now,
        )
        post_id = int(tx.execute(insert(POST).values(post).returning(POST.c.id)).scalar_one())
        self._write(tx, post_id, how)
        if self.rng.random() < 0.85:
            self._sign(tx, post_id)
        world.posts_made += 1
        return post_id

    def _write(self, tx: Connection, post_id: int, how: str) -> None:
        """Write new words; every edit takes the signature off in the same transaction."""
        self.world.versions += 1
        content = Content(title=f"第{post_id}条", text=f"第{self.world.versions}版", how=how)
        words = {"content": pack(content), "content_digest": content_digest(content)}
        unsigned = {"approved_digest": None, "approved_until": None, "updated_at": self.now}
        tx.execute(update(POST).where(POST.c.id == post_id).values(**words, **unsigned))

    def _sign(self, tx: Connection, post_id: int) -> None:
        until = None
        if self.rng.random() < 0.15:
            until = self.now + timedelta(seconds=self.rng.choice((60, 900, 7200)))
        signed = {"approved_digest": POST.c.content_digest, "approved_until": until}
        tx.execute(update(POST).where(POST.c.id == post_id).values(**signed))

    def _add(self, tx: Connection, account_id: int, count: int) -> str:
        if self.world.posts_made > self.world.posts_max:
            return "enough"
        how = self.world.channels[account_id].HOWS[0]
        posts = [self._new_post(tx, account_id, how) for _ in range(count)]
        return f"#{self.order(tx, account_id, posts, *self._time())} of posts {posts}"

    def order(
        self,
        tx: Connection,
        account_id: int,
        posts: Sequence[int],
        due_at: datetime,
        late_at: datetime,
    ) -> int:
        """Put posts into the queue as one delivery; give its number."""
        channel = self.world.channels[account_id]
        how = channel.HOWS[0]
        held = channel.limits.holds_account_s.get(how, 0)
        order = queue.Order(
            account_id=account_id,
            post_ids=posts,
            how=how,
            due_at=due_at,
            late_at=late_at,
            repeatable=how in channel.REPEATABLE,
            hold_account_s=0 if held == "day" else float(held),
            hold_account_day=held == "day",
        )
        return queue.add(tx, order, now=self.now, actor=WHO)

    def publish_soon(self, kind: str, count: int) -> None:
        """Queue signed posts on the account of one kind, due at once."""
        account_id = next(
            number for number, channel in self.world.channels.items() if channel.NAME == kind
        )
        how = self.world.channels[account_id].HOWS[0]
        with self.world.as_person(), self.world.store.write() as tx:
            posts = [self._new_post(tx, account_id, how) for _ in range(count)]
            signed = {"approved_digest": POST.c.content_digest, "approved_until": None}
            tx.execute(update(POST).where(POST.c.id.in_(posts)).values(**signed))
            self.order(tx, account_id, posts, self.now, calendar.late_at(self.now, "normal"))

    def add_single(self, tx: Connection) -> str:
        return self._add(tx, self.rng.choice(list(self.world.channels)), 1)

    def add_edition(self, tx: Connection) -> str:
        able = [
            account_id
            for account_id, channel in self.world.channels.items()
            if channel.limits.posts_per_call > 1
        ]
        return self._add(tx, self.rng.choice(able), self.rng.randrange(2, 5))

    def edit(self, tx: Connection) -> str:
        """Change a text, unless it may be out already."""
        post = self._post(tx)
        if post is None:
            return "nothing"
        row = self._delivery_of(tx, post)
        spoken = row is not None and row.state == "publishing" and row.armed_at is not None
        if row is not None and (spoken or row.state in ("accepted", "uncertain")):
            return f"post {post.id} may be out: refused"
        self._write(tx, post.id, self.world.channels[post.account_id].HOWS[0])
        return f"post {post.id}"

    def approve(self, tx: Connection) -> str:
        post = self._post(tx)
        if post is None:
            return "nothing"
        self._sign(tx, post.id)
        return f"post {post.id}"

    def edit_and_sign(self, tx: Connection) -> str:
        """Correct at the last minute, signed at once."""
        post = self._post(tx)
        if post is None:
            return "nothing"
        row = self._delivery_of(tx, post)
        spoken = row is not None and row.state == "publishing" and row.armed_at is not None
        if row is not None and (spoken or row.state in ("accepted", "uncertain")):
            return f"post {post.id} may be out: refused"
        self._write(tx, post.id, self.world.channels[post.account_id].HOWS[0])
        self._sign(tx, post.id)
        return f"post {post.id}"

"""How many deliveries a second the queue carries: claim, prepare, arm, speak, settle.

Real store (SQLite, WAL, synchronous=FULL) and real dispatch; the platform answers at once and in
the same process, so that what is measured is ours. Prints figures; asserts nothing.

    python benchmarks/bench_dispatch.py [--deliveries 400] [--backlog 20000] [--accounts 40]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from channels.contract import (
    Account,
    Channel,
    Content,
    Delivery,
    Finding,
    Health,
    Limits,
    Line,
    Out,
    Receipt,
    Rendered,
    Unseen,
    Words,
)
from scheduler.content import content_digest, pack
from scheduler.dispatch import attempt
from scheduler.dispatch.context import Context
from scheduler.dispatch.dispatcher import Dispatcher
from scheduler.store import Store, migrate, open_store, queue
from scheduler.tables import Account as AccountRow
from scheduler.tables import ContentColumn, Post, Story, fresh, table

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Instant(Channel):
    """A place that takes everything at once."""

    NAME = "instant"
    HOWS = ("post",)
    limits = Limits(as_of=date(2026, 11, 22), looks_s=(60,))

    def __init__(self) -> None:
        account = Account("a", "instant", "A", "")
        super().__init__(account, None, lambda: NOW)  # type: ignore[arg-type]

    def check(self, content: Content) -> list[Finding]:
        """Find nothing."""
        return []

    def render(self, content: Content) -> Rendered:
        """Show nothing."""
        return Rendered({})

    def prepare(self, delivery: Delivery, line: Line) -> None:
        """Spend one call."""
        line.spend("call")

    def speak(self, delivery: Delivery, line: Line) -> Receipt:
        """Arm and succeed."""
        line.arm()
        return Receipt((Out(delivery.key),))

    def look(self, delivery: Delivery, line: Line) -> Unseen:
        """See nothing."""
        return Unseen(Words(""))

    def survey(self, line: Line) -> Health:
        """Know nothing."""
        return Health("a")


class Still:
    """A clock that stands still: gaps and lateness are not measured here."""

    def now(self) -> datetime:
        """Give the same moment always."""
        return NOW


def fill(store: Store, deliveries: int, backlog: int, accounts: int) -> None:
    """Queue `deliveries` due now and `backlog` due in a month, spread over the accounts."""
    with store.write() as tx:
        column = tx.execute(
            table(ContentColumn).insert().values(**fresh(ContentColumn, path="p"))
        ).inserted_primary_key[0]
        ids = [
            tx.execute(
                table(AccountRow)
                .insert()
                .values(**fresh(AccountRow, name=f"a{number}", channel="instant", title="A"))
            ).inserted_primary_key[0]
            for number in range(accounts)
        ]
        for number in range(deliveries + backlog):
            due_at = NOW if number < deliveries else NOW + timedelta(days=30)
            content = Content(text=f"text {number}", how="post")
            digest = content_digest(content)
            times = {"created_at": NOW, "updated_at": NOW}
            story = tx.execute(
                table(Story).insert().values(**fresh(Story, title="t", column_id=column, **times))
            ).inserted_primary_key[0]
            post = tx.execute(
                table(Post)
                .insert()
                .values(
                    **fresh(
                        Post,
                        story_id=story,
                        account_id=ids[number % accounts],
                        column_id=column,
                        title="t",
                        content=pack(content),
                        content_digest=digest,
                        approved_digest=digest,
                        **times,
                    )
                )
            ).inserted_primary_key[0]
            order = queue.Order(
                ids[number % accounts], [post], "post", due_at, due_at + timedelta(hours=2)
            )
            queue.add(tx, order, now=NOW, actor="bench")


def main() -> None:
    """Fill, send, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=400)
    parser.add_argument("--backlog", type=int, default=20_000)
    parser.add_argument("--accounts", type=int, default=40)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'queue.db'}")
        migrate(store)
        began = time.perf_counter()
        fill(store, told.deliveries, told.backlog, told.accounts)
        added = time.perf_counter() - began
        channel = Instant()
        ctx = Context(store, Still(), Random(1), "bench", lambda _account: channel)
        dispatcher = Dispatcher(ctx, 4)
        idle = []
        while (flight := attempt.claim(ctx)) is not None:
            began = time.perf_counter()
            attempt.run(ctx, flight)
            idle.append(time.perf_counter() - began)
            if len(idle) == told.deliveries:
                break
        began = time.perf_counter()
        for _turn in range(20):
            dispatcher.tick()
        tick = (time.perf_counter() - began) / 20
        dispatcher.drain(10)
        store.close()
    total = told.deliveries + told.backlog
    print(f"add: {total / added:.0f} deliveries/s in one transaction")
    print(f"attempt (prepare, arm, speak, settle): {1000 * sum(idle) / len(idle):.1f} ms each")
    print(f"tick with nothing due and {told.backlog} waiting: {1000 * tick:.1f} ms")


if __name__ == "__main__":
    main()

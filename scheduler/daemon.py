"""The daemon: the one place where rooms are wired, and the one user of APScheduler's ticks.

The clock may be lost, the queue not: every tick asks the database what is due. A tick comes each
second, and one more exactly at the next due time.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import SystemRandom
from threading import Event as Flag
from threading import Lock
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Row, insert, select, text, update

from channels.contract import Channel
from scheduler import __version__, accounts, events, secrets
from scheduler.clock import Clock
from scheduler.config import Settings
from scheduler.config_file import Follower
from scheduler.dispatch import drafts
from scheduler.dispatch.context import Context
from scheduler.dispatch.dispatcher import Dispatcher
from scheduler.errors import ConfigError, Conflict
from scheduler.events import EVENT
from scheduler.store import Store
from scheduler.store.rules import ACCOUNT
from scheduler.tables import Node, table

LOG = logging.getLogger("fabu.daemon")
NODE = table(Node)
TAKEN = "take_config"
"""The verb in the history when a node has read config.toml; `config_taken_at` looks for it."""
TICK_S = 1.0
SEAL_S = 5
BEAT_S = 10
DRAFTS_S = 5
SWEEP_S = 3600
DRAIN_S = 200
"""Longer than the longest request (125 s): an orderly stop never makes a doubt."""


class Channels:
    """One channel per account, kept while settings and secrets stay the same (it keeps a token).

    `settings` may be replaced at any moment; what speaks then goes on with the channel it has.
    """

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self._lock = Lock()
        self._open: dict[str, tuple[object, Channel]] = {}

    def named(self, name: str) -> Channel:
        """Give the channel of one configured account, with the secrets of this moment."""
        settings = self.settings
        with self.store.read() as tx:
            values = dict(secrets.get_all(tx, settings, name))
        wanted = (settings.account(name), values)
        with self._lock:
            known = self._open.get(name)
            if known is None or known[0] != wanted:
                channel = accounts.build_channel(settings, name, values, self.clock.now)
                known = self._open[name] = (wanted, channel)
            return known[1]

    def of(self, account_id: int) -> Channel:
        """Give the channel of one account by its row's id."""
        with self.store.read() as tx:
            query = select(ACCOUNT.c.name).where(ACCOUNT.c.id == account_id)
            name = tx.execute(query).scalar_one()
        return self.named(str(name))


def context_of(settings: Settings, store: Store, clock: Clock) -> Context:
    """Wire dispatch to this installation."""
    channels = Channels(settings, store, clock)
    return Context(store, clock, SystemRandom(), settings.node, channels.of)


class Daemon:
    """One running node: ticks, heartbeat, sealing, an orderly stop."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        on_event: Callable[[Row[tuple[object, ...]]], None] | None = None,
        on_start: Callable[[], None] = lambda: None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.channels = Channels(settings, store, clock)
        self.ctx = Context(store, clock, SystemRandom(), settings.node, self._channel_of)
        self.dispatcher = Dispatcher(self.ctx, settings.workers)
        self.stop_asked = Flag()
        self._on_event = on_event
        self._on_start = on_start
        self._told = 0
        self._follower = Follower()
        self._following = Lock()
        self._ticks = BackgroundScheduler(
            timezone="UTC", executors={"default": ThreadPoolExecutor(3)}
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what runs then comes to its end first."""
        with single(self.settings, self.store):
            self._begin()
            self._on_start()
            self._handle_signals()
            self._ticks.start()
            try:
                # A wait with a limit, so that signals are seen on every platform.
                while not self.stop_asked.wait(0.5):
                    pass
            finally:
                self._end()

    def _begin(self) -> None:
        now = self.clock.now()
        with self.store.write() as tx:
            tx.execute(NODE.delete().where(NODE.c.name == self.settings.node))
            values = {"started_at": now, "beat_at": now, "version": __version__}
            tx.execute(insert(NODE).values(name=self.settings.node, stopped_at=None, **values))
            last = tx.execute(select(events.EVENT.c.id).order_by(events.EVENT.c.id.desc()).limit(1))
            self._told = int(last.scalar() or 0)
        self._follow(first=True)
        self.dispatcher.start()
        for name, seconds, work in (
            ("tick", TICK_S, self._tick),
            ("beat", BEAT_S, self._beat),
            ("seal", SEAL_S, self._seal),
            ("drafts", DRAFTS_S, self._drafts),
            ("sweep", SWEEP_S, self._sweep),
        ):
            self._ticks.add_job(
                _guarded(name, work),
                "interval",
                seconds=seconds,
                id=name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=now,
            )

    def _end(self) -> None:
        LOG.info("stopping: waiting for what is on its way")
        self._ticks.shutdown(wait=True)
        if not self.dispatcher.drain(DRAIN_S):
            LOG.warning("stopped while an attempt was still running; it will be cleared up")
        self._tell()
        self._seal()
        with self.store.write() as tx:
            mine = NODE.c.name == self.settings.node
            tx.execute(update(NODE).where(mine).values(stopped_at=self.clock.now()))

    def _handle_signals(self) -> None:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stop_asked.set()

        for name in ("SIGTERM", "SIGINT"):
            signal.signal(getattr(signal, name), stop)

    # --- ticks --------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._follow()
        next_at = self.dispatcher.tick()
        self._tell()
        now = self.clock.now()
        if next_at is not None and now < next_at < now + timedelta(seconds=TICK_S):
            self._ticks.add_job(
                _guarded("wake", self._tick),
                "date",
                run_date=next_at,
                id="wake",
                replace_existing=True,
                misfire_grace_time=None,
            )

    def _channel_of(self, account_id: int) -> Channel:
        """Give an account's channel as config.toml has it now, not as the last tick knew it.

        Who changes which account is meant does so while nothing is claimed there; what is claimed
        a moment later must not speak to the old one and be looked for at the new one.
        """
        self._follow()
        return self.channels.of(account_id)

    def _follow(self, *, first: bool = False) -> None:
        """Take up accounts that were added or changed in config.toml; say so in the history.

        What cannot be taken up is tried again with the next tick; the queue goes on meanwhile.
        """
        with self._following:
            self._take_up(first=first)

    def _take_up(self, *, first: bool) -> None:
        try:
            fresh = self._follower.changed(self.settings)
        except ConfigError as error:
            LOG.warning("config.toml is not taken up, it has faults: %s", error)
            return
        if fresh is None or (first and fresh == self.settings):
            return
        try:
            accounts.mirror_settings(self.store, fresh)
            with self.store.write() as tx:
                line = events.Line("node", 0, TAKEN, self.ctx.actor, self.clock.now())
                events.write(tx, line)
        except Exception:  # a lock, a number the database cannot keep
            self._follower.forget()
            LOG.exception("config.toml could not be taken up yet")
            return
        self.settings = self.channels.settings = fresh

    def _beat(self) -> None:
        with self.store.write() as tx:
            mine = NODE.c.name == self.settings.node
            tx.execute(update(NODE).where(mine).values(beat_at=self.clock.now()))

    def _seal(self) -> None:
        with self.store.write() as tx:
            events.seal(tx)

    def _drafts(self) -> None:
        drafts.clear(self.ctx, self.stop_asked.is_set)

    def _sweep(self) -> None:
        names = list(self.settings.accounts)
        with self.store.read() as tx:
            query = select(ACCOUNT.c.id).where(ACCOUNT.c.name.in_(names), ~ACCOUNT.c.needs_person)
            mine = list(tx.execute(query).scalars())
        drafts.sweep(self.ctx, mine, self.stop_asked.is_set)

    def _tell(self) -> None:
        """Hand new events to whoever shows them."""
        if self._on_event is None:
            return
        with self.store.read() as tx:
            query = select(events.EVENT).where(events.EVENT.c.id > self._told)
            rows = list(tx.execute(query.order_by(events.EVENT.c.id).limit(500)))
        for row in rows:
            self._told = row.id
            self._on_event(row)


def _guarded(name: str, work: Callable[[], object]) -> Callable[[], None]:
    def tick() -> None:
        try:
            work()
        except Exception:  # the one place around a tick: the next one tries again
            LOG.exception("tick %s stopped by a fault", name)

    return tick


@contextmanager
def single(settings: Settings, store: Store) -> Iterator[None]:
    """Keep a second daemon with the same node name out. Raises `Conflict`."""
    lock = FileLock(Path(settings.home) / f".daemon-{settings.node}.lock", timeout=0)
    try:
        with lock, _advisory(settings, store):
            yield
    except Timeout:
        raise _second(settings) from None


@contextmanager
def _advisory(settings: Settings, store: Store) -> Iterator[None]:
    """On PostgreSQL the same name on another machine is kept out, too."""
    if store.on_sqlite:
        yield
        return
    with store.engine.connect() as connection:
        free = connection.execute(
            text("select pg_try_advisory_lock(hashtext(:name))"), {"name": settings.node}
        ).scalar_one()
        connection.commit()
        if not free:
            raise _second(settings)
        yield


def _second(settings: Settings) -> Conflict:
    return Conflict(
        "A daemon named {node} is running already. Stop it first, or give this one another name"
        " under [daemon] node in {file}.",
        node=settings.node,
        file=str(settings.path),
    )


def config_taken_at(tx: Connection, node: str) -> datetime | None:
    """Give when a node last took up config.toml, None when it never did."""
    mine = EVENT.c.kind == "node", EVENT.c.subject_id == 0, EVENT.c.verb == TAKEN
    taken_at: datetime | None = tx.execute(
        select(EVENT.c.at)
        .where(*mine, EVENT.c.actor == f"node:{node}")
        .order_by(EVENT.c.id.desc())
        .limit(1)
    ).scalar()
    return taken_at


def running_nodes(rows: list[Row[tuple[object, ...]]], now: datetime) -> list[str]:
    """Give the names of the nodes that beat within the last half minute."""
    return [
        row._mapping["name"]
        for row in rows
        if row._mapping["stopped_at"] is None
        and now - row._mapping["beat_at"] < timedelta(seconds=3 * BEAT_S)
    ]

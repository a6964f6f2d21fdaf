"""One bureau's week at its desk, played against the simulated platforms at a clock set by hand.

It is Friday, 27 November 2026, 14:42 in Beijing: the morning is out, one delivery is a doubt, one
is held, one was missed, one lies with a person, and stories wait for the reviewer. The same every
time, so that pages may be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random

import requests
from sqlalchemy import delete, insert

from channels.contract import Channel
from console.serve import beside
from scheduler import __version__, config, people, secrets
from scheduler.cli import demo_stage as demo
from scheduler.clock import BEIJING, SystemClock
from scheduler.daemon import NODE, Channels
from scheduler.desk import intake, review, story
from scheduler.dispatch import attempt, editions, rescue
from scheduler.dispatch.context import Context
from scheduler.home import open_database
from scheduler.ledger import intake as ledger
from scheduler.ledger import sheet, targets
from scheduler.people import Actor, Role
from scheduler.planning import pauses, place
from scheduler.store import Store, columns, migrate, open_store
from simulator.server import Running
from tests.clocks import ManualClock

AUTHOR, REVIEWER, ADMIN = demo.AUTHOR, demo.REVIEWER, "赵岩"
PASSWORD = "correct horse battery"
BOARD = """
[account.board]
channel = "manual"
title = "社区公告栏"
"""
WEIBO, WECHAT = demo.WEIBO, demo.WECHAT
WEEK: tuple[tuple[str, str, Sequence[int]], ...] = (
    ("23 09:30", WEIBO, [5]),
    ("23 17:00", WECHAT, [5, 10]),
    ("24 10:00", WEIBO, [10]),
    ("25 09:00", WEIBO, [11]),
    ("25 17:00", WECHAT, [11]),
    ("26 15:00", WEIBO, [13]),
    ("27 08:00", WEIBO, [9]),
    ("27 08:30", WEIBO, [1]),
    ("27 09:00", WECHAT, [0, 1, 2, 3]),
    ("27 10:30", WEIBO, [0]),
    ("27 13:10", WEIBO, [2]),
    ("27 13:30", "board", [13]),
    ("27 13:58", WEIBO, [3]),
)
"""What left before now: due time in November, account, stories by their place in the folder."""
LATER = (
    ("27 15:30", WEIBO, [7]),
    ("27 16:20", WEIBO, [8]),
    ("27 17:00", WECHAT, [7, 8, 9]),
    ("28 09:00", WEIBO, [12]),
)
WAITING = (4, 6)
"""Stories that wait for the reviewer; the others are signed."""
NOW = "27 14:42"


def at(words: str) -> datetime:
    """Read "27 14:42" as a moment of November 2026 in Beijing."""
    day, clock = words.split()
    hour, minute = clock.split(":")
    return datetime(2026, 11, int(day), int(hour), int(minute), tzinfo=BEIJING)


@dataclass
class Town:
    """The desk, its people and everything that happened this week."""

    folder: Path
    platform: str
    clock: ManualClock = field(default_factory=lambda: ManualClock(at("23 08:00")))
    stories: list[int] = field(default_factory=list)
    made: dict[tuple[str, str], int] = field(default_factory=dict)
    missed: int = 0
    returned: int = 0

    def __post_init__(self) -> None:
        path = self.folder / "config.toml"
        path.write_text(demo.CONFIG.format(url=self.platform, gap=60) + BOARD, encoding="utf-8")
        secrets.make_key(self.folder / "secret.key")
        self.settings = config.load(path)
        made = open_store(self.settings.database_url)
        migrate(made)
        made.close()
        self.store: Store = open_database(self.settings)
        self.channels = Channels(self.settings, self.store, self.clock)
        ctx = Context(self.store, self.clock, Random(1), "desk", self.channels.of)
        self.ctx: Context = ctx
        with self.store.write() as tx:
            columns.seed(tx)
            targets.seed(tx, self.clock.now())
            for account, name, value in demo.SECRETS:
                secrets.put(tx, self.settings, account, name, value, by="", now=self.clock.now())
        self.author = self._person(AUTHOR, "author", "operator", title="宣传科")
        self.reviewer = self._person(REVIEWER, "reviewer", "operator", title="办公室副主任")
        self.admin = self._person(ADMIN, "admin", title="信息中心")

    def _person(self, name: str, *roles: str, title: str) -> Actor:
        with self.store.write() as tx:
            wanted = [Role(role) for role in roles]
            return people.add_person(
                tx, people.SETUP, name, wanted, now=self.clock.now(), title=title, password=PASSWORD
            )

    # --- time ---

    def turn(self, moment: datetime) -> None:
        """Set our clock and the platforms' to a moment."""
        self.clock.advance((moment - self.clock.now()).total_seconds())
        ahead = (moment - SystemClock().now()).total_seconds()
        self.order("clock", offset_s=ahead)

    def order(self, path: str, **body: object) -> None:
        """Tell the simulated platforms something."""
        requests.post(f"{self.platform}/_control/{path}", json=body, timeout=10).raise_for_status()

    def work(self) -> None:
        """Do what the daemon does in one tick, one thing after the other."""
        rescue.reap(self.ctx)
        rescue.miss(self.ctx)
        editions.freeze_due(self.ctx)
        editions.fall_out_due(self.ctx)
        while flight := attempt.claim(self.ctx):
            attempt.run(self.ctx, flight)
        for row in rescue.due_looks(self.ctx):
            rescue.look(self.ctx, row)

    def until(self, *moments: str) -> None:
        """Go to each moment, work, and look again a minute later, so that jobs come to an end."""
        for words in moments:
            self.turn(at(words))
            for _turn in range(4):
                self.work()
                self.turn(self.clock.now() + self._SOON)
            self.work()

    _SOON = at("1 00:01") - at("1 00:00")

    # --- the desk ---

    def opened(self) -> dict[str, Channel]:
        """Give every account's channel by its name."""
        return {name: self.channels.named(name) for name in self.settings.accounts}

    def write(self) -> None:
        """Write the fourteen example stories; all but `WAITING` are signed."""
        with self.store.read() as tx:
            known = story.column_paths(tx)
        for number, file in enumerate(sorted(demo.EXAMPLES.glob("*.md"))):
            draft = intake.read(file, known)
            goes = (WEIBO, WECHAT, "board") if number == 13 else (WEIBO, WECHAT)
            self.stories.append(self.add(replace(draft, accounts=goes)))
            if number not in WAITING:
                self.submit(self.stories[-1])
                self.sign(self.stories[-1])

    def add(self, draft: object) -> int:
        """Save one story."""
        with self.store.write() as tx:
            now = self.clock.now()
            return story.add(tx, draft, self.opened(), now=now, actor=self.author).story_id

    def submit(self, story_id: int, note: str = "") -> int:
        """Put a story before the reviewer."""
        with self.store.write() as tx:
            now, who = self.clock.now(), self.author
            return review.submit(tx, story_id, self.opened(), now=now, actor=who, note=note)

    def sign(self, story_id: int, number: int = 1) -> None:
        """Approve a version."""
        with self.store.write() as tx:
            review.approve(tx, story_id, number, now=self.clock.now(), actor=self.reviewer)

    def queue(self, due: str, account: str, numbers: Sequence[int]) -> int:
        """Queue stories on one account."""
        ids = [self.stories[number] for number in numbers]
        channel = self.channels.named(account)
        with self.store.write() as tx:
            made = place.add(tx, channel, ids, at(due), now=self.clock.now(), actor=self.author)
        self.made[due, account] = made
        return made

    # --- the week ---

    def live(self) -> None:
        """Play the week up to now."""
        self._import()
        self.turn(at("23 08:10"))
        self.write()
        for due, account, numbers in WEEK:
            self.queue(due, account, numbers)
        self._miss_one()
        for due, _account, _numbers in WEEK:
            if due == "27 13:58":
                self.order("faults", call="statuses/share", fault="drop")
            self.until(due)
        self.until("27 14:00", "27 14:08", "27 14:35")
        self._wait_for_review()
        self.turn(at("27 14:36"))
        for due, account, numbers in LATER:
            self.queue(due, account, numbers)
        with self.store.write() as tx:
            held = self.made["27 16:20", WEIBO]
            told = "等值班领导确认数字"
            place.hold(tx, held, told, now=self.clock.now(), actor=self.reviewer)
        self.turn(at(NOW))
        self.beat()

    def _import(self) -> None:
        with self.store.write() as tx:
            file = sheet.read(demo.EXAMPLES.parent / "ledger-sample.csv")
            planned = ledger.plan(tx, file, self.clock.now())
            ledger.commit(tx, planned, self.author, self.clock.now())

    def _miss_one(self) -> None:
        self.missed = self.queue("26 10:00", WEIBO, [12])
        with self.store.write() as tx:
            now = self.clock.now()
            place.hold(tx, self.missed, "图片要换", now=now, actor=self.author)

    def again(self, title: str) -> int:
        """Write one more WeChat article under another title and put it before the reviewer."""
        with self.store.read() as tx:
            draft = intake.read(sorted(demo.EXAMPLES.glob("*.md"))[4], story.column_paths(tx))
        made = self.add(replace(draft, variants={}, title=title, accounts=(WECHAT,)))
        self.submit(made)
        return made

    def _wait_for_review(self) -> None:
        self.turn(at("27 14:20"))
        self.returned = self.again("小微企业安全体检：报名延长到12月10日")
        with self.store.write() as tx:
            why = "报名电话与通知不一致，请与政策法规科核对后再送审。"
            now = self.clock.now()
            review.return_(tx, self.returned, 1, reason=why, now=now, actor=self.reviewer)
        for number in WAITING:
            self.submit(
                self.stories[number], "请周主任今天审定，拟下周一发。" if number == 4 else ""
            )

    def beat(self) -> None:
        """Let the desk look as if its daemon ran."""
        with self.store.write() as tx:
            now = self.clock.now()
            tx.execute(delete(NODE))
            values = {"started_at": at("23 08:00"), "beat_at": now, "version": __version__}
            tx.execute(insert(NODE).values(name="desk", stopped_at=None, **values))

    def stop(self, account: str | None, reason: str) -> None:
        """Stop publishing."""
        with self.store.write() as tx:
            now = self.clock.now()
            pauses.start(tx, account, reason=reason, now=now, actor=self.author)

    def lift(self, account: str | None) -> None:
        """Lift a stop."""
        with self.store.write() as tx:
            pauses.lift(tx, account, now=self.clock.now(), actor=self.author)


@contextmanager
def town_in(folder: Path) -> Iterator[tuple[Town, str]]:
    """Play the week in `folder`; give the town and its console's address."""
    with Running() as platform:
        town = Town(folder, platform.url)
        try:
            town.live()
            with beside(town.settings, town.store, town.clock, port=0) as url:
                yield town, url
        finally:
            town.store.close()

"""A desk with far too much on it: forty accounts, two months, thousands of everything.

For measuring and for looking. What happened long ago is inserted in bulk (`crowd_past`); what
people still act on (drafts, returned stories, versions before a reviewer, the imported ledger)
comes from the rooms' own functions. The same every time.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from channels.contract import Channel
from scheduler import __version__, config, notices, people, secrets
from scheduler.cli.demo_stage import EXAMPLES
from scheduler.clock import beijing, day_start
from scheduler.config import Settings
from scheduler.daemon import Channels
from scheduler.desk import intake, media, review, story
from scheduler.home import open_database
from scheduler.ledger import intake as ledger
from scheduler.ledger import sheet, targets
from scheduler.people import Actor, Role
from scheduler.store import Store, columns, migrate, open_store
from scheduler.store.columns import COLUMN
from scheduler.store.rules import ACCOUNT
from scheduler.tables import Delivery, Node, Spend, fresh, table
from tests.browser.crowd_past import COLUMNS, DELIVERIES, ORDER, PLACES, TOPICS, Past
from tests.browser.town import ADMIN, AUTHOR, PASSWORD, REVIEWER
from tests.clocks import ManualClock

EXAMPLE = "08-carbon-monoxide.md"
DRAFTS, RETURNED, WAITING = 180, 60, 60
NOTICES, PEOPLE, LEDGER, LEDGER_DAYS = 500, 100, 20_000, 360
TELLS = {"uncertain": "doubt", "failed": "failed", "missed": "missed"}
NODE, SPEND = table(Node), table(Spend)


@dataclass
class Crowd:
    """The crowded desk, open."""

    folder: Path
    now: datetime
    settings: Settings = field(init=False)
    store: Store = field(init=False)
    author: Actor = field(init=False)
    reviewer: Actor = field(init=False)

    def __post_init__(self) -> None:
        path = self.folder / "config.toml"
        path.write_text(config_of(), encoding="utf-8")
        secrets.make_key(self.folder / "secret.key")
        self.settings = config.load(path)
        made = open_store(self.settings.database_url)
        migrate(made)
        made.close()
        self.store = open_database(self.settings)
        self.clock = ManualClock(self.now)
        channels = Channels(self.settings, self.store, self.clock)
        self.channels: dict[str, Channel] = {
            name: channels.named(name) for name in self.settings.accounts
        }

    def fill(self) -> None:
        """Fill the desk."""
        with self.store.write() as tx:
            columns.seed(tx)
            targets.seed(tx, self.now - timedelta(days=LEDGER_DAYS))
            self._people(tx)
            rows = tx.execute(select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.channel))
            accounts = [(row.id, row.name, row.channel) for row in rows]
            paths = {row.path: row.id for row in tx.execute(select(COLUMN.c.path, COLUMN.c.id))}
            read = intake.read(EXAMPLES / EXAMPLE, list(paths))
            for original in read.originals:
                media.keep(tx, original, now=self.now)
            self.draft = replace(read, originals=())
            for _id, name, channel in accounts[:-2]:  # there are always some that lack theirs
                secret = "access_token" if channel == "weibo" else "app_secret"
                secrets.put(tx, self.settings, name, secret, "a", by="", now=self.now)
            past = Past(
                self.now, self.draft, self.channels, accounts, paths, self.author, self.reviewer
            )
            past.make()
            for model in ORDER:
                tx.execute(insert(table(model)), past.rows[model])
            self._present(tx)
            self._notices(tx, past)
            today = beijing(self.now).date()
            spent = {"day": today, "call": "send", "count": 5}
            tx.execute(
                insert(SPEND), [fresh(Spend, account_id=one[0], **spent) for one in accounts]
            )
            beat(tx, self.now)
        self._ledger()

    def _people(self, tx: Connection) -> None:
        def add(name: str, *roles: Role, password: str = "", title: str = "") -> Actor:
            told = {"now": self.now - timedelta(days=LEDGER_DAYS), "title": title}
            return people.add_person(tx, people.SETUP, name, list(roles), password=password, **told)

        self.author = add(AUTHOR, Role.author, Role.operator, password=PASSWORD)
        self.reviewer = add(REVIEWER, Role.reviewer, Role.operator, password=PASSWORD)
        add(ADMIN, Role.admin, password=PASSWORD)
        roles = (Role.author, Role.reviewer, Role.operator, Role.leader)
        for number in range(PEOPLE - 3):
            place, group = PLACES[number % len(PLACES)], number // len(PLACES)
            add(f"{place}{'甲乙丙丁戊'[group]}", roles[number % 4], title=f"{place}分局")

    # --- what people still act on ---

    def _present(self, tx: Connection) -> None:
        for number in range(DRAFTS + RETURNED + WAITING):
            place = number % len(PLACES)
            goes = (f"weibo-{place:02d}", f"wechat-{place:02d}")
            title = f"{PLACES[place]}：{TOPICS[number % 12]}（新稿{number + 1}）"
            draft = replace(self.draft, title=title, accounts=goes, source_text=title)
            by = {"now": self.now - timedelta(minutes=10 * number + 5), "actor": self.author}
            made = story.add(tx, draft, self.channels, **by).story_id
            if number < DRAFTS:
                continue
            note = "请今天审定。" if number % 3 == 0 else ""
            version = review.submit(tx, made, self.channels, **by, note=note)
            if number < DRAFTS + RETURNED:
                why = "联系电话与通知不一致，请核对。"
                by["actor"] = self.reviewer
                review.return_(tx, made, version, reason=why, **by)

    def _notices(self, tx: Connection, past: Past) -> None:
        def tell(code: str, role: str, subject: int, at: datetime) -> None:
            notices.tell(tx, role=role, code=code, now=at, kind="delivery", subject_id=subject)

        for row in past.rows[Delivery]:
            if code := TELLS.get(row["state"]):
                tell(code, "operator", row["id"], row["due_at"])
        notice = notices.NOTICE
        open_ones = select(func.count(notice.c.id)).where(notice.c.done_at.is_(None))
        for number in range(NOTICES - tx.execute(open_ones).scalar_one()):
            at = self.now - timedelta(hours=number)
            tell("fell_out", "author", DELIVERIES - 300 - number, at)

    def _ledger(self) -> None:
        """Import what was posted elsewhere: twelve months."""
        path = self.folder / "ledger.csv"
        first, per_day = (
            day_start(self.now) - timedelta(days=LEDGER_DAYS),
            LEDGER // LEDGER_DAYS + 1,
        )
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow("发布时间 平台 账号 栏目 来源性质 标题 转载来源 链接 阅读数".split())
            for number in range(LEDGER):
                day, place = divmod(number, per_day)
                at = first + timedelta(days=day, hours=8, minutes=place * 720 / per_day)
                origin, source = (("原创", ""), ("原创", ""), ("转载", "应急管理部"))[number % 3]
                writer.writerow(
                    [
                        f"{beijing(at):%Y-%m-%d %H:%M}",
                        ("微博", "微信")[number % 2],
                        f"{PLACES[number // 2 % len(PLACES)]}应急",
                        COLUMNS[number % len(COLUMNS)],
                        origin,
                        f"{TOPICS[number % 12]}之{number + 1}",
                        source,
                        f"https://example.gov.cn/ledger/{number}",
                        number,
                    ]
                )
        told = sheet.read(path)
        with self.store.read() as tx:
            planned = ledger.plan(tx, told, self.now)
        with self.store.write() as tx:
            ledger.commit(tx, planned, self.author, self.now)


def beat(tx: Connection, now: datetime) -> None:
    """Let the desk look as if its daemon had beaten at `now`."""
    tx.execute(NODE.delete())
    times = {"started_at": now - timedelta(days=3), "beat_at": now}
    tx.execute(insert(NODE), [fresh(Node, name="desk", version=__version__, **times)])


def config_of() -> str:
    """Give a config.toml with both channels of every place. Nothing answers at the address."""
    parts = ['bureau = "示例市应急管理局"\n\n[daemon]\nnode = "desk"\n']
    for number, place in enumerate(PLACES):
        told = f'title = "{place}应急"\napi_base = "http://127.0.0.1:9"\n'
        parts.append(
            f'[account.weibo-{number:02d}]\nchannel = "weibo"\n{told}app_id = "10{number:08d}"\n'
            f'safe_domain = "www.example.gov.cn"\nuid = "599{number:07d}"\n'
        )
        parts.append(
            f'[account.wechat-{number:02d}]\nchannel = "wechat"\n{told}'
            f'app_id = "wx{number:016d}"\nkind = "service"\n'
        )
    return "\n".join(parts)


def crowd_in(folder: Path, now: datetime) -> Crowd:
    """Fill a home in `folder` as it would stand at `now`; the caller closes its store."""
    made = Crowd(folder, now)
    made.fill()
    return made

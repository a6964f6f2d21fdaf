"""The weathers in which every page is looked at: nothing, far too much, far too long, no daemon.

Each is a real store behind a real console. `python -m tests.browser.shots --weathers FOLDER` draws
them; `test_weathers.py` walks through them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Table, select

from console.serve import beside
from scheduler import config, people
from scheduler.cli.demo_stage import EXAMPLES
from scheduler.config import Settings
from scheduler.desk import intake, review, story
from scheduler.desk.draft import Draft, Variant
from scheduler.home import open_database
from scheduler.machine import State, Verb
from scheduler.people import Role
from scheduler.store import Store, flight, settle
from scheduler.store.moves import move, read
from scheduler.store.rules import ACCOUNT, DELIVERY
from scheduler.tables import Person, Post, Story, table
from tests.browser.crowd import beat, crowd_in
from tests.browser.town import (
    ADMIN,
    AUTHOR,
    NOW,
    PASSWORD,
    REVIEWER,
    WECHAT,
    WEIBO,
    Town,
    at,
)
from tests.clocks import ManualClock

GUEST, LEADER = "王一", "郑宏"
"""A person without a role, and one who only leads."""
NOWHERE = "http://127.0.0.1:9"
STORY, POST, PERSON = table(Story), table(Post), table(Person)
TITLE = ("示例市应急管理局关于进一步加强冬季安全生产和消防安全工作的通知及其解读" * 9)[:299] + "完"
WORD = "https://www.example.gov.cn/" + "anquanshengchan" * 12
"""A long address: a word without a place to break."""
REASON = "数字与统计科的口径不一致，请先核对第三季度执法检查次数，再请分管领导审定；" * 5


Opened = AbstractContextManager["Weather"]


@dataclass(frozen=True)
class Weather:
    """One desk in one weather, and its console's address. `person` looks at every page."""

    name: str
    url: str
    store: Store
    settings: Settings
    person: str = ""

    def pages(self) -> dict[str, tuple[str, str]]:
        """Give the pages there are: a name for each, who looks, the address."""
        with self.store.read() as tx:
            found = dict(_pages(tx))
        return {name: (self.person or who, address) for name, (who, address) in found.items()}


def _pages(tx: Connection) -> Iterator[tuple[str, tuple[str, str]]]:
    plain = {
        "today": "/", "stories": "/stories", "write-new": "/stories/new", "review": "/review",
        "queue": "/queue", "queue-all": "/queue?state=all", "queue-add": "/queue/add",
        "doubts": "/doubts", "ledger": "/ledger", "ledger-year": "/ledger?from=2026-01&to=2026-11",
        "ledger-posts": "/ledger/posts?month=2026-11", "ledger-import": "/ledger/import",
        "accounts": "/accounts", "people": "/people", "password": "/people/password",
        "setup": "/setup", "stop": "/stop", "plan": "/stop/plan",
        "notices": "/notices", "search": "/search?q=取暖",
    }  # fmt: skip
    readers = {"review": REVIEWER, "people": ADMIN, "setup": ADMIN}
    for name, address in plain.items():
        yield name, (readers.get(name, AUTHOR), address)
    account = tx.execute(select(ACCOUNT.c.name).order_by(ACCOUNT.c.name.desc())).scalar()
    if account:
        yield "queue-add-chosen", (AUTHOR, f"/queue/add?account={account}")
        yield "account", (AUTHOR, f"/accounts/{account}")
    for stage in ("draft", "in_review", "approved", "returned"):
        mine = (STORY.c.review == stage) & ~STORY.c.made_elsewhere
        if found := _newest(tx, STORY, mine):
            yield f"story-{stage}", (AUTHOR, f"/stories/{found}")
            if stage == "in_review":
                yield "review-story", (REVIEWER, f"/review/{found}")
                yield "review-approve", (REVIEWER, f"/review/{found}/approve?number=1")
            if stage == "draft":
                yield "write", (AUTHOR, f"/stories/{found}/edit")
    for state in State:
        if found := _newest(tx, DELIVERY, DELIVERY.c.state == state.value):
            place = "/doubts" if state is State.uncertain else "/queue"
            yield f"delivery-{state.value}", (AUTHOR, f"{place}/{found}")
    person = _newest(tx, PERSON, PERSON.c.active)
    yield "person", (ADMIN, f"/people/{person}")


def _newest(tx: Connection, where: Table, clause: object) -> int | None:
    query = select(where.c.id).where(clause).order_by(where.c.id.desc())
    found: int | None = tx.execute(query.limit(1)).scalar()
    return found


# --- the weathers ---------------------------------------------------------------------------------


@contextmanager
def empty(folder: Path) -> Iterator[Weather]:
    """Give what `fabu init` leaves: one person, who may do everything, and nothing else."""
    home = folder / "home"
    command = [sys.executable, "-m", "scheduler", "init", str(home), "--bureau", "示例市应急管理局"]
    subprocess.run(
        [*command, "--person", AUTHOR],
        env={**os.environ, "FABU_LANG": "zh_CN"},
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    settings = config.load(home / "config.toml")
    store = open_database(settings)
    clock = ManualClock(at(NOW))
    with store.write() as tx:
        person = people.actor_named(tx, AUTHOR)
        people.set_password(tx, people.SETUP, person.id, PASSWORD, now=clock.now())
    try:
        with beside(settings, store, clock, port=0) as url:
            yield Weather("empty", url, store, settings, AUTHOR)
    finally:
        store.close()


@contextmanager
def crowded(folder: Path) -> Iterator[Weather]:
    """Give far too much of everything."""
    made = crowd_in(folder, at(NOW))
    try:
        with beside(made.settings, made.store, made.clock, port=0) as url:
            yield Weather("crowded", url, made.store, made.settings)
    finally:
        made.store.close()


@contextmanager
def _little(
    folder: Path, name: str, change: Callable[[Town], None], person: str = ""
) -> Iterator[Weather]:
    """Give a small desk on a usual day, with one thing changed."""
    town = Town(folder, NOWHERE)
    try:
        _turn(town, at("27 13:00"))
        town.write()
        # Without a daemon the first is late by now.
        town.queue("27 13:57" if name in ("slow", "alone") else "27 15:30", WEIBO, [1])
        town.queue("27 17:00", WECHAT, [7, 8, 9])
        town.queue("28 09:00", WEIBO, [12])
        _turn(town, at(NOW))
        town.beat()
        change(town)
        with beside(town.settings, town.store, town.clock, port=0) as url:
            yield Weather(name, url, town.store, town.settings, person)
    finally:
        town.store.close()


def _turn(town: Town, moment: datetime) -> None:
    town.clock.advance((moment - town.clock.now()).total_seconds())


def slow(folder: Path) -> Opened:
    """Give a desk whose daemon beat ten minutes ago; the oldest delivery is 45 minutes late."""

    def change(town: Town) -> None:
        with town.store.write() as tx:
            beat(tx, at(NOW) - timedelta(minutes=10))

    return _little(folder, "slow", change)


def alone(folder: Path) -> Opened:
    """Give a desk where no daemon ever ran."""

    def change(town: Town) -> None:
        with town.store.write() as tx:
            tx.exec_driver_sql("delete from node")

    return _little(folder, "alone", change)


def paused(folder: Path) -> Opened:
    """Give a desk with one account stopped."""
    return _little(folder, "paused", lambda town: town.stop(WEIBO, "账号换手机号，下午恢复"))


def stopped(folder: Path) -> Opened:
    """Give a desk with everything stopped, and one account besides."""

    def change(town: Town) -> None:
        town.stop(WEIBO, "账号换手机号，下午恢复")
        town.stop(None, "全国哀悼日，全部账号停发")

    return _little(folder, "stopped", change)


def guest(folder: Path) -> Opened:
    """Give a desk as a person without any role sees it."""
    return _little(folder, "guest", _add_onlookers, GUEST)


def leader(folder: Path) -> Opened:
    """Give a desk as somebody sees it who only leads."""
    return _little(folder, "leader", _add_onlookers, LEADER)


def _add_onlookers(town: Town) -> None:
    with town.store.write() as tx:
        for name, roles in ((GUEST, []), (LEADER, [Role.leader])):
            told = {"now": town.clock.now(), "password": PASSWORD}
            people.add_person(tx, people.SETUP, name, roles, **told)


# --- far too long ---------------------------------------------------------------------------------


def long(folder: Path) -> Opened:
    """Give a desk where every text is as long as it can be, and some have no place to break."""
    return _little(folder, "long", _lengthen)


def _lengthen(town: Town) -> None:
    with town.store.read() as tx:
        known = story.column_paths(tx)
    example = intake.read(sorted(EXAMPLES.glob("*.md"))[7], known)
    draft = replace(
        example,
        title=TITLE,
        link=WORD,
        body=_article(30),
        body_pictures=(),
        accounts=(WEIBO, WECHAT),
        variants={
            "weibo": Variant({"text": TITLE[:90]}),
            "wechat": Variant({"title": TITLE[:32]}),
        },
    )
    _stories(town, draft)
    for number, state in enumerate((State.published, State.uncertain, State.failed, None)):
        goes = replace(draft, title=f"{number}{TITLE[1:]}", source_text=str(number))
        made = town.add(replace(goes, accounts=(WEIBO,)))
        town.submit(made)
        town.sign(made)
        town.stories.append(made)
        due = f"27 14:{43 + number}"
        delivery = town.queue(due, WEIBO, [len(town.stories) - 1])
        _settle(town, delivery, state)
    with town.store.write() as tx:
        tx.execute(ACCOUNT.update().values(title=TITLE[:60]).where(ACCOUNT.c.name == WECHAT))
        tx.execute(ACCOUNT.update().values(title="W" * 60).where(ACCOUNT.c.name == WEIBO))
        told = {"now": town.clock.now(), "title": TITLE[:40]}
        people.add_person(tx, people.SETUP, "欧阳" * 20, list(Role), **told)
    town.stop("board", REASON)
    town.beat()


def _stories(town: Town, draft: Draft) -> None:
    """Leave one story in each state of its review."""
    town.add(replace(draft, body=_article(78), source_text="draft"))
    waits = town.add(replace(draft, source_text="waits"))
    town.submit(waits, REASON)
    returned = town.add(replace(draft, source_text="returned"))
    town.submit(returned)
    with town.store.write() as tx:
        now = town.clock.now()
        review.return_(tx, returned, 1, reason=REASON + WORD, now=now, actor=town.reviewer)


def _article(paragraphs: int) -> str:
    """Give an article with a table of twelve columns; 78 paragraphs are 20 000 characters."""
    cells = "".join(f"<td>第{n}季度检查数</td>" for n in range(12))
    table_ = f"<table><tbody>{f'<tr>{cells}</tr>' * 6}</tbody></table>"
    paragraph = f"<p>{TITLE[:250]}</p>"
    return f"<h2>{TITLE[:60]}</h2>{table_}<p>{WORD}</p>{paragraph * paragraphs}"


def _settle(town: Town, delivery: int, state: State | None) -> None:
    """Let one delivery leave and come to an end; None only holds it."""
    now = town.clock.now()
    with town.store.write() as tx:
        if state is None:
            values = {"held_for": REASON}
            move(tx, read(tx, delivery), Verb.hold, now=now, actor=town.author.mark, values=values)
            return
    _turn(town, read_due(town, delivery))
    now = town.clock.now()
    with town.store.write() as tx:
        tx.execute(ACCOUNT.update().values(speaks_from=None, rests_until=None))
        tx.execute(DELIVERY.update().values(holds_account_until=None))
        taken = flight.claim(tx, now=now, node="desk", lease_s=60)
        assert taken is not None
        flight.arm(tx, taken, now=now)
        row = read(tx, taken.row.id)
        if state is State.published:
            settle.proven(tx, row.id, [settle.Proof("1", WORD, now)], now=now, actor="node:desk")
            return
        verb = Verb.doubt if state is State.uncertain else Verb.refuse
        detail = {"text": "{said}", "params": {"said": REASON + WORD}}
        told = {"now": now, "actor": "node:desk", "code": "20017", "detail": detail}
        move(tx, row, verb, target=state, **told)


def read_due(town: Town, delivery: int) -> datetime:
    """Give when a delivery is due."""
    with town.store.read() as tx:
        due_at: datetime = read(tx, delivery).due_at
        return due_at


WEATHERS = {
    "empty": empty, "crowded": crowded, "long": long, "slow": slow, "alone": alone,
    "paused": paused, "stopped": stopped, "guest": guest, "leader": leader,
}  # fmt: skip
"""Every weather by its name: a context manager that takes an empty folder."""

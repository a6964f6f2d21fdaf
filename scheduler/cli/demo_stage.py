"""The demo's stage: a home of its own, two people, the example stories, a compressed schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scheduler
from scheduler import config, people, secrets, sentences
from scheduler.accounts import mirror_settings
from scheduler.clock import SystemClock, beijing
from scheduler.config import Settings
from scheduler.daemon import Channels
from scheduler.desk import intake, review, story
from scheduler.errors import FabuError
from scheduler.ledger import targets
from scheduler.ledger.report import Report, month_report
from scheduler.machine import FINAL
from scheduler.planning import place
from scheduler.store import Store, columns, listing, migrate, open_store
from scheduler.words import _, say

if TYPE_CHECKING:
    from rich.table import Table

GAP_S = 2
FIRST_S = 4
EXAMPLES = Path(scheduler.__file__).parents[1] / "examples" / "stories"
AUTHOR, REVIEWER = "林晓", "周敏"
WEIBO, WECHAT = "demo-weibo", "demo-wechat"
CONFIG = """\
bureau = "示例市应急管理局"

[daemon]
node = "demo"

[account.demo-weibo]
channel = "weibo"
title = "示例应急"
app_id = "1000000001"
api_base = "{url}"
uid = "5990001234"
safe_domain = "www.example.gov.cn"
gap_s = {gap}

[account.demo-wechat]
channel = "wechat"
title = "示例应急"
app_id = "wx0000000000000001"
api_base = "{url}"
kind = "service"
how = "publish"
gap_s = {gap}
accepted_looks_s = [1.5, 3, 5, 8, 12]
"""
SECRETS = (
    (WEIBO, "access_token", "2.00demoWeiboToken"),
    (WECHAT, "app_secret", "wechat-demo-secret"),
)
EDITIONS = (5, 4, 1, 3, 1)
"""How many stories each WeChat delivery takes: the first is an edition of five."""


@dataclass(slots=True)
class Stage:
    """The demo's home, open, with what was put on it."""

    settings: Settings
    store: Store
    clock: SystemClock
    story_ids: Sequence[int]
    delivery_ids: Sequence[int]
    began: datetime
    author: str = AUTHOR
    reviewer: str = REVIEWER

    def close(self) -> None:
        """Close the database before its folder goes."""
        self.store.close()

    def entries(self) -> list[dict[str, Any]]:
        """Give each delivery as one line of the live view."""
        with self.store.read() as tx:
            every = [state.value for state in sentences.STATES]
            found = listing.listed(tx, self.clock.now(), every)
        over = {state.value for state in FINAL}
        return [
            {
                "id": entry["id"],
                "time": f"{beijing(entry['due_at']):%H:%M:%S}",
                "account": sentences.account(entry["account_title"], entry["channel"]),
                "state": sentences.state(entry["state"]),
                "what": _what(entry),
                "over": entry["state"] in over,
            }
            for entry in found
        ]

    def settled(self) -> bool:
        """Tell whether every delivery has come to its end."""
        return all(entry["over"] for entry in self.entries())

    def picture(self) -> Table:
        """Draw the queue as it is now."""
        from rich.table import Table as RichTable

        entries = self.entries()
        out = sum(entry["over"] for entry in entries)
        title = say("{done} of {count} deliveries settled", {"done": out, "count": len(entries)})
        drawn = RichTable(title=title, title_justify="left")
        for head in (_("time"), _("account"), _("state"), _("stories")):
            drawn.add_column(head, no_wrap=head != _("stories"), overflow="ellipsis")
        for entry in entries:
            drawn.add_row(entry["time"], entry["account"], entry["state"], entry["what"])
        return drawn

    def figures(self) -> dict[str, Any]:
        """Count the posts: out, failed, uncertain; and those out by channel."""
        with self.store.read() as tx:
            every = [state.value for state in sentences.STATES]
            found = listing.listed(tx, self.clock.now(), every)
        posts = [(entry, post) for entry in found for post in entry["posts"]]
        out = [entry["channel"] for entry, post in posts if post["published_at"]]
        lost = {"failed", "missed", "cancelled"}
        missing = [entry for entry, post in posts if not post["published_at"]]
        return {
            "published": len(out),
            "failed": sum(entry["state"] in lost for entry in missing),
            "uncertain": sum(entry["state"] not in lost for entry in missing),
            "by_channel": {name: out.count(name) for name in ("weibo", "wechat")},
        }

    def report(self) -> Report:
        """Count the month the demo ran in."""
        first, last = (f"{beijing(at):%Y-%m}" for at in (self.began, self.clock.now()))
        with self.store.read() as tx:
            return month_report(tx, first, last)


def _what(entry: dict[str, Any]) -> str:
    titles = [post["title"] for post in entry["posts"]]
    if len(titles) > 1:
        return say("{head} (edition of {count})", {"head": titles[0], "count": len(titles)})
    return titles[0] if titles else ""


def build(folder: Path, url: str, password: str = "") -> Stage:
    """Make the home, the people, the stories with their signatures, and the queue.

    With a password the two people can log in at the console.
    """
    files = sorted(EXAMPLES.glob("*.md"))
    if len(files) < sum(EDITIONS):
        raise FabuError("The example stories are not there: {folder}", folder=str(EXAMPLES))
    path = folder / "config.toml"
    path.write_text(CONFIG.format(url=url, gap=GAP_S), encoding="utf-8")
    secrets.make_key(folder / "secret.key")
    settings = config.load(path)
    clock = SystemClock()
    store = open_store(settings.database_url)
    migrate(store)
    mirror_settings(store, settings)
    began = clock.now()
    with store.write() as tx:
        columns.seed(tx)
        targets.seed(tx, began)
        roles = (
            {people.Role.author, people.Role.operator, people.Role.admin},
            {people.Role.reviewer},
        )
        author, reviewer = (
            people.add_person(tx, people.SETUP, name, may, now=began, password=password)
            for name, may in zip((AUTHOR, REVIEWER), roles, strict=True)
        )
        for account, field, value in SECRETS:
            secrets.put(tx, settings, account, field, value, by=author.mark, now=began)
    channels = Channels(settings, store, clock)
    ids = _write_and_sign(store, channels, files, clock, author, reviewer)
    deliveries = _queue(store, channels, ids, clock, author)
    return Stage(settings, store, clock, ids, deliveries, began)


def _write_and_sign(
    store: Store, channels: Channels, files: Sequence[Path], clock: SystemClock,
    author: people.Actor, reviewer: people.Actor,
) -> list[int]:  # fmt: skip
    opened = {name: channels.named(name) for name in (WEIBO, WECHAT)}
    with store.read() as tx:
        known = story.column_paths(tx)
    ids = []
    for file in files:
        draft = intake.read(file, known)
        now = clock.now()
        with store.write() as tx:
            saved = story.add(tx, draft, opened, now=now, actor=author)
            number = review.submit(tx, saved.story_id, opened, now=now, actor=author)
        with store.write() as tx:
            review.approve(tx, saved.story_id, number, now=now, actor=reviewer)
        ids.append(saved.story_id)
    return ids


def _queue(
    store: Store, channels: Channels, ids: Sequence[int], clock: SystemClock, actor: people.Actor
) -> list[int]:
    now = clock.now()
    start = now + timedelta(seconds=FIRST_S)
    orders = [
        (WEIBO, [story_id], start + timedelta(seconds=GAP_S * at))
        for at, story_id in enumerate(ids)
    ]
    left = list(ids)
    for at, size in enumerate(EDITIONS):
        due_at = start + timedelta(seconds=(GAP_S + 3) * at)
        orders.append((WECHAT, left[:size], due_at))
        left = left[size:]
    with store.write() as tx:
        return [
            place.add(tx, channels.named(name), stories, due_at, now=now, actor=actor)
            for name, stories, due_at in orders
        ]

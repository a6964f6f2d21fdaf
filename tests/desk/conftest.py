"""A desk to write at: a store with the columns, two accounts, two people, and real pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Connection, select, update

from channels.contract import Account, Channel
from channels.manual import Manual
from channels.wechat import WeChat
from channels.weibo import Weibo
from channels.wire import Wire
from scheduler.calendar import late_at
from scheduler.desk import intake, review, story
from scheduler.desk.posts import DELIVERY, POST
from scheduler.people import SETUP, Actor, Role, add_person
from scheduler.store import Store, columns, queue
from scheduler.store.accounts import AccountRow, mirror
from tests.clocks import ManualClock

KINDS: Mapping[str, type[Channel]] = {"weibo": Weibo, "wechat": WeChat, "manual": Manual}
WEIBO, WECHAT, BY_HAND = "weibo-main", "wechat-main", "board"
NAMES = {WEIBO: "weibo", WECHAT: "wechat", BY_HAND: "manual"}
TEXT = """+++
title = "有限空间作业三步走"
column = "安全科普"
author = "示例应急"
summary = "先通风、再检测、后作业。"
link = "https://www.example.gov.cn/a.html"
cover = "cover.jpg"
cover_alt = "井口的三脚架"

[weibo]
text = "有限空间作业三步走：先通风、再检测、后作业。"
pictures = ["body.png"]
+++

## 三步走

**先通风。** 打开进出口。

![风机](body.png)
"""


def picture_bytes(kind: str = "JPEG", size: tuple[int, int] = (90, 38), tone: int = 0) -> bytes:
    """Give a real picture file; another `tone` is another file."""
    file = BytesIO()
    Image.new("RGB", size, (tone, 90, 160)).save(file, kind)
    return file.getvalue()


@dataclass
class Desk:
    """Everything a test of the desk needs, and its usual steps in few words."""

    store: Store
    folder: Path
    clock: ManualClock
    channels: dict[str, Channel]
    author: Actor
    reviewer: Actor

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def write(self, text: str = TEXT, name: str = "story.md") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def read(self, text: str = TEXT, name: str = "story.md") -> intake.Draft:
        with self.store.read() as tx:
            return intake.read(self.write(text, name), story.column_paths(tx))

    def add(self, text: str = TEXT) -> int:
        with self.store.write() as tx:
            saved = story.add(tx, self.read(text), self.channels, now=self.now, actor=self.author)
        return saved.story_id

    def edit(self, story_id: int, text: str, actor: Actor | None = None) -> story.Saved:
        draft = self.read(text)
        with self.store.write() as tx:
            return story.edit(
                tx, story_id, draft, self.channels, now=self.now, actor=actor or self.author
            )

    def submit(self, story_id: int) -> int:
        with self.store.write() as tx:
            return review.submit(tx, story_id, self.channels, now=self.now, actor=self.author)

    def approve(self, story_id: int, number: int = 1, actor: Actor | None = None) -> datetime:
        with self.store.write() as tx:
            return review.approve(tx, story_id, number, now=self.now, actor=actor or self.reviewer)

    def approved(self, text: str = TEXT) -> int:
        story_id = self.add(text)
        self.submit(story_id)
        self.approve(story_id)
        return story_id

    def signed(self, story_id: int) -> dict[str, bool]:
        """Say for each account whether its signature covers what the post says."""
        return {
            post.account: post.approved_digest == post.content_digest
            for post in self.posts(story_id).values()
        }

    def posts(self, story_id: int):
        from scheduler.desk import posts

        with self.store.read() as tx:
            return {post.account: post for post in posts.of_story(tx, story_id)}

    def queue(self, story_id: int, account: str) -> int:
        """Queue one account's post for now."""
        post = self.posts(story_id)[account]
        order = queue.Order(
            account_id=post.account_id,
            post_ids=[post.id],
            how="post",
            due_at=self.now,
            late_at=late_at(self.now, "normal"),
        )
        with self.store.write() as tx:
            return queue.add(tx, order, now=self.now, actor="person:test")

    def delivery(self, delivery_id: int):
        with self.store.read() as tx:
            return tx.execute(select(DELIVERY).where(DELIVERY.c.id == delivery_id)).one()

    def publish(self, story_id: int, account: str) -> None:
        """Mark one post as out, as a receipt does."""
        post = self.posts(story_id)[account]
        with self.store.write() as tx:
            tx.execute(update(POST).where(POST.c.id == post.id).values(published_at=self.now))


def channel_of(name: str, kind: str, clock: ManualClock) -> Channel:
    options = {key: option.default for key, option in KINDS[kind].OPTIONS.items()}
    if kind == "weibo":
        options["safe_domain"] = "www.example.gov.cn"
    account = Account(name, kind, name, "http://127.0.0.1:1", options=options)
    return KINDS[kind](account, Wire(""), clock.now)


def _people(tx: Connection, now: datetime) -> tuple[Actor, Actor]:
    author = add_person(tx, SETUP, "王芳", [Role.author, Role.reviewer], now=now)
    reviewer = add_person(tx, SETUP, "李强", [Role.author, Role.reviewer], now=now)
    return author, reviewer


@pytest.fixture
def desk(tmp_path: Path, store: Store, clock: ManualClock) -> Desk:
    """Give a desk with one Weibo and one WeChat account; author 王芳, reviewer 李强."""
    folder = tmp_path / "stories"
    folder.mkdir()
    (folder / "cover.jpg").write_bytes(picture_bytes("JPEG", (90, 38)))
    (folder / "body.png").write_bytes(picture_bytes("PNG", (80, 60), tone=9))
    with store.write() as tx:
        columns.seed(tx)
        mirror(tx, [AccountRow(name, NAMES[name], name) for name in (WEIBO, WECHAT, BY_HAND)])
        author, reviewer = _people(tx, clock.now())
    channels = {name: channel_of(name, NAMES[name], clock) for name in (WEIBO, WECHAT)}
    return Desk(store, folder, clock, channels, author, reviewer)

"""An office with one person of every kind, something of everything on the desk, and a way back.

Made once for a module: the state is copied when it is ready, and put back after what changed it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import requests
from PIL import Image
from sqlalchemy import Connection, select, update

from channels.contract import Channel
from console import session as sessions
from console import uploads
from console.desk import Desk
from console.serve import beside
from scheduler import accounts, config, notices, people, secrets
from scheduler.clock import SystemClock
from scheduler.desk import comment, form, media, review, story
from scheduler.desk.form import Typed
from scheduler.home import open_database
from scheduler.ledger import targets
from scheduler.people import PERSON, SETUP, Actor, Role
from scheduler.planning import pauses, place
from scheduler.store import Store, columns, migrate, open_store
from scheduler.store.accounts import by_name
from scheduler.tables import Post, table
from tests import makers
from tests.clocks import START, ManualClock

PASSWORD = "correct horse battery"
PEOPLE: dict[str, tuple[str, ...]] = {
    "plain": (),
    "author": ("author",),
    "reviewer": ("reviewer",),
    "operator": ("operator",),
    "leader": ("leader",),
    "admin": ("admin",),
    "own": ("author", "reviewer"),
}
"""Who works here, and their roles. `own` wrote the story that waits for a reviewer."""
STRANGER, ALL = "stranger", "all"
CONFIG = """bureau = "示例市应急管理局"

[database]
url = "sqlite:///{path}"

[account.board]
channel = "manual"
title = "公告栏"

[account.weibo-main]
channel = "weibo"
title = "示例应急"
app_id = "1000000001"
api_base = "http://127.0.0.1:9"

[account.wechat-main]
channel = "wechat"
title = "示例应急"
app_id = "wx0000000000000001"
api_base = "http://127.0.0.1:9"

[account.left]
channel = "manual"
title = "旧公告栏"
in_use = false
"""
SECRETS = {
    ("weibo-main", "access_token"): "2.00SECRETweiboTOKENvalue",
    ("wechat-main", "app_secret"): "5ecre70000000000000000000000cafe",
    ("wechat-main", "callback_token"): "CallbackToken5ecret",
}
LEDGER = "日期,平台,账号,栏目,性质,标题,链接\n2026-10-08,微博,示例应急,安全科普,原创,{title},\n"
BESIDES = {"console_session": ("seen_at", "expires_at", "flash", "csrf", "digest")}
"""Columns that every request may touch; who is logged in still counts."""


def jpeg(tone: int = 0) -> bytes:
    """Give a small picture; another tone is another file."""
    file = BytesIO()
    Image.new("RGB", (90, 38), (tone, 90, 160)).save(file, "JPEG")
    return file.getvalue()


_DOCUMENT = """<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>
<w:p><w:r><w:t>{text}</w:t></w:r></w:p>
<w:p><w:hyperlink r:id="rId2"><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>
<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{text}"/><a:graphic>
<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>
<pic:blipFill><a:blip r:embed="rId1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>
</wp:inline></w:drawing></w:r></w:p></w:body></w:document>"""
_RELATION = '<Relationship Id="{id}" Type="{kind}/{what}" Target="{target}"{more}/>'
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{all}'
    "</Relationships>"
)
_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="jpg" ContentType="image/jpeg"/><Default Extension="rels"
 ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""


def docx(text: str, link: str = "https://www.example.gov.cn/") -> bytes:
    """Give a Word file with one line of text, a link and a picture described by the same text."""
    inner = _RELATION.format(id="rId1", kind=_KIND, what="image", target="media/a.jpg", more="")
    outer = ' TargetMode="External"'
    inner += _RELATION.format(
        id="rId2", kind=_KIND, what="hyperlink", target=escape(link), more=outer
    )
    whole = _RELATION.format(
        id="rId1", kind=_KIND, what="officeDocument", target="word/document.xml", more=""
    )
    file = BytesIO()
    with ZipFile(file, "w") as parts:
        parts.writestr("[Content_Types].xml", _TYPES)
        parts.writestr("_rels/.rels", _RELATIONS.format(all=whole))
        parts.writestr("word/document.xml", _DOCUMENT.format(text=escape(text)))
        parts.writestr("word/_rels/document.xml.rels", _RELATIONS.format(all=inner))
        parts.writestr("word/media/a.jpg", jpeg(11))
    return file.getvalue()


@dataclass
class Office:
    """The installation, its people and the numbers of what lies on the desk."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)
    actors: dict[str, Actor] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    url: str = ""

    def __post_init__(self) -> None:
        self.file = self.folder / "config.toml"
        self.database = self.folder / "queue.db"
        self.file.write_text(CONFIG.format(path=self.database), encoding="utf-8")
        self.settings = config.load(self.file)
        secrets.make_key(self.settings.key_file)
        made = open_store(self.settings.database_url)
        migrate(made)
        made.close()
        self.store: Store = open_database(self.settings)
        self.desk = Desk(self.settings, self.store, self.clock)

    @property
    def now(self) -> Any:
        """The moment at which everything here happens."""
        return self.clock.now()

    def channels(self) -> dict[str, Channel]:
        """Give the channels as the pages have them: without secrets."""
        return {
            name: accounts.build_channel(self.settings, name, {}, self.clock.now)
            for name in self.settings.accounts
        }

    # --- furnishing ---

    def furnish(self) -> None:
        """Put people and things where they are wanted, and keep a copy of it."""
        with self.store.write() as tx:
            columns.seed(tx)
            targets.seed(tx, START)
            for (account, name), value in SECRETS.items():
                secrets.put(tx, self.settings, account, name, value, by="", now=START)
            self._hire(tx)
        with self.store.write() as tx:
            self._write_stories(tx)
            self._queue(tx)
        self._imports()
        self.copy = self.folder / "copy.db"
        _copy(self.database, self.copy)
        self.text = self.file.read_text(encoding="utf-8")

    def _hire(self, tx: Connection) -> None:
        first = people.add_person(tx, SETUP, "admin", [Role.admin], now=START, password=PASSWORD)
        query = select(PERSON.c.password_hash).where(PERSON.c.id == first.id)
        stored = tx.execute(query).scalar_one()
        self.ids["person"] = people.add_person(tx, SETUP, "absent", [], now=START).id
        for name, roles in {**PEOPLE, ALL: tuple(Role)}.items():
            wanted = [Role(role) for role in roles]
            actor = first
            if name != "admin":
                actor = people.add_person(tx, SETUP, name, wanted, now=START)
                mine = PERSON.c.id == actor.id
                tx.execute(update(PERSON).where(mine).values(password_hash=stored))
            self.actors[name] = actor
            token = sessions.open_session(tx, actor, now=START)
            found, _old = sessions.find_session(tx, token, now=START)
            assert found is not None
            self.cookies[name], self.csrf[name] = token, found.csrf

    def draft(self, tx: Connection, title: str, by: str, name: str = "board", **more: Any) -> int:
        """Write a story as its author does."""
        told = {"body": "<p>先通风，再检测，后作业。</p>", "column": "安全科普", **more}
        typed = Typed(title=title, accounts=(name,), **told)
        made = form.draft_of(tx, typed)
        who = self.actors[by]
        return story.add(tx, made, self.channels(), now=START, actor=who).story_id

    def _submit(self, tx: Connection, number: int, by: str) -> int:
        return review.submit(tx, number, self.channels(), now=START, actor=self.actors[by])

    def _write_stories(self, tx: Connection) -> None:
        ids = self.ids
        author = self.actors["author"]
        ready = media.ready(jpeg(), "井口.jpg", author)
        shown = media.take(tx, ready, now=START, actor=author)
        ids["picture"] = shown.sha256
        picture = f'<p>三脚架</p><p><img src="media:{shown.sha256}" alt="井口"></p>'
        ids["draft"] = self.draft(tx, "草稿", "author", body=picture)
        for key, by in (("waiting", "author"), ("own", "own"), ("approved", "author")):
            ids[key] = self.draft(tx, f"有限空间作业三步走 {key}", by)
            self._submit(tx, ids[key], by)
        review.approve(tx, ids["approved"], 1, now=START, actor=self.actors["reviewer"])
        for key in ("comment", "settled"):
            ids[key] = comment.add(
                tx, ids["waiting"], 1, "请核对", now=START, actor=self.actors["reviewer"]
            )
        comment.settle(tx, ids["waiting"], ids["settled"], now=START, actor=self.actors["author"])

    def _queue(self, tx: Connection) -> None:
        board = by_name(tx, "board").id
        ids, later = self.ids, START + timedelta(hours=1)
        ids["queued"] = makers.delivery(tx, board, due_at=later)
        ids["held"] = makers.delivery(tx, board, due_at=later)
        place.hold(tx, ids["held"], "等数字", now=START, actor=self.actors["operator"])
        stamp = int(START.timestamp())
        ids["undo"] = f"hold:{ids['held']}@{stamp}:{stamp}"
        for state in ("failed", "uncertain", "accepted"):
            ids[state] = makers.in_state(tx, board, state)
        notices.tell(
            tx, role="operator", code="failed", now=START, kind="delivery",
            subject_id=ids["failed"],
        )  # fmt: skip
        ids["notice"] = notices.open_for(tx, [Role.operator])[0].id
        draft = table(Post).c.story_id == ids["draft"]
        packed = tx.execute(select(table(Post).c.content).where(draft)).scalar_one()
        shown = table(Post).c.delivery_id == ids["accepted"]
        tx.execute(update(table(Post)).where(shown).values(content=packed))
        pauses.start(tx, "weibo-main", reason="演练", now=START, actor=self.actors["operator"])

    def _imports(self) -> None:
        for name, actor in self.actors.items():
            data = LEDGER.format(title=f"十月提示 {name}").encode()
            # By the clock of the files: those of another day would be swept away.
            now = SystemClock().now()
            mark = uploads.keep(self.folder, actor, "ledger.csv", data, now)
            self.ids[f"import {name}"] = mark

    # --- looking and putting back ---

    def dump(self) -> dict[str, Any]:
        """Give everything that is kept: each table's rows, config.toml, the files taken in."""
        with closing(sqlite3.connect(self.database)) as raw:
            names = [row[0] for row in raw.execute("select name from sqlite_master where"
                     " type = 'table' and name not like 'sqlite_%'")]  # fmt: skip
            found: dict[str, Any] = {name: _rows(raw, name) for name in names}
        found["config.toml"] = self.file.read_text(encoding="utf-8")
        found["files"] = sorted(
            str(path) for path in (self.folder / uploads.FOLDER).rglob("*") if path.is_file()
        )
        return found

    def restore(self) -> None:
        """Put everything back as `furnish` left it."""
        _copy(self.copy, self.database)
        if self.file.read_text(encoding="utf-8") != self.text:
            self.file.write_text(self.text, encoding="utf-8")
        self._imports()

    # --- asking ---

    def ask(
        self, who: str, method: str, path: str, data: Any = None, files: Any = None, **more: Any
    ) -> requests.Response:
        """Send one request as a browser of that person does, its form with its token."""
        cookies = {"lang": more.pop("language", "en")}
        if who != STRANGER:
            cookies[sessions.COOKIE] = self.cookies[who]
        if method == "POST":
            data = {"csrf": self.csrf.get(who, ""), **(data or {})}
        headers = {"Origin": self.url, **more.pop("headers", {})}
        return requests.request(
            method, self.url + path, data=data, files=files, cookies=cookies, headers=headers,
            allow_redirects=False, timeout=30, **more,
        )  # fmt: skip


def _rows(raw: sqlite3.Connection, name: str) -> list[tuple[Any, ...]]:
    cursor = raw.execute(f'select * from "{name}"')
    heads = [head[0] for head in cursor.description]
    kept = [at for at, head in enumerate(heads) if head not in BESIDES.get(name, ())]
    return sorted((tuple(row[at] for at in kept) for row in cursor), key=repr)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("pragma busy_timeout = 10000")
        old.backup(new)


@contextmanager
def office_in(folder: Path) -> Iterator[Office]:
    """Furnish an office and serve its console."""
    office = Office(folder)
    try:
        office.furnish()
        with beside(office.settings, office.store, office.clock, port=0) as office.url:
            yield office
    finally:
        office.store.close()

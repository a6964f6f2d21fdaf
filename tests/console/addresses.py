"""Every address of the console: who may, how it is asked, what stands behind it in the rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from scheduler import accounts, checkup, notices, people, setup, setup_form
from scheduler.daemon import context_of
from scheduler.desk import comment, form, media, review, story, views
from scheduler.desk.form import Typed
from scheduler.dispatch import drafts
from scheduler.ledger import intake, sheet
from scheduler.people import Actor, Role
from scheduler.planning import pauses, place
from tests.clocks import START
from tests.console.office import PASSWORD, PEOPLE, Office, docx, jpeg

AT = "2026-11-28 10:00"
EVERYBODY = tuple(PEOPLE)
AUTHORS = ("author", "own")
PLACERS = ("author", "operator", "own")
DESK = ("author", "reviewer", "own")
STOPPERS = ("reviewer", "operator", "leader", "own")
HOLDERS = ("author", "reviewer", "operator", "own")
KEEPERS = ("operator", "admin")
ADMIN = ("admin",)
STORY = {"title": "新稿", "column": "安全科普", "accounts": "board", "body": "<p>正文</p>"}
CSV = {"file": ("a.csv", "日期,平台,账号,栏目,标题\n2026-10-09,微博,甲,安全科普,乙\n".encode())}
PICTURE = {"file": ("a.jpg", jpeg(7))}
Room = Callable[[Office, Connection, Actor], object]


@dataclass(frozen=True)
class Case:
    """One address: who may, how it is asked, and which rooms' functions stand behind it.

    `path` has `{name}` for the office's ids and `{me}` for who asks. `quiet`: nothing is kept, and
    why that is right.
    """

    route: str
    may: tuple[str, ...]
    path: str = ""
    data: Any = None
    files: Any = None
    rooms: tuple[Room, ...] = ()
    quiet: str = ""

    def address(self, office: Office, who: str) -> str:
        """Give the address for one person."""
        told = {**office.ids, "me": office.ids.get(f"import {who}", "0" * 24)}
        return (self.path or self.route.partition(" ")[2]).format(**told)

    def form(self, office: Office, who: str) -> Any:
        """Give the form for one person."""
        made = self.data(office, who) if callable(self.data) else self.data
        return {
            key: value.format(**office.ids) if isinstance(value, str) else value
            for key, value in (made or {}).items()
        }


def get(path: str, may: tuple[str, ...] = EVERYBODY, example: str = "") -> Case:
    """Tell of a page."""
    return Case(f"GET {path}", may, example)


GETS = (
    get("/"),
    get("/stories"),
    get("/stories/new", AUTHORS),
    get("/stories/pulse", AUTHORS, "/stories/pulse?story={draft}"),
    get("/stories/{story_id}", EVERYBODY, "/stories/{draft}"),
    get("/stories/{story_id}/edit", AUTHORS, "/stories/{draft}/edit"),
    get("/media/{sha256}", EVERYBODY, "/media/{picture}"),
    get("/preview.css"),
    get("/review"),
    get("/review/{story_id}", EVERYBODY, "/review/{waiting}"),
    get("/review/{story_id}/approve", ("reviewer",), "/review/{own}/approve?number=1"),
    get("/queue"),
    get("/queue/add", PLACERS),
    get("/queue/{delivery}", EVERYBODY, "/queue/{queued}"),
    get("/doubts"),
    get("/doubts/{delivery}", EVERYBODY, "/doubts/{uncertain}"),
    get("/doubts/{delivery}/pictures/{sha256}", EVERYBODY, "/doubts/{accepted}/pictures/{picture}"),
    get("/ledger"),
    get("/ledger/posts"),
    get("/ledger/import", PLACERS),
    get("/ledger/import/{mark}", PLACERS, "/ledger/import/{me}"),
    get("/accounts"),
    get("/accounts/{name}", EVERYBODY, "/accounts/board"),
    get("/accounts/{name}/retire", ADMIN, "/accounts/board/retire"),
    get("/people"),
    get("/people/password"),
    get("/people/{person_id}", EVERYBODY, "/people/{person}"),
    get("/setup", ADMIN),
    get("/setup/account", ADMIN),
    get("/setup/accounts/{name}", EVERYBODY, "/setup/accounts/board"),
    get("/stop", STOPPERS),
    get("/stop/plan"),
    get("/search", EVERYBODY, "/search?q=步"),
    get("/notices"),
)


# --- what stands behind the forms -----------------------------------------------------------------


def written(office: Office, tx: Connection, actor: Actor) -> object:
    """Write a story."""
    made = form.draft_of(tx, Typed(title="新稿", column="安全科普", accounts=("board",), body="文"))
    return story.add(tx, made, office.channels(), now=START, actor=actor)


def seen(office: Office, _who: str) -> dict[str, str]:
    """Give the form of the story as it was opened."""
    with office.store.read() as tx:
        return {**STORY, "seen": views.show(tx, office.ids["draft"]).updated_at.isoformat()}


def edited(office: Office, tx: Connection, actor: Actor) -> object:
    """Change a story."""
    made = form.draft_of(tx, Typed(title="改", column="安全科普", accounts=("board",), body="文"))
    number = office.ids["draft"]
    return story.edit(tx, number, made, office.channels(), now=START, actor=actor)


def taken(_office: Office, tx: Connection, actor: Actor) -> object:
    """Store a picture."""
    return media.take(tx, media.ready(jpeg(3), "a.jpg", actor), now=START, actor=actor)


def imported(office: Office, tx: Connection, actor: Actor) -> object:
    """Write a ledger file's posts."""
    path = office.folder / "rights.csv"
    path.write_bytes(CSV["file"][1])
    return intake.commit(tx, intake.plan(tx, sheet.read(path), START), actor, START)


def on(name: str, act: Callable[..., object], *args: object, **more: object) -> Room:
    """Give a room's function that is asked about one thing of the office."""

    def call(office: Office, tx: Connection, actor: Actor) -> object:
        return act(tx, office.ids[name], *args, now=START, actor=actor, **more)

    return call


def on_person(act: Callable[..., object], *args: object) -> Room:
    """Give a function about a person who is somebody else."""
    return lambda office, tx, actor: act(tx, actor, office.ids["person"], *args, now=START)


def of_setup(act: Callable[..., object], *args: object, **more: object) -> Room:
    """Give a function that writes config.toml."""
    return lambda office, _tx, actor: act(
        office.settings, office.store, actor, *args, now=START, **more
    )


ACCOUNT = setup_form.NewAccount("board2", "manual", "第二公告栏")
PAUSES = (
    lambda _office, tx, actor: pauses.start(tx, None, reason="演练", now=START, actor=actor),
    lambda _office, tx, actor: pauses.lift(tx, "weibo-main", now=START, actor=actor),
)
DISCARDS = {
    name: lambda office, _tx, actor, name=name: drafts.discard(
        context_of(office.settings, office.store, office.clock), office.ids[name], actor
    )
    for name in ("uncertain", "accepted")
}
BULK = {"tick": "{queued}", "reason": "等数字", "at": AT}
NOTHING = "it answers with what would be, and keeps nothing"

POSTS = (
    Case("POST /logout", EVERYBODY),
    Case("POST /stories", AUTHORS, data=STORY, rooms=(written, taken)),
    Case("POST /stories/autosave", AUTHORS, data=STORY, rooms=(written,)),
    Case("POST /stories/check", AUTHORS, data=STORY, quiet=NOTHING),
    Case("POST /stories/clean", AUTHORS, data={"html": "<p>x"}, quiet=NOTHING),
    Case("POST /stories/word", AUTHORS, files={"word": ("a.docx", docx("正文"))}, rooms=(taken,)),
    Case("POST /stories/fix", AUTHORS, data=STORY, quiet=NOTHING),
    Case("POST /stories/undo", AUTHORS, data={"undo": "{{}}"}, quiet=NOTHING),
    Case("POST /stories/{story_id}/theirs", AUTHORS, "/stories/{draft}/theirs", quiet=NOTHING),
    Case("POST /stories/{story_id}", AUTHORS, "/stories/{draft}", seen, rooms=(edited, taken)),
    Case("POST /stories/{story_id}/autosave", AUTHORS, "/stories/{draft}/autosave", seen,
         rooms=(edited,)),
    Case("POST /stories/{story_id}/submit", AUTHORS, "/stories/{draft}/submit",
         rooms=(lambda office, tx, actor: review.submit(
             tx, office.ids["draft"], office.channels(), now=START, actor=actor),)),
    Case("POST /media", AUTHORS, files=PICTURE, rooms=(taken,)),
    Case("POST /review/{story_id}/approve", ("reviewer",), "/review/{own}/approve",
         {"number": "1"}, rooms=(on("own", review.approve, 1),)),
    Case("POST /review/{story_id}/return", ("reviewer",), "/review/{own}/return",
         {"number": "1", "reason": "改"}, rooms=(on("own", review.return_, 1, reason="改"),)),
    Case("POST /review/{story_id}/comments", DESK, "/review/{waiting}/comments",
         {"number": "1", "comment": "核对"}, rooms=(on("waiting", comment.add, 1, "核对"),)),
    Case("POST /review/{story_id}/comments/{comment_id}/settle", DESK,
         "/review/{waiting}/comments/{comment}/settle",
         rooms=(lambda office, tx, actor: comment.settle(
             tx, office.ids["waiting"], office.ids["comment"], now=START, actor=actor),)),
    Case("POST /review/{story_id}/comments/{comment_id}/reopen", DESK,
         "/review/{waiting}/comments/{settled}/reopen",
         rooms=(lambda office, tx, actor: comment.settle(
             tx, office.ids["waiting"], office.ids["settled"], now=START, actor=actor,
             again=True),)),
    Case("POST /review/{story_id}/comments/{comment_id}/withdraw", ("reviewer",),
         "/review/{waiting}/comments/{comment}/withdraw",
         rooms=(lambda office, tx, actor: comment.withdraw(
             tx, office.ids["waiting"], office.ids["comment"], now=START, actor=actor),)),
    Case("POST /queue/add", PLACERS, data={"account": "board", "at": AT, "only": "{approved}"},
         rooms=(lambda office, tx, actor: place.add(
             tx, office.channels()["board"], [office.ids["approved"]], START, now=START,
             actor=actor),)),
    Case("POST /queue/undo", ("operator",), data={"undo": "{undo}"},
         rooms=(on("held", place.unhold),)),
    Case("POST /queue/bulk/{verb}", HOLDERS, "/queue/bulk/hold", BULK,
         rooms=(on("queued", place.hold, "等数字"),)),
    Case("POST /queue/{delivery}/{verb}", HOLDERS, "/queue/{queued}/hold", {"reason": "等"},
         rooms=(on("queued", place.hold, "等"),)),
    Case("POST /queue/{delivery}/{verb}", ("operator",), "/queue/{held}/unhold",
         rooms=(on("held", place.unhold),)),
    Case("POST /queue/{delivery}/{verb}", PLACERS, "/queue/{queued}/cancel", {"reason": "不发"},
         rooms=(on("queued", place.cancel, "不发"),)),
    Case("POST /queue/{delivery}/{verb}", PLACERS, "/queue/{queued}/move", {"at": AT},
         rooms=(on("queued", place.move, START),)),
    Case("POST /queue/{delivery}/{verb}", PLACERS, "/queue/{failed}/requeue", {"at": AT},
         rooms=(on("failed", place.requeue, START),)),
    Case("POST /queue/bulk/{verb}", PLACERS, "/queue/bulk/cancel", BULK,
         rooms=(on("queued", place.cancel, "不发"),)),
    Case("POST /doubts/{delivery}/published", ("operator",), "/doubts/{uncertain}/published",
         {"reason": "看到了"},
         rooms=(on("uncertain", place.resolve_published, links=[], published_at=None,
                   reason="看到了"),)),
    Case("POST /doubts/{delivery}/published", PLACERS, "/doubts/{accepted}/published",
         {"reason": "已张贴"},
         rooms=(on("accepted", place.resolve_published, links=[], published_at=None,
                   reason="已张贴"),)),
    Case("POST /doubts/{delivery}/failed", ("operator",), "/doubts/{uncertain}/failed",
         {"reason": "没有"}, rooms=(on("uncertain", place.resolve_failed, reason="没有"),)),
    Case("POST /doubts/{delivery}/again", ("operator",), "/doubts/{uncertain}/again",
         {"reason": "没有", "at": AT},
         rooms=(on("uncertain", place.resolve_again, START, reason="没有"),
                DISCARDS["uncertain"])),
    Case("POST /doubts/{delivery}/back", PLACERS, "/doubts/{accepted}/back", {"reason": "不用"},
         rooms=(on("accepted", place.cancel, "不用", unused=True), DISCARDS["accepted"])),
    Case("POST /ledger/import", PLACERS, files=CSV, rooms=(imported,)),
    Case("POST /ledger/import/{mark}/write", PLACERS, "/ledger/import/{me}/write",
         rooms=(imported,)),
    Case("POST /ledger/import/{mark}/drop", PLACERS, "/ledger/import/{me}/drop",
         rooms=(imported,)),
    Case("POST /accounts/{name}/secrets", KEEPERS, "/accounts/weibo-main/secrets",
         {"secret.access_token": "2.00neu"},
         rooms=(lambda office, tx, actor: accounts.login(
             tx, office.settings, actor, "weibo-main", {"access_token": "x"}, now=START),)),
    Case("POST /accounts/{name}/push", ADMIN, "/accounts/wechat-main/push", {"token": "Neu123"},
         rooms=(lambda office, tx, actor: setup.keep_callback_token(
             tx, office.settings, actor, "wechat-main", "Neu123", now=START),)),
    Case("POST /accounts/{name}/check", KEEPERS, "/accounts/board/check",
         rooms=(lambda office, _tx, actor: checkup.check_account(
             office.settings, office.store, actor, "board", office.clock),)),
    Case("POST /accounts/{name}/change", ADMIN, "/accounts/board/change",
         lambda office, _who: {"title": "新公告栏",
                               "seen": setup.mark_of(office.settings.accounts["board"])},
         rooms=(of_setup(setup.change_account, "board", {"title": "新"}, seen=""),)),
    Case("POST /accounts/{name}/retire", ADMIN, "/accounts/weibo-main/retire", {"reason": "停用"},
         rooms=(of_setup(setup.retire_account, "weibo-main", "停用"),)),
    Case("POST /accounts/{name}/reinstate", ADMIN, "/accounts/left/reinstate",
         rooms=(of_setup(setup.reinstate_account, "left"),)),
    Case("POST /people", ADMIN, data={"name": "新人", "roles": "author", "password": PASSWORD},
         rooms=(lambda _office, tx, actor: people.add_person(
             tx, actor, "新人", [Role.author], now=START),)),
    Case("POST /people/password", EVERYBODY,
         data={"old": PASSWORD, "new": "another long one", "again": "another long one"}),
    Case("POST /people/{person_id}/roles", ADMIN, "/people/{person}/roles", {"roles": "leader"},
         rooms=(on_person(people.set_roles, [Role.leader]),)),
    Case("POST /people/{person_id}/password", ADMIN, "/people/{person}/password",
         {"password": "another long one"},
         rooms=(on_person(people.set_password, "another long one"),)),
    Case("POST /people/{person_id}/deactivate", ADMIN, "/people/{person}/deactivate",
         rooms=(on_person(people.deactivate),)),
    Case("POST /setup/bureau", ADMIN, data={"name": "新局"},
         rooms=(lambda office, _tx, actor: setup.rename_bureau(office.settings, actor, "新局"),)),
    Case("POST /setup/account", ADMIN,
         data={"channel": "manual", "name": "board2", "title": "第二公告栏"},
         rooms=(of_setup(setup.add_account, ACCOUNT, {}),)),
    Case("POST /stop", STOPPERS, data={"reason": "演练"}, rooms=PAUSES[:1]),
    Case("POST /stop/lift", ("operator",), data={"account": "weibo-main"}, rooms=PAUSES[1:]),
    Case("POST /notices/{notice}/done", ("operator",), "/notices/{notice}/done",
         rooms=(on("notice", notices.settle),)),
)  # fmt: skip
OPEN = {"GET /login", "POST /login", "POST /language", "GET /healthz",
        "GET /callback/wechat/{account}", "POST /callback/wechat/{account}"}  # fmt: skip
"""What everybody is answered. That nothing is given away or kept there: the tests at the end."""

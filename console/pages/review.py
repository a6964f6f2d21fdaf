"""Review: what waits for this person's signature, read as readers will see it, then decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from channels.contract import Content
from console import compare, compose, preview
from console.desk import Desk
from console.guard import Here, Person
from console.places import Place
from console.render import render, see_other, status_of
from console.story_views import HOW_SAID, seen_posts, title_of
from scheduler.desk import review, views
from scheduler.desk.review import Waiting
from scheduler.errors import FabuError
from scheduler.people import Actor, Role
from scheduler.words import N_

router = APIRouter()
REASON_ROWS = 3


def _count(tx: Connection, person: Actor, _now: datetime) -> int:
    return len(review.pending_for(tx, person))


PLACE = Place("review", "/review", N_("Review"), _count)


@router.get("/review")
def queue_page(request: Request, desk: Here, person: Person) -> Response:
    """List what waits for this person, the longest waiting first."""
    with desk.store.read() as tx:
        mine = review.pending_for(tx, person)
        everything = len(review.pending(tx))
    titles = {name: title_of(desk.settings, name) for one in mine for name in one.accounts}
    return render(
        request, "review.html", place="review", waiting=mine, others=everything - len(mine),
        titles=titles, reviews=person.may(Role.reviewer),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Before:
    """The version somebody decided on last: what the new one is compared with."""

    version: views.VersionView
    changes: dict[str, tuple[compare.Change, ...]]
    new: frozenset[str]


@dataclass(frozen=True, slots=True)
class Desktop:
    """One version before its reviewer."""

    story: views.StoryView
    version: views.VersionView | None
    posts: tuple[views.PostView, ...]
    before: Before | None
    may_decide: bool
    previous: Waiting | None
    following: Waiting | None


def _read(tx: Connection, person: Actor, story_id: int) -> Desktop:
    shown = views.show(tx, story_id)
    version = next((one for one in shown.versions if one.is_open), None)
    posts: tuple[views.PostView, ...] = ()
    if version is not None:
        names = version.shown.keys() - set(version.void)
        posts = tuple(post for post in shown.posts if post.account in names)
    mine = review.pending_for(tx, person)
    at = next((n for n, one in enumerate(mine) if one.story_id == story_id), None)
    return Desktop(
        story=shown,
        version=version,
        posts=posts,
        before=_before(tx, shown, posts),
        may_decide=review.may_decide(tx, story_id, person),
        previous=mine[at - 1] if at else None,
        following=mine[at + 1] if at is not None and at + 1 < len(mine) else None,
    )


def _before(
    tx: Connection, shown: views.StoryView, posts: tuple[views.PostView, ...]
) -> Before | None:
    decided = [one for one in shown.versions if one.decision]
    if not decided or not posts:
        return None
    said: dict[str, Content] = {}
    for version in decided:  # the last word on each account wins
        said |= review.said_in(tx, shown.id, version.number)
    changes = {
        post.account: compare.changes(said[post.account], post.content)
        for post in posts
        if post.account in said
    }
    new = frozenset(post.account for post in posts if post.account not in said)
    return Before(decided[-1], changes, new)


def _page(
    request: Request, desk: Desk, person: Actor, story_id: int, *, name: str = "review_story.html",
    error: FabuError | None = None, reason: str = "",
) -> Response:  # fmt: skip
    with desk.store.read() as tx:
        shown = _read(tx, person, story_id)
    seen = seen_posts(shown.posts, compose.channels_of(desk))
    return render(
        request, name, status=status_of(error) if error else 200, place="review",
        desktop=shown, story=shown.story, version=shown.version, seen=seen,
        groups=preview.grouped(list(seen.values())), how_said=HOW_SAID, error=error, reason=reason,
        reviews=person.may(Role.reviewer), reason_rows=REASON_ROWS,
    )  # fmt: skip


@router.get("/review/{story_id}")
def story_page(request: Request, desk: Here, person: Person, story_id: int) -> Response:
    """Show the version that waits, as its readers will see it."""
    return _page(request, desk, person, story_id)


@router.get("/review/{story_id}/approve")
def approve_page(
    request: Request, desk: Here, person: Person, story_id: int, number: int = 0
) -> Response:
    """Ask once: which version, which accounts, how sent."""
    with desk.store.read() as tx:
        shown = _read(tx, person, story_id)
    if shown.version is None or shown.version.number != number or not shown.may_decide:
        return RedirectResponse(f"/review/{story_id}", 303)
    return _page(request, desk, person, story_id, name="review_approve.html")


@router.post("/review/{story_id}/approve")
def approve(
    request: Request, desk: Here, person: Person, story_id: int,
    number: Annotated[int, Form()] = 0,
) -> Response:  # fmt: skip
    """Sign the version."""
    try:
        with desk.store.write() as tx:
            review.approve(tx, story_id, number, now=desk.clock.now(), actor=person)
    except FabuError as error:
        return _page(request, desk, person, story_id, error=error)
    return _next(request, desk, story_id, N_("Signed: “{title}”, version {number}."), number)


@router.post("/review/{story_id}/return")
def return_(
    request: Request, desk: Here, person: Person, story_id: int,
    number: Annotated[int, Form()] = 0, reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Send the version back to its author."""
    try:
        with desk.store.write() as tx:
            now = desk.clock.now()
            review.return_(tx, story_id, number, reason=reason, now=now, actor=person)
    except FabuError as error:
        return _page(request, desk, person, story_id, error=error, reason=reason)
    return _next(request, desk, story_id, N_("Returned: “{title}”, version {number}."), number)


def _next(request: Request, desk: Desk, story_id: int, text: str, number: int) -> Response:
    """Go on to the list: what is next is chosen by the reader, never opened unasked."""
    with desk.store.read() as tx:
        title = views.show(tx, story_id).title
    return see_other(request, "/review", text, title=title, number=number)

"""Review: what waits for this person's signature, read as readers will see it, then decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import Connection
from starlette.responses import Response

from console import compose, preview
from console.desk import Desk
from console.guard import Here, Person
from console.places import Place
from console.render import page_of, render, see_other, status_of
from console.review_views import desktop
from console.story_views import HOW_SAID, seen_posts, title_of
from scheduler import sentences
from scheduler.desk import comment, reading, review, views
from scheduler.desk.comment import Place as Words
from scheduler.errors import FabuError
from scheduler.people import Actor, Role
from scheduler.words import N_

router = APIRouter()
REASON_ROWS = 3
PER_PAGE = 30
Typed = Annotated[str, Form()]
Number = Annotated[int, Form()]


def _count(tx: Connection, person: Actor, _now: datetime) -> int:
    return len(review.pending_for(tx, person))


PLACE = Place("review", "/review", N_("Review"), _count)


@router.get("/review")
def queue_page(request: Request, desk: Here, person: Person, page: int = 1) -> Response:
    """List what waits for this person, the longest waiting first."""
    with desk.store.read() as tx:
        mine = review.pending_for(tx, person)
        everything = len(review.pending(tx))
    titles = {name: title_of(desk.settings, name) for one in mine for name in one.accounts}
    page = max(1, min(page, -(-len(mine) // PER_PAGE)))
    return render(
        request, "review.html", place="review", others=everything - len(mine), total=len(mine),
        waiting=mine[(page - 1) * PER_PAGE : page * PER_PAGE], page=page, per_page=PER_PAGE,
        titles=titles, reviews=person.may(Role.reviewer),
    )  # fmt: skip


def _page(
    request: Request, desk: Desk, person: Actor, story_id: int, *, name: str = "review_story.html",
    error: FabuError | None = None, **ctx: object,
) -> Response:  # fmt: skip
    titles = {
        one.name: sentences.account(one.title, one.channel)
        for one in desk.settings.accounts.values()
    }
    now = desk.clock.now()
    with desk.store.read() as tx:
        shown = desktop(tx, person, story_id, titles, now)
        number = shown.version.number if shown.version else 0
        is_noted = not number or reading.is_noted(tx, story_id, number, person)
    if not is_noted:
        with desk.store.write() as tx:
            reading.note(tx, story_id, number, now=now, actor=person)
    seen = seen_posts(shown.posts, compose.channels_of(desk))
    told = {"decided": number, "reason": "", "failed": (), "typed_comment": {}, **ctx}
    return render(
        request, name, status=status_of(error) if error else 200, place="review",
        desktop=shown, story=shown.story, version=shown.version, seen=seen, titles=titles,
        groups=preview.grouped(list(seen.values())), how_said=HOW_SAID, error=error,
        reviews=person.may(Role.reviewer), reason_rows=REASON_ROWS, **told,
    )  # fmt: skip


@router.get("/review/{story_id}")
def story_page(request: Request, desk: Here, person: Person, story_id: int) -> Response:
    """Show the version that waits, as its readers will see it; note who has it before them."""
    return _page(request, desk, person, story_id)


@router.get("/review/{story_id}/approve")
def approve_page(
    request: Request, desk: Here, person: Person, story_id: int, number: int = 0
) -> Response:
    """Ask once: which version, which accounts, how sent, and that all five gates are passed."""
    try:
        with desk.store.read() as tx:
            review.check(tx, story_id, number, person)
    except FabuError as error:
        return _page(request, desk, person, story_id, error=error, decided=number)
    return _page(request, desk, person, story_id, name="review_approve.html")


@router.post("/review/{story_id}/approve")
def approve(
    request: Request, desk: Here, person: Person, story_id: int, number: Number = 0
) -> Response:
    """Sign the version."""
    try:
        with desk.store.write() as tx:
            review.approve(tx, story_id, number, now=desk.clock.now(), actor=person)
    except FabuError as error:
        return _page(request, desk, person, story_id, error=error, decided=number)
    return _next(request, desk, story_id, N_("Signed: “{title}”, version {number}."), number)


@router.post("/review/{story_id}/return")
def return_(
    request: Request, desk: Here, person: Person, story_id: int, *,
    number: Number = 0, reason: Typed = "", failed: Annotated[list[str] | None, Form()] = None,
) -> Response:  # fmt: skip
    """Send the version back to its author."""
    named = failed or []
    try:
        with desk.store.write() as tx:
            now = desk.clock.now()
            review.return_(tx, story_id, number, reason=reason, failed=named, now=now, actor=person)
    except FabuError as error:
        return _page(
            request, desk, person, story_id, error=error, decided=number, reason=reason,
            failed=named,
        )  # fmt: skip
    return _next(request, desk, story_id, N_("Returned: “{title}”, version {number}."), number)


def _next(request: Request, desk: Desk, story_id: int, text: str, number: int) -> Response:
    """Go on to the list: what is next is chosen by the reader, never opened unasked."""
    with desk.store.read() as tx:
        title = views.show(tx, story_id).title
    return see_other(request, "/review", text, title=title, number=number)


# --- comments -------------------------------------------------------------------------------------


@router.post("/review/{story_id}/comments")
def comment_(
    request: Request, desk: Here, person: Person, story_id: int, *, number: Number = 0,
    quote: Typed = "", account: Typed = "", field: Typed = "", occurrence: Number = 1,
    comment_: Annotated[str, Form(alias="comment")] = "",
) -> Response:  # fmt: skip
    """Put a remark on words of the version, or on the whole of it."""
    try:
        with desk.store.write() as tx:
            place = Words(quote, account, field, occurrence)
            now = desk.clock.now()
            comment.add(tx, story_id, number, comment_, place, now=now, actor=person)
    except FabuError as error:
        typed: Mapping[str, str] = {"quote": quote, "comment": comment_}
        return _page(
            request, desk, person, story_id, error=error, decided=number, typed_comment=typed
        )
    return _back(request, story_id, N_("The comment stands beside the text."))


@router.post("/review/{story_id}/comments/{comment_id}/settle")
def settle(
    request: Request, desk: Here, person: Person, story_id: int, comment_id: int
) -> Response:
    """Mark a comment as settled."""
    with desk.store.write() as tx:
        comment.settle(tx, story_id, comment_id, now=desk.clock.now(), actor=person)
    return _back(request, story_id, N_("The comment is settled."))


@router.post("/review/{story_id}/comments/{comment_id}/reopen")
def reopen(
    request: Request, desk: Here, person: Person, story_id: int, comment_id: int
) -> Response:
    """Mark a comment as open once more."""
    with desk.store.write() as tx:
        now = desk.clock.now()
        comment.settle(tx, story_id, comment_id, now=now, actor=person, again=True)
    return _back(request, story_id, N_("The comment is open again."))


@router.post("/review/{story_id}/comments/{comment_id}/withdraw")
def withdraw(
    request: Request, desk: Here, person: Person, story_id: int, comment_id: int
) -> Response:
    """Take one's own comment back."""
    with desk.store.write() as tx:
        comment.withdraw(tx, story_id, comment_id, now=desk.clock.now(), actor=person)
    return _back(request, story_id, N_("The comment is withdrawn."))


def _back(request: Request, story_id: int, text: str) -> Response:
    """Go back to the page the comment was read on: the review, the story, or its editor."""
    came = page_of(request).partition("?")[0]
    known = (f"/stories/{story_id}", f"/stories/{story_id}/edit")
    address = came if came in known else f"/review/{story_id}"
    return see_other(request, f"{address}#comments", text)

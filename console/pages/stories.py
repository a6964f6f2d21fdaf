"""Stories: the list, one story, handing it in for review. Writing them: `pages/writing.py`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Form as Field
from starlette.responses import Response

from console import compose, preview
from console.desk import Desk
from console.guard import Here, Person
from console.places import Place
from console.render import render, see_other, status_of
from console.story_views import history_of, seen_posts
from scheduler.desk import review, views
from scheduler.errors import Conflict, FabuError
from scheduler.people import Actor
from scheduler.words import N_

router = APIRouter()
PLACE = Place("stories", "/stories", N_("Stories"))
PER_PAGE = 30
SEARCH_MAX = 100


@router.get("/stories")
def list_page(
    request: Request, desk: Here, _person: Person, review: str = "", q: str = "", page: int = 1
) -> Response:
    """List stories: by review state, by words of the title, the last changed first."""
    state = review if review in views.REVIEWS else ""
    title, page = q.strip()[:SEARCH_MAX], max(1, min(page, 100_000))
    with desk.store.read() as tx:
        counts = views.count_by_review(tx, title=title)
        rows = views.list_stories(
            tx, review=state, title=title, limit=PER_PAGE, offset=(page - 1) * PER_PAGE
        )
    total = counts[state] if state else sum(counts.values())
    pages = max(1, -(-total // PER_PAGE))
    return render(
        request, "stories.html", place="stories", rows=rows, counts=counts, review=state, q=title,
        page=page, pages=pages, total=total, everything=sum(counts.values()),
    )  # fmt: skip


# --- one story ------------------------------------------------------------------------------------


@router.get("/stories/{story_id}")
def story_page(request: Request, desk: Here, person: Person, story_id: int) -> Response:
    """Show one story: what it says where, who signed what, what happened."""
    return _show(request, desk, person, story_id)


@router.post("/stories/{story_id}/submit")
def submit(
    request: Request, desk: Here, person: Person, story_id: int,
    note: Annotated[str, Field()] = "",
) -> Response:  # fmt: skip
    """Put the story before the reviewers."""
    channels = compose.channels_of(desk)
    try:
        with desk.store.write() as tx:
            number = review.submit(
                tx, story_id, channels, now=desk.clock.now(), actor=person, note=note
            )
    except Conflict as error:
        return _show(request, desk, person, story_id, error=error, note=note)
    return see_other(
        request, f"/stories/{story_id}",
        N_("Version {number} waits for a reviewer now."), number=number,
    )  # fmt: skip


def _show(
    request: Request, desk: Desk, person: Actor, story_id: int, *,
    error: FabuError | None = None, note: str = "",
) -> Response:  # fmt: skip
    channels = compose.channels_of(desk)
    with desk.store.read() as tx:
        shown = views.show(tx, story_id)
        may_decide = review.may_decide(tx, story_id, person)
    seen = seen_posts(shown.posts, channels)
    unsigned = [post for post in shown.posts if not post.is_signed and not post.published_at]
    groups = preview.grouped([seen[post.account] for post in unsigned if post.account in seen])
    return render(
        request, "stories_show.html", status=status_of(error) if error else 200, place="stories",
        story=shown, seen=seen, unsigned=unsigned, groups=groups, error=error, note=note,
        may_decide=may_decide and shown.review == "in_review",
        history=history_of(shown.events, desk.settings),
        heading_verbs=compose.VERBS,
    )  # fmt: skip

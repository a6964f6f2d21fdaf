"""Notices: what happened that this person's roles should know or do, and what was seen to."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from console import duties
from console.guard import Here, Person
from console.render import note_seen, render, see_other, seen_by
from scheduler import notices
from scheduler.words import N_

router = APIRouter()
DONE_SHOWN = timedelta(days=30)
PER_PAGE = 50


@router.get("/notices")
def notices_page(request: Request, desk: Here, person: Person, page: int = 1) -> Response:
    """Show the open notices for this person's roles, and those done in the last 30 days."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        waiting = duties.notices_of(tx, person)
        done = duties.done_of(tx, person, now - DONE_SHOWN)
    seen = seen_by(request, person)
    page = max(1, min(page, -(-len(waiting) // PER_PAGE)))
    shown = waiting[(page - 1) * PER_PAGE : page * PER_PAGE]
    answer = render(
        request, "notices.html", waiting=shown, total=len(waiting), page=page, per_page=PER_PAGE,
        done=done, seen=seen,
    )  # fmt: skip
    note_seen(answer, person, max([seen, *(one.id for one in waiting)]))
    return answer


@router.post("/notices/{notice}/done")
def done(request: Request, desk: Here, person: Person, notice: int) -> Response:
    """Close a notice: this person has seen to it."""
    with desk.store.write() as tx:
        notices.settle(tx, notice, now=desk.clock.now(), actor=person)
    return see_other(request, "/notices", N_("The notice is marked as done."))

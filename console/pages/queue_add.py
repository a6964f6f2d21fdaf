"""Put approved stories into the queue: an account, one or several stories in order, a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy import Connection, or_, select
from starlette.responses import Response

from console import queue_views
from console.desk import Desk
from console.guard import Here, Person
from console.pages.queue import TABS, read_time
from console.render import render, see_other, status_of
from scheduler.errors import FabuError, InputError, NotFound
from scheduler.machine import NOT_OUT
from scheduler.people import require
from scheduler.planning import place
from scheduler.store.rules import ACCOUNT, DELIVERY, POST
from scheduler.tables import Story, table
from scheduler.words import N_

router = APIRouter()
STORY = table(Story)
SHOWN_MAX = 100
CHIPS_MAX = 8
"""With more accounts than this one is chosen from a list."""


def _candidates(tx: Connection, account: str, words: str) -> list[Any]:
    """Give the approved stories that wait for a place on this account, the newest first."""
    dead = select(DELIVERY.c.id).where(DELIVERY.c.state.in_([state.value for state in NOT_OUT]))
    query = (
        select(STORY.c.id, POST.c.title, STORY.c.updated_at, POST.c.origin)
        .join(POST, POST.c.story_id == STORY.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == POST.c.account_id)
        .where(
            ACCOUNT.c.name == account,
            STORY.c.review == "approved",
            POST.c.dropped_at.is_(None),
            POST.c.published_at.is_(None),
            POST.c.approved_digest == POST.c.content_digest,
            or_(POST.c.delivery_id.is_(None), POST.c.delivery_id.in_(dead)),
        )
        .order_by(STORY.c.updated_at.desc(), STORY.c.id.desc())
    )
    if words:
        query = query.where(POST.c.title.contains(words, autoescape=True))
    return list(tx.execute(query.limit(SHOWN_MAX + 1)))


def _page(
    request: Request,
    desk: Desk,
    account: str,
    words: str,
    *,
    error: FabuError | None = None,
    at: str = "",
    places: Mapping[int, str] | None = None,
) -> Response:
    with desk.store.read() as tx:
        known = queue_views.accounts(tx)
        names = [row.name for row in known if row.name in desk.settings.accounts]
        if not account and len(names) == 1:
            account = names[0]
        if account and account not in names:
            raise NotFound(
                "There is no account {name}. There are: {known}.",
                name=account,
                known=", ".join(names) or "-",
            )
        stories = _candidates(tx, account, words) if account else []
    most = desk.channels[account].limits.posts_per_call if account else 1
    findings = error.findings if isinstance(error, place.Refused) else ()
    return render(
        request,
        "queue_add.html",
        status=status_of(error) if error else 200,
        place="queue",
        tabs=TABS,
        accounts=[row for row in known if row.name in names],
        chips_max=CHIPS_MAX,
        account=account,
        words=words,
        stories=stories[:SHOWN_MAX],
        more=len(stories) > SHOWN_MAX,
        most=most,
        error=error,
        findings=findings,
        places=places or {},
        at=at or queue_views.suggest(desk.clock.now()),
    )


@router.get("/queue/add")
def add_page(
    request: Request, desk: Here, person: Person, account: str = "", q: str = "", story: int = 0
) -> Response:
    """Choose what to queue; `story` comes chosen already."""
    require(person, *place.PLACERS)
    return _page(request, desk, account, q.strip(), places={story: "1"} if story else {})


@router.post("/queue/add")
def add(
    request: Request,
    *,
    desk: Here,
    person: Person,
    account: Annotated[str, Form()] = "",
    at: Annotated[str, Form()] = "",
    q: Annotated[str, Form()] = "",
    story: Annotated[list[int] | None, Form()] = None,
    order: Annotated[list[str] | None, Form()] = None,
    only: Annotated[int, Form()] = 0,
) -> Response:
    """Queue one delivery of the chosen stories."""
    require(person, *place.PLACERS)
    places = {only: "1"} if only else dict(zip(story or [], order or [], strict=False))
    try:
        if account not in desk.settings.accounts:
            raise InputError("Choose the account first.")
        stories = in_order(places)
        now = desk.clock.now()
        due_at = read_time(at, now)
        channel = desk.channels[account]
        with desk.store.write() as tx:
            new = place.add(tx, channel, stories, due_at, now=now, actor=person)
    except FabuError as error:
        known = account if account in desk.settings.accounts else ""
        return _page(request, desk, known, q, error=error, at=at, places=places)
    return see_other(request, f"/queue/{new}", N_("Queued as delivery {id}."), id=new)


def in_order(places: Mapping[int, str]) -> Sequence[int]:
    """Give the stories by the numbers a person wrote beside them; blank means not this one.

    Raises `InputError` for what is no number and for a number that stands twice.
    """
    numbers: dict[int, int] = {}
    for story, said in places.items():
        text = said.strip()
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and len(text) < 4) or int(text) == 0:
            raise InputError(
                "“{said}” is no place in an edition. Write 1 for the head, 2 for the next.",
                said=text,
            )
        if int(text) in numbers:
            raise InputError("Two stories have the place {number}.", number=int(text))
        numbers[int(text)] = story
    if not numbers:
        raise InputError("Choose at least one story.")
    return [numbers[number] for number in sorted(numbers)]

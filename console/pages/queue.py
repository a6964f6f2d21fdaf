"""Queue: what leaves, when, and why not yet; hold, release, cancel, move, queue again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy import Connection, func, select
from starlette.responses import RedirectResponse, Response

from console import duties, links, queue_undo, queue_views
from console import session as sessions
from console.desk import Desk
from console.guard import Here, Person
from console.places import Place
from console.render import local, render, see_other, status_of
from scheduler import calendar
from scheduler.errors import Conflict, FabuError, InputError, NotAllowed, NotFound
from scheduler.machine import State
from scheduler.notices import NOTICE
from scheduler.people import Actor, Role
from scheduler.planning import place
from scheduler.store import flight, listing
from scheduler.store.moves import read
from scheduler.store.rules import DELIVERY
from scheduler.words import N_, say

router = APIRouter()
TABS = (("/queue", N_("Queue")), ("/doubts", N_("Doubts and hand-overs")))
TICKED_MAX = 100
DONE = {
    "hold": (N_("Delivery {id} is held."), N_("{count} deliveries are held.")),
    "unhold": (N_("Delivery {id} is released."), N_("{count} deliveries are released.")),
    "cancel": (N_("Delivery {id} is cancelled."), N_("{count} deliveries are cancelled.")),
    "move": (N_("Delivery {id} has its new time."), N_("{count} deliveries have their new time.")),
    "requeue": (N_("It is queued again as delivery {id}."), N_("{count} are queued again.")),
}
Act = Callable[[Connection, int], int]
"""Does one verb to one delivery; gives the id it now has."""


def _mine(tx: Connection, person: Actor, _now: datetime) -> int:
    """Count what this person must do: doubts left to people, packs in hand, what failed."""
    count = 0
    if person.may(Role.operator):
        doubts = (DELIVERY.c.state == State.uncertain.value) & (DELIVERY.c.awaits != "")
        count += int(tx.execute(select(func.count(DELIVERY.c.id)).where(doubts)).scalar_one())
        open_ones = NOTICE.c.done_at.is_(None) & NOTICE.c.code.in_(("failed", "missed"))
        told = select(func.count(func.distinct(NOTICE.c.subject_id))).where(open_ones)
        count += int(tx.execute(told).scalar_one())
    if person.may(Role.operator, Role.author):
        hands = select(func.count(DELIVERY.c.id)).where(queue_views.HANDS)
        count += int(tx.execute(hands).scalar_one())
    return count


PLACE = Place("queue", "/queue", N_("Queue"), count=_mine)


@router.get("/queue")
def queue_page(
    request: Request,
    *,
    desk: Here,
    person: Person,
    state: str = "",
    account: str = "",
    day: str = "",
    page: str = "",
    undo: str = "",
    tick: str = "",
) -> Response:
    """List the deliveries that the address asks for; `tick=all` ticks those of the page."""
    which = queue_views.asked(state, account, day, page)
    if which.view == State.uncertain.value:
        return RedirectResponse("/doubts", 303)
    now = desk.clock.now()
    with desk.store.read() as tx:
        counts = queue_views.counts(tx, which, now)
        told: dict[str, Any] = {
            "rows": queue_views.rows(tx, which, now, person),
            "counts": counts,
            "accounts": queue_views.accounts(tx),
            "over": queue_views.over(tx, which, now) if which.view == "open" else {},
            "doubts": duties.doubts(tx),
            "undo": queue_undo.offered(tx, undo, now),
        }
    return render(
        request,
        "queue.html",
        place="queue",
        tabs=TABS,
        which=which,
        views=queue_views.VIEWS,
        days=queue_views.days_around(now),
        total=counts[which.view],
        per_page=queue_views.PER_PAGE,
        suggested=queue_views.suggest(now),
        ticked=tick == "all",
        **told,
    )


@router.post("/queue/undo")
def undo_it(
    request: Request,
    desk: Here,
    person: Person,
    undo: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/queue",
) -> Response:
    """Take back what was done within the last ten seconds."""
    with desk.store.write() as tx:
        count = queue_undo.take_back(tx, undo, now=desk.clock.now(), actor=person)
    if count == 1:
        return see_other(request, _home(back), N_("Undone."))
    return see_other(request, _home(back), N_("Undone for {count} deliveries."), count=count)


@router.post("/queue/bulk/{verb}")
def bulk(
    request: Request,
    *,
    desk: Here,
    person: Person,
    verb: str,
    tick: Annotated[list[int] | None, Form()] = None,
    reason: Annotated[str, Form()] = "",
    at: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/queue",
) -> Response:
    """Do one thing to every ticked delivery; each stands for itself."""
    ids = list(dict.fromkeys(tick or []))
    if not ids:
        raise InputError("Nothing is ticked. Tick the deliveries in the list first.")
    if len(ids) > TICKED_MAX:
        raise InputError("That is more than {most} at once. Tick fewer.", most=TICKED_MAX)
    return _answer(request, desk, ids, verb, _act(desk, person, verb, reason, at), _home(back))


@router.post("/queue/{delivery}/{verb}")
def one_verb(
    request: Request,
    *,
    desk: Here,
    person: Person,
    delivery: int,
    verb: str,
    reason: Annotated[str, Form()] = "",
    at: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Do one thing to one delivery."""
    act = _act(desk, person, verb, reason, at)
    try:
        return _answer(request, desk, [delivery], verb, act, _home(back or f"/queue/{delivery}"))
    except (InputError, Conflict) as error:
        if back:
            raise
        return _one(request, desk, person, delivery, error=error, typed={"at": at})


def _home(address: str) -> str:
    """Give where to go back to: a page of the queue, without an old undo and the ticks."""
    safe = local(address)
    parts = urlsplit(safe)
    if not parts.path.startswith("/queue"):
        return "/queue"
    gone = ("undo=", "tick=")
    kept = "&".join(one for one in parts.query.split("&") if one and not one.startswith(gone))
    return f"{parts.path}?{kept}" if kept else parts.path


def _act(desk: Desk, person: Actor, verb: str, reason: str, at: str) -> Act:
    """Give what a verb does. Raises `NotFound` for no verb, `InputError` for no time."""
    now = desk.clock.now()

    def hold(tx: Connection, delivery: int) -> int:
        place.hold(tx, delivery, reason.strip() or "person", now=now, actor=person)
        return delivery

    def unhold(tx: Connection, delivery: int) -> int:
        place.unhold(tx, delivery, now=now, actor=person)
        return delivery

    def cancel(tx: Connection, delivery: int) -> int:
        place.cancel(tx, delivery, reason.strip(), now=now, actor=person)
        return delivery

    acts: dict[str, Act] = {"hold": hold, "unhold": unhold, "cancel": cancel}
    if verb in acts:
        return acts[verb]
    if verb not in ("move", "requeue"):
        raise NotFound("The queue knows no such step.")
    due_at = read_time(at, now)

    def move(tx: Connection, delivery: int) -> int:
        place.move(tx, delivery, due_at, now=now, actor=person)
        return delivery

    def requeue(tx: Connection, delivery: int) -> int:
        return place.requeue(tx, delivery, due_at, now=now, actor=person)

    return move if verb == "move" else requeue


def read_time(said: str, now: datetime) -> datetime:
    """Read a time from a field; a time that is past is refused before anything is changed."""
    if not said.strip():
        raise InputError("Give the time at which it shall leave.")
    due_at = calendar.read_time(said.strip().replace("T", " "), now)
    if (now - due_at).total_seconds() > 60:
        raise InputError("That time is past. Give a time from now on.")
    return due_at


def _answer(
    request: Request, desk: Desk, ids: Sequence[int], verb: str, act: Act, back: str
) -> Response:
    """Do it to each, every one in a transaction of its own; tell what was done and what not."""
    done: dict[int, datetime] = {}
    made: list[int] = []
    failed: list[FabuError] = []
    for delivery in ids:
        try:
            with desk.store.write() as tx:
                due_at = read(tx, delivery).due_at
                made.append(act(tx, delivery))
            done[delivery] = due_at
        except (Conflict, InputError, NotAllowed, NotFound) as error:
            failed.append(error)
    if failed and (len(ids) == 1 or (not done and isinstance(failed[0], NotAllowed))):
        raise failed[0]
    _tell_failed(request, desk, failed)
    one, many = DONE[verb]
    address = queue_undo.with_undo(back, verb, done, desk.clock.now())
    if len(done) == 1:
        if verb == "requeue" and back == f"/queue/{next(iter(done))}":
            address = f"/queue/{made[0]}"
        return see_other(request, address, one, id=made[0])
    if done:
        return see_other(request, address, many, count=len(done))
    return see_other(request, address)


def _tell_failed(request: Request, desk: Desk, failed: Sequence[FabuError]) -> None:
    session = getattr(request.state, "session", None)
    if session is None or not failed:
        return
    with desk.store.write() as tx:
        for error in failed[:5]:
            sessions.tell(tx, session, error.text, dict(error.params), tone="warn")
        if len(failed) > 5:
            more: dict[str, object] = {"count": len(failed) - 5}
            sessions.tell(tx, session, N_("{count} more were left as they are."), more, "warn")


@router.get("/queue/{delivery}")
def delivery_page(
    request: Request,
    desk: Here,
    person: Person,
    delivery: int,
    undo: Annotated[str, Query()] = "",
) -> Response:
    """Show one delivery: its posts, keys, history, why not, and what can be done."""
    return _one(request, desk, person, delivery, undo=undo)


def _one(
    request: Request,
    desk: Desk,
    person: Actor,
    delivery: int,
    *,
    undo: str = "",
    error: FabuError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    now = desk.clock.now()
    with desk.store.read() as tx:
        row = read(tx, delivery)
        entry = listing.one(tx, row, now)
        hands = row.state == State.accepted.value and row.accepted_by == "person"
        told: dict[str, Any] = {
            "history": listing.history(tx, delivery),
            "kept": flight.kept(tx, delivery),
            "undo": queue_undo.offered(tx, undo, now),
        }
        holder = queue_views.held_by(tx, [delivery]).get(delivery, "")
    title = listing.headline([post["title"] for post in entry["posts"]])
    return render(
        request,
        "queue_one.html",
        status=status_of(error) if error else 200,
        place="queue",
        tabs=TABS,
        one=entry,
        row=row,
        hands=hands,
        headline=title or say(N_("Delivery {id}"), {"id": delivery}),
        may=queue_views.may(entry, person, in_hands=hands, held_by=holder),
        suggested=(typed or {}).get("at") or queue_views.suggest(now),
        error=error,
        web=links.web,
        **told,
    )

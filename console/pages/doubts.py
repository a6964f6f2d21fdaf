"""Doubts, one per screen, and packs that lie with a person. Nobody resolves from a list."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy import select
from starlette.responses import Response

from console import duties, evidence, links, queue_views
from console.desk import Desk
from console.guard import Here, Person
from console.pages.queue import TABS, read_time
from console.render import render, see_other, status_of
from scheduler import events
from scheduler.calendar import read_time as read_any_time
from scheduler.content import media_in
from scheduler.daemon import context_of
from scheduler.dispatch import drafts
from scheduler.errors import Conflict, FabuError, InputError, NotFound
from scheduler.machine import State
from scheduler.people import Actor, Role, require
from scheduler.planning import place
from scheduler.store.files import content_of, picture
from scheduler.store.moves import DeliveryRow, read
from scheduler.store.queue import posts_of
from scheduler.store.rules import DELIVERY
from scheduler.words import N_, _

router = APIRouter()
PER_PAGE = 50
IMAGES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


@router.get("/doubts")
def doubts_page(request: Request, desk: Here, _person: Person, page: int = 1) -> Response:
    """List the doubts and the packs, one line each; what to do stands on their pages."""
    with desk.store.read() as tx:
        doubts = duties.doubts(tx)
        hands = evidence.hands(tx)
    page = max(1, min(page, -(-len(doubts) // PER_PAGE)))
    return render(
        request,
        "doubts.html",
        place="queue",
        tabs=TABS,
        doubts=doubts[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(doubts),
        page=page,
        per_page=PER_PAGE,
        hands=hands,
    )


@router.get("/doubts/{delivery}")
def doubt_page(request: Request, desk: Here, person: Person, delivery: int) -> Response:
    """Show one doubt, or one pack, with what it takes to decide it."""
    return _show(request, desk, person, delivery)


def _show(
    request: Request,
    desk: Desk,
    person: Actor,
    delivery: int,
    *,
    error: FabuError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    now = desk.clock.now()
    with desk.store.read() as tx:
        case = evidence.read_case(tx, desk.settings, delivery, now)
        in_hands = _in_hands(case.row)
        pack = evidence.pack_of(tx, delivery) if in_hands else []
        next_doubt = tx.execute(
            select(DELIVERY.c.id)
            .where(DELIVERY.c.state == State.uncertain.value, DELIVERY.c.id != delivery)
            .order_by(DELIVERY.c.doubted_at)
            .limit(1)
        ).scalar()
    told = {"action": "", "reason": "", "links": [], "at": "", "published_at": "", **(typed or {})}
    told["at"] = told["at"] or queue_views.suggest(now)
    name = "doubts_hand.html" if in_hands else "doubts_one.html"
    return render(
        request,
        name,
        status=status_of(error) if error else 200,
        place="queue",
        tabs=TABS,
        case=case,
        open=in_hands or case.row.state == State.uncertain.value,
        actions=_actions(case, person),
        part_words=dict(evidence.PART_WORDS),
        pack=pack,
        next_doubt=next_doubt,
        error=error,
        typed=told,
    )


def _in_hands(row: DeliveryRow) -> bool:
    return bool(row.state == State.accepted.value and row.accepted_by == "person")


def _actions(case: evidence.Case, person: Actor) -> tuple[str, ...]:
    """Give what this person may say, the recommended first."""
    found = []
    told_by = place.PLACERS if _in_hands(case.row) else (Role.operator,)
    if person.may(*told_by):
        found.append("published")
    if person.may(Role.operator):
        found += ["again", "failed"] if case.may_again else ["failed"]
    found.sort(key=lambda action: action != case.advice.action)
    return tuple(found)


def _open_row(desk: Desk, delivery: int) -> DeliveryRow:
    """Read what shall be resolved. Raises `Conflict` when it is open no more."""
    with desk.store.read() as tx:
        row = read(tx, delivery)
    if row.state != State.uncertain.value and not _in_hands(row):
        raise Conflict(
            "Delivery {id} is no doubt any more: it was cleared up meanwhile.", id=delivery
        )
    return row


@router.post("/doubts/{delivery}/published")
def published(
    request: Request,
    *,
    desk: Here,
    person: Person,
    delivery: int,
    reason: Annotated[str, Form()] = "",
    link: Annotated[list[str] | None, Form()] = None,
    published_at: Annotated[str, Form()] = "",
) -> Response:
    """Say that it is out, with the links a person saw."""
    told = link or []
    try:
        row = _open_row(desk, delivery)
        now = desk.clock.now()
        at = _moment(published_at, now)
        why = reason.strip() or (_("posted by hand") if _in_hands(row) else "")
        with desk.store.write() as tx:
            place.resolve_published(
                tx,
                delivery,
                links=links.typed(told),
                published_at=at,
                reason=why,
                now=now,
                actor=person,
            )
    except (InputError, Conflict) as error:
        typed = {
            "action": "published",
            "reason": reason,
            "links": told,
            "published_at": published_at,
        }
        return _show(request, desk, person, delivery, error=error, typed=typed)
    return _onwards(request, delivery, N_("Delivery {id} is recorded as published."))


def _moment(said: str, now: datetime) -> datetime | None:
    if not said.strip():
        return None
    at = read_any_time(said.strip().replace("T", " "), now)
    if at > now:
        raise InputError("The time at which it went out lies in the future.")
    return at


@router.post("/doubts/{delivery}/failed")
def failed(
    request: Request,
    desk: Here,
    person: Person,
    delivery: int,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Say that it is not out and shall stay so."""
    try:
        _open_row(desk, delivery)
        with desk.store.write() as tx:
            now = desk.clock.now()
            place.resolve_failed(tx, delivery, reason=reason, now=now, actor=person)
    except (InputError, Conflict) as error:
        typed = {"action": "failed", "reason": reason}
        return _show(request, desk, person, delivery, error=error, typed=typed)
    return _onwards(request, delivery, N_("Delivery {id} is recorded as not sent."))


@router.post("/doubts/{delivery}/again")
def again(
    request: Request,
    desk: Here,
    person: Person,
    delivery: int,
    reason: Annotated[str, Form()] = "",
    at: Annotated[str, Form()] = "",
) -> Response:
    """Say that it is not out and shall be sent; the platform's draft is deleted first."""
    # Everything that could refuse is asked before the draft goes: it cannot be brought back.
    require(person, Role.operator)
    try:
        _open_row(desk, delivery)
        due_at = read_time(at, desk.clock.now())
        _check_again(desk, delivery, reason)
        drafts.discard(context_of(desk.settings, desk.store, desk.clock), delivery, person)
        with desk.store.write() as tx:
            place.resolve_again(
                tx, delivery, due_at, reason=reason, now=desk.clock.now(), actor=person
            )
    except (InputError, Conflict) as error:
        typed = {"action": "again", "reason": reason, "at": at}
        return _show(request, desk, person, delivery, error=error, typed=typed)
    return _onwards(request, delivery, N_("Delivery {id} is queued again with a new key."))


def _check_again(desk: Desk, delivery: int, reason: str) -> None:
    if not events.reason(reason):
        raise InputError("Say why: a resolved doubt needs a reason in the record.")
    with desk.store.read() as tx:
        if not posts_of(tx, delivery):
            raise Conflict(
                "Delivery {id} has no post left: they went into another delivery.", id=delivery
            )


def _check_in_hands(row: DeliveryRow) -> None:
    if not _in_hands(row):
        raise Conflict("Delivery {id} lies with nobody.", id=row.id)


@router.post("/doubts/{delivery}/back")
def back(
    request: Request,
    desk: Here,
    person: Person,
    delivery: int,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Take a pack back: the person who holds it says it was not used."""
    require(person, *place.PLACERS)
    try:
        _check_in_hands(_open_row(desk, delivery))
        events.reason(reason)
        # A draft that lies ready for the person goes first: nobody may press publish on it later.
        drafts.discard(context_of(desk.settings, desk.store, desk.clock), delivery, person)
        with desk.store.write() as tx:
            now = desk.clock.now()
            place.cancel(tx, delivery, reason.strip(), now=now, actor=person, unused=True)
    except (InputError, Conflict) as error:
        return _show(
            request, desk, person, delivery, error=error, typed={"action": "back", "reason": reason}
        )
    return _onwards(request, delivery, N_("Delivery {id} is taken back; it will not be posted."))


def _onwards(request: Request, delivery: int, text: str) -> Response:
    return see_other(request, f"/queue/{delivery}", text, id=delivery)


@router.get("/doubts/{delivery}/pictures/{sha256}")
def picture_of(desk: Here, _person: Person, delivery: int, sha256: str) -> Response:
    """Give one picture of this delivery, as it was stored."""
    with desk.store.read() as tx:
        contents = [content_of(tx, post.content) for post in posts_of(tx, delivery) if post.content]
        names = {one.sha256 for content in contents for one in evidence.pictures_of(content)}
        names |= {name for content in contents for name in media_in(content.body)}
        if sha256 not in names:
            raise NotFound("This delivery has no such picture.")
        found = picture(tx, sha256, with_data=True)
    ending = IMAGES.get(found.mime)
    kind = found.mime if ending else "application/octet-stream"
    name = f"{delivery}-{sha256[:8]}.{ending or 'bin'}"
    headers = {"content-disposition": f'{"inline" if ending else "attachment"}; filename="{name}"'}
    return Response(found.data, media_type=kind, headers=headers)

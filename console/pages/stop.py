"""The emergency stop, and the way back: first the plan, then the word."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import select
from starlette.responses import Response

from console import resuming
from console.desk import Desk
from console.frame import ACCOUNT
from console.guard import Here, Person
from console.render import render, see_other, status_of
from scheduler.errors import InputError
from scheduler.people import require
from scheduler.planning import pauses
from scheduler.words import N_

router = APIRouter()


def _ask(
    request: Request, desk: Desk, account: str, *, status: int = 200, **ctx: object
) -> Response:
    now = desk.clock.now()
    with desk.store.read() as tx:
        rows = tx.execute(
            select(ACCOUNT.c.name, ACCOUNT.c.title, ACCOUNT.c.channel)
            .where(ACCOUNT.c.active, ACCOUNT.c.recorded_only.is_(False))
            .order_by(ACCOUNT.c.name)
        ).all()
        affected = resuming.waiting_today(tx, now)
    told = {"error": None, "reason": "", "account": account, **ctx}
    return render(request, "stop.html", status=status, accounts=rows, affected=affected, **told)


@router.get("/stop")
def stop_page(request: Request, desk: Here, person: Person, account: str = "") -> Response:
    """Ask for the reason before anything is stopped."""
    require(person, *pauses.STOPPERS)
    return _ask(request, desk, account)


@router.post("/stop")
def stop(
    request: Request,
    desk: Here,
    person: Person,
    account: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Stop all accounts, or one, from now on."""
    try:
        with desk.store.write() as tx:
            now = desk.clock.now()
            pauses.start(tx, account or None, reason=reason, now=now, actor=person)
    except InputError as error:
        return _ask(request, desk, account, status=status_of(error), error=error, reason=reason)
    return see_other(request, "/stop/plan", N_("Stopped. Nothing leaves before it is lifted."))


@router.get("/stop/plan")
def plan_page(request: Request, desk: Here, _person: Person) -> Response:
    """Show what is stopped, and what lifting it would send and miss."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        plans = resuming.read_plans(tx, now)
    return render(request, "resume.html", plans=plans)


@router.post("/stop/lift")
def lift(
    request: Request, desk: Here, person: Person, account: Annotated[str, Form()] = ""
) -> Response:
    """Lift the stop of one account, or the one of all accounts together."""
    with desk.store.write() as tx:
        pauses.lift(tx, account or None, now=desk.clock.now(), actor=person)
    return see_other(
        request, "/", N_("Lifted. What became too late meanwhile is not sent by itself.")
    )

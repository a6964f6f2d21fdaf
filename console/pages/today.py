"""Today: what goes out hour by hour, what needs me, the month's targets, days of silence."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from console import agenda, duties, progress
from console.guard import Here, Person
from console.pages import health
from console.places import Place
from console.render import render
from scheduler.words import N_

router = APIRouter()
PLACE = Place("today", "/", N_("Today"))


@router.get("/")
def today_page(request: Request, desk: Here, person: Person, account: str = "") -> Response:
    """Show the day, of all accounts or of one."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        day = agenda.read_day(tx, now, account)
        mine = duties.of_person(tx, person)
        doubts = duties.doubts(tx)
        targets = progress.read_targets(tx, now)
        silence = progress.read_silence(tx, now)
        alarms = health.alarms(tx, now)
    return render(
        request,
        "today.html",
        place="today",
        day=day,
        duties=mine,
        doubts=doubts,
        targets=targets,
        silence=silence,
        alarms=alarms,
    )

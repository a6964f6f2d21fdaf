"""Accounts: a health card for each, from our own tables; no platform is asked for a page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from console import cards
from console.guard import Here, Person
from console.places import Place
from console.render import render
from scheduler.words import N_

router = APIRouter()
PLACE = Place("settings", "/accounts", N_("Settings"))
TABS = (("/accounts", N_("Accounts")), ("/people", N_("People")))
"""The pages of this place; each shows them above its content."""


@router.get("/accounts")
def accounts_page(request: Request, desk: Here, _person: Person) -> Response:
    """Show what is known of every account."""
    with desk.store.read() as tx:
        shown = cards.read_cards(tx, desk.settings, desk.clock.now())
    return render(request, "accounts.html", place="settings", tabs=TABS, cards=shown)

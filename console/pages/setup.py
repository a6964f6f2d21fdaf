"""The first hour: the bureau's name, its accounts, its people, last year's ledger."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from channels import KINDS, channel_class
from console import setup_views
from console.desk import Desk
from console.guard import Here, Person
from console.pages.accounts import TABS, Typed, secret_words, secrets_in, without_secrets
from console.render import render, see_other, status_of
from scheduler import setup, setup_form
from scheduler.config_file import every_account
from scheduler.errors import FabuError
from scheduler.people import Role, require
from scheduler.words import N_

router = APIRouter()
ADDRESS = "/setup"


@router.get(ADDRESS)
def setup_page(request: Request, desk: Here, person: Person) -> Response:
    """Show the steps, each done or open."""
    require(person, Role.admin)
    return _steps(request, desk)


def _steps(request: Request, desk: Desk, *, status: int = 200, **ctx: object) -> Response:
    with desk.store.read() as tx:
        progress = setup_views.read(tx, desk.settings, desk.clock.now(), desk.file_fault)
    told = {"bureau_error": None, "bureau_typed": progress.bureau, **ctx}
    return render(
        request, "setup.html", status=status, place="settings", tabs=TABS, progress=progress, **told
    )


@router.post("/setup/bureau")
def bureau(
    request: Request, desk: Here, person: Person, name: Annotated[str, Form()] = ""
) -> Response:
    """Write the bureau's name into config.toml."""
    try:
        desk.take(setup.rename_bureau(desk.settings, person, name))
    except FabuError as error:
        told = {"bureau_error": error, "bureau_typed": name}
        return _steps(request, desk, status=status_of(error), **told)
    return see_other(request, ADDRESS, N_("The bureau's name is saved."))


# --- adding an account -------------------------------------------------------------------------


@router.get("/setup/account")
def new_page(request: Request, desk: Here, person: Person, channel: str = "") -> Response:
    """Ask for the channel, then for what it needs."""
    require(person, Role.admin)
    return _new(request, desk, channel if channel in KINDS else "")


def _new(
    request: Request, desk: Desk, channel: str, *, status: int = 200, **ctx: object
) -> Response:
    taken = every_account(desk.settings)
    told = {
        "error": None,
        "typed": {"name": setup_form.free_name(channel, taken) if channel else ""},
        "asked": setup_form.asked_of(channel) if channel else (),
        "secret_words": secret_words(channel_class(channel).SECRETS) if channel else {},
        **ctx,
    }
    return render(
        request, "setup_account.html", status=status, place="settings", tabs=TABS,
        channel=channel, kinds=KINDS, **told,
    )  # fmt: skip


@router.post("/setup/account")
def add(request: Request, desk: Here, person: Person, typed: Typed) -> Response:
    """Add an account to config.toml, its secrets to the database."""
    channel, now = typed.get("channel", ""), desk.clock.now()
    try:
        new = setup_form.read_account(channel, typed.get("name", ""), typed.get("title", ""), typed)
        given = secrets_in(typed)
        fresh = setup.add_account(desk.settings, desk.store, person, new, given, now=now)
    except FabuError as error:
        known = channel if channel in KINDS else ""
        shown = without_secrets(typed)
        return _new(request, desk, known, status=status_of(error), error=error, typed=shown)
    desk.take(fresh)
    return see_other(request, ADDRESS, N_("{title} is added."), title=new.title)


@router.get("/setup/accounts/{name}")
def account_page(name: str) -> Response:
    """Lead to the account's own page, for old links."""
    return RedirectResponse(f"/accounts/{quote(name, safe='')}", 303)

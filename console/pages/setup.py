"""The first hour: the bureau's name, its accounts, its people, last year's ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from channels import KINDS, channel_class
from console import session as sessions
from console import setup_views
from console.desk import Desk
from console.guard import Current, Here, Person
from console.pages.accounts import TABS
from console.render import render, see_other, status_of
from scheduler import accounts, secrets, setup, setup_form
from scheduler.config import AccountSettings
from scheduler.errors import FabuError, InputError, NotFound
from scheduler.health import Finding, Weight
from scheduler.people import Role, require
from scheduler.words import N_

router = APIRouter()
ADDRESS = "/setup"
SECRET = "secret."  # noqa: S105 - how the form's fields of secrets begin


@router.get(ADDRESS)
def setup_page(request: Request, desk: Here, person: Person) -> Response:
    """Show the steps, each done or open."""
    require(person, Role.admin)
    return _steps(request, desk)


def _steps(request: Request, desk: Desk, *, status: int = 200, **ctx: object) -> Response:
    with desk.store.read() as tx:
        progress = setup_views.read(tx, desk.settings, desk.clock.now())
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
    taken = dict(desk.settings.accounts)
    told = {
        "error": None,
        "typed": {"name": setup_form.free_name(channel, taken) if channel else ""},
        "asked": setup_form.asked_of(channel) if channel else (),
        "secret_words": _secret_words(channel_class(channel).SECRETS) if channel else {},
        **ctx,
    }
    return render(
        request, "setup_account.html", status=status, place="settings", tabs=TABS,
        channel=channel, kinds=KINDS, **told,
    )  # fmt: skip


def _secret_words(fields: tuple[str, ...]) -> dict[str, str]:
    return {field: setup_form.SECRET_WORDS.get(field, field) for field in fields}


async def form_of(request: Request) -> dict[str, str]:
    """Read a form whose fields depend on the channel."""
    return {key: str(value) for key, value in (await request.form()).items()}


Typed = Annotated[dict[str, str], Depends(form_of)]


def _secrets_in(typed: dict[str, str]) -> dict[str, str]:
    """Give the secrets of a form; they are never shown again."""
    return {key.removeprefix(SECRET): text for key, text in typed.items() if key.startswith(SECRET)}


@router.post("/setup/account")
def add(request: Request, desk: Here, person: Person, typed: Typed) -> Response:
    """Add an account to config.toml, its secrets to the database."""
    channel, now = typed.get("channel", ""), desk.clock.now()
    try:
        new = setup_form.read_account(channel, typed.get("name", ""), typed.get("title", ""), typed)
        given = _secrets_in(typed)
        fresh = setup.add_account(desk.settings, desk.store, person, new, given, now=now)
    except FabuError as error:
        known = channel if channel in KINDS else ""
        shown = {key: text for key, text in typed.items() if not key.startswith(SECRET)}
        return _new(request, desk, known, status=status_of(error), error=error, typed=shown)
    desk.take(fresh)
    return see_other(request, ADDRESS, N_("{title} is added."), title=new.title)


# --- one account -------------------------------------------------------------------------------


@router.get("/setup/accounts/{name}")
def account_page(request: Request, desk: Here, person: Person, name: str) -> Response:
    """Show what an account still needs."""
    require(person, Role.admin)
    return _one(request, desk, name)


def _one(request: Request, desk: Desk, name: str, *, status: int = 200, **ctx: object) -> Response:
    entry = _known(desk, name)
    with desk.store.read() as tx:
        line = setup_views.line(tx, desk.settings, entry)
    told = {"error": None, "token_error": None, **ctx}
    return render(
        request, "setup_secrets.html", status=status, place="settings", tabs=TABS, one=line,
        secret_words=_secret_words(secrets.fields_of(desk.settings, name)),
        push_address=f"{request.base_url}callback/{entry.channel}/{name}", **told,
    )  # fmt: skip


def _known(desk: Desk, name: str) -> AccountSettings:
    if name not in desk.settings.accounts:
        raise NotFound("There is no account {name} in config.toml.", name=name)
    return desk.settings.accounts[name]


@router.post("/setup/accounts/{name}")
def keep(request: Request, desk: Here, person: Person, name: str, typed: Typed) -> Response:
    """Store an account's secrets; a field left empty keeps what is stored."""
    require(person, Role.admin)
    _known(desk, name)
    given = {key: text for key, text in _secrets_in(typed).items() if text.strip()}
    if not given:
        nothing = InputError("Nothing was entered, so nothing was changed.")
        return _one(request, desk, name, status=400, error=nothing)
    try:
        with desk.store.write() as tx:
            accounts.login(tx, desk.settings, person, name, given, now=desk.clock.now())
    except InputError as error:
        return _one(request, desk, name, status=status_of(error), error=error)
    return see_other(request, f"/setup/accounts/{name}", N_("It is stored, encrypted."))


@router.post("/setup/accounts/{name}/push")
def keep_token(
    request: Request, desk: Here, person: Person, name: str, token: Annotated[str, Form()] = ""
) -> Response:
    """Store the Token of the account's message push."""
    _known(desk, name)
    try:
        with desk.store.write() as tx:
            now = desk.clock.now()
            setup.keep_callback_token(tx, desk.settings, person, name, token, now=now)
    except InputError as error:
        return _one(request, desk, name, status=status_of(error), token_error=error)
    return see_other(request, f"/setup/accounts/{name}", N_("It is stored, encrypted."))


@router.post("/setup/accounts/{name}/check")
def check(desk: Here, person: Person, session: Current, name: str) -> Response:
    """Ask the platform about the account; the next page tells what it said."""
    _known(desk, name)
    found = setup.check_account(desk.settings, desk.store, person, name, desk.clock)
    if session is not None:
        with desk.store.write() as tx:
            for one in found:
                tone = "done" if one.weight is Weight.fine else "warn"
                sessions.tell(tx, session, "{said}", {"said": _words(one)}, tone)
    return RedirectResponse(f"/setup/accounts/{name}", 303)


def _words(finding: Finding) -> str:
    return f"{finding.said()} {finding.said_next()}".strip()

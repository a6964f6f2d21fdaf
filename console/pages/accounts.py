"""Accounts: a health card for each, and on a page of its own everything that is done with one.

Cards come from our own tables; no platform is asked for a page. Who may do what, the rooms say.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from console import cards, setup_views
from console import format as said
from console import session as sessions
from console.desk import Desk
from console.guard import Current, Here, Person
from console.places import Place
from console.render import render, see_other, status_of
from scheduler import accounts, checkup, secrets, setup, setup_form
from scheduler.config import AccountSettings
from scheduler.errors import Conflict, FabuError, InputError, NotFound
from scheduler.health import Weight
from scheduler.people import Role, require
from scheduler.words import N_

router = APIRouter()
PLACE = Place("settings", "/accounts", N_("Settings"))
TABS = (
    ("/accounts", N_("Accounts")),
    ("/people", N_("People")),
    ("/setup", N_("Set-up"), Role.admin),
)
"""The pages of this place, shown above the content of each; the third is for that role only."""
SECRET = "secret."  # noqa: S105 - how the form's fields of secrets begin
BACK = ("/setup", "/accounts")


@router.get("/accounts")
def accounts_page(request: Request, desk: Here, _person: Person) -> Response:
    """Show what is known of every account."""
    with desk.store.read() as tx:
        shown = cards.read_cards(tx, desk.settings, desk.clock.now())
    return render(request, "accounts.html", place="settings", tabs=TABS, cards=shown)


# --- one account -------------------------------------------------------------------------------


@router.get("/accounts/{name}")
def account_page(request: Request, desk: Here, _person: Person, name: str) -> Response:
    """Show one account, and what this person may do with it."""
    return _one(request, desk, name)


def _one(request: Request, desk: Desk, name: str, *, status: int = 200, **ctx: object) -> Response:
    now = desk.clock.now()
    entry = desk.settings.accounts.get(name) or desk.settings.retired.get(name)
    with desk.store.read() as tx:
        card = cards.read_card(tx, desk.settings, name, now)
        line = setup_views.line(tx, desk.settings, entry) if entry else None
    told = {"secret_error": None, "token_error": None, "change_error": None, "typed": None, **ctx}
    asked = setup_form.asked_of(entry.channel) if entry else ()
    more = setup_form.more_of(entry.channel) if entry else ()
    return render(
        request, "accounts_one.html", status=status, place="settings", tabs=TABS, one=card,
        entry=entry, line=line, asked=asked, more=more,
        values=setup_views.values(entry, (*asked, *more)) if entry else {},
        seen=setup.mark_of(entry) if entry else "",
        secret_words=secret_words(secrets.fields_of(desk.settings, name)) if entry else {},
        push_address=f"{request.base_url}callback/{entry.channel}/{name}" if entry else "",
        **told,
    )  # fmt: skip


def _known(desk: Desk, name: str) -> AccountSettings:
    found = desk.settings.accounts.get(name) or desk.settings.retired.get(name)
    if found is None:
        raise NotFound("There is no account {name} in config.toml.", name=name)
    return found


def secret_words(fields: tuple[str, ...]) -> dict[str, str]:
    """Give the words for secrets, by field."""
    return {field: setup_form.SECRET_WORDS.get(field, field) for field in fields}


async def form_of(request: Request) -> dict[str, str]:
    """Read a form whose fields depend on the channel."""
    return {key: str(value) for key, value in (await request.form()).items()}


Typed = Annotated[dict[str, str], Depends(form_of)]


def secrets_in(typed: dict[str, str]) -> dict[str, str]:
    """Give the secrets of a form; they are never shown again."""
    return {key.removeprefix(SECRET): text for key, text in typed.items() if key.startswith(SECRET)}


def without_secrets(typed: dict[str, str]) -> dict[str, str]:
    """Give what may be shown again of a form."""
    return {key: text for key, text in typed.items() if not key.startswith(SECRET)}


@router.post("/accounts/{name}/secrets")
def keep(request: Request, desk: Here, person: Person, name: str, typed: Typed) -> Response:
    """Store an account's secrets; a field left empty keeps what is stored."""
    require(person, Role.operator, Role.admin)
    _known(desk, name)
    given = {key: text for key, text in secrets_in(typed).items() if text.strip()}
    if not given:
        nothing = InputError("Nothing was entered, so nothing was changed.")
        return _one(request, desk, name, status=400, secret_error=nothing)
    try:
        with desk.store.write() as tx:
            accounts.login(tx, desk.settings, person, name, given, now=desk.clock.now())
    except FabuError as error:
        return _one(request, desk, name, status=status_of(error), secret_error=error)
    return see_other(
        request, _page(name), N_("It is stored, encrypted. Check the account to see that it fits.")
    )


def _page(name: str) -> str:
    return f"/accounts/{name}"


@router.post("/accounts/{name}/push")
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
    return see_other(request, _page(name), N_("It is stored, encrypted."))


@router.post("/accounts/{name}/check")
def check(
    request: Request,
    desk: Here,
    person: Person,
    session: Current,
    name: str,
    back: Annotated[str, Form()] = "",
) -> Response:
    """Ask the platform about the account; the next page tells what it said."""
    entry = _known(desk, name)
    found = checkup.check_account(desk.settings, desk.store, person, name, desk.clock)
    if session is not None:
        with desk.store.write() as tx:
            for one in found:
                tone = "done" if one.weight is Weight.fine else "warn"
                words = cards.said_of(one, entry.title, entry.channel)
                sessions.tell(tx, session, "{said}", {"said": words}, tone)
    return see_other(request, back if back in BACK else _page(name))


@router.post("/accounts/{name}/change")
def change(request: Request, desk: Here, person: Person, name: str, typed: Typed) -> Response:
    """Change what config.toml says of an account."""
    entry = _known(desk, name)
    try:
        values = setup_form.read_changes(entry.channel, typed)
        desk.take(
            setup.change_account(
                desk.settings, desk.store, person, name, values,
                seen=typed.get("seen", ""), now=desk.clock.now(),
            )
        )  # fmt: skip
    except Conflict as error:
        desk.follow()
        return _one(request, desk, name, status=409, change_error=error)
    except InputError as error:
        return _one(request, desk, name, status=400, change_error=error, typed=typed)
    return see_other(
        request, _page(name), N_("The settings are saved. A running daemon takes them up at once.")
    )


# --- in use or not -----------------------------------------------------------------------------


@router.get("/accounts/{name}/retire")
def retire_page(request: Request, desk: Here, person: Person, name: str) -> Response:
    """Show what taking the account out of use would do, and what must be settled first."""
    require(person, Role.admin)
    return _ask(request, desk, name)


def _ask(request: Request, desk: Desk, name: str, *, status: int = 200, **ctx: object) -> Response:
    entry = _known(desk, name)
    with desk.store.read() as tx:
        leaving = setup_views.leaving(tx, name)
    return render(
        request, "accounts_retire.html", status=status, place="settings", tabs=TABS,
        one=entry, leaving=leaving, **{"error": None, "reason": "", **ctx},
    )  # fmt: skip


@router.post("/accounts/{name}/retire")
def retire(
    request: Request, desk: Here, person: Person, name: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Take an account out of use; what is queued is held."""
    entry, now = _known(desk, name), desk.clock.now()
    try:
        desk.take(setup.retire_account(desk.settings, desk.store, person, name, reason, now=now))
    except (InputError, Conflict) as error:
        return _ask(request, desk, name, status=status_of(error), error=error, reason=reason)
    return see_other(
        request, _page(name), N_("{title} is out of use. Its posts and its history stay."),
        title=said.account(entry.title, entry.channel),
    )  # fmt: skip


@router.post("/accounts/{name}/reinstate")
def reinstate(request: Request, desk: Here, person: Person, name: str) -> Response:
    """Take an account into use again; what was held stays held."""
    entry, now = _known(desk, name), desk.clock.now()
    desk.take(setup.reinstate_account(desk.settings, desk.store, person, name, now=now))
    return see_other(
        request, _page(name), N_("{title} is in use again. What was held stays held."),
        title=said.account(entry.title, entry.channel),
    )  # fmt: skip

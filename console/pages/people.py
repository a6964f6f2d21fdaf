"""People: who works at this desk and what they may do; one's own password."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from console import session as sessions
from console.desk import Desk
from console.guard import Here, Person
from console.pages.accounts import TABS
from console.pages.login import put_cookie
from console.render import render, see_other, status_of
from scheduler import people
from scheduler.errors import Conflict, FabuError, InputError, NotAllowed, NotFound
from scheduler.people import Actor
from scheduler.words import N_

router = APIRouter()
PER_PAGE = 50
PASSWORD_PAGE = "/people/password"  # noqa: S105 - an address


def _list(
    request: Request, desk: Desk, *, status: int = 200, words: str = "", page: int = 1,
    **ctx: object,
) -> Response:  # fmt: skip
    with desk.store.read() as tx:
        everybody = people.list_people(tx)
        logins = people.last_logins(tx)
    asked = words.casefold().split()
    found = [
        one for one in everybody
        if all(word in f"{one.name} {one.title}".casefold() for word in asked)
    ]  # fmt: skip
    page = max(1, min(page, -(-len(found) // PER_PAGE)))
    listed = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    told = {"error": None, "typed": {"name": "", "title": "", "roles": []}, **ctx}
    return render(
        request, "people.html", status=status, place="settings", tabs=TABS, people=listed,
        logins=logins, words=words, page=page, per_page=PER_PAGE, total=len(found),
        many=len(everybody) > PER_PAGE, query=urlencode({"q": words}) if words else "", **told,
    )  # fmt: skip


@router.get("/people")
def people_page(
    request: Request, desk: Here, _person: Person, q: str = "", page: int = 1
) -> Response:
    """List everybody, also those who left, or those with these words in name or office."""
    return _list(request, desk, words=q.strip(), page=page)


@router.post("/people")
def add(
    request: Request,
    desk: Here,
    person: Person,
    *,
    name: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    roles: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Add a person."""
    try:
        wanted = people.parse_roles(roles or [])
        with desk.store.write() as tx:
            now = desk.clock.now()
            new = people.add_person(
                tx, person, name, wanted, now=now, title=title, password=password
            )
    except FabuError as error:
        typed = {"name": name, "title": title, "roles": roles or []}
        return _list(request, desk, status=status_of(error), error=error, typed=typed)
    return see_other(request, "/people", N_("Added {person}."), person=new.name)


def _one(
    request: Request, desk: Desk, person_id: int, *, status: int = 200, error: object = None
) -> Response:
    with desk.store.read() as tx:
        everybody = people.list_people(tx)
        logins = people.last_logins(tx)
    found = next((one for one in everybody if one.id == person_id), None)
    if found is None:
        raise NotFound("There is no person number {id}.", id=person_id)
    return render(
        request, "person.html", status=status, place="settings", tabs=TABS, one=found,
        last_login=logins.get(found.id), error=error,
    )  # fmt: skip


@router.get(PASSWORD_PAGE)
def password_page(request: Request, _person: Person) -> Response:
    """Show the form for one's own password."""
    return render(request, "password.html")


@router.post(PASSWORD_PAGE)
def own_password(
    request: Request,
    desk: Here,
    person: Person,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change one's own password; every other login of this person ends."""
    now = desk.clock.now()
    try:
        _check_own(desk, person, old, new, again)
        with desk.store.write() as tx:
            people.set_password(tx, person, person.id, new, now=now)
            token = sessions.open_session(tx, person, now=now)
    except FabuError as error:
        return render(request, "password.html", status=status_of(error), error=error)
    answer = see_other(request, "/")
    put_cookie(request, answer, token)
    return answer


def _check_own(desk: Desk, person: Actor, old: str, new: str, again: str) -> None:
    if new != again:
        raise InputError("The two new passwords differ. Nothing was changed; type them again.")
    key, now = f"name:{person.name}", desk.clock.now()
    if desk.throttle.begin([key], now):
        raise InputError("Too many attempts. Wait 15 minutes.")
    try:
        with desk.store.read() as tx:
            people.check_password(tx, person.name, old)
    except NotAllowed:
        raise InputError("The present password is not this one. Nothing was changed.") from None
    desk.throttle.forgive(key, "", now)


@router.get("/people/{person_id}")
def person_page(request: Request, desk: Here, _person: Person, person_id: int) -> Response:
    """Show one person with what can be changed."""
    return _one(request, desk, person_id)


@router.post("/people/{person_id}/roles")
def roles(
    request: Request,
    desk: Here,
    person: Person,
    person_id: int,
    roles: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Give a person these roles and no others."""
    try:
        with desk.store.write() as tx:
            wanted = people.parse_roles(roles or [])
            changed = people.set_roles(tx, person, person_id, wanted, now=desk.clock.now())
    except Conflict as error:
        return _one(request, desk, person_id, status=409, error=error)
    return see_other(
        request, "/people", N_("The roles of {person} are changed."), person=changed.name
    )


@router.post("/people/{person_id}/password")
def password(
    request: Request,
    desk: Here,
    person: Person,
    person_id: int,
    password: Annotated[str, Form()] = "",
) -> Response:
    """Give a person a new password; their logins end."""
    if person_id == person.id:
        # Else an unlocked PC, or one stolen cookie, would be enough to keep an account for good.
        raise NotAllowed(
            "Your own password is changed on a page of its own, which asks for the present one."
        )
    try:
        with desk.store.write() as tx:
            people.set_password(tx, person, person_id, password, now=desk.clock.now())
    except InputError as error:
        return _one(request, desk, person_id, status=400, error=error)
    return see_other(request, "/people", N_("The new password is set; older logins have ended."))


@router.post("/people/{person_id}/deactivate")
def deactivate(request: Request, desk: Here, person: Person, person_id: int) -> Response:
    """End a person's access; what they did stays in the history."""
    try:
        with desk.store.write() as tx:
            people.deactivate(tx, person, person_id, now=desk.clock.now())
    except Conflict as error:
        return _one(request, desk, person_id, status=409, error=error)
    return see_other(request, "/people", N_("This person can not log in any more."))

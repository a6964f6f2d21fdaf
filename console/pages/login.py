"""Log in, log out, choose the language."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from console import session as sessions
from console.guard import LANGUAGE_COOKIE, Current, Here, address_of
from console.kept import Kept, unpack
from console.render import YEAR_S, local, render
from scheduler.errors import FabuError, NotAllowed
from scheduler.people import check_password
from scheduler.words import LANGUAGES

router = APIRouter()


class TooMany(FabuError):
    """Somebody tried too often."""


@router.get("/login")
def login_page(
    request: Request,
    session: Current,
    next: str = "/",  # noqa: A002
    ended: str = "",
) -> Response:
    """Show the login form; who is logged in already goes on."""
    if session is not None:
        return RedirectResponse(local(next), 303)
    return _form(request, next, ended=ended == "1")


def keep(request: Request, typed: Kept) -> Response:
    """Ask for the login again, and keep what was typed on the page that asks."""
    return _form(request, typed.page, status=401, kept=typed.packed())


def _form(request: Request, going_to: str, *, status: int = 200, **ctx: object) -> Response:
    told = {"next": local(going_to), "name": "", "kept": "", "ended": False, **ctx}
    return render(request, "login.html", status=status, **told)


@router.post("/login")
def login(
    request: Request,
    desk: Here,
    session: Current,
    *,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
    kept: Annotated[str, Form()] = "",
) -> Response:
    """Check name and password; five failures in 15 minutes bring 15 minutes of rest."""
    now, typed = desk.clock.now(), {"name": name, "kept": kept}
    by_name, by_address = f"name:{name.strip()}", f"address:{address_of(request)}"
    wait = desk.throttle.begin([by_name, by_address], now)
    if wait:
        minutes = math.ceil(wait.total_seconds() / 60)
        error = TooMany(
            "Too many attempts with this name or from this computer. Wait {minutes} minutes, or "
            "ask an administrator for a new password.",
            minutes=minutes,
        )
        return _form(request, next, status=429, error=error, **typed)
    try:
        with desk.store.read() as tx:
            actor = check_password(tx, name, password)
    except NotAllowed:
        wrong = NotAllowed(
            "Name and password do not fit. Try again, or ask an administrator for a new password."
        )
        return _form(request, next, status=403, error=wrong, **typed)
    desk.throttle.forgive(by_name, by_address, now)
    with desk.store.write() as tx:
        if session is not None:
            sessions.close_session(tx, session)
        token = sessions.open_session(tx, actor, now=now)
        request.state.session, _old = sessions.find_session(tx, token, now=now)
    again = unpack(kept)
    answer: Response = RedirectResponse(local(next), 303)
    if again is not None:
        answer = render(request, "again.html", again=again)
    put_cookie(request, answer, token)
    return answer


def put_cookie(request: Request, answer: Response, token: str) -> None:
    """Give the browser its session: out of reach of scripts and of other sites' requests."""
    secure = request.url.scheme == "https"
    answer.set_cookie(sessions.COOKIE, token, httponly=True, samesite="lax", secure=secure)


@router.post("/logout")
def logout(desk: Here, session: Current) -> Response:
    """End this session."""
    if session is not None:
        with desk.store.write() as tx:
            sessions.close_session(tx, session)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(sessions.COOKIE, httponly=True, samesite="lax")
    return answer


@router.post("/language")
def language(to: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/") -> Response:
    """Remember the language in this browser."""
    answer = RedirectResponse(local(back), 303)
    if to in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, to, max_age=YEAR_S, httponly=True, samesite="lax")
    return answer

"""Log in, log out, choose the language."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from console import session as sessions
from console.guard import LANGUAGE_COOKIE, Current, Here, address_of
from console.render import local, render
from scheduler.errors import FabuError, NotAllowed
from scheduler.people import check_password
from scheduler.words import LANGUAGES

router = APIRouter()
YEAR_S = 365 * 24 * 3600


class TooMany(FabuError):
    """Somebody tried too often."""


@router.get("/login")
def login_page(request: Request, session: Current, next: str = "/") -> Response:  # noqa: A002
    """Show the login form; who is logged in already goes on."""
    if session is not None:
        return RedirectResponse(local(next), 303)
    return render(request, "login.html", next=local(next), name="")


@router.post("/login")
def login(
    request: Request,
    desk: Here,
    session: Current,
    *,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Check name and password; five failures in 15 minutes bring 15 minutes of rest."""
    now, going_to = desk.clock.now(), local(next)
    by_name, by_address = f"name:{name.strip()}", f"address:{address_of(request)}"
    wait = desk.throttle.begin([by_name, by_address], now)
    if wait:
        minutes = math.ceil(wait.total_seconds() / 60)
        error = TooMany(
            "Too many attempts with this name or from this computer. Wait {minutes} minutes, or "
            "ask an administrator for a new password.",
            minutes=minutes,
        )
        return render(request, "login.html", status=429, error=error, next=going_to, name=name)
    try:
        with desk.store.read() as tx:
            actor = check_password(tx, name, password)
    except NotAllowed:
        wrong = NotAllowed(
            "Name and password do not fit. Try again, or ask an administrator for a new password."
        )
        return render(request, "login.html", status=403, error=wrong, next=going_to, name=name)
    desk.throttle.forgive(by_name, by_address, now)
    with desk.store.write() as tx:
        if session is not None:
            sessions.close_session(tx, session)
        token = sessions.open_session(tx, actor, now=now)
    answer = RedirectResponse(going_to, 303)
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

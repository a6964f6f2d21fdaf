"""Pages from templates: the words, the frame around every page, errors, redirects with a notice."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from console import format as said
from console import frame
from console import session as sessions
from console.desk import Desk
from console.session import Session
from scheduler import __version__, sentences
from scheduler.desk import gates
from scheduler.errors import ConfigError, Conflict, FabuError, InputError, NotAllowed, NotFound
from scheduler.people import ROLE_MEANS, ROLE_WORDS, Actor, Role, list_people
from scheduler.words import N_, _, language, say

HERE = Path(__file__).parent
STATIC = HERE / "static"
STATUS: dict[type[FabuError], int] = {
    InputError: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    ConfigError: 500,
}
HEADINGS = {
    400: N_("This cannot be done as entered"),
    403: N_("You may not do this"),
    404: N_("There is no such page"),
    405: N_("This page takes no such request"),
    409: N_("It has moved on in the meantime"),
    429: N_("Too many attempts"),
    500: N_("The console met a fault of its own"),
    503: N_("The database did not take this"),
}


def _say(key: str, /, **params: object) -> str:
    """Translate and fill a key: `say` as templates call it."""
    return say(key, params)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        {
            "_": _,
            "say": _say,
            "Role": Role,
            "role_words": ROLE_WORDS,
            "role_means": ROLE_MEANS,
            "gates": gates,
            "sentences": sentences,
            "said": said,
            "static": static,
            "version": __version__,
        }
    )
    return made


@lru_cache(maxsize=64)
def _fingerprint(name: str, _changed_ns: int) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def static(name: str) -> str:
    """Give the address of a static file; it changes with the file, so browsers may keep it."""
    return f"/static/{name}?v={_fingerprint(name, (STATIC / name).stat().st_mtime_ns)}"


_PAGES = _environment()


def status_of(error: FabuError) -> int:
    """Give the HTTP status of an error a person can act on."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def render(request: Request, template: str, /, *, status: int = 200, **ctx: Any) -> Response:
    """Give a page. Templates see `person`, `now`, `frame`, `csrf`, `flash` and what is given."""
    desk: Desk = request.app.state.desk
    session: Session | None = getattr(request.state, "session", None)
    now = desk.clock.now()
    around = None
    if session is not None:
        with desk.store.read() as tx:
            places, seen = request.app.state.places, seen_by(request, session.actor)
            around = frame.read(tx, places, session.actor, now, seen=seen)
        if session.flash:
            with desk.store.write() as tx:
                sessions.told(tx, session)
    page = _PAGES.get_template(template).render(
        {
            "request": request,
            "bureau": desk.settings.bureau or _("Fabutai"),
            "language": language(),
            "now": now,
            "when": lambda moment: said.when(moment, now),
            "person": session.actor if session else None,
            "csrf_token": session.csrf if session else "",
            "flash": session.flash if session else (),
            "frame": around,
            "error": None,
            "place": "",
            "sought": "",
            **ctx,
        }
    )
    return HTMLResponse(page, status)


SEEN_COOKIE = "notices_{id}"
"""The newest notice a person has looked at in this browser. Only a count hangs on it."""
YEAR_S = 365 * 24 * 3600


def seen_by(request: Request, person: Actor) -> int:
    """Give the number of the newest notice this person has looked at here, 0 for none."""
    told = request.cookies.get(SEEN_COOKIE.format(id=person.id), "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0


def note_seen(answer: Response, person: Actor, newest: int) -> None:
    """Remember in this browser up to which notice a person has looked."""
    name = SEEN_COOKIE.format(id=person.id)
    answer.set_cookie(name, str(newest), max_age=YEAR_S, httponly=True, samesite="lax")


def error_page(request: Request, status: int, error: FabuError | None = None) -> Response:
    """Give the page of an error: what happened, what it means, what to do now."""
    heading = HEADINGS.get(status, HEADINGS[400])
    if isinstance(error, NotFound):
        heading = N_("It is not there")
    session: Session | None = getattr(request.state, "session", None)
    admins: list[str] = []
    if status == 403 and session is not None:
        desk: Desk = request.app.state.desk
        with desk.store.read() as tx:
            admins = [one.name for one in list_people(tx) if one.active and Role.admin in one.roles]
    return render(
        request, "error.html", status=status, error=error, error_heading=heading, admins=admins
    )


def broken(request: Request) -> Response:
    """Give the page after a fault of our own; plain text when that fails, too."""
    try:
        request.state.session = None
        return error_page(request, 500)
    except Exception:  # noqa: BLE001 - whatever broke the page may break this one
        return PlainTextResponse(_(HEADINGS[500]), 500)


def see_other(request: Request, address: str, text: str = "", /, **params: object) -> Response:
    """Answer a POST: go on to `address`, where `text` (a catalogue key) is said once."""
    session: Session | None = getattr(request.state, "session", None)
    if text and session is not None:
        desk: Desk = request.app.state.desk
        with desk.store.write() as tx:
            sessions.tell(tx, session, text, params)
    return RedirectResponse(address, 303)


def to_login(request: Request) -> Response:
    """Lead to the login page and from there back to the page that was wanted.

    Who has a cookie was logged in before: the page says that this login has ended.
    """
    told = {} if (wanted := page_of(request)) == "/" else {"next": wanted}
    if sessions.COOKIE in request.cookies:
        told["ended"] = "1"
    address = f"/login?{urlencode(told)}" if told else "/login"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def page_of(request: Request) -> str:
    """Give the page a person is on: the one asked for, or for a form the one it stood on."""
    if request.method in ("GET", "HEAD"):
        query = request.url.query
        return request.url.path + (f"?{query}" if query else "")
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    if came.netloc.lower() != request.headers.get("host", "").lower():
        return "/"
    return local(came.path + (f"?{came.query}" if came.query else ""))


def local(address: str) -> str:
    """Give an address of this console, "/" for anything that would lead elsewhere."""
    try:
        parts = urlsplit(address) if address.isprintable() else None
    except ValueError:  # //[
        parts = None
    if (
        parts is None
        or parts.scheme
        or parts.netloc
        or not address.startswith("/")
        or address.startswith(("//", "/\\"))
        or "\\" in address
    ):
        return "/"
    return address

"""What stands before every page: language, headers, origin, session, form token.

No rule about roles is here: rooms enforce them. This only finds out who asks and that the
request comes from our own pages.
"""

from __future__ import annotations

import logging
from http.cookies import CookieError, SimpleCookie
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console import session as sessions
from console.desk import Desk
from console.render import broken
from console.session import Session
from scheduler.errors import NotAllowed
from scheduler.people import Actor
from scheduler.words import N_, _, speak

LOG = logging.getLogger("fabu.console")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PUBLIC = frozenset({"/login", "/language", "/healthz", "/callback/wechat/{account}"})
"""What is served to everybody. Everything else needs a session, also a page that forgot to ask."""
MACHINES = "/callback/"
"""Below it platforms call: no session, no origin, small bodies; each request proves itself."""
TOKENLESS = frozenset({"/login", "/language"})
"""Whose form carries no token: there may be no session yet. Their origin is checked."""
LANGUAGE_COOKIE = "lang"
BODY_BYTES_MAX = 64 * 1024 * 1024
MACHINE_BYTES_MAX = 64 * 1024
CSP = "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
FOREIGN = N_(
    "This request did not come from a page of this console, so nothing was changed. Open the page "
    "again and repeat it there."
)


class NeedLogin(Exception):
    """Nobody is logged in; the login page leads back to where they were."""


class Front:
    """The outermost layer: the person's language, headers, foreign requests, our own faults."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _put_headers(scope, MutableHeaders(scope=message))
            await send(message)

        with speak(_language(headers)):
            answer = _refusal(scope, headers) or self.app
            try:
                await answer(scope, receive, send_on)
            except Exception:  # the one place around a request: a bug breaks a page, no console
                LOG.exception("%s %s stopped by a fault", scope["method"], scope["path"])
                if begun:
                    raise
                await broken(Request(scope))(scope, receive, send_on)


def _refusal(scope: Scope, headers: Headers) -> PlainTextResponse | None:
    if scope["method"] in SAFE:
        return None
    machine = scope["path"].startswith(MACHINES)
    if not machine and not is_own(headers):
        return PlainTextResponse(_(FOREIGN), 403)
    length = headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        return PlainTextResponse(_("The request does not say how long it is."), 411)
    if machine and int(length) > MACHINE_BYTES_MAX:
        return PlainTextResponse(_("That is more than a platform sends at once (64 KB)."), 413)
    if int(length) > BODY_BYTES_MAX:
        return PlainTextResponse(_("That is more than the console takes at once (64 MB)."), 413)
    return None


def _put_headers(scope: Scope, headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    if not scope["path"].startswith("/static/"):
        headers["cache-control"] = "no-store"
    elif scope["query_string"]:
        headers["cache-control"] = "public, max-age=31536000, immutable"
    else:
        headers["cache-control"] = "public, max-age=300"


def _language(headers: Headers) -> str:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    found = cookies.get(LANGUAGE_COOKIE)
    return found.value if found else ""


def is_own(headers: Headers) -> bool:
    """Tell whether a request comes from our own pages; who says nothing about it is foreign.

    `Sec-Fetch-Site` is the browser's own word, but only sent over HTTPS and on localhost;
    `Origin` (for old browsers `Referer`) names host and port. A proxy must pass `Host` on.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin") or headers.get("referer")
    if origin is None:
        return site is not None
    host = headers.get("host", "")
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def desk_of(request: Request) -> Desk:
    """Give the desk this console serves."""
    found: Desk = request.app.state.desk
    return found


Here = Annotated[Desk, Depends(desk_of)]


def current(request: Request, desk: Here) -> Session | None:
    """Find the session of a request and leave it on `request.state` for `render`."""
    found: Session | None = None
    if token := request.cookies.get(sessions.COOKIE, ""):
        now = desk.clock.now()
        with desk.store.read() as tx:
            found, old = sessions.find_session(tx, token, now=now)
        if found is not None and old:
            with desk.store.write() as tx:
                sessions.touch(tx, found, now=now)
    request.state.session = found
    return found


Current = Annotated[Session | None, Depends(current)]


async def admit(request: Request, session: Current) -> None:
    """Let a request in: with a session, and with its token where something would change.

    Raises `NeedLogin` and `NotAllowed`.
    """
    path = request.url.path
    if path.startswith(MACHINES):
        return
    if session is None:
        if path not in PUBLIC:
            raise NeedLogin
        return
    if request.method in SAFE or path in TOKENLESS:
        return
    token = request.headers.get("x-csrf-token", "")
    if not token:
        token = str((await request.form()).get("csrf", ""))
    if not session.fits(token):
        raise NotAllowed(FOREIGN)


def signed_in(session: Current) -> Actor:
    """Give who asks. Raises `NeedLogin`."""
    if session is None:
        raise NeedLogin
    return session.actor


Person = Annotated[Actor, Depends(signed_in)]


def address_of(request: Request) -> str:
    """Give the address a request comes from."""
    return request.client.host if request.client else ""

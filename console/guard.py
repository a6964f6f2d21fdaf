"""What stands before every page: language, headers, origin, session, form token.

No rule about roles is here: rooms enforce them. This only finds out who asks and that the
request comes from our own pages.
"""

from __future__ import annotations

import asyncio
import logging
from http.cookies import CookieError, SimpleCookie
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console import session as sessions
from console.desk import Desk
from console.render import broken, to_login
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
UTF8 = frozenset({b"utf-8", b"utf8"})
KEPT = frozenset({200, 206, 304})
"""Only what is there may be kept by browsers; a file that is missing today may come tomorrow."""
BODY_BYTES_MAX = 64 * 1024 * 1024
STRANGER_BYTES_MAX = 4 * 1024 * 1024
"""Whoever is not logged in sends no files: a form's text at most (`kept` hands it back)."""
MACHINE_BYTES_MAX = 64 * 1024
BODY_S = 300
"""So long may the whole body of one request take; who drips it byte by byte is let go."""
CSP = (
    "default-src 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",  # for browsers that do not know frame-ancestors
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
}
SLOW = N_("The request took too long to arrive, so nothing was changed. Try again.")
FOREIGN = N_(
    "This request did not come from a page of this console, so nothing was changed. Open the page "
    "again and repeat it there."
)


class NeedLogin(Exception):
    """Nobody is logged in; the login page leads back to where they were."""


class TooSlow(Exception):
    """The body of a request did not arrive in time."""


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
                _put_headers(scope, message["status"], MutableHeaders(scope=message))
            await send(message)

        with speak(_language(headers)):
            try:
                answer = _refusal(scope, headers) or await _stranger(scope, headers) or self.app
                await answer(scope, _in_time(receive), send_on)
            except TooSlow:
                if begun:
                    raise
                await PlainTextResponse(_(SLOW), 408)(scope, receive, send_on)
            except Exception:  # the one place around a request: a bug breaks a page, no console
                LOG.exception("%s %s stopped by a fault", scope["method"], scope["path"])
                if begun:
                    raise
                await broken(Request(scope))(scope, receive, send_on)


def _refusal(scope: Scope, headers: Headers) -> Response | None:
    if scope["method"] in SAFE:
        return None
    machine = scope["path"].startswith(MACHINES)
    if not machine and not is_own(headers):
        return PlainTextResponse(_(FOREIGN), 403)
    length = headers.get("content-length", "")
    # With both, the server would go by the chunks, and the length would be no promise.
    if "transfer-encoding" in headers or not length.isascii() or not length.isdigit():
        return PlainTextResponse(_("The request does not say how long it is."), 411)
    if machine and int(length) > MACHINE_BYTES_MAX:
        return PlainTextResponse(_("That is more than a platform sends at once (64 KB)."), 413)
    if int(length) > BODY_BYTES_MAX:
        return PlainTextResponse(_("That is more than the console takes at once (64 MB)."), 413)
    # Other charsets unfold to what no database takes (half a surrogate pair).
    _kind, told = parse_options_header(headers.get("content-type", ""))
    if told.get(b"charset", b"utf-8").lower() not in UTF8:
        return PlainTextResponse(_("Forms are sent as UTF-8 here."), 415)
    return None


async def _stranger(scope: Scope, headers: Headers) -> Response | None:
    """Refuse a large body of somebody who is not logged in, before anything of it is read."""
    if scope["method"] in SAFE or int(headers["content-length"]) <= STRANGER_BYTES_MAX:
        return None
    request = Request(scope)
    found = await run_in_threadpool(current, request, scope["app"].state.desk)
    return None if found else to_login(request)


def _in_time(receive: Receive) -> Receive:
    """Give the body as it arrives. Raises `TooSlow` when it takes longer than `BODY_S`."""
    until = asyncio.get_running_loop().time() + BODY_S
    whole = False

    async def receive_in_time() -> Message:
        nonlocal whole
        if whole:  # what follows is only whether the visitor is still there
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise TooSlow from None
        whole = not message.get("more_body", False)
        return message

    return receive_in_time


def _put_headers(scope: Scope, status: int, headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    if not scope["path"].startswith("/static/") or status not in KEPT:
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
    found.follow()
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
    path: str = request.scope["path"]  # never from the URL, which the Host header is part of
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
        await request.close()
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

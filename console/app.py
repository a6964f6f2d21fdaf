"""The console's application: pages registered, errors turned into pages, static files."""

from __future__ import annotations

import logging

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from console import guard, kept
from console.desk import Desk
from console.guard import NeedLogin
from console.pages import (
    accounts,
    callback,
    doubts,
    health,
    ledger,
    login,
    media,
    notices,
    people,
    queue,
    queue_add,
    review,
    search,
    setup,
    stop,
    stories,
    today,
    writing,
)
from console.places import in_order
from console.render import STATIC, error_page, status_of, to_login
from scheduler.clock import Clock
from scheduler.config import Settings
from scheduler.errors import FabuError
from scheduler.store import Store

LOG = logging.getLogger("fabu.console")
PAGES = (
    login,
    today,
    writing,
    stories,
    media,
    review,
    queue_add,
    queue,
    doubts,
    ledger,
    accounts,
    people,
    setup,
    stop,
    search,
    notices,
    health,
    callback,
)
"""Every module of pages; its `router` is added, its `PLACE`, if any, stands on the left."""


def build(settings: Settings, store: Store, clock: Clock) -> FastAPI:
    """Give the application of one installation; the caller opens and closes the store."""
    app = FastAPI(title="Fabutai", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = Desk(settings, store, clock)
    app.state.places = in_order([page.PLACE for page in PAGES if hasattr(page, "PLACE")])
    for page in PAGES:
        app.include_router(page.router, dependencies=[Depends(guard.admit)])
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(guard.Front)
    _handle_errors(app)
    return app


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(NeedLogin)
    async def login_first(request: Request, _error: NeedLogin) -> Response:
        typed = await kept.from_form(request)
        return login.keep(request, typed) if typed else to_login(request)

    @app.exception_handler(FabuError)
    def of_a_room(request: Request, error: FabuError) -> Response:
        return error_page(request, status_of(error), error)

    @app.exception_handler(HTTPException)
    def of_the_address(request: Request, error: HTTPException) -> Response:
        if not hasattr(request.state, "session"):  # no page was found that would have asked
            guard.current(request, guard.desk_of(request))
        return error_page(request, error.status_code)

    @app.exception_handler(RequestValidationError)
    def of_the_form(request: Request, error: RequestValidationError) -> Response:
        in_address = any(one["loc"][0] == "path" for one in error.errors())
        return error_page(request, 404 if in_address else 400)

    @app.exception_handler(OverflowError)
    @app.exception_handler(DataError)
    def of_a_value(request: Request, _error: Exception) -> Response:
        # A number or a sign that the database cannot hold, so nothing there has it.
        return error_page(request, 404 if request.method == "GET" else 400)

    @app.exception_handler(OperationalError)
    def of_the_database(request: Request, error: OperationalError) -> Response:
        LOG.error("the database did not take it: %s", error.orig)
        request.state.session = None  # the frame would ask the database again
        return error_page(request, 503)

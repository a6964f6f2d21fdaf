"""The console's application: pages registered, errors turned into pages, static files."""

from __future__ import annotations

import logging

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from console import guard
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
    people,
    queue,
    queue_add,
    review,
    setup,
    stop,
    stories,
    today,
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
    def login_first(request: Request, _error: NeedLogin) -> Response:
        return to_login(request)

    @app.exception_handler(FabuError)
    def of_a_room(request: Request, error: FabuError) -> Response:
        return error_page(request, status_of(error), error)

    @app.exception_handler(HTTPException)
    def of_the_address(request: Request, error: HTTPException) -> Response:
        return error_page(request, error.status_code)

    @app.exception_handler(RequestValidationError)
    def of_the_form(request: Request, _error: RequestValidationError) -> Response:
        return error_page(request, 400)

    @app.exception_handler(OperationalError)
    def of_the_database(request: Request, error: OperationalError) -> Response:
        LOG.error("the database did not take it: %s", error.orig)
        request.state.session = None  # the frame would ask the database again
        return error_page(request, 503)

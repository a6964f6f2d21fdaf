"""The web application: two platforms, the control interface and the pages over one world."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from email.utils import format_datetime

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator import control, pages
from simulator.gate import serve
from simulator.wechat import callback
from simulator.wechat.platform import WechatPlatform
from simulator.weibo.platform import WeiboPlatform
from simulator.world import World

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
TICK_S = 0.2


class _Dated:
    """Puts a Date header on every answer, by the world's clock."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with the header added where an answer starts."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime(self._world.clock.now(), usegmt=True)
                headers = [*message.get("headers", []), (b"date", now.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, dated)


def build(world: World) -> FastAPI:
    """Return the application over a world."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick(world))
        yield
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(_Dated, world=world)
    weibo, wechat = WeiboPlatform(world), WechatPlatform(world)

    async def to_weibo(request: Request) -> Response:
        return await serve(world, weibo, request)

    async def to_wechat(request: Request) -> Response:
        return await serve(world, wechat, request)

    for path in ("/oauth2/{rest:path}", "/2/{rest:path}"):
        app.add_route(path, to_weibo, methods=METHODS)
    app.add_route("/cgi-bin/{rest:path}", to_wechat, methods=METHODS)
    app.include_router(control.router(world))
    app.include_router(pages.router(world))
    return app


async def _tick(world: World) -> None:
    """End due jobs while nobody asks, so that callbacks go out by themselves."""
    while True:
        await asyncio.sleep(TICK_S)
        with world.lock:
            world.settle()
            events, world.wechat.outbox = world.wechat.outbox, []
        for event in events:
            await callback.deliver(event)

"""The way of every platform call: read, look up a fault, do the work under the lock, answer.

This is where "the work was done, but the client never heard of it" is made to happen. The order
inside `serve` is the point of the whole simulator: work and answer are two separate things.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Protocol

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.faults import Fault
from simulator.wire import Call, Reply, read_call
from simulator.world import World

BAD_GATEWAY_PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    b"</body>\r\n</html>\r\n"
)
GARBAGE = b"\x00\xff<!-- upstream returned an unreadable answer -->"


class Platform(Protocol):
    """What the gate needs to know of Weibo or of WeChat."""

    name: str

    def call_name(self, path: str) -> str:
        """Return the short name of a path, as `statuses/share`."""

    def who(self, call: Call) -> str | None:
        """Return the account a call speaks for, as far as can be told."""

    def work(self, call: Call) -> Reply:
        """Do the call: every check, every effect."""

    def busy(self, call: Call, *, done: bool) -> Reply:
        """Return the platform's word for "too busy", which may be said after the work."""

    def quota(self, call: Call) -> Reply:
        """Return the platform's word for "your calls are used up"."""

    def refusal(self, call: Call, code: int, text: str | None) -> Reply:
        """Return an error envelope with any code."""

    def kill_tokens(self, call: Call, code: int | None) -> None:
        """Make the caller's credentials worthless from now on."""

    def hide(self, made: object, seconds: float) -> None:
        """Keep what was made out of sight for so many simulated seconds."""


class Cut(Response):
    """Ends the TCP connection, after `part` of a body or without a single byte."""

    def __init__(self, part: bytes | None = None, *, media_type: str = "application/json") -> None:
        """Keep the part of the body that may still go out."""
        super().__init__(content=b"", media_type=media_type)
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the part, abort the transport, and wait until the server has noticed."""
        if self._part is not None:
            # No content-length: the server then frames in chunks, and the end chunk never comes.
            kind = (self.media_type or "application/json").encode()
            headers = [(b"content-type", kind)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self._part, "more_body": True})
        scope["state"]["transport"].abort()
        while (await receive())["type"] != "http.disconnect":
            pass


async def serve(
    world: World, platform: Platform, request: Request, after: BackgroundTask | None = None
) -> Response:
    """Answer one platform call, with whatever fault was ordered for it."""
    name = platform.call_name(request.url.path)
    call = await read_call(request, platform=platform.name, name=name, at=world.clock.now())
    with world.lock:
        world.settle()
        account = platform.who(call)
        entry = world.journal.open(call, account)
        fault = world.faults.take(name, account)
    if fault and fault.plan.waits == "before":
        await asyncio.sleep(fault.seconds)
    with world.lock:
        world.settle()
        call = replace(call, at=world.clock.now())
        reply = _do(platform, call, fault)
        answer = _ending(platform, call, fault, reply)
        if isinstance(answer, Reply):
            entry.status, entry.code = answer.status, answer.code
    if fault and fault.plan.waits == "after":
        await asyncio.sleep(fault.seconds)
    if not isinstance(answer, Reply):
        return answer
    response = Response(answer.body, status_code=answer.status, headers=answer.headers)
    # Set by hand: the framework would add a charset that WeChat does not send.
    response.headers["content-type"] = answer.media_type
    response.background = after
    return response


def _do(platform: Platform, call: Call, fault: Fault | None) -> Reply | None:
    if fault is None:
        return platform.work(call)
    if fault.plan.kills_token:
        code = fault.params.get("code")
        platform.kill_tokens(call, None if code is None else int(code))
    if not fault.plan.works:
        return None
    reply = platform.work(call)
    if reply.made is not None and "hidden_s" in fault.params:
        platform.hide(reply.made, float(fault.params["hidden_s"]))
    return reply


def _ending(
    platform: Platform, call: Call, fault: Fault | None, reply: Reply | None
) -> Reply | Response:
    ending = fault.plan.ending if fault else "answer"
    if fault is None or ending == "answer":
        assert reply is not None, "an answer needs the work"
        return reply
    if ending == "drop":
        return Cut()
    if ending == "bad_gateway":
        return Reply(502, BAD_GATEWAY_PAGE, "text/html", code=None)
    if ending == "busy":
        return platform.busy(call, done=fault.plan.works)
    if ending == "quota":
        return platform.quota(call)
    if ending == "code":
        return platform.refusal(call, int(fault.params["code"]), fault.params.get("text"))
    assert reply is not None, f"fault {fault.fault} garbles an answer, so there must be one"
    if ending == "garbage":
        return Reply(200, GARBAGE, reply.media_type, code=None)
    return Cut(reply.body[: max(1, len(reply.body) // 2)], media_type=reply.media_type)

"""The control interface under `/_control`: what tests and the demo see and steer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator import seed, timeline
from simulator.wechat import callback
from simulator.wechat.state import Account, Outcome
from simulator.world import World

PREFIX = "/_control"

Reader = Callable[[World, Request], Any]
Writer = Callable[[World, dict[str, Any]], Any]


def router(world: World) -> APIRouter:
    """Return the routes. Every one answers JSON; a wrong request gets 400 and {"error"}."""
    routes = APIRouter()
    for path, reader in READERS.items():
        routes.add_route(PREFIX + path, _reading(world, reader), methods=["GET"])
    for path, writer in WRITERS.items():
        routes.add_route(PREFIX + path, _writing(world, writer), methods=["POST"])
    routes.add_route(PREFIX + "/faults", _reading(world, clear_faults), methods=["DELETE"])
    return routes


def _reading(world: World, reader: Reader) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        with world.lock:
            world.settle()
            return _guarded(lambda: reader(world, request))

    return answer


def _writing(world: World, writer: Writer) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        try:
            order = await request.json() if raw.strip() else {}
        except ValueError:
            order = None
        if not isinstance(order, dict):
            return JSONResponse({"error": "the body must be a JSON object"}, status_code=400)
        with world.lock:
            world.settle()
            return _guarded(lambda: writer(world, order))

    return answer


def _guarded(work: Callable[[], Any]) -> Response:
    try:
        return JSONResponse(work())
    except KeyError as error:
        return JSONResponse({"error": f"{error} is missing or unknown"}, status_code=400)
    except (ValueError, TypeError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)


def counts(world: World, request: Request) -> Any:
    """Return how many posts the API ever made; deleted ones stay counted."""
    return {"weibo": world.weibo.created, "wechat": world.wechat.created}


def show_timeline(world: World, request: Request) -> Any:
    """Return every post of one account, newest first."""
    platform, account = request.query_params["platform"], request.query_params["account"]
    return {"posts": timeline.posts(world, platform, account)}


def calls(world: World, request: Request) -> Any:
    """Return the platform calls after number `since`."""
    return {"calls": world.journal.since(int(request.query_params.get("since", 0)))}


def clock(world: World, request: Request) -> Any:
    """Return the simulated time."""
    return _clock(world)


def faults(world: World, request: Request) -> Any:
    """Return every ordered fault and how far it is used up."""
    return {"faults": world.faults.listing()}


def clear_faults(world: World, request: Request) -> Any:
    """Forget all faults."""
    world.faults.clear()
    return {"ok": True}


def drafts(world: World, request: Request) -> Any:
    """Return the draft box of a WeChat account."""
    account = world.wechat.accounts[request.query_params["account"]]
    return {
        "drafts": [
            {
                "media_id": draft.media_id,
                "created_at": draft.created_at.isoformat(),
                "updated_at": draft.updated_at.isoformat(),
                "articles": draft.articles,
            }
            for draft in account.drafts.values()
        ]
    }


def set_clock(world: World, order: dict[str, Any]) -> Any:
    """Move the clock: to an offset from real time, or on from where it stands."""
    if "offset_s" in order:
        world.clock.move_to(float(order["offset_s"]))
    else:
        world.clock.advance(float(order["advance_s"]))
    world.settle()
    return _clock(world)


def add_fault(world: World, order: dict[str, Any]) -> Any:
    """Queue a fault."""
    return {"id": world.faults.add(order)}


def add_outcome(world: World, order: dict[str, Any]) -> Any:
    """Script how the next job of an account ends."""
    account = world.wechat.accounts[order["account"]]
    kind, status = order["kind"], order.get("status", 0)
    if kind == "freepublish" and status not in (0, 2, 3, 4):
        raise ValueError("a publish job ends with status 0, 2, 3 or 4")
    if kind == "mass" and isinstance(status, int):
        status = "send success" if status == 0 else "send fail"
    if kind not in ("freepublish", "mass"):
        raise ValueError("kind is freepublish or mass")
    options = world.wechat.options
    default_s = options.publish_s if kind == "freepublish" else options.mass_s
    outcome = Outcome(
        status, list(order.get("fail_idx") or []), float(order.get("after_s", default_s))
    )
    account.outcomes.setdefault(kind, []).append(outcome)
    return {"queued": len(account.outcomes[kind])}


def change_settings(world: World, order: dict[str, Any]) -> Any:
    """Change options; answers with all of them. Nothing changes when one name is unknown."""
    parts: dict[str, Any] = {"weibo": world.weibo.options, "wechat": world.wechat.options}
    changes = []
    for platform, values in order.items():
        known = {field.name for field in fields(parts[platform])}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"{platform} has no option {name!r}")
            changes.append((parts[platform], name, value))
    for callback_order in (order.get("wechat") or {}).get("callbacks", {}).values():
        callback.check(callback_order)
    for options, name, value in changes:
        setattr(options, name, value)
    return {
        platform: {field.name: getattr(options, field.name) for field in fields(options)}
        for platform, options in parts.items()
    }


def add_accounts(world: World, order: dict[str, Any]) -> Any:
    """Add apps, users, tokens and accounts; the shape is that of a seed file."""
    strange = sorted(set(order) - {"weibo", "wechat"})
    if strange:
        raise ValueError(f"not a platform: {', '.join(strange)}")
    seed.plant_weibo(world.weibo, order.get("weibo") or {}, world.clock.now())
    seed.plant_wechat(world.wechat, order.get("wechat") or {})
    return {
        "weibo": sorted(world.weibo.users),
        "wechat": sorted(world.wechat.accounts),
    }


def change_account(world: World, order: dict[str, Any]) -> Any:
    """Change fields of one WeChat account or Weibo app or user, say its followers or quota."""
    holder: Any
    if order["platform"] == "wechat":
        holder = world.wechat.accounts[order["account"]]
        allowed = {field.name for field in fields(Account)}
    else:
        users, apps = world.weibo.users, world.weibo.apps
        holder = users.get(order["account"]) or apps[order["account"]]
        allowed = {field.name for field in fields(holder)}
    changes = {name: order[name] for name in order if name not in ("platform", "account")}
    for name in changes:
        if name not in allowed or name in seed.GROWN:
            raise ValueError(f"no field {name!r} to set")
    for name, value in changes.items():
        setattr(holder, name, value)
    return {"ok": True}


def handmade(world: World, order: dict[str, Any]) -> Any:
    """Put a post into a timeline that nobody made through the API."""
    return timeline.add_by_hand(world, order)


def vanish(world: World, order: dict[str, Any]) -> Any:
    """Let a post disappear."""
    return timeline.vanish(world, order)


def reset(world: World, order: dict[str, Any]) -> Any:
    """Go back to the seed."""
    world.reset()
    return {"ok": True}


def _clock(world: World) -> dict[str, Any]:
    return {"now": world.clock.now().isoformat(), "offset_s": world.clock.offset_s}


READERS: dict[str, Reader] = {
    "/counts": counts,
    "/timeline": show_timeline,
    "/calls": calls,
    "/clock": clock,
    "/faults": faults,
    "/drafts": drafts,
}
WRITERS: dict[str, Writer] = {
    "/clock": set_clock,
    "/faults": add_fault,
    "/outcome": add_outcome,
    "/settings": change_settings,
    "/accounts": add_accounts,
    "/account": change_account,
    "/handmade": handmade,
    "/vanish": vanish,
    "/reset": reset,
}

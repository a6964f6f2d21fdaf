"""Calls per day and minute, and the calls that read or clear the counters.

Daily figures are those published for a new account (read 2026-11-22); the count starts anew at
midnight in Beijing, which is assumed and not published.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.clock import beijing_day, beijing_month
from simulator.wechat.codes import WechatError
from simulator.wechat.state import Account
from simulator.wire import Call
from simulator.world import World

CLEARS_PER_MONTH = 10

CALLS_PER_DAY: dict[str, int] = {
    "token": 2000,
    "stable_token": 500_000,
    "media/uploadimg": 100_000,
    "media/upload": 100_000,
    "media/get": 200_000,
    "material/add_material": 100_000,
    "material/get_material": 200_000,
    "material/batchget_material": 1000,
    "material/get_materialcount": 1000,
    "material/del_material": 1000,
    "draft/add": 1000,
    "draft/get": 500,
    "draft/delete": 1000,
    "draft/update": 1000,
    "draft/count": 1000,
    "draft/batchget": 1000,
    "freepublish/submit": 100,
    "freepublish/get": 100,
    "freepublish/delete": 10,
    "freepublish/getarticle": 100,
    "freepublish/batchget": 100,
    "message/mass/sendall": 100,
    "message/mass/get": 100,
    "message/mass/delete": 10,
    "message/mass/preview": 100,
    "user/get": 500,
}
CALLS_PER_MINUTE: dict[str, int] = {"message/mass/sendall": 60, "stable_token": 10_000}


def count(account: Account, name: str, now: datetime) -> None:
    """Count one call, or refuse it when the minute's or the day's number is reached."""
    minute = now.strftime("%Y-%m-%dT%H:%M")
    day = beijing_day(now)
    per_minute = CALLS_PER_MINUTE.get(name)
    if per_minute is not None and account.used[(name, minute)] >= per_minute:
        raise WechatError(45011)
    limit = _limit(account, name)
    if limit is not None and account.used[(name, day)] >= limit:
        raise WechatError(45009)
    account.used[(name, minute)] += 1
    account.used[(name, day)] += 1


def get(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Tell the day's limit, what was used and what is left of one call."""
    name = _name(body)
    limit = _limit(account, name) or 0
    used = account.used[(name, beijing_day(call.at))]
    return {
        "errcode": 0,
        "errmsg": "ok",
        "quota": {"daily_limit": limit, "used": used, "remain": max(0, limit - used)},
        "rate_limit": {"call_count": CALLS_PER_MINUTE.get(name, 0), "refresh_second": 60},
        "component_rate_limit": {"call_count": 0, "refresh_second": 0},
    }


def clear_all(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Set every counter of the day to nought; ten times a month."""
    if body.get("appid", account.appid) != account.appid:
        raise WechatError(40013)
    _clear(account, call.at, CALLS_PER_DAY)
    return {"errcode": 0, "errmsg": "ok"}


def clear_one(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Set one counter of the day to nought."""
    _clear(account, call.at, {_name(body): 0})
    return {"errcode": 0, "errmsg": "ok"}


def _clear(account: Account, now: datetime, names: dict[str, int]) -> None:
    month = beijing_month(now)
    if account.used[("clear_quota", month)] >= CLEARS_PER_MONTH:
        raise WechatError(48006)
    account.used[("clear_quota", month)] += 1
    for name in names:
        account.used[(name, beijing_day(now))] = 0


def _limit(account: Account, name: str) -> int | None:
    return account.quota.get(name, CALLS_PER_DAY.get(name))


def _name(body: dict[str, Any]) -> str:
    name = str(body.get("cgi_path", "")).removeprefix("/cgi-bin/")
    if name not in CALLS_PER_DAY:
        raise WechatError(76021)
    return name

"""Access tokens: two separate spaces, one replaced at every fetch, one stable."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulator.clock import beijing_day
from simulator.wechat import quota
from simulator.wechat.codes import WechatError
from simulator.wechat.state import Account, Token, WechatState
from simulator.wire import Call
from simulator.world import World

LIFE_S = 7200
OVERLAP_S = 300
RENEW_EARLY_S = 300
FORCE_GAP_S = 30
FORCES_PER_DAY = 20


def find(state: WechatState, value: str | None, now: datetime) -> Account:
    """Return the account of a token sent with a business call, or raise 41001, 40001, 42001."""
    if not value:
        raise WechatError(41001)
    for account in state.accounts.values():
        token = account.tokens.get(value)
        if token is None:
            continue
        if token.dead or _outlived(token, now):
            raise WechatError(40001)
        if token.expires_at <= now:
            raise WechatError(42001)
        return account
    raise WechatError(40001)


def token(world: World, call: Call) -> dict[str, Any]:
    """Give a new token; the one before it works five minutes longer."""
    account = _login(world.wechat, call, call.query)
    quota.count(account, "token", call.at)
    for old in account.tokens.values():
        if old.space == "token" and old.replaced_at is None:
            old.replaced_at = call.at
    fresh = _issue(account, "token", call.at, world.rng)
    return {"access_token": fresh.value, "expires_in": LIFE_S}


def stable_token(world: World, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Give the same token while it is good; with force_refresh a new one, the old one dead."""
    account = _login(world.wechat, call, body)
    quota.count(account, "stable_token", call.at)
    living = [t for t in account.tokens.values() if t.space == "stable" and not t.dead]
    if body.get("force_refresh") is True:
        _check_force(account, call.at)
        account.forced_at.append(call.at)
        for old in living:
            old.dead = True
        living = []
    for good in living:
        left_s = int((good.expires_at - call.at).total_seconds())
        if left_s > RENEW_EARLY_S:
            return {"access_token": good.value, "expires_in": left_s}
    fresh = _issue(account, "stable", call.at, world.rng)
    return {"access_token": fresh.value, "expires_in": LIFE_S}


def kill_all(account: Account) -> None:
    """Make every token of an account worthless."""
    for old in account.tokens.values():
        old.dead = True


def _outlived(token: Token, now: datetime) -> bool:
    if token.replaced_at is None:
        return False
    return (now - token.replaced_at).total_seconds() >= OVERLAP_S


def _issue(account: Account, space: str, now: datetime, rng: Random) -> Token:
    value = f"{rng.randrange(10, 100)}_{rng.getrandbits(512):0128x}"
    fresh = Token(value, space, now + timedelta(seconds=LIFE_S))
    account.tokens[value] = fresh
    return fresh


def _check_force(account: Account, now: datetime) -> None:
    # What is answered here is not published; the two codes are our choice.
    if account.forced_at and (now - account.forced_at[-1]).total_seconds() < FORCE_GAP_S:
        raise WechatError(45011)
    today = [at for at in account.forced_at if beijing_day(at) == beijing_day(now)]
    if len(today) >= FORCES_PER_DAY:
        raise WechatError(45009)


def _login(state: WechatState, call: Call, sent: dict[str, Any]) -> Account:
    appid = sent.get("appid")
    if not appid:
        raise WechatError(41002)
    account = state.accounts.get(str(appid))
    if account is None:
        raise WechatError(40013)
    if sent.get("grant_type") != "client_credential":
        raise WechatError(40002)
    if not sent.get("secret"):
        raise WechatError(41004)
    if sent["secret"] != account.secret:
        raise WechatError(40125)
    if account.ip_allow and call.client_ip not in account.ip_allow:
        raise WechatError(40164, call.client_ip)
    if account.banned:
        raise WechatError(50002)
    return account

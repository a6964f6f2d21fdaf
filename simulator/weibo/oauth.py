"""OAuth2: the authorise page, code for token, token data, revocation."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from simulator.clock import unix_s
from simulator.weibo.access import sent_token
from simulator.weibo.codes import WeiboError, text_of
from simulator.weibo.state import App, Grant, Token, WeiboState
from simulator.wire import Call, Reply
from simulator.world import World

CODE_LIFE_S = 600
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>授权（模拟）</title>
<body style="font-family:sans-serif;max-width:32em;margin:4em auto">
<h1>授权应用“{app}”</h1><p>这是本机的模拟授权页，不连接微博。</p>
<p>以哪个账号授权？</p>{choices}<p><a href="{deny}">取消</a></p></body></html>"""


def authorize(world: World, call: Call) -> Reply:
    """Show the page, or (with `decision`) send the browser back with a code or a refusal."""
    state = world.weibo
    app = state.apps.get(call.param("client_id") or "")
    if app is None:
        raise WeiboError(21324)
    address = call.param("redirect_uri") or ""
    if not _address_allowed(app, address):
        raise WeiboError(21322)
    decision = call.param("decision")
    if decision is None:
        return _page(state, call, app)
    back = {"state": call.param("state")} if call.param("state") else {}
    uid = call.param("uid") or ""
    if decision != "allow" or uid not in state.users:
        back |= {
            "error_uri": "/oauth2/authorize",
            "error": text_of(21330),
            "error_description": "user denied your request.",
            "error_code": "21330",
        }
    else:
        code = f"{world.rng.getrandbits(128):032x}"
        until = call.at + timedelta(seconds=CODE_LIFE_S)
        state.grants[code] = Grant(code, uid, app.app_key, address, until)
        back["code"] = code
    joint = "&" if urlsplit(address).query else "?"
    return Reply(302, b"", "text/html", headers={"location": address + joint + urlencode(back)})


def access_token(world: World, call: Call) -> dict[str, Any]:
    """Exchange a code for a token; the code works once."""
    state = world.weibo
    app = _client(state, call)
    kind = call.param("grant_type")
    if kind is None:
        raise WeiboError(21323)
    if kind != "authorization_code":
        raise WeiboError(21328)
    grant = state.grants.get(call.param("code") or "")
    if grant is None or grant.used or grant.expires_at <= call.at or grant.app_key != app.app_key:
        raise WeiboError(21325)
    if call.param("redirect_uri") != grant.redirect_uri:
        raise WeiboError(21322)
    grant.used = True
    life_s = state.life_s(app, grant.uid)
    value = f"2.00{world.rng.getrandbits(112):028x}"
    state.issue(value, grant.uid, app, call.at, life_s)
    return {
        "access_token": value,
        "remind_in": str(life_s),
        "expires_in": life_s,
        "uid": grant.uid,
        "isRealName": "true",
    }


def get_token_info(world: World, call: Call) -> dict[str, Any]:
    """Tell whose token it is and how many seconds it has left."""
    token = _live_token(world.weibo, call)
    numbers = {
        "create_at": unix_s(token.created_at),
        "expire_in": unix_s(token.expires_at) - unix_s(call.at),
    }
    uid: Any = int(token.uid)
    if world.weibo.options.token_info_as_strings:
        strings = {name: str(value) for name, value in numbers.items()}
        return {"uid": token.uid, "appkey": token.app_key, "scope": None, **strings}
    return {"uid": uid, "appkey": token.app_key, "scope": None, **numbers}


def revoke(world: World, call: Call) -> dict[str, Any]:
    """Take the grant back: the token is dead from here on."""
    _live_token(world.weibo, call).dead_code = world.weibo.options.revoked_code
    return {"result": True if world.weibo.options.revoke_result_as_bool else "true"}


def _address_allowed(app: App, address: str) -> bool:
    if app.redirect_uri is not None:
        return address == app.redirect_uri
    try:
        return (urlsplit(address).hostname or "") in _LOOPBACK
    except ValueError:
        return False


def _page(state: WeiboState, call: Call, app: App) -> Reply:
    names = ("client_id", "redirect_uri", "state")
    kept = {name: call.param(name) or "" for name in names}

    def link(**more: str) -> str:
        return escape("/oauth2/authorize?" + urlencode({**kept, **more}))

    choices = "".join(
        f'<p><a href="{link(decision="allow", uid=user.uid)}">{escape(user.screen_name)}'
        f"（{user.uid}）</a></p>"
        for user in state.users.values()
    )
    page = _PAGE.format(app=escape(app.name), choices=choices, deny=link(decision="deny"))
    return Reply(200, page.encode(), "text/html; charset=utf-8")


def _client(state: WeiboState, call: Call) -> App:
    key, secret = call.param("client_id"), call.param("client_secret")
    kind, _, rest = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            key, _, secret = base64.b64decode(rest).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise WeiboError(21324) from None
    if not key or not secret:
        raise WeiboError(21323)
    app = state.apps.get(key)
    if app is None or app.secret != secret:
        raise WeiboError(21324)
    return app


def _live_token(state: WeiboState, call: Call) -> Token:
    value = sent_token(call)
    if value is None:
        raise WeiboError(10006)
    token = state.tokens.get(value)
    if token is None:
        raise WeiboError(21332)
    if token.dead_code is not None:
        raise WeiboError(token.dead_code)
    if token.expires_at <= call.at:
        raise WeiboError(21327)
    return token

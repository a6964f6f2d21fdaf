"""The accounts a world starts with, and the adding of more while it runs.

Shape of a seed file: {"weibo": {"apps": [App fields], "users": [User fields], "tokens":
[{"value", "uid", "app_key", "life_s"}]}, "wechat": {"accounts": [Account fields]}}. A part that
is missing is empty; field names are those of the dataclasses in the two `state` modules.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from simulator.wechat.state import Account, WechatState
from simulator.weibo.state import App, User, WeiboState

DEFAULT_SEED: dict[str, Any] = {
    "weibo": {
        "apps": [
            {
                "app_key": "1000000001",
                "secret": "weibo-demo-secret",
                "name": "示例应用",
                "domains": ["www.example.gov.cn"],
            }
        ],
        "users": [{"uid": "5990001234", "screen_name": "示例应急", "followers": 12345}],
        "tokens": [
            {
                "value": "2.00demoWeiboToken",
                "uid": "5990001234",
                "app_key": "1000000001",
                "life_s": 2_592_000,
            }
        ],
    },
    "wechat": {
        "accounts": [
            {
                "appid": "wx0000000000000001",
                "secret": "wechat-demo-secret",
                "nickname": "示例应急",
                "kind": "service",
                "followers": 603,
            },
            {
                "appid": "wx0000000000000002",
                "secret": "wechat-demo-secret-2",
                "nickname": "示例应急订阅号",
                "kind": "subscription",
                "followers": 603,
            },
        ]
    },
}


def plant_weibo(state: WeiboState, part: dict[str, Any], now: datetime) -> None:
    """Add apps, users and tokens; ValueError names an unknown field or a missing owner."""
    for order in part.get("apps") or []:
        app = App(**_known(App, order))
        state.apps[app.app_key] = app
    for order in part.get("users") or []:
        user = User(**_known(User, order))
        state.users[user.uid] = user
    for order in part.get("tokens") or []:
        uid, app_key = str(order.get("uid")), str(order.get("app_key"))
        if uid not in state.users or app_key not in state.apps:
            raise ValueError(f"a token needs a known user and app, not {uid!r} and {app_key!r}")
        app = state.apps[app_key]
        life_s = int(order.get("life_s", state.life_s(app, uid)))
        state.issue(str(order["value"]), uid, app, now, life_s)


def plant_wechat(state: WechatState, part: dict[str, Any]) -> None:
    """Add accounts; ValueError names an unknown field."""
    for order in part.get("accounts") or []:
        account = Account(**_known(Account, order))
        if account.kind not in ("service", "subscription"):
            raise ValueError(f"a WeChat account is service or subscription, not {account.kind!r}")
        state.accounts[account.appid] = account


def _known(shape: type[Any], order: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(shape)} - GROWN
    strange = sorted(set(order) - names)
    if strange:
        raise ValueError(f"{shape.__name__} has no field {', '.join(strange)} to set")
    missing = sorted((_REQUIRED & names) - set(order))
    if missing:
        raise ValueError(f"{shape.__name__} needs {', '.join(missing)}")
    return order


_REQUIRED = {"app_key", "secret", "uid", "screen_name", "appid"}

# What comes into being while the world runs and cannot be given beforehand.
GROWN = {
    "posts",
    "tokens",
    "media",
    "drafts",
    "jobs",
    "publications",
    "outcomes",
    "used",
    "sent_keys",
    "forced_at",
}

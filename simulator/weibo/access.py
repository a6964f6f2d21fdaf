"""Who may call: token, unreviewed app, allowed addresses, and the three rate counters.

The order is that of the checks before a call's own; it is our choice, nobody has published it.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.clock import beijing_day, beijing_hour
from simulator.weibo.codes import WeiboError
from simulator.weibo.state import App, Token, User, WeiboState
from simulator.wire import Call


@dataclass(frozen=True)
class Caller:
    """A checked caller."""

    token: Token
    app: App
    user: User


def sent_token(call: Call) -> str | None:
    """Return the token: a parameter in query, form or multipart, or an `OAuth2` header."""
    value = call.param("access_token")
    if value:
        return value
    kind, _, rest = call.headers.get("authorization", "").partition(" ")
    return rest.strip() or None if kind.lower() == "oauth2" else None


def check_caller(state: WeiboState, call: Call) -> Caller:
    """Return the caller, or raise the refusal that comes first."""
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
    app, user = state.apps[token.app_key], state.users[token.uid]
    if app.level == "test" and token.uid != app.owner_uid and token.uid not in app.test_uids:
        raise WeiboError(21321)
    if app.safety_ips and call.client_ip not in app.safety_ips:
        raise WeiboError(10004)
    return Caller(token, app, user)


def count_call(state: WeiboState, call: Call, caller: Caller) -> None:
    """Count a call against the address and the user, or refuse it when the counter is full."""
    by_ip = (call.client_ip, beijing_hour(call.at))
    by_user = (caller.user.uid, caller.app.app_key, beijing_day(call.at))
    if state.ip_calls[by_ip] >= state.options.calls_per_ip_hour:
        raise WeiboError(10022)
    if state.user_calls[by_user] >= state.options.calls_per_day:
        raise WeiboError(10023)
    state.ip_calls[by_ip] += 1
    state.user_calls[by_user] += 1


def check_pace(state: WeiboState, call: Call, caller: Caller) -> None:
    """Refuse a post that comes too soon after the last, or as one too many in its hour."""
    uid = caller.user.uid
    if state.posts_made[(uid, beijing_hour(call.at))] >= state.options.posts_per_hour:
        raise WeiboError(10024, "statuses/share")
    posts = caller.user.posts
    age_s = (call.at - posts[-1].created_at).total_seconds() if posts else -1.0
    if 0 <= age_s < state.options.min_gap_s:
        raise WeiboError(20016)

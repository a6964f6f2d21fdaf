"""Reading back: timelines, single posts, counts, number conversion, users."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.clock import beijing, beijing_day, beijing_hour, unix_s
from simulator.weibo.access import Caller
from simulator.weibo.codes import WeiboError
from simulator.weibo.mid import to_bid, to_mid
from simulator.weibo.shape import status_object, user_object
from simulator.weibo.state import Post, User, WeiboState
from simulator.wire import Call
from simulator.world import World

COUNT_MAX = 100


def whole(state: WeiboState, post: Post, now: datetime, *, trim_user: bool = False) -> Any:
    """Return a post's status form."""
    user = state.users[post.uid]
    app = state.apps.get(post.app_key) if post.app_key else None
    return status_object(
        post, user, app, now, url_objects=state.options.url_objects, trim_user=trim_user
    )


def user_timeline(world: World, call: Call, caller: Caller) -> Any:
    """Return the newest posts of the token's own user: five at most, whatever `count` says."""
    posts, total = _window(world.weibo, call, caller)
    trim = call.param("trim_user") == "1"
    statuses = [whole(world.weibo, post, call.at, trim_user=trim) for post in posts]
    return _timeline(statuses, total)


def user_timeline_ids(world: World, call: Call, caller: Caller) -> Any:
    """Return the same window as numbers only."""
    posts, total = _window(world.weibo, call, caller)
    return _timeline([str(post.id) for post in posts], total)


def show(world: World, call: Call, caller: Caller) -> Any:
    """Return one of the caller's own posts."""
    sent = call.param("id")
    if sent is None:
        raise WeiboError(10016, "id")
    for post in caller.user.posts:
        if str(post.id) == sent and post.seen(call.at):
            return whole(world.weibo, post, call.at)
    raise WeiboError(20101)


def count(world: World, call: Call, caller: Caller) -> Any:
    """Return the counters of up to 100 posts; unknown ones are left out."""
    ids = _many(call, "ids", COUNT_MAX)
    known = {str(post.id) for user in world.weibo.users.values() for post in user.posts}
    plain = {"comments": 0, "reposts": 0, "attitudes": 0}
    return [{"id": int(id), "idstr": id, **plain} for id in ids if id in known]


def queryid(world: World, call: Call, caller: Caller) -> Any:
    """Return the number of a post for its page address form."""
    known = {str(post.id) for user in world.weibo.users.values() for post in user.posts}
    base62 = call.param("isBase62") == "1"
    answers = []
    for mid in _many(call, "mid", 20):
        try:
            number = to_mid(mid) if base62 else mid
        except ValueError:
            number = "-1"
        answers.append((mid, number if number in known else "-1"))
    if call.param("is_batch") == "1":
        return [{mid: id} for mid, id in answers]
    return {"id": answers[0][1]}


def querymid(world: World, call: Call, caller: Caller) -> Any:
    """Return the page address form of a post's number."""
    ids = _many(call, "id", 20)
    if not all(id.isdecimal() for id in ids):
        raise WeiboError(10008)
    if call.param("is_batch") == "1":
        return [{id: to_bid(id)} for id in ids]
    return {"mid": to_bid(ids[0])}


def get_uid(world: World, call: Call, caller: Caller) -> Any:
    """Return whose token it is."""
    return {"uid": caller.user.uid}


def users_show(world: World, call: Call, caller: Caller) -> Any:
    """Return a user with the latest post."""
    user = _named(world.weibo, call)
    answer = user_object(user, call.at)
    latest = next((post for post in reversed(user.posts) if post.seen(call.at)), None)
    if latest is not None:
        answer["status"] = whole(world.weibo, latest, call.at, trim_user=True)
    return answer


def users_counts(world: World, call: Call, caller: Caller) -> Any:
    """Return the follower and post counts of up to 100 users."""
    users = [world.weibo.users.get(uid) for uid in _many(call, "uids", COUNT_MAX)]
    forms = [user_object(user, call.at) for user in users if user is not None]
    names = ("id", "followers_count", "friends_count", "statuses_count", "pagefriends_count")
    return [{**{name: form[name] for name in names}, "private_friends_count": 0} for form in forms]


def rate_limit_status(world: World, call: Call, caller: Caller) -> Any:
    """Return what is left of the counters; asking is not counted."""
    state, options = world.weibo, world.weibo.options
    used = state.user_calls[(caller.user.uid, caller.app.app_key, beijing_day(call.at))]
    by_ip = state.ip_calls[(call.client_ip, beijing_hour(call.at))]
    posted = state.posts_made[(caller.user.uid, beijing_hour(call.at))]
    reset_s = 3600 - unix_s(call.at) % 3600
    reset = datetime.fromtimestamp(unix_s(call.at) + reset_s, tz=call.at.tzinfo)
    posting = {
        "api": "/statuses/share",
        "limit": options.posts_per_hour,
        "limit_time_unit": "HOURS",
        "remaining_hits": max(0, options.posts_per_hour - posted),
    }
    return {
        "ip_limit": options.calls_per_ip_hour,
        "limit_time_unit": "HOURS",
        "remaining_ip_hits": max(0, options.calls_per_ip_hour - by_ip),
        "remaining_user_hits": max(0, options.calls_per_day - used),
        "reset_time": beijing(reset).strftime("%Y-%m-%d %H:%M:%S"),
        "reset_time_in_seconds": reset_s,
        "user_limit": options.calls_per_day,
        "api_rate_limits": [posting],
    }


def _window(state: WeiboState, call: Call, caller: Caller) -> tuple[list[Post], int]:
    uid, name = call.param("uid"), call.param("screen_name")
    if uid not in (None, "", caller.user.uid) or name not in (None, "", caller.user.screen_name):
        raise WeiboError(21335)
    shown = [post for post in reversed(caller.user.posts) if post.seen(call.at) or post.stub]
    cap = state.options.timeline_cap
    if state.options.cap_before_base_app:
        shown = shown[:cap]
    if call.param("base_app") == "1":
        shown = [post for post in shown if post.app_key == caller.app.app_key]
    if call.param("feature") == "2":
        shown = [post for post in shown if post.picture]
    # The cap is on the newest posts, not on a page: max_id does not reach behind it.
    newest = shown[:cap]
    since, upto = _number(call, "since_id", 0), _number(call, "max_id", 0)
    newest = [p for p in newest if p.id > since and (upto == 0 or p.id <= upto)]
    size = min(_number(call, "count", 20), COUNT_MAX)
    start = (max(1, _number(call, "page", 1)) - 1) * size
    return newest[start : start + size], len(shown)


def _timeline(statuses: list[Any], total: int) -> dict[str, Any]:
    return {
        "statuses": statuses,
        "hasvisible": False,
        "previous_cursor": 0,
        "next_cursor": 0,
        "total_number": total,
    }


def _number(call: Call, name: str, default: int) -> int:
    sent = call.param(name)
    if sent is None or sent == "":
        return default
    if not sent.isdecimal():
        raise WeiboError(10008)
    return int(sent)


def _many(call: Call, name: str, most: int) -> list[str]:
    sent = call.param(name)
    if not sent:
        raise WeiboError(10016, name)
    values = sent.split(",")
    if len(values) > most:
        raise WeiboError(20009)
    return values


def _named(state: WeiboState, call: Call) -> User:
    uid, name = call.param("uid"), call.param("screen_name")
    if not uid and not name:
        raise WeiboError(10016, "uid")
    for user in state.users.values():
        if user.uid == uid or (not uid and user.screen_name == name):
            return user
    raise WeiboError(20003)

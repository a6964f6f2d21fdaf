"""`statuses/share`: the one write call left to an ordinary app, check by check."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from simulator.clock import beijing_hour
from simulator.pictures import sniff
from simulator.weibo.access import Caller, check_pace
from simulator.weibo.codes import NOT_BOUND, NOT_FOUND, WeiboError
from simulator.weibo.length import LENGTH_MAX, URL_PATTERN, length
from simulator.weibo.shape import displayed, shorten
from simulator.weibo.state import App, Post, User, WeiboState
from simulator.wire import Call
from simulator.world import World

PICTURE_MAX_BYTES = 5 * 1024 * 1024
PICTURE_KINDS = ("jpeg", "png", "gif")


def share(world: World, call: Call, caller: Caller) -> Post:
    """Publish a status for the caller and return it, or raise the first refusal."""
    state = world.weibo
    check_pace(state, call, caller)
    text = call.param("status")
    if text is None:
        raise WeiboError(10016, "status")
    if not text.strip():
        raise WeiboError(20008)
    _check_domain(caller.app, text)
    if length(text) > LENGTH_MAX:
        raise WeiboError(20012)
    picture = _check_picture(call)
    for word, code in state.options.trigger_words.items():
        if word in text:
            raise WeiboError(code)
    _check_duplicate(state, caller.user, text, call.at)
    key = world.pictures.put(picture).key if picture is not None else None
    post = new_post(state, caller.user, text, call.at, app_key=caller.app.app_key, picture=key)
    if state.options.timeline_lag_s > 0:
        post.shown_at = call.at + timedelta(seconds=state.options.timeline_lag_s)
    state.posts_made[(caller.user.uid, beijing_hour(call.at))] += 1
    state.created += 1
    return post


def new_post(
    state: WeiboState,
    user: User,
    text: str,
    now: datetime,
    *,
    app_key: str | None,
    picture: str | None = None,
) -> Post:
    """Put a post into a user's timeline; `app_key` None means typed by hand."""
    id = state.new_id(now)
    short, links = shorten(text)
    shown, is_long = displayed(short, user.uid, id)
    post = Post(id, user.uid, app_key, text, shown, now, picture, links=links, is_long=is_long)
    user.posts.append(post)
    return post


def _check_domain(app: App, text: str) -> None:
    if not app.domains or not app.domains_approved:
        raise WeiboError(10017, text=NOT_BOUND)
    hosts = [urlsplit(url).hostname or "" for url in _links(text)]
    for domain in app.domains:
        if domain in hosts:
            return
        if app.subdomains_count and any(host.endswith("." + domain) for host in hosts):
            return
    raise WeiboError(10017, text=NOT_FOUND)


def _links(text: str) -> list[str]:
    found = []
    for match in URL_PATTERN.finditer(text):
        try:
            urlsplit(match.group())
        except ValueError:
            continue
        found.append(match.group())
    return found


def _check_picture(call: Call) -> bytes | None:
    if call.broken:
        raise WeiboError(20007)
    upload = call.files.get("pic")
    if upload is None:
        if call.param("pic") is not None:
            raise WeiboError(20007)  # a picture sent as a plain field is no picture
        return None
    if sniff(upload.data) not in PICTURE_KINDS:
        raise WeiboError(20005)
    if len(upload.data) >= PICTURE_MAX_BYTES:
        raise WeiboError(20006)
    return upload.data


def _check_duplicate(state: WeiboState, user: User, text: str, now: datetime) -> None:
    words = _normal(text)
    for post in reversed(user.posts):
        age_s = (now - post.created_at).total_seconds()
        if age_s < 0:
            continue  # made before the clock was set back
        earlier = _normal(post.sent)
        if age_s < state.options.duplicate_window_s and earlier == words:
            raise WeiboError(20019)
        if age_s < state.options.similar_window_s and _one_edit_apart(earlier, words):
            raise WeiboError(20017)


def _normal(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u200b", "")).strip()


def _one_edit_apart(first: str, second: str) -> bool:
    if abs(len(first) - len(second)) > 1:
        return False
    short, long = sorted((first, second), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]

"""Weibo as the gate sees it: which path is which call, and how answers are wrapped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from simulator.weibo import oauth, read
from simulator.weibo.access import Caller, check_caller, count_call, sent_token
from simulator.weibo.codes import WeiboError, status_of, text_of
from simulator.weibo.share import share
from simulator.weibo.state import Post
from simulator.wire import Call, Reply
from simulator.world import World

JSON_TYPE = "application/json; charset=utf-8"

Handler = Callable[[World, Call, Caller], Any]


@dataclass(frozen=True)
class Endpoint:
    """A call that needs a token. `counted` calls go against the day's budget."""

    handler: Handler
    method: str = "GET"
    counted: bool = True


ENDPOINTS: dict[str, Endpoint] = {
    "account/get_uid": Endpoint(read.get_uid),
    "account/rate_limit_status": Endpoint(read.rate_limit_status, counted=False),
    "statuses/user_timeline": Endpoint(read.user_timeline),
    "statuses/user_timeline/ids": Endpoint(read.user_timeline_ids),
    "statuses/show": Endpoint(read.show),
    "statuses/count": Endpoint(read.count),
    "statuses/queryid": Endpoint(read.queryid),
    "statuses/querymid": Endpoint(read.querymid),
    "users/show": Endpoint(read.users_show),
    "users/counts": Endpoint(read.users_counts),
}

OAUTH: dict[str, tuple[tuple[str, ...], Callable[[World, Call], Any]]] = {
    "oauth2/authorize": (("GET", "POST"), oauth.authorize),
    "oauth2/access_token": (("POST",), oauth.access_token),
    "oauth2/get_token_info": (("POST",), oauth.get_token_info),
    "oauth2/revokeoauth2": (("GET", "POST"), oauth.revoke),
}

LEGACY_WRITES = {
    "statuses/update",
    "statuses/upload",
    "statuses/upload_url_text",
    "statuses/repost",
    "statuses/destroy",
}


class WeiboPlatform:
    """The platform over one world."""

    name = "weibo"

    def __init__(self, world: World) -> None:
        """Speak for the Weibo part of a world."""
        self._world = world

    def call_name(self, path: str) -> str:
        """Return `statuses/share` for `/2/statuses/share.json`."""
        return path.removeprefix("/2").strip("/").removesuffix(".json")

    def who(self, call: Call) -> str | None:
        """Return the uid behind the token, dead or alive."""
        token = self._world.weibo.tokens.get(sent_token(call) or "")
        return token.uid if token else None

    def work(self, call: Call) -> Reply:
        """Do one call and wrap what comes of it."""
        try:
            return self._dispatch(call)
        except WeiboError as error:
            return self.refusal(call, error.code, error.text)

    def busy(self, call: Call, *, done: bool) -> Reply:
        """Answer 10009 (refused before the work) or 10010 (timed out in the middle)."""
        return self.refusal(call, 10010 if done else 10009, None)

    def quota(self, call: Call) -> Reply:
        """Answer 10023."""
        return self.refusal(call, 10023, None)

    def refusal(self, call: Call, code: int, text: str | None) -> Reply:
        """Answer with an error envelope; OAuth calls carry two more fields."""
        words = text if text is not None else text_of(code)
        as_string = self._world.weibo.options.error_code_as_string
        envelope: dict[str, Any] = {
            "request": call.path,
            "error_code": str(code) if as_string else code,
            "error": words,
        }
        if "oauth2/" in call.path:
            envelope["error_uri"] = call.path
            envelope["error_description"] = f"{words}: request refused"
        return _json(envelope, status=status_of(code, call.path), code=code)

    def kill_tokens(self, call: Call, code: int | None) -> None:
        """Make the sent token dead, with the given code or 21332."""
        token = self._world.weibo.tokens.get(sent_token(call) or "")
        if token is not None:
            token.dead_code = 21332 if code is None else code

    def hide(self, made: object, seconds: float) -> None:
        """Let a new post appear only after so many seconds."""
        if isinstance(made, Post):
            made.shown_at = made.created_at + timedelta(seconds=seconds)

    def _dispatch(self, call: Call) -> Reply:
        if call.name in OAUTH:
            methods, handler = OAUTH[call.name]
            if call.method not in methods:
                raise WeiboError(10021)
            answer = handler(self._world, call)
            return answer if isinstance(answer, Reply) else _json(answer)
        if call.name == "statuses/share" or call.name in LEGACY_WRITES:
            return self._write(call)
        endpoint = ENDPOINTS.get(call.name)
        if endpoint is None:
            raise WeiboError(10020)
        if call.method != endpoint.method:
            raise WeiboError(10021)
        caller = check_caller(self._world.weibo, call)
        if endpoint.counted:
            count_call(self._world.weibo, call, caller)
        return _json(endpoint.handler(self._world, call, caller))

    def _write(self, call: Call) -> Reply:
        if call.method != "POST":
            raise WeiboError(10021)
        state = self._world.weibo
        caller = check_caller(state, call)
        count_call(state, call, caller)
        # Granted apps aside, the old write calls are closed since 2017-06-30.
        open_call = call.name == "statuses/share" or (
            call.name == "statuses/update" and caller.app.legacy_write
        )
        if not open_call:
            raise WeiboError(10014)
        post = share(self._world, call, caller)
        return _json(read.whole(state, post, call.at), made=post)


def _json(answer: Any, *, status: int = 200, code: int = 0, made: Any = None) -> Reply:
    body = json.dumps(answer, ensure_ascii=False).encode()
    return Reply(status, body, JSON_TYPE, code=code, made=made)

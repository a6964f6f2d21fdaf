"""WeChat as the gate sees it: which path is which call, the checks before it, the wrapping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from simulator.wechat import draft, mass, media, publish, quota, tokens
from simulator.wechat.body import read_json, rid, write_json
from simulator.wechat.codes import WechatError, text_of
from simulator.wechat.state import Account
from simulator.wire import Call, Reply
from simulator.world import World

CONTENT_TYPE = "text/plain"

Handler = Callable[[World, Account, Call, dict[str, Any]], "dict[str, Any] | Reply"]


@dataclass(frozen=True)
class Endpoint:
    """A call with a token. `verified` ones are closed to personal and unverified accounts."""

    handler: Handler
    reads: Literal["json", "file", "nothing"] = "json"
    method: Literal["GET", "POST", ""] = "POST"
    verified: bool = False


def user_get(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Return the number of followers and the first of their ids."""
    ids = [f"oSim{number:024d}" for number in range(min(account.followers, 10_000))]
    return {
        "total": account.followers,
        "count": len(ids),
        "data": {"openid": ids},
        "next_openid": ids[-1] if ids else "",
    }


ENDPOINTS: dict[str, Endpoint] = {
    "media/uploadimg": Endpoint(media.uploadimg, reads="file"),
    "media/upload": Endpoint(media.upload, reads="file"),
    "media/get": Endpoint(media.download, reads="nothing", method="GET"),
    "material/add_material": Endpoint(media.add_material, reads="file"),
    "material/get_material": Endpoint(media.get_material),
    "material/get_materialcount": Endpoint(media.materialcount, reads="nothing", method=""),
    "material/batchget_material": Endpoint(media.batchget_material),
    "material/del_material": Endpoint(media.del_material),
    "draft/add": Endpoint(draft.add),
    "draft/update": Endpoint(draft.update),
    "draft/get": Endpoint(draft.get),
    "draft/batchget": Endpoint(draft.batchget),
    "draft/delete": Endpoint(draft.delete),
    "draft/count": Endpoint(draft.count, reads="nothing", method=""),
    "freepublish/submit": Endpoint(publish.submit, verified=True),
    "freepublish/get": Endpoint(publish.get, verified=True),
    "freepublish/getarticle": Endpoint(publish.getarticle, verified=True),
    "freepublish/batchget": Endpoint(publish.batchget, verified=True),
    "freepublish/delete": Endpoint(publish.delete, verified=True),
    "message/mass/sendall": Endpoint(mass.sendall, verified=True),
    "message/mass/get": Endpoint(mass.get, verified=True),
    "message/mass/delete": Endpoint(mass.delete, verified=True),
    "message/mass/preview": Endpoint(mass.preview, verified=True),
    "openapi/quota/get": Endpoint(quota.get),
    "openapi/quota/clear": Endpoint(quota.clear_one),
    "clear_quota": Endpoint(quota.clear_all),
    "user/get": Endpoint(user_get, reads="nothing", method="GET", verified=True),
}


class WechatPlatform:
    """The platform over one world."""

    name = "wechat"

    def __init__(self, world: World) -> None:
        """Speak for the WeChat part of a world."""
        self._world = world

    def call_name(self, path: str) -> str:
        """Return `draft/add` for `/cgi-bin/draft/add`."""
        return path.removeprefix("/cgi-bin").strip("/")

    def who(self, call: Call) -> str | None:
        """Return the appid behind the token, dead or alive, or the one that asks for a token."""
        sent = call.query.get("access_token")
        for account in self._world.wechat.accounts.values():
            if sent and sent in account.tokens:
                return account.appid
        appid = call.query.get("appid")
        if appid is None and call.name == "stable_token":
            try:
                appid = str(read_json(call.body, literal_escapes=False).get("appid"))
            except WechatError:
                return None
        return appid if appid in self._world.wechat.accounts else None

    def work(self, call: Call) -> Reply:
        """Do one call and wrap what comes of it."""
        try:
            answer = self._dispatch(call)
        except WechatError as error:
            return self._error(call, error.code, error.text, error.more)
        if isinstance(answer, Reply):
            return answer
        return Reply(200, write_json(answer), CONTENT_TYPE)

    def busy(self, call: Call, *, done: bool) -> Reply:
        """Answer -1, the same words before and after the work."""
        return self._error(call, -1, text_of(-1), {})

    def quota(self, call: Call) -> Reply:
        """Answer 45009."""
        return self._error(call, 45009, text_of(45009), {})

    def refusal(self, call: Call, code: int, text: str | None) -> Reply:
        """Answer with any code."""
        return self._error(call, code, text if text is not None else text_of(code), {})

    def kill_tokens(self, call: Call, code: int | None) -> None:
        """Make every token of the calling account worthless."""
        appid = self.who(call)
        if appid is not None:
            tokens.kill_all(self._world.wechat.accounts[appid])

    def hide(self, made: object, seconds: float) -> None:
        """Do nothing: here a job's own time says when its articles appear."""

    def _dispatch(self, call: Call) -> dict[str, Any] | Reply:
        world = self._world
        if call.name == "token":
            _check_method(call, "GET")
            return tokens.token(world, call)
        if call.name == "stable_token":
            _check_method(call, "POST")
            return tokens.stable_token(world, call, self._body(call))
        endpoint = ENDPOINTS.get(call.name)
        if endpoint is None:
            return Reply(404, b"", CONTENT_TYPE, code=None)
        _check_method(call, endpoint.method)
        account = tokens.find(world.wechat, call.query.get("access_token"), call.at)
        if account.banned:
            raise WechatError(48004)
        if endpoint.verified and not account.may_publish:
            raise WechatError(48001)
        quota.count(account, call.name, call.at)
        body = self._body(call) if endpoint.reads == "json" else {}
        return endpoint.handler(world, account, call, body)

    def _body(self, call: Call) -> dict[str, Any]:
        return read_json(
            call.body, literal_escapes=self._world.wechat.options.literal_unicode_escapes
        )

    def _error(self, call: Call, code: int, text: str, more: dict[str, int | str]) -> Reply:
        words = text + rid(call.at, self._world.rng)
        body = write_json({"errcode": code, "errmsg": words, **more})
        return Reply(200, body, CONTENT_TYPE, code=code)


def _check_method(call: Call, method: str) -> None:
    if method and call.method != method:
        raise WechatError(43001 if method == "GET" else 43002)

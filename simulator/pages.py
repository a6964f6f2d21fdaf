"""The pages: what followers of each account would see. Server-rendered, no outside request."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from simulator.clock import beijing
from simulator.timeline import article_number
from simulator.wechat.state import Account, Article, Publication
from simulator.world import World

# Addresses of uploaded pictures carry our key; the browser gets the loopback copy instead.
_PICTURE = re.compile(r"https?://mmbiz\.qpic\.cn/sz_mmbiz_\w+/([0-9a-f]{32})/0\?wx_fmt=\w+")

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def router(world: World) -> APIRouter:
    """Return the routes of the pages and of the uploaded files."""
    routes = APIRouter()

    async def index(_: Request) -> Response:
        with world.lock:
            world.settle()
            return _page(
                "index.html",
                users=list(world.weibo.users.values()),
                accounts=list(world.wechat.accounts.values()),
                now=beijing(world.clock.now()),
            )

    async def weibo(request: Request) -> Response:
        with world.lock:
            world.settle()
            user = world.weibo.users.get(request.path_params["uid"])
            return _weibo_page(world, user) if user else _missing()

    async def wechat(request: Request) -> Response:
        with world.lock:
            world.settle()
            account = world.wechat.accounts.get(request.path_params["appid"])
            return _wechat_page(account) if account else _missing()

    async def article(request: Request) -> Response:
        with world.lock:
            world.settle()
            account = world.wechat.accounts.get(request.path_params["appid"])
            found = _find(account, request.path_params["number"]) if account else None
            return _article_page(account, *found) if account and found else _missing()

    async def media(request: Request) -> Response:
        picture = world.pictures.get(request.path_params["key"])
        return Response(picture.data, media_type=picture.media_type) if picture else _missing()

    routes.add_route("/", index)
    routes.add_route("/timeline/weibo/{uid}", weibo)
    routes.add_route("/timeline/wechat/{appid}", wechat)
    routes.add_route("/timeline/wechat/{appid}/{number}", article)
    routes.add_route("/_media/{key}", media)
    return routes


def _page(template: str, **values: Any) -> Response:
    return HTMLResponse(_templates.get_template(template).render(**values))


def _missing() -> Response:
    return HTMLResponse("<!doctype html><meta charset='utf-8'><p>没有这一页。</p>", status_code=404)


def _weibo_page(world: World, user: Any) -> Response:
    now = world.clock.now()
    posts = [post for post in reversed(user.posts) if post.seen(now)]
    apps = {key: app.name for key, app in world.weibo.apps.items()}
    return _page("weibo.html", user=user, posts=posts, apps=apps, local=beijing)


def _wechat_page(account: Account) -> Response:
    live = [
        {"at": beijing(p.at), "pushed": p.pushed, "via": p.via, "cards": cards}
        for p in reversed(account.publications)
        if (cards := [_card(p, article) for article in p.articles if not article.deleted_by])
    ]
    pushes = [piece for piece in live if piece["pushed"]]
    quiet = [piece for piece in live if not piece["pushed"]]
    return _page("wechat.html", account=account, pushes=pushes, quiet=quiet)


def _card(publication: Publication, article: Article) -> dict[str, str]:
    return {
        "number": article_number(publication, article),
        "title": str(article.fields.get("title") or "（无标题）"),
        "digest": str(article.fields.get("digest") or ""),
        "cover": _local(str(article.fields.get("thumb_url") or "")),
    }


def _article_page(account: Account, publication: Publication, article: Article) -> Response:
    # The stored HTML has been through the platform's own cleaning; scripts are gone from it.
    body = Markup(_local(str(article.fields.get("content", ""))))  # noqa: S704
    return _page(
        "article.html",
        account=account,
        article=article.fields,
        gone=bool(article.deleted_by),
        body=body,
        pictures=_image_list(account, article),
        at=beijing(publication.at),
    )


def _image_list(account: Account, article: Article) -> list[str]:
    listed = (article.fields.get("image_info") or {}).get("image_list") or []
    media = [account.media.get(item["image_media_id"]) for item in listed]
    return [f"/_media/{item.picture}" for item in media if item is not None]


def _find(account: Account, number: str) -> tuple[Publication, Article] | None:
    for publication in account.publications:
        for article in publication.articles:
            if article_number(publication, article) == number:
                return publication, article
    return None


def _local(html: str) -> str:
    return _PICTURE.sub(r"/_media/\1", html)

"""The draft box. Articles are kept in the form in which they are given back."""

from __future__ import annotations

import copy
from typing import Any

from simulator.clock import unix_s
from simulator.wechat.codes import WechatError
from simulator.wechat.draft_checks import check_article, check_articles
from simulator.wechat.jobs import new_slug
from simulator.wechat.media import page
from simulator.wechat.sanitise import plain_text, sanitise
from simulator.wechat.state import Account, Draft
from simulator.wire import Call
from simulator.world import World

DIGEST_FILL = 54
OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}


def add(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a draft of one to eight articles."""
    options = world.wechat.options
    articles = check_articles(account, options, body.get("articles"), call.at)
    media_id = new_slug(world.rng, 43)
    single = len(articles) == 1
    stored = [_stored(account, article, media_id, single=single) for article in articles]
    account.drafts[media_id] = Draft(media_id, stored, call.at, call.at)
    return {"media_id": media_id, "item": []}


def update(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Replace one article, by its index from 0. `articles` is one object here, not a list."""
    draft = known(account, body.get("media_id"))
    article = body.get("articles")
    if not isinstance(article, dict):
        raise WechatError(47001)
    index = body.get("index", 0)
    if not isinstance(index, int) or not 0 <= index < len(draft.articles):
        raise WechatError(40114)
    check_article(account, world.wechat.options, article, call.at)
    single = len(draft.articles) == 1
    draft.articles[index] = _stored(account, article, draft.media_id, single=single)
    draft.updated_at = call.at
    return dict(OK)


def get(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Give a draft back as it is stored; 40007 once it is published or deleted."""
    return _content(known(account, body.get("media_id")))


def batchget(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """List the box, newest first, at most twenty at a time."""
    offset, size = page(body)
    drafts = sorted(account.drafts.values(), key=lambda draft: draft.updated_at, reverse=True)
    items = []
    for draft in drafts[offset : offset + size]:
        content = _content(draft)
        if body.get("no_content") == 1:
            for article in content["news_item"]:
                del article["content"]
        items.append(
            {
                "media_id": draft.media_id,
                "content": content,
                "update_time": unix_s(draft.updated_at),
            }
        )
    return {"total_count": len(drafts), "item_count": len(items), "item": items}


def delete(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Delete a draft for good."""
    del account.drafts[known(account, body.get("media_id")).media_id]
    return dict(OK)


def count(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Count the box."""
    return {"total_count": len(account.drafts)}


def known(account: Account, media_id: Any) -> Draft:
    """Return a draft of this account or raise 40007."""
    draft = account.drafts.get(str(media_id))
    if draft is None:
        raise WechatError(40007)
    return draft


def _content(draft: Draft) -> dict[str, Any]:
    return {
        "news_item": copy.deepcopy(draft.articles),
        "create_time": unix_s(draft.created_at),
        "update_time": unix_s(draft.updated_at),
    }


def _stored(
    account: Account, article: dict[str, Any], media_id: str, *, single: bool
) -> dict[str, Any]:
    content = sanitise(article["content"])
    # A digest of one's own exists for single articles only; in an edition it is always filled in.
    digest = article.get("digest", "") if single else ""
    thumb = account.media.get(str(article.get("thumb_media_id") or ""))
    stored = {
        "article_type": article.get("article_type", "news"),
        "title": article["title"],
        "author": article.get("author") or "",
        "digest": digest or plain_text(content)[:DIGEST_FILL],
        "content": content,
        "content_source_url": article.get("content_source_url") or "",
        "thumb_media_id": article.get("thumb_media_id") or "",
        "show_cover_pic": article.get("show_cover_pic", 0),
        "need_open_comment": article.get("need_open_comment", 0),
        "only_fans_can_comment": article.get("only_fans_can_comment", 0),
        "thumb_url": thumb.url if thumb else "",
        "url": f"http://mp.weixin.qq.com/s?__biz=sim&mid={media_id}&tempkey=preview",
    }
    for name in ("image_info", "product_info", "cover_info", "pic_crop_235_1", "pic_crop_1_1"):
        if name in article:
            stored[name] = article[name]
    return stored

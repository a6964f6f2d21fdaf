"""One list of posts for both platforms, for the control interface; posts by hand; vanishing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.wechat import jobs
from simulator.wechat.jobs import new_slug
from simulator.wechat.sanitise import plain_text, sanitise
from simulator.wechat.state import Account, Article, Publication
from simulator.weibo.shape import post_link
from simulator.weibo.share import new_post
from simulator.weibo.state import Post, User
from simulator.world import World


def posts(world: World, platform: str, account: str) -> list[dict[str, Any]]:
    """Return every post of an account, newest first, gone ones with `visible` false."""
    now = world.clock.now()
    if platform == "weibo":
        return [_weibo_row(post, now) for post in reversed(world.weibo.users[account].posts)]
    if platform != "wechat":
        raise ValueError(f"platform is weibo or wechat, not {platform!r}")
    holder = world.wechat.accounts[account]
    return [
        _wechat_row(publication, article)
        for publication in reversed(holder.publications)
        for article in publication.articles
    ]


def add_by_hand(world: World, order: dict[str, Any]) -> dict[str, Any]:
    """Make a post as a person in the phone app would; on WeChat `push` true is a mass send."""
    now = world.clock.now()
    text = str(order.get("text", ""))
    if order["platform"] == "weibo":
        user: User = world.weibo.users[order["account"]]
        post = new_post(world.weibo, user, text, now, app_key=None)
        return _weibo_row(post, now)
    account: Account = world.wechat.accounts[order["account"]]
    title = str(order.get("title", ""))
    content = sanitise(text)
    fields = {
        "title": title,
        "author": "",
        "digest": plain_text(content)[:54],
        "content": content,
        "content_source_url": "",
        "thumb_media_id": "",
        "thumb_url": "",
        "show_cover_pic": 0,
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
    }
    blank = Publication(
        data_id=world.wechat.new_data_id(),
        article_id=new_slug(world.rng, 64),
        articles=[],
        at=now,
        via="hand",
        pushed=order.get("push") is True,
    )
    publication = jobs.publish(world.wechat, account, [fields], world.rng, blank)
    return _wechat_row(publication, publication.articles[0])


def vanish(world: World, order: dict[str, Any]) -> dict[str, Any]:
    """Take a post away. Weibo: `stub` true leaves the deleted note in the timeline.

    WeChat: the id of one article, or an article_id for all of a piece; `by` is user or platform.
    """
    wanted = str(order["id"])
    gone = 0
    if order["platform"] == "weibo":
        for post in world.weibo.users[order["account"]].posts:
            if str(post.id) == wanted:
                post.gone, post.stub = True, order.get("stub") is True
                gone += 1
    else:
        by = str(order.get("by", "user"))
        for publication in world.wechat.accounts[order["account"]].publications:
            for article in publication.articles:
                if wanted in (publication.article_id, article_number(publication, article)):
                    article.deleted_by = by
                    gone += 1
    if not gone:
        raise ValueError(f"no post {wanted!r} on this account")
    return {"vanished": gone}


def article_number(publication: Publication, article: Article) -> str:
    """Return the number statistics know an article by, as 2247484314_1."""
    return f"{publication.data_id}_{article.idx}"


def _weibo_row(post: Post, now: datetime) -> dict[str, Any]:
    return {
        "id": str(post.id),
        "title": "",
        "text": post.sent,
        "shown_text": post.text,
        "link": post_link(post),
        "created_at": post.created_at.isoformat(),
        "via": "api" if post.app_key else "hand",
        "visible": post.seen(now),
        "key": None,
        "picture": f"/_media/{post.picture}" if post.picture else None,
    }


def _wechat_row(publication: Publication, article: Article) -> dict[str, Any]:
    fields = article.fields
    by_push = publication.pushed and publication.via == "api"
    return {
        "id": article_number(publication, article),
        "title": fields.get("title", ""),
        "text": plain_text(fields.get("content", "")),
        "link": article.url,
        "created_at": publication.at.isoformat(),
        "via": publication.via,
        "visible": not article.deleted_by,
        "key": publication.key,
        "idx": article.idx,
        "pushed": publication.pushed,
        "article_id": publication.article_id,
        "publish_id": publication.job_id if not by_push else None,
        "msg_id": publication.job_id if by_push else None,
        "msg_data_id": publication.data_id,
        "source_url": fields.get("content_source_url", ""),
        "digest": fields.get("digest", ""),
    }

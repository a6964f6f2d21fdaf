"""The JSON forms Weibo gives back: status, user, and the text with its links shortened."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from simulator.clock import beijing
from simulator.weibo.length import LENGTH_MAX, URL_PATTERN, length, units
from simulator.weibo.mid import to_bid
from simulator.weibo.state import App, Post, User

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DELETED_TEXT = "此微博已被原作者删除。"


def weibo_time(moment: datetime) -> str:
    """Return a time as Weibo spells it; English names whatever the machine's locale."""
    local = beijing(moment)
    day, month = _DAYS[local.weekday()], _MONTHS[local.month - 1]
    return f"{day} {month} {local:%d %H:%M:%S} +0800 {local:%Y}"


def short_link(url: str) -> str:
    """Return the t.cn address of a link: always the same one for the same link."""
    number = int.from_bytes(hashlib.sha256(url.encode()).digest()[:8], "big")
    word = ""
    for _ in range(7):
        number, digit = divmod(number, 62)
        word += _BASE62[digit]
    return f"http://t.cn/A{word}"


def shorten(text: str) -> tuple[str, dict[str, str]]:
    """Replace every link by its short form; return the text and short form -> link."""
    links: dict[str, str] = {}

    def swap(match: Any) -> str:
        short = short_link(match.group())
        links[short] = match.group()
        return short

    return URL_PATTERN.sub(swap, text.strip()), links


def displayed(text: str, uid: str, id: int) -> tuple[str, bool]:
    """Return the text as reads give it, and whether it was cut for its length."""
    if length(text) <= LENGTH_MAX:
        return f"{text} \u200b", False
    return f"{text[:LENGTH_MAX]}...全文： http://m.weibo.cn/{uid}/{id} \u200b", True


def post_link(post: Post) -> str:
    """Return the address of a post's page."""
    return f"https://weibo.com/{post.uid}/{to_bid(str(post.id))}"


def picture_url(key: str, size: str, kind: str = "jpg") -> str:
    """Return a picture's address as Weibo writes it; the simulator's pages map it back by key."""
    return f"http://wx1.sinaimg.cn/{size}/{key}.{kind}"


def user_object(user: User, now: datetime) -> dict[str, Any]:
    """Return the user form, with the fields a live account shows."""
    shown = sum(1 for post in user.posts if post.seen(now))
    return {
        "id": int(user.uid),
        "idstr": user.uid,
        "class": 1,
        "screen_name": user.screen_name,
        "name": user.screen_name,
        "province": "11",
        "city": "1",
        "location": "北京",
        "description": "",
        "url": "",
        "profile_image_url": "",
        "profile_url": f"u/{user.uid}",
        "domain": "",
        "weihao": "",
        "gender": "n",
        "followers_count": user.followers,
        "friends_count": 0,
        "pagefriends_count": 0,
        "statuses_count": shown,
        "video_status_count": 0,
        "favourites_count": 0,
        "created_at": "Fri Jan 01 09:00:00 +0800 2016",
        "following": False,
        "allow_all_act_msg": False,
        "geo_enabled": True,
        "verified": user.verified_type >= 0,
        "verified_type": user.verified_type,
        "verified_reason": "",
        "remark": "",
        "insecurity": {"sexual_content": False},
        "ptype": 0,
        "allow_all_comment": True,
        "avatar_large": "",
        "avatar_hd": "",
        "follow_me": False,
        "online_status": 0,
        "bi_followers_count": 0,
        "lang": "zh-cn",
        "mbtype": 0,
        "mbrank": 0,
        "block_word": 0,
        "block_app": 0,
        "credit_score": 80,
        "urank": 1,
    }


def status_object(
    post: Post, user: User, app: App | None, now: datetime, *, url_objects: bool, trim_user: bool
) -> dict[str, Any]:
    """Return the status form. With `trim_user` the user is only a number."""
    person: Any = int(user.uid) if trim_user else user_object(user, now)
    if post.gone:
        return {**_numbers(post), "text": DELETED_TEXT, "deleted": "1", "user": person}
    status = {
        **_constants(),
        **_numbers(post),
        "text": post.text,
        "textLength": units(post.sent),
        "source": _source(app),
        "truncated": False,
        "pic_urls": [],
        "isLongText": post.is_long,
        "pic_num": 0,
        "user": person,
    }
    if post.picture:
        thumbnail = picture_url(post.picture, "thumbnail")
        status["pic_urls"] = [{"thumbnail_pic": thumbnail}]
        status["thumbnail_pic"] = thumbnail
        status["bmiddle_pic"] = picture_url(post.picture, "bmiddle")
        status["original_pic"] = picture_url(post.picture, "large")
        status["pic_num"] = 1
    if url_objects and post.links:
        status["url_objects"] = [_url_object(short, url) for short, url in post.links.items()]
    return status


def _numbers(post: Post) -> dict[str, Any]:
    return {
        "created_at": weibo_time(post.created_at),
        "id": post.id,
        "idstr": str(post.id),
        "mid": str(post.id),
    }


def _source(app: App | None) -> str:
    name, address = (
        (app.name, "http://app.example.gov.cn") if app else ("微博网页版", "https://weibo.com/")
    )
    return f'<a href="{address}" rel="nofollow">{name}</a>'


def _url_object(short: str, url: str) -> dict[str, Any]:
    info = {"url_short": short, "url_long": url, "type": 0, "result": True, "title": ""}
    return {"url_ori": short, "info": info}


def _constants() -> dict[str, Any]:
    """Fields that every answer has and that carry nothing here."""
    return {
        "visible": {"type": 0, "list_id": 0},
        "can_edit": False,
        "show_additional_indication": 0,
        "source_allowclick": 0,
        "source_type": 1,
        "favorited": False,
        "in_reply_to_status_id": "",
        "in_reply_to_user_id": "",
        "in_reply_to_screen_name": "",
        "geo": None,
        "is_paid": False,
        "mblog_vip_type": 0,
        "reposts_count": 0,
        "comments_count": 0,
        "attitudes_count": 0,
        "pending_approval_count": 0,
        "reward_exhibition_type": 0,
        "hide_flag": 0,
        "mlevel": 0,
        "biz_feature": 0,
        "hasActionTypeCard": 0,
        "darwin_tags": [],
        "hot_weibo_tags": [],
        "text_tag_tips": [],
        "mblogtype": 0,
        "userType": 0,
        "more_info_type": 0,
        "positive_recom_flag": 0,
        "content_auth": 0,
        "gif_ids": "",
        "is_show_bulletin": 2,
        "comment_manage_info": {"comment_permission_type": -1, "approval_comment_type": 0},
    }

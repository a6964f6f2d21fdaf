"""Every reason for which a draft's article is refused, in the order they are looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from simulator.wechat.codes import WechatError
from simulator.wechat.sanitise import plain_text
from simulator.wechat.state import Account, Options

CONTENT_MAX = 20_000
CONTENT_MAX_BYTES = 1024 * 1024
SOURCE_URL_MAX_BYTES = 1024
PICTURES_MAX = 20
PICTURE_TEXT_MAX = 1000


def check_articles(
    account: Account, options: Options, articles: Any, now: datetime
) -> list[dict[str, Any]]:
    """Return the articles of a draft, each checked; WechatError for the first fault."""
    if not isinstance(articles, list) or not articles:
        raise WechatError(44003)
    if len(articles) > options.articles_max:
        raise WechatError(45008)
    for article in articles:
        check_article(account, options, article, now)
    return articles


def check_article(account: Account, options: Options, article: Any, now: datetime) -> None:
    """Raise for the first fault of one article."""
    if not isinstance(article, dict):
        raise WechatError(44003)
    _check_texts(options, article)
    _check_content(article)
    _check_source_url(_text(article, "content_source_url"))
    if article.get("article_type", "news") == "newspic":
        _check_pictures(account, article, now)
    elif not cover_usable(account, _text(article, "thumb_media_id"), now):
        raise WechatError(40007)
    if article.get("need_open_comment") == 1 and not account.comment_privilege:
        raise WechatError(88000)


def cover_usable(account: Account, media_id: str, now: datetime) -> bool:
    """Tell whether a media_id names a permanent image of this account that is already known."""
    media = account.media.get(media_id)
    if media is None or media.expires_at is not None or media.usable_at > now:
        return False
    return media.kind in ("image", "thumb")


def _text(article: dict[str, Any], name: str) -> str:
    value = article.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WechatError(47001)
    return value


def _check_texts(options: Options, article: dict[str, Any]) -> None:
    title = _text(article, "title")
    if not title.strip():
        raise WechatError(40227)
    if len(title) > options.title_max:
        raise WechatError(45003)
    if len(_text(article, "author")) > options.author_max:
        raise WechatError(45110)
    if len(_text(article, "digest")) > options.digest_max:
        raise WechatError(45004)


def _check_content(article: dict[str, Any]) -> None:
    content = _text(article, "content")
    if not content.strip():
        raise WechatError(44003)
    if len(content) >= CONTENT_MAX or len(content.encode()) >= CONTENT_MAX_BYTES:
        raise WechatError(45002)
    if 'href="#' in content or "href='#" in content or "tempkey=" in content:
        raise WechatError(45166)


def _check_source_url(url: str) -> None:
    if len(url.encode()) > SOURCE_URL_MAX_BYTES:
        raise WechatError(45005)
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise WechatError(41039)


def _check_pictures(account: Account, article: dict[str, Any], now: datetime) -> None:
    info = article.get("image_info")
    pictures = info.get("image_list") if isinstance(info, dict) else None
    if not isinstance(pictures, list) or not pictures:
        raise WechatError(40007)
    if len(pictures) > PICTURES_MAX:
        raise WechatError(40215)
    for picture in pictures:
        media_id = picture.get("image_media_id") if isinstance(picture, dict) else None
        if not cover_usable(account, str(media_id), now):
            raise WechatError(40007)
    if len(plain_text(_text(article, "content"))) > PICTURE_TEXT_MAX:
        raise WechatError(45166)

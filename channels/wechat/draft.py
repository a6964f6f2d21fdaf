"""The draft box (草稿箱): one draft per edition, made, read back, reused and removed.

A left-over draft is a live danger: a colleague may press 发表 on it. So a draft carries our mark,
is kept the moment it exists, and is deleted before another is made. A kept draft that is gone
without our doing may be out: that is a doubt. Source: official draft pages, 2026-07-14.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import Any

from channels.contract import N_, Account, Busy, Delivery, Doubt, Line, Refused, Words
from channels.wechat.api import Api, malformed
from channels.wechat.article import article_html, media_in, with_addresses
from channels.wechat.codes import Column
from channels.wechat.mark import keys_in, link_of
from channels.wechat.media import Media
from channels.wechat.settings import option

UNKNOWN_ID = 40007
GONE = frozenset({UNKNOWN_ID})
# Right after an upload the platform's copies may not know it yet (reports of other users).
LAG_S = 5
LAG_TRIES = 3
PAGE = 20
SWEEP_PAGES = 10
PRINTED = ("title", "author", "digest", "content", "content_source_url", "thumb_media_id")
NAMES = ("draft", "draft_key", "draft_print", "draft_lag", "submitted")

_DRAFT_GONE = N_(
    "The draft has left the draft box without our doing. Somebody may have published or deleted "
    "it by hand. Look at the account in the WeChat console and record what you see."
)
_LAG = N_(
    "WeChat does not know yet what was just uploaded. The post is not out and stays queued. The "
    "machine tries again in a few seconds."
)
_CHANGED = N_(
    "WeChat stored the article differently from what was sent ({titles}): a title or pictures "
    "differ. The post was not sent. Check the pictures and the title, then queue it again."
)

_NO_PICTURE = N_(
    "The cover or a picture of the article {title} is missing in the story. The post was not "
    "sent. Put it in again, have the story reviewed and queue it again."
)


class Drafts:
    """The drafts of one account."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._media = Media(api)
        self._options = account.options

    def make_ready(self, delivery: Delivery, line: Line) -> None:
        """Leave exactly one draft of this edition in the box, read back and kept as "draft".

        Raises Doubt ("draft_gone") when a kept, never submitted draft is no longer there.
        """
        draft = line.kept("draft")
        if draft and self._usable(draft, delivery, line):
            return
        if line.kept("draft_key") == delivery.key:
            # An earlier draft/add lost its answer: its draft may stand in the box.
            self._delete_marked(line, delivery.key)
        articles = self._articles(delivery, line)
        line.keep("draft_key", delivery.key)
        try:
            data = self._api.ask(line, "draft/add", {"articles": articles})
        except Refused as no:
            if int_or_zero(no.code) == UNKNOWN_ID:
                self._wait_for_cover(delivery, line, no)
            refused = self._named(no, articles, delivery, line)
            forget(line)
            raise refused from None
        media_id = data.get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise malformed(Column.preparing)
        line.keep("draft", media_id)
        line.keep("draft_lag", "")
        stored = self.stored(line, media_id, Column.preparing)
        if stored is None:
            self._wait(line)
            raise Doubt("draft_gone", Words(_DRAFT_GONE))
        self._read_back(media_id, articles, stored, line)

    def stored(self, line: Line, media_id: str, column: Column) -> list[dict[str, Any]] | None:
        """Give the articles of a draft as the platform stored them, None when it is gone."""
        data = self._api.ask(line, "draft/get", {"media_id": media_id}, column=column, known=GONE)
        if data.get("errcode"):
            return None
        return news_items(data)

    def discard(self, line: Line) -> bool:
        """Delete the kept draft. False: it was already gone, and nothing is forgotten."""
        draft = line.kept("draft")
        if not draft:
            if key := line.kept("draft_key"):  # a draft/add whose answer was lost
                self._delete_marked(line, key)
                forget(line)
            return True
        if not self._delete(line, draft):
            return False
        forget(line)
        return True

    def sweep(self, left_over: Callable[[frozenset[str]], frozenset[str]], line: Line) -> int:
        """Delete drafts all of whose marks are among the keys `left_over` picks; how many.

        It is asked after the listing, so a draft made meanwhile is never in question, and a
        mark it does not know (another desk on the same account) is left alone.
        """
        found = self._listed(line)
        old = left_over(frozenset().union(*(marks for _id, marks in found)))
        left = [media_id for media_id, marks in found if marks and marks <= old]
        return sum(self._delete(line, media_id) for media_id in left)

    def _usable(self, draft: str, delivery: Delivery, line: Line) -> bool:
        """Tell whether the kept draft can be sent; if not, it is deleted and forgotten."""
        stored = self.stored(line, draft, Column.preparing)
        if stored is None:
            return self._missing(draft, delivery, line)
        if line.kept("draft_key") == delivery.key:
            if not line.kept("draft_print"):
                self._read_back(draft, self._articles(delivery, line), stored, line)
                return True
            if line.kept("draft_print") == fingerprint(stored):
                return True
        # Another key's mark, or a colleague's change: what goes out is what was signed.
        if not self._delete(line, draft):
            raise Doubt("draft_gone", Words(_DRAFT_GONE))
        forget(line)
        return False

    def _missing(self, draft: str, delivery: Delivery, line: Line) -> bool:
        if delivery.armed_at is not None:
            if delivery.how == "push":
                # A repeat: WeChat's answer to the same clientmsgid says more than the draft box.
                return True
        elif line.kept("submitted") == draft:
            # Taken by an earlier delivery's job, which a proof or a person has settled since.
            forget(line)
            return False
        if not line.kept("draft_print"):
            self._wait(line)
        raise Doubt("draft_gone", Words(_DRAFT_GONE))

    def _articles(self, delivery: Delivery, line: Line) -> list[dict[str, object]]:
        """Upload what the articles need and write them in the platform's words."""
        single = len(delivery.contents) == 1
        comments = option(self._options, "need_open_comment", bool)
        fans_only = option(self._options, "only_fans_can_comment", bool)
        articles: list[dict[str, object]] = []
        for position, content in enumerate(delivery.contents):
            html = article_html(content)
            pictures = {picture.sha256: picture for picture in content.pictures}
            missing = [sha256 for sha256 in media_in(html) if sha256 not in pictures]
            if missing or content.cover is None:
                words = Words(_NO_PICTURE, {"title": content.title})
                raise Refused("picture_missing", words, guilty=(position,))
            addresses = {
                sha256: self._media.address(line, pictures[sha256], position)
                for sha256 in dict.fromkeys(media_in(html))
            }
            link = link_of(
                content.link,
                delivery.key,
                first=position == 0,
                mark_base=option(self._options, "mark_base", str),
            )
            article: dict[str, object] = {
                "article_type": "news",
                "title": content.title,
                "author": content.author,
                # In an edition of several articles WeChat wants it empty.
                "digest": content.summary if single else "",
                "content": with_addresses(html, addresses),
                "content_source_url": link,
                "thumb_media_id": self._media.cover(line, content.cover, position),
                "need_open_comment": int(comments),
                "only_fans_can_comment": int(fans_only),
            }
            articles.append({name: value for name, value in article.items() if value != ""})
        return articles

    def _named(
        self,
        no: Refused,
        articles: Sequence[dict[str, object]],
        delivery: Delivery,
        line: Line,
    ) -> Refused:
        """Find the guilty of a refused edition by trying each article alone as a draft."""
        if no.person or len(articles) == 1:
            return no
        guilty = []
        for position, article in enumerate(articles):
            mark = {"content_source_url": link_of("", delivery.key, first=True, mark_base="")}
            try:
                data = self._api.ask(line, "draft/add", {"articles": [{**mark, **article}]})
            except Refused:
                guilty.append(position)
            else:
                self._delete(line, str(data.get("media_id", "")))
        # A refusal that no article explains is a person's to decide.
        return Refused(no.code, no.words, no.raw, guilty=guilty, person=not guilty)

    def _read_back(
        self,
        draft: str,
        sent: Sequence[Mapping[str, object]],
        stored: Sequence[Mapping[str, Any]],
        line: Line,
    ) -> None:
        """Compare the stored draft with what was sent; delete it and refuse when it differs."""
        guilty = [
            position
            for position, (ours, theirs) in enumerate(zip(sent, stored, strict=False))
            if _plain(ours["title"]) != _plain(theirs.get("title"))
            or _pictures(theirs.get("content")) < _pictures(ours["content"])
        ]
        if not guilty and len(sent) == len(stored):
            line.keep("draft_print", fingerprint(stored))
            return
        if not self._delete(line, draft):
            raise Doubt("draft_gone", Words(_DRAFT_GONE))
        forget(line)
        titles = ", ".join(str(sent[position]["title"]) for position in guilty)
        words = Words(_CHANGED, {"titles": titles})
        raise Refused("read_back", words, guilty=guilty, person=not guilty)

    def _wait_for_cover(self, delivery: Delivery, line: Line, no: Refused) -> None:
        """Raise Busy while 40007 may be lag; before the last try upload the covers anew."""
        if int_or_zero(line.kept("draft_lag")) == LAG_TRIES - 1:
            for content in delivery.contents:
                if content.cover is not None:
                    self._media.forget_cover(line, content.cover)
        self._wait(line, no.raw)

    def _wait(self, line: Line, raw: str = "") -> None:
        """Raise Busy the first few times something just made is unknown; then return."""
        tries = int_or_zero(line.kept("draft_lag")) + 1
        if tries <= LAG_TRIES:
            line.keep("draft_lag", str(tries))
            raise Busy(str(UNKNOWN_ID), Words(_LAG), raw, not_before_s=LAG_S)

    def _delete(self, line: Line, media_id: str) -> bool:
        data = self._api.ask(line, "draft/delete", {"media_id": media_id}, known=GONE)
        return not data.get("errcode")

    def _delete_marked(self, line: Line, key: str) -> None:
        for media_id, marks in self._listed(line):
            if key in marks:
                self._delete(line, media_id)

    def _listed(self, line: Line) -> list[tuple[str, frozenset[str]]]:
        """List the drafts in the box with the keys their marks carry."""
        found: list[tuple[str, frozenset[str]]] = []
        for page in range(SWEEP_PAGES):
            body = {"offset": page * PAGE, "count": PAGE, "no_content": 1}
            data = self._api.ask(line, "draft/batchget", body)
            items = [item for item in data.get("item") or [] if isinstance(item, dict)]
            for item in items:
                content = item.get("content")
                articles = news_items(content) if isinstance(content, dict) else []
                found.append((str(item.get("media_id", "")), keys_in(articles)))
            if len(items) < PAGE:
                break
        return found


def forget(line: Line) -> None:
    """Forget the kept draft and all that was noted about it."""
    for name in NAMES:
        if line.kept(name):
            line.keep(name, "")


def fingerprint(stored: Sequence[Mapping[str, Any]]) -> str:
    """Name what a stored draft says, so that a change made by hand is seen."""
    said = [[str(one.get(name) or "") for name in PRINTED] for one in stored]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def news_items(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read the articles (`news_item`) of a draft or a publication."""
    return [one for one in data.get("news_item") or [] if isinstance(one, dict)]


def int_or_zero(text: str | None) -> int:
    """Read a number that was kept as text, or a code that may be a word."""
    return int(text) if text and text.lstrip("-").isdigit() else 0


def _plain(title: object) -> str:
    return " ".join(unescape(str(title or "")).split())


def _pictures(html: object) -> int:
    return str(html or "").lower().count("<img")

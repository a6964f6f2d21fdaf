"""A story's content on each account: what one post will say there, and how it is sent. Pure.

Only what the place shows goes in, so that a change of the article leaves the signature on the
Weibo text standing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from channels.contract import N_, Channel, Content, Finding, Picture, Severity, Words
from scheduler.desk.draft import Draft, Variant, guess
from scheduler.errors import InputError

Channels = Mapping[str, Channel]
"""The configured accounts by name, each with its channel; the faces build it."""


@dataclass(frozen=True, slots=True)
class Made:
    """One account's content, and what had to be left out of it."""

    content: Content
    notes: tuple[Finding, ...] = ()


def content_of(draft: Draft, channel: Channel, origin: str) -> Made:
    """Give what `draft` says on one account. `origin` is the file's or the column's.

    Raises `InputError` when the file wants a way of sending the channel does not have.
    """
    kind = channel.account.channel
    variant = draft.variants.get(kind, Variant())
    make = _MAKERS.get(kind, _everything)
    return make(draft, variant, channel, origin, how_of(variant, channel))


def how_of(variant: Variant, channel: Channel) -> str:
    """Give the way of sending: the file's, else the account's option, else the channel's first."""
    wanted = variant.words.get("how") or str(channel.account.options.get("how") or "")
    how = wanted or channel.HOWS[0]
    if how not in channel.HOWS:
        raise InputError(
            'Account {account} cannot send in the way "{how}". {help}',
            account=channel.account.name,
            how=how,
            help=guess(how, channel.HOWS),
        )
    return how


def _weibo(draft: Draft, variant: Variant, channel: Channel, origin: str, how: str) -> Made:
    listed = variant.pictures or ()
    most = channel.limits.pictures_max
    notes: tuple[Finding, ...] = ()
    if len(listed) > most > 0:
        words = N_(
            "Of the {count} pictures listed, the first {most} go out: this account takes no more."
        )
        params = {"count": len(listed), "most": most}
        notes = (Finding(Severity.hint, "pictures", "pictures_cut", Words(words, params)),)
        listed = listed[:most]
    content = Content(
        text=variant.words.get("text", ""),
        link=variant.words.get("link", draft.link),
        origin=origin,
        source=draft.source,
        pictures=listed,
        how=how,
    )
    return Made(content, notes)


def _wechat(draft: Draft, variant: Variant, _channel: Channel, origin: str, how: str) -> Made:
    return Made(_article(draft, variant, origin, how, "", draft.body_pictures))


def _everything(draft: Draft, variant: Variant, _channel: Channel, origin: str, how: str) -> Made:
    text = variant.words.get("text", "")
    if not text and "weibo" in draft.variants:
        text = draft.variants["weibo"].words.get("text", "")
    listed = variant.pictures
    if listed is None and "weibo" in draft.variants:
        listed = draft.variants["weibo"].pictures
    pictures = {one.sha256: one for one in (*draft.body_pictures, *(listed or ()))}
    return Made(_article(draft, variant, origin, how, text, tuple(pictures.values())))


def _article(
    draft: Draft,
    variant: Variant,
    origin: str,
    how: str,
    text: str,
    pictures: tuple[Picture, ...],
) -> Content:
    return Content(
        title=variant.words.get("title", draft.title),
        text=text,
        body=draft.body,
        summary=variant.words.get("summary", draft.summary),
        author=variant.words.get("author", draft.author),
        link=variant.words.get("link", draft.link),
        origin=origin,
        source=draft.source,
        cover=draft.cover,
        pictures=pictures,
        how=how,
    )


_MAKERS: Mapping[str, Callable[[Draft, Variant, Channel, str, str], Made]] = {
    "weibo": _weibo,
    "wechat": _wechat,
}

"""What can be said about a Weibo post before it is queued: the platform's rules, kept here first.

Rules of `statuses/share` (open.weibo.com/wiki/2/statuses/share, read 2026-11-22): 140 characters,
one link to a registered site, no hashtag, one picture.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from channels.contract import N_, Content, Finding, Picture, Severity, Words
from channels.weibo.reasons import WHY
from channels.weibo.text import HASHTAG, URL, host_of, length, links, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from channels.contract import Limits

LINK_CHARS_MAX = 1024
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def findings(
    content: Content, limits: Limits, hows: Sequence[str], domains: Sequence[str], warn: int
) -> Iterator[Finding]:
    """Yield everything wrong with `content`; `warn` is the length from which on to warn."""
    for one in _found(content, limits, hows, domains, warn):
        yield replace(one, why=WHY.get(one.code))


def _found(
    content: Content, limits: Limits, hows: Sequence[str], domains: Sequence[str], warn: int
) -> Iterator[Finding]:
    if content.how and content.how not in hows:
        words = N_(
            'This account cannot send in the way "{how}". The post cannot be queued so. '
            "Choose {hows}."
        )
        yield _must("how", "how", words, how=content.how, hows=", ".join(hows))
    yield from _about_text(content, limits.text_units_max, warn)
    yield from _about_links(status_of(content), domains)
    yield from _about_pictures(content.pictures, limits)


def _must(
    field: str, code: str, text: str, pieces: Sequence[str] = (), **params: object
) -> Finding:
    return Finding(Severity.must, field, code, Words(text, params), tuple(pieces))


def _should(
    field: str, code: str, text: str, pieces: Sequence[str] = (), **params: object
) -> Finding:
    return Finding(Severity.should, field, code, Words(text, params), tuple(pieces))


def _about_text(content: Content, most: int, warn: int) -> Iterator[Finding]:
    if not content.text.strip():
        words = N_("The Weibo text is empty. Weibo refuses such a post. Write the text.")
        yield _must("text", "text_empty", words)
        return
    size = length(status_of(content))
    if size > most:
        words = N_(
            "The text counts {size} characters, {over} more than Weibo takes. It would be refused. "
            "Shorten it to {most} or less; a link counts ten, two Latin letters count one."
        )
        tail = _beyond(content, most)
        yield _must("text", "text_too_long", words, tail, size=size, over=size - most, most=most)
    elif size > warn:
        words = N_(
            "The text counts {size} of {most} characters. Weibo may count a little differently and "
            "refuse it. Shorten it to {warn} to be sure."
        )
        tail = _beyond(content, warn)
        yield _should("text", "text_long", words, tail, size=size, most=most, warn=warn)
    topics = HASHTAG.findall(URL.sub(" ", content.text))
    if topics:
        words = N_(
            "The text holds the topic {topic}. Weibo forbids topics in posts sent by programs. "
            "Take the number signs out, or publish this post by hand."
        )
        yield _must("text", "hashtag", words, topics, topic=topics[0])
    if _UNSENDABLE.search(content.text + content.link):
        words = N_(
            "The text holds a character that cannot be sent. The post would not leave. Type the "
            "text again instead of pasting it."
        )
        yield _must("text", "unsendable", words)


def _beyond(content: Content, most: int) -> tuple[str, ...]:
    """Give the end of the text that does not fit into `most` with what is appended to it."""
    text = content.text.strip()
    fits, over = 0, len(text)
    while over - fits > 1:
        middle = (fits + over) // 2
        if length(status_of(replace(content, text=text[:middle]))) <= most:
            fits = middle
        else:
            over = middle
    return (text[fits:],)


def _about_links(status: str, domains: Sequence[str]) -> Iterator[Finding]:
    found = links(status)
    if not found:
        words = N_(
            "The post holds no link. Weibo takes posts from programs only with a link to the "
            "registered site ({domains}). Put the address of the page into the link field."
        )
        yield _must("link", "no_link", words, domains=", ".join(domains))
    elif domains and not any(host_of(link) in domains for link in found):
        words = N_(
            "No link in the post leads to the registered site ({domains}). Weibo would refuse it. "
            "Put the address of a page of that site into the link field; short links do not count."
        )
        yield _must("link", "no_safe_domain", words, found, domains=", ".join(domains))
    if long := [link for link in found if len(link) > LINK_CHARS_MAX]:
        words = N_(
            "A link is longer than {most} characters. Weibo cannot shorten it and would refuse the "
            "post. Use a shorter address."
        )
        yield _must("link", "link_too_long", words, long, most=LINK_CHARS_MAX)
    for link in URL.finditer(status):
        if not status[link.end() :][:1].strip():
            continue
        words = N_(
            "Behind the link {link} stands no blank. Weibo may take the text after it for a part "
            "of the address. Put a blank behind the link."
        )
        yield _should("text", "link_glued", words, [link.group()], link=link.group())


def _about_pictures(pictures: Sequence[Picture], limits: Limits) -> Iterator[Finding]:
    if len(pictures) > limits.pictures_max:
        words = N_(
            "The post has {count} pictures; programs may send {most} to Weibo. It cannot be queued "
            "so. Keep the best one, or publish the post by hand with all of them."
        )
        rest = [_place(one) for one in pictures[limits.pictures_max :]]
        count = {"count": len(pictures), "most": limits.pictures_max}
        yield _must("pictures", "too_many_pictures", words, rest, **count)
    for number, picture in enumerate(pictures, 1):
        here = [_place(picture)]
        if picture.mime not in limits.picture_mimes:
            words = N_(
                "Picture {number} is of the type {mime}. Weibo takes JPEG, PNG and GIF only. "
                "Convert the picture and attach it again."
            )
            yield _must("pictures", "picture_type", words, here, number=number, mime=picture.mime)
        if picture.size_bytes > limits.picture_bytes_max:
            words = N_(
                "Picture {number} has {size} bytes. Weibo takes pictures below 5 MB only. Make it "
                "smaller and attach it again."
            )
            size = picture.size_bytes
            yield _must("pictures", "picture_size", words, here, number=number, size=size)
        if not picture.alt.strip():
            words = N_(
                "Picture {number} has no description. Weibo does not show one, but the archive "
                "and people who cannot see need it. Describe the picture in one sentence."
            )
            told = Words(words, {"number": number})
            yield Finding(Severity.hint, "pictures", "picture_alt", told, tuple(here))


def _place(picture: Picture) -> str:
    return f"media:{picture.sha256}"

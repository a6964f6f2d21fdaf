"""What can be mended by one press: only where the remedy is certain. Pure.

A fix goes from what is typed to what would be typed; what a post says is made from that as always,
so a fix is saved, checked and signed like every other change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import unescape

from channels.contract import Finding, Limits
from scheduler.content import canonical_body, plain_text
from scheduler.desk.form import Typed, pictures_in
from scheduler.desk.paste import body_of
from scheduler.words import N_

Fix = Callable[[Typed, Finding, Limits], Typed]
SUMMARY = "summary"
"""The fix that answers no finding: an empty summary is allowed, and often an oversight."""
_SENTENCE = re.compile(r"[^。！？；!?\n]*[。！？；!?\n]+[”』」）)]*")
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_BETWEEN_WIDE = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_CLAUSE_ENDS = "，、,：: "
_HALF = 0.5


def fixed(kind: str, finding: Finding, typed: Typed, limits: Limits) -> Typed:
    """Mend what a finding of a channel of this kind names; what cannot be mended stays as it is."""
    fix = _FIXES.get((kind, finding.code))
    return fix(typed, finding, limits) if fix else typed


def offer(kind: str, finding: Finding, typed: Typed, limits: Limits) -> str:
    """Give the words (a catalogue key) of a fix that would change something, "" without one."""
    changes = fixed(kind, finding, typed, limits) != typed
    return WORDS.get(finding.code, "") if changes else ""


def with_summary(typed: Typed, limits: Limits) -> Typed:
    """Fill an empty summary with the first sentences of the text."""
    if typed.summary.strip():
        return typed
    text = _BETWEEN_WIDE.sub("", " ".join(plain_text(body_of(typed.body).body).split()))
    return replace(typed, summary=first_sentences(text, limits.summary_max))


def first_sentences(text: str, most: int) -> str:
    """Give as many whole sentences as fit into `most` characters; else a clause, else a cut."""
    text = text.strip()
    if len(text) <= most:
        return text
    end = 0
    for sentence in _SENTENCE.finditer(text):
        if sentence.end() > most:
            break
        end = sentence.end()
    if not end:
        end = max(text.rfind(sign, 0, most) for sign in _CLAUSE_ENDS)
        end = end if end >= most * _HALF else most
    return text[:end].strip()


def _cover_from_text(typed: Typed, _found: Finding, _limits: Limits) -> Typed:
    shown = pictures_in(body_of(typed.body).body)
    if typed.cover or not shown:
        return typed
    sha256, alt = shown[0]
    return replace(typed, cover=sha256, cover_alt=typed.cover_alt or alt)


def _shorter_summary(typed: Typed, _found: Finding, limits: Limits) -> Typed:
    own = typed.word("wechat", "summary")
    short = first_sentences(own or typed.summary, limits.summary_max)
    return _with_word(typed, "wechat", "summary", short) if own else replace(typed, summary=short)


def _without_links(typed: Typed, found: Finding, _limits: Limits) -> Typed:
    def bare(link: re.Match[str]) -> str:
        return link[2] if unescape(link[1]) in found.pieces else link[0]

    body = body_of(typed.body).body
    clean = canonical_body(_LINK.sub(bare, body))
    return replace(typed, body=clean) if clean != body else typed


def _text_from_title(typed: Typed, _found: Finding, _limits: Limits) -> Typed:
    title = " ".join(typed.title.split())
    return _with_word(typed, "weibo", "text", title) if title else typed


def _without_signs(typed: Typed, found: Finding, _limits: Limits) -> Typed:
    text = typed.word("weibo", "text")
    for topic in found.pieces:
        text = text.replace(topic, topic.strip("#"))
    return _with_word(typed, "weibo", "text", text)


def _with_blank(typed: Typed, found: Finding, _limits: Limits) -> Typed:
    text = typed.word("weibo", "text")
    for link in found.pieces:
        text = re.sub(rf"({re.escape(link)})(?=[^\s\x00-\x7f])", r"\1 ", text)
    return _with_word(typed, "weibo", "text", text)


def _without_controls(typed: Typed, _found: Finding, _limits: Limits) -> Typed:
    def sendable(text: str) -> str:
        return "".join(
            sign for sign in text
            if sign in "\n\r\t" or unicodedata.category(sign) not in {"Cc", "Cs"}
        )  # fmt: skip

    changed = _with_word(typed, "weibo", "text", sendable(typed.word("weibo", "text")))
    return replace(changed, link=sendable(typed.link))


def _first_pictures(kind: str) -> Fix:
    def keep(typed: Typed, _found: Finding, limits: Limits) -> Typed:
        listed = typed.pictures.get(kind, ())
        in_text = len(pictures_in(body_of(typed.body).body)) if kind != "weibo" else 0
        room = max(0, limits.pictures_max - in_text)
        if len(listed) <= room:
            return typed
        return replace(typed, pictures={**typed.pictures, kind: listed[:room]})

    return keep


def _with_word(typed: Typed, kind: str, key: str, value: str) -> Typed:
    if typed.word(kind, key) == value:
        return typed
    mine = {**typed.words.get(kind, {}), key: value}
    return replace(typed, words={**typed.words, kind: mine})


_FIXES: Mapping[tuple[str, str], Fix] = {
    ("wechat", "cover_missing"): _cover_from_text,
    ("wechat", "summary_too_long"): _shorter_summary,
    ("wechat", "links_as_notes"): _without_links,
    ("wechat", "anchor"): _without_links,
    ("wechat", "preview_link"): _without_links,
    ("weibo", "text_empty"): _text_from_title,
    ("weibo", "hashtag"): _without_signs,
    ("weibo", "link_glued"): _with_blank,
    ("weibo", "unsendable"): _without_controls,
    ("weibo", "pictures_cut"): _first_pictures("weibo"),
    ("manual", "too_many_pictures"): _first_pictures("manual"),
}
WORDS: Mapping[str, str] = {
    SUMMARY: N_("Take the beginning of the text"),
    "cover_missing": N_("Take the first picture of the text"),
    "summary_too_long": N_("Keep its first sentences"),
    "links_as_notes": N_("Remove the links, keep their words"),
    "anchor": N_("Remove the link, keep its words"),
    "preview_link": N_("Remove the link, keep its words"),
    "text_empty": N_("Begin with the title"),
    "hashtag": N_("Take the number signs out"),
    "link_glued": N_("Put a blank behind the link"),
    "unsendable": N_("Remove what cannot be sent"),
    "pictures_cut": N_("Keep only the first ones"),
    "too_many_pictures": N_("Keep only the first ones"),
}
"""What the button of a fix says, by the code of the finding."""

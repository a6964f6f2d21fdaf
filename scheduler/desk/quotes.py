"""Quoted words and where they stand. Pure.

Blanks and line ends do not count: a browser's selection writes them otherwise than the text does.
"""

from __future__ import annotations

import unicodedata

from channels.contract import Content
from scheduler.content import plain_text

FIELDS = ("title", "text", "summary", "body", "author", "link", "source")
"""The fields words can be quoted from, in the order they are searched."""


def bare(text: str) -> str:
    """Give a text without its blanks and line ends."""
    return "".join(unicodedata.normalize("NFC", text).split())


def said(content: Content, field: str) -> str:
    """Give the bare text of one field, as readers see it: Weibo shows the link with the text."""
    if field == "body":
        return bare(plain_text(content.body))
    if field == "text":
        return bare(content.text + content.link)
    return bare(str(getattr(content, field)))


def holds(content: Content, field: str, quote: str) -> bool:
    """Tell whether a field says these words."""
    return bare(quote) in said(content, field)


def field_of(content: Content, quote: str, wanted: str = "") -> str:
    """Give the field that says these words, `wanted` first; "" when none does."""
    order = (wanted, *FIELDS) if wanted in FIELDS else FIELDS
    return next((field for field in order if holds(content, field, quote)), "")

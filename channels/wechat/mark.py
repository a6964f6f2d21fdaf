"""Our mark on a draft: the delivery's key in the address under the article (阅读原文).

It is how a draft or a publication is recognised as ours after a lost answer, and how left-over
drafts are found. Readers see it only in the address their browser shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

MARK = "fabu-"
KEY_CHARS = 26
MARK_CHARS = 1 + len(MARK) + KEY_CHARS
FALLBACK = "https://mp.weixin.qq.com/"
_MARKED = re.compile(rf"[#?&]{MARK}([a-z2-7]{{{KEY_CHARS}}})")


def parts_of(url: str) -> SplitResult:
    """Split an address; one that cannot be read has only empty parts."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def marked(link: str, key: str) -> str:
    """Add the mark to `link`: as its fragment, or in the query when it has a fragment already.

    A fragment never reaches a server, so it cannot change what the link shows; a fragment that is
    there may be a page's own address and is left alone.
    """
    if not parts_of(link).fragment:
        return f"{link.removesuffix('#')}#{MARK}{key}"
    address, _, fragment = link.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{MARK}{key}#{fragment}"


def link_of(link: str, key: str, *, first: bool, mark_base: str) -> str:
    """Give the content_source_url of an article: marked when it has one, always on the first."""
    if link:
        return marked(link, key)
    return marked(mark_base or FALLBACK, key) if first else ""


def keys_in(articles: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Read the keys that the platform's articles (`news_item`) carry."""
    found = (_MARKED.search(str(one.get("content_source_url") or "")) for one in articles)
    return frozenset(match.group(1) for match in found if match)

"""A Weibo text: what is sent, how long it counts, and how it is found again.

The counter is the web composer's (two published ports, 2012 and 2019). Whether the API server
counts exactly so is not documented (as of 2026-11-22): hence the warning above 130.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from channels.contract import Content

# The characters RFC 3986 allows in an address: a link ends where the first other one stands.
URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
HASHTAG = re.compile(r"#[^#\n]+#")
ZERO_WIDTH_SPACE = "\u200b"
URL_UNITS = 20
URL_PLAIN_MAX = 140
OWN_URL_PLAIN_MAX = 41
ONE_UNIT_MAX = 0x7F


def links(text: str) -> list[str]:
    """Give the links in `text`, in order."""
    return URL.findall(text)


def host_of(link: str) -> str:
    """Give a link's host in lower case, or "" when it has none."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def status_of(content: Content) -> str:
    """Put together exactly what is sent in the field `status`.

    The link is appended when the text does not hold it already. After a link at the end stands
    one blank: Weibo's own parser may take what it appends for a part of the address.
    """
    text = content.text.strip()
    link = content.link.strip()
    if link and link not in links(text):
        text = f"{text} {link}" if text else link
    found = links(text)
    return f"{text} " if found and text.endswith(found[-1]) else text


def units(text: str) -> int:
    """Count `text` in half characters: 汉字 two, ASCII one, an ordinary link twenty.

    The JavaScript port gives one unit up to U+00FF, the C# port only to ASCII; the point in
    names of minorities (U+00B7) lies between. We count it as two: rather refuse than be refused.
    """
    text = text.strip()
    total = sum(_url_units(link) for link in links(text))
    for char in URL.sub("", text):
        total += (
            1
            if ord(char) <= ONE_UNIT_MAX
            else 2 * len(char.encode("utf-16-le", "surrogatepass")) // 2
        )
    return total


def _url_units(link: str) -> int:
    size = len(link)
    host = host_of(link)
    if host == "t.cn":
        return size
    own = any(host == site or host.endswith(f".{site}") for site in ("weibo.com", "weibo.cn"))
    if own and size <= OWN_URL_PLAIN_MAX:
        return size
    return URL_UNITS + max(0, size - URL_PLAIN_MAX)


def length(text: str) -> int:
    """Count `text` in the characters the limit of 140 speaks of."""
    return -(-units(text) // 2)


def normalise(text: str) -> str:
    """Make two texts comparable: what Weibo gives back is not byte for byte what was sent.

    It replaces links by short ones and may append a blank and a zero-width space.
    """
    text = html.unescape(text).replace(ZERO_WIDTH_SPACE, "")
    text = unicodedata.normalize("NFC", URL.sub(" <link> ", text))
    return " ".join(text.split())


def same_link(one: str, other: str) -> bool:
    """Tell whether two addresses lead to the same page, apart from scheme and spelling."""
    return _plain(one) == _plain(other)


def _plain(link: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(link)
    except ValueError:
        return link, "", ""
    return parts.netloc.lower(), unquote(parts.path).rstrip("/"), unquote(parts.query)

"""How Weibo counts the length of a text.

Rule of the site's own counter as published in public ports of 2012 and 2019. Whether the API's
server applies exactly this one is unknown.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LENGTH_MAX = 140
URL_PATTERN = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")

_URL_UNITS = 20
_URL_MAX = 140
_OWN_URL_MAX = 41
_NARROW_MAX = 0xFF


def units(text: str) -> int:
    """Return the length in half-width units: 2 for a Chinese character, 20 for most links."""
    text = text.strip().replace("\r\n", "\n")
    total = sum(_url_units(match.group()) for match in URL_PATTERN.finditer(text))
    rest = URL_PATTERN.sub(lambda m: m.group() if _host(m.group()) == "t.cn" else "", text)
    return total + sum(_character_units(character) for character in rest)


def length(text: str) -> int:
    """Return the length as the site shows it: half the units, rounded up."""
    return (units(text) + 1) // 2


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _url_units(url: str) -> int:
    host = _host(url)
    if host == "t.cn":
        return 0  # stays in the text and is counted there, character by character
    own = any(host == name or host.endswith("." + name) for name in ("weibo.com", "weibo.cn"))
    if own and len(url) <= _OWN_URL_MAX:
        return len(url)
    return _URL_UNITS + max(0, len(url) - _URL_MAX)


def _character_units(character: str) -> int:
    if ord(character) <= _NARROW_MAX:
        return 1
    return 4 if ord(character) > 0xFFFF else 2

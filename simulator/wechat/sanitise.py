"""What WeChat does to article HTML before it stores it.

Only what public reports agree on (read 2026-11-22): scripts and foreign tags go, outside links
become plain text, ids and event attributes go, images from other hosts go, positioning goes.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

_DROPPED_WHOLE = {"script", "style", "object", "video", "audio", "select", "textarea", "button"}
_DROPPED_TAG = {"html", "head", "body", "link", "meta", "base", "embed", "form", "input"}
_VOID = {"img", "br", "hr", "col", "wbr"}
_IMAGE_HOSTS = ("mmbiz.qpic.cn", "mmbiz.qlogo.cn")
_LINK_HOST = "mp.weixin.qq.com"
_BAD_DECLARATION = re.compile(
    r"(?i)^\s*(position\s*:\s*(absolute|fixed)|background(-image)?\s*:.*url\s*\()"
)


def sanitise(html: str) -> str:
    """Return the HTML as it is stored and given back."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return "".join(cleaner.out)


def plain_text(html: str) -> str:
    """Return the text of some HTML with blanks collapsed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.out).split())


def _host(address: str | None) -> str:
    try:
        return (urlsplit(address or "").hostname or "").lower()
    except ValueError:
        return ""


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self._skipping = 0
        self._links: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WHOLE or (tag == "iframe" and not _is_video(attrs)):
            self._skipping += 1
            return
        if self._skipping or tag in _DROPPED_TAG:
            return
        values = dict(attrs)
        if tag == "a":
            kept = _host(values.get("href")) == _LINK_HOST
            self._links.append(kept)
            if not kept:
                return
        source = values.get("src") or values.get("data-src")
        if tag == "img" and _host(source) not in _IMAGE_HOSTS:
            return
        end = " />" if tag in _VOID else ">"
        self.out.append(f"<{tag}{_attributes(attrs)}{end}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED_WHOLE or (tag == "iframe" and self._skipping):
            self._skipping = max(0, self._skipping - 1)
            return
        if self._skipping or tag in _DROPPED_TAG or tag in _VOID:
            return
        if tag == "a" and not (self._links and self._links.pop()):
            return
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []

    def handle_data(self, data: str) -> None:
        self.out.append(data)


def _is_video(attrs: list[tuple[str, str | None]]) -> bool:
    return "video_iframe" in (dict(attrs).get("class") or "").split()


def _attributes(attrs: list[tuple[str, str | None]]) -> str:
    kept = []
    for name, value in attrs:
        if name == "id" or name.startswith("on"):
            continue
        if (value or "").strip().lower().startswith("javascript:"):
            continue
        stored = _style(value or "") if name == "style" else value or ""
        if stored or name != "style":
            kept.append(f' {name}="{escape(stored)}"')
    return "".join(kept)


def _style(text: str) -> str:
    kept = [part.strip() for part in text.split(";") if not _BAD_DECLARATION.match(part)]
    return "; ".join(part for part in kept if part)

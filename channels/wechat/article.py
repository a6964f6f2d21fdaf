"""From canonical HTML to the HTML that survives WeChat's sanitiser. Pure and deterministic.

Sources: official draft page (2026-07-14), the structure rules of wechatjs
verify-article-structure-spec (read 2026-11) and reports on what draft/get gives back: only inline
styles in longhand, no id or class, links to mp.weixin.qq.com only, lists one level deep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from channels.contract import Content
from channels.wechat.mark import parts_of
from channels.wechat.tree import Node, parse

GAP = "margin-top:0;margin-bottom:16px;"
TEXT = "font-size:16px;line-height:1.75;"
BORDER = "border-width:1px;border-style:solid;border-color:#cccccc;"
STYLES = {
    "p": GAP + TEXT,
    "h2": GAP + "font-size:20px;line-height:1.5;font-weight:bold;",
    "h3": GAP + "font-size:18px;line-height:1.5;font-weight:bold;",
    "h4": GAP + "font-size:16px;line-height:1.5;font-weight:bold;",
    "ul": GAP + TEXT + "padding-left:24px;list-style-type:disc;",
    "ol": GAP + TEXT + "padding-left:24px;list-style-type:decimal;",
    "blockquote": GAP + "padding-left:12px;border-left-width:3px;border-left-style:solid;"
    "border-left-color:#cccccc;",
    "table": GAP + "width:100%;border-collapse:collapse;font-size:14px;line-height:1.6;",
    "td": BORDER,
    "th": BORDER + "font-weight:bold;",
    "img": "max-width:100%;height:auto;",
    "hr": GAP + "border-top-width:1px;border-top-style:solid;border-top-color:#cccccc;",
    "pre": GAP + "font-size:14px;line-height:1.6;background-color:#f6f6f6;",
    "note": "margin-top:0;margin-bottom:4px;font-size:13px;line-height:1.6;color:#888888;",
}
CENTRED = "text-align:center;"
INLINE = frozenset({"", "a", "br", "code", "em", "img", "s", "span", "strong", "sub", "sup", "u"})
KEPT_INLINE = frozenset({"em", "s", "strong", "sub", "sup", "u"})
HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
MEDIA = re.compile(r'src="media:([0-9A-Za-z]+)"')
INDENT = "\u3000"


def article_html(content: Content) -> str:
    """Write the article exactly as it is sent, save that pictures still say `media:SHA256`.

    A reprint ends with its source, links to other sites end as numbered notes: both are public
    text and part of what is signed, so they depend on nothing but the content.
    """
    writer = _Writer({picture.sha256: picture.width_px for picture in content.pictures})
    parts = [writer.blocks(parse(content.body).children)]
    parts += writer.notes()
    if content.origin != "original" and content.source:
        parts.append(_note(f"来源：{content.source}"))
    return "".join(parts)


def with_addresses(html: str, addresses: Mapping[str, str]) -> str:
    """Put the platform's picture addresses in place of `media:SHA256`.

    Raises `KeyError` for a picture without an address.
    """
    return MEDIA.sub(lambda found: f'src="{escape(addresses[found.group(1)])}"', html)


def media_in(html: str) -> list[str]:
    """List the SHA-256 of the pictures in `html`, in order, with repetitions."""
    return MEDIA.findall(html)


def stays_a_link(href: str) -> bool:
    """Tell whether WeChat keeps a link to `href`: only links to its own articles stay."""
    parts = parts_of(href)
    return (
        parts.scheme in {"http", "https"}
        and parts.hostname == "mp.weixin.qq.com"
        and parts.path.startswith("/s")
        and "tempkey=" not in href
    )


def _note(text: str) -> str:
    return f'<p style="{STYLES["note"]}">{escape(text)}</p>'


class _Writer:
    """Writes one article; collects its notes [1], [2], ... on the way."""

    def __init__(self, widths: Mapping[str, int]) -> None:
        self._widths = widths
        self._links: dict[str, str] = {}
        self._title_dropped = False

    def notes(self) -> list[str]:
        """Give the notes as paragraphs, under a line that says what they are."""
        if not self._links:
            return []
        return [_note("参考链接")] + [
            _note(f"[{number}] {text}: {href}" if text else f"[{number}] {href}")
            for number, (href, text) in enumerate(self._links.items(), 1)
        ]

    def blocks(self, nodes: Sequence[Node]) -> str:
        """Write blocks; loose text between them becomes paragraphs."""
        out: list[str] = []
        loose: list[Node] = []
        for node in nodes:
            if node.tag in INLINE:
                loose.append(node)
                continue
            out += self._loose(loose)
            loose = []
            out.append(self._block(node))
        return "".join(out + self._loose(loose))

    def _loose(self, nodes: Sequence[Node]) -> list[str]:
        return [self._paragraph(nodes)] if any(_says(one) for one in nodes) else []

    def _paragraph(self, nodes: Sequence[Node]) -> str:
        only_pictures = all(one.tag == "img" or not one.plain().strip() for one in nodes)
        style = STYLES["p"] + (CENTRED if only_pictures and _has_picture(nodes) else "")
        return f'<p style="{style}">{self._inline(nodes)}</p>'

    def _block(self, node: Node) -> str:
        tag = node.tag
        if tag == "p":
            return self._paragraph(node.children) if _says(node) else ""
        if tag in HEADINGS:
            return self._heading(node)
        if tag in {"ul", "ol"}:
            items = "".join(
                f"<li>{self._item(item, 0)}</li>" for item in node.children if item.tag == "li"
            )
            return f'<{tag} style="{STYLES[tag]}">{items}</{tag}>'
        if tag == "blockquote":
            return f'<{tag} style="{STYLES[tag]}">{self.blocks(node.children)}</{tag}>'
        if tag == "table":
            return f'<table style="{STYLES["table"]}">{self._rows(node)}</table>'
        if tag == "pre":
            text = escape(node.plain()).replace(" ", "&nbsp;").replace("\n", "<br>")
            return f'<section style="{STYLES["pre"]}">{text}</section>'
        if tag == "hr":
            return f'<hr style="{STYLES["hr"]}">'
        if tag == "figcaption":
            return f'<p style="{STYLES["note"]}{CENTRED}">{self._inline(node.children)}</p>'
        return self.blocks(node.children)

    def _heading(self, node: Node) -> str:
        if node.tag == "h1" and not self._title_dropped:
            # WeChat shows the title above the article by itself.
            self._title_dropped = True
            return ""
        tag = HEADINGS[node.tag]
        return f'<{tag} style="{STYLES[tag]}">{self._inline(node.children)}</{tag}>'

    def _item(self, item: Node, depth: int) -> str:
        """Write a list item; a list inside it becomes lines with text markers."""
        out = ""
        for child in item.children:
            if child.tag in {"ul", "ol"}:
                inner = [one for one in child.children if one.tag == "li"]
                for number, one in enumerate(inner, 1):
                    marker = f"{number}. " if child.tag == "ol" else "– "
                    out += f"<br>{INDENT * depth}{marker}{self._item(one, depth + 1)}"
            elif child.tag == "p":
                out += ("<br>" if out.strip() else "") + self._inline(child.children)
            elif child.tag in INLINE:
                out += self._inline([child])
            else:
                out += self._block(child)
        return out.strip()

    def _rows(self, table: Node) -> str:
        rows = [
            "".join(self._cell(cell) for cell in row.children if cell.tag in {"td", "th"})
            for row in table.walk()
            if row.tag == "tr"
        ]
        return "<tbody>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</tbody>"

    def _cell(self, cell: Node) -> str:
        spans = "".join(
            f' {name}="{escape(cell.attributes[name])}"'
            for name in ("colspan", "rowspan")
            if name in cell.attributes
        )
        inner = self._item(cell, 0)
        return f'<{cell.tag}{spans} style="{STYLES[cell.tag]}">{inner}</{cell.tag}>'

    def _inline(self, nodes: Sequence[Node]) -> str:
        return "".join(self._inline_one(node) for node in nodes)

    def _inline_one(self, node: Node) -> str:
        if node.tag == "":
            return escape(node.text)
        if node.tag == "br":
            return "<br>"
        if node.tag == "img":
            return self._picture(node)
        if node.tag == "a":
            return self._link(node)
        inner = self._inline(node.children)
        return f"<{node.tag}>{inner}</{node.tag}>" if node.tag in KEPT_INLINE else inner

    def _picture(self, node: Node) -> str:
        source = node.attributes.get("src", "")
        sha256 = source.removeprefix("media:")
        # WeChat filters pictures on other hosts: one that is not ours can never arrive.
        if sha256 == source:
            return ""
        width = self._widths.get(sha256, 0)
        return (
            f'<img src="{escape(source)}" alt="{escape(node.attributes.get("alt", ""))}"'
            + (f' data-w="{width}"' if width else "")
            + f' style="{STYLES["img"]}">'
        )

    def _link(self, node: Node) -> str:
        href = node.attributes.get("href", "")
        inner = self._inline(node.children)
        if stays_a_link(href):
            return f'<a href="{escape(href)}">{inner}</a>'
        text = node.plain().strip()
        if not href.startswith(("http://", "https://")) or text == href or "tempkey=" in href:
            return inner
        self._links.setdefault(href, text)
        return f"{inner}<sup>[{list(self._links).index(href) + 1}]</sup>"


def _has_picture(nodes: Sequence[Node]) -> bool:
    return any(one.tag == "img" for node in nodes for one in node.walk())


def _says(node: Node) -> bool:
    return bool(node.plain().strip()) or _has_picture([node])

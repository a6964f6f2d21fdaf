"""A small tree of clean HTML: what `article.py` walks to write WeChat's own kind of HTML.

nh3 removes whatever is no text; the standard parser then needs no forgiveness.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

VOID = frozenset({"br", "hr", "img"})
TAGS = frozenset(
    "a blockquote br code em figcaption figure h1 h2 h3 h4 h5 h6 hr img li ol p pre s section span "
    "strong sub sup table tbody td th thead tr u ul".split()
)
SAME = {"b": "strong", "i": "em", "del": "s", "div": "section"}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    **{t: {"colspan", "rowspan"} for t in ("td", "th")},
}


@dataclass(slots=True)
class Node:
    """An element (`tag`) with its children, or a text (`tag` empty)."""

    tag: str = ""
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def plain(self) -> str:
        """Give the text of this node and everything in it."""
        return self.text + "".join(child.plain() for child in self.children)

    def walk(self) -> list[Node]:
        """Give this node and everything in it, in reading order."""
        return [self] + [node for child in self.children for node in child.walk()]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(SAME.get(tag, tag), attributes={name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and len(self.open) > 1:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(Node(text=data))


def parse(html: str) -> Node:
    """Parse canonical HTML into a tree whose root has the tag "root"; unsafe parts are dropped.

    Addresses keep only the schemes http, https and media (a picture by its SHA-256).
    """
    clean = nh3.clean(
        # Half a surrogate pair cannot leave Python; `checks.py` tells the editor of it.
        html.encode("utf-8", "replace").decode(),
        tags=set(TAGS | SAME.keys()),
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "media"},
        link_rel=None,
    )
    builder = _Builder()
    builder.feed(clean)
    builder.close()
    return builder.root

"""From the Markdown of a story file to the canonical body. CommonMark and tables, no raw HTML.

What cannot be shown on the platforms as the author meant it is a fault with its line, never
silently dropped: a reviewer reads the result, not the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from unicodedata import east_asian_width
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from channels.contract import Picture
from scheduler.content import canonical_body
from scheduler.desk.draft import Faults, Finder, Place
from scheduler.words import N_

_WIDE = frozenset("WF")


def read_body(
    text: str, first_line: int, faults: Faults, find: Finder
) -> tuple[str, tuple[Picture, ...]]:
    """Give the canonical body of Markdown `text` and the pictures it shows, in order, each once.

    `first_line` is the line of the file on which `text` begins. A picture that is shown twice
    keeps the description of the first time.
    """
    reader = _Reader(first_line, faults, find)
    markup = reader.read(text)
    return canonical_body(markup), tuple(reader.pictures.values())


class _Reader:
    """Walks the tokens of one text and mends or refuses what stands in them."""

    def __init__(self, first_line: int, faults: Faults, find: Finder) -> None:
        # HTML is recognised only to be refused by name; unrecognised, its tags would be public.
        self.markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
        self.renderer = RendererHTML()
        self.first_line = first_line
        self.faults = faults
        self.find = find
        self.pictures: dict[str, Picture] = {}

    def read(self, text: str) -> str:
        tokens = self.markdown.parse(text)
        line = self.first_line
        for token in tokens:
            if token.map:
                line = self.first_line + token.map[0]
            if token.type == "html_block":
                self.refuse_html(token.content, line)
            for index, child in enumerate(token.children or ()):
                # Lines of one paragraph share a token; the break tells how far down we are.
                at = line + sum(
                    one.type in {"softbreak", "hardbreak"} for one in (token.children or ())[:index]
                )
                self.inline(token.children or [], index, child, at)
        return self.renderer.render(tokens, self.markdown.options, {})

    def inline(self, row: Sequence[Token], index: int, token: Token, line: int) -> None:
        if token.type == "html_inline":
            self.refuse_html(token.content, line)
        elif token.type == "image":
            self.picture(token, line)
        elif token.type == "link_open":
            self.link(str(token.attrs.get("href", "")), line)
        elif token.type == "softbreak" and _between_wide(row, index):
            # A line end inside Chinese text is no blank: it only keeps the source readable.
            token.type, token.content = "text", ""
        elif token.type == "text" and "**" in token.content:
            self.faults.add(
                "{file}, line {line}: the two asterisks stay visible, because a punctuation mark "
                "stands inside them and a letter outside. Put the mark outside: write "
                '"**重点**：" and not "**重点：**" before a letter.',
                line=line,
            )

    def refuse_html(self, content: str, line: int) -> None:
        tag = content.strip().splitlines()[0][:40]
        self.faults.add(
            "{file}, line {line}: {tag} is HTML. Write Markdown here; a < that is meant as a sign "
            "is written \\<.",
            line=line,
            tag=tag,
        )

    def link(self, href: str, line: int) -> None:
        if not href.startswith(("http://", "https://")):
            self.faults.add(
                "{file}, line {line}: the link to {link} would lead nowhere. Write the address in "
                "full, beginning with https://.",
                line=line,
                link=unquote(href) or "-",
            )

    def picture(self, token: Token, line: int) -> None:
        where: Place = (N_("line {line}"), {"line": line})
        found = self.find(unquote(str(token.attrs.get("src", ""))), where)
        if found is None:
            return
        token.attrs.pop("title", None)
        token.attrs["src"] = f"media:{found.sha256}"
        alt = self.renderer.renderInlineAsText(token.children or [], self.markdown.options, {})
        if found.sha256 not in self.pictures:
            self.pictures[found.sha256] = replace(found, alt=alt.strip())


def _between_wide(row: Sequence[Token], index: int) -> bool:
    before = next((one.content[-1] for one in reversed(row[:index]) if one.content), "")
    after = next((one.content[0] for one in row[index + 1 :] if one.content), "")
    return all(sign and east_asian_width(sign) in _WIDE for sign in (before, after))

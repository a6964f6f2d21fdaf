"""HTML that people paste: Word, WPS, web pages, the browser's own editing. To the canonical body.

Word writes lists as paragraphs (`mso-list`), headings sometimes as outline levels, bold as spans
with a style; browsers write lines as `<div>`. What means something is kept, the rest goes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from scheduler.content import BODY_TAGS, canonical_body

_NATIVE_ATTRIBUTES = frozenset({"src", "alt", "href", "colspan", "rowspan"})
_GONE = frozenset(
    "head style script title xml noscript template svg math iframe object select textarea video"
    " audio".split()
)
"""Elements whose text nobody wrote to be read."""
_VIDEOS = frozenset("video iframe embed object mpvideosnap mp-common-videosnap".split())
"""What plays a film or shows another page: nothing of it can go out."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TOP_HEADING = re.compile(r"<h1[\s>]|mso-outline-level:\s*1", re.IGNORECASE)
_BREAKS = frozenset("div section article header footer main aside center dl dt dd pre body".split())
_CONTAINERS = frozenset("ul ol li blockquote table thead tbody tr td th".split())
_INLINE = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "u": "u", "sup": "sup",
           "sub": "sub", "a": "a"}  # fmt: skip
_VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "wbr", "embed"})
_LIST = re.compile(r"mso-list:\s*l\d+\s+level(\d)", re.IGNORECASE)
_OUTLINE = re.compile(r"mso-outline-level:\s*([1-6])", re.IGNORECASE)
_BOLD = re.compile(r"(?<![-\w])font-weight:\s*(bold|bolder|[6-9]00)", re.IGNORECASE)
_NOT_BOLD = re.compile(r"(?<![-\w])font-weight:\s*(normal|[1-5]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style:\s*italic", re.IGNORECASE)
_UNDERLINE = re.compile(r"text-decoration[^;]*:\s*[^;]*underline", re.IGNORECASE)
_MEDIA = re.compile(r"(?:^media:|/media/)([0-9a-f]{64})$")
_EMPTY = re.compile(r"<(p|h[234]|li|strong|em|u)>(?:\s|&nbsp;|<br>)*</\1>")
_LAST_BREAK = re.compile(r"(?<!<br>)(?:<br>)++(</(?:p|h[234]|li|td|th)>)")
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*)?/?>")
_LINE_ENDS = re.compile(r">[^\S\n]*+\n\s*+<")
# The possessive signs (++, *+) keep both in step with the text's length: a paste of half a million
# empty lines would otherwise hold the whole console for an hour.
DEPTH_MAX = 200
"""Tags within tags; what Word and web pages write stays far below. Deeper ones lose their tag."""
_CLOSED_BY_THE_NEXT = frozenset({"p", "li", "td", "th", "tr"})
_NUMBERED = re.compile(r"^\(?[0-9a-zA-Z〇一二三四五六七八九十]{1,5}[.、)）．]|^[①-⑳]")


@dataclass(frozen=True, slots=True)
class Tidied:
    """The canonical body, how many pictures could not come along, and how many videos.

    Such pictures stand on another PC.
    """

    body: str
    lost_pictures: int = 0
    lost_videos: int = 0


def tidy(markup: str) -> Tidied:
    """Give the canonical body of any HTML. A canonical body stays exactly as it is."""
    text = _LINE_ENDS.sub("><", markup.replace("\r\n", "\n")).strip()
    if _is_native(text) and not _EMPTY.search(text) and canonical_body(text) == text:
        return Tidied(text)
    reader = _Reader(deeper=bool(_TOP_HEADING.search(text)))
    reader.feed(text)
    reader.close()
    body = canonical_body("".join(reader.finish()))
    while (smaller := _EMPTY.sub("", _LAST_BREAK.sub(r"\1", body))) != body:
        body = smaller
    return Tidied(canonical_body(body), reader.lost_pictures, reader.lost_videos)


def is_markup(text: str) -> bool:
    """Tell whether `text` was written as HTML: it has a tag of the kind articles have."""
    known = BODY_TAGS | _BREAKS | _HEADINGS | _INLINE.keys() | _VIDEOS | {"span", "font"}
    return any(found[1].lower() in known for found in _TAG.finditer(text))


def paragraphs(text: str) -> str:
    """Give the body of plain text: every line is a paragraph, as in Word; blank lines are none."""
    lines = (line.strip() for line in text.replace("\r", "\n").split("\n"))
    return canonical_body("".join(f"<p>{escape(line)}</p>" for line in lines if line))


def body_of(text: str) -> Tidied:
    """Give the body of what stood in a text field: HTML, or plain text in paragraphs."""
    return tidy(text) if is_markup(text) else Tidied(paragraphs(text))


class _Scan(HTMLParser):
    native = True
    depth = 0

    def handle_endtag(self, _tag: str) -> None:
        self.depth -= 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag not in _VOID
        self.native = self.native and self.depth <= DEPTH_MAX
        if tag not in BODY_TAGS or any(name not in _NATIVE_ATTRIBUTES for name, _ in attrs):
            self.native = False
        source = dict(attrs).get("src")
        if tag == "img" and not (source or "").startswith("media:"):
            self.native = False


def _is_native(text: str) -> bool:
    scan = _Scan()
    scan.feed(text)
    scan.close()
    return scan.native


class _Reader(HTMLParser):
    """Rewrites one text tag by tag; the canonical parser closes what is left open."""

    def __init__(self, *, deeper: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.deeper = deeper  # the story's title is the top heading: those of the text move down
        self.out: list[str] = []
        self.lost_pictures = 0
        self.lost_videos = 0
        self.open: list[tuple[str, str]] = []  # tag as read, what closes it
        self.gone = 0  # how deep inside an element that is left out
        self.marker: str | None = None  # the text of Word's list marker while it is read
        self.marker_text = ""  # and when it was read
        self.block = ""  # the open paragraph or heading
        self.boxes = 0  # how many cells, items, quotes are open
        self.lists: list[str] = []  # Word's lists that are open, outermost first
        self.level = 0  # of the Word list item that begins, until its kind is known

    def finish(self) -> list[str]:
        self.close_lists()
        return self.out

    # --- what the parser finds ---------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _VIDEOS and not self.gone:
            self.lost_videos += 1
        if self.gone or tag in _GONE:
            self.gone += tag not in _VOID
            return
        if tag in _VOID:
            self.void(tag, given)
            return
        style = given.get("style", "")
        if self.is_too_deep(tag):
            return
        if "mso-list:ignore" in style.replace(" ", "").lower():
            self.marker = ""
            self.open.append((tag, "marker"))
            return
        if tag == "p" or tag in _HEADINGS:
            self.open.append((tag, self.begin_block(tag, style, given.get("class", ""))))
        elif tag in _BREAKS:
            self.end_block()
            if self.boxes:
                self.out.append("<p>")
                self.block = "p"
            self.open.append((tag, "break"))
        elif tag in _CONTAINERS:
            self.end_block()
            self.close_lists()
            self.boxes += 1
            spans = "".join(
                f' {name}="{escape(given[name])}"' for name in ("colspan", "rowspan")
                if name in given and tag in {"td", "th"} and given[name] != "1"
            )  # fmt: skip
            self.out.append(f"<{tag}{spans}>")
            self.open.append((tag, f"box {tag}"))
        else:
            self.open.append((tag, self.begin_inline(tag, given, style)))

    def is_too_deep(self, tag: str) -> bool:
        """Tell whether a tag is left out. One that nobody closed is closed by the next like it."""
        if tag in _CLOSED_BY_THE_NEXT and self.open and self.open[-1][0] == tag:
            self.handle_endtag(tag)
        return len(self.open) >= DEPTH_MAX

    def handle_endtag(self, tag: str) -> None:
        if self.gone:
            self.gone -= tag not in _VOID
            return
        places = [at for at, (name, _) in enumerate(self.open) if name == tag]
        if not places:
            return
        for _name, how in reversed(self.open[places[-1] :]):
            self.shut(how)
        del self.open[places[-1] :]

    def handle_data(self, data: str) -> None:
        if self.gone:
            return
        if self.marker is not None:
            self.marker += data
            return
        text = data.replace("\xa0", " ")
        if not text.strip() and not self.block and not self.lists:
            return
        self.settle()
        self.out.append(escape(text, quote=False))

    # --- blocks ------------------------------------------------------------------------------

    def begin_block(self, tag: str, style: str, class_: str) -> str:
        self.end_block()
        if found := _LIST.search(style):
            self.level = int(found[1])
            return "item"
        self.close_lists()
        outline = _OUTLINE.search(style)
        name = "p"
        if tag in _HEADINGS or outline:
            level = int(tag[1]) if tag in _HEADINGS or outline is None else int(outline[1])
            name = f"h{min(4, max(2, level + self.deeper))}"
        elif class_.lower().startswith("msotitle"):
            name = "h2"
        self.out.append(f"<{name}>")
        self.block = name
        return f"block {name}"

    def end_block(self) -> None:
        if self.block:
            self.out.append(f"</{self.block}>")
            self.block = ""

    def settle(self) -> None:
        """Before text: begin the list item whose marker is known now, or a paragraph."""
        if self.level:
            self.begin_item()
        elif not self.block and not self.boxes and not self.lists:
            self.out.append("<p>")
            self.block = "p"

    def begin_item(self) -> None:
        marker = self.marker_text.strip()
        kind = "ol" if _NUMBERED.search(marker) else "ul"
        depth, self.level, self.marker_text = self.level, 0, ""
        while len(self.lists) > depth:
            self.out.append(f"</li></{self.lists.pop()}>")
        if len(self.lists) == depth and self.lists[-1] != kind:
            self.out.append(f"</li></{self.lists.pop()}>")
        if len(self.lists) == depth:
            self.out.append("</li><li>")
            return
        while len(self.lists) < depth:
            self.out.append(f"<{kind}><li>")
            self.lists.append(kind)

    def close_lists(self) -> None:
        while self.lists:
            self.out.append(f"</li></{self.lists.pop()}>")
        self.level = 0

    # --- inside a line -----------------------------------------------------------------------

    def begin_inline(self, tag: str, given: dict[str, str], style: str) -> str:
        tags = []
        name = _INLINE.get(tag, "")
        if name == "a":
            href = given.get("href", "")
            if href.startswith(("http://", "https://")):
                self.settle()
                self.out.append(f'<a href="{escape(href)}">')
                return "tags a"
        elif name and not (name == "strong" and _NOT_BOLD.search(style)):
            tags.append(name)
        for wanted, pattern in (("strong", _BOLD), ("em", _ITALIC), ("u", _UNDERLINE)):
            if wanted not in tags and pattern.search(style):
                tags.append(wanted)
        if self.block in {"h2", "h3", "h4"}:
            tags = [one for one in tags if one != "strong"]  # a heading is bold by itself
        if not tags:
            return ""
        if not self.level:
            self.settle()
        self.out += [f"<{one}>" for one in tags]
        return "tags " + " ".join(tags)

    def shut(self, how: str) -> None:
        kind, _, rest = how.partition(" ")
        if kind == "marker":
            self.marker_text, self.marker = self.marker or "", None
        elif kind in {"block", "break"}:
            self.end_block()
        elif kind == "item":
            self.level = 0
        elif kind == "box":
            self.end_block()
            self.close_lists()
            self.boxes -= 1
            self.out.append(f"</{rest}>")
        elif kind == "tags":
            self.out += [f"</{one}>" for one in reversed(rest.split())]

    def void(self, tag: str, given: dict[str, str]) -> None:
        if tag == "br" and (self.block or self.boxes or self.lists):
            self.out.append("<br>")
        elif tag == "hr":
            self.end_block()
            self.close_lists()
            self.out.append("<hr>")
        elif tag == "img":
            found = _MEDIA.search(given.get("src", ""))
            if found is None:
                self.lost_pictures += 1
                return
            self.settle()
            alt = escape(given.get("alt", ""))
            self.out.append(f'<img src="media:{found[1]}" alt="{alt}">')

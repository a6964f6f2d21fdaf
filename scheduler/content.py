"""Canonical form and content digest: what exactly a signature is bound to.

Two contents are the same when their canonical JSON is the same. Theme, time, position and
neighbours are not part of it: they are logged with the receipt.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
import unicodedata
from base64 import b32encode
from collections.abc import Callable, Iterable, Mapping
from html.parser import HTMLParser

import nh3

from channels.contract import Content, Picture

BODY_TAGS = frozenset(
    "p h2 h3 h4 strong em u ul ol li blockquote a br hr sup sub img".split()
    + "table thead tbody tr th td".split()
)
_ATTRIBUTES = {
    "img": {"src", "alt"},
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_RENAMED = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4"}
_BLOCKS = "p|h[234]|ul|ol|li|blockquote|table|thead|tbody|tr|th|td|br|hr"
_AROUND_BLOCKS = re.compile(rf"\s*(</?(?:{_BLOCKS})(?:\s[^>]*)?>)\s*")
"""Blanks around block tags mean nothing; those between words and inline tags do."""
MEDIA_SCHEME = "media:"


def canonical_json(value: object) -> str:
    """Give the one JSON text of `value`: sorted keys, no blanks, raw UTF-8, NFC."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return unicodedata.normalize("NFC", text)


def digest_of(value: object) -> str:
    """Give the SHA-256, in hex, of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def canonical_body(markup: str) -> str:
    """Reduce HTML to the small subset and serialise it in the one canonical way.

    Anything outside the subset loses its tag and keeps its text; scripts and styles go whole.
    Running it on its own result changes nothing.
    """
    body = _reduce(markup)
    # Taking a tag out can bring two together that may not nest; a second parse parts them.
    while (again := _reduce(body)) != body:
        body = again
    return body


def _reduce(markup: str) -> str:
    renamed = re.sub(
        r"<(/?)(\w+)(?=[\s/>])",
        lambda m: f"<{m[1]}{_RENAMED.get(m[2].lower(), m[2])}",
        unicodedata.normalize("NFC", markup),
    )
    clean = nh3.clean(
        renamed,
        tags=set(BODY_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "media"},
        link_rel=None,
    )
    return _AROUND_BLOCKS.sub(r"\1", re.sub(r"[ \t\r\n]+", " ", clean)).strip()


class _Text(HTMLParser):
    _BREAKS = frozenset({"p", "h2", "h3", "h4", "li", "tr", "br", "blockquote", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in ("td", "th"):
            self.parts.append("\t")
        elif tag in self._BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(body: str) -> str:
    """Give the body's plain-text projection, one line per block, for checks and listings."""
    parser = _Text()
    parser.feed(body)
    return re.sub(r"\n{2,}", "\n", "".join(parser.parts)).strip()


def media_in(body: str) -> list[str]:
    """Give the SHA-256 of each picture the body shows, in order."""
    return re.findall(r'src="media:([0-9a-f]{64})"', body)


def escape(text: str) -> str:
    """Make plain text safe inside the body's HTML."""
    return html.escape(text, quote=True)


def _picture_form(picture: Picture | None) -> dict[str, object] | None:
    if picture is None:
        return None
    crop = None if picture.crop is None else [f"{value:.6f}" for value in picture.crop]
    return {"alt": picture.alt, "crop": crop, "sha256": picture.sha256}


def form(content: Content) -> dict[str, object]:
    """Give what the digest covers, as plain data."""
    return {
        "author": content.author,
        "body": content.body,
        "cover": _picture_form(content.cover),
        "flags": sorted(content.flags),
        "how": content.how,
        "link": content.link,
        "origin": content.origin,
        "pictures": [_picture_form(picture) for picture in content.pictures],
        "source": content.source,
        "summary": content.summary,
        "text": content.text,
        "title": content.title,
    }


def content_digest(content: Content) -> str:
    """Give the SHA-256 a reviewer signs."""
    return digest_of(form(content))


def edition_digest(digests: Iterable[str]) -> str:
    """Give the digest of an ordered list of contents: remote ids are kept under it."""
    return digest_of(list(digests))


def pack(content: Content) -> str:
    """Give the JSON text in which a post keeps its content."""
    return canonical_json(form(content))


def unpack(text: str, picture: Callable[[str], Picture]) -> Content:
    """Read `pack`'s text again; `picture` gives the stored file for a SHA-256."""
    data = json.loads(text)

    def of(entry: Mapping[str, object] | None) -> Picture | None:
        if entry is None:
            return None
        stored = picture(str(entry["sha256"]))
        crop = entry["crop"]
        return Picture(
            sha256=stored.sha256,
            mime=stored.mime,
            size_bytes=stored.size_bytes,
            width_px=stored.width_px,
            height_px=stored.height_px,
            alt=str(entry["alt"]),
            crop=_crop(crop),
            data=stored.data,
        )

    pictures = [of(entry) for entry in data.pop("pictures")]
    cover = of(data.pop("cover"))
    flags = tuple(data.pop("flags"))
    return Content(
        **data,
        cover=cover,
        flags=flags,
        pictures=tuple(found for found in pictures if found is not None),
    )


def _crop(value: object) -> tuple[float, float, float, float] | None:
    if not isinstance(value, list):
        return None
    x1, y1, x2, y2 = (float(part) for part in value)
    return x1, y1, x2, y2


def new_key() -> str:
    """Make a delivery's key: 26 lower-case base32 characters, 130 random bits."""
    return b32encode(secrets.token_bytes(17)).decode().lower()[:26]

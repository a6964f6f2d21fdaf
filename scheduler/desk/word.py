"""A Word file (.docx) as the beginning of a story: title, body, pictures. Nothing is written here.

mammoth reads what the file means (headings, lists, tables, bold) and leaves fonts and margins; the
result goes through the same cleaning as pasted text. It opens no file the document points to.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from pathlib import PurePath

import mammoth

from scheduler.content import plain_text
from scheduler.desk.paste import tidy
from scheduler.errors import InputError

SIZE_MAX_BYTES = 20 * 1024 * 1024
UNFOLDED_MAX_BYTES = 200 * 1024 * 1024
"""A document that unfolds to more is an accident or an attack."""
TEXT_MAX_BYTES = 40 * 1024 * 1024
"""So much XML at most, read whole: in memory it takes many times its size."""
TITLE_MAX_CHARS = 60
_DOCUMENT = "word/document.xml"
_OLD = b"\xd0\xcf\x11\xe0"
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='标题'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
u => u
"""
_FIRST = re.compile(r"<(h[234]|p)>(.*?)</\1>", re.DOTALL)
_ENDS = "。；;：:，,、"

Keep = Callable[[bytes, str], str]
"""Stores one picture (bytes, a name for messages) and gives its SHA-256; "" when it is none."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a Word file says: its title, the canonical body, how many pictures were left out."""

    title: str
    body: str
    lost_pictures: int = 0


def read(data: bytes, name: str, keep: Keep) -> Read:
    """Read a .docx; `keep` stores its pictures. Raises `InputError` with what to do instead."""
    _refuse_unfit(data, name)

    def shown(image: object) -> dict[str, str]:
        with image.open() as file:  # type: ignore[attr-defined]
            sha256 = keep(file.read(), name)
        return {"src": f"media:{sha256}" if sha256 else ""}

    try:
        result = mammoth.convert_to_html(
            BytesIO(data),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(shown),
            external_file_access=False,
        )
    except InputError:
        raise
    except Exception as error:  # whatever a damaged file makes the readers of zip and XML raise
        raise InputError(
            "{name} is damaged or no Word file. Open it in Word or WPS and save it again as .docx.",
            name=name,
        ) from error
    tidied = tidy(result.value)
    title, body = _parted(tidied.body, has_top=_has_top(result.value))
    return Read(title or PurePath(name).stem, body, tidied.lost_pictures)


def _refuse_unfit(data: bytes, name: str) -> None:
    if not data:
        raise InputError("{name} is empty. Save the document again.", name=name)
    if len(data) > SIZE_MAX_BYTES:
        raise InputError(
            "{name} is larger than {most} MB. Take the pictures out and insert them here.",
            name=name,
            most=SIZE_MAX_BYTES // 1024 // 1024,
        )
    if data.startswith(_OLD):
        raise InputError(
            "{name} is an old Word or WPS file, or one with a password. Open it and save it again "
            "as .docx without a password.",
            name=name,
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            sizes = {one.filename: one.file_size for one in parts.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError):
        sizes = {}
    if _DOCUMENT not in sizes:
        raise InputError(
            "{name} is no Word file. Only .docx is read; save other texts as .docx, or paste them.",
            name=name,
        )
    text = sum(size for part, size in sizes.items() if part.endswith((".xml", ".rels")))
    if text > TEXT_MAX_BYTES or sum(sizes.values()) > UNFOLDED_MAX_BYTES:
        raise InputError("{name} unfolds to far too much. Paste its text instead.", name=name)


class _Tops(HTMLParser):
    found = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.found = self.found or tag == "h1"


def _has_top(markup: str) -> bool:
    tops = _Tops()
    tops.feed(markup)
    tops.close()
    return tops.found


def _parted(body: str, *, has_top: bool) -> tuple[str, str]:
    """Take the title off the body: its first block, when that looks like one."""
    first = _FIRST.match(body)
    text = " ".join(plain_text(first[2]).split()) if first else ""
    if first is None or not text or "<img" in first[2] or len(text) > TITLE_MAX_CHARS:
        return "", body
    is_heading = first[1] != "p"
    if (is_heading and has_top) or (not is_heading and text[-1] not in _ENDS):
        return text, body[first.end() :]
    return "", body

"""Read a story file: TOML between `+++` lines, then Markdown. Nothing is written here.

Every fault of a file is collected, named by line or key, and raised together.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from channels import KINDS
from channels.contract import Picture
from scheduler.desk import media
from scheduler.desk.body import read_body
from scheduler.desk.draft import Draft, Faults, Place, Variant, guess, nearest
from scheduler.errors import InputError, os_reason
from scheduler.words import N_

FENCE = "+++"
FILE_MAX_BYTES = 2 * 1024 * 1024
ORIGINS = {
    "original": "original", "reprint": "reprint", "forward": "forward",
    "原创": "original", "转载": "reprint", "转发": "forward",
}  # fmt: skip
_ONE_LINE = frozenset("title column origin source author link cover cover_alt how".split())
_STORY_KEYS = (*"title column origin source author summary link cover cover_alt".split(),)
_VARIANT_KEYS = ("text", "title", "summary", "author", "link", "how")
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")


def read(path: Path, columns: Collection[str]) -> Draft:
    """Read the story file at `path`; `columns` are the paths of the columns there are.

    Raises `InputError` (several at once as `StoryFaults`) naming the file and line or key.
    """
    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise InputError(
                "{file} is larger than 2 MB. A story file holds text; pictures stand beside it.",
                file=path,
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            "{file} cannot be read: {reason}. Check the name and the folder.",
            file=path,
            reason=os_reason(error),
        ) from None
    return _File(path, columns).draft(data)


class _File:
    """One story file being read."""

    def __init__(self, path: Path, columns: Collection[str]) -> None:
        self.folder = path.parent
        self.columns = columns
        self.faults = Faults(str(path))
        self.originals: dict[Path, Picture | None] = {}

    def draft(self, data: bytes) -> Draft:
        text = self.decoded(data)
        front, body, body_line = self.parted(text)
        keys = self.parsed(front)
        self.known_keys("", keys, (*_STORY_KEYS, "accounts", *KINDS))
        words = {key: self.words("", keys, key) for key in _STORY_KEYS}
        for key in ("title", "column"):
            if not words[key]:
                self.faults.add(
                    '{file}: the key {key} is missing. Add a line {key} = "...".', key=key
                )
        self.check_column(words["column"])
        markup, shown = read_body(body, body_line, self.faults, self.find)
        cover = self.cover(words)
        alts = {picture.sha256: picture.alt for picture in (*shown, *([cover] if cover else []))}
        draft = Draft(
            title=words["title"],
            column=words["column"],
            origin=self.origin(words["origin"]),
            source=words["source"],
            author=words["author"],
            summary=words["summary"],
            link=words["link"],
            body=markup,
            cover=cover,
            body_pictures=shown,
            accounts=self.accounts(keys),
            variants={kind: self.variant(kind, keys[kind], alts) for kind in KINDS if kind in keys},
            originals=tuple(found for found in self.originals.values() if found),
            source_text=text,
        )
        self.faults.stop()
        return draft

    # --- the file's two parts ---------------------------------------------------------------

    def decoded(self, data: bytes) -> str:
        try:
            # Windows editors put a mark before the first letter; it is no part of the text.
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(
                "{file} is not UTF-8 (byte {byte}). Save it again as UTF-8.",
                file=self.faults.file,
                byte=error.start + 1,
            ) from None
        return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))

    def parted(self, text: str) -> tuple[str, str, int]:
        lines = text.split("\n")
        if lines[0].rstrip() != FENCE:
            raise InputError(
                "{file}, line 1: a story file begins with a line +++, then title and column, then "
                "again +++, then the text.",
                file=self.faults.file,
            )
        for number, line in enumerate(lines[1:], 1):
            if line.rstrip() == FENCE:
                front, body = lines[1:number], lines[number + 1 :]
                return "\n".join(front), "\n".join(body), number + 2
        raise InputError(
            "{file}: the second line +++ is missing. Put it between the keys and the text.",
            file=self.faults.file,
        )

    def parsed(self, front: str) -> dict[str, object]:
        try:
            return tomllib.loads(front)
        except tomllib.TOMLDecodeError as error:
            said = str(error)
            found = _PLACE.search(said)
            line = int(found[1]) + 1 if found and found[1] else front.count("\n") + 2
            raise InputError(
                "{file}, line {line}: {reason}. Correct the line: text stands in quotes, as in "
                'title = "...".',
                file=self.faults.file,
                line=line,
                reason=(_PLACE.sub("", said).strip(), {}),
            ) from None

    # --- keys -------------------------------------------------------------------------------

    def known_keys(self, section: str, keys: Mapping[str, object], known: Collection[str]) -> None:
        for key in keys:
            if key not in known:
                self.faults.add(
                    "{file}: the key {key} is not known {where}. {help}",
                    key=key,
                    where=_where(section),
                    help=guess(key, known),
                )

    def words(self, section: str, keys: Mapping[str, object], key: str) -> str:
        value = keys.get(key, "")
        if not isinstance(value, str):
            self.faults.add(
                '{file}: {key} {where} must be text in quotes, as in {key} = "...".',
                key=key,
                where=_where(section),
            )
            return ""
        return " ".join(value.split()) if key in _ONE_LINE else value.strip()

    def names(self, section: str, keys: Mapping[str, object], key: str) -> list[object]:
        value = keys.get(key, [])
        if isinstance(value, list):
            return value
        self.faults.add(
            '{file}: {key} {where} must be a list, as in {key} = ["..."].',
            key=key,
            where=_where(section),
        )
        return []

    def check_column(self, column: str) -> None:
        if column and column not in self.columns:
            self.faults.add(
                "{file}: there is no column {column}. {help}",
                column=column,
                help=guess(column, self.columns),
            )

    def origin(self, word: str) -> str:
        if word and word not in ORIGINS:
            self.faults.add(
                "{file}: there is no origin {origin}. {help}",
                origin=word,
                help=guess(word, ORIGINS),
            )
        return ORIGINS.get(word, "")

    def accounts(self, keys: Mapping[str, object]) -> tuple[str, ...]:
        names = [name for name in self.names("", keys, "accounts") if isinstance(name, str)]
        return tuple(dict.fromkeys(names))

    def variant(self, kind: str, keys: object, alts: Mapping[str, str]) -> Variant:
        if not isinstance(keys, dict):
            self.faults.add("{file}: {key} must be a section: [{key}].", key=kind)
            return Variant()
        self.known_keys(kind, keys, (*_VARIANT_KEYS, "pictures"))
        words = {key: self.words(kind, keys, key) for key in _VARIANT_KEYS if key in keys}
        if "pictures" not in keys:
            return Variant(words)
        found = [self.listed(kind, entry, alts) for entry in self.names(kind, keys, "pictures")]
        return Variant(words, tuple(picture for picture in found if picture))

    # --- pictures ---------------------------------------------------------------------------

    def cover(self, words: Mapping[str, str]) -> Picture | None:
        if not words["cover"]:
            return None
        found = self.find(words["cover"], (N_("the key {key}"), {"key": "cover"}))
        return replace(found, alt=words["cover_alt"]) if found else None

    def listed(self, kind: str, entry: object, alts: Mapping[str, str]) -> Picture | None:
        """Read one entry of `pictures`: a file name, or {file = "...", alt = "..."}."""
        match entry:
            case str() as name:
                alt = None
            case {"file": str() as name, "alt": str() as alt, **rest} if not rest:
                pass
            case _:
                self.faults.add(
                    '{file}: pictures {where} lists file names, as in ["a.jpg"] or '
                    '[{{file = "a.jpg", alt = "..."}}].',
                    where=_where(kind),
                )
                return None
        found = self.find(name, (N_("pictures in [{section}]"), {"section": kind}))
        if found is None:
            return None
        # The same file described elsewhere in the story need not be described again.
        return replace(found, alt=alts.get(found.sha256, "") if alt is None else alt)

    def find(self, name: str, where: Place) -> Picture | None:
        """Give the picture a name means, without its bytes; a fault is noted once per file."""
        if re.match(r"[a-z][a-z0-9+.-]+:", name, re.IGNORECASE):
            self.faults.add(
                "{file}, {where}: {picture} is an address. Save the picture beside the story file "
                "and name that file.",
                where=where,
                picture=name,
            )
            return None
        path = self.folder / name
        if path not in self.originals:
            self.originals[path] = self.original(path, name, where)
        found = self.originals[path]
        return replace(found, data=b"") if found else None

    def original(self, path: Path, name: str, where: Place) -> Picture | None:
        if not path.is_file():
            beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
            self.faults.add(
                "{file}, {where}: there is no picture {picture}. Names count from the story "
                "file's folder. {help}",
                where=where,
                picture=name or "-",
                help=nearest(path.name, beside),
            )
            return None
        try:
            with path.open("rb") as file:
                data = file.read(media.SIZE_MAX_BYTES + 1)
            return media.inspect(data, name)
        except InputError as error:
            self.faults.add(
                "{file}, {where}: {reason}", where=where, reason=(error.text, error.params)
            )
        except OSError as error:
            self.faults.add(
                "{file}, {where}: {picture} cannot be read: {reason}.",
                where=where,
                picture=name,
                reason=os_reason(error),
            )
        return None


def _where(section: str) -> Place:
    if section:
        return N_("in [{section}]"), {"section": section}
    return N_("at the top of the file"), {}

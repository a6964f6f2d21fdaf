"""What changed between two contents, for a person's eye: words taken out, words put in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from channels.contract import Content
from scheduler.content import plain_text
from scheduler.words import N_

FIELDS = {
    "title": N_("Title"),
    "text": N_("Weibo text"),
    "summary": N_("Summary"),
    "author": N_("Author"),
    "source": N_("Source"),
    "link": N_("Link"),
    "origin": N_("Origin"),
    "how": N_("Way of sending"),
    "body": N_("Text"),
}
SAME, IN, OUT, SKIPPED = "same", "in", "out", "skipped"
NEAR_LINES = 1
CHARS_MAX = 4000
"""Longer lines are compared as a whole: marking single characters in them takes too long."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: `kind` is same, in, out, or skipped (`count` lines that are the same)."""

    kind: str
    text: str = ""
    count: int = 0


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs; `field` is a catalogue key."""

    field: str
    lines: tuple[Line, ...]


def changes(before: Content, after: Content) -> tuple[Change, ...]:
    """Give what differs, field by field; nothing when both say the same."""
    found = []
    for name, words in FIELDS.items():
        old, new = str(getattr(before, name)), str(getattr(after, name))
        if old == new:
            continue
        if name == "body":
            old, new = plain_text(old), plain_text(new)
            if old == new:
                found.append(Change(N_("Headings, bold, links or pictures in the text"), ()))
                continue
        found.append(Change(words, _lines(old, new)))
    if before.cover != after.cover:
        found.append(Change(N_("Cover picture"), ()))
    if before.pictures != after.pictures:
        found.append(Change(N_("Pictures"), ()))
    return tuple(found)


def _lines(before: str, after: str) -> tuple[Line, ...]:
    old, new = before.split("\n"), after.split("\n")
    out: list[Line] = []
    for verb, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if verb == "equal":
            out += _unchanged(old[i1:i2], is_first=not out, is_last=i2 == len(old))
            continue
        pairs = min(i2 - i1, j2 - j1)
        out += [_within(old[i1 + n], new[j1 + n]) for n in range(pairs)]
        out += [(Piece(OUT, line),) for line in old[i1 + pairs : i2]]
        out += [(Piece(IN, line),) for line in new[j1 + pairs : j2]]
    return tuple(out)


def _unchanged(lines: list[str], *, is_first: bool, is_last: bool) -> list[Line]:
    head = 0 if is_first else NEAR_LINES
    tail = 0 if is_last else NEAR_LINES
    hidden = len(lines) - head - tail
    if hidden <= 1:
        return [(Piece(SAME, line),) for line in lines]
    shown: list[Line] = [(Piece(SAME, line),) for line in lines[:head]]
    shown.append((Piece(SKIPPED, count=hidden),))
    return shown + [(Piece(SAME, line),) for line in lines[len(lines) - tail :]]


def _within(old: str, new: str) -> Line:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if len(old) + len(new) > CHARS_MAX or matcher.ratio() < 0.4:
        return tuple(Piece(kind, text) for kind, text in ((OUT, old), (IN, new)) if text)
    pieces: list[Piece] = []
    for verb, i1, i2, j1, j2 in matcher.get_opcodes():
        if verb == "equal":
            pieces.append(Piece(SAME, old[i1:i2]))
            continue
        if i2 > i1:
            pieces.append(Piece(OUT, old[i1:i2]))
        if j2 > j1:
            pieces.append(Piece(IN, new[j1:j2]))
    return tuple(pieces)

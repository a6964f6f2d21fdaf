"""What changed between two contents, for a person's eye: words taken out, words put in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from channels.contract import Content, Picture
from scheduler import sentences
from scheduler.content import plain_text
from scheduler.desk import quotes
from scheduler.words import N_, _

WORDS = {
    "title": N_("Title"),
    "text": N_("Weibo text"),
    "summary": N_("Summary"),
    "author": N_("Author"),
    "source": N_("Source"),
    "body": N_("Text"),
}
"""Fields of running words: what is marked in them is what differs."""
WHOLE = {"link": N_("Link"), "origin": N_("Origin"), "how": N_("Way of sending")}
"""Fields that are one thing: the old one is taken out, the new one put in."""
SAME, IN, OUT, SKIPPED = "same", "in", "out", "skipped"
NEAR_LINES = 1
CHARS_MAX = 4000
"""Longer lines are compared as a whole: marking single words in them takes too long."""
BETWEEN = N_(", ")
ALIKE = 0.4
"""Lines that share less than this are shown one after the other, not woven together."""
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z.%:-]*|.", re.DOTALL)
"""Figures and Latin words stay whole; of Chinese every character is one."""
_HREF = re.compile(r'href="([^"]*)"')
_VALUES = re.compile(r' (?:href|src|alt)="[^"]*"|<img>')


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: `kind` is same, in, out, or skipped (`count` lines that are the same).

    `at` is where it begins in the field's new text, counted without blanks (-1: not in it).
    `sha256` names the picture that was taken out or put in; the text says what it shows.
    """

    kind: str
    text: str = ""
    count: int = 0
    at: int = -1
    sha256: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What differs in one field of the content; `field` is a catalogue key."""

    field: str
    lines: tuple[Line, ...]
    name: str = ""


def changes(before: Content, after: Content) -> tuple[Change, ...]:
    """Give what differs, field by field; nothing when both say the same."""
    found = []
    for name, words in WORDS.items():
        old, new = _text(before, name), _text(after, name)
        if old != new:
            found.append(Change(words, _placed(_lines(old, new)), name))
    for name, words in WHOLE.items():
        old, new = str(getattr(before, name)), str(getattr(after, name))
        if old != new:
            found.append(Change(words, (_swapped(_said(name, old), _said(name, new)),), name))
    links = _HREF.findall(before.body), _HREF.findall(after.body)
    if links[0] != links[1]:
        found.append(Change(N_("Links in the text"), _listed(*links)))
    if _shape(before) != _shape(after) and _text(before, "body") == _text(after, "body"):
        found.append(Change(N_("Headings, bold or lists in the text"), ()))
    if before.cover != after.cover:
        covers = [[one.cover] if one.cover else [] for one in (before, after)]
        found.append(Change(N_("Cover picture"), _pictures(*covers)))
    if before.pictures != after.pictures:
        lines = _pictures(before.pictures, after.pictures)
        found.append(Change(N_("Pictures"), lines))
    return tuple(found)


def names(before: Sequence[str], after: Sequence[str], words: str) -> tuple[Change, ...]:
    """Give what differs between two lists of names, as one field called `words`."""
    if set(before) == set(after):
        return ()
    found = [Piece(SAME, name) for name in after if name in before]
    found += [Piece(OUT, name) for name in before if name not in after]
    found += [Piece(IN, name) for name in after if name not in before]
    line = [one for piece in found for one in (Piece(SAME, _(BETWEEN)), piece)]
    return (Change(words, (tuple(line[1:]),)),)


def _text(content: Content, name: str) -> str:
    return plain_text(content.body) if name == "body" else str(getattr(content, name))


def _shape(content: Content) -> str:
    return _VALUES.sub("", content.body)


def _said(name: str, value: str) -> str:
    if name == "how":
        return sentences.how(value) if value else ""
    return _(sentences.ORIGINS[value]) if name == "origin" and value else value


def _swapped(old: str, new: str) -> Line:
    return tuple(Piece(kind, text) for kind, text in ((OUT, old), (IN, new)) if text)


def _listed(old: Iterable[str], new: Iterable[str]) -> tuple[Line, ...]:
    gone, come = list(old), list(new)
    out: list[Line] = [(Piece(OUT, one),) for one in gone if one not in come]
    return (*out, *((Piece(IN, one),) for one in come if one not in gone))


def _pictures(old: Sequence[Picture], new: Sequence[Picture]) -> tuple[Line, ...]:
    out: list[Line] = []
    for verb, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if verb != "equal":
            out += [(Piece(OUT, one.alt, sha256=one.sha256),) for one in old[i1:i2]]
            out += [(Piece(IN, one.alt, sha256=one.sha256),) for one in new[j1:j2]]
    return tuple(out)


def _lines(before: str, after: str) -> list[Line]:
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
    return out


def _unchanged(lines: list[str], *, is_first: bool, is_last: bool) -> list[Line]:
    head = 0 if is_first else NEAR_LINES
    tail = 0 if is_last else NEAR_LINES
    hidden = len(lines) - head - tail
    if hidden <= 1:
        return [(Piece(SAME, line),) for line in lines]
    shown: list[Line] = [(Piece(SAME, line),) for line in lines[:head]]
    skipped = "\n".join(lines[head : head + hidden])
    shown.append((Piece(SKIPPED, skipped, count=hidden),))
    return shown + [(Piece(SAME, line),) for line in lines[len(lines) - tail :]]


def _within(before: str, after: str) -> Line:
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if len(before) + len(after) > CHARS_MAX or matcher.ratio() < ALIKE:
        return _swapped(before, after)
    pieces: list[Piece] = []
    codes = matcher.get_opcodes()
    for at, (verb, i1, i2, j1, j2) in enumerate(codes):
        # One sign that stayed between two changes makes confetti of a sentence.
        if verb == "equal" and (i2 - i1 > 1 or at in (0, len(codes) - 1)):
            pieces.append(Piece(SAME, "".join(old[i1:i2])))
        else:
            pieces += _swapped("".join(old[i1:i2]), "".join(new[j1:j2]))
    return _joined(pieces)


def _joined(pieces: list[Piece]) -> Line:
    """Put what follows each other together: first all that was taken out, then all put in."""
    out: list[Piece] = []
    gone, come = "", ""
    for piece in (*pieces, Piece(SAME)):
        if piece.kind == OUT:
            gone += piece.text
        elif piece.kind == IN:
            come += piece.text
        else:
            out += [*_swapped(gone, come), *([piece] if piece.text else [])]
            gone, come = "", ""
    return tuple(out)


def _placed(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Say of each piece where it begins in the new text."""
    at = 0
    out: list[Line] = []
    for line in lines:
        placed = []
        for piece in line:
            is_there = piece.kind != OUT
            placed.append(replace(piece, at=at) if is_there else piece)
            at += len(quotes.bare(piece.text)) if is_there else 0
        out.append(tuple(placed))
    return tuple(out)

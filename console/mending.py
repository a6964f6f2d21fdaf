"""Between two states of a form: what a fix changed, what two writers have differently. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from channels.contract import Content, Limits
from console import compare
from console.compare import IN, OUT, Change, Piece
from console.preview import Seen
from scheduler.desk import fixes, paste
from scheduler.desk.form import PLAIN, WORDS, Shown, Typed
from scheduler.words import N_

SUMMARY = "wechat.summary"
"""The name of the fix that answers no finding."""
_COMPARED = ("title", "summary", "author", "source", "link")
_WORDS_OF: Mapping[tuple[str, str], str] = {
    ("weibo", "link"): N_("Link of the Weibo post"),
    ("wechat", "title"): N_("Title on WeChat"),
    ("wechat", "summary"): N_("Summary on WeChat"),
    ("wechat", "author"): N_("Author on WeChat"),
    ("wechat", "link"): N_("Link on WeChat"),
    ("wechat", "text"): N_("Weibo text"),
    ("wechat", "how"): N_("Way of sending"),
    ("manual", "text"): N_("Text for publishing by hand"),
}


def offered(typed: Typed, shown: Sequence[Seen], limits: Mapping[str, Limits]) -> dict[str, str]:
    """Give the fixes that would change something: their name and words (a catalogue key)."""
    found: dict[str, str] = {}
    for one in shown:
        for finding in one.findings:
            words = fixes.offer(one.kind, finding, typed, limits[one.account])
            if words:
                found.setdefault(f"{one.kind}.{finding.code}", words)
    return found


def mended(typed: Typed, name: str, shown: Sequence[Seen], limits: Mapping[str, Limits]) -> Typed:
    """Apply the fix of that name; an unknown name, or one that is done already, changes nothing."""
    for one in shown:
        if name == SUMMARY and one.kind == "wechat":
            return fixes.with_summary(typed, limits[one.account])
        for finding in one.findings:
            if name == f"{one.kind}.{finding.code}":
                after = fixes.fixed(one.kind, finding, typed, limits[one.account])
                if after != typed:
                    return after
    return typed


def words_of(name: str) -> str:
    """Give the words (a catalogue key) of a fix by its name, "" for an unknown one."""
    return fixes.WORDS.get(name.rpartition(".")[2], "")


def fields(before: Typed, after: Typed) -> dict[str, object]:
    """Give the form's fields that differ, by their names in the page, with what they become."""
    found: dict[str, object] = {
        name: getattr(after, name)
        for name in PLAIN
        if getattr(after, name) != getattr(before, name)
    }
    for kind in before.words.keys() | after.words.keys():
        for key in WORDS:
            if before.word(kind, key) != after.word(kind, key):
                found[f"{kind}.{key}"] = after.word(kind, key)
    for kind in before.pictures.keys() | after.pictures.keys():
        listed = after.pictures.get(kind, ())
        if kind != "weibo" and listed != before.pictures.get(kind, ()):
            found[f"{kind}.pictures"] = [f"{sha256} {alt}" for sha256, alt in listed]
    return found


def differences(mine: Typed, theirs: Typed, titles: Mapping[str, str]) -> tuple[Change, ...]:
    """Say in which fields two writers differ: what is mine is out, what is theirs is in.

    `titles` are the accounts' names for people.
    """
    found = list(compare.changes(_as_content(mine), _as_content(theirs)))
    for (kind, key), words in _WORDS_OF.items():
        found += _either(words, mine.word(kind, key), theirs.word(kind, key))
    found += _either(N_("Column"), mine.column, theirs.column)
    found += _either(N_("Origin"), mine.origin, theirs.origin)
    found += _either(N_("Goes to"), _named(mine, titles), _named(theirs, titles))
    cover = ("cover", "cover_shape", "cover_at", "cover_alt")
    if any(getattr(mine, name) != getattr(theirs, name) for name in cover):
        found.append(Change(N_("Cover picture"), ()))
    if _listed(mine) != _listed(theirs):
        found.append(Change(N_("Pictures"), ()))
    return tuple(found)


def _as_content(typed: Typed) -> Content:
    return Content(
        **{name: getattr(typed, name) for name in _COMPARED},
        text=typed.word("weibo", "text"),
        body=paste.body_of(typed.body).body,
    )


def _either(words: str, mine: str, theirs: str) -> list[Change]:
    if mine == theirs:
        return []
    pieces = tuple(Piece(kind, text) for kind, text in ((OUT, mine), (IN, theirs)) if text)
    return [Change(words, (pieces,))]


def _named(typed: Typed, titles: Mapping[str, str]) -> str:
    return "、".join(titles.get(name, name) for name in sorted(typed.accounts))


def _listed(typed: Typed) -> dict[str, tuple[Shown, ...]]:
    return {kind: listed for kind, listed in typed.pictures.items() if listed}

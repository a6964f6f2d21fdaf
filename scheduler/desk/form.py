"""A story as it is typed into a form: read into a draft, and given back to be typed on.

The form's own words stand in `story.source_text` as JSON, so that the text for an account that is
not ticked today is not lost. A story that came from a file is read back from its posts.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from html.parser import HTMLParser

from sqlalchemy import Connection, select

from channels.contract import Content, Picture
from scheduler import events
from scheduler.content import MEDIA_SCHEME, canonical_json
from scheduler.desk import media, posts
from scheduler.desk.crop import crop_of
from scheduler.desk.draft import Draft, Variant
from scheduler.desk.intake import ORIGINS
from scheduler.desk.paste import body_of
from scheduler.desk.story import column_paths
from scheduler.desk.views import StoryView
from scheduler.errors import Conflict, InputError, NotFound
from scheduler.people import Actor
from scheduler.words import N_

PLAIN = (*"title column origin source author summary link body cover".split(),
         *"cover_alt cover_shape cover_at".split())  # fmt: skip
"""The fields that are one text each."""
WORDS = ("text", "title", "summary", "author", "link", "how")
COVER = "cover"
"""Stands where a picture's SHA-256 would, and means the cover, whichever it is."""
TITLE_MAX = 300
BODY_MAX_CHARS = 1_000_000
Shown = tuple[str, str]
"""A picture that is listed: its SHA-256 or `COVER`, and its description."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form. `words` and `pictures` are by kind of channel.

    `cover_shape` and `cover_at` choose a part of the cover, as `crop.crop_of` takes them.
    """

    title: str = ""
    column: str = ""
    origin: str = ""
    source: str = ""
    author: str = ""
    summary: str = ""
    link: str = ""
    body: str = ""
    cover: str = ""
    cover_alt: str = ""
    cover_shape: str = ""
    cover_at: str = ""
    accounts: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pictures: Mapping[str, tuple[Shown, ...]] = field(default_factory=dict)

    def word(self, kind: str, key: str) -> str:
        """Give what differs for one kind of channel, "" where nothing does."""
        return self.words.get(kind, {}).get(key, "")


class FormFaults(InputError):
    """What is wrong with a form, all together: (the field's name, the sentence)."""

    def __init__(self, faults: Iterable[tuple[str, InputError]]) -> None:
        self.faults = tuple(faults)
        super().__init__("Nothing was saved yet. Mend what is named here and save again.")

    def __str__(self) -> str:
        """Say them all, one per line."""
        return "\n".join([super().__str__(), *(f"- {fault}" for _, fault in self.faults)])


class Overtaken(Conflict):
    """Somebody else saved the story after this person opened it."""


def draft_of(tx: Connection, typed: Typed) -> Draft:
    """Read a form as a draft. Raises `FormFaults`."""
    draft, faults = read(tx, typed)
    if faults:
        raise FormFaults(faults)
    return draft


def read(tx: Connection, typed: Typed) -> tuple[Draft, list[tuple[str, InputError]]]:
    """Read a form as far as it goes, for a preview: the draft, and what keeps it from being one."""
    body = body_of(_clean(typed.body)).body
    stored: dict[str, Picture | None] = {}
    faults = _faults(tx, typed, body)
    cover = _picture(tx, stored, typed.cover, typed.cover_alt)
    if typed.cover and cover is None:
        faults.append(
            ("cover", InputError("The cover picture is not stored any more. Choose it again."))
        )
    if cover is not None:
        part = crop_of(cover.width_px, cover.height_px, typed.cover_shape, typed.cover_at)
        cover = replace(cover, crop=part)
    shown: dict[str, Picture] = {}
    for sha256, alt in pictures_in(body):
        found = _picture(tx, stored, sha256, alt)
        if found is not None:
            shown.setdefault(sha256, found)
    draft = Draft(
        title=_line(typed.title),
        column=typed.column,
        origin=ORIGINS.get(typed.origin, ""),
        source=_line(typed.source),
        author=_line(typed.author),
        summary=_clean(typed.summary).strip(),
        link=_line(typed.link),
        body=body,
        cover=cover,
        body_pictures=tuple(shown.values()),
        accounts=tuple(dict.fromkeys(typed.accounts)),
        variants=_variants(tx, typed, stored),
        source_text=text_of(replace(typed, body=body)),
    )
    return draft, faults


def _faults(tx: Connection, typed: Typed, body: str) -> list[tuple[str, InputError]]:
    found: list[tuple[str, InputError]] = []
    title = _line(typed.title)
    if not title:
        found.append(("title", InputError("The title is missing. Every story has one.")))
    if len(title) > TITLE_MAX:
        words = N_("The title has {length} characters, at most {most} are kept. Shorten it.")
        found.append(("title", InputError(words, length=len(title), most=TITLE_MAX)))
    if typed.column not in column_paths(tx):
        found.append(("column", InputError("Choose a column: the story is counted there.")))
    if typed.origin and typed.origin not in ORIGINS:
        words = N_("There is no origin {origin}. Choose one of the list.")
        found.append(("origin", InputError(words, origin=typed.origin)))
    if not typed.accounts:
        found.append(("accounts", InputError("Tick at least one account.")))
    if len(body) > BODY_MAX_CHARS:
        words = N_("The text is longer than a million characters. Split it.")
        found.append(("body", InputError(words)))
    return found


def _variants(
    tx: Connection, typed: Typed, stored: dict[str, Picture | None]
) -> dict[str, Variant]:
    made = {}
    for kind in typed.words.keys() | typed.pictures.keys():
        words = {
            key: _clean(value).strip() if key in {"text", "summary"} else _line(value)
            for key, value in typed.words.get(kind, {}).items()
            if key in WORDS and value.strip()
        }
        listed = [
            _picture(tx, stored, typed.cover if sha256 == COVER else sha256,
                     alt or (typed.cover_alt if sha256 == COVER else ""))
            for sha256, alt in typed.pictures.get(kind, ())
        ]  # fmt: skip
        pictures = tuple(one for one in listed if one is not None)
        if words or pictures:
            made[kind] = Variant(words, pictures or None)
    return made


def _picture(
    tx: Connection, stored: dict[str, Picture | None], sha256: str, alt: str
) -> Picture | None:
    if not sha256:
        return None
    if sha256 not in stored:
        try:
            stored[sha256] = media.picture(tx, sha256)
        except NotFound:
            stored[sha256] = None
    found = stored[sha256]
    return replace(found, alt=_line(alt)) if found else None


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Shown] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img" and (given.get("src") or "").startswith(MEDIA_SCHEME):
            sha256 = str(given["src"]).removeprefix(MEDIA_SCHEME)
            self.found.append((sha256, (given.get("alt") or "").strip()))


def pictures_in(body: str) -> list[Shown]:
    """Give the stored pictures a canonical body shows, in order, with their descriptions."""
    images = _Images()
    images.feed(body)
    images.close()
    return images.found


def _clean(text: str) -> str:
    """Bring text into the one form it is kept in. PostgreSQL takes no NUL."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\0", ""))


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


# --- back into the form --------------------------------------------------------------------------


def text_of(typed: Typed) -> str:
    """Give the form as the one text it is kept as."""
    return canonical_json({"form": 1, **asdict(typed)})


def from_text(text: str) -> Typed:
    """Read `text_of`'s text again; fields it does not know are empty. Raises `InputError`."""
    try:
        data = json.loads(text)
        plain = {name: str(data.get(name, "")) for name in PLAIN}
        words = {
            str(kind): {str(key): str(value) for key, value in said.items()}
            for kind, said in data.get("words", {}).items()
        }
        pictures = {
            str(kind): tuple((str(sha256), str(alt)) for sha256, alt in listed)
            for kind, listed in data.get("pictures", {}).items()
        }
        accounts = tuple(str(name) for name in data.get("accounts", ()))
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise InputError(
            "The form is not complete. Open the story again and repeat the change."
        ) from None
    return Typed(**plain, accounts=accounts, words=words, pictures=pictures)


def typed_of(view: StoryView, source_text: str) -> Typed:
    """Give a story as the form shows it for being edited."""
    kept = from_text(source_text) if source_text.startswith("{") else _from_posts(view)
    return replace(
        kept,
        title=view.title,
        column=view.column,
        origin=view.origin,
        source=view.source,
        author=view.author,
        summary=view.summary,
        link=view.link,
        body=view.body,
        accounts=tuple(post.account for post in view.posts),
    )


def _from_posts(view: StoryView) -> Typed:
    """Read back what a story file said, from what each kind of account says."""
    words: dict[str, dict[str, str]] = {}
    pictures: dict[str, tuple[Shown, ...]] = {}
    cover: Shown = ("", "")
    said: dict[str, Content] = {}
    for post in view.posts:
        said.setdefault(post.channel, post.content)
    in_body = {sha256 for sha256, _alt in pictures_in(view.body)}
    for kind, content in said.items():
        if content.cover is not None:
            cover = (content.cover.sha256, content.cover.alt)
        same = {"title": view.title, "summary": view.summary, "author": view.author,
                "link": view.link, "text": _weibo_text(said, kind)}  # fmt: skip
        keys = ("text", "link") if kind == "weibo" else WORDS[:-1]
        mine = {key: str(getattr(content, key)) for key in keys}
        words[kind] = {key: value for key, value in mine.items() if value and value != same[key]}
        words[kind]["how"] = content.how
        listed = tuple((one.sha256, one.alt) for one in content.pictures)
        if kind == "weibo":
            pictures[kind] = listed
        elif kind != "wechat":
            pictures[kind] = tuple(one for one in listed if one[0] not in in_body)
    return Typed(cover=cover[0], cover_alt=cover[1], words=words, pictures=pictures)


def _weibo_text(said: Mapping[str, Content], kind: str) -> str:
    return said["weibo"].text if kind != "weibo" and "weibo" in said else ""


# --- two editors ---------------------------------------------------------------------------------


def source_of(tx: Connection, story_id: int) -> str:
    """Give what the author wrote: the form as JSON, or a story file."""
    query = select(posts.STORY.c.source_text).where(posts.STORY.c.id == story_id)
    return str(tx.execute(query).scalar_one())


def refuse_if_overtaken(tx: Connection, story_id: int, seen: datetime, actor: Actor) -> None:
    """Raise `Overtaken` when the story was saved after `seen`. Locks the story."""
    story = posts.lock_story(tx, story_id)
    if story.updated_at == seen:
        return
    last = last_writer(tx, story_id)
    mine = N_(
        "You saved this story in another window after you opened it here. Nothing was written over "
        "it. What you typed here stands below; compare it with the saved text and choose one."
    )
    theirs = N_(
        "{person} saved this story after you opened it. Nothing of yours was written over it. What "
        "you typed stands below; look at the saved text beside it and take over what you need."
    )
    person = last[0] if last else "-"
    raise Overtaken(mine if person == actor.name else theirs, person=person, at=story.updated_at)


def last_writer(tx: Connection, story_id: int) -> tuple[str, datetime] | None:
    """Give who wrote or changed a story last, and when."""
    edits = [one for one in events.of_subject(tx, "story", story_id) if one.verb in {"add", "edit"}]
    return (edits[-1].actor.removeprefix("person:"), edits[-1].at) if edits else None

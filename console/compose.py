"""The form of a story between browser and desk: what was sent, what the page shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.datastructures import UploadFile

from channels import KINDS
from channels.contract import Channel, Picture, Words
from console import mending, preview
from console.desk import Desk
from console.preview import Seen
from scheduler import accounts
from scheduler.desk import form, media, paste, word
from scheduler.desk.form import Shown, Typed
from scheduler.desk.variants import content_of
from scheduler.errors import FabuError, InputError
from scheduler.people import Actor, Role, require
from scheduler.store import columns
from scheduler.words import N_, say

FILE_MAX_BYTES = max(media.SIZE_MAX_BYTES, word.SIZE_MAX_BYTES)


@dataclass(frozen=True, slots=True)
class Sent:
    """One form as it arrived: every field's values in order, every chosen file (name, bytes)."""

    fields: Mapping[str, list[str]]
    files: Mapping[str, tuple[str, bytes]]

    def one(self, name: str) -> str:
        """Give a field that stands once, "" when it is missing."""
        values = self.fields.get(name)
        return values[0] if values else ""


async def _sent(request: Request) -> Sent:
    fields: dict[str, list[str]] = {}
    files: dict[str, tuple[str, bytes]] = {}
    arrived = await request.form()
    for name, value in arrived.multi_items():
        if not isinstance(value, UploadFile):
            fields.setdefault(name, []).append(value)
        elif value.filename:
            files[name] = (value.filename, await value.read(FILE_MAX_BYTES + 1))
    await arrived.close()
    return Sent(fields, files)


Form = Annotated[Sent, Depends(_sent)]
VIDEO = N_(
    "Videos are not sent by this program: they go out by hand. Write the text here without it, and "
    "publish it in the platform’s own app."
)


def typed_of(sent: Sent) -> Typed:
    """Read the form's fields."""
    words = {
        kind: {key: sent.one(f"{kind}.{key}") for key in form.WORDS if sent.one(f"{kind}.{key}")}
        for kind in KINDS
    }
    pictures: dict[str, tuple[Shown, ...]] = {}
    for kind in KINDS:
        listed = [_shown(value) for value in sent.fields.get(f"{kind}.pictures", ())]
        if chosen := sent.one(f"{kind}.picture"):
            listed.append((chosen, sent.one(f"{kind}.picture_alt")))
        if listed:
            pictures[kind] = tuple(listed)
    plain = {name: sent.one(name) for name in form.PLAIN}
    return Typed(
        **plain,
        accounts=tuple(sent.fields.get("accounts", ())),
        words={kind: said for kind, said in words.items() if said},
        pictures=pictures,
    )


def _shown(value: str) -> Shown:
    sha256, _, alt = value.partition(" ")
    return sha256, alt


def seen_at(sent: Sent) -> datetime:
    """Give when the story was last saved, as the form knew it. Raises `InputError`."""
    try:
        found = datetime.fromisoformat(sent.one("seen"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InputError("The form is not complete. Open the story again and repeat the change.")
    return found


def take_files(
    desk: Desk, person: Actor, sent: Sent, typed: Typed
) -> tuple[Typed, list[FabuError]]:
    """Store the files that came with a form; what is no picture is said, the rest goes on."""
    wrong: list[FabuError] = []
    if paste.body_of(typed.body).lost_videos:
        wrong.append(InputError(VIDEO))
    for field, (name, data) in sent.files.items():
        try:
            picture = media.ready(data, name, person)
            with desk.store.write() as tx:
                found = media.take(tx, picture, now=desk.clock.now(), actor=person)
        except InputError as error:
            wrong.append(error)
            continue
        if field == "cover_file":
            typed = replace(typed, cover=found.sha256)
        elif field == "weibo.file":
            shown = (found.sha256, sent.one("weibo.picture_alt"))
            typed = replace(typed, pictures={**typed.pictures, "weibo": (shown,)})
        elif field == "body_file":
            body = paste.body_of(typed.body).body
            shows = f'<p><img src="media:{found.sha256}" alt=""></p>'
            typed = replace(typed, body=body + shows)
    return typed, wrong


def read_word(desk: Desk, person: Actor, sent: Sent) -> word.Read:
    """Read the Word file of a form, its pictures stored. Raises `InputError`, `NotAllowed`."""
    require(person, Role.author)
    if "word" not in sent.files:
        raise InputError("No file arrived. Choose the Word file again.")
    name, data = sent.files["word"]

    def keep(picture: bytes, told: str) -> str:
        try:
            ready = media.ready(picture, told, person)
            with desk.store.write() as tx:
                found = media.take(tx, ready, now=desk.clock.now(), actor=person)
        except InputError:
            return ""
        return found.sha256

    return word.read(data, name, keep)


def lost(pictures: int, videos: int = 0) -> str:
    """Say what could not come along with a pasted or imported text, "" for nothing."""
    one = N_("One picture could not be pasted along. Insert it with the picture button.")
    many = N_("{count} pictures could not be pasted along. Insert them with the picture button.")
    told = [say(one if pictures == 1 else many, {"count": pictures})] if pictures else []
    return " ".join([*told, *([say(VIDEO)] if videos else [])])


def channels_of(desk: Desk) -> dict[str, Channel]:
    """Give every configured account's channel, without its secrets: only to check and render."""
    return {
        name: accounts.build_channel(desk.settings, name, {}, desk.clock.now)
        for name in desk.settings.accounts
    }


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks say of a form, and how each account's readers would see it."""

    shown: tuple[Seen, ...]
    missing: tuple[tuple[str, InputError], ...]
    counters: Mapping[str, str]
    over: frozenset[str]
    fixes: Mapping[str, str]
    cover: Picture | None

    @property
    def groups(self) -> dict[str, list[preview.Told]]:
        """Give the findings by weight."""
        return preview.grouped(self.shown)


def check(tx: Connection, desk: Desk, typed: Typed) -> Checked:
    """Check and render what is typed so far. Changes nothing."""
    draft, missing = form.read(tx, typed)
    origin = draft.origin
    if not origin and not any(name == "column" for name, _ in missing):
        origin = columns.by_path(tx, draft.column).origin
    channels = channels_of(desk)
    shown = []
    for name in draft.accounts:
        if name not in channels:
            continue
        try:
            made = content_of(draft, channels[name], origin or "original")
        except InputError as error:
            shown.append(preview.fault(channels[name], Words(error.text, error.params)))
            continue
        shown.append(preview.seen(channels[name], made.content, made.notes))
    limits = {name: channel.limits for name, channel in channels.items()}
    counters, over = _counters(draft.title, typed, channels, shown)
    offered = mending.offered(typed, shown, limits)
    return Checked(tuple(shown), tuple(missing), counters, over, offered, draft.cover)


def mend(tx: Connection, desk: Desk, typed: Typed, name: str) -> Typed:
    """Apply one fix to what is typed. Saves nothing."""
    limits = {one: channel.limits for one, channel in channels_of(desk).items()}
    return mending.mended(typed, name, check(tx, desk, typed).shown, limits)


def _counters(
    title: str, typed: Typed, channels: Mapping[str, Channel], shown: list[Seen]
) -> tuple[dict[str, str], frozenset[str]]:
    """Count in each platform's measure: "98/140", and a sentence when that is too much."""
    found: dict[str, str] = {}
    over = set()
    for one in shown:
        if one.kind == "weibo" and "weibo.text" not in found:
            found["weibo.text"] = one.length
            if one.is_over:
                over.add("weibo.text")
                now, _, most = one.length.partition("/")
                words = N_("{over} too many: Weibo takes at most {most} characters")
                found["weibo.text"] = say(words, {"over": int(now) - int(most), "most": most})
    limits = next(
        (one.limits for one in channels.values() if one.account.channel == "wechat"), None
    )
    if limits is None:
        return found, frozenset(over)
    summary = typed.word("wechat", "summary")
    for name, text, most_ in (
        ("wechat.title", typed.word("wechat", "title") or title, limits.title_max),
        ("summary", typed.summary, limits.summary_max),
        ("wechat.summary", summary or typed.summary, limits.summary_max),
    ):
        size = len(text.strip())
        found[name] = f"{size}/{most_}"
        if size > most_:
            over.add(name)
            words = N_("{over} too many: WeChat takes at most {most} characters")
            found[name] = say(words, {"over": size - most_, "most": most_})
    return found, frozenset(over)


def shown_body(body: str) -> str:
    """Give a body for the text field: plain paragraphs as plain text, anything more as HTML."""
    plain = body.replace("</p><p>", "\n\n").removeprefix("<p>").removesuffix("</p>")
    if "<" not in plain and "&" not in plain and (not body or body.startswith("<p>")):
        return plain
    for tag in ("p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "table", "tr", "tbody"):
        body = body.replace(f"</{tag}>", f"</{tag}>\n")
    return body.replace("\n\n", "\n").strip()


def retyped(typed: Typed) -> Typed:
    """Give what was typed for the page after an error: HTML only in its cleaned form."""
    if paste.is_markup(typed.body):
        return replace(typed, body=paste.tidy(typed.body).body)
    return typed


VERBS = {
    "add": N_("written"),
    "edit": N_("changed"),
    "submit": N_("submitted for review"),
    "approve": N_("signed"),
    "return": N_("returned"),
    "drop": N_("taken off an account"),
    "comment": N_("commented"),
    "settle_comment": N_("settled a comment"),
    "reopen_comment": N_("opened a comment again"),
    "withdraw_comment": N_("withdrew a comment"),
}

"""What is known of one doubt, or of one pack in a person's hands; and what to do first. Reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from channels.contract import Content, Picture
from console.links import home_of
from scheduler import sentences
from scheduler.config import Settings
from scheduler.content import media_in, plain_text
from scheduler.machine import State, Verb
from scheduler.store import flight, listing
from scheduler.store.files import content_of
from scheduler.store.moves import DeliveryRow, read
from scheduler.store.queue import posts_of
from scheduler.store.rules import ACCOUNT, DELIVERY
from scheduler.words import N_, say

KEPT_WORDS = {
    "draft": N_("The platform keeps our draft under this number"),
    "submitted": N_("This draft was handed in for publishing"),
    "job": N_("The platform gave this number to the job"),
    "msg_data_id": N_("The platform gave this number to the message"),
    "pushed": N_("The platform told us that this job ended; a look followed"),
    "by_hand": N_("The draft was handed to a person to publish by hand"),
}
NOT_SHOWN = frozenset({"job_key"})
WAIT, OUT, AGAIN = "wait", "published", "again"
Words = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing we know, and since when. `value` is an id to copy, "" for none."""

    at: datetime
    what: str
    who: str = ""
    reason: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """Which action stands first, and why."""

    action: str
    reasons: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One doubt (or hand-over), with all that a person needs to decide it."""

    row: DeliveryRow
    entry: dict[str, Any]
    headline: str
    facts: tuple[Fact, ...]
    home: str
    said: str
    advice: Advice
    may_again: bool


def read_case(tx: Connection, settings: Settings, delivery_id: int, now: datetime) -> Case:
    """Read one case. Raises `NotFound`."""
    row = read(tx, delivery_id)
    entry = listing.one(tx, row, now)
    history = listing.history(tx, delivery_id)
    kept = [one for one in flight.kept(tx, delivery_id) if one.name not in NOT_SHOWN and one.value]
    account = settings.accounts.get(entry["account"])
    return Case(
        row=row,
        entry=entry,
        headline=listing.headline([post["title"] for post in entry["posts"]]),
        facts=_facts(row, history, kept),
        home=home_of(account, entry["channel"]),
        said=sentences.reason(row.code, row.detail),
        advice=advise(row, [line["verb"] for line in history], {one.name for one in kept}, now),
        # Only posts that still belong to it can be sent by it.
        may_again=bool(posts_of(tx, delivery_id)),
    )


def _facts(
    row: DeliveryRow, history: Sequence[dict[str, Any]], kept: Sequence[DeliveryRow]
) -> tuple[Fact, ...]:
    facts = [
        Fact(line["at"], sentences.verb(line["verb"]), line["actor"], line["reason"])
        for line in history
    ]
    facts += [
        Fact(
            one.kept_at, say(KEPT_WORDS.get(one.name, N_("Kept from the platform"))), "", "",
            one.value,
        )
        for one in kept
    ]  # fmt: skip
    if row.looks:
        facts.append(
            Fact(
                row.updated_at,
                say(N_("Looked for at the platform, {count} times by now"), {"count": row.looks})
                if row.looks > 1
                else say(N_("Looked for at the platform once")),
                "",
                sentences.reason(row.code, row.detail),
            )
        )
    return tuple(sorted(facts, key=lambda fact: fact.at))


def advise(row: DeliveryRow, verbs: Sequence[str], kept: set[str], now: datetime) -> Advice:
    """Say what to do first, and why. Evidence decides nothing: a person looks before they press."""
    if row.next_at is not None and row.next_at > now:
        why = N_("The machine looks again by itself; until then it may find it.")
        return Advice(WAIT, ((why, {}),))
    first: Words = (N_("First look at the account yourself: what you see there decides."), {})
    if Verb.restore.value in verbs:
        why = N_(
            "The database came back from a backup. What was due since then has most likely gone "
            "out before the fault."
        )
        return Advice(OUT, (first, (why, {})))
    if row.code == "draft_gone":
        why = N_(
            "Our draft has left the draft box without our doing: somebody has most likely "
            "published it by hand."
        )
        return Advice(OUT, (first, (why, {})))
    if row.how == "push":
        why = N_(
            "It was a push to followers. A push does not stand in any list we can read, so not "
            "seeing it means little; and a second push cannot be taken back."
        )
        return Advice(OUT, (first, (why, {})))
    if row.looks:
        why = N_(
            "It was looked for {count} times and never seen. That is no proof, but it speaks for "
            "a request that never arrived."
        )
        reasons: tuple[Words, ...] = (first, (why, {"count": row.looks}))
        if "draft" in kept:
            safe = N_("The draft is deleted before anything is sent again, so it cannot go twice.")
            reasons = (*reasons, (safe, {}))
        return Advice(AGAIN, reasons)
    why = N_("Nobody has looked for it yet, so nothing speaks for one or the other.")
    return Advice(OUT, (first, (why, {})))


@dataclass(frozen=True, slots=True)
class Part:
    """One field to copy: its name and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One post of a pack: what to copy, and its pictures."""

    title: str
    parts: tuple[Part, ...]
    pictures: tuple[Picture, ...]


PART_WORDS = (
    ("title", N_("Title")),
    ("text", N_("Short text")),
    ("summary", N_("Summary")),
    ("body", N_("Article text")),
    ("link", N_("Link")),
    ("author", N_("Author")),
    ("source", N_("Source")),
)


def pack_of(tx: Connection, delivery_id: int) -> list[Page]:
    """Give a delivery as a person copies it: plain text, field by field, and the pictures."""
    return [
        _page(post.title, content_of(tx, post.content))
        for post in posts_of(tx, delivery_id)
        if post.content
    ]


def _page(title: str, content: Content) -> Page:
    texts = {name: str(getattr(content, name)) for name, _word in PART_WORDS}
    texts["body"] = plain_text(content.body)
    parts = tuple(Part(name, texts[name]) for name, _word in PART_WORDS if texts[name])
    return Page(title, parts, pictures_of(content))


def pictures_of(content: Content) -> tuple[Picture, ...]:
    """Give a content's pictures once each, in the order a person needs them."""
    inside = set(media_in(content.body))
    attached = [one for one in content.pictures if one.sha256 not in inside]
    shown = [one for one in content.pictures if one.sha256 in inside]
    found = [*([content.cover] if content.cover else []), *shown, *attached]
    return tuple({picture.sha256: picture for picture in found}.values())


def hands(tx: Connection) -> list[dict[str, Any]]:
    """Give the deliveries that lie with a person, the oldest first, one line each."""
    query = (
        select(DELIVERY, ACCOUNT.c.title.label("account_title"), ACCOUNT.c.channel)
        .join(ACCOUNT, ACCOUNT.c.id == DELIVERY.c.account_id)
        .where(DELIVERY.c.state == State.accepted.value, DELIVERY.c.accepted_by == "person")
        .order_by(DELIVERY.c.accepted_at, DELIVERY.c.id)
    )
    rows = tx.execute(query).all()
    posts = listing.members_of(tx, [row.id for row in rows]) if rows else {}
    return [
        {
            "id": row.id,
            "account": row.account_title,
            "channel": row.channel,
            "title": listing.headline([post.title for post in posts.get(row.id, [])]),
            "since": row.accepted_at,
            "late_at": row.late_at,
        }
        for row in rows
    ]

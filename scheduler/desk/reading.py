"""What a reviewer saw last of a story, so that the next version can be compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from channels.contract import Content
from scheduler import events
from scheduler.content import unpack
from scheduler.desk import media, review
from scheduler.desk.posts import ACCOUNT, POST, VERSION, VERSION_POST
from scheduler.desk.tables import Reading, Signature
from scheduler.people import Actor
from scheduler.tables import table

READING, SIGNATURE = table(Reading), table(Signature)


@dataclass(frozen=True, slots=True)
class Before:
    """What one account said in version `number`.

    `is_seen`: this person had that version before them; else it is the last one submitted.
    `content` is None where the text of that version was not kept.
    """

    number: int
    is_seen: bool
    content: Content | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a version is compared with. `dropped`: accounts the story no longer goes to."""

    number: int
    is_seen: bool
    accounts: Mapping[str, Before]
    dropped: tuple[str, ...]


def is_noted(tx: Connection, story_id: int, number: int, actor: Actor) -> bool:
    """Tell whether it is known already that this person opened a version."""
    query = select(READING.c.id).join(VERSION, VERSION.c.id == READING.c.version_id)
    mine = (READING.c.person_id == actor.id, VERSION.c.story_id == story_id)
    return tx.execute(query.where(*mine, VERSION.c.number == number)).first() is not None


def note(tx: Connection, story_id: int, number: int, *, now: datetime, actor: Actor) -> None:
    """Keep that this person has a version before them, once; only for those who may decide."""
    if not review.may_decide(tx, story_id, actor):
        return
    version = tx.execute(
        select(VERSION.c.id)
        .where(VERSION.c.story_id == story_id, VERSION.c.number == number)
        .with_for_update()
    ).scalar()
    if version is None or is_noted(tx, story_id, number, actor):
        return
    tx.execute(insert(READING).values(version_id=version, person_id=actor.id, opened_at=now))


def basis(
    tx: Connection, story_id: int, number: int, digests: Mapping[str, str], actor: Actor
) -> Basis | None:
    """Give what version `number` is compared with; None for the first that is read at all.

    It is what this person saw last (signed, returned or opened), account by account; where they
    saw none, the version submitted before. `digests` are the accounts of `number` with what they
    say: the same digest is the same text, also where the text itself was not kept.
    """
    earlier = _earlier(tx, story_id, number)
    if not earlier:
        return None
    seen = _seen_by(tx, story_id, actor)
    kept = _kept(tx, story_id)
    found = {}
    for name in digests:
        with_it = [at for at, shown in earlier.items() if name in shown]
        if with_it:
            at = max([one for one in with_it if one in seen] or with_it)
            text = kept.get(earlier[at][name])
            content = unpack(text, lambda sha256: media.picture(tx, sha256)) if text else None
            found[name] = Before(at, at in seen, content)
    last = max([one for one in earlier if one in seen] or earlier)
    return Basis(last, last in seen, found, _dropped_since(tx, story_id, last))


def _earlier(tx: Connection, story_id: int, number: int) -> dict[int, dict[str, str]]:
    """Give the versions before `number`, each with its accounts and their digests."""
    query = (
        select(VERSION.c.number, ACCOUNT.c.name, VERSION_POST.c.content_digest)
        .join(VERSION_POST, VERSION_POST.c.version_id == VERSION.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == VERSION_POST.c.account_id)
        .where(VERSION.c.story_id == story_id, VERSION.c.number < number)
    )
    found: dict[int, dict[str, str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.number, {})[row.name] = row.content_digest
    return found


def _seen_by(tx: Connection, story_id: int, actor: Actor) -> set[int]:
    found: set[int] = set()
    for made in (READING, SIGNATURE):
        query = select(VERSION.c.number).join(made, made.c.version_id == VERSION.c.id)
        mine = (VERSION.c.story_id == story_id, made.c.person_id == actor.id)
        found |= set(tx.execute(query.where(*mine)).scalars())
    return found


def _kept(tx: Connection, story_id: int) -> dict[str, str]:
    """Give the packed texts that were kept with the story's submissions, by their digest."""
    found: dict[str, str] = {}
    for line in events.of_subject(tx, "story", story_id):
        if line.verb != "submit":
            continue
        detail: dict[str, Any] = events.detail_of(line)
        digests, said = detail.get("accounts") or {}, detail.get("said") or {}
        found |= {digests[name]: text for name, text in said.items() if name in digests}
    # Versions from before texts were kept may still be what the story says now.
    query = select(POST.c.content_digest, POST.c.content).where(POST.c.story_id == story_id)
    return {row.content_digest: row.content for row in tx.execute(query)} | found


def _dropped_since(tx: Connection, story_id: int, number: int) -> tuple[str, ...]:
    """Give the accounts taken off the story after a version was submitted, and not put back."""
    made_at = select(VERSION.c.made_at).where(
        VERSION.c.story_id == story_id, VERSION.c.number == number
    )
    query = (
        select(ACCOUNT.c.name, POST.c.dropped_at)
        .join(ACCOUNT, ACCOUNT.c.id == POST.c.account_id)
        .where(POST.c.story_id == story_id)
        .order_by(POST.c.account_id)
    )
    rows = tx.execute(query).all()
    living = {row.name for row in rows if row.dropped_at is None}
    since = tx.execute(made_at).scalar_one()
    gone = [row.name for row in rows if row.dropped_at is not None and row.dropped_at >= since]
    return tuple(name for name in dict.fromkeys(gone) if name not in living)

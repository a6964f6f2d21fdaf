"""Versions: which one waits, who wrote in the story, and why one can no longer be decided on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from scheduler.desk.posts import STORY, VERSION
from scheduler.desk.tables import Signature
from scheduler.errors import Conflict, NotFound
from scheduler.people import Actor
from scheduler.tables import Event, Person, table

EVENT, PERSON, SIGNATURE = table(Event), table(Person), table(Signature)


def newest(tx: Connection, story_id: int) -> int:
    """Give the number of a story's newest version. Raises `Conflict` when there is none."""
    number = tx.execute(
        select(func.max(VERSION.c.number)).where(VERSION.c.story_id == story_id)
    ).scalar()
    if number is None:
        raise Conflict(
            "Story {id} was never submitted. Its author does that first.",
            command="fabu story submit {id}",
            id=story_id,
        )
    return int(number)


def waiting(tx: Connection, story_id: int, number: int) -> Row[Any]:
    """Give the version with this number, as long as it waits for a decision.

    Raises `NotFound`, and `Conflict` when it was decided on or overtaken by a change.
    """
    query = select(VERSION).where(VERSION.c.story_id == story_id, VERSION.c.number == number)
    version = tx.execute(query).first()
    if version is None:
        raise NotFound(
            "Story {id} has no version {number}; the newest is {newest}.",
            id=story_id,
            number=number,
            newest=newest(tx, story_id),
        )
    if version.closed_at is None:
        return version
    signed = tx.execute(
        select(PERSON.c.name)
        .join(SIGNATURE, SIGNATURE.c.person_id == PERSON.c.id)
        .where(SIGNATURE.c.version_id == version.id)
    ).first()
    if signed is None:
        raise changed_since(tx, story_id, number)
    raise Conflict(
        "Version {number} of story {id} was decided on already, by {person}.",
        id=story_id,
        number=number,
        person=signed.name,
    )


def changed_since(tx: Connection, story_id: int, number: int) -> Conflict:
    """Give the error for a version that shows something else than the story says now."""
    last = newest(tx, story_id)
    if last > number:
        return Conflict(
            "Story {id} has changed since version {number} was submitted. Version {newest} takes "
            "its place: read that one.",
            id=story_id,
            number=number,
            newest=last,
        )
    return Conflict(
        "Story {id} has changed since version {number} was submitted. Read it anew: its author "
        "submits it again, then it has a new number.",
        id=story_id,
        number=number,
    )


def wrote(tx: Connection, story_id: int, actor: Actor) -> bool:
    """Tell whether this person wrote the story, or changed a part of it."""
    return story_id in written_of(tx, [story_id], actor)


def written_of(tx: Connection, story_ids: Sequence[int], actor: Actor) -> frozenset[int]:
    """Give those of these stories that this person wrote, or changed a part of."""
    if not story_ids:
        return frozenset()
    owns = select(STORY.c.id).where(STORY.c.id.in_(story_ids), STORY.c.author_id == actor.id)
    edits = select(EVENT.c.subject_id).where(
        EVENT.c.kind == "story",
        EVENT.c.subject_id.in_(story_ids),
        EVENT.c.verb.in_(("add", "edit")),
        EVENT.c.actor == actor.mark,
    )
    return frozenset((*tx.execute(owns).scalars(), *tx.execute(edits).scalars()))

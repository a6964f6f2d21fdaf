"""Reviews: a version is put before somebody else, who signs it or sends it back. One step here.

draft -> in_review -> approved | returned; an edit leads back to draft. A signature is the post's
`approved_digest`: it holds for exactly what was shown and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from scheduler import events, notices
from scheduler.desk import comment, gates, posts, versions
from scheduler.desk.posts import ACCOUNT, POST, STORY, VERSION, VERSION_POST
from scheduler.desk.story import Found, findings, must_of
from scheduler.desk.tables import STEP_ONLY, Signature
from scheduler.desk.variants import Channels
from scheduler.desk.versions import changed_since, written_of, wrote
from scheduler.errors import Conflict, InputError, NotAllowed
from scheduler.people import Actor, Role, require
from scheduler.tables import Person, table
from scheduler.words import N_

PERSON, SIGNATURE = table(Person), table(Signature)
APPROVAL = timedelta(days=90)
"""How long a signature holds: a text of last season is read again before it goes out."""
_ONE_OPEN = N_("{reason} (one comment is open)")
_MANY_OPEN = N_("{reason} ({count} comments are open)")


class Unfit(Conflict):
    """A story with `must` findings cannot be submitted; `found` are all of them."""

    def __init__(self, story_id: int, found: Sequence[Found]) -> None:
        account, finding = found[0]
        super().__init__(
            "Story {id} cannot be submitted; {count} faults must be mended first. On account "
            "{account}: {words}",
            id=story_id,
            count=len(found),
            account=account,
            words=(finding.words.text, finding.words.params),
        )
        self.found = tuple(found)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One version that waits for a reviewer."""

    story_id: int
    number: int
    title: str
    column: str
    accounts: tuple[str, ...]
    made_by: str
    made_at: datetime
    note: str


def submit(
    tx: Connection, story_id: int, channels: Channels, *, now: datetime, actor: Actor,
    note: str = "",
) -> int:  # fmt: skip
    """Freeze what the story says as a version and put it before the reviewers; give its number.

    The version holds the posts that need a signature: those signed and unchanged stay as they
    are. Raises `Conflict` while a `must` finding stands (the checks run here again), when the
    story waits already, and when nothing needs a signature.
    """
    require(actor, Role.author)
    story = posts.lock_story(tx, story_id)
    if story.review == "in_review":
        raise Conflict(
            "Story {id} waits for a reviewer already. Edit it to take it back, or wait.",
            id=story_id,
        )
    unsigned = [post for post in posts.of_story(tx, story_id) if _needs_signature(post, now)]
    if not unsigned:
        raise Conflict(
            "Nothing of story {id} needs a signature: every account is signed or out already.",
            id=story_id,
        )
    stopped = must_of(findings(tx, story_id, channels))
    if stopped:
        raise Unfit(story_id, stopped)
    number = _make_version(tx, story, unsigned, now=now, actor=actor, note=events.reason(note))
    notices.done(tx, "story", story_id, now)
    notices.tell(
        tx,
        role=Role.reviewer.value,
        code="review_waits",
        now=now,
        kind="story",
        subject_id=story_id,
        detail={"title": story.title, "number": number},
    )
    return number


def approve(tx: Connection, story_id: int, number: int, *, now: datetime, actor: Actor) -> datetime:
    """Sign one version; give the moment until which the signature holds.

    It is the reviewer's word that the text passed all five gates; never by who wrote the story or
    in it. The approval is written on each post in this transaction, and only where the post still
    says what the version shows. Raises `NotAllowed`, `NotFound`, and `Conflict` when anything has
    changed since.
    """
    story, version = _open_version(tx, story_id, number, actor)
    lines = posts.lines_shown(tx, story_id)
    until = now + APPROVAL
    for line in lines:
        signed = tx.execute(
            update(POST)
            .where(
                POST.c.id == line.post_id,
                POST.c.content_digest == line.content_digest,
                POST.c.dropped_at.is_(None),
            )
            .values(approved_digest=line.content_digest, approved_until=until, updated_at=now)
        )
        if signed.rowcount != 1:
            raise changed_since(tx, story_id, number)
    if not lines:
        raise changed_since(tx, story_id, number)
    _close(tx, story, version, "approve", "", gates.ALL, now=now, actor=actor)
    return until


def return_(
    tx: Connection, story_id: int, number: int, *, reason: str, now: datetime, actor: Actor,
    failed: Sequence[str] = (),
) -> None:  # fmt: skip
    """Send one version back to its author, with the reason. Earlier signatures stay.

    `failed` may name the gates it did not pass; the author is told how many comments are open.
    Raises `InputError` without a reason, else what `approve` raises.
    """
    reason = events.reason(reason)
    if not reason:
        raise InputError("Say why the story is sent back: the author reads it.")
    named = gates.parse(failed)
    story, version = _open_version(tx, story_id, number, actor)
    _close(tx, story, version, "return", reason, named, now=now, actor=actor)
    told: dict[str, object] = {"title": story.title, "number": number, "reason": reason}
    if count := comment.count_open(tx, story_id):
        text = _ONE_OPEN if count == 1 else _MANY_OPEN
        told |= {"text": text, "params": {"reason": reason, "count": count}}
    notices.tell(
        tx,
        role=Role.author.value,
        code="review_returned",
        now=now,
        kind="story",
        subject_id=story_id,
        detail=told,
    )


def check(tx: Connection, story_id: int, number: int, actor: Actor) -> None:
    """Raise what `approve` would raise for this person and this version; signs nothing."""
    _may_decide(tx, versions.waiting(tx, story_id, number), actor)


def pending(tx: Connection) -> list[Waiting]:
    """Give the versions that wait for a reviewer, the longest waiting first."""
    query = (
        select(VERSION, STORY.c.title, posts.COLUMN.c.path, PERSON.c.name.label("person"))
        .join(STORY, STORY.c.id == VERSION.c.story_id)
        .join(posts.COLUMN, posts.COLUMN.c.id == STORY.c.column_id)
        .outerjoin(PERSON, PERSON.c.id == VERSION.c.made_by)
        .where(VERSION.c.closed_at.is_(None))
        .order_by(VERSION.c.made_at, VERSION.c.id)
    )
    shown = posts.accounts_waiting(tx)
    return [
        Waiting(
            story_id=row.story_id,
            number=row.number,
            title=row.title,
            column=row.path,
            accounts=tuple(shown.get(row.story_id, ())),
            made_by=row.person or "",
            made_at=row.made_at,
            note=row.note,
        )
        for row in tx.execute(query).all()
    ]


def pending_for(tx: Connection, actor: Actor) -> list[Waiting]:
    """Give the versions this person may decide on, the longest waiting first."""
    if not actor.may(Role.reviewer):
        return []
    waiting = pending(tx)
    own = written_of(tx, [one.story_id for one in waiting], actor)
    return [one for one in waiting if one.story_id not in own]


def may_decide(tx: Connection, story_id: int, actor: Actor) -> bool:
    """Tell whether this person may sign or return the story: a reviewer who wrote none of it."""
    return actor.may(Role.reviewer) and not wrote(tx, story_id, actor)


def _needs_signature(post: Row[Any], now: datetime) -> bool:
    if post.published_at is not None:
        return False
    if post.approved_until is not None and post.approved_until <= now:
        return True
    return bool(post.approved_digest != post.content_digest)


def _make_version(
    tx: Connection, story: Row[Any], shown: Sequence[Row[Any]], *, now: datetime, actor: Actor,
    note: str,
) -> int:  # fmt: skip
    last = select(func.max(VERSION.c.number)).where(VERSION.c.story_id == story.id)
    number = int(tx.execute(last).scalar() or 0) + 1
    values = {"made_by": actor.id or None, "made_at": now, "note": note.strip()}
    made = insert(VERSION).values(story_id=story.id, number=number, **values)
    version_id = tx.execute(made.returning(VERSION.c.id)).scalar_one()
    for post in shown:
        tx.execute(
            insert(VERSION_POST).values(
                version_id=version_id,
                account_id=post.account_id,
                post_id=post.id,
                content_digest=post.content_digest,
            )
        )
    tx.execute(
        update(STORY).where(STORY.c.id == story.id).values(review="in_review", review_note="")
    )
    shown_digests = {post.account: post.content_digest for post in shown}
    said = {post.account: post.content for post in shown}
    detail = {"number": number, "accounts": shown_digests, "said": said}
    _write(tx, story, "submit", "in_review", now=now, actor=actor, detail=detail)
    return number


def _open_version(
    tx: Connection, story_id: int, number: int, actor: Actor
) -> tuple[Row[Any], Row[Any]]:
    """Give the story and the version to be decided on; refuse whoever may not decide."""
    require(actor, Role.reviewer)
    story = posts.lock_story(tx, story_id)
    version = versions.waiting(tx, story_id, number)
    _may_decide(tx, version, actor)
    return story, version


def _may_decide(tx: Connection, version: Row[Any], actor: Actor) -> None:
    require(actor, Role.reviewer)
    if wrote(tx, version.story_id, actor):
        raise NotAllowed(
            "{person} wrote story {id}, or a part of it, and may not decide on it. Another "
            "reviewer must.",
            person=actor.name,
            id=version.story_id,
        )


def _close(
    tx: Connection, story: Row[Any], version: Row[Any], decision: str, reason: str,
    of_gates: Sequence[str], *, now: datetime, actor: Actor,
) -> None:  # fmt: skip
    tx.execute(
        insert(SIGNATURE).values(
            version_id=version.id,
            step=STEP_ONLY,
            person_id=actor.id,
            decision=decision,
            reason=reason,
            gates=" ".join(of_gates),
            signed_at=now,
        )
    )
    tx.execute(update(VERSION).where(VERSION.c.id == version.id).values(closed_at=now))
    review = "approved" if decision == "approve" else "returned"
    tx.execute(
        update(STORY).where(STORY.c.id == story.id).values(review=review, review_note=reason)
    )
    lines = tx.execute(
        select(ACCOUNT.c.name, VERSION_POST.c.content_digest)
        .join(ACCOUNT, ACCOUNT.c.id == VERSION_POST.c.account_id)
        .where(VERSION_POST.c.version_id == version.id, VERSION_POST.c.voided_at.is_(None))
    )
    detail = {
        "number": version.number,
        "accounts": {line.name: line.content_digest for line in lines},
        "reason": reason,
        "gates": list(of_gates),
    }
    _write(tx, story, decision, review, now=now, actor=actor, detail=detail)
    notices.done(tx, "story", story.id, now)


def _write(
    tx: Connection, story: Row[Any], verb: str, target: str, *, now: datetime, actor: Actor,
    detail: dict[str, object],
) -> None:  # fmt: skip
    line = events.Line(
        kind="story",
        subject_id=story.id,
        verb=verb,
        actor=actor.mark,
        at=now,
        origin_state=story.review,
        target_state=target,
        detail=detail,
    )
    events.write(tx, line)

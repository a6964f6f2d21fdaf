"""Place stories in the queue and change that place: add, move, hold, cancel, requeue, resolve."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from channels.contract import Channel, Content, Finding, Severity
from scheduler import calendar, events
from scheduler.errors import Conflict, InputError, NotAllowed, NotFound
from scheduler.machine import State
from scheduler.people import Actor, Role, require
from scheduler.store import accounts, queue, settle
from scheduler.store.files import content_of
from scheduler.store.moves import DeliveryRow, read
from scheduler.store.rules import ACCOUNT, POST
from scheduler.tables import ContentColumn, table

COLUMN = table(ContentColumn)
SLIP = timedelta(minutes=2)
"""How far back a time may lie that a person meant as now."""
PLACERS = (Role.author, Role.operator)


class Refused(InputError):
    """The checks found what must be mended first; `findings` say what."""

    def __init__(self, findings: Sequence[tuple[str, Finding]]) -> None:
        super().__init__(
            "It was not queued: {count} findings must be mended first. Mend the story, submit it"
            " again, then queue it.",
            count=len(findings),
        )
        self.findings = tuple(findings)


def add(
    tx: Connection,
    channel: Channel,
    story_ids: Sequence[int],
    due_at: datetime,
    *,
    now: datetime,
    actor: Actor,
) -> int:
    """Queue one delivery of these stories, in this order, on `channel`'s account; give its id.

    The channel's checks run first: `Refused` carries their findings. A story that is not approved
    may be queued; it does not leave before it is. Raises `InputError` for a time in the past,
    `Conflict` when a post is out or waits elsewhere.
    """
    require(actor, *PLACERS)
    _not_past(due_at, now)
    account = accounts.by_name(tx, channel.account.name)
    _in_use(account)
    posts = [_post_of(tx, story_id, account.id, account.title) for story_id in story_ids]
    contents = [content_of(tx, post.content) for post in posts]
    _check(channel, posts, contents)
    how = contents[0].how
    holds = channel.limits.holds_account_s.get(how, 0)
    order = queue.Order(
        account_id=account.id,
        post_ids=[post.id for post in posts],
        how=how,
        due_at=due_at,
        late_at=late_at(tx, posts, due_at),
        repeatable=how in channel.REPEATABLE,
        hold_account_s=0 if isinstance(holds, str) else holds,
        hold_account_day=holds == "day",
    )
    return queue.add(tx, order, now=now, actor=actor.mark)


def _not_past(due_at: datetime, now: datetime) -> None:
    if now - due_at > SLIP:
        raise InputError(
            "The time {time} is in the past. Give a later one.",
            time=due_at,
        )


def _in_use(account: DeliveryRow) -> None:
    if not account.active:
        raise Conflict(
            "{account} is out of use, so nothing is queued there. An administrator takes it into"
            " use again.",
            account=account.title,
        )


def _post_of(tx: Connection, story_id: int, account_id: int, title: str) -> DeliveryRow:
    query = select(POST).where(
        POST.c.story_id == story_id, POST.c.account_id == account_id, POST.c.dropped_at.is_(None)
    )
    row = tx.execute(query).first()
    if row is None:
        raise NotFound(
            "Story {id} has no post for the account {account}. Add the account to the story first.",
            command="fabu story show {id}",
            id=story_id,
            account=title,
        )
    return row


def _check(channel: Channel, posts: Sequence[DeliveryRow], contents: Sequence[Content]) -> None:
    found: list[tuple[str, Finding]] = []
    for post, content in zip(posts, contents, strict=True):
        found += [(post.title, finding) for finding in channel.check(content)]
    found += [("", finding) for finding in channel.check_edition(contents)]
    musts = [entry for entry in found if entry[1].severity is Severity.must]
    if musts:
        raise Refused(musts)
    if len({content.how for content in contents}) > 1:
        raise InputError(
            "These stories are sent in different ways ({hows}); one delivery has one way."
            " Make it the same in each, or queue them apart.",
            hows=", ".join(sorted({content.how for content in contents})),
        )
    most = channel.limits.posts_per_call
    if len(contents) > most:
        raise InputError(
            "One delivery on this channel takes {most} stories at most, not {count}. Queue the"
            " others apart.",
            most=most,
            count=len(contents),
        )


def late_at(tx: Connection, posts: Sequence[DeliveryRow], due_at: datetime) -> datetime:
    """Give the lateness limit of a delivery: the shortest of its posts' columns."""
    kinds = tx.execute(
        select(COLUMN.c.lateness).where(COLUMN.c.id.in_([post.column_id for post in posts]))
    ).scalars()
    return min(calendar.late_at(due_at, kind) for kind in kinds)


def _members(tx: Connection, delivery_id: int) -> list[DeliveryRow]:
    """Give the posts of a delivery. Raises `NotFound`, and `Conflict` when none is left in it."""
    found = queue.posts_of(tx, read(tx, delivery_id).id)
    if not found:
        raise Conflict(
            "Delivery {id} has no post left: they went into another delivery.", id=delivery_id
        )
    return found


def move(
    tx: Connection, delivery_id: int, due_at: datetime, *, now: datetime, actor: Actor
) -> None:
    """Give a queued delivery another time."""
    require(actor, *PLACERS)
    _not_past(due_at, now)
    late = late_at(tx, _members(tx, delivery_id), due_at)
    queue.reschedule(tx, delivery_id, due_at=due_at, late_at=late, now=now, actor=actor.mark)


def hold(tx: Connection, delivery_id: int, reason: str, *, now: datetime, actor: Actor) -> State:
    """Hold a delivery until somebody lets it go."""
    require(actor, *PLACERS, Role.reviewer)
    return queue.hold(tx, delivery_id, reason=events.reason(reason), now=now, actor=actor.mark)


def unhold(tx: Connection, delivery_id: int, *, now: datetime, actor: Actor) -> None:
    """Let a held delivery go again: an operator, or whoever held it."""
    require(actor, *PLACERS, Role.reviewer)
    if not actor.may(Role.operator) and _held_by(tx, delivery_id) != actor.mark:
        raise NotAllowed(
            "Delivery {id} was held by {who}. Only they or an operator may release it.",
            id=delivery_id,
            who=_held_by(tx, delivery_id),
        )
    queue.unhold(tx, delivery_id, now=now, actor=actor.mark)


def _held_by(tx: Connection, delivery_id: int) -> str:
    holds = [row for row in events.of_subject(tx, "delivery", delivery_id) if row.verb == "hold"]
    return str(holds[-1].actor) if holds else ""


def cancel(
    tx: Connection,
    delivery_id: int,
    reason: str,
    *,
    now: datetime,
    actor: Actor,
    unused: bool = False,
) -> State:
    """Take a delivery out of the queue, or a pack out of a person's hands.

    A pack needs the holder's word that it was not used (`unused`), or cancelling would say "not
    out" of something that may be; the caller has deleted its draft first (`dispatch.drafts`).
    """
    require(actor, *PLACERS)
    if read(tx, delivery_id).accepted_by == "person" and not unused:
        raise Conflict(
            "Delivery {id} is in a person's hands. Ask whether it was posted: if not, take it back;"
            " if so, record it as published with its link.",
            command="fabu queue cancel {id} --unused | fabu queue resolve {id} --published",
            id=delivery_id,
        )
    return queue.cancel(tx, delivery_id, reason=events.reason(reason), now=now, actor=actor.mark)


def requeue(
    tx: Connection, delivery_id: int, due_at: datetime, *, now: datetime, actor: Actor
) -> int:
    """Queue a failed, missed or cancelled delivery again; give the id it now has."""
    require(actor, *PLACERS)
    _not_past(due_at, now)
    mine = ACCOUNT.c.id == read(tx, delivery_id).account_id
    _in_use(tx.execute(select(ACCOUNT).where(mine)).one())
    late = late_at(tx, _members(tx, delivery_id), due_at)
    return queue.requeue(tx, delivery_id, due_at=due_at, late_at=late, now=now, actor=actor.mark)


def resolve_published(
    tx: Connection,
    delivery_id: int,
    *,
    links: Sequence[str],
    published_at: datetime | None,
    reason: str,
    now: datetime,
    actor: Actor,
) -> None:
    """Say that a doubtful (or handed-over) delivery is out, with the links a person saw."""
    row = read(tx, delivery_id)
    # Whoever holds a pack says what became of it; what became of a doubt is the operator's word.
    require(actor, *(PLACERS if row.accepted_by == "person" else (Role.operator,)))
    ids = settle.spoken_posts(tx, row, count=len(links) or None)
    if links and len(links) != len(ids):
        raise InputError(
            "Delivery {id} has {count} posts; give one link for each, in order, or none.",
            id=delivery_id,
            count=len(ids),
        )
    queue.resolve(
        tx, delivery_id, State.published, reason=events.reason(reason), now=now, actor=actor.mark
    )
    proofs = [
        settle.Proof(link=link, published_at=published_at) for link in (links or [""] * len(ids))
    ]
    spoke_at = row.armed_at or row.first_armed_at or now
    settle.mark_out(tx, ids, proofs, now=now, spoke_at=spoke_at)


def resolve_failed(
    tx: Connection, delivery_id: int, *, reason: str, now: datetime, actor: Actor
) -> None:
    """Say that a doubtful delivery is certainly not out and shall not be sent."""
    require(actor, Role.operator)
    queue.resolve(
        tx, delivery_id, State.failed, reason=events.reason(reason), now=now, actor=actor.mark
    )


def resolve_again(
    tx: Connection,
    delivery_id: int,
    due_at: datetime,
    *,
    reason: str,
    now: datetime,
    actor: Actor,
) -> None:
    """Say that a doubtful delivery is certainly not out and shall be sent: new time, new key.

    The caller has deleted the platform's draft first (`dispatch.drafts.discard`).
    """
    require(actor, Role.operator)
    _not_past(due_at, now)
    late = late_at(tx, _members(tx, delivery_id), due_at)
    queue.resolve(
        tx,
        delivery_id,
        State.queued,
        reason=events.reason(reason),
        now=now,
        actor=actor.mark,
        values=queue.renewed(now, due_at, late),
    )

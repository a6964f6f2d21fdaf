"""The day hour by hour: what went out, what goes out, per account. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from console import format as said
from scheduler import sentences
from scheduler.clock import beijing, day_end, day_start
from scheduler.desk.posts import VERSION, VERSION_POST
from scheduler.desk.tables import Signature
from scheduler.machine import State
from scheduler.people import PERSON
from scheduler.store.queue import posts_of
from scheduler.store.rules import ACCOUNT, DELIVERY, POST
from scheduler.store.settle import spoken_posts
from scheduler.store.why import REASONS, WAITS, why_not
from scheduler.tables import table
from scheduler.words import say

SIGNATURE = table(Signature)
FIRST_HOUR, LAST_HOUR = 7, 22
LANES_MAX = 3
"""With more accounts than this the day is one lane, and each card names its account."""
NOT_YET = frozenset({State.queued.value, State.publishing.value})


@dataclass(frozen=True, slots=True)
class Card:
    """One delivery of the day; `id` is 0 for a post made elsewhere.

    `reasons` say why it will not leave at its time, or what became of it; `held` is the reason
    code of a hold.
    """

    id: int
    state: str
    held: bool
    at: datetime
    account: str
    channel: str
    title: str
    count: int
    signed_by: tuple[str, ...]
    reasons: tuple[str, ...]
    link: str
    is_next: bool = False


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the day, with its cards in each lane."""

    hour: int
    is_now: bool
    lanes: tuple[tuple[Card, ...], ...]

    @property
    def empty(self) -> bool:
        """Whether nothing stands in this hour."""
        return not any(self.lanes)


@dataclass(frozen=True, slots=True)
class Day:
    """A day. `lanes` are the accounts' titles, one empty title when all share a lane."""

    lanes: tuple[str, ...]
    hours: tuple[Hour, ...]
    count: int
    out: int
    accounts: int


def read_day(tx: Connection, now: datetime) -> Day:
    """Read the Beijing day of `now`."""
    accounts = tx.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.title, ACCOUNT.c.channel)
        .where(ACCOUNT.c.active, ACCOUNT.c.recorded_only.is_(False))
        .order_by(ACCOUNT.c.name)
    ).all()
    cards = sorted(_cards(tx, now), key=lambda entry: (entry[1].at, entry[1].id))
    known = {row.id: place for place, row in enumerate(accounts)}
    merged = len(accounts) > LANES_MAX or any(owner not in known for owner, _card in cards)
    doubled = len({row.title for row in accounts}) < len(accounts)
    titles = (
        ("",)
        if merged
        else tuple(_lane(row.title, row.channel, doubled=doubled) for row in accounts)
    )
    here = beijing(now).hour
    span = [beijing(card.at).hour for _owner, card in cards] + [here]
    first, last = min(FIRST_HOUR, *span), max(LAST_HOUR, *span)
    hours = tuple(
        Hour(
            hour,
            hour == here,
            tuple(
                tuple(
                    card
                    for owner, card in cards
                    if beijing(card.at).hour == hour and (merged or known[owner] == lane)
                )
                for lane in range(len(titles))
            ),
        )
        for hour in range(first, last + 1)
    )
    out = sum(card.state == State.published.value for _owner, card in cards)
    return Day(titles, hours, len(cards), out, len(accounts))


def _lane(title: str, channel: str, *, doubled: bool) -> str:
    """Name a lane: the account, with its channel where two accounts share a title."""
    return said.account(title, channel) if doubled else title


def _cards(tx: Connection, now: datetime) -> list[tuple[int, Card]]:
    start, end = day_start(now), day_end(now)
    rows = tx.execute(
        select(DELIVERY, ACCOUNT.c.title.label("account_title"), ACCOUNT.c.channel)
        .join(ACCOUNT, ACCOUNT.c.id == DELIVERY.c.account_id)
        .where(DELIVERY.c.due_at >= start, DELIVERY.c.due_at < end)
        .order_by(DELIVERY.c.due_at, DELIVERY.c.id)
    ).all()
    coming = [row.id for row in rows if row.state in NOT_YET and row.due_at >= now]
    soonest = coming[0] if coming else None
    found = [(row.account_id, _card(tx, row, now, is_next=row.id == soonest)) for row in rows]
    return found + _elsewhere(tx, start, end)


def _card(tx: Connection, row: Row[Any], now: datetime, *, is_next: bool) -> Card:
    posts = posts_of(tx, row.id)
    if not posts and (ids := spoken_posts(tx, row.id)):
        posts = list(tx.execute(select(POST).where(POST.c.id.in_(ids)).order_by(POST.c.position)))
    known = {WAITS, REASONS["not_held"]}  # the time and the state's word say these already
    reasons = [
        say(text, {name: said.short(str(value)) for name, value in params.items()})
        for text, params in why_not(tx, row, now)
        if text not in known
    ]
    if row.held_for not in (None, "person"):
        reasons.insert(0, sentences.reason(row.held_for, None))
    if not reasons and row.state != State.published.value:
        reasons = [why] if (why := sentences.reason(row.code, row.detail)) else []
    return Card(
        id=row.id,
        state=row.state,
        held=row.held_for is not None,
        at=row.due_at,
        account=row.account_title,
        channel=row.channel,
        title=posts[0].title if posts else "",
        count=len(posts),
        signed_by=_signers(tx, [post.id for post in posts]),
        reasons=tuple(reasons),
        link=next((post.link for post in posts if post.link), ""),
        is_next=is_next,
    )


def _signers(tx: Connection, post_ids: list[int]) -> tuple[str, ...]:
    """Give who signed what these posts say now."""
    names = tx.execute(
        select(PERSON.c.name)
        .distinct()
        .join(SIGNATURE, SIGNATURE.c.person_id == PERSON.c.id)
        .join(VERSION, VERSION.c.id == SIGNATURE.c.version_id)
        .join(VERSION_POST, VERSION_POST.c.version_id == VERSION.c.id)
        .join(POST, POST.c.id == VERSION_POST.c.post_id)
        .where(
            POST.c.id.in_(post_ids),
            SIGNATURE.c.decision == "approve",
            POST.c.approved_digest == POST.c.content_digest,
            VERSION_POST.c.content_digest == POST.c.approved_digest,
        )
        .order_by(PERSON.c.name)
    )
    return tuple(names.scalars())


def _elsewhere(tx: Connection, start: datetime, end: datetime) -> list[tuple[int, Card]]:
    """Give the posts that people made elsewhere, in the phone app say: they count, too."""
    rows = tx.execute(
        select(POST, ACCOUNT.c.title.label("account_title"), ACCOUNT.c.channel)
        .join(ACCOUNT, ACCOUNT.c.id == POST.c.account_id)
        .where(POST.c.made_elsewhere, POST.c.published_at >= start, POST.c.published_at < end)
    ).all()
    return [
        (
            row.account_id,
            Card(
                id=0,
                state=State.published.value,
                held=False,
                at=row.published_at,
                account=row.account_title,
                channel=row.channel,
                title=row.title,
                count=1,
                signed_by=(),
                reasons=(),
                link=row.link,
            ),
        )
        for row in rows
    ]

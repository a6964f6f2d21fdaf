"""The day hour by hour: what went out, what goes out, per account. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
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
from scheduler.store import listing
from scheduler.store.rules import ACCOUNT, DELIVERY, POST
from scheduler.store.why import REASONS, WAITS, Reason, reasons_of
from scheduler.tables import table
from scheduler.words import say

SIGNATURE = table(Signature)
FIRST_HOUR, LAST_HOUR = 7, 22
LANES_MAX = 3
"""With more accounts than this the day is one lane, and each card names its account."""
CROWDED = 40
"""With more cards than this only the hours around now stand open."""
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
    folded: bool

    @property
    def states(self) -> Mapping[str, int]:
        """How many cards stand in each state, held ones as `held`."""
        return Counter("held" if card.held else card.state for lane in self.lanes for card in lane)

    @property
    def empty(self) -> bool:
        """Whether nothing stands in this hour."""
        return not any(self.lanes)


@dataclass(frozen=True, slots=True)
class Choice:
    """One account of a day that many share, and how many cards it has there."""

    name: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day. `lanes` are the accounts' titles, one empty title when all share a lane.

    `choices` are the accounts with something today, where there are too many for lanes;
    `account` is the one chosen of them, "" for all.
    """

    lanes: tuple[str, ...]
    hours: tuple[Hour, ...]
    count: int
    out: int
    accounts: int
    choices: tuple[Choice, ...]
    account: str


def read_day(tx: Connection, now: datetime, account: str = "") -> Day:
    """Read the Beijing day of `now`, of all accounts or of one; an unknown name means all."""
    accounts = tx.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.title, ACCOUNT.c.channel)
        .where(ACCOUNT.c.active, ACCOUNT.c.recorded_only.is_(False))
        .order_by(ACCOUNT.c.name)
    ).all()
    cards = sorted(_cards(tx, now), key=lambda entry: (entry[1].at, entry[1].id))
    many, choices = len(accounts), _choices(accounts, cards)
    if chosen := [row for row in accounts if row.name == account]:
        accounts, cards = chosen, [entry for entry in cards if entry[0] == chosen[0].id]
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
            folded=len(cards) > CROWDED and hour not in (here, here + 1),
        )
        for hour in range(first, last + 1)
    )
    out = sum(card.state == State.published.value for _owner, card in cards)
    name = account if chosen else ""
    return Day(titles, hours, len(cards), out, many, choices if many > LANES_MAX else (), name)


def _choices(accounts: Sequence[Any], cards: Sequence[tuple[int, Card]]) -> tuple[Choice, ...]:
    """Give the accounts that have something today."""
    counted = Counter(owner for owner, _card in cards)
    return tuple(
        Choice(row.name, said.account(row.title, row.channel), counted[row.id])
        for row in accounts
        if counted[row.id]
    )


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
    ids = [row.id for row in rows]
    posts = listing.members_of(tx, ids) if ids else {}
    reasons = reasons_of(tx, rows, now)
    signed = _signers(tx, [post.id for of_one in posts.values() for post in of_one])
    soonest = next((row.id for row in rows if row.state in NOT_YET and row.due_at >= now), None)
    found = []
    for row in rows:
        mine = posts.get(row.id, [])
        why = _why(row, reasons[row.id])
        names = sorted({name for post in mine for name in signed.get(post.id, ())})
        found.append((row.account_id, _card(row, mine, why, names, is_next=row.id == soonest)))
    return found + _elsewhere(tx, start, end)


def _why(row: Row[Any], reasons: Sequence[Reason]) -> list[str]:
    """Say why it has not left, or what became of it."""
    known = {WAITS, REASONS["not_held"]}  # the time and the state's word say these already
    told = [
        say(text, {name: said.short(str(value)) for name, value in params.items()})
        for text, params in reasons
        if text not in known
    ]
    if row.held_for not in (None, "person"):
        told.insert(0, sentences.reason(row.held_for, None))
    if not told and row.state != State.published.value:
        told = [why] if (why := sentences.reason(row.code, row.detail)) else []
    return told


def _card(
    row: Row[Any],
    posts: Sequence[Row[Any]],
    reasons: Sequence[str],
    names: Sequence[str],
    *,
    is_next: bool,
) -> Card:
    return Card(
        id=row.id,
        state=row.state,
        held=row.held_for is not None,
        at=row.due_at,
        account=row.account_title,
        channel=row.channel,
        title=posts[0].title if posts else "",
        count=len(posts),
        signed_by=tuple(names),
        reasons=tuple(reasons),
        link=next((post.link for post in posts if post.link), ""),
        is_next=is_next,
    )


def _signers(tx: Connection, post_ids: Sequence[int]) -> Mapping[int, set[str]]:
    """Give who signed what each of these posts says now."""
    found: dict[int, set[str]] = defaultdict(set)
    if not post_ids:
        return found
    rows = tx.execute(
        select(POST.c.id, PERSON.c.name)
        .distinct()
        .select_from(POST)
        .join(VERSION_POST, VERSION_POST.c.post_id == POST.c.id)
        .join(VERSION, VERSION.c.id == VERSION_POST.c.version_id)
        .join(SIGNATURE, SIGNATURE.c.version_id == VERSION.c.id)
        .join(PERSON, PERSON.c.id == SIGNATURE.c.person_id)
        .where(
            POST.c.id.in_(post_ids),
            SIGNATURE.c.decision == "approve",
            POST.c.approved_digest == POST.c.content_digest,
            VERSION_POST.c.content_digest == POST.c.approved_digest,
        )
    )
    for row in rows:
        found[row.id].add(row.name)
    return found


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

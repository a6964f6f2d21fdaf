"""What the queue's pages show: the filters as an address, the rows, what a person may do. Reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from scheduler.clock import BEIJING, beijing, utc
from scheduler.errors import InputError
from scheduler.machine import State
from scheduler.people import Actor, Role
from scheduler.planning.place import PLACERS
from scheduler.store import listing
from scheduler.store.rules import ACCOUNT, DELIVERY, EVENT, POST
from scheduler.words import N_

PER_PAGE = 100
RECENT = timedelta(days=7)
"""So long what failed or was missed stands among the open ones."""
VIEWS = (
    ("open", N_("Open")),
    ("queued", N_("Queued")),
    ("held", N_("Held")),
    ("publishing", N_("Publishing")),
    ("accepted", N_("Handed over")),
    ("failed", N_("Failed")),
    ("missed", N_("Missed")),
    ("cancelled", N_("Cancelled")),
    ("published", N_("Published")),
    ("all", N_("All")),
)
OVER = DELIVERY.c.state.in_((State.failed.value, State.missed.value))
"""Open, but nothing of it is still to come: such a row stands after what is."""
NEWEST_FIRST = frozenset({"failed", "missed", "cancelled", "published", "all"})
HANDS = and_(DELIVERY.c.state == State.accepted.value, DELIVERY.c.accepted_by == "person")
"""Deliveries that lie with a person."""
Clause = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deliveries: `view` is of `VIEWS`, `account` an internal name, `day` a Beijing day."""

    view: str = "open"
    account: str = ""
    day: date | None = None
    page: int = 1

    def address(self, path: str = "/queue", **other: Any) -> str:
        """Give the address of this list, some of it changed."""
        one = replace(self, **{"page": 1, **other})
        told = {
            "state": one.view if one.view != "open" else "",
            "account": one.account,
            "day": one.day.isoformat() if one.day else "",
            "page": str(one.page) if one.page > 1 else "",
        }
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{path}?{query}" if query else path

    def here(self) -> str:
        """Give the address of this very page of the list."""
        return self.address(page=self.page)


def asked(state: str, account: str, day: str, page: str) -> Asked:
    """Read a list's address. Raises `InputError` for a word that means nothing."""
    view = state or "open"
    if view not in dict(VIEWS):
        raise InputError("The queue has no list called {name}. Choose one above it.", name=view)
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        raise InputError("“{day}” is no day. Write it like 2026-11-27.", day=day) from None
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return Asked(view, account, on, max(1, number))


def where(which: Asked, now: datetime) -> list[Clause]:
    """Give the WHERE of a list; accounts must be joined."""
    found = [_of_view(which.view, now)]
    if which.account:
        found.append(ACCOUNT.c.name == which.account)
    if which.day:
        start = utc(datetime(which.day.year, which.day.month, which.day.day, tzinfo=BEIJING))
        found += [DELIVERY.c.due_at >= start, DELIVERY.c.due_at < start + timedelta(days=1)]
    return found


def _of_view(view: str, now: datetime) -> Clause:
    state = DELIVERY.c.state
    if view == "all":
        return state.is_not(None)
    if view == "held":
        return and_(state == State.queued.value, DELIVERY.c.held_for.is_not(None))
    if view == "queued":
        return and_(state == State.queued.value, DELIVERY.c.held_for.is_(None))
    if view != "open":
        return state == view
    # What failed or was missed is open until its posts went elsewhere or a week has passed.
    recent = and_(
        state.in_((State.failed.value, State.missed.value)),
        DELIVERY.c.settled_at > now - RECENT,
        exists(select(POST.c.id).where(POST.c.delivery_id == DELIVERY.c.id)),
    )
    living = (State.queued.value, State.publishing.value, State.accepted.value)
    return or_(state.in_(living), recent)


def counts(tx: Connection, which: Asked, now: datetime) -> dict[str, int]:
    """Give how many each of the lists has, under the same account and day."""
    rest = where(replace(which, view="all"), now)[1:]
    held = and_(DELIVERY.c.state == State.queued.value, DELIVERY.c.held_for.is_not(None))
    query = listing.joined(
        select(DELIVERY.c.state, held.label("held"), func.count(DELIVERY.c.id).label("count"))
    ).where(*rest)
    found: dict[str, int] = {name: 0 for name, _title in VIEWS}
    for row in tx.execute(query.group_by(DELIVERY.c.state, "held")):
        told = row._mapping
        found["all"] += told["count"]
        name = "held" if told["held"] else told["state"]
        found[name] = found.get(name, 0) + told["count"]
    found["open"] = listing.count(tx, where(replace(which, view="open"), now))
    return found


def over(tx: Connection, which: Asked, now: datetime) -> dict[str, int]:
    """Give how many open ones failed or were missed, by state, under the same account and day."""
    query = listing.joined(select(DELIVERY.c.state, func.count(DELIVERY.c.id)))
    query = query.where(*where(replace(which, view="open"), now), OVER)
    return {row[0]: row[1] for row in tx.execute(query.group_by(DELIVERY.c.state))}


def rows(tx: Connection, which: Asked, now: datetime, person: Actor) -> list[dict[str, Any]]:
    """Give one page of a list, each row with what this person may do to it."""
    found = listing.page(
        tx,
        now,
        where(which, now),
        newest_first=which.view in NEWEST_FIRST,
        last=OVER,
        offset=(which.page - 1) * PER_PAGE,
        limit=PER_PAGE,
    )
    hands = in_hands(tx, [entry["id"] for entry in found])
    holders = held_by(tx, [entry["id"] for entry in found if entry["held_for"] is not None])
    return [
        entry
        | {
            "in_hands": entry["id"] in hands,
            "may": may(
                entry,
                person,
                in_hands=entry["id"] in hands,
                held_by=holders.get(entry["id"], ""),
            ),
            "headline": listing.headline([post["title"] for post in entry["posts"]]),
        }
        for entry in found
    ]


def in_hands(tx: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Give which of these deliveries lie with a person."""
    query = select(DELIVERY.c.id).where(DELIVERY.c.id.in_(ids), HANDS)
    return frozenset(tx.execute(query).scalars())


def held_by(tx: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Give who held each of these deliveries last, as events name them."""
    if not ids:
        return {}
    newest = (
        select(func.max(EVENT.c.id))
        .where(EVENT.c.kind == "delivery", EVENT.c.subject_id.in_(ids), EVENT.c.verb == "hold")
        .group_by(EVENT.c.subject_id)
    )
    rows = tx.execute(select(EVENT.c.subject_id, EVENT.c.actor).where(EVENT.c.id.in_(newest)))
    return {row.subject_id: row.actor for row in rows}


def may(
    entry: Mapping[str, Any], person: Actor, *, in_hands: bool = False, held_by: str = ""
) -> tuple[str, ...]:
    """Give the verbs this person may try on a delivery in this state. The rooms decide."""
    placer = person.may(*PLACERS)
    holder = person.may(*PLACERS, Role.reviewer)
    held = entry["held_for"] is not None
    releaser = person.may(Role.operator) or (holder and held_by == person.mark)
    match entry["state"]:
        case "queued":
            wanted = [("unhold", held and releaser), ("hold", not held and holder)]
            wanted += [("move", placer), ("cancel", placer)]
        case "publishing":  # while it still prepares; once it speaks the room refuses
            wanted = [("hold", holder), ("cancel", placer)]
        case "accepted":
            wanted = [("hand", in_hands and placer)]
        case "failed" | "missed" | "cancelled":
            wanted = [("requeue", placer and bool(entry["posts"]))]
        case _:
            wanted = []
    return tuple(verb for verb, allowed in wanted if allowed)


def accounts(tx: Connection) -> list[Any]:
    """Give the accounts that may have deliveries, by name."""
    query = select(ACCOUNT.c.name, ACCOUNT.c.title, ACCOUNT.c.channel)
    return list(tx.execute(query.where(~ACCOUNT.c.recorded_only).order_by(ACCOUNT.c.name)))


def suggest(now: datetime) -> str:
    """Give the next full half hour, at least a quarter away, for a field of date and time."""
    local = beijing(now + timedelta(minutes=15))
    rounded = local.replace(minute=0, second=0, microsecond=0) + timedelta(
        minutes=30 * (local.minute // 30 + 1)
    )
    return field_time(rounded)


def field_time(moment: datetime) -> str:
    """Write a moment as a field of date and time wants it, in Beijing time."""
    return f"{beijing(moment):%Y-%m-%dT%H:%M}"


def days_around(now: datetime) -> list[tuple[date, datetime]]:
    """Give yesterday, today and the six days after, for the filter."""
    today = beijing(now).replace(hour=12)
    found = [today + timedelta(days=n) for n in range(-1, 7)]
    return [(one.date(), utc(one)) for one in found]

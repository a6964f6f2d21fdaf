"""The health card of an account, from our own tables and the channel's dated limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from channels.contract import Limits
from scheduler import accounts, secrets
from scheduler.clock import beijing
from scheduler.config import Settings
from scheduler.errors import FabuError
from scheduler.machine import State
from scheduler.store.accounts import ACCOUNT, spent
from scheduler.store.rules import DELIVERY, POST
from scheduler.words import N_

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # limits read no clock
Words = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Card:
    """One account. `weight` is fine, hint or fault; `troubles` say why it is not fine."""

    name: str
    title: str
    channel: str
    use: str
    weight: str
    troubles: tuple[Words, ...]
    last_out_at: datetime | None
    next_at: datetime | None
    waiting: int
    doubts: int
    calls_today: int
    abilities: tuple[Words, ...]
    limits_as_of: str


def read_cards(tx: Connection, settings: Settings, now: datetime) -> list[Card]:
    """Read the cards: accounts in use first, then those that are only recorded."""
    query = select(ACCOUNT).order_by(ACCOUNT.c.recorded_only, ~ACCOUNT.c.active, ACCOUNT.c.name)
    return [_card(tx, settings, row, now) for row in tx.execute(query).all()]


def _card(tx: Connection, settings: Settings, row: Row[Any], now: datetime) -> Card:
    in_use = bool(row.active) and not row.recorded_only and row.name in settings.accounts
    use = N_("in use") if in_use else N_("not configured")
    if row.recorded_only:
        use = N_("recorded only")
    troubles = _troubles(tx, settings, row, now) if in_use else []
    worst = "fault" if any(kind == "fault" for kind, _words in troubles) else "hint"
    limits = _limits(settings, row.name) if in_use else None
    return Card(
        name=row.name,
        title=row.title,
        channel=row.channel,
        use=use,
        weight=worst if troubles else ("fine" if in_use else "none"),
        troubles=tuple(words for _kind, words in troubles),
        last_out_at=_last_out(tx, row.id),
        next_at=tx.execute(
            select(func.min(DELIVERY.c.due_at)).where(*_in(row.id, State.queued))
        ).scalar(),
        waiting=_count(tx, row.id, State.queued),
        doubts=_count(tx, row.id, State.uncertain),
        calls_today=spent(tx, row.id, beijing(now).date()),
        abilities=tuple(_abilities(limits)) if limits else (),
        limits_as_of=f"{limits.as_of.year}.{limits.as_of.month}" if limits else "",
    )


def _troubles(
    tx: Connection, settings: Settings, row: Row[Any], now: datetime
) -> list[tuple[str, Words]]:
    found: list[tuple[str, Words]] = []
    try:
        missing = secrets.missing(settings, row.name, secrets.get_all(tx, settings, row.name))
    except FabuError as error:
        found.append(("fault", (error.text, error.params)))
        missing = []
    if missing:
        text = N_("A secret is missing: {fields}. An operator stores it: fabu account login {name}")
        found.append(("fault", (text, {"fields": ", ".join(missing), "name": row.name})))
    if row.needs_person:
        text = N_("It sends nothing until a person acts: {reason}.")
        found.append(("fault", (text, {"reason": row.rest_reason or "-"})))
    elif row.rests_until is not None and row.rests_until > now:
        text = N_("It rests for a while: {reason}.")
        found.append(("hint", (text, {"reason": row.rest_reason or "-"})))
    return found


def _limits(settings: Settings, name: str) -> Limits:
    return accounts.build_channel(settings, name, {}, lambda: _NEVER).limits


def _abilities(limits: Limits) -> list[Words]:
    """Say what this account can do here, as far as it is limited."""
    per = {
        "hour": N_("At most {count} deliveries an hour"),
        "day": N_("At most {count} deliveries a day"),
        "month": N_("At most {count} deliveries a month"),
    }
    pushes = {
        "day": N_("{count} pushes to followers a day"),
        "month": N_("{count} pushes to followers a month"),
    }
    said: list[Words] = []
    if limits.posts_per_call > 1:
        said.append(
            (N_("Up to {count} articles in one delivery"), {"count": limits.posts_per_call})
        )
    if limits.text_units_max:
        said.append((N_("{count} characters of text"), {"count": limits.text_units_max}))
    if limits.pictures_max:
        said.append((N_("{count} pictures"), {"count": limits.pictures_max}))
    if limits.speaks and limits.speaks.per in per:
        said.append((per[limits.speaks.per], {"count": limits.speaks.count}))
    if limits.pushes and limits.pushes.per in pushes:
        said.append((pushes[limits.pushes.per], {"count": limits.pushes.count}))
    return said


def _last_out(tx: Connection, account_id: int) -> datetime | None:
    found: datetime | None = tx.execute(
        select(func.max(POST.c.published_at)).where(POST.c.account_id == account_id)
    ).scalar()
    return found


def _in(account_id: int, state: State) -> tuple[Any, ...]:
    return DELIVERY.c.account_id == account_id, DELIVERY.c.state == state.value


def _count(tx: Connection, account_id: int, state: State) -> int:
    query = select(func.count(DELIVERY.c.id)).where(*_in(account_id, state))
    return int(tx.execute(query).scalar_one())

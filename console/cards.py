"""The health card of an account, from our own tables and the channel's dated limits.

Nothing is asked of a platform for it: what the last check found stands in the history, and a card
says so when nobody ever checked, or when something was changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from channels.contract import Limits
from console import format as said
from console.progress import AMBER_DAYS
from scheduler import accounts, checkup, secrets, sentences
from scheduler.checkup import Checkup
from scheduler.clock import beijing
from scheduler.config import Settings
from scheduler.errors import FabuError, NotFound
from scheduler.health import Finding, Weight
from scheduler.machine import State
from scheduler.setup_form import SECRET_WORDS
from scheduler.store.accounts import ACCOUNT, SPEND
from scheduler.store.rules import DELIVERY, POST
from scheduler.words import N_, _, say

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # limits read no clock
TROUBLED = {"fault": 0, "hint": 1}
EXPIRES_SOON = timedelta(days=7)
Words = tuple[str, Mapping[str, object]]
Trouble = tuple[str, str, Words]
"""Its weight (fault or hint), the verdict it leads to, and the sentence."""


@dataclass(frozen=True, slots=True)
class Card:
    """One account. `weight` is fine, hint, fault, unknown (never checked) or none (not in use).

    `verdict` is a catalogue key; `troubles` say why it is not fine, each with its weight.
    `silent_days` is None before the first visible post.
    """

    name: str
    title: str
    channel: str
    use: str
    retired: bool
    weight: str
    verdict: str
    troubles: tuple[tuple[str, Words], ...]
    asks_platform: bool
    needs_secret: bool
    check: Checkup | None
    answers: str
    last_out_at: datetime | None
    silent_days: int | None
    next_at: datetime | None
    waiting: int
    held: int
    doubts: int
    calls_today: int
    abilities: tuple[Words, ...]
    limits_as_of: str

    @property
    def in_use(self) -> bool:
        """Whether this desk publishes there."""
        return self.weight != "none"


def read_cards(tx: Connection, settings: Settings, now: datetime) -> list[Card]:
    """Read the cards: what needs a person first, then accounts in use, then recorded ones."""
    query = select(ACCOUNT).order_by(ACCOUNT.c.recorded_only, ~ACCOUNT.c.active, ACCOUNT.c.name)
    facts = _facts(tx, now)
    cards = [_card(tx, settings, row, facts[row.id], now) for row in tx.execute(query).all()]
    return sorted(cards, key=lambda one: TROUBLED.get(one.weight, len(TROUBLED)))


def read_card(tx: Connection, settings: Settings, name: str, now: datetime) -> Card:
    """Read one account's card. Raises `NotFound`."""
    row = tx.execute(select(ACCOUNT).where(ACCOUNT.c.name == name)).first()
    if row is None:
        raise NotFound("There is no account {name} in config.toml.", name=name)
    return _card(tx, settings, row, _facts(tx, now)[row.id], now)


def _use_of(settings: Settings, row: Row[Any]) -> str:
    if row.recorded_only:
        return N_("recorded only")
    if row.name in settings.retired:
        return N_("out of use")
    in_use = bool(row.active) and row.name in settings.accounts
    return N_("in use") if in_use else N_("not configured")


def _facts(tx: Connection, now: datetime) -> Mapping[int, Row[Any]]:
    """Give what happened on each account, in one statement however many there are."""

    def last_of(*more: Any) -> Any:
        mine = POST.c.account_id == ACCOUNT.c.id
        query = select(func.max(POST.c.published_at)).where(mine, *more)
        return query.correlate(ACCOUNT).scalar_subquery()

    def of(state: State, what: Any, *more: Any) -> Any:
        mine = DELIVERY.c.account_id == ACCOUNT.c.id, DELIVERY.c.state == state.value
        return select(what).where(*mine, *more).correlate(ACCOUNT).scalar_subquery()

    count, held = func.count(DELIVERY.c.id), DELIVERY.c.held_for.is_not(None)
    today = select(func.coalesce(func.sum(SPEND.c.count), 0)).where(
        SPEND.c.account_id == ACCOUNT.c.id, SPEND.c.day >= beijing(now).date()
    )
    rows: Any = tx.execute(
        select(
            ACCOUNT.c.id,
            last_of().label("last_out_at"),
            last_of(POST.c.gone_at.is_(None)).label("seen_at"),
            of(State.queued, func.min(DELIVERY.c.due_at), ~held).label("next_at"),
            of(State.queued, count).label("waiting"),
            of(State.queued, count, held).label("held"),
            of(State.uncertain, count).label("doubts"),
            of(State.uncertain, func.max(DELIVERY.c.holds_account_until)).label("holds_until"),
            of(State.published, count).label("published"),
            today.correlate(ACCOUNT).scalar_subquery().label("calls_today"),
        )
    )
    return {row.id: row for row in rows}


def _card(
    tx: Connection, settings: Settings, row: Row[Any], facts: Row[Any], now: datetime
) -> Card:
    use = _use_of(settings, row)
    in_use = use == "in use"
    check = checkup.last_check(tx, row.id, row.name) if in_use else None
    silent_days = _silent_days(facts.seen_at, now)
    missing, broken = _missing(tx, settings, row.name) if in_use else ([], [])
    troubles = [*broken, *_troubles(row, facts, missing, check, silent_days, now)] if in_use else []
    weight, verdict = _verdict(settings, row, facts, troubles, check) if in_use else ("none", "")
    limits = _limits(settings, row.name) if in_use else None
    return Card(
        name=row.name,
        title=row.title,
        channel=row.channel,
        use=use,
        retired=row.name in settings.retired,
        weight=weight,
        verdict=verdict,
        troubles=tuple((kind, words) for kind, _verdict, words in troubles),
        asks_platform=in_use and bool(secrets.fields_of(settings, row.name)),
        needs_secret=bool(missing),
        check=check,
        answers=_answers(row, check),
        last_out_at=facts.last_out_at,
        silent_days=silent_days,
        next_at=facts.next_at,
        waiting=facts.waiting,
        held=facts.held,
        doubts=facts.doubts,
        calls_today=facts.calls_today,
        abilities=tuple(_abilities(limits)) if limits else (),
        limits_as_of=f"{limits.as_of.year}.{limits.as_of.month}" if limits else "",
    )


def _verdict(
    settings: Settings,
    row: Row[Any],
    facts: Row[Any],
    troubles: list[Trouble],
    check: Checkup | None,
) -> tuple[str, str]:
    """Give weight and verdict: the worst trouble's; without any, what we have a proof of."""
    for weight in ("fault", "hint"):
        for kind, verdict, _words in troubles:
            if kind == weight:
                return weight, verdict
    asked = bool(secrets.fields_of(settings, row.name))
    if check is None and asked and not facts.published:
        return "unknown", N_("not checked yet")
    return "fine", N_("ready")


def _missing(tx: Connection, settings: Settings, name: str) -> tuple[list[str], list[Trouble]]:
    """Give the secrets that are nowhere, and the fault of those that cannot be opened."""
    try:
        return secrets.missing(settings, name, secrets.get_all(tx, settings, name)), []
    except FabuError as error:
        return [], [("fault", N_("cannot publish"), (error.text, error.params))]


def _troubles(
    row: Row[Any],
    facts: Row[Any],
    missing: list[str],
    check: Checkup | None,
    silent_days: int | None,
    now: datetime,
) -> list[Trouble]:
    found: list[Trouble] = []
    stuck = N_("cannot publish")
    if missing:
        fields = _(", ").join(_(SECRET_WORDS.get(one, one)) for one in missing)
        text = N_("Missing: {fields}. Without it nothing can be published here.")
        found.append(("fault", stuck, (text, {"fields": fields})))
    if row.needs_person:
        text = N_("It sends nothing until a person acts: {reason}.")
        found.append(("fault", stuck, (text, {"reason": _reason(row)})))
    elif row.rests_until is not None and row.rests_until > now:
        text = N_("It rests until {time}: {reason}.")
        told = {"reason": _reason(row), "time": said.when(row.rests_until, now)}
        found.append(("hint", N_("waits"), (text, told)))
    found += _of_check(row, check, now)
    found += _of_doubts(facts, now)
    if silent_days is not None and silent_days >= AMBER_DAYS:
        text = N_("Readers have seen nothing new for {n} days.")
        found.append(("hint", N_("silent"), (text, {"n": silent_days})))
    return found


def _reason(row: Row[Any]) -> str:
    return sentences.reason(row.rest_reason, None) if row.rest_reason else "-"


def _of_check(row: Row[Any], check: Checkup | None, now: datetime) -> list[Trouble]:
    """Say what the last check found wrong, and when the login at the platform ends."""
    if check is None:
        return []
    failed = N_("the last check found a fault")
    found: list[Trouble] = []
    for one in check.found:
        words = (one.text, {**one.params, "account": said.account(row.title, row.channel)})
        if one.weight is Weight.fault and one.check not in ("secrets", "rest"):
            found.append(("fault", failed, words))
        elif one.weight is Weight.hint:
            found.append(("hint", N_("needs a look"), words))
    if (ends := check.expires_at) is None:
        return found
    if ends <= now:
        text = N_("The login at the platform ended: {time}. Enter a new one.")
        found.append(("fault", N_("cannot publish"), (text, {"time": said.when(ends, now)})))
    elif check.at < ends - EXPIRES_SOON <= now:  # a check made later said so itself
        text = N_("The login at the platform ends: {time}. Enter a new one before that.")
        found.append(("hint", N_("needs a look"), (text, {"time": said.when(ends, now)})))
    return found


def _answers(row: Row[Any], check: Checkup | None) -> str:
    """Give what the platform said we are there, "" when the check found a fault."""
    if check is None or not check.good:
        return ""
    return " ".join(
        said_of(one, row.title, row.channel) for one in check.found if one.weight is Weight.fine
    )


def said_of(finding: Finding, title: str, channel: str) -> str:
    """Say a finding of an account by the name that people know."""
    return say(finding.text, {**finding.params, "account": said.account(title, channel)})


def _of_doubts(facts: Row[Any], now: datetime) -> list[Trouble]:
    """Say that a doubt holds the account, or waits for somebody."""
    until = facts.holds_until
    if until is not None and until > now:
        text = N_("A doubt holds it until {time}; then it waits for a person and the rest goes on.")
        return [("hint", N_("in doubt"), (text, {"time": said.when(until, now)}))]
    if facts.doubts:
        text = N_("We do not know whether a delivery is out. Somebody looks at the account.")
        return [("hint", N_("in doubt"), (text, {}))]
    return []


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


def _silent_days(last: datetime | None, now: datetime) -> int | None:
    return None if last is None else (beijing(now).date() - beijing(last).date()).days

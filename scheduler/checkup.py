"""Checks of an account: its platform is asked, and what it said is kept for the health card.

A check is one line of the account's history, so the card can say when it was and who asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from scheduler import events, health, people
from scheduler.clock import Clock
from scheduler.config import Settings
from scheduler.errors import FabuError
from scheduler.health import Finding, Weight
from scheduler.people import Actor, Role
from scheduler.store import Store
from scheduler.store.accounts import by_name, wake
from scheduler.tables import Secret, table
from scheduler.words import N_

SECRET = table(Secret)
CHECK = "check"
CHANGES = ("configure", "retire", "reinstate")
"""After one of these in an account's history an older check says nothing any more."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """One check: who asked, when, and what was found. `expires_at`: the end of the login."""

    at: datetime
    actor: str
    found: tuple[Finding, ...]
    expires_at: datetime | None = None

    @property
    def good(self) -> bool:
        """Whether the account answered and nothing was wrong."""
        return all(one.weight is not Weight.fault for one in self.found)


def check_account(
    settings: Settings, store: Store, by: Actor, name: str, clock: Clock
) -> list[Finding]:
    """Ask the platform about an account; one that waited for a person and answers goes on.

    A rest that ends by itself is left alone: the platform asked for it. Operators and
    administrators may: each check costs calls of the account's quota.
    """
    people.require(by, Role.operator, Role.admin)
    settings.account(name)
    with store.read() as tx:
        waited = bool(by_name(tx, name).needs_person)
    found = list(health.examine_account(settings, store, name, clock))
    asked = [one for one in found if one.check != "rest"]
    now = clock.now()
    with store.write() as tx:
        row = by_name(tx, name)
        if all(one.weight is not Weight.fault for one in asked):
            # What stopped it only while we asked is newer than the answer.
            if waited and row.needs_person and wake(tx, row.id, now=now, by=by.mark):
                goes_on = N_("{account} waited for this and goes on.")
                asked.append(Finding("rest", Weight.fine, goes_on, "", name, {"account": name}))
            found = asked
        detail = {"found": [_kept(one) for one in found], "expires_at": _expires(found)}
        line = events.Line("account", row.id, CHECK, by.mark, now, account_id=row.id, detail=detail)
        events.write(tx, line)
    return found


def last_check(tx: Connection, account_id: int, name: str) -> Checkup | None:
    """Give the last check that still says something: no secret changed since, no setting on a page.

    What a hand changed in config.toml is not seen here.
    """
    mine = events.EVENT.c.kind == "account", events.EVENT.c.subject_id == account_id
    row = tx.execute(
        select(events.EVENT)
        .where(*mine, events.EVENT.c.verb.in_((CHECK, *CHANGES)))
        .order_by(events.EVENT.c.id.desc())
        .limit(1)
    ).first()
    if row is None or row.verb != CHECK:
        return None
    newer = SECRET.c.account_name == name, SECRET.c.changed_at > row.at
    if tx.execute(select(SECRET.c.id).where(*newer).limit(1)).first() is not None:
        return None
    detail = events.detail_of(row)
    found = detail.get("found")
    expires_at = detail.get("expires_at")
    return Checkup(
        at=row.at,
        actor=row.actor,
        found=tuple(_finding(one, name) for one in found) if isinstance(found, list) else (),
        expires_at=datetime.fromisoformat(str(expires_at)) if expires_at else None,
    )


def _expires(found: list[Finding]) -> str | None:
    moments = (one.params.get("expires_at") for one in found)
    return next((one.isoformat() for one in moments if isinstance(one, datetime)), None)


def _kept(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "weight": finding.weight.value,
        "text": finding.text,
        "next": finding.next_step,
        "params": {key: _plain(value) for key, value in finding.params.items()},
    }


def _finding(kept: Mapping[str, object], name: str) -> Finding:
    params = kept["params"]
    told = {key: _words(value) for key, value in params.items()} if isinstance(params, dict) else {}
    text, step = str(kept["text"]), str(kept["next"])
    return Finding(str(kept["check"]), Weight(str(kept["weight"])), text, step, name, told)


def _plain(value: object) -> object:
    """Give a parameter as JSON keeps it: sentences as key and parameters, so they translate."""
    if isinstance(value, FabuError):
        value = (value.text, value.params)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], Mapping):
        return [value[0], {key: _plain(one) for key, one in value[1].items()}]
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return value if isinstance(value, str | int | float) else str(value)


def _words(value: object) -> object:
    if isinstance(value, list) and len(value) == 2:
        return value[0], {key: _words(one) for key, one in value[1].items()}
    if isinstance(value, dict):
        return datetime.fromisoformat(str(value["moment"]))
    return value

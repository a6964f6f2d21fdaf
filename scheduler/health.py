"""What the doctor looks at: each finding says what is wrong and what to do next.

Nothing is mended here. A step that later ones stand on ends the examination when it fails: without
a config there is no database to open.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from channels.contract import Busy, Ending, Unreachable, Words
from scheduler import accounts, events, secrets
from scheduler.clock import Clock
from scheduler.config import Settings
from scheduler.errors import FabuError
from scheduler.home import database_errors, reach_database
from scheduler.store import Store
from scheduler.store.accounts import by_name
from scheduler.store.engine import newest_revision, revision_of
from scheduler.words import N_, say

CLOCK_OFF_S = 60
KEY_MODE_MASK = 0o077


class Weight(StrEnum):
    """How a finding weighs: `fault` makes the doctor fail, `hint` is worth knowing."""

    fine = "fine"
    hint = "hint"
    fault = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined: `check` names it, `subject` which account or file.

    `text` and `next_step` are catalogue keys, filled by `params`.
    """

    check: str
    weight: Weight
    text: str
    next_step: str = ""
    subject: str = ""
    params: Mapping[str, object] = field(default_factory=dict)

    def said(self) -> str:
        """Say what was found, in the language in force."""
        return say(self.text, self.params)

    def said_next(self) -> str:
        """Say what to do, "" when there is nothing to do."""
        return say(self.next_step, self.params)


def of_error(check: str, error: FabuError, subject: str = "") -> Finding:
    """Make a finding of an error; its sentence holds the next step already."""
    return Finding(check, Weight.fault, "{error}", subject=subject, params={"error": error})


def examine(load: Callable[[], Settings], clock: Clock) -> Iterator[Finding]:
    """Examine an installation, one finding after another; `load` reads its config."""
    try:
        settings = load()
    except FabuError as error:
        yield of_error("config", error)
        return
    file = {"file": settings.path, "count": len(settings.accounts)}
    yield Finding("config", Weight.fine, N_("{file} is right: {count} accounts."), params=file)
    yield from _key_file(settings)
    try:
        store = reach_database(settings)
    except FabuError as error:
        yield of_error("database", error)
        return
    try:
        found = list(_database(settings, store))
        yield from found
        if all(one.weight is not Weight.fault for one in found):
            # An account that was added a moment ago has no row yet to count its calls on.
            accounts.mirror_settings(store, settings)
            for name in settings.accounts:
                yield from examine_account(settings, store, name, clock)
    finally:
        store.close()


def examine_account(settings: Settings, store: Store, name: str, clock: Clock) -> Iterator[Finding]:
    """Examine one account: its rest, its secrets, then what the platform says."""
    with store.read() as tx:
        row = by_name(tx, name)
        try:
            missing = secrets.missing(settings, name, secrets.get_all(tx, settings, name))
        except FabuError as error:
            yield of_error("secrets", error, name)
            return
    if row.needs_person:
        yield Finding(
            "rest",
            Weight.fault,
            N_("{account} sends nothing until a person acts: {reason}."),
            N_("Mend the cause, then: fabu account login {account}"),
            name,
            {"account": name, "reason": row.rest_reason or "-"},
        )
    for one in missing:
        yield Finding(
            "secrets",
            Weight.fault,
            N_("{account} has no {field}."),
            N_("Store it with: fabu account login {account} (or set {variable})."),
            name,
            {"account": name, "field": one, "variable": secrets.variable(name, one)},
        )
    if not missing:
        yield from _survey(settings, store, name, clock)


def _key_file(settings: Settings) -> Iterator[Finding]:
    path = settings.key_file
    told = {"path": path}
    if not path.is_file():
        yield Finding(
            "key",
            Weight.fault,
            N_("There is no key file {path}."),
            N_("Put it back from the backup, or correct key_file in [secrets] of config.toml."),
            params=told,
        )
    elif os.name == "posix" and path.stat().st_mode & KEY_MODE_MASK:
        yield Finding(
            "key",
            Weight.fault,
            N_("Other users of this machine can read the key file {path}."),
            N_("Take their right away with: chmod 600 {path}"),
            params=told,
        )
    else:
        yield Finding("key", Weight.fine, N_("The key file is there, for its owner only."))


def _database(settings: Settings, store: Store) -> Iterator[Finding]:
    try:
        with database_errors(settings):
            found, wanted = revision_of(store), newest_revision()
            if found != wanted:
                yield Finding(
                    "database",
                    Weight.fault,
                    N_("The database has the schema {found}; this program wants {wanted}."),
                    N_(
                        "An older one is brought up to date by: fabu status. A newer one needs the "
                        "newer program."
                    ),
                    params={"found": found or "-", "wanted": wanted},
                )
                return
            with store.read() as tx:
                broken = events.broken_at(tx)
    except FabuError as error:
        yield of_error("database", error)
        return
    yield Finding("database", Weight.fine, N_("The database opens and is up to date."))
    if broken is None:
        yield Finding("history", Weight.fine, N_("The history is whole."))
    else:
        yield Finding(
            "history",
            Weight.fault,
            N_("The history was changed from outside at line {number}."),
            N_("Keep a copy of the database, compare it with a backup and tell the administrator."),
            params={"number": broken},
        )


def _survey(settings: Settings, store: Store, name: str, clock: Clock) -> Iterator[Finding]:
    try:
        health = accounts.survey(settings, store, name, clock)
    except Ending as ending:
        yield _of_ending(settings, name, ending)
        return
    followers = "-" if health.followers is None else health.followers
    told: dict[str, object] = {"account": name, "identity": health.identity}
    told |= {"followers": followers, "expires_at": health.expires_at}
    yield Finding(
        "survey",
        Weight.fine,
        N_("{account} answers as {identity}; followers: {followers}."),
        subject=name,
        params=told,
    )
    if health.platform_at is not None:
        yield from _clock(name, health.platform_at, clock.now())
    for note in health.notes:
        yield Finding("survey", Weight.hint, "{said}", "", name, {"said": _pair(note)})


def _of_ending(settings: Settings, name: str, ending: Ending) -> Finding:
    entry = settings.account(name)
    told = {
        "account": name,
        "host": urlsplit(entry.api_base).netloc or entry.channel,
        "code": ending.code,
        "said": _pair(ending.words),
    }
    if isinstance(ending, Unreachable):
        text = N_("{account}: {host} could not be reached ({code}). {said}")
        step = N_("Check api_base in [account.{account}], the proxy and the network.")
    elif isinstance(ending, Busy) and ending.person:
        text = N_("{account}: the platform does not let us in ({code}). {said}")
        step = N_("Do so; a wrong secret is replaced with: fabu account login {account}")
    else:
        text = N_("{account}: the platform did not answer the question ({code}). {said}")
        step = N_("Try again later with: fabu account check {account}")
    return Finding("survey", Weight.fault, text, step, name, told)


def _clock(name: str, platform_at: datetime, now: datetime) -> Iterator[Finding]:
    off = now - platform_at
    if abs(off) <= timedelta(seconds=CLOCK_OFF_S):
        return
    text = (
        N_("This machine's clock is {seconds} seconds ahead of {account}'s platform.")
        if off > timedelta(0)
        else N_("This machine's clock is {seconds} seconds behind {account}'s platform.")
    )
    yield Finding(
        "clock",
        Weight.fault,
        text,
        N_("Set the clock (timedatectl set-ntp true); posts leave at wrong times until then."),
        name,
        {"account": name, "seconds": round(abs(off.total_seconds()))},
    )


def _pair(words: Words) -> tuple[str, Mapping[str, object]]:
    return words.text, words.params

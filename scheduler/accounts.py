"""The configured accounts: their rows, their secrets, their channels ready to speak.

What the database alone knows of accounts stands in `scheduler.store.accounts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from channels import channel_class
from channels.contract import Health
from scheduler import people, secrets
from scheduler.clock import Clock, beijing
from scheduler.config import AccountSettings, Settings
from scheduler.store import Store
from scheduler.store.accounts import AccountRow, by_name, is_mirrored, mirror, spend, wake

if TYPE_CHECKING:
    from channels.contract import Channel

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # limits read no clock


def open_channel(
    settings: Settings, tx: Connection, name: str, clock: Callable[[], datetime]
) -> Channel:
    """Give one account's channel with its secrets; `tx` is only read, before any call is made.

    Raises `ConfigError` for an account the config lacks and for secrets the key does not open.
    """
    return build_channel(settings, name, secrets.get_all(tx, settings, name), clock)


def build_channel(
    settings: Settings, name: str, values: Mapping[str, str], clock: Callable[[], datetime]
) -> Channel:
    """Give one account's channel with these secrets."""
    from channels.wire import Wire  # noqa: PLC0415 - loads requests; many commands never speak

    account = secrets.channel_account(settings, name, values)
    return channel_class(account.channel)(account, Wire(settings.proxy), clock)


def row_of(settings: Settings, account: AccountSettings) -> AccountRow:
    """Give what the database keeps of an account: its channel's limits, overrides included."""
    limits = build_channel(settings, account.name, {}, lambda: _NEVER).limits
    return AccountRow(
        name=account.name,
        channel=account.channel,
        title=account.title,
        gap_s=limits.gap_s,
        speaks_max=limits.speaks.count if limits.speaks else 0,
        speaks_per=limits.speaks.per if limits.speaks else "",
        pushes_max=limits.pushes.count if limits.pushes else 0,
        pushes_per=limits.pushes.per if limits.pushes else "",
    )


def mirror_settings(store: Store, settings: Settings) -> None:
    """Bring the table of accounts up to the config; writes only when something changed."""
    rows = [row_of(settings, account) for account in settings.accounts.values()]
    with store.read() as tx:
        if is_mirrored(tx, rows):
            return
    with store.write() as tx:
        mirror(tx, rows)


def login(
    tx: Connection,
    settings: Settings,
    by: people.Actor,
    name: str,
    values: Mapping[str, str],
    *,
    now: datetime,
) -> bool:
    """Store an account's secrets and end its rest, if it waited for a person; tell whether it did.

    Operators and administrators may. Raises `InputError` for an empty or unknown one.
    """
    people.require(by, people.Role.operator, people.Role.admin)
    for field, value in values.items():
        secrets.put(tx, settings, name, field, value, by=by.mark, now=now)
    row = by_name(tx, name)
    return bool(row.needs_person) and wake(tx, row.id, now=now, by=by.mark)


class SurveyLine:
    """The line of a survey that a person asked for: its calls are counted, never refused."""

    def __init__(self, store: Store, account_id: int, clock: Clock) -> None:
        self._store = store
        self._account_id = account_id
        self._clock = clock

    def keep(self, name: str, value: str) -> None:
        """Refuse: a survey makes nothing at the platform."""
        raise AssertionError(name)

    def kept(self, name: str) -> str | None:
        """Nothing is kept for a survey."""
        return None

    def spend(self, call: str) -> None:
        """Count one call on today's account."""
        with self._store.write() as tx:
            spend(tx, self._account_id, beijing(self._clock.now()).date(), call)

    def arm(self) -> None:
        """Refuse: only an attempt speaks."""
        raise AssertionError("a survey never speaks")


def survey(settings: Settings, store: Store, name: str, clock: Clock) -> Health:
    """Ask the platform about one account. Raises one of the endings, or `ConfigError`."""
    with store.read() as tx:
        channel = open_channel(settings, tx, name, clock.now)
        account_id = by_name(tx, name).id
    return channel.survey(SurveyLine(store, account_id, clock))

"""The first hour and every later one: bureau and accounts go into config.toml from a page.

Who may, what may be changed while something is under way, and the history of it. How the file is
written stands in `config_file`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, select

from channels import channel_class
from scheduler import accounts, config_file, events, people, secrets
from scheduler.config import AccountSettings, Settings, api_base_of
from scheduler.config_file import Rewriting, Value, every_account, not_ours, rewritten
from scheduler.content import canonical_json
from scheduler.errors import Conflict, InputError, NotFound
from scheduler.machine import State
from scheduler.people import Actor, Role
from scheduler.setup_form import CALLBACK_TOKEN, NewAccount, clean_title, section_of
from scheduler.store import Store
from scheduler.store.accounts import ACCOUNT, by_name, mirror
from scheduler.store.queue import hold
from scheduler.store.rules import DELIVERY

RETIRED = "account_retired"
"""Why a delivery is held whose account was taken out of use."""
MOVED = "account_moved"
"""Why a delivery is held whose account leads to another one at the platform since."""
IDENTITY = frozenset({"app_id", "api_base", "uid"})
"""Keys that say which account at which platform is meant."""
FIELDS = frozenset({"title", "app_id", "api_base", "in_use"})
"""Keys every account has; the others are its channel's."""
OPEN = (State.publishing, State.accepted, State.uncertain)
"""What must be settled before an account can leave: nobody else could look for its proof."""
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")


def add_account(
    settings: Settings,
    store: Store,
    by: Actor,
    account: NewAccount,
    values: Mapping[str, str],
    *,
    now: datetime,
) -> Settings:
    """Add an account to config.toml and its secrets to the database; give the new settings.

    All or nothing: the file is put in its place at the end of the transaction. Administrators
    only. Raises `Conflict` when there is one like it, `ConfigError` when the file cannot be read
    or written, `InputError` for a secret the channel does not know.
    """
    people.require(by, Role.admin)
    _refuse_elsewhere(account.values)
    given = {name: value for name, value in values.items() if value.strip()}

    def add(text: str, known: Mapping[str, AccountSettings]) -> str:
        if account.name in known:
            raise Conflict("There is already an account with this short name. Choose another one.")
        return config_file.with_section(text, section_of(account))

    with rewritten(settings, add) as (before, after, put_in_place):
        _refuse_twins(before, after.account(account.name))
        same = {name: one for name, one in every_account(after).items() if name != account.name}
        if same != dict(before):
            raise not_ours(settings)
        with store.write() as tx:
            _refuse_other_past(tx, account)
            _mirror(tx, after)
            told = {"account": account.name, "channel": account.channel, **account.values}
            _write(tx, account.name, "configure", by, now, told)
            if given:
                accounts.login(tx, after, by, account.name, given, now=now)
            put_in_place()
    return after


def _refuse_elsewhere(values: Mapping[str, Value]) -> None:
    """Refuse an address that is not on this machine: the account's secrets would be sent there.

    With it, whoever has an administrator's password for an hour would have them for good, and the
    console would ask any machine of the network in their name.
    """
    try:
        host = urlsplit(str(values.get("api_base", ""))).hostname or "localhost"
        is_here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise InputError(
            "Here the address can only name simulated platforms on this machine, as in"
            " http://127.0.0.1:8099. The account's secrets are sent to it: another one is written"
            " into config.toml by whoever runs this machine."
        )


def _refuse_twins(before: Mapping[str, AccountSettings], new: AccountSettings) -> None:
    """Refuse the same place under a second name."""
    for one in before.values():
        same = one.channel == new.channel and one.app_id == new.app_id
        if new.app_id and same and one.options.get("uid") == new.options.get("uid"):
            raise Conflict(
                "This account is there already, as {name}. Nothing was changed.", name=one.name
            )


def _refuse_other_past(tx: Connection, account: NewAccount) -> None:
    row = tx.execute(ACCOUNT.select().where(ACCOUNT.c.name == account.name)).first()
    if row is not None and row.channel != account.channel:
        raise Conflict(
            "An account of another kind had the short name {name}; its posts are still counted"
            " under it. Choose another one.",
            name=account.name,
        )


def rename_bureau(settings: Settings, by: Actor, name: str) -> Settings:
    """Write the bureau's name into config.toml; give the new settings. Administrators only."""
    people.require(by, Role.admin)
    wanted = clean_title(name)

    def rename(text: str, _known: Mapping[str, AccountSettings]) -> str:
        return config_file.with_bureau(text, wanted)

    with rewritten(settings, rename) as (before, after, put_in_place):
        if after.bureau != wanted or every_account(after) != dict(before):
            raise not_ours(settings)
        put_in_place()
    return after


# --- changing one -------------------------------------------------------------------------------


def mark_of(account: AccountSettings) -> str:
    """Give what tells whether an account's section changed since somebody looked at it."""
    told = [account.channel, account.title, account.app_id, account.api_base, account.in_use]
    said = canonical_json({"told": told, "options": dict(account.options)})
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def value_of(account: AccountSettings, key: str) -> Value:
    """Give what stands in the account's section under a key; "" for the platform's own address."""
    if key == "api_base":
        own = api_base_of(channel_class(account.channel))
        return "" if account.api_base == own.rstrip("/") else account.api_base
    if key in ("title", "app_id", "in_use"):
        return getattr(account, key)  # type: ignore[no-any-return]
    return account.options[key]  # type: ignore[return-value]


def change_account(
    settings: Settings,
    store: Store,
    by: Actor,
    name: str,
    values: Mapping[str, Value],
    *,
    seen: str,
    now: datetime,
) -> Settings:
    """Change keys of an account's section; give the new settings. Administrators only.

    Only keys whose value differs are written. Raises `Conflict` when the section is not the one
    whose `mark_of` is `seen`, for an account that is there already, and when the address or the
    identity changes while a delivery is with the platform: its proof lies with the old one. What
    is queued is held then: it was signed for other readers.
    """
    people.require(by, Role.admin)
    changes: dict[str, Value] = {}

    def check(entry: AccountSettings) -> dict[str, Value]:
        if mark_of(entry) != seen:
            raise Conflict(
                "Somebody changed this account in config.toml meanwhile. Nothing was saved; what"
                " stands there now is shown."
            )
        found = {key: value for key, value in values.items() if value_of(entry, key) != value}
        _refuse_elsewhere(found)
        return found

    with _section(settings, name, check, changes) as (before, after, put_in_place):
        if not changes:
            return after
        if not changes.keys().isdisjoint(IDENTITY):
            others = {key: one for key, one in before.items() if key != name}
            _refuse_twins(others, after.account(name))
        with store.write() as tx:
            told: dict[str, object] = {"account": name, **changes}
            if not changes.keys().isdisjoint(IDENTITY):
                _refuse_open(tx, name)
                told["held"] = _hold_queued(tx, name, MOVED, by, now)
            _mirror(tx, after)
            _write(tx, name, "configure", by, now, told)
            put_in_place()
    return after


def retire_account(
    settings: Settings, store: Store, by: Actor, name: str, reason: str, *, now: datetime
) -> Settings:
    """Take an account out of use; give the new settings. Administrators only.

    Its posts, secrets and history stay. What is queued is held, so that nothing of it leaves by
    itself when the account is taken into use again. Raises `Conflict` while a delivery is on its
    way, with a person or in doubt: that is settled first.
    """
    people.require(by, Role.admin)
    reason = events.reason(reason)
    if not reason:
        raise InputError("Say why the account is taken out of use; the history keeps it.")
    with (
        _use(settings, name, in_use=False) as (_before, after, put_in_place),
        store.write() as tx,
    ):
        _refuse_open(tx, name)
        _mirror(tx, after)
        held = _hold_queued(tx, name, RETIRED, by, now)
        _write(tx, name, "retire", by, now, {"reason": reason, "held": held})
        put_in_place()
    return after


def reinstate_account(
    settings: Settings, store: Store, by: Actor, name: str, *, now: datetime
) -> Settings:
    """Take an account into use again; what was held stays held until a person lets it go."""
    people.require(by, Role.admin)
    with _use(settings, name, in_use=True) as (before, after, put_in_place):
        others = {key: one for key, one in before.items() if key != name and one.in_use}
        _refuse_twins(others, after.account(name))
        with store.write() as tx:
            _mirror(tx, after)
            _write(tx, name, "reinstate", by, now, {})
            put_in_place()
    return after


@contextmanager
def _section(
    settings: Settings,
    name: str,
    choose: Callable[[AccountSettings], dict[str, Value]],
    changes: dict[str, Value],
) -> Iterator[Rewriting]:
    """Rewrite one section with what `choose` makes of it; nothing else of the file may change."""

    def change(text: str, known: Mapping[str, AccountSettings]) -> str:
        if name not in known:
            raise NotFound("There is no account {name} in config.toml.", name=name)
        changes.update(choose(known[name]))
        return config_file.with_keys(text, name, changes)

    with rewritten(settings, change) as (before, after, put_in_place):
        if every_account(after) != {**before, name: _changed(before[name], changes)}:
            raise not_ours(settings)
        yield before, after, put_in_place


def _use(settings: Settings, name: str, *, in_use: bool) -> AbstractContextManager[Rewriting]:
    def choose(entry: AccountSettings) -> dict[str, Value]:
        if entry.in_use == in_use:
            raise Conflict("Somebody else has done this already. Nothing was changed.")
        return {"in_use": in_use}

    return _section(settings, name, choose, {})


def _changed(entry: AccountSettings, changes: Mapping[str, Value]) -> AccountSettings:
    """Give an account with these values, as the file's reader would."""
    fields: dict[str, Any] = {key: value for key, value in changes.items() if key in FIELDS}
    if "api_base" in fields:
        own = api_base_of(channel_class(entry.channel))
        fields["api_base"] = (str(fields["api_base"]) or own).rstrip("/")
    others = {key: value for key, value in changes.items() if key not in FIELDS}
    return replace(entry, **fields, options={**entry.options, **others})


def _refuse_open(tx: Connection, name: str) -> None:
    """Refuse while a delivery of this account is with the platform, with a person or in doubt."""
    found = _deliveries(tx, name, *OPEN)
    if found:
        raise Conflict(
            "Deliveries of this account are on their way, with a person or in doubt: {ids}."
            " Settle them first; nothing was changed.",
            ids=", ".join(str(row.id) for row in found),
        )


def _hold_queued(tx: Connection, name: str, why: str, by: Actor, now: datetime) -> list[int]:
    """Hold what is queued on an account and not held yet; give the deliveries."""
    held = [row.id for row in _deliveries(tx, name, State.queued) if row.held_for is None]
    for delivery in held:
        hold(tx, delivery, reason=why, now=now, actor=by.mark)
    return held


def _deliveries(tx: Connection, name: str, *states: State) -> list[Row[Any]]:
    account = ACCOUNT.select().with_only_columns(ACCOUNT.c.id).where(ACCOUNT.c.name == name)
    mine = DELIVERY.c.account_id.in_(account), DELIVERY.c.state.in_([one.value for one in states])
    return list(tx.execute(select(DELIVERY).where(*mine).order_by(DELIVERY.c.id)))


def _mirror(tx: Connection, after: Settings) -> None:
    mirror(tx, [accounts.row_of(after, one) for one in after.accounts.values()])


def _write(
    tx: Connection, name: str, verb: str, by: Actor, now: datetime, detail: Mapping[str, object]
) -> None:
    row = by_name(tx, name)
    line = events.Line("account", row.id, verb, by.mark, now, account_id=row.id, detail=detail)
    events.write(tx, line)


# --- the message push --------------------------------------------------------------------------


def keep_callback_token(
    tx: Connection, settings: Settings, by: Actor, name: str, token: str, *, now: datetime
) -> None:
    """Store the Token of an account's message push. Raises `InputError` for what is none."""
    people.require(by, Role.admin)
    if not _TOKEN.fullmatch(token.strip()):
        raise InputError(
            "The Token has 3 to 32 letters and digits. Type the same one here and at WeChat."
        )
    secrets.put(tx, settings, name, CALLBACK_TOKEN, token, by=by.mark, now=now)

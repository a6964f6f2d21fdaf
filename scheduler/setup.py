"""The first hour: bureau and accounts go into config.toml for people who never open that file.

The file stays its owner's: comments, order and every byte that is not changed are kept. What is
new is written beside it, read by `config.load`, and only then put in its place.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection

from scheduler import accounts, config, events, health, people, secrets
from scheduler.clock import Clock
from scheduler.config import AccountSettings, Settings
from scheduler.errors import ConfigError, Conflict, InputError, os_reason
from scheduler.people import Actor, Role
from scheduler.setup_form import CALLBACK_TOKEN, NewAccount, clean_title, section_of
from scheduler.store import Store
from scheduler.store.accounts import ACCOUNT, by_name, mirror, wake

LOCK_S = 10
_BUREAU = re.compile(r"""^(\s*bureau\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')(.*)$""", re.DOTALL)
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
    given = {name: value for name, value in values.items() if value.strip()}

    def add(text: str, known: Mapping[str, AccountSettings]) -> str:
        if account.name in known:
            raise Conflict("There is already an account with this short name. Choose another one.")
        return _appended(text, section_of(account))

    with _rewritten(settings, add) as (before, after, put_in_place):
        _refuse_twins(before, after.account(account.name))
        same = {name: one for name, one in after.accounts.items() if name != account.name}
        if same != dict(before):
            raise _not_ours(settings)
        with store.write() as tx:
            _refuse_other_past(tx, account)
            mirror(tx, [accounts.row_of(after, one) for one in after.accounts.values()])
            _tell(tx, account, by, now)
            if given:
                accounts.login(tx, after, by, account.name, given, now=now)
            put_in_place()
    return after


def _appended(text: str, section: str) -> str:
    line = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else line
    return text + gap + line + section.replace("\n", line)


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


def _tell(tx: Connection, account: NewAccount, by: Actor, now: datetime) -> None:
    row = by_name(tx, account.name)
    detail = {"account": account.name, "channel": account.channel, **account.values}
    line = events.Line(
        "account", row.id, "configure", by.mark, now, account_id=row.id, detail=detail
    )
    events.write(tx, line)


def rename_bureau(settings: Settings, by: Actor, name: str) -> Settings:
    """Write the bureau's name into config.toml; give the new settings. Administrators only."""
    people.require(by, Role.admin)
    wanted = clean_title(name)
    with _rewritten(settings, lambda text, _known: _with_bureau(text, wanted)) as (
        before,
        after,
        put,
    ):
        if after.bureau != wanted or dict(after.accounts) != dict(before):
            raise _not_ours(settings)
        put()
    return after


def _with_bureau(text: str, name: str) -> str:
    mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    said = json.dumps(name, ensure_ascii=False)
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        if line.lstrip().startswith("["):
            break
        if found := _BUREAU.match(line):
            lines[at] = f"{found[1]}{said}{found[3]}"
            return mark + "".join(lines)
    return f"{mark}bureau = {said}{chr(13) if chr(13) in text else ''}\n{text}"


def _not_ours(settings: Settings) -> ConfigError:
    return ConfigError(
        "{file} is written in a way this page cannot change safely. Nothing was changed; whoever"
        " runs this machine edits the file and runs: fabu doctor",
        file=settings.path,
    )


Change = Callable[[str, Mapping[str, AccountSettings]], str]
Rewriting = tuple[Mapping[str, AccountSettings], Settings, Callable[[], None]]


@contextmanager
def _rewritten(settings: Settings, change: Change) -> Iterator[Rewriting]:
    """Give the accounts as the file has them now, the settings after `change`, and the way there.

    Whoever does not call the last one leaves the file as it was.
    """
    path = settings.path
    fresh = path.with_name(f".{path.name}.new")
    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_S):
            before = config.load(path)
            try:
                text = path.read_bytes().decode("utf-8")
                _write(fresh, path, change(text, before.accounts))
                after = replace(_loaded(fresh, path), path=path)
                yield before.accounts, after, lambda: _put(fresh, path)
            finally:
                fresh.unlink(missing_ok=True)
    except Timeout:
        raise Conflict("Somebody else is changing config.toml. Try again in a moment.") from None
    except OSError as error:
        raise ConfigError(
            "{file} cannot be written: {reason}. Whoever runs this machine gives the console the"
            " right to write in that folder.",
            file=path,
            reason=os_reason(error),
        ) from None


def _put(fresh: Path, path: Path) -> None:
    fresh.replace(path)


def _write(fresh: Path, model: Path, text: str) -> None:
    """Write the new file beside the old one, for the same readers, down to the disk."""
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    shutil.copymode(model, fresh)
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(fresh, model.stat().st_uid, model.stat().st_gid)


def _loaded(fresh: Path, path: Path) -> Settings:
    """Read the new file; a fault is told of the file people know."""
    try:
        return config.load(fresh)
    except config.ConfigFaults as faults:
        for fault in faults.faults:
            fault.params["file"] = path
        raise config.ConfigFaults(path, faults.faults) from None
    except ConfigError as fault:
        fault.params["file"] = path
        raise


def check_account(
    settings: Settings, store: Store, by: Actor, name: str, clock: Clock
) -> list[health.Finding]:
    """Ask the platform about an account; one that waited for a person and answers goes on.

    Operators and administrators may: each check costs calls of the account's quota.
    """
    people.require(by, Role.operator, Role.admin)
    settings.account(name)
    found = list(health.examine_account(settings, store, name, clock))
    if all(one.weight is not health.Weight.fault for one in found):
        with store.write() as tx:
            wake(tx, by_name(tx, name).id, now=clock.now(), by=by.mark)
    return found


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

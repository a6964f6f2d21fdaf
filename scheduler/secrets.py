"""The platforms' secrets: encrypted in the database under a key file, or in the environment.

A value leaves this module only in the mapping a channel gets: never in an error, an event or a
log. `FABU_SECRET_<ACCOUNT>_<FIELD>` wins over what is stored.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from channels import channel_class
from channels.contract import Account
from scheduler import events
from scheduler.config import Settings
from scheduler.errors import ConfigError, InputError, os_reason
from scheduler.tables import Account as AccountRow
from scheduler.tables import Secret, table

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

SECRET = table(Secret)
ACCOUNT = table(AccountRow)
PREFIX = "FABU_SECRET_"
KEY_MODE = 0o600
EXTRA: Mapping[str, tuple[str, ...]] = {"wechat": ("callback_token",)}
"""Secrets an account may have and publishes without, by channel: only the console reads them."""


def make_key(path: Path) -> None:
    """Make a new key file that only its owner may read. Raises `ConfigError` if there is one."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - most commands need no cipher

    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_MODE), "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
    except FileExistsError:
        raise ConfigError(
            "There is already a key file {path}. Keep it: stored secrets need it.", path=path
        ) from None


def fields_of(settings: Settings, account: str) -> tuple[str, ...]:
    """Give the secrets this account's channel needs (`app_secret`, `access_token`)."""
    return tuple(channel_class(settings.account(account).channel).SECRETS)


def extra_of(settings: Settings, account: str) -> tuple[str, ...]:
    """Give the secrets this account may have besides; nothing is missing without them."""
    return EXTRA.get(settings.account(account).channel, ())


def variable(account: str, field: str) -> str:
    """Give the environment variable that overrides one secret."""
    return f"{PREFIX}{account}_{field}".upper().replace("-", "_")


def put(
    tx: Connection,
    settings: Settings,
    account: str,
    field: str,
    value: str,
    *,
    by: str,
    now: datetime,
) -> None:
    """Store one secret, encrypted; the event tells that it changed, not what it is.

    `by` is the actor's mark. Raises `InputError` for a field the channel does not know or an empty
    value, `ConfigError` when the key file is missing or damaged.
    """
    known = fields_of(settings, account)
    if field not in known + extra_of(settings, account):
        raise InputError(
            "{account} has no secret {field}. Its secrets are: {known}.",
            account=account,
            field=field,
            known=", ".join(known) or "-",
        )
    if not value.strip():
        raise InputError(
            "The {field} of {account} is empty. Copy it from the platform's page again.",
            account=account,
            field=field,
        )
    sealed = _cipher(settings.key_file).encrypt(value.strip().encode()).decode()
    tx.execute(delete(SECRET).where(SECRET.c.account_name == account, SECRET.c.field == field))
    tx.execute(
        insert(SECRET).values(account_name=account, field=field, sealed=sealed, changed_at=now)
    )
    row = tx.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.name == account)).scalar()
    told = {"account": account, "field": field}
    events.write(
        tx,
        events.Line("account", row or 0, "set_secret", by, now, account_id=row, detail=told),
    )


def get_all(tx: Connection, settings: Settings, account: str) -> dict[str, str]:
    """Give the secrets an account has; one that is nowhere is left out.

    Raises `ConfigError` when a stored one cannot be opened with the key file.
    """
    found = {}
    rows = tx.execute(select(SECRET).where(SECRET.c.account_name == account))
    stored = {str(row.field): str(row.sealed) for row in rows}
    for field in fields_of(settings, account):
        if given := os.environ.get(variable(account, field), "").strip():
            found[field] = given
        elif field in stored:
            found[field] = _open(settings.key_file, stored[field], account)
    return found


def get_extra(tx: Connection, settings: Settings, account: str, field: str) -> str:
    """Give one of `extra_of`, "" when it is nowhere. Raises `ConfigError` as `get_all` does."""
    if field not in extra_of(settings, account):
        return ""
    if given := os.environ.get(variable(account, field), "").strip():
        return given
    mine = SECRET.c.account_name == account, SECRET.c.field == field
    sealed = tx.execute(select(SECRET.c.sealed).where(*mine)).scalar()
    return _open(settings.key_file, str(sealed), account) if sealed else ""


def missing(settings: Settings, account: str, secrets: Mapping[str, str]) -> list[str]:
    """Name the secrets the account's channel needs and `secrets` does not have."""
    return [field for field in fields_of(settings, account) if not secrets.get(field)]


def channel_account(settings: Settings, name: str, secrets: Mapping[str, str]) -> Account:
    """Give the account as a channel gets it."""
    entry = settings.account(name)
    return Account(
        name=entry.name,
        channel=entry.channel,
        title=entry.title,
        api_base=entry.api_base,
        app_id=entry.app_id,
        options=entry.options,
        secrets=dict(secrets),
    )


def _open(key_file: Path, sealed: str, account: str) -> str:
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - see make_key

    try:
        return _cipher(key_file).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise ConfigError(
            "The key file {path} does not open the stored secrets of {account}. Put the old key "
            "file back, or enter the secrets of this account again.",
            command="fabu account login {account}",
            path=key_file,
            account=account,
        ) from None


def _cipher(key_file: Path) -> Fernet:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - see make_key

    try:
        return Fernet(key_file.read_bytes().strip())
    except FileNotFoundError:
        raise ConfigError(
            "There is no key file {path}. Put it back from the backup, or correct key_file in "
            "[secrets] of config.toml.",
            path=key_file,
        ) from None
    except OSError as error:
        raise ConfigError(
            "The key file {path} cannot be read: {reason}. Run as the user who owns it.",
            path=key_file,
            reason=os_reason(error),
        ) from None
    except ValueError:
        raise ConfigError(
            "The key file {path} is damaged. Put it back from the backup.", path=key_file
        ) from None

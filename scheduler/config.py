"""config.toml, read into frozen typed settings: how this machine runs, never what people decide.

Every fault of a file is collected, so that it can be mended in one go. Secrets may not stand in
it. A channel is loaded only when an account of its kind is configured: it knows its own keys.
"""

from __future__ import annotations

import os
import re
import socket
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from channels import KINDS, channel_class
from scheduler.errors import ConfigError, os_reason
from scheduler.words import N_

if TYPE_CHECKING:
    from channels.contract import Channel, Option

T = TypeVar("T")
CONFIG_NAME = "config.toml"
DEFAULT_URL = "sqlite:///queue.db"
DEFAULT_WORKERS, WORKERS_MAX = 4, 64
_ACCOUNT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql+psycopg://", "postgresql://", "postgres://")
_SECTIONS: Mapping[str, Mapping[str, type]] = {
    "database": {"url": str},
    "daemon": {"node": str, "workers": int},
    "network": {"proxy": str},
    "secrets": {"key_file": str},
}
_ACCOUNT_KEYS = ("channel", "title", "app_id", "api_base", "in_use")
_SECRET_KEYS = frozenset(
    "secret app_secret appsecret access_token accesstoken token password passwd".split()
)
_TYPE_WORDS = {
    str: N_("text in quotes"),
    int: N_("a whole number"),
    float: N_("a number"),
    bool: N_("true or false"),
    list: N_("a list"),
    dict: N_("a section"),
}


class ConfigFaults(ConfigError):
    """Several faults of one config.toml, shown together."""

    def __init__(self, file: Path, faults: Iterable[ConfigError]) -> None:
        self.faults = tuple(faults)
        super().__init__("{file} has {count} faults:", file=file, count=len(self.faults))

    def __str__(self) -> str:
        """Say them all, one per line."""
        return "\n".join([super().__str__(), *(f"- {fault}" for fault in self.faults)])


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """One `[account.NAME]`. `options` holds every key of the channel, defaults filled in."""

    name: str
    channel: str
    title: str
    api_base: str
    app_id: str
    options: Mapping[str, object]
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """What config.toml says, paths absolute. `retired` are the accounts with `in_use = false`."""

    path: Path
    home: Path
    bureau: str
    database_url: str
    node: str
    key_file: Path
    proxy: str
    workers: int
    accounts: Mapping[str, AccountSettings]
    retired: Mapping[str, AccountSettings] = field(default_factory=dict)

    def account(self, name: str) -> AccountSettings:
        """Give one account's settings, in use or not. Raises `ConfigError` naming those in use."""
        if found := self.accounts.get(name) or self.retired.get(name):
            return found
        raise ConfigError(
            "{file} has no account {name}. There are: {known}. Add [account.{name}] or choose one "
            "of them.",
            file=self.path,
            name=name,
            known=", ".join(self.accounts) or "-",
        )


def find_config(explicit: Path | None = None) -> Path:
    """Find the config file: `explicit` (-c), then FABU_CONFIG, then ./config.toml.

    A folder stands for the config.toml in it. Raises `ConfigError` when there is none.
    """
    named = explicit or (Path(given) if (given := os.environ.get("FABU_CONFIG", "")) else None)
    path = named if named is not None else Path(CONFIG_NAME)
    if path.is_dir():
        path /= CONFIG_NAME
    if path.is_file():
        return path.resolve()
    if named is None:
        raise ConfigError(
            "There is no config.toml in {folder}. Make a home with: fabu init DIR, then go there, "
            "or name its config.toml with -c or FABU_CONFIG.",
            folder=Path.cwd(),
        )
    raise ConfigError(
        "There is no config file {path}. Make a home with: fabu init DIR, or correct -c or "
        "FABU_CONFIG.",
        path=path,
    )


def load(path: Path) -> Settings:
    """Read and check one config file. Raises `ConfigError`, all faults together."""
    path = path.resolve()
    reader = _Reader(path)
    settings = reader.settings(reader.parse())
    if len(reader.faults) == 1:
        raise reader.faults[0]
    if reader.faults:
        raise ConfigFaults(path, reader.faults)
    return settings


def database_address(url: str, home: Path) -> str:
    """Give the SQLAlchemy address: a relative SQLite path counts from `home`.

    Raises `ValueError` for a database we do not speak.
    """
    if url.startswith(_SQLITE):
        file, question, query = url.removeprefix(_SQLITE).partition("?")
        if not file or file.startswith(":memory:"):
            # Every connection would get an empty database of its own.
            raise ValueError(url)
        return f"{_SQLITE}{(home / file).as_posix()}{question}{query}"
    for scheme in _POSTGRES:
        if url.startswith(scheme):
            return _POSTGRES[0] + url.removeprefix(scheme)
    raise ValueError(url)


class _Reader:
    """Walks one file and collects faults instead of stopping at the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.home = path.parent
        self.faults: list[ConfigError] = []

    def fault(self, text: str, /, **params: object) -> None:
        self.faults.append(ConfigError(text, file=self.path, **params))

    def parse(self) -> dict[str, object]:
        try:
            # Windows editors put a mark before the first letter; it is no part of the text.
            return tomllib.loads(self.path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ConfigError(
                "{file}, line {line}: this is not UTF-8. Save the file again as UTF-8.",
                file=self.path,
                line=error.object[: error.start].count(b"\n") + 1,
            ) from None
        except OSError as error:
            raise ConfigError(
                "{file} cannot be read: {reason}. Check its owner and its mode.",
                file=self.path,
                reason=os_reason(error),
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise self._broken(str(error)) from None

    def _broken(self, said: str) -> ConfigError:
        found = _PLACE.search(said)
        reason = _PLACE.sub("", said).strip()
        if found is None or found[1] is None:
            return ConfigError(
                "{file} breaks off at its end: {reason}. Close the quotation mark or bracket.",
                file=self.path,
                reason=(reason, {}),
            )
        return ConfigError(
            "{file}, line {line}, column {column}: {reason}. Correct the line: text stands in "
            'quotes, as in bureau = "...".',
            file=self.path,
            line=found[1],
            column=found[2],
            reason=(reason, {}),
        )

    def settings(self, data: dict[str, object]) -> Settings:
        self.unknown("", data, ["bureau", "account", *_SECTIONS])
        parts = {name: self.section(name, data.get(name, {})) for name in _SECTIONS}
        workers = self.typed("daemon", "workers", parts["daemon"], int, DEFAULT_WORKERS)
        if not 1 <= workers <= WORKERS_MAX:
            self.fault(
                "{file}: workers in [daemon] is {value}; it must be from 1 to {most}.",
                value=workers,
                most=WORKERS_MAX,
            )
        url = self.typed("database", "url", parts["database"], str, DEFAULT_URL)
        key_file = self.typed("secrets", "key_file", parts["secrets"], str, "secret.key")
        every = self.accounts(data.get("account", {})).items()
        return Settings(
            path=self.path,
            home=self.home,
            bureau=self.typed("", "bureau", data, str, ""),
            database_url=self.database(url),
            node=self.typed("daemon", "node", parts["daemon"], str, "") or socket.gethostname(),
            key_file=self.home / Path(key_file).expanduser(),
            proxy=self.proxy(self.typed("network", "proxy", parts["network"], str, "")),
            workers=workers,
            accounts=MappingProxyType({name: one for name, one in every if one.in_use}),
            retired=MappingProxyType({name: one for name, one in every if not one.in_use}),
        )

    def section(self, name: str, value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            self.wrong_type("", name, value, dict)
            return {}
        self.unknown(name, value, _SECTIONS[name])
        return value

    def database(self, url: str) -> str:
        try:
            return database_address(url, self.home)
        except ValueError:
            wanted = "sqlite:///FILE, postgresql://"
            self.fault("{file}: url in [database] must begin with one of: {wanted}.", wanted=wanted)
            return url

    def proxy(self, address: str) -> str:
        if address and not re.match(r"https?://[^/\s]+", address):
            self.fault("{file}: proxy in [network] must look like http://HOST:PORT.")
        return address

    def accounts(self, value: object) -> dict[str, AccountSettings]:
        if not isinstance(value, dict):
            self.wrong_type("", "account", value, dict)
            return {}
        found = {}
        for name, entry in value.items():
            section = f"account.{name}"
            if not _ACCOUNT_NAME.fullmatch(name):
                self.fault(
                    "{file}: account name {name} in [{section}] may only have lower-case letters, "
                    "digits and hyphens, 39 at most. Rename the section.",
                    name=name,
                    section=section,
                )
            elif not isinstance(entry, dict):
                self.wrong_type("account", name, entry, dict)
            elif (kind := self.kind(section, entry)) is not None:
                found[name] = self.account(name, kind, entry)
        return found

    def kind(self, section: str, entry: Mapping[str, object]) -> str | None:
        kind = entry.get("channel")
        if kind in KINDS:
            return str(kind)
        known = ", ".join(f'channel = "{one}"' for one in KINDS)
        if kind is None:
            self.fault(
                "{file}: [{section}] does not say its channel. Add one of: {known}.",
                section=section,
                known=known,
            )
        else:
            self.fault(
                "{file}: channel {kind} in [{section}] does not exist. Choose one of: {known}.",
                section=section,
                kind=kind,
                known=known,
            )
        return None

    def account(self, name: str, kind: str, entry: dict[str, object]) -> AccountSettings:
        section = f"account.{name}"
        channel = channel_class(kind)
        self.unknown(section, entry, [*_ACCOUNT_KEYS, *channel.OPTIONS], account=name)
        text = {
            key: self.typed(section, key, entry, str, "") for key in ("title", "app_id", "api_base")
        }
        base = text["api_base"] or api_base_of(channel)
        if base and not re.match(r"https?://[^/\s]+", base):
            self.fault(
                "{file}: api_base in [{section}] must begin with https:// (or http:// for the "
                "simulator).",
                section=section,
            )
        options = {
            key: self.option(section, key, entry, option)
            for key, option in channel.OPTIONS.items()
            if key not in _ACCOUNT_KEYS
        }
        return AccountSettings(
            name=name,
            channel=kind,
            title=text["title"] or name,
            api_base=base.rstrip("/"),
            app_id=text["app_id"],
            options=MappingProxyType(options),
            in_use=self.typed(section, "in_use", entry, bool, True),
        )

    def option(self, section: str, key: str, entry: Mapping[str, object], option: Option) -> object:
        if key not in entry:
            return option.default
        value = entry[key]
        kind = list if option.kind in (list, tuple) else option.kind
        if not _is_a(value, kind):
            self.wrong_type(section, key, value, kind)
            return option.default
        # Frozen settings: a list becomes a tuple, and 2 for a number of seconds becomes 2.0.
        return tuple(value) if isinstance(value, list) else option.kind(value)

    def typed(
        self, section: str, key: str, entry: Mapping[str, object], kind: type[T], default: T
    ) -> T:
        value = entry.get(key, default)
        if _is_a(value, kind):
            return value  # type: ignore[return-value]
        self.wrong_type(section, key, value, kind)
        return default

    def wrong_type(self, section: str, key: str, value: object, kind: type) -> None:
        self.fault(
            "{file}: {key} in {section} must be {wanted}, not {given}.",
            key=key,
            section=_place(section),
            wanted=(_TYPE_WORDS.get(kind, kind.__name__), {}),
            given=(_TYPE_WORDS.get(type(value), type(value).__name__), {}),
        )

    def unknown(
        self, section: str, entry: Mapping[str, object], known: Iterable[str], account: str = ""
    ) -> None:
        names = list(known)
        for key in entry:
            if key in names:
                continue
            if key.lower().replace("-", "_") in _SECRET_KEYS:
                self.secret(section, key, account)
            elif guess := get_close_matches(key, names, n=1):
                self.fault(
                    "{file}: unknown key {key} in {section}. Did you mean {guess}?",
                    key=key,
                    section=_place(section),
                    guess=guess[0],
                )
            else:
                self.fault(
                    "{file}: unknown key {key} in {section}. Remove it; known keys: {known}.",
                    key=key,
                    section=_place(section),
                    known=", ".join(names),
                )

    def secret(self, section: str, key: str, account: str) -> None:
        self.fault(
            "{file}: {key} in {section} is a secret and may not stand here. Remove the line "
            "(change the secret if others saw the file), then: fabu account login {account}",
            key=key,
            section=_place(section),
            account=account or "NAME",
        )


def api_base_of(channel: type[Channel]) -> str:
    """Give the platform's own address, "" where the channel does not tell it."""
    return str(getattr(channel, "API_BASE", ""))


def _place(section: str) -> object:
    return f"[{section}]" if section else (N_("the top of the file"), {})


def _is_a(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)

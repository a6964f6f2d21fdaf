"""The file config.toml itself: changed for people who never open it, followed while we run.

It stays its owner's: comments, order and every byte that is not changed are kept. What is new is
written beside it, read by `config.load`, and only then put in its place; not over an edit that
somebody saved meanwhile.

No library: tomlkit (0.15) puts a new key behind the comment that heads the next section. What these
few lines do not understand comes back unchanged, and whoever calls them says so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from scheduler import config
from scheduler.config import AccountSettings, Settings
from scheduler.errors import ConfigError, Conflict, os_reason

LOCK_S = 10
_STRING = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*')"""
_BUREAU = re.compile(rf"^(\s*bureau\s*=\s*)({_STRING})(.*)$", re.DOTALL)
_REST = re.compile(rf"(?:{_STRING}|true|false|[-+]?[0-9][0-9_.eE+-]*)(\s*(?:#.*)?)", re.DOTALL)
"""A value on one line and, as its group, what stands behind it."""
Value = str | bool | int | float
Every = Mapping[str, AccountSettings]
Change = Callable[[str, Every], str]
Rewriting = tuple[Every, Settings, Callable[[], None]]


# --- changed -----------------------------------------------------------------------------------


def every_account(settings: Settings) -> dict[str, AccountSettings]:
    """Give all accounts of the file, those out of use too."""
    return {**settings.accounts, **settings.retired}


@contextmanager
def rewritten(settings: Settings, change: Change) -> Iterator[Rewriting]:
    """Give the accounts as the file has them now, the settings after `change`, and the way there.

    Whoever does not call the last one leaves the file as it was. Raises `Conflict` when somebody
    else changes the file at this moment, `ConfigError` when it cannot be read or written.
    """
    path = settings.path
    fresh = path.with_name(f".{path.name}.new")
    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_S):
            seen = stamp(path)
            before = every_account(config.load(path))
            try:
                text = path.read_bytes().decode("utf-8")
                _write(fresh, path, change(text, before))
                after = replace(_loaded(fresh, path), path=path)
                yield before, after, lambda: _put(fresh, path, seen)
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


def not_ours(settings: Settings) -> ConfigError:
    """Give the error for a file that says its things in a way we cannot change safely."""
    return ConfigError(
        "{file} is written in a way this page cannot change safely. Nothing was changed; whoever"
        " runs this machine edits the file and runs: fabu doctor",
        file=settings.path,
    )


def _put(fresh: Path, path: Path, seen: object) -> None:
    """Put the new file in place: an editor takes no lock, so what it saved is looked for."""
    if stamp(path) != seen:
        raise Conflict("Somebody else is changing config.toml. Try again in a moment.")
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


# --- the text ----------------------------------------------------------------------------------


def with_section(text: str, section: str) -> str:
    """Give the text with a section at its end."""
    line = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else line
    return text + gap + line + section.replace("\n", line)


def with_bureau(text: str, name: str) -> str:
    """Give the text with another name of the bureau."""
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


def with_keys(text: str, account: str, values: Mapping[str, Value]) -> str:
    """Give the text with these keys in the account's section: replaced in place, or added.

    A text written in a way we do not know comes back as it was; whoever calls this compares what
    the new text says with what was wanted.
    """
    lines = text.splitlines(keepends=True)
    first = _header(lines, account)
    if first is None:
        return text
    end = next(
        (at for at in range(first, len(lines)) if lines[at].lstrip().startswith("[")), len(lines)
    )
    missing = []
    for key, value in values.items():
        known = re.compile(rf"""(\s*(["']?){re.escape(key)}\2\s*=\s*)(.*)""", re.DOTALL)
        at = next((at for at in range(first, end) if known.match(lines[at])), None)
        if at is None:
            missing.append(f"{key} = {toml(value)}")
        elif (found := known.match(lines[at])) and (rest := _REST.fullmatch(found[3])):
            lines[at] = f"{found[1]}{toml(value)}{rest[1]}"
        else:
            return text
    return "".join(_inserted(lines, first, end, missing))


def _header(lines: list[str], account: str) -> int | None:
    """Give the line after the account's heading."""
    name = re.escape(account)
    heading = re.compile(rf"""^\s*\[\s*account\s*\.\s*(["']?){name}\1\s*\]\s*(#.*)?$""", re.DOTALL)
    return next((at + 1 for at, line in enumerate(lines) if heading.match(line)), None)


def _inserted(lines: list[str], first: int, end: int, fresh: list[str]) -> list[str]:
    """Put new lines after the last one of a section that says something."""
    said = [at for at in range(first, end) if lines[at].strip() and lines[at].lstrip()[0] != "#"]
    at = said[-1] + 1 if said else first
    ending = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    before = lines[:at]
    if fresh and not before[-1].endswith("\n"):
        before[-1] += ending
    return [*before, *(line + ending for line in fresh), *lines[at:]]


def toml(value: Value) -> str:
    """Give a value as it stands in the file."""
    return json.dumps(value, ensure_ascii=False)


# --- followed ----------------------------------------------------------------------------------


def stamp(path: Path) -> tuple[int, int, int] | None:
    """Give what changes with every writing of a file; None when there is none."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


class Follower:
    """Notices that the file was changed, once for each change. Safe to share between threads."""

    def __init__(self) -> None:
        self._seen: tuple[int, int, int] | None = None
        self._lock = Lock()

    def changed(self, settings: Settings) -> Settings | None:
        """Give `settings` with bureau and accounts of a file not read yet, else None.

        Everything else of it (database, node, proxy, key file) holds from the next start. Raises
        `ConfigError` for a file with faults: once, then not before it is changed again.
        """
        with self._lock:
            seen = stamp(settings.path)
            if seen is None or seen == self._seen:
                return None
            self._seen = seen
        return taken(settings, config.load(settings.path))

    def forget(self) -> None:
        """Let the next look find the file changed: what it says could not be taken up."""
        with self._lock:
            self._seen = None


def taken(settings: Settings, fresh: Settings) -> Settings:
    """Give `settings` with what may change while we run."""
    return replace(settings, bureau=fresh.bureau, accounts=fresh.accounts, retired=fresh.retired)

"""A ledger file as it is: its rows with the numbers the spreadsheet shows. Knows no posts.

What a file is, is told by its first bytes, never by its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from channels.contract import Words
from scheduler.errors import InputError, NotFound, os_reason

Progress = Callable[[str, int, int], None]
"""Told now and then: what is being done (a catalogue key), how much is done, of how much."""

FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""The wide signs, too: a Chinese Excel takes them for the narrow ones."""
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


def in_silence(_doing: str, _done: int, _total: int) -> None:
    """Be a `Progress` that tells nobody."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: (row number from 1, cells) for each row that is not blank."""

    name: str
    rows: tuple[tuple[int, tuple[object, ...]], ...]


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """A file, read: `encoding` says in words how, `notes` what a person should know of it."""

    name: str
    sha256: str
    encoding: Words
    grids: tuple[Grid, ...]
    notes: tuple[Words, ...] = field(default=())


def read(path: Path) -> LedgerFile:
    """Read a CSV or XLSX file. Reads the file only, no database.

    Raises `NotFound` when there is none, `InputError` when it cannot be read as either, and
    `RowErrors` when one of its rows cannot.
    """
    # Both readers know how to make a LedgerFile of bytes; they are loaded when needed, because
    # openpyxl takes longer to load than a CSV takes to read.
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound("There is no file {file}.", file=str(path)) from None
    except OSError as error:
        raise InputError(
            "{file} cannot be read: {why}.", file=str(path), why=os_reason(error)
        ) from None
    if not data.strip():
        raise InputError("{file} is empty.", file=path.name)
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith(_OLE):
        raise InputError(
            "{file} is an old .xls workbook or one with a password. Open it, save it as .xlsx "
            "without a password or as CSV, and import that.",
            file=path.name,
        )
    if data.startswith(_ZIP):
        from scheduler.ledger.workbook import read_workbook  # noqa: PLC0415 - see above

        return read_workbook(path.name, digest, data)
    from scheduler.ledger.text_sheet import read_text  # noqa: PLC0415 - see above

    return read_text(path.name, digest, data)


def no_formula(cell: object) -> object:
    """Keep a text that begins like a formula from being one in Excel: titles come from anywhere."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def is_blank(cells: tuple[object, ...]) -> bool:
    """Say whether a row holds nothing but blanks."""
    return not any(cell is not None and str(cell).strip() for cell in cells)

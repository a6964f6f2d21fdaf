"""XLSX files, through openpyxl's streaming reader."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from channels.contract import Words
from scheduler.errors import InputError
from scheduler.ledger.sheet import Grid, LedgerFile, is_blank
from scheduler.words import N_

UNPACKED_BYTES_MAX = 300_000_000
"""A small file that unpacks to more was made to fill the memory."""
ROWS_MAX, COLUMNS_MAX = 1_048_576, 200
"""Excel's last row, where a stray format often stands, and more columns than any ledger has. A file
of a few bytes can claim a row number of thousands of millions, or a cell far to the right in each
row."""

_BROKEN = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    struct.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
)
"""What zipfile, the XML parser and openpyxl raise for damaged files (found by mutating some)."""


def read_workbook(name: str, sha256: str, data: bytes) -> LedgerFile:
    """Read every visible sheet of a workbook; formulas give their last stored value."""
    with warnings.catch_warnings():
        # openpyxl warns about styles and extensions it drops; we want the values only.
        warnings.simplefilter("ignore")
        try:
            grids, hidden = _grids(name, data)
        except _BROKEN as why:
            raise InputError(
                "{file} cannot be read as an Excel workbook ({why}). Open it in Excel or WPS, "
                "save it again as .xlsx and import that.",
                file=name,
                why=str(why),
            ) from None
    notes = [
        Words(N_("The hidden sheet {sheet} was not read."), {"sheet": sheet}) for sheet in hidden
    ]
    return LedgerFile(
        name=name,
        sha256=sha256,
        encoding=Words(N_("Excel workbook")),
        grids=grids,
        notes=tuple(notes),
    )


def _grids(name: str, data: bytes) -> tuple[tuple[Grid, ...], list[str]]:
    with ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED_BYTES_MAX:
            raise InputError("{file} is too big: split it into several workbooks.", file=name)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    grids, hidden = [], []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        sheet.reset_dimensions()  # some programs write a size that cuts rows off
        grids.append(Grid(name=sheet.title, rows=tuple(_rows(name, sheet))))
    book.close()
    return tuple(grids), hidden


def _rows(name: str, sheet: Any) -> Iterator[tuple[int, tuple[object, ...]]]:
    rows = sheet.iter_rows(values_only=True, max_col=COLUMNS_MAX)
    for number, cells in enumerate(rows, 1):
        if number > ROWS_MAX:
            raise InputError("{file} is too big: split it into several workbooks.", file=name)
        if not is_blank(cells):
            last = max(at for at, cell in enumerate(cells) if cell is not None)
            yield number, cells[: last + 1]

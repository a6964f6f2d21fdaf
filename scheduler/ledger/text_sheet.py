"""CSV files: which encoding, which separator, which rows. Strict: nothing is guessed away."""

from __future__ import annotations

import csv
import io
from itertools import islice

from channels.contract import Words
from scheduler.errors import InputError, RowError, RowErrors
from scheduler.ledger.headings import HEADER_ROWS_MAX, score
from scheduler.ledger.sheet import Grid, LedgerFile, is_blank
from scheduler.words import N_

SEPARATORS = (",", "\t", ";")
_UTF8_PROOF_BYTES = 12
"""So many non-ASCII bytes read as UTF-8 without a fault: then it is UTF-8, with a fault later.

GB18030 text of that length is never valid UTF-8 by chance in practice.
"""


def read_text(name: str, sha256: str, data: bytes) -> LedgerFile:
    """Read the bytes of a CSV file."""
    text, encoding = _decode(name, data)
    separator = _separator(text)
    return LedgerFile(
        name=name,
        sha256=sha256,
        encoding=Words(
            N_("CSV, {encoding}, separator {separator}"),
            {"encoding": encoding, "separator": {"\t": "Tab"}.get(separator, separator)},
        ),
        grids=(Grid(name="", rows=_rows(name, text, separator)),),
    )


def _decode(name: str, data: bytes) -> tuple[str, str]:
    if data.startswith(b"\xef\xbb\xbf"):
        try:
            return data.decode("utf-8-sig"), "UTF-8 (BOM)"
        except UnicodeDecodeError as error:
            raise _not_text(name, data, error, "UTF-8") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel's "Unicode text"
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise _not_text(name, data, error, "UTF-16") from None
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        if sum(byte > 0x7F for byte in data[: error.start]) >= _UTF8_PROOF_BYTES:
            raise _not_text(name, data, error, "UTF-8") from None
    try:
        return data.decode("gb18030"), "GB18030"
    except UnicodeDecodeError as error:
        raise _not_text(name, data, error, "GB18030") from None


def _not_text(name: str, data: bytes, error: UnicodeDecodeError, encoding: str) -> InputError:
    row = data.count(b"\n", 0, error.start) + 1
    key = N_("This line is not valid {encoding} text. Save the file as CSV UTF-8 or as .xlsx.")
    return RowErrors(name, [RowError(row, "", key, {"encoding": encoding})])


def _separator(text: str) -> str:
    """Take the separator that gives the most known headings; the comma when none gives any."""

    def known(separator: str) -> int:
        try:
            head = islice(csv.reader(io.StringIO(text), delimiter=separator), HEADER_ROWS_MAX)
            return max((score(tuple(row)) for row in head), default=0)
        except csv.Error:
            return 0

    return max(SEPARATORS, key=known)


def _rows(name: str, text: str, separator: str) -> tuple[tuple[int, tuple[object, ...]], ...]:
    # `strict`: a stray quotation mark would otherwise swallow all rows up to the next one.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, tuple[object, ...]]] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if not is_blank(tuple(cells)):
                rows.append((number, tuple(cells)))
    except csv.Error as error:
        key = N_("The quotation marks in this row do not match ({why}).")
        raise RowErrors(name, [RowError(number + 1, "", key, {"why": (str(error), {})})]) from None
    return tuple(rows)

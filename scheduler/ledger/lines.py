"""Rows of posts out of a sheet: each cell read, every fault kept with its row and heading."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from channels.contract import Words
from scheduler.clock import beijing
from scheduler.errors import RowError
from scheduler.ledger import fields, headings
from scheduler.ledger.columns import Tree
from scheduler.ledger.fields import Wrong
from scheduler.ledger.headings import HEADINGS, REQUIRED, Header
from scheduler.ledger.sheet import Grid, LedgerFile, Progress
from scheduler.words import N_

T = TypeVar("T")
TELL_EVERY = 2_000
_TOTALS = re.compile(r"^.{0,12}?(合计|总计|小计|共计|累计|总数|合計|total)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One post as the file tells it. `account` is its name or title as written there."""

    row: int
    published_at: datetime
    channel: str
    account: str
    column: str
    column_id: int
    origin: str
    title: str
    source: str
    link: str
    reads: int | None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        """Make `digest`: SHA-256 of the whole row, what is compared where there is no link."""
        whole = (
            self.published_at.isoformat(),
            self.channel,
            self.account,
            self.column,
            self.origin,
            self.title,
            self.source,
            self.link,
            self.reads,
        )
        # No text has a control character (`fields.text_of`), so the parts cannot run together.
        text = "\x1f".join(map(str, whole))
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())


@dataclass(slots=True)
class Reading:
    """What came out of a file."""

    lines: list[Line] = field(default_factory=list)
    faults: list[RowError] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)


def read_lines(file: LedgerFile, tree: Tree, now: datetime, tell: Progress) -> Reading:
    """Read every sheet that has a header row. No database; `now` only to find future times."""
    found = [(grid, header) for grid in file.grids if (header := headings.find(grid))]
    reading = Reading(notes=list(file.notes))
    if not found:
        names = "、".join(HEADINGS[name][0] for name in REQUIRED)
        key = N_("No header row was found in the first {count} rows. It must name: {names}.")
        number = file.grids[0].rows[0][0] if file.grids and file.grids[0].rows else 1
        params = {"count": headings.HEADER_ROWS_MAX, "names": names}
        reading.faults.append(RowError(number, "", key, params))
        return reading
    read_names = {grid.name for grid, _header in found}
    for grid in file.grids:
        if grid.rows and grid.name not in read_names:
            key = N_("The sheet {sheet} has no header row and was not read.")
            reading.notes.append(Words(key, {"sheet": grid.name}))
    for grid, header in found:
        prefix = f"{grid.name}!" if len(found) > 1 else ""
        _SheetReader(grid, header, tree, now, prefix).read(reading, tell)
    return reading


class _SheetReader:
    def __init__(self, grid: Grid, header: Header, tree: Tree, now: datetime, prefix: str) -> None:
        self.grid, self.header, self.tree, self.now = grid, header, tree, now
        self.prefix = prefix
        self.seen: Counter[str] = Counter()
        self.leaves: dict[str, str] = {}
        self.skipped: list[str] = []
        self.after_totals = False

    def read(self, reading: Reading, tell: Progress) -> None:
        """Read the rows below the header into `reading`."""
        faults = headings.faults(self.header)
        reading.notes += headings.notes(self.header)
        if faults:
            reading.faults += [self._named(fault) for fault in faults]
            return
        below = [(number, row) for number, row in self.grid.rows if number > self.header.row]
        for done, (number, row) in enumerate(below, 1):
            if done % TELL_EVERY == 0:
                tell(N_("Reading rows"), done, len(below))
            cells = {
                name: row[position] if position < len(row) else None
                for name, position in self.header.positions.items()
            }
            if not self._is_post(cells, row):
                shown = next(fields.text_of(cell) for cell in row if fields.text_of(cell))
                self.skipped.append(f"{number} ({shown[:20]})")
                continue
            line, faulty = self._line(number, cells)
            reading.faults += [self._named(fault) for fault in faulty]
            if line is not None:
                reading.lines.append(line)
        reading.notes += self._notes()

    def _is_post(self, cells: Mapping[str, object], row: tuple[object, ...]) -> bool:
        """Tell posts from totals, captions and signatures. When in doubt it is a post."""
        timed = fields.looks_like_time(cells["published_at"])
        if timed and not self.after_totals:
            return True
        filled = [name for name in cells if fields.text_of(cells[name])]
        first = next((text for cell in row if (text := fields.text_of(cell))), "")
        if not timed and "link" not in filled and _TOTALS.match(re.sub(r"\s", "", first)):
            self.after_totals = True
            return False
        if not timed and filled in ([], ["published_at"]):
            return False  # a caption such as 八月, or a remark beside the table
        if self.after_totals and "link" not in filled:
            # Who made the table, and when: below the totals, with no platform and no origin.
            return any(
                _reads(read, cells[name])
                for name, read in (("channel", fields.channel_of), ("origin", fields.origin_of))
            )
        return True

    def _line(self, number: int, cells: Mapping[str, object]) -> tuple[Line | None, list[RowError]]:
        faults: list[RowError] = []

        def get(name: str, read: Callable[[object], T]) -> T | None:
            try:
                return read(cells.get(name))
            except Wrong as wrong:
                heading = self.header.titles.get(name, HEADINGS[name][0])
                faults.append(RowError(number, heading, wrong.text, wrong.params))
                return None

        moment = get("published_at", self._moment)
        channel = get("channel", fields.channel_of)
        account = get("account", fields.required_text)
        column = get("column", self._column)
        origin = get("origin", fields.origin_of)
        title = get("title", fields.required_text)
        reads = get("reads", fields.reads_of)
        if (
            faults
            or moment is None
            or channel is None
            or account is None
            or column is None
            or origin is None
            or title is None
        ):
            return None, faults
        line = Line(
            row=number,
            published_at=moment,
            channel=channel,
            account=account,
            column=column[0],
            column_id=column[1],
            origin=origin,
            title=title,
            source=fields.optional_text(cells.get("source")),
            link=fields.optional_text(cells.get("link")),
            reads=reads,
        )
        return line, faults

    def _moment(self, cell: object) -> datetime:
        moment = fields.moment_of(cell)
        if moment.at > self.now:
            raise Wrong(
                N_("{time} lies in the future; the ledger takes only what is out."),
                time=beijing(moment.at).strftime("%Y-%m-%d %H:%M"),
            )
        self.seen["naive"] += not moment.has_zone
        self.seen["day_only"] += not moment.has_hour
        return moment.at

    def _column(self, cell: object) -> tuple[str, int]:
        path, column_id = self.tree.find(cell)
        if (written := fields.text_of(cell)) != path:
            self.leaves[written] = path
        return path, column_id

    def _named(self, fault: RowError) -> RowError:
        return RowError(fault.row, self.prefix + fault.column, fault.text, fault.params)

    def _notes(self) -> list[Words]:
        said = []
        if count := self.seen["naive"]:
            key = N_("Times without a zone are read as Beijing time ({count} rows).")
            said.append(Words(key, {"count": count}))
        if count := self.seen["day_only"]:
            key = N_("{count} rows have a date without a time of day; they count at 00:00.")
            said.append(Words(key, {"count": count}))
        for written, path in self.leaves.items():
            key = N_("The column {value} is taken as {path}.")
            said.append(Words(key, {"value": written, "path": path}))
        if self.skipped:
            key = N_("Rows not read as posts: {rows}.")
            said.append(Words(key, {"rows": ", ".join(self.skipped)}))
        return said


def _reads(read: Callable[[object], object], cell: object) -> bool:
    try:
        read(cell)
    except Wrong:
        return False
    return True

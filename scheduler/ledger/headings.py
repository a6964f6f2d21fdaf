"""Which column of a sheet is which field: the headings people use, and where they stand."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass

from channels.contract import Words
from scheduler.errors import RowError
from scheduler.ledger.sheet import Grid
from scheduler.words import N_

HEADER_ROWS_MAX = 20
"""So far down a header row is looked for: below a title, a unit's name, a date of making."""

HEADINGS: dict[str, tuple[str, ...]] = {
    "published_at": ("发布时间", "发布日期", "时间", "日期", "发表时间", "推送时间"),
    "channel": ("平台", "发布平台", "渠道", "发布渠道"),
    "account": ("账号", "帐号", "账户", "账号名称", "帐号名称", "发布账号"),
    "column": ("栏目", "栏目名称", "所属栏目", "发布栏目"),
    "origin": ("来源性质", "性质", "信息性质", "原创/转载"),
    "title": ("标题", "信息标题", "文章标题", "稿件标题", "内容标题"),
    "source": ("转载来源", "来源", "信息来源", "转载出处", "稿源"),
    "link": ("链接", "链接地址", "文章链接", "网址", "url"),
    "reads": ("阅读数", "阅读量", "阅读", "阅读次数", "浏览量"),
}
"""Field -> its headings; the first is the one we write and ask for."""

REQUIRED = ("published_at", "channel", "account", "column", "origin", "title")
_FIELDS = {heading: name for name, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True, slots=True)
class Header:
    """The header row: its number, each field's position, the heading as the file has it."""

    row: int
    positions: dict[str, int]
    titles: dict[str, str]
    unread: tuple[str, ...]


def plain(cell: object) -> str:
    """Reduce a heading to what is compared: full-width forms, blanks, remarks in brackets gone."""
    text = unicodedata.normalize("NFKC", "" if cell is None else str(cell)).lower()
    return re.sub(r"\(.*\)$|[\s*:\u200b\ufeff]", "", re.sub(r"\s+", "", text))


def score(cells: tuple[object, ...]) -> int:
    """Say how many different fields these cells name."""
    return len({_FIELDS[text] for cell in cells if (text := plain(cell)) in _FIELDS})


def find(grid: Grid) -> Header | None:
    """Find the header row of a sheet: the one that names most fields, two at least."""
    head = grid.rows[:HEADER_ROWS_MAX]
    best = max(head, key=lambda row: score(row[1]), default=None)
    if best is None or score(best[1]) < 2:
        return None
    number, cells = best
    positions: dict[str, int] = {}
    titles: dict[str, str] = {}
    unread = []
    for position, cell in enumerate(cells):
        name = _FIELDS.get(plain(cell))
        if name is None or name in positions:
            unread += [str(cell).strip()] if plain(cell) else []
        else:
            positions[name] = position
            titles[name] = str(cell).strip()
    return Header(number, positions, titles, tuple(unread))


def faults(header: Header) -> list[RowError]:
    """Say which headings are missing, and which of the unread ones may be meant."""
    found = []
    for name in REQUIRED:
        if name in header.positions:
            continue
        wanted = HEADINGS[name][0]
        near = difflib.get_close_matches(wanted, header.unread, n=1, cutoff=0.5)
        if near:
            key = N_("The heading {heading} is missing. Did you mean it by {near}?")
            found.append(RowError(header.row, wanted, key, {"heading": wanted, "near": near[0]}))
        else:
            key = N_("The heading {heading} is missing.")
            found.append(RowError(header.row, wanted, key, {"heading": wanted}))
    found += [
        RowError(
            header.row,
            heading,
            N_("The heading {heading} stands here twice."),
            {"heading": heading},
        )
        for heading in header.unread
        if plain(heading) in _FIELDS
    ]
    return found


def notes(header: Header) -> list[Words]:
    """Say which columns of the sheet are not read."""
    if not header.unread:
        return []
    missing = [HEADINGS[name][0] for name in HEADINGS if name not in header.positions]
    said = [Words(N_("Columns not read: {names}."), {"names": "、".join(header.unread)})]
    for heading in header.unread:
        near = difflib.get_close_matches(heading, missing, n=1, cutoff=0.5)
        if near:
            key = N_("The column {heading} was not read. If it is {near}, rename its heading.")
            said.append(Words(key, {"heading": heading, "near": near[0]}))
    return said

"""A posting ledger of the project's own making, the same on every run, and its files.

The totals are those a bureau printed for August to December 2016; every row is made up.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl

SEED = 2016
HEADINGS = (
    "发布时间", "平台", "账号", "栏目", "来源性质", "标题", "转载来源", "链接", "阅读数",
)  # fmt: skip
ACCOUNT = "青林应急"
MONTHS = ((8, 15), (9, 1), (10, 1), (11, 1), (12, 1))
ORIGINAL, REPRINT, FORWARD = "原创", "转载", "转发"

OPEN, PERMITS, NEWS = "政务信息/政务公开", "政务信息/审批事项", "政务信息/安监动态"
TIPS, PUSHED = "安全科普", "推送新闻"
WEIBO = ((OPEN, ORIGINAL, 31), (NEWS, ORIGINAL, 30), (TIPS, ORIGINAL, 39), (PUSHED, FORWARD, 160))
WECHAT = (
    (OPEN, ORIGINAL, 151),
    (PERMITS, ORIGINAL, 16),
    (NEWS, ORIGINAL, 175),
    (TIPS, REPRINT, 125),
    (PUSHED, REPRINT, 310),
)
TOPICS = ("消防安全", "危险化学品", "建筑施工", "道路交通", "冬季取暖", "烟花爆竹", "特种设备")
PLACES = ("河东区", "河西区", "新城区", "临江县", "开发区")

Row = tuple[object, ...]


def make_rows(seed: int = SEED) -> list[Row]:
    """Make 1037 rows, oldest first: times are naive datetimes, reads are ints."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for channel, parts in (("微博", WEIBO), ("微信", WECHAT)):
        kinds = [(column, origin) for column, origin, count in parts for _ in range(count)]
        # Dealt round the months like cards, so that every month has its share of originals.
        kinds.sort(key=lambda kind: kind[1] != ORIGINAL)
        for n, (column, origin) in enumerate(kinds):
            rows.append(_row(rng, channel, column, origin, n))
    return sorted(rows, key=lambda row: (row[0], row[7]))


def _row(rng: random.Random, channel: str, column: str, origin: str, n: int) -> Row:
    month, first_day = MONTHS[n % len(MONTHS)]
    moment = datetime(2016, month, first_day, 8, 0) + timedelta(  # noqa: DTZ001 - as in Excel
        days=rng.randrange(15), minutes=5 * rng.randrange(150)
    )
    topic, place = rng.choice(TOPICS), rng.choice(PLACES)
    title = {
        TIPS: f"安全小贴士：{topic}要注意这{rng.randint(3, 9)}点",
        PUSHED: f"全国部署{topic}专项整治，重点检查“三合一”场所",
    }.get(column, f"{place}开展{topic}检查")
    mark = f"{rng.getrandbits(60):015x}"
    link = (
        f"https://weibo.com/1234567890/{mark[:9]}"
        if channel == "微博"
        else f"https://mp.weixin.qq.com/s/{mark}"
    )
    source = "" if origin == ORIGINAL else rng.choice(("应急管理部", "@中国安全生产报", "省安委办"))
    return (moment, channel, ACCOUNT, column, origin, title, source, link, rng.randint(40, 3000))


def as_text(row: Row) -> list[str]:
    """Give a row as people write it into a CSV."""
    return [f"{cell:%Y/%m/%d %H:%M}" if isinstance(cell, datetime) else str(cell) for cell in row]


def csv_bytes(
    rows: Sequence[Row],
    *,
    encoding: str = "utf-8",
    separator: str = ",",
    headings: Sequence[str] = HEADINGS,
) -> bytes:
    """Give a CSV file with these rows, in the order of `headings`."""
    order = [HEADINGS.index(heading) for heading in headings]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(headings)
    for row in rows:
        cells = as_text(row)
        writer.writerow([cells[n] for n in order])
    return text.getvalue().encode(encoding)


def write_xlsx(
    path: Path, rows: Sequence[Row], *, title: str = "", totals: bool = False, times: str = "cells"
) -> Path:
    """Write a workbook; `times="text"` writes them as text instead of date cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "发布台账"
    if title:
        sheet.append([title])
        sheet.merge_cells("A1:I1")
        sheet.append([])
    sheet.append(list(HEADINGS))
    for row in rows:
        sheet.append(as_text(row) if times == "text" else [cell or None for cell in row])
    if totals:
        sheet.append([])
        sheet.append(["合计", None, None, None, None, len(rows), None, None, 123456])
        sheet.append(
            ["制表人：张三", None, None, "审核人：李四", None, None, None, None, "2017-01-03"]
        )
    book.save(path)
    return path

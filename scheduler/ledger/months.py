"""Beijing months as "YYYY-MM": parsing, ranges and their edges in UTC. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from scheduler.clock import BEIJING, beijing, utc
from scheduler.errors import InputError

_MONTH = re.compile(r"(\d{4})-(\d{2})")
YEAR_MIN, YEAR_MAX = 2009, 2099


def parse(text: str) -> tuple[int, int]:
    """Read "2016-08" as (2016, 8). Raises `InputError` for anything else."""
    found = _MONTH.fullmatch(text.strip())
    year, month = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (YEAR_MIN <= year <= YEAR_MAX and 1 <= month <= 12):
        raise InputError(
            "{text} is no month. Write year and month like 2016-08 ({first} to {last}).",
            text=text,
            first=YEAR_MIN,
            last=YEAR_MAX,
        )
    return year, month


def between(first: str, last: str) -> tuple[str, ...]:
    """Give every month from `first` to `last`, both included, oldest first.

    Raises `InputError` when `last` is before `first`.
    """
    (year, month), (end_year, end_month) = parse(first), parse(last)
    start, stop = year * 12 + month - 1, end_year * 12 + end_month - 1
    if stop < start:
        raise InputError(
            "The period ends ({last}) before it begins ({first}).", first=first, last=last
        )
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start, stop + 1))


def start_of(month: str) -> datetime:
    """Give the first moment of a Beijing month, in UTC."""
    year, number = parse(month)
    return utc(datetime(year, number, 1, tzinfo=BEIJING))


def end_of(month: str) -> datetime:
    """Give the first moment after a Beijing month, in UTC."""
    year, number = parse(month)
    following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=BEIJING)
    return utc(following)


def month_of(moment: datetime) -> str:
    """Say in which Beijing month `moment` lies."""
    return beijing(moment).strftime("%Y-%m")

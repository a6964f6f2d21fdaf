"""Time as the bureau counts and says it: lateness limits, and times as a person gives them."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

from scheduler.clock import BEIJING, beijing, day_end, utc
from scheduler.errors import InputError

LATENESS_MIN = {"normal": 120, "warning": 30}
"""Minutes after its time at which a delivery is missed; `evergreen` runs to the end of the day."""


def late_at(due_at: datetime, lateness: str) -> datetime:
    """Give the moment after which a delivery is never sent by itself.

    `lateness` is the column's: normal (120 min), warning (30 min) or evergreen (end of the
    Beijing day). Paused time counts.
    """
    if lateness == "evergreen":
        return day_end(due_at)
    return due_at + timedelta(minutes=LATENESS_MIN[lateness])


_CLOCK = re.compile(
    r"(?P<word>today|tomorrow|今天|明天|后天)?\s*(?P<hour>\d{1,2})[:：](?P<minute>\d{2})"
)
_DATE = re.compile(
    r"(?:(?P<year>\d{4})[-/年])?(?P<month>\d{1,2})[-/月](?P<day>\d{1,2})日?[ T]*"
    r"(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?::(?P<second>\d{2}))?"
)
_FROM_NOW = re.compile(r"\+(?P<count>\d+)(?P<unit>[smhd])")
_DAYS = {"today": 0, "今天": 0, "tomorrow": 1, "明天": 1, "后天": 2}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_time(said: str, now: datetime) -> datetime:
    """Read a time as a person gives it, in Beijing time; give it in UTC.

    `now`, `+10m`, `17:00` (today, or tomorrow when that is past), `明天 08:30`, `11-27 17:00`,
    `2026-11-27 17:00`, `2026年11月27日 17:00`. Raises `InputError` saying what it takes.
    """
    text = unicodedata.normalize("NFKC", said).strip().lower()
    if text in ("now", "现在"):
        return now
    if found := _FROM_NOW.fullmatch(text):
        return now + timedelta(**{_UNITS[found["unit"]]: int(found["count"])})
    here = beijing(now)
    try:
        if found := _DATE.fullmatch(text):
            return _on_date(found, here)
        if found := _CLOCK.fullmatch(text):
            word = found["word"] or ""
            moment = here.replace(
                hour=int(found["hour"]), minute=int(found["minute"]), second=0, microsecond=0
            ) + timedelta(days=_DAYS.get(word, 0))
            # A bare clock time that is past today means tomorrow's.
            late = not word and moment < here - timedelta(minutes=1)
            return utc(moment + timedelta(days=1) if late else moment)
    except ValueError:
        pass  # 25:00, 2026-02-30
    raise InputError(
        "“{said}” is not a time. Give for example: now, +30m, 17:00, 明天 08:30, 11-27 17:00 or"
        " 2026-11-27 17:00 (Beijing time).",
        said=said,
    )


def _on_date(found: re.Match[str], here: datetime) -> datetime:
    year = int(found["year"] or here.year)
    moment = datetime(
        year,
        int(found["month"]),
        int(found["day"]),
        int(found["hour"]),
        int(found["minute"]),
        int(found["second"] or 0),
        tzinfo=BEIJING,
    )
    if not found["year"] and moment < here - timedelta(days=180):
        moment = moment.replace(year=year + 1)  # in December, 01-05 means the coming January
    return utc(moment)

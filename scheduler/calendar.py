"""Time as the bureau counts and says it: lateness, working days, times as a person gives them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

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


_FREE: dict[int, tuple[tuple[date, date], ...]] = {
    2026: (
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 2, 15), date(2026, 2, 23)),
        (date(2026, 4, 4), date(2026, 4, 6)),
        (date(2026, 5, 1), date(2026, 5, 5)),
        (date(2026, 6, 19), date(2026, 6, 21)),
        (date(2026, 9, 25), date(2026, 9, 27)),
        (date(2026, 10, 1), date(2026, 10, 7)),
    )
}
"""Holidays, first and last day. 2026: notice of the State Council's office of 2025-11-04. Of a
year without an entry only the weekends are known."""
_MADE_UP = frozenset(
    {
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    }
)
"""Saturdays and Sundays on which offices work, by the same notice."""
_SATURDAY = 5


def is_workday(day: date) -> bool:
    """Tell whether offices work on a Beijing day."""
    if day in _MADE_UP:
        return True
    free = any(first <= day <= last for first, last in _FREE.get(day.year, ()))
    return day.weekday() < _SATURDAY and not free


def workdays(first: date, last: date) -> list[date]:
    """Give the working days from `first` to `last`, both included."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_workday(day)]


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
YEAR_MIN, YEAR_MAX = 1990, 2200
"""Years that a person can mean; at the ends of the calendar every sum of times overflows."""


def read_time(said: str, now: datetime) -> datetime:
    """Read a time as a person gives it, in Beijing time; give it in UTC.

    `now`, `+10m`, `17:00` (today, or tomorrow when that is past), `明天 08:30`, `11-27 17:00`,
    `2026-11-27 17:00`, `2026年11月27日 17:00`. Raises `InputError` saying what it takes.
    """
    text = unicodedata.normalize("NFKC", said).strip().lower()
    if text in ("now", "现在"):
        return now
    try:
        moment = _moment(text, now)
        if moment is not None and YEAR_MIN <= moment.year <= YEAR_MAX:
            return moment
    except (ValueError, OverflowError):
        pass  # 25:00, 2026-02-30, +99999999999d
    raise InputError(
        "“{said}” is not a time. Give for example: now, +30m, 17:00, 明天 08:30, 11-27 17:00 or"
        " 2026-11-27 17:00 (Beijing time).",
        said=said,
    )


def _moment(text: str, now: datetime) -> datetime | None:
    if found := _FROM_NOW.fullmatch(text):
        return now + timedelta(**{_UNITS[found["unit"]]: int(found["count"])})
    here = beijing(now)
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
    return None


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

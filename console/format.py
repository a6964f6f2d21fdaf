"""Times and counts as people in an office say them. Pure; all times are shown in Beijing time."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler import sentences
from scheduler.clock import beijing
from scheduler.words import N_, _, say

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip
_NEAR = {-1: N_("yesterday {time}"), 0: N_("today {time}"), 1: N_("tomorrow {time}")}
_HERE = N_("{month} {day} ({weekday}) {time}")
_ELSEWHERE = N_("{month} {day}, {year} {time}")
MINUTES_PER_HOUR = 60
HOURS_SAID_TO = 24


def _fields(moment: datetime) -> dict[str, object]:
    local = beijing(moment)
    return {
        "time": f"{local:%H:%M}",
        "day": local.day,
        "year": local.year,
        "month": _(MONTHS[local.month - 1]),
        "weekday": _(WEEKDAYS[local.weekday()]),
    }


def when(moment: datetime | None, now: datetime) -> str:
    """Say a moment: today 17:00, tomorrow 08:30, Nov 27 (Fri) 17:00; "" for none."""
    if moment is None:
        return ""
    local, today = beijing(moment), beijing(now)
    days = (local.date() - today.date()).days
    if days in _NEAR:
        return say(_NEAR[days], _fields(moment))
    return say(_HERE if local.year == today.year else _ELSEWHERE, _fields(moment))


def day(moment: datetime) -> str:
    """Say a Beijing day with its weekday: Nov 27 (Fri)."""
    return say(N_("{month} {day} ({weekday})"), _fields(moment))


def clock(moment: datetime) -> str:
    """Say the time of day: 17:00."""
    return f"{beijing(moment):%H:%M}"


def how_long(span: timedelta) -> str:
    """Say a length of time in its largest unit: 12 minutes, 3 hours, 2 days."""
    minutes = max(0, round(span.total_seconds() / 60))
    if minutes < 1:
        return _("less than a minute")
    if minutes < MINUTES_PER_HOUR:
        return say(_one(minutes, N_("1 minute"), N_("{n} minutes")), {"n": minutes})
    hours = minutes // MINUTES_PER_HOUR
    if hours < HOURS_SAID_TO:
        return say(_one(hours, N_("1 hour"), N_("{n} hours")), {"n": hours})
    days = hours // 24
    return say(_one(days, N_("1 day"), N_("{n} days")), {"n": days})


def until(moment: datetime, now: datetime) -> str:
    """Say how far away a moment is: in 12 minutes, 3 hours ago."""
    if moment >= now:
        return say(N_("in {span}"), {"span": how_long(moment - now)})
    return say(N_("{span} ago"), {"span": how_long(now - moment)})


def account(title: str, channel: str) -> str:
    """Name an account with its channel: a bureau often has the same name on both platforms."""
    return f"{title} · {sentences.channel(channel)}"


def short(text: str, most: int = 24) -> str:
    """Cut a long title where it only points at something."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _one(count: int, one: str, many: str) -> str:
    return one if count == 1 else many

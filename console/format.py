"""Times and counts as people in an office say them. Pure; all times are shown in Beijing time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from scheduler import sentences
from scheduler.clock import BEIJING, beijing
from scheduler.words import MONTHS, N_, WEEKDAYS, _, say

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


def date_of(day_: date) -> str:
    """Say a date of this year with its weekday: Nov 27 (Fri)."""
    return day(datetime(day_.year, day_.month, day_.day, 12, tzinfo=BEIJING))


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


def sentence(words: str) -> str:
    """Make a whole sentence of words that were written to stand after others."""
    begun = words[:1].upper() + words[1:]
    return begun if begun[-1:] in "。.！？?" else say(N_("{words}."), {"words": begun})


def marked(text: str, terms: Sequence[str]) -> list[tuple[str, bool]]:
    """Cut a text at what was looked for: each piece, and whether it is a hit."""
    if not text or not terms:
        return [(text, False)] if text else []
    longest_first = sorted(terms, key=len, reverse=True)
    hit = re.compile("|".join(re.escape(one) for one in longest_first), re.IGNORECASE)
    found, at = [], 0
    for one in hit.finditer(text):
        found += [(text[at : one.start()], False), (one[0], True)]
        at = one.end()
    return [(piece, is_hit) for piece, is_hit in [*found, (text[at:], False)] if piece]


def excerpt(text: str, terms: Sequence[str], around: int = 36) -> str:
    """Give the piece of a text around the first hit, "" when nothing of it was looked for."""
    flat = " ".join(text.split())
    at = min((place for one in terms if (place := flat.lower().find(one.lower())) >= 0), default=-1)
    if at < 0:
        return ""
    first, last = max(0, at - around), at + 2 * around
    return ("…" if first else "") + flat[first:last] + ("…" if last < len(flat) else "")


def _one(count: int, one: str, many: str) -> str:
    return one if count == 1 else many

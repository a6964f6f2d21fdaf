"""One cell each: times, platforms, origins, read counts, texts. Pure; a fault is a `Wrong`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from scheduler.clock import BEIJING, beijing
from scheduler.words import N_

CHANNELS = {
    "微博": "weibo",
    "新浪微博": "weibo",
    "政务微博": "weibo",
    "weibo": "weibo",
    "微信": "wechat",
    "微信公众号": "wechat",
    "公众号": "wechat",
    "政务微信": "wechat",
    "微信公众平台": "wechat",
    "wechat": "wechat",
}
ORIGINS = {
    "原创": "original",
    "转载": "reprint",
    "转发": "forward",
    "original": "original",
    "reprint": "reprint",
    "forward": "forward",
}
EARLIEST = datetime(2009, 1, 1, tzinfo=BEIJING)
"""Weibo opened in August 2009, WeChat's accounts in 2012: before that a year is a typing slip."""

READS_MAX = 2_000_000_000
_NOTHING = frozenset({"-", "--", "—", "——", "/", "无", "n/a"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b\ufeff]+")
_TIME = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[ T]*(?:星期.|周.)?[ T]*(?P<half>上午|下午|[AP]M)? ?"
    r"(?P<hour>\d{1,2})[:时点](?:(?P<minute>\d{1,2})(?:[:分](?:(?P<second>\d{1,2})(?:\.\d+)?秒?)?)?)?"
    r"(?: ?(?P<half_after>[AP]M))?)?"
    r" ?(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_READS = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<wan>[万wW]?)\+?次?")


class Wrong(Exception):
    """What is wrong with a cell: a catalogue key and its parameters."""

    def __init__(self, text: str, /, **params: object) -> None:
        super().__init__(text)
        self.text = text
        self.params = params


def text_of(cell: object) -> str:
    """Give a cell's text on one line; whole numbers without a decimal point."""
    if isinstance(cell, str):  # nearly all cells, and nearly all of them printable
        return (cell if cell.isprintable() else _CONTROL.sub(" ", cell)).strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def optional_text(cell: object) -> str:
    """Give a cell's text, empty where it only holds a dash or 无."""
    text = text_of(cell)
    return "" if text.lower() in _NOTHING else text


def required_text(cell: object) -> str:
    """Give a cell's text; an empty one is wrong."""
    if text := text_of(cell):
        return text
    raise Wrong(N_("This cell is empty. (Merged cells must be split before the import.)"))


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC, and whether the cell named a time of day and a zone."""

    at: datetime
    has_hour: bool
    has_zone: bool = False


def moment_of(cell: object) -> Moment:
    """Read a time. Date cells and texts without a zone are Beijing time."""
    if isinstance(cell, datetime):
        whole = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
        return Moment(_settle(whole), whole.time() != time(0), whole.tzinfo is not None)
    if isinstance(cell, date):
        return Moment(_settle(datetime.combine(cell, time(0))), has_hour=False)
    text = unicodedata.normalize("NFKC", required_text(cell))
    found = _TIME.fullmatch(text)
    if found is None:
        raise Wrong(N_("{value} is no time. Write it like 2016-08-15 10:00."), value=text)
    try:
        moment = datetime(
            int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            _hour(found),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            tzinfo=_zone(found["zone"]),
        )
    except ValueError:
        raise Wrong(N_("There is no such time as {value}."), value=text) from None
    return Moment(_settle(moment), found["hour"] is not None, found["zone"] is not None)


def looks_like_time(cell: object) -> bool:
    """Say whether a cell is meant as a time, readable or not."""
    if isinstance(cell, date):
        return True
    return re.match(r"\d{2,4}[-/.年]", unicodedata.normalize("NFKC", text_of(cell))) is not None


def _hour(found: re.Match[str]) -> int:
    hour = int(found["hour"] or 0)
    half = (found["half"] or found["half_after"] or "").upper()
    if half in {"下午", "PM"} and hour < 12:
        return hour + 12
    return 0 if half in {"上午", "AM"} and hour == 12 else hour


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in {"Z", "z"}:
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _settle(moment: datetime) -> datetime:
    aware = moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment
    if aware < EARLIEST:
        raise Wrong(
            N_("The year {year} is before these platforms existed: a typing slip?"),
            year=beijing(aware).year,
        )
    return aware.astimezone(UTC)


def channel_of(cell: object) -> str:
    """Read the platform."""
    text = required_text(cell)
    channel = CHANNELS.get(unicodedata.normalize("NFKC", text).replace(" ", "").lower())
    if channel is None:
        raise Wrong(N_("{value} is no platform we count. Write 微博 or 微信."), value=text)
    return channel


def origin_of(cell: object) -> str:
    """Read the origin."""
    text = required_text(cell)
    origin = ORIGINS.get(text.replace(" ", "").lower())
    if origin is None:
        raise Wrong(N_("{value} is no origin. Write 原创, 转载 or 转发."), value=text)
    return origin


def reads_of(cell: object) -> int | None:
    """Read a count of reads: 1,234, 1.2万 and 10万+ too; None where there is none."""
    text = re.sub(r"[,\s]", "", unicodedata.normalize("NFKC", optional_text(cell)))
    if not text or text in _NOTHING:
        return None
    found = _READS.fullmatch(text)
    number = Decimal(found["number"]) * (10_000 if found["wan"] else 1) if found else Decimal(-1)
    if number != number.to_integral_value() or not 0 <= number <= READS_MAX:
        raise Wrong(N_("{value} is no count of reads. Write a whole number."), value=text)
    return int(number)

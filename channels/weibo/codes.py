"""What Weibo's error numbers mean: one table, two columns (speaking, and everything else).

Numbers and official texts: open.weibo.com/wiki/Error_code as copied in public SDKs; the classes
are ours. As of 2026-11-22. A number decides, never the HTTP status and never the text, with one
exception: 10017 means two things.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from channels.contract import Accepted, Busy, Doubt, Ending, Refused, Words
from channels.weibo import sentences

if TYPE_CHECKING:
    from datetime import datetime

TOO_FAST_S = 600.0


class Kind(StrEnum):
    """What a number says about a post that was being sent."""

    content = "content"  # not out; this text or picture will be refused again
    fault = "fault"  # not out; the request itself was wrong
    duplicate = "duplicate"  # not out by this request; an equal post exists
    accepted = "accepted"  # out or about to be, without an id
    quota = "quota"  # not out; the account's allowance is used up
    fast = "fast"  # not out; too many posts in a short time
    again = "again"  # not out; the platform asks for a second call
    credentials = "credentials"  # not out; the authorisation must be renewed
    config = "config"  # not out; an administrator must change the application's settings
    owner = "owner"  # not out; the account's owner must act at Weibo itself
    doubt = "doubt"  # cannot be told


def _numbers(kind: Kind, *codes: int) -> dict[int, Kind]:
    return dict.fromkeys(codes, kind)


# The speaking column. What does not stand here is Kind.doubt; the three last rows say so for
# numbers whose official text sounds like a plain "not now".
CODES: dict[int, Kind] = {
    **_numbers(Kind.content, 10018, 20005, 20006, 20008, 20012, 20013, 20018, 20020, 20021),
    **_numbers(Kind.content, 20049, 20103, 20104, 21602),
    **_numbers(Kind.fault, 10008, 10016, 10017, 10021, 10025, 20001, 20002, 20007, 20009, 20102),
    **_numbers(Kind.fault, 20109, 20120, 20121),
    **_numbers(Kind.duplicate, 20017, 20019, 20111, 40025),
    **_numbers(Kind.accepted, 20032, 20053),
    **_numbers(Kind.quota, 10022, 10023, 10024),
    **_numbers(Kind.fast, 20016),
    **_numbers(Kind.again, 20014),
    **_numbers(Kind.credentials, 10006, 10032, *range(21301, 21320), 21325, 21327, 21330, 21332),
    **_numbers(Kind.credentials, 21321),
    **_numbers(Kind.config, 10004, 10005, 10007, 10012, 10014, 10020, 21320, 21322, 21323, 21324),
    **_numbers(Kind.config, 21326, 21328, 21329, 21335, 21337),
    **_numbers(Kind.owner, 10013, 20003, 20015, 20022, 20031, 20033),
    # Refusals before work, it seems; but "busy" after speaking is not proof.
    **_numbers(Kind.doubt, 10002, 10009, 20023, 21331),
    **_numbers(Kind.doubt, 10001, 10003, 10010, 10011, 23201),
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """An error answer: Weibo's number and its own words."""

    code: int
    text: str


def envelope_of(data: Any) -> Envelope | None:
    """Read an error envelope out of parsed JSON; None when there is none.

    The number comes as an int or as a string of digits, whatever the HTTP status.
    """
    if not isinstance(data, dict):
        return None
    number = data.get("error_code")
    if isinstance(number, str) and number.isascii() and number.isdigit():
        number = int(number[:9])
    if not isinstance(number, int) or isinstance(number, bool) or number == 0:
        return None
    return Envelope(number, str(data.get("error", "")))


def kind_of(found: Envelope) -> Kind:
    """Look a number up in the speaking column."""
    text = found.text.lower()
    if found.code == 10017 and "text not find domain" in text:
        return Kind.content
    if found.code == 10017 and "not bind domain" in text:
        return Kind.config
    return CODES.get(found.code, Kind.doubt)


def when_speaking(
    found: Envelope, raw: str, now: datetime, *, armed_before: bool
) -> Ending | Accepted:
    """Give the ending of `statuses/share`; `armed_before`: this key was sent once already."""
    kind = kind_of(found)
    code = str(found.code)
    if kind is Kind.accepted:
        return Accepted(job="", by="platform")
    if kind is Kind.duplicate and armed_before:
        return Doubt(code, Words(sentences.DUPLICATE_AFTER_DOUBT, {"code": code}), raw)
    if kind in {Kind.content, Kind.fault, Kind.duplicate}:
        key = sentences.REFUSED.get(found.code) or sentences.REFUSED_KINDS[kind.value]
        if found.code == 10017 and kind is Kind.content:
            key = sentences.NO_DOMAIN
        return Refused(code, Words(key, {"code": code}), raw)
    busy = _busy(found, kind, raw, now)
    if busy is not None:
        return busy
    return Doubt(code, Words(sentences.DOUBT, {"code": code}), raw)


def when_looking(found: Envelope, raw: str, now: datetime) -> Busy:
    """Give the ending of every call that may be repeated.

    Always `Busy`: whatever Weibo says about a *look*, it proves nothing about the post.
    """
    busy = _busy(found, kind_of(found), raw, now)
    if busy is not None:
        return busy
    return Busy(str(found.code), Words(sentences.NOT_ANSWERED, {"code": str(found.code)}), raw)


def _busy(found: Envelope, kind: Kind, raw: str, now: datetime) -> Busy | None:
    code = str(found.code)
    words = Words(sentences.BUSY.get(found.code) or sentences.BUSY_KINDS.get(kind.value, ""))
    if kind is Kind.quota:
        wait = to_next_hour_s(now)
        return Busy(code, words, raw, not_before_s=wait, account_wide=True)
    if kind is Kind.fast:
        return Busy(code, words, raw, not_before_s=TOO_FAST_S, account_wide=True)
    if kind is Kind.again:
        return Busy(code, words, raw)
    if kind in {Kind.credentials, Kind.config, Kind.owner}:
        return Busy(code, words, raw, account_wide=True, person=True)
    return None


def to_next_hour_s(now: datetime) -> float:
    """Give the seconds to the next full hour: then the hourly windows open again."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return (hour + timedelta(hours=1) - now).total_seconds()

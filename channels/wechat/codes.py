"""What WeChat's error codes mean: one dated table with two columns, preparing and speaking.

Source: the official error tables of draft, publish, mass send and token pages, read 2025-12-19 to
2026-07-14; the rows marked "field" come from reports of other users. When speaking, only a code
that proves "not done" is Refused or Busy; everything else, also every unknown code, is Doubt.
A look never learns "not out" from an error: there a refusal only says that we could not ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from channels.contract import N_, Busy, Doubt, Ending, Refused, Words

AS_OF = date(2026, 7, 14)
BEIJING = ZoneInfo("Asia/Shanghai")
RAW_CHARS = 300


class Column(StrEnum):
    """Which kind of call was answered."""

    preparing = "preparing"
    looking = "looking"
    speaking = "speaking"


class Means(StrEnum):
    """What one code says in one column; `stale` asks for a fresh token first."""

    refused = "refused"
    busy = "busy"
    doubt = "doubt"
    stale = "stale"


@dataclass(frozen=True, slots=True)
class Row:
    """One meaning for both columns.

    `wait` is seconds, "day" or "month" (to the next one, Beijing time) or None for the machine's
    own backoff; `person` and `wide` become the ending's `person` and `account_wide`.
    """

    preparing: Means
    speaking: Means
    words: str
    wait: float | str | None = None
    person: bool = False
    wide: bool = False


def _no(words: str, *, person: bool = False) -> Row:
    """Make a row for a clear no in both columns."""
    return Row(Means.refused, Means.refused, words, person=person)


def _wait(words: str, wait: float | str, *, wide: bool = True) -> Row:
    """Make a row for a limit: proved not done in both columns."""
    return Row(Means.busy, Means.busy, words, wait=wait, wide=wide)


def _locked(words: str) -> Row:
    """Make a row for credentials: nothing of the account goes out before a person acts."""
    return Row(Means.busy, Means.busy, words, person=True, wide=True)


_BUSY = Row(
    Means.busy,
    Means.doubt,
    N_(
        "WeChat says that it is busy. Nothing is known to be out yet. The machine asks again; "
        "if it could not be settled, look at the account in the WeChat console."
    ),
)
_STALE = Row(
    Means.stale,
    Means.busy,
    N_(
        "WeChat no longer accepts the access token. The post was not sent and stays queued. The "
        "machine fetches a new token; if this repeats, another program uses the same AppID."
    ),
    wait=60,
    wide=True,
)
_APPROVAL = Row(
    Means.busy,
    # The answer may mean that the send waits for the administrator, and would go out at his nod.
    Means.doubt,
    N_(
        "WeChat waits for the account's administrator to confirm in the WeChat app. Until then "
        "it is open whether the post goes out. Ask the administrator, then check again."
    ),
    wait=300,
    person=True,
    wide=True,
)
_PICTURE = _no(
    N_(
        "WeChat does not accept a picture. The post was not sent. Replace the picture by a JPEG "
        "or PNG file of ordinary size, have it reviewed and queue it again."
    )
)
_LOST = _no(
    N_(
        "WeChat does not know the cover or a picture any more. The post was not sent. Choose the "
        "cover again in the story, have it reviewed and queue it again."
    )
)
_TEXT = _no(
    N_(
        "WeChat refuses the content of the article. The post was not sent. Look for preview "
        "links, anchors and calls to follow in the text, change it, have it reviewed again."
    )
)
_LENGTH = _no(
    N_(
        "WeChat says that the title, author, summary or text is too long. The post was not sent. "
        "Shorten it, have it reviewed and queue it again."
    )
)
_LINK = _no(
    N_(
        "WeChat does not accept the link under the article. The post was not sent. Give a full "
        "address that begins with https, have it reviewed and queue it again."
    )
)
_FORM = _no(
    N_(
        "WeChat could not read our request. The post was not sent. Pass this message with its "
        "code to the people who look after the program."
    )
)
_TAG = _no(
    N_(
        "WeChat does not know the follower tag of this account's settings. The post was not "
        "sent. Correct tag_id in config.toml and queue the post again."
    ),
    person=True,
)
_RIGHT = _no(
    N_(
        "WeChat does not allow this account to send by program (personal or unverified accounts "
        "may not). The post was not sent. Open the draft in the WeChat console and press 发表."
    ),
    person=True,
)
_BANNED = _no(
    N_(
        "WeChat has blocked this function of the account. The post was not sent. Read the notice "
        "in the WeChat console and settle it there before you queue anything again."
    ),
    person=True,
)
_BY_HAND = _no(
    N_(
        "WeChat wants a person to open this draft in its console. The post was not sent. Open "
        "the draft there, save it and press 发表, or delete it and queue the post again."
    ),
    person=True,
)
_COMMENTS = _no(
    N_(
        "This account may not open comments. The post was not sent. Set need_open_comment to "
        "false in config.toml and queue the post again."
    ),
    person=True,
)
_SECRET = _locked(
    N_(
        "WeChat does not accept the AppID or AppSecret. Nothing of this account is sent until "
        "that is put right. Enter the AppSecret of {account} again under Settings, Accounts."
    )
)
_ADDRESS = _locked(
    N_(
        "This machine's address {ip} is not on the account's IP list. Nothing of this account is "
        "sent until it is. Add {ip} in the WeChat console under 基本配置, IP白名单."
    )
)
_IP_REFUSED = _locked(
    N_(
        "The administrator refused this machine's address. Nothing of this account is sent. Ask "
        "the administrator to allow it; WeChat lets us ask again after some hours."
    )
)
_BLOCKED = Row(
    Means.busy,
    Means.doubt,
    N_(
        "WeChat has blocked this program for a while. The posts of this account wait. Read the "
        "notice in the WeChat console."
    ),
    wait=3600,
    person=True,
    wide=True,
)
_DAY = _wait(
    N_(
        "The day's number of calls to WeChat is used up. The post was not sent and stays queued "
        "until tomorrow. If it must go out today, press 发表 in the WeChat console by hand."
    ),
    "day",
)
_MINUTE = _wait(
    N_(
        "Too many calls to WeChat within a minute. The post was not sent and stays queued. The "
        "machine tries again by itself."
    ),
    60,
)
_OFTEN = _wait(
    N_(
        "WeChat says that this account publishes too often. The post was not sent and stays "
        "queued. The machine tries again in half an hour; spread the posts over the day."
    ),
    1800,
)
_GONE = Row(
    Means.refused,
    Means.doubt,
    N_(
        "WeChat does not know this number any more. What became of the post is open. Look at the "
        "account in the WeChat console and record what you see."
    ),
)
_ALLOWANCE = _wait(
    N_(
        "The account's pushes for this period are used up. The post was not sent and stays "
        "queued. Send it as a publication instead, or choose a time in the next period."
    ),
    "day",
    wide=False,
)
_COMMERCE = _no(
    N_(
        "WeChat refuses the product in the article. The post was not sent. Take the product out "
        "of the text, have it reviewed and queue it again."
    )
)

TABLE: dict[int, Row] = {
    **dict.fromkeys((-1, 46007, 268487001, 268487002, 268488001), _BUSY),
    **dict.fromkeys((40001, 40014, 41001, 42001, 42007), _STALE),
    **dict.fromkeys((40013, 40125, 40243, 41002, 41004, 50004), _SECRET),
    **dict.fromkeys((40164, 61004, 45035), _ADDRESS),
    **dict.fromkeys((89506, 89507), _IP_REFUSED),
    **dict.fromkeys((89503, 89504, 89505), _APPROVAL),
    **dict.fromkeys((45102, 45501), _BLOCKED),  # field
    **dict.fromkeys((40004, 40005, 40113, 40137), _PICTURE),
    **dict.fromkeys((40006, 40009, 40010, 40011, 40012, 45001), _PICTURE),
    # When speaking the draft vanished between the check and the call: that proves nothing.
    40007: Row(Means.refused, Means.doubt, _LOST.words),
    **dict.fromkeys((40002, 40008, 40033, 40114, 43001, 43002), _FORM),
    **dict.fromkeys((44001, 44002, 44003, 44004, 41005, 47001, 47002, 45067, 45008), _FORM),
    **dict.fromkeys((40152, 45159), _TAG),
    **dict.fromkeys((40215, 45005, 45006), _LENGTH),
    **dict.fromkeys((45002, 45003, 45004, 45110, 40227), _LENGTH),
    41039: _LINK,
    **dict.fromkeys((41040, 45166, 53503, 87014, 45113, 48022), _TEXT),
    53402: _PICTURE,  # field
    **dict.fromkeys((53404, 53405, 53406), _COMMERCE),
    45009: _DAY,
    48006: _wait(_DAY.words, "month"),
    45011: _MINUTE,
    42010: _MINUTE,
    53501: _OFTEN,
    45028: _ALLOWANCE,
    # 45065 is a receipt, and is read before this table (jobs.py); 45066 proves nothing.
    45066: Row(Means.busy, Means.doubt, _BUSY.words, wait=60),
    **dict.fromkeys((48001, 48008), _RIGHT),
    **dict.fromkeys((48004, 50002, 50007, 53500, 48003), _BANNED),
    **dict.fromkeys((45062, 48021, 53504, 53505), _BY_HAND),
    88000: _COMMENTS,
    **dict.fromkeys((40059, 53502, 53600, 48005), _GONE),
}
UNKNOWN = Row(
    Means.refused,
    Means.doubt,
    N_(
        "WeChat answered with code {code}, which the program does not know. It is not proved that "
        "the post is out. Look at the account in the WeChat console before you queue it again."
    ),
)
_NOT_ASKED = N_(
    "WeChat could not tell what became of the post (code {code}). The post keeps its state. The "
    "machine asks again; you can also look at the account in the WeChat console."
)


def means(code: int, column: Column) -> Means:
    """Tell what `code` says in `column`; a look knows only `stale` and `busy`."""
    row = TABLE.get(code, UNKNOWN)
    if column is Column.speaking:
        return row.speaking
    if column is Column.looking and row.preparing is Means.refused:
        return Means.busy
    return row.preparing


def ending(code: int, raw: str, column: Column, now: datetime, *, account: str) -> Ending:
    """Make the ending that `code` stands for; `raw` must have its secrets starred.

    `now` is aware; it turns "until tomorrow" into seconds.
    """
    row = TABLE.get(code, UNKNOWN)
    verdict = means(code, column)
    raw = raw[:RAW_CHARS]
    words = Words(row.words, {"code": code, "account": account, "ip": address_in(raw)})
    if verdict is Means.doubt:
        return Doubt(str(code), words, raw)
    if verdict is Means.refused:
        return Refused(str(code), words, raw, person=row.person)
    if column is Column.looking and row.preparing is Means.refused:
        return Busy(str(code), Words(_NOT_ASKED, {"code": code}), raw, person=row.person)
    if verdict is Means.busy and row.preparing is Means.stale:
        # The speaking call only: the next attempt prepares with a fresh token, at once.
        return Busy(str(code), words, raw)
    return Busy(
        str(code),
        words,
        raw,
        not_before_s=wait_s(row.wait, now),
        account_wide=row.wide,
        person=row.person,
    )


def wait_s(wait: float | str | None, now: datetime) -> float | None:
    """Turn a row's `wait` into seconds from `now`; a day or month ends at midnight in Beijing."""
    if wait is None or not isinstance(wait, str):
        return wait
    today = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    if wait == "day":
        following = today + timedelta(days=1)
    else:
        following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (following - now).total_seconds()


def address_in(raw: str) -> str:
    """Find the IP address in the text of 40164; "?" when there is none."""
    found = re.search(r"invalid ip ([0-9a-fA-F.:]+)", raw)
    return found.group(1) if found else "?"

"""Find a delivery again among the account's own posts.

`statuses/user_timeline` names the 5 newest whatever is asked for (documentation note, read
2026-11-22); with `base_app=1` only those made through our application. Strict on purpose: a false
"seen" would be a false statement, a false "not seen" costs a person one look.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from channels.contract import Out, Unseen, Words
from channels.weibo import sentences
from channels.weibo.ids import post_link
from channels.weibo.text import links, normalise, same_link

# Two clocks, ours and the platform's: the daemon stops claiming long before they differ by so much.
CLOCK_MARGIN = timedelta(seconds=120)
# How many posts a page holds at least; fewer means that the list ends there.
PAGE = 5

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = re.compile(
    r"\w{3} (?P<month>\w{3}) +(?P<day>\d{1,2}) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) "
    r"(?P<sign>[+-])(?P<zone_h>\d\d)(?P<zone_m>\d\d) (?P<year>\d{4})"
)


def moment(value: Any) -> datetime | None:
    """Read Weibo's time ("Thu Apr 20 23:18:30 +0800 2017") as UTC; None when unreadable.

    Not with strptime: its month names follow the machine's locale.
    """
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found["month"] not in _MONTHS:
        return None
    away = timedelta(hours=int(found["zone_h"]), minutes=int(found["zone_m"]))
    try:
        local = datetime(
            int(found["year"]), _MONTHS.index(found["month"]) + 1, int(found["day"]),
            int(found["hour"]), int(found["minute"]), int(found["second"]),
            tzinfo=timezone(away if found["sign"] == "+" else -away),
        )  # fmt: skip
    except ValueError:
        return None
    return local.astimezone(UTC)


def id_of(status: Any) -> str:
    """Give a status object's number as a string of digits, or ""."""
    if not isinstance(status, dict):
        return ""
    for name in ("idstr", "mid", "id"):
        value = status.get(name)
        if isinstance(value, bool):
            continue
        text = str(value) if isinstance(value, int) else value
        if isinstance(text, str) and text.isascii() and text.isdigit() and int(text):
            return text
    return ""


def out_of(status: dict[str, Any], uid: str) -> Out:
    """Make the receipt's entry from a status object that has a number."""
    remote_id = id_of(status)
    user = status.get("user")
    owner = str(user.get("idstr") or user.get("id") or "") if isinstance(user, dict) else ""
    return Out(remote_id, post_link(owner or uid, remote_id), moment(status.get("created_at")))


def find(statuses: list[Any], sent: str, since: datetime) -> dict[str, Any] | None:
    """Find the post that says `sent` and is not older than `since`; the oldest of several."""
    wanted = normalise(sent)
    for status in reversed(statuses):
        if not id_of(status):
            continue
        made = moment(status.get("created_at"))
        if made is None or made < since - CLOCK_MARGIN:
            continue
        if normalise(str(status.get("text", ""))) == wanted and _links_agree(status, sent):
            return dict(status)
    return None


def _links_agree(status: dict[str, Any], sent: str) -> bool:
    """Veto an equal text with other links (a daily notice); without `url_objects` no veto."""
    objects = status.get("url_objects")
    theirs = []
    for one in objects if isinstance(objects, list) else []:
        info = one.get("info", one) if isinstance(one, dict) else None
        if isinstance(info, dict) and isinstance(info.get("url_long"), str) and info["url_long"]:
            theirs.append(info["url_long"])
    return not theirs or all(
        any(same_link(ours, other) for other in theirs) for ours in links(sent)
    )


def unseen(statuses: list[Any], since: datetime) -> Unseen:
    """Say where was looked, and whether the post may stand below what Weibo names."""
    times = [made for one in statuses if isinstance(one, dict) if (made := _made(one))]
    if not times:
        return Unseen(Words(sentences.UNSEEN_NONE))
    params = {"count": len(statuses), "newest": max(times)}
    if len(statuses) >= PAGE and min(times) > since + CLOCK_MARGIN:
        return Unseen(Words(sentences.UNSEEN_PUSHED_OUT, params))
    return Unseen(Words(sentences.UNSEEN, params))


def _made(status: dict[str, Any]) -> datetime | None:
    return moment(status.get("created_at"))

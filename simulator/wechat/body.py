r"""Request and answer bytes: `\uXXXX` taken literally, slashes escaped, the `rid` tail."""

from __future__ import annotations

import json
import re
from datetime import datetime
from random import Random
from typing import Any

from simulator.clock import unix_s
from simulator.wechat.codes import WechatError

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)


def read_json(data: bytes, *, literal_escapes: bool) -> dict[str, Any]:
    """Parse a request body; 44002 when empty, 40033 when not UTF-8, 47001 when not an object.

    With `literal_escapes` an escaped character stays the six characters that were sent, in counts
    and in what is stored: that is how an adapter that escapes its Chinese gets found out.
    """
    if not data.strip():
        raise WechatError(44002)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise WechatError(40033) from None
    if literal_escapes:
        text = _ESCAPE.sub(_keep_escape, text)
    try:
        body = json.loads(text)
    except ValueError:
        raise WechatError(47001) from None
    if not isinstance(body, dict):
        raise WechatError(47001)
    return body


def write_json(answer: dict[str, Any]) -> bytes:
    r"""Return an answer as WeChat spells it: Chinese raw, every slash as `\/`."""
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/").encode()


def rid(now: datetime, rng: Random) -> str:
    """Return the tail of an error text; its first group is the time."""
    groups = (unix_s(now), rng.getrandbits(32), rng.getrandbits(32))
    return " rid: " + "-".join(f"{group:08x}" for group in groups)


def _keep_escape(match: re.Match[str]) -> str:
    found = match.group(1)
    return "\\\\" + found if found.startswith("u") and len(found) == 5 else match.group()

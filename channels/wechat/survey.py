"""Who the account is, its followers, what is left of the day's calls, and the platform's clock.

Sources: official pages of openapi/quota/get and user/get, read 2025-12-19. Only the token is
needed; what an account may not ask becomes a note.
"""

from __future__ import annotations

from typing import Any

from channels.contract import N_, Account, Health, Line, Words
from channels.wechat.api import Api
from channels.wechat.settings import option

PATHS = {"push": "/cgi-bin/message/mass/sendall", "publish": "/cgi-bin/freepublish/submit"}
# No right to ask (48001), path unknown or not for this token (76021, 76022).
NOT_ALLOWED = frozenset({48001, 76021, 76022})
_NO_QUOTA = N_(
    "WeChat does not tell this account how many calls are left (code {code}). Sending is not "
    "touched by it. Nothing needs to be done; the numbers stand in the WeChat console."
)
_NO_FOLLOWERS = N_(
    "WeChat does not tell this account its followers (code {code}). Sending is not touched by "
    "it. If the account is not verified, set verified to false in config.toml."
)


def survey(api: Api, account: Account, line: Line) -> Health:
    """Ask the platform about the account. Raises Busy or Unreachable when it cannot be asked."""
    notes: list[Words] = []
    how = option(account.options, "how", str)
    body = {"cgi_path": PATHS.get(how, PATHS["publish"])}
    data, answer = api.ask_dated(line, "openapi/quota/get", body, known=NOT_ALLOWED)
    quota_left = _number(data.get("quota"), "remain")
    if code := data.get("errcode"):
        notes.append(Words(_NO_QUOTA, {"code": code}))
    followers: int | None = None
    if option(account.options, "verified", bool):
        data, answer = api.ask_dated(line, "user/get", known=NOT_ALLOWED)
        followers = _number(data, "total")
        if code := data.get("errcode"):
            notes.append(Words(_NO_FOLLOWERS, {"code": code}))
    return Health(
        identity=account.app_id,
        followers=followers,
        quota_left=quota_left,
        platform_at=answer.date,
        notes=tuple(notes),
    )


def _number(data: Any, name: str) -> int | None:
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None

"""Addresses from people, files and platforms: what may become a link, and where to look."""

from __future__ import annotations

from urllib.parse import urlsplit

from scheduler.config import AccountSettings
from scheduler.errors import InputError

HOMES = {"wechat": "https://mp.weixin.qq.com/", "weibo": "https://weibo.com/"}
"""Where people look at an account, by channel."""


def web(address: str) -> str:
    """Give an address that may stand in an `href`: http or https with a host; else ""."""
    text = address.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    fine = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    return text if fine and text.isprintable() else ""


def typed(addresses: list[str]) -> list[str]:
    """Give the links a person typed, all or none. Raises `InputError` for what is no address."""
    told = [address.strip() for address in addresses]
    for address in told:
        if address and not web(address):
            raise InputError(
                "“{link}” is no web address. Copy the whole address of the post; it begins with"
                " https://.",
                link=address[:200],
            )
    return told if any(told) else []


def home_of(account: AccountSettings | None, channel: str) -> str:
    """Give the page on which a person sees what an account has published; "" for none."""
    address = HOMES.get(channel, "")
    uid = str(account.options.get("uid") or "") if account else ""
    if channel == "weibo" and uid.isascii() and uid.isdigit():
        return f"{address}u/{uid}"
    return address

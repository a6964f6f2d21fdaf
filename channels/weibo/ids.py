"""Weibo's two ways to write a post's number: decimal `mid`, and base 62 `bid` in addresses.

Cut from the right, seven decimal digits stand for four base-62 digits. Source: community
description with stored pairs, recomputed 2026-11-22.
"""

from __future__ import annotations

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MID_GROUP = 7
BID_GROUP = 4


def mid_to_bid(mid: str) -> str:
    """Write the decimal `mid` as it stands in a post's address. Raises `ValueError`."""
    if not (mid.isascii() and mid.isdigit()):
        raise ValueError(f"not a mid: {mid!r}")
    groups = [_to_base62(int(group)) for group in _from_right(mid, MID_GROUP)]
    return groups[0] + "".join(group.rjust(BID_GROUP, "0") for group in groups[1:])


def bid_to_mid(bid: str) -> str:
    """Read the number out of an address's last part. Raises `ValueError`."""
    if not bid or any(char not in ALPHABET for char in bid):
        raise ValueError(f"not a bid: {bid!r}")
    groups = [str(_from_base62(group)) for group in _from_right(bid, BID_GROUP)]
    return groups[0] + "".join(group.rjust(MID_GROUP, "0") for group in groups[1:])


def post_link(uid: str, mid: str) -> str:
    """Give the public address of a post, or "" when the numbers do not allow one."""
    try:
        return f"https://weibo.com/{uid}/{mid_to_bid(mid)}" if uid else ""
    except ValueError:
        return ""


def _from_right(digits: str, size: int) -> list[str]:
    first = len(digits) % size
    head = [digits[:first]] if first else []
    return head + [digits[at : at + size] for at in range(first, len(digits), size)]


def _to_base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits or "0"


def _from_base62(digits: str) -> int:
    number = 0
    for char in digits:
        number = number * 62 + ALPHABET.index(char)
    return number

"""Channels: kinds of places and how to speak there, one package (or file) per kind.

This room knows platforms and nothing of the desk: it imports no module of the scheduler. It gets
frozen dataclasses (`contract.Delivery`) and answers with receipts or with one of four endings.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from channels.contract import Channel

KINDS = ("weibo", "wechat", "manual")


def channel_class(kind: str) -> type[Channel]:
    """Load the channel called `kind` on demand.

    Raises `KeyError` when no channel has that name: the face that read it says which there are.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    found: type[Channel] = import_module(f"channels.{kind}").CHANNEL
    return found

"""Weibo (微博): one package, one class. See `channels/weibo/channel.py`."""

from __future__ import annotations

from channels.weibo.channel import Weibo

__all__ = ["CHANNEL"]

CHANNEL = Weibo

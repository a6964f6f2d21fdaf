"""WeChat Official Accounts (微信公众号): drafts, pushes (群发) and publications (发布).

`push` notifies every follower (or one tag) and uses the day's or month's allowance; `publish`
makes a permanent link and notifies nobody. One delivery is one draft of one to eight articles.
"""

from __future__ import annotations

from channels.wechat.channel import WeChat

CHANNEL = WeChat

__all__ = ["CHANNEL", "WeChat"]

"""A home whose accounts point at a running simulator, for tests that need both platforms."""

from __future__ import annotations

from pathlib import Path

from simulator.server import Running

WEIBO_TOKEN = "2.00demoWeiboToken"
WECHAT_SECRET = "wechat-demo-secret"


def add_accounts(home: Path, url: str) -> None:
    """Configure one Weibo, one WeChat and one manual account in `home`."""
    with (home / "config.toml").open("a", encoding="utf-8") as file:
        file.write(
            f"""
[account.wb]
channel = "weibo"
title = "示例应急"
app_id = "1000000001"
api_base = "{url}"

[account.wx-main]
channel = "wechat"
title = "示例应急"
app_id = "wx0000000000000001"
kind = "service"
api_base = "{url}"

[account.hand]
channel = "manual"
"""
        )


def set_clock(platform: Running, offset_s: float) -> None:
    """Move the platform's clock so far from this machine's."""
    platform.world.clock.move_to(offset_s)

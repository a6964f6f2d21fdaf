"""What a running daemon takes from config.toml, and when."""

from __future__ import annotations

from pathlib import Path

from scheduler import config
from scheduler.accounts import mirror_settings
from scheduler.daemon import Daemon
from scheduler.store.accounts import by_name

SECTION = '[account.wx]\nchannel = "wechat"\napp_id = "wx{}"\n'


def test_attempt_speaks_with_what_the_file_says_when_it_begins(tmp_path: Path, store, clock):
    """The tick before may not have seen yet that another account is meant now."""
    file = tmp_path / "config.toml"
    file.write_text(SECTION.format("1"), encoding="utf-8")
    settings = config.load(file)
    mirror_settings(store, settings)
    daemon = Daemon(settings, store, clock)
    with store.read() as tx:
        account = by_name(tx, "wx").id
    before = daemon.ctx.channel_of(account)
    assert before is daemon.ctx.channel_of(account)
    file.write_text(SECTION.format("22"), encoding="utf-8")
    assert ("wx1", "wx22") == (
        before.account.app_id,
        daemon.ctx.channel_of(account).account.app_id,
    )

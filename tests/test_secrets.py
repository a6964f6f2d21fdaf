"""The platforms' secrets: encrypted at rest, overridden by the environment, never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scheduler import events, secrets
from scheduler.config import Settings, load
from scheduler.errors import ConfigError, InputError

BY = "person:王芳"
VALUE = "s3cret-value"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text('[account.wx-main]\nchannel = "wechat"\napp_id = "wx1"\n')
    loaded = load(path)
    secrets.make_key(loaded.key_file)
    return loaded


@pytest.fixture
def stored(settings, store, clock) -> Settings:
    with store.write() as tx:
        secrets.put(tx, settings, "wx-main", "app_secret", VALUE, by=BY, now=clock.now())
    return settings


def test_stored_secret_comes_back(stored, store):
    """Encrypted in between."""
    with store.read() as tx:
        assert {"app_secret": VALUE} == secrets.get_all(tx, stored, "wx-main")
        row = tx.exec_driver_sql("select * from secret").one()
    assert VALUE not in str(row)


def test_second_value_replaces_the_first(stored, store, clock):
    """Platforms renew secrets; blanks from copying fall away."""
    with store.write() as tx:
        secrets.put(tx, stored, "wx-main", "app_secret", " new \n", by=BY, now=clock.now())
        assert {"app_secret": "new"} == secrets.get_all(tx, stored, "wx-main")


def test_environment_wins_and_needs_no_key(stored, store, monkeypatch):
    """Containers have no key file; the name is upper case with underscores."""
    stored.key_file.unlink()
    monkeypatch.setenv("FABU_SECRET_WX_MAIN_APP_SECRET", "from-outside")
    with store.read() as tx:
        assert {"app_secret": "from-outside"} == secrets.get_all(tx, stored, "wx-main")


def test_empty_variable_does_not_hide_what_is_stored(stored, store, monkeypatch):
    """A compose file often sets variables to nothing."""
    monkeypatch.setenv("FABU_SECRET_WX_MAIN_APP_SECRET", "")
    with store.read() as tx:
        assert {"app_secret": VALUE} == secrets.get_all(tx, stored, "wx-main")


def test_account_without_secrets_needs_no_key(settings, store):
    """Nothing to open, nothing to complain of; what is missing is named."""
    settings.key_file.unlink()
    with store.read() as tx:
        found = secrets.get_all(tx, settings, "wx-main")
    assert ({}, ["app_secret"]) == (found, secrets.missing(settings, "wx-main", found))


def test_missing_key_file_is_told_with_the_next_step(stored, store):
    """The backup has it."""
    stored.key_file.unlink()
    with store.read() as tx, pytest.raises(ConfigError, match="Put it back from the backup"):
        secrets.get_all(tx, stored, "wx-main")


def test_other_key_file_is_told_without_the_value(stored, store):
    """Somebody made a new home beside an old database."""
    stored.key_file.unlink()
    secrets.make_key(stored.key_file)
    with store.read() as tx, pytest.raises(ConfigError) as raised:
        secrets.get_all(tx, stored, "wx-main")
    assert "fabu account login wx-main" in str(raised.value)
    assert VALUE not in repr(raised.value) + str(raised.value)


def test_damaged_key_file_is_told(stored, store):
    """Opened in an editor and saved."""
    stored.key_file.write_text("not a key\n")
    with store.read() as tx, pytest.raises(ConfigError, match="is damaged"):
        secrets.get_all(tx, stored, "wx-main")


def test_key_file_is_for_its_owner_only_and_never_replaced(settings):
    """A new key would lock every stored secret away."""
    before = settings.key_file.read_bytes()
    with pytest.raises(ConfigError, match="already a key file"):
        secrets.make_key(settings.key_file)
    assert before == settings.key_file.read_bytes()
    if os.name == "posix":
        assert 0o600 == settings.key_file.stat().st_mode & 0o777


@pytest.mark.parametrize(("field", "value"), [("app_secret", "  "), ("app_secrt", VALUE)])
def test_empty_or_unknown_secret_is_refused(settings, store, clock, field, value):
    """An empty line from a pipe must not wipe out a good secret."""
    with pytest.raises(InputError) as raised, store.write() as tx:
        secrets.put(tx, settings, "wx-main", field, value, by=BY, now=clock.now())
    assert VALUE not in str(raised.value)


def test_history_tells_that_it_changed_and_not_what_it_is(stored, store):
    """Account and field are named."""
    with store.read() as tx:
        (line,) = events.of_subject(tx, "account", 0)
    assert ("set_secret", BY, {"account": "wx-main", "field": "app_secret"}) == (
        line.verb,
        line.actor,
        events.detail_of(line),
    )


def test_channel_s_account_does_not_show_its_secrets(settings):
    """A log line with the account in it is harmless."""
    account = secrets.channel_account(settings, "wx-main", {"app_secret": VALUE})
    assert VALUE == account.secrets["app_secret"]
    assert VALUE not in repr(account)

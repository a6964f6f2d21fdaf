"""config.toml: what it gives when it is right, and what it says when it is not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from scheduler.config import ConfigFaults, find_config, load
from scheduler.errors import ConfigError

WECHAT = '[account.wx-main]\nchannel = "wechat"\ntitle = "公众号"\napp_id = "wx1"\n'


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str, *, encoding: str = "utf-8") -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding=encoding)
        return path

    return written


def said(path: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        load(path)
    return str(raised.value)


def test_empty_config_gives_the_defaults(write, tmp_path):
    """Everything has a default; relative paths count from the config's folder."""
    settings = load(write(""))
    assert f"sqlite:///{tmp_path}/queue.db" == settings.database_url
    assert tmp_path / "secret.key" == settings.key_file
    assert (socket.gethostname(), 4, "", {}) == (
        settings.node,
        settings.workers,
        settings.proxy,
        dict(settings.accounts),
    )


def test_relative_paths_count_from_the_config_and_not_from_here(write, tmp_path, monkeypatch):
    """The same config gives the same database wherever the command is called."""
    path = write('[database]\nurl = "sqlite:///data/q.db"\n[secrets]\nkey_file = "k/s.key"\n')
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    settings = load(path)
    assert f"sqlite:///{tmp_path}/data/q.db" == settings.database_url
    assert tmp_path / "k" / "s.key" == settings.key_file


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_any_spelling_of_postgresql_gets_the_one_driver_we_ship(write, scheme):
    """People copy addresses from elsewhere."""
    settings = load(write(f'[database]\nurl = "{scheme}://desk@db/fabu"\n'))
    assert "postgresql+psycopg://desk@db/fabu" == settings.database_url


@pytest.mark.parametrize("url", ["mysql://a/b", "sqlite://", "sqlite:///:memory:", "queue.db"])
def test_database_we_do_not_speak_is_refused(write, url):
    """A database in memory would be another one for every connection."""
    assert "url in [database] must begin with" in said(write(f'[database]\nurl = "{url}"\n'))


def test_account_gets_its_channel_s_options_with_defaults(write):
    """What the file leaves out comes from the channel; numbers take their type."""
    account = load(write(WECHAT + "gap_s = 2\n")).account("wx-main")
    assert ("wechat", "公众号", "wx1") == (account.channel, account.title, account.app_id)
    assert (2.0, float, "publish") == (
        account.options["gap_s"],
        type(account.options["gap_s"]),
        account.options["how"],
    )


def test_account_without_title_is_called_by_its_name(write):
    """A listing never shows an empty name."""
    account = load(write('[account.desk-1]\nchannel = "manual"\n')).account("desk-1")
    assert ("desk-1", "") == (account.title, account.api_base)


def test_address_loses_its_last_slash(write):
    """Channels add paths that begin with one."""
    settings = load(write(WECHAT + 'api_base = "http://127.0.0.1:8080/"\n'))
    assert "http://127.0.0.1:8080" == settings.account("wx-main").api_base


@pytest.mark.parametrize(
    ("text", "section", "guess"),
    [
        ('bureua = "a"\n', "the top of the file", "bureau"),
        ('[databse]\nurl = "a"\n', "the top of the file", "database"),
        ("[daemon]\nworker = 2\n", "[daemon]", "workers"),
        (WECHAT + "gaps = 2\n", "[account.wx-main]", "gap_s"),
    ],
)
def test_misspelt_key_is_refused_with_the_right_one(write, text, section, guess):
    """A key that nobody reads would be a setting that silently does nothing."""
    sentence = said(write(text))
    assert f" in {section}. Did you mean {guess}?" in sentence


def test_key_that_resembles_nothing_is_refused_with_the_list(write):
    """Whoever invents a key sees which there are."""
    assert "unknown key zzz in [daemon]. Remove it; known keys: node, workers." in said(
        write("[daemon]\nzzz = 1\n")
    )


@pytest.mark.parametrize("key", ["app_secret", "access_token", "password", "App-Secret"])
def test_secret_in_the_config_is_refused_with_the_command_that_stores_it(write, key):
    """Config files are copied and mailed; the value itself is not repeated."""
    sentence = said(write(f'{WECHAT}{key} = "hush-hush"\n'))
    assert "fabu account login wx-main" in sentence
    assert "hush-hush" not in sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[daemon]\nworkers = "4"\n', "workers in [daemon] must be a whole number, not text in"),
        ("[daemon]\nworkers = true\n", "must be a whole number, not true or false"),
        ("bureau = 5\n", "bureau in the top of the file must be text in quotes"),
        ('database = "x"\n', "database in the top of the file must be a section"),
        ("account = 1\n", "account in the top of the file must be a section"),
        (WECHAT + 'gap_s = "2"\n', "gap_s in [account.wx-main] must be a number"),
        (WECHAT + "looks_s = 5\n", "looks_s in [account.wx-main] must be a list"),
    ],
)
def test_wrong_type_is_named_with_the_right_one(write, text, expected):
    """Quotes around a number are the commonest slip."""
    assert expected in said(write(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[account.WX]\nchannel = 'manual'\n", "may only have lower-case letters"),
        ("[account.a_b]\nchannel = 'manual'\n", "may only have lower-case letters"),
        ("[account.a]\ntitle = 'x'\n", "does not say its channel"),
        ("[account.a]\nchannel = 'weixin'\n", "channel weixin in [account.a] does not exist"),
        (WECHAT + "api_base = 'api.weixin.qq.com'\n", "must begin with https://"),
        ("[network]\nproxy = 'proxy:3128'\n", "must look like http://HOST:PORT"),
        ("[daemon]\nworkers = 0\n", "from 1 to 64"),
    ],
)
def test_value_that_cannot_work_is_refused_when_read(write, text, expected):
    """Found at start, not in the night when the first post is due."""
    assert expected in said(write(text))


def test_all_faults_of_a_file_are_told_together(write):
    """One round of mending is enough."""
    path = write('bureua = "a"\n[daemon]\nworkers = "x"\n[account.a]\nchannel = "x"\n')
    with pytest.raises(ConfigFaults) as raised:
        load(path)
    assert 3 == len(raised.value.faults)
    assert 4 == len(str(raised.value).splitlines())


def test_broken_toml_is_told_with_line_and_column(write):
    """The parser's own place, in words."""
    assert "config.toml, line 2, column 10:" in said(write("\nbureau = 示例市\n"))


def test_file_that_ends_too_early_is_told_so(write):
    """There is no line to name when the end is missing."""
    assert "breaks off at its end" in said(write('bureau = """abc\n'))


def test_mark_of_a_windows_editor_is_ignored(write):
    """Notepad writes a byte order mark."""
    assert "示例局" == load(write('bureau = "示例局"\n', encoding="utf-8-sig")).bureau


def test_file_that_is_not_utf8_is_refused_with_what_to_do(write):
    """GBK is what an old editor saves."""
    assert "line 2: this is not UTF-8. Save the file again as UTF-8." in said(
        write('\nbureau = "示例局"\n', encoding="gb18030")
    )


def test_settings_cannot_be_changed(write):
    """Threads share them."""
    settings = load(write(WECHAT))
    with pytest.raises(TypeError):
        settings.account("wx-main").options["gap_s"] = 1  # type: ignore[index]


def test_explicit_config_wins_over_environment_and_folder(write, tmp_path, monkeypatch):
    """-c, then FABU_CONFIG, then ./config.toml."""
    here = write("")
    other, third = tmp_path / "b.toml", tmp_path / "c"
    third.mkdir()
    for path in (other, third / "config.toml"):
        path.write_text("")
    monkeypatch.chdir(tmp_path)
    assert here == find_config()
    monkeypatch.setenv("FABU_CONFIG", str(third))
    assert third / "config.toml" == find_config()
    assert other == find_config(other)


def test_no_config_anywhere_tells_how_to_make_one(tmp_path, monkeypatch):
    """The first thing a newcomer sees."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="fabu init DIR"):
        find_config()
    with pytest.raises(ConfigError, match="correct -c or FABU_CONFIG"):
        find_config(tmp_path / "nowhere.toml")


def test_account_that_is_not_configured_is_refused_with_those_there_are(write):
    """Asking for a wrong name shows the right ones."""
    with pytest.raises(ConfigError, match="There are: wx-main"):
        load(write(WECHAT)).account("wx")

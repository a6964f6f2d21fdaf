"""`fabu init`: the home it makes, what it refuses, and the command line around it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from scheduler import __version__
from scheduler.cli import VERBS, show
from scheduler.config import load
from scheduler.errors import RowError, RowErrors


def ask(home: Path, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(f"sqlite:///{home / 'queue.db'}")
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def test_init_makes_config_database_key_and_login(home):
    """Four files, two of them for the owner only."""
    assert [".login", "config.toml", "queue.db", "secret.key"] == sorted(
        path.name.partition("-")[0] for path in home.iterdir()
    )
    if os.name == "posix":
        private = [path for path in home.iterdir() if path.name.startswith((".login", "secret"))]
        assert [0o600, 0o600] == [path.stat().st_mode & 0o777 for path in private]


def test_init_writes_a_config_that_reads_back(home):
    """The template is itself checked by the reader."""
    settings = load(home / "config.toml")
    assert ("示例市应急管理局", {}, home / "secret.key") == (
        settings.bureau,
        dict(settings.accounts),
        settings.key_file,
    )


def test_examples_in_the_template_are_right_once_uncommented(home):
    """People take the hash away and expect it to work."""
    config = home / "config.toml"
    lines = config.read_text(encoding="utf-8").splitlines()
    first = lines.index("# [account.weibo-main]")
    freed = [line.removeprefix("# ").removeprefix("#") for line in lines[first:]]
    config.write_text("\n".join([*lines[:first], *freed]), encoding="utf-8")
    assert ["weibo-main", "wechat-main"] == list(load(config).accounts)


@pytest.mark.parametrize("bureau", ['"引号" 局', "back\\slash", "a\nb"])
def test_any_bureau_s_name_is_written_as_toml(tmp_path, fabu, bureau):
    """Quotes and backslashes are quoted."""
    assert 0 == fabu("init", tmp_path / "h", "--bureau", bureau).code
    assert bureau == load(tmp_path / "h" / "config.toml").bureau


def test_init_seeds_the_column_tree(home):
    """Reprints are the rule in 推送新闻, originals everywhere else; children know their parent."""
    rows = ask(
        home,
        "select c.path, c.origin, p.path from content_column c "
        "left join content_column p on p.id = c.parent_id order by c.position",
    )
    assert [
        ("政务信息", "original", None),
        ("政务信息/政务公开", "original", "政务信息"),
        ("政务信息/审批事项", "original", "政务信息"),
        ("政务信息/安监动态", "original", "政务信息"),
        ("安全科普", "original", None),
        ("推送新闻", "reprint", None),
    ] == rows


def test_person_who_initialised_is_logged_in_with_every_working_role(home, fabu):
    """No login, no terminal, no password needed."""
    (person,) = json.loads(fabu("person", "list", "--json").out)
    assert ("王芳", ["admin", "author", "operator", "reviewer"], False) == (
        person["name"],
        person["roles"],
        person["has_password"],
    )


def test_init_refuses_a_home_that_exists_and_changes_nothing(home, fabu):
    """Its key and its queue are irreplaceable."""
    before = {path: path.read_bytes() for path in home.iterdir()}
    ran = fabu("init", home)
    assert 2 == ran.code
    assert "nothing was changed" in ran.err
    assert before == {path: path.read_bytes() for path in home.iterdir()}


def test_init_refuses_a_database_without_its_config(tmp_path, fabu):
    """Somebody lost the config; the posts in the database are still theirs."""
    (tmp_path / "queue.db").write_bytes(b"")
    assert 2 == fabu("init", tmp_path).code
    assert ["queue.db"] == [path.name for path in tmp_path.iterdir()]


def test_init_that_fails_leaves_no_half_home(tmp_path, fabu):
    """The next try must not be refused."""
    ran = fabu("init", tmp_path / "h", "--person", "x" * 41)
    assert (1, False) == (ran.code, (tmp_path / "h" / "config.toml").exists())
    assert 0 == fabu("init", tmp_path / "h", "--person", "x").code


def test_init_in_a_place_that_cannot_be_written_says_so(tmp_path, fabu):
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    ran = fabu("init", tmp_path / "file" / "h")
    assert 2 == ran.code
    assert "Choose a folder you may write to." in ran.err


def test_help_names_every_command(fabu):
    """Also those whose module is not there."""
    ran = fabu("--help")
    assert 0 == ran.code
    assert [] == [verb.name for verb in VERBS if verb.name not in ran.out]


def test_help_loads_no_room_and_no_library_of_theirs():
    """`fabu --help` is quick because it loads nothing else."""
    code = (
        "import sys; from scheduler.cli import run; run(['--help']); "
        "print(sorted({n.partition('.')[0] for n in sys.modules} & "
        "{'sqlalchemy', 'alembic', 'requests', 'cryptography', 'channels', 'nh3'}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert "[]" == ran.stdout.splitlines()[-1]


def test_version_is_told(fabu):
    """One line for bug reports."""
    assert f"fabu {__version__}\n" == fabu("--version").out


@pytest.mark.parametrize("words", [["stroy"], ["person", "ad"], ["init"], ["--nope"]])
def test_wrong_usage_ends_with_two(fabu, words):
    """As every command line does."""
    assert 2 == fabu(*words).code


def test_misspelt_command_is_answered_with_the_right_one(fabu):
    """The list of names is known without loading them."""
    assert "Did you mean 'story'?" in fabu("stroy").err


def test_command_without_a_home_tells_how_to_make_one(tmp_path, fabu, monkeypatch):
    """Exit status 2: it is the configuration."""
    monkeypatch.chdir(tmp_path)
    ran = fabu("person", "list")
    assert (2, "") == (ran.code, ran.out)
    assert "fabu init DIR" in ran.err


def test_config_option_wins_over_the_environment(home, tmp_path, fabu):
    """`-c` may name the folder as well as the file; it is forgotten with the command."""
    assert 0 == fabu("init", tmp_path / "other", "--person", "李雷").code
    for path in (tmp_path / "other", tmp_path / "other" / "config.toml"):
        assert "李雷" in fabu("-c", path, "person", "list").out
    assert "王芳" in fabu("person", "list").out


def test_lost_database_is_not_made_anew_by_a_command(home, fabu):
    """An empty one would hide that the real one is gone."""
    (home / "queue.db").unlink()
    ran = fabu("person", "list")
    assert (2, False) == (ran.code, (home / "queue.db").exists())
    assert "There is no database" in ran.err


def test_file_that_is_no_database_is_told_without_a_traceback(home, fabu):
    """The driver's own words, and where to look."""
    (home / "queue.db").write_bytes(b"this is not a database at all" * 100)
    ran = fabu("person", "list")
    assert 2 == ran.code
    assert "cannot be opened: file is not a database" in ran.err


def test_faults_of_a_file_are_shown_as_a_table(capsys):
    """Row, column and what is wrong, so that they are mended in one go."""
    rows = [RowError(3, "日期", "There is no day {day}.", {"day": "2016-02-30"})]
    show.fault(RowErrors("ledger.csv", rows))
    printed = capsys.readouterr()
    assert "" == printed.out
    assert "ledger.csv: 1 faults; nothing was written." in printed.err
    for word in ("3", "日期", "There is no day 2016-02-30."):
        assert word in printed.err


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 27, 9, 0, tzinfo=UTC), "today 17:00"),
        (datetime(2026, 11, 26, 16, 0, tzinfo=UTC), "today 00:00"),
        (datetime(2026, 11, 27, 16, 0, tzinfo=UTC), "tomorrow 00:00"),
        (datetime(2026, 11, 26, 15, 59, tzinfo=UTC), "yesterday 23:59"),
        (datetime(2026, 1, 5, 1, 5, tzinfo=UTC), "01-05 09:05"),
        (datetime(2027, 1, 5, 1, 5, tzinfo=UTC), "2027-01-05 09:05"),
        (None, ""),
    ],
)
def test_times_are_shown_in_beijing_as_people_say_them(clock, moment, expected):
    """Days are Beijing days: 16:00 UTC is the next one."""
    assert expected == show.when(moment, clock.now())

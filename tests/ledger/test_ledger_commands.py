"""`fabu ledger import` and `fabu report`, as typed, in a fresh home."""

from __future__ import annotations

import csv
import io
import json

import pytest

from scheduler import cli
from tests.ledger.make_ledger import HEADINGS, csv_bytes, make_rows, write_xlsx


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Make a home with `fabu init`, no terminal and no further login, and work in it."""
    monkeypatch.setenv("FABU_LANG", "en")
    monkeypatch.delenv("FABU_ACTOR_TOKEN", raising=False)
    folder = tmp_path / "home"
    assert 0 == cli.run(["init", str(folder)])
    monkeypatch.setenv("FABU_CONFIG", str(folder / "config.toml"))
    return folder


@pytest.fixture
def fabu(home, capsys):
    """Give a function that runs one command: status, standard output, standard error."""

    def call(*args):
        capsys.readouterr()
        status = cli.run([str(arg) for arg in args])
        told = capsys.readouterr()
        return status, told.out, told.err

    return call


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "台账.csv"
    path.write_bytes(csv_bytes(make_rows(), encoding="gb18030"))
    return path


REPORT = ("report", "--from", "2016-08", "--to", "2016-12")


def test_dry_run_shows_everything_and_writes_nothing(fabu, ledger):
    """Encoding, zone, accounts and the months stand there."""
    status, said, _err = fabu("ledger", "import", ledger)
    assert 0 == status
    for words in ("GB18030", "Beijing time", "weibo:青林应急", "2016-08", "1037", "--commit"):
        assert words in said
    assert 0 == json.loads(fabu(*REPORT, "--format", "json")[1])["total"]


def test_commit_twice_and_the_workbook_once_leave_one_ledger(fabu, ledger, tmp_path):
    """Status 0 also when nothing is new; the report has the printed figures."""
    workbook = write_xlsx(tmp_path / "台账.xlsx", make_rows(), title="台账", totals=True)
    for file, new in ((ledger, 1037), (ledger, 0), (workbook, 0)):
        status, said, _err = fabu("ledger", "import", file, "--commit", "--json")
        assert (0, new, True) == (status, json.loads(said)["new"], json.loads(said)["committed"])
    told = json.loads(fabu(*REPORT, "--format", "json")[1])
    assert (1037, 442) == (told["total"], told["original"])
    assert {"total": 777, "original": 342} == told["channels"]["wechat"]
    assert all(goal["met"] for month in told["months"] for goal in month["targets"])


def test_file_with_a_fault_ends_with_status_1_and_names_it(fabu, tmp_path):
    """File, row and column, for people and for scripts; nothing is written."""
    path = tmp_path / "坏.csv"
    good = "2016/8/15 10:00,微博,甲,安全科普,原创,题\n"
    path.write_text(",".join(HEADINGS[:6]) + "\n" + good + good.replace("微博", "抖音"))
    status, _said, err = fabu("ledger", "import", path, "--commit")
    assert 1 == status
    for words in ("坏.csv", "3", "平台", "抖音"):
        assert words in err
    status, said, _err = fabu("ledger", "import", path, "--commit", "--json")
    assert 1 == status
    (fault,) = json.loads(said)["errors"]
    assert ("坏.csv", 3, "平台") == (fault["file"], fault["row"], fault["column"])
    assert not json.loads(said)["committed"]
    assert 0 == json.loads(fabu(*REPORT, "--json")[1])["total"]


def test_report_as_csv_opens_in_excel_and_adds_up(fabu, ledger):
    """UTF-8 with its mark; the last row is the sum of the months."""
    fabu("ledger", "import", ledger, "--commit")
    status, said, _err = fabu(*REPORT, "--format", "csv")
    assert 0 == status
    assert "\ufeff" == said[0]
    heads, *rows = csv.reader(io.StringIO(said[1:]))
    assert 6 == len(rows)
    assert {len(heads)} == {len(row) for row in rows}
    for n in range(1, 21):
        assert int(rows[-1][n]) == sum(int(row[n]) for row in rows[:-1]), heads[n]
    assert "1037" == rows[-1][1]


def test_report_as_table_shows_months_columns_and_targets(fabu, ledger):
    """The figures a person looks for stand on the screen."""
    fabu("ledger", "import", ledger, "--commit")
    status, said, _err = fabu(*REPORT)
    assert 0 == status
    for words in ("2016-08", "1037", "442", "(> 50) met", "安监动态", "175", "青林应急"):
        assert words in said


def test_report_without_a_period_is_about_this_month(fabu):
    """Nothing is out yet, but the month is there."""
    status, said, _err = fabu("report", "--format", "json")
    told = json.loads(said)
    assert 0 == status
    assert told["period"]["from"] == told["period"]["to"] == told["months"][0]["month"]
    assert 1 == len(told["months"])


def test_list_gives_the_posts_behind_a_figure(fabu, ledger):
    """As table, JSON and CSV; a title that begins like a formula stays text."""
    fabu("ledger", "import", ledger, "--commit")
    asked = (*REPORT, "--list", "--channel", "微信", "--column", "审批事项")
    assert "16 posts" in fabu(*asked)[1]
    listed = json.loads(fabu(*asked, "--json")[1])
    assert 16 == len(listed)
    assert {"政务信息/审批事项"} == {post["column"] for post in listed}
    forwards = fabu(*REPORT, "--origin", "转发", "--format", "csv")[1]
    rows = list(csv.reader(io.StringIO(forwards[1:])))
    assert 161 == len(rows)
    assert not [cell for row in rows for cell in row if cell.startswith("@")]


def test_wrong_month_ends_with_status_1_in_words(fabu):
    """The right form is shown."""
    status, _said, err = fabu("report", "--from", "2016/08")
    assert 1 == status
    assert "2016-08" in err


def test_import_in_a_home_nobody_is_logged_in_to_is_refused(fabu, home, ledger):
    """Every verb takes an actor."""
    for login in home.glob(".login-*"):
        login.unlink()
    status, _said, err = fabu("ledger", "import", ledger, "--commit")
    assert 1 == status
    assert "fabu login" in err

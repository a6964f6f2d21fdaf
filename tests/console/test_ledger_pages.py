"""The ledger's pages: every figure equals its list, CSV, rights, a file taken in by two steps."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from console import chart, uploads
from scheduler.errors import InputError, NotFound
from scheduler.ledger import targets
from scheduler.ledger.sheet import no_formula
from scheduler.people import SETUP, Actor, Role
from scheduler.tables import Post, table
from tests import makers
from tests.clocks import START
from tests.console.test_queue_pages import EVIL, account
from tests.ledger.make_ledger import csv_bytes, make_rows

FIGURE = re.compile(r'<a href="(/ledger/posts\?[^"]+)">(\d+)</a>')
COUNT = re.compile(r"<h1>(\d+) posts?</h1>")
AUGUST = "/ledger?from=2016-08&to=2016-08"


def send(browser, data: bytes, name: str = "台账.csv", *, token: str | None = None):
    sent = {"csrf": browser.token() if token is None else token}
    return browser.http.post(
        browser.url + "/ledger/import",
        data=sent,
        files={"file": (name, data)},
        headers={"Origin": browser.url},
        allow_redirects=False,
        timeout=30,
    )


def posts(site) -> int:
    with site.store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table(Post))).scalar_one())


def row(title="安全提示", link="https://weibo.com/1/a", *, channel="微博", account="示例应急"):
    moment = datetime(2016, 8, 3, 8, 0)  # noqa: DTZ001 - as in Excel
    return (moment, channel, account, "安全科普", "原创", title, "", link, 10)


def rows_of(page) -> int:
    return page.text.count('<th scope="row">')


@pytest.fixture
def author(site):
    return site.person("小陈", "author")


@pytest.fixture
def filled(site, author):
    """Give a ledger with 1037 posts of August to December 2016."""
    there = send(author, csv_bytes(make_rows())).headers["location"]
    assert 303 == author.post(f"{there}/write").status_code
    return author


@pytest.mark.parametrize("address", [AUGUST, "/ledger?from=2016-08&to=2016-12"])
def test_every_figure_equals_the_rows_of_its_list(site, filled, address):
    with site.store.write() as tx:
        two = targets.Goal(
            "科普与公开", frozenset(), ("安全科普", "政务信息/政务公开"), "", ">=", 9
        )
        targets.add(tx, two, SETUP, START)
    page = filled.get(address)
    figures = FIGURE.findall(page.text)
    assert len(figures) > 25
    for link, count in figures:
        listed = filled.get(html.unescape(link))
        assert (200, count) == (listed.status_code, COUNT.search(listed.text)[1]), link
        assert min(int(count), 100) == rows_of(listed), link
        as_csv = filled.get(html.unescape(link) + "&format=csv").text
        assert int(count) == as_csv.count("\r\n") - 1, link


def test_pages_of_a_list_hold_all_its_posts(filled):
    address = "/ledger/posts?from=2016-08&to=2016-12&column=推送新闻"
    pages = [rows_of(filled.get(f"{address}&page={number}")) for number in range(1, 7)]
    assert [100, 100, 100, 100, 70, 0] == pages


def test_month_without_posts_is_said_to_be_missing(filled):
    page = filled.get("/ledger?from=2016-06&to=2016-09").text
    assert "No post at all is recorded for: Jun 2016 to Jul 2016." in page
    assert "missing" not in filled.get(AUGUST).text


def test_running_month_without_posts_is_not_missing_yet(author):
    page = author.get("/ledger?from=2026-10&to=2026-11").text
    assert "No post at all is recorded for: Oct 2026." in page
    assert "No post at all is recorded" not in author.get("/ledger").text


def test_target_of_one_month_stands_with_its_progress(filled):
    page = filled.get(AUGUST).text
    assert ("<progress" in page, "Met: 89 of 51." in page) == (True, True)
    assert "<svg" not in page


def test_chart_has_its_figures_in_a_table_below(filled):
    page = filled.get("/ledger?from=2016-07&to=2016-09").text
    assert page.index("<svg") < page.index("By month")
    assert ("△ 0" in page, "✓ 89" in page, "style=" in page) == (True, True, False)
    assert ("Jul 2016</text>" in page, "2016-07</text>" in page) == (True, False)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/ledger?from=2016-13", 400),
        ("/ledger?from=2016-08&to=2016-01", 400),
        ("/ledger?from=2010-01&to=2026-01", 400),
        ("/ledger/posts?month=nothing", 400),
        ("/ledger/posts?month=2016-08&account=nobody", 404),
        ("/ledger/posts?month=2016-08&column=nothing", 400),
        ("/ledger/posts?month=2016-08&target=nothing", 404),
    ],
)
def test_address_that_means_nothing_is_refused(author, address, status):
    assert status == author.get(address).status_code


def test_csv_opens_in_excel_and_runs_no_formula(site, author):
    with site.store.write() as tx:
        for title in ("=cmd()", "冬季取暖"):
            makers.post(tx, account(site), title, published_at=START)
    answer = author.get("/ledger/posts?month=2026-11&format=csv")
    assert b"\xef\xbb\xbf" == answer.content[:3]
    assert ("'=cmd()" in answer.text, "冬季取暖" in answer.text) == (True, True)
    assert "attachment" in answer.headers["content-disposition"]


def test_cell_that_begins_like_a_formula_is_made_text():
    assert ["'@x", "'-1", "a=1", -1] == [no_formula(cell) for cell in ("@x", "-1", "a=1", -1)]


def test_dry_run_writes_nothing_and_says_what_would_be(site, author):
    data = csv_bytes([row(), row("另一条", "https://weibo.com/1/b"), row("重复")])
    page = author.get(send(author, data).headers["location"]).text
    assert "2 posts would be added, 1 are there already. Nothing is written yet." in page
    assert ("Doubles, not added" in page, posts(site)) == (True, 0)


def test_confirmed_file_is_written_once(site, author):
    there = send(author, csv_bytes([row()])).headers["location"]
    done = author.post(f"{there}/write")
    assert ("/ledger?from=2016-08&to=2016-08", 1) == (done.headers["location"], posts(site))
    assert "Added 1 posts; 0 were there already." in author.get(done.headers["location"]).text
    assert 404 == author.post(f"{there}/write").status_code
    again = author.get(send(author, csv_bytes([row()])).headers["location"]).text
    assert ("Nothing new" in again, f"{there}/write" in again) == (True, False)


def test_file_with_faults_is_shown_row_by_row_and_never_written(site, author):
    data = csv_bytes([row(), row(channel="抖音")])
    there = send(author, data).headers["location"]
    page = author.get(there).text
    assert ("抖音 is no platform we count" in page, f"{there}/write" in page) == (True, False)
    author.post(f"{there}/write")
    assert 0 == posts(site)


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0old", b"nothing,known\r\n1,2\r\n"])
def test_file_that_is_no_ledger_is_refused_with_words(site, author, data):
    answer = send(author, data)
    if answer.status_code == 303:
        answer = author.get(answer.headers["location"])
    assert 'role="alert"' in answer.text
    assert 0 == posts(site)


def test_dropped_file_is_forgotten(site, author):
    there = send(author, csv_bytes([row()])).headers["location"]
    assert 303 == author.post(f"{there}/drop").status_code
    assert 404 == author.get(there).status_code
    assert [] == list((site.home / uploads.FOLDER).iterdir())


def test_nobody_confirms_what_another_one_uploaded(site, author):
    there = send(author, csv_bytes([row()])).headers["location"]
    other = site.person("小李", "author")
    assert [404, 404] == [other.get(there).status_code, other.post(f"{there}/write").status_code]
    assert 0 == posts(site)


@pytest.mark.parametrize("role", ["reviewer", "leader", "admin"])
def test_importing_is_for_authors_and_operators(site, author, role):
    there = send(author, csv_bytes([row()])).headers["location"]
    someone = site.person("某人", role)
    assert [403, 403, 403, 403] == [
        someone.get("/ledger/import").status_code,
        send(someone, csv_bytes([row()])).status_code,
        someone.get(there).status_code,
        someone.post(f"{there}/write").status_code,
    ]
    assert ("/ledger/import" in someone.get("/ledger").text, posts(site)) == (False, 0)


def test_upload_without_the_form_token_is_refused(site, author):
    assert 403 == send(author, csv_bytes([row()]), token="wrong").status_code
    assert not (site.home / uploads.FOLDER).exists()


def test_text_and_links_of_a_file_do_no_harm(site, author):
    data = csv_bytes([row(EVIL, "javascript:alert(1)", account=EVIL)])
    there = send(author, data, name=f"{EVIL}.csv").headers["location"]
    pages = [author.get(there).text]
    author.post(f"{there}/write")
    pages += [author.get(path).text for path in (AUGUST, "/ledger/posts?month=2016-08")]
    assert 1 == posts(site)
    for page in pages:
        assert (False, False) == (EVIL in page, 'href="javascript' in page.lower())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\台账.xlsx", "台账.xlsx"),
        ("..", "ledger"),
        ("", "ledger"),
        ("a\n.csv", "a.csv"),
    ],
)
def test_name_of_an_upload_leads_nowhere(name, expected):
    assert expected == uploads.clean_name(name)


@pytest.mark.parametrize("mark", ["", "..", "../..", "a" * 24, "A" * 24])
def test_made_up_mark_finds_nothing(tmp_path, mark):
    (tmp_path / uploads.FOLDER).mkdir()
    with pytest.raises(NotFound):
        uploads.find(tmp_path, Actor(1, "王芳", frozenset({Role.author})), mark)


def test_old_uploads_are_deleted_at_the_next(tmp_path):
    actor = Actor(1, "王芳", frozenset({Role.author}))
    now = datetime.now(UTC)
    mark = uploads.keep(tmp_path, actor, "a.csv", b"1", now)
    uploads.keep(tmp_path, actor, "b.csv", b"2", now + 2 * uploads.KEPT)
    with pytest.raises(NotFound):
        uploads.find(tmp_path, actor, mark)
    with pytest.raises(InputError):
        uploads.keep(tmp_path, actor, "a.csv", b"", now)


def test_bars_begin_at_zero_and_the_highest_fills_the_chart():
    drawn = chart.draw(
        [chart.Bar("2016-12", 0, 51, met=False), chart.Bar("2017-01", 102, 51, met=True)]
    )
    none, full = drawn.bars
    assert (0, chart.HEIGHT, chart.HEIGHT / 2) == (none.tall, full.tall, drawn.base - full.goal_y)
    assert ["2016-12", "2017-01"] == [none.label, full.label]
    assert chart.draw([]).bars == ()

"""Nothing is counted twice, nothing is lost: equal link, or the whole row and its count."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from scheduler.ledger.doubles import part
from scheduler.ledger.lines import Line
from scheduler.tables import Account, Post, table
from tests.ledger.make_ledger import HEADINGS, csv_bytes, make_rows, write_xlsx

MOMENT = datetime(2016, 8, 15, 2, tzinfo=UTC)
ROW = "2016/8/15 10:00,微博,甲,安全科普,原创,题,,,"


def file(*rows):
    return "\n".join([",".join(HEADINGS), *rows]).encode()


def line(title, link, row=2):
    return Line(row, MOMENT, "weibo", "甲", "安全科普", 1, "original", title, "", link, None)


def test_same_ledger_again_in_another_form_adds_nothing(desk, tmp_path):
    """CSV first, then the workbook with title and totals: the same posts."""
    first = desk.take(csv_bytes(make_rows(), encoding="gb18030"))
    assert (1037, 0, 2) == (first.new, first.doubles, first.accounts)
    events = desk.count("event")
    again = desk.take(write_xlsx(tmp_path / "b.xlsx", make_rows(), title="台账", totals=True))
    assert (0, 1037, 0) == (again.new, again.doubles, again.accounts)
    assert (1037, 1037, 2) == tuple(desk.count(name) for name in ("post", "story", "account"))
    assert events == desk.count("event")


def test_same_ledger_without_links_again_adds_nothing(desk):
    """Then the whole row decides."""
    data = csv_bytes(make_rows(), headings=[*HEADINGS[:7], HEADINGS[8]])
    assert 1037 == desk.take(data).new
    assert (0, 1037) == (desk.take(data).new, len(desk.plan(data).doubles))


def test_three_equal_rows_against_two_known_leave_one(desk):
    """Rows without a link are compared with their count."""
    assert 2 == desk.take(file(ROW, ROW)).new
    planned = desk.plan(file(ROW, ROW, ROW))
    assert (1, 2) == (len(planned.new), len(planned.doubles))
    assert 1 == desk.take(file(ROW, ROW, ROW)).new
    assert 0 == desk.take(file(ROW)).new
    assert 3 == desk.count("post")


def test_row_that_differs_in_one_cell_is_new_but_pointed_at(desk):
    """Only the whole row makes a double; the dry run asks a person to look."""
    desk.take(file(ROW))
    planned = desk.plan(file(ROW.replace("原创", "转载")))
    assert 1 == len(planned.new)
    assert any("same account, day and title" in note.text for note in planned.notes)


def test_equal_link_is_a_double_whatever_else_differs(desk):
    """The link is the post."""
    desk.take(file("2016/8/15 10:00,微博,甲,安全科普,原创,题,,https://a/1,5"))
    planned = desk.plan(file("2016/9/1 8:00,微信,乙,推送新闻,转载,别的,,https://a/1,9"))
    assert (0, 1) == (len(planned.new), len(planned.doubles))


def test_link_twice_in_one_file_counts_once_and_is_said(desk):
    """The first row stays."""
    linked = "2016/8/15 10:00,微博,甲,安全科普,原创,{},,https://a/1,"
    planned = desk.plan(file(linked.format("一"), linked.format("二")))
    assert ["一"] == [new.title for new in planned.new]
    assert any("repeat the link" in note.text for note in planned.notes)


def test_post_of_our_own_queue_with_the_link_is_a_double(desk, store):
    """A ledger kept by hand lists our posts as well."""
    linked = file("2016/8/15 10:00,微博,甲,安全科普,原创,题,,https://a/1,")
    desk.take(linked)
    own = {"made_elsewhere": False, "import_digest": "", "title": "我们的"}
    with store.write() as tx:
        tx.execute(update(table(Post)).values(own))
    assert 0 == desk.take(linked).new


def test_plan_that_another_import_overtook_adds_no_doubles(desk, store):
    """Commit looks again: two people may import the same file at once."""
    from scheduler.ledger import intake
    from tests.ledger.conftest import AUTHOR, NOW

    planned = desk.plan(file(ROW))
    desk.take(file(ROW))
    with store.write() as tx:
        assert 0 == intake.commit(tx, planned, AUTHOR, NOW).new


def test_configured_account_is_used_by_title_and_by_name(desk, store):
    """Only an account nobody configured becomes recorded only."""
    desk.take(file(ROW))
    with store.write() as tx:
        values = {"recorded_only": False, "name": "weibo-main"}
        tx.execute(update(table(Account)).values(values))
    rows = [ROW.replace("题", "二"), ROW.replace("甲", "weibo-main"), ROW.replace("微博", "微信")]
    planned = desk.plan(file(*rows))
    assert (("wechat", "甲"),) == planned.new_accounts
    assert 1 == desk.take(file(*rows)).accounts


LINES = st.lists(
    st.builds(line, st.sampled_from("ab"), st.sampled_from(["", "x", "y", "z"])), max_size=12
)


@given(LINES, LINES)
def test_any_two_files_after_each_other_lose_and_double_nothing(first, second):
    """Links end up once; rows without one as often as the file that has most of them."""
    taken = part(first, frozenset(), {}).new
    links = {one.link for one in taken if one.link}
    digests = Counter(one.digest for one in taken)
    more = part(second, links, digests)
    assert len(second) == len(more.new) + len(more.doubles) + len(more.inside)
    have = Counter(one.link or one.digest for one in (*taken, *more.new))
    bare_first, bare_second = (
        Counter(one.digest for one in some if not one.link) for some in (first, second)
    )
    expected = Counter({one.link: 1 for one in (*first, *second) if one.link})
    assert expected + (bare_first | bare_second) == have
    assert () == part(second, links | {one.link for one in more.new if one.link}, have).new

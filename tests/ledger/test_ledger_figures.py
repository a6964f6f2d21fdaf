"""The figures: exactly those of the ledger, by Beijing month, with subtotals, unchanged later."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from scheduler.errors import InputError, NotFound
from scheduler.ledger import months
from scheduler.ledger.counts import Cell, Which
from scheduler.ledger.posts import asked, posts_behind
from scheduler.ledger.report import figures_of
from scheduler.tables import Post, table
from tests.ledger.conftest import NOW
from tests.ledger.make_ledger import HEADINGS, csv_bytes, make_rows

PATHS = (
    "政务信息",
    "政务信息/政务公开",
    "政务信息/审批事项",
    "政务信息/安监动态",
    "安全科普",
    "推送新闻",
)
WECHAT = dict(zip(PATHS, (342, 151, 16, 175, 125, 310), strict=True))


@pytest.fixture
def full(desk):
    """Give a desk with the whole made-up ledger of 2016."""
    desk.take(csv_bytes(make_rows()))
    return desk


def test_ledger_of_2016_gives_exactly_the_figures_that_were_printed(full):
    """260 and 777, 100 and 342 originals, 342 = 151 + 16 + 175."""
    told = full.report()
    assert {"from": "2016-08", "to": "2016-12"} == told["period"]
    assert (1037, 442) == (told["total"], told["original"])
    assert {
        "weibo": {"total": 260, "original": 100},
        "wechat": {"total": 777, "original": 342},
    } == told["channels"]
    assert WECHAT == told["columns"]["wechat"]
    assert dict(zip(PATHS, (61, 31, 0, 30, 39, 160), strict=True)) == told["columns"]["weibo"]
    assert {"original": 442, "reprint": 435, "forward": 160} == told["origins"]


def test_every_month_is_held_against_the_seeded_target(full):
    """More than 50 originals in each of the five months."""
    told = full.report()["months"]
    assert ["2016-08", "2016-09", "2016-10", "2016-11", "2016-12"] == [m["month"] for m in told]
    for month in told:
        (goal,) = month["targets"]
        assert {"name", "actual", "number", "comparison", "met"} == goal.keys()
        assert (month["original"], 50, ">", True) == (
            goal["actual"],
            goal["number"],
            goal["comparison"],
            goal["met"],
        )
        assert goal["actual"] > 50
    assert 1037 == sum(month["total"] for month in told)


def test_months_without_posts_are_listed_and_miss_the_target(full):
    """A gap is a figure, too."""
    told = full.report("2016-07", "2017-01")["months"]
    assert 7 == len(told)
    for month in (told[0], told[-1]):
        assert (0, 0, False) == (month["total"], month["original"], month["targets"][0]["met"])


def test_fresh_home_gives_a_report_of_noughts(desk):
    """With the same keys as any other."""
    told = desk.report("2016-08", "2016-08")
    assert 0 == told["total"]
    assert {"weibo", "wechat"} == told["channels"].keys() == told["columns"].keys()
    assert [] == told["accounts"]


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2016-08-31T23:30Z", "2016-09"),
        ("2016-08-31T15:59:59Z", "2016-08"),
        ("2016-08-31T16:00:00Z", "2016-09"),
        ("2016-08-31 23:59:59", "2016-08"),
        ("2016-09-01 00:00", "2016-09"),
        ("2016-12-31T23:30Z", "2017-01"),
    ],
)
def test_post_counts_in_its_beijing_month(desk, written, month):
    """Half past eleven at night in UTC is the next day in Beijing."""
    row = f"{written},微博,甲,安全科普,原创,题"
    desk.take((",".join(HEADINGS[:6]) + "\n" + row).encode())
    told = desk.report("2016-08", "2017-01")["months"]
    assert [month] == [one["month"] for one in told if one["total"]]
    assert 1 == desk.report(month, month)["total"]


def test_post_taken_down_later_still_counts_in_its_month(full, store):
    """The same month gives the same figure a year later."""
    before = full.report()
    with store.write() as tx:
        tx.execute(update(table(Post)).values(gone_at=NOW, gone_how="platform"))
    assert before == full.report()


def test_post_that_is_not_out_does_not_count(full, store):
    """Only `published_at` counts."""
    with store.write() as tx:
        tx.execute(update(table(Post)).where(table(Post).c.id <= 37).values(published_at=None))
    assert 1000 == full.report()["total"]


def test_every_figure_opens_a_list_as_long_as_itself(full, store):
    """Month, channel, column, origin, account: the list has exactly that many posts."""
    told = full.report()
    with store.read() as tx:

        def length(first="2016-08", last="2016-12", **which):
            return len(posts_behind(tx, Which(first, last, **which)))

        assert told["total"] == length()
        for month in told["months"]:
            name = month["month"]
            assert month["total"] == length(name, name)
            assert month["original"] == length(name, name, origin="original")
            for channel, columns in month["columns"].items():
                for path, count in columns.items():
                    assert count == length(name, name, channel=channel, column=path)
        for account in told["accounts"]:
            assert account["total"] == length(account=account["name"])


def test_list_asked_with_peoples_words_is_the_same_list(full, store):
    """微信, 安监动态 and 原创 are understood."""
    with store.read() as tx:
        which = asked(
            tx,
            "2016-08",
            "2016-12",
            channel="微信",
            column="安监动态",
            origin="原创",
            account="青林应急",
        )
        assert 175 == len(posts_behind(tx, which))


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"channel": "抖音"}, InputError),
        ({"column": "没有"}, InputError),
        ({"origin": "?"}, InputError),
        ({"account": "没有"}, NotFound),
    ],
)
def test_list_asked_with_an_unknown_word_is_refused(full, store, words, error):
    """An empty list would look like a figure of nought."""
    with store.read() as tx, pytest.raises(error):
        asked(tx, "2016-08", "2016-12", **words)


@pytest.mark.parametrize(
    "text", ["2016", "2016-13", "2016-00", "2016-8", "二〇一六", "9999-01", ""]
)
def test_wrong_month_is_refused(text):
    """Year and month, nothing else."""
    with pytest.raises(InputError):
        months.between(text, "2016-12")


def test_period_that_ends_before_it_begins_is_refused():
    """Swapped months are a slip, not an empty report."""
    with pytest.raises(InputError):
        months.between("2016-12", "2016-08")


@given(st.datetimes(datetime(2010, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - bounds are naive
def test_any_moment_lies_inside_its_own_month(naive):
    """Months touch and do not overlap."""
    from scheduler.clock import from_beijing

    moment = from_beijing(naive)
    month = months.month_of(moment)
    assert months.start_of(month) <= moment < months.end_of(month)
    following = months.month_of(months.end_of(month) + timedelta(days=1))
    assert months.end_of(month) == months.start_of(following)


CELLS = st.lists(
    st.builds(
        Cell,
        st.just("2016-08"),
        st.sampled_from(["weibo", "wechat"]),
        st.integers(1, 3),
        st.sampled_from(["a", "a/b", "a/b/c", "a/bc", "d"]),
        st.sampled_from(["original", "reprint", "forward"]),
        st.integers(0, 9),
    ),
    max_size=20,
)


@given(CELLS)
def test_parts_add_up_to_the_whole_whatever_is_counted(cells):
    """Channels, origins, and the top columns each give the total; parents hold their children."""
    told = figures_of(cells, ("weibo", "wechat"), ("a", "a/b", "a/b/c", "a/bc", "d"))
    assert told.total == sum(both.total for both in told.channels.values())
    assert told.original == sum(both.original for both in told.channels.values())
    assert told.total == sum(told.origins.values())
    assert told.original == told.origins["original"]
    for channel, its in told.columns.items():
        assert told.channels[channel].total == its["a"] + its["d"]
        own = sum(cell.count for cell in cells if (cell.channel, cell.column) == (channel, "a"))
        assert its["a"] == own + its["a/b"] + its["a/bc"]

"""Every form a ledger file comes in gives the same posts."""

from __future__ import annotations

import pytest

from tests.ledger.make_ledger import HEADINGS, as_text, csv_bytes, make_rows, write_xlsx

ROWS = make_rows()[:40]


def said(planned):
    return "\n".join(note.text.format_map(note.params) for note in planned.notes)


def encoding(planned):
    return planned.encoding.text.format_map(planned.encoding.params)


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 (BOM)"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
    ],
)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_in_any_encoding_gives_every_row_and_says_which(desk, codec, named, separator):
    """The encoding is found, never asked, and named."""
    planned = desk.plan(csv_bytes(ROWS, encoding=codec, separator=separator))
    assert () == planned.errors
    assert 40 == len(planned.new)
    shown = {"\t": "Tab"}.get(separator, separator)
    assert f"CSV, {named}, separator {shown}" == encoding(planned)


def test_headings_in_another_order_give_the_same_rows(desk):
    """Columns are found by their heading."""
    mixed = (*HEADINGS[::-1],)
    straight = desk.plan(csv_bytes(ROWS)).new
    assert straight == desk.plan(csv_bytes(ROWS, headings=mixed)).new


def test_optional_columns_may_be_missing(desk):
    """A ledger without source, link and reads is read."""
    planned = desk.plan(csv_bytes(ROWS, headings=HEADINGS[:6]))
    assert () == planned.errors
    assert {("", "", None)} == {(line.source, line.link, line.reads) for line in planned.new}


def test_other_words_for_headings_platforms_and_blanks_in_them_are_known(desk):
    """帐号, 公众号 and a heading with a remark are what people write."""
    text = (
        "发布时间（北京时间）,发布平台,帐 号,栏目名称,性质,文章标题\n"
        "2016-8-15 9:00,微信公众号,甲,安全科普,原创,题\n"
    )
    (line,) = desk.plan(text.encode()).new
    assert ("wechat", "甲", "安全科普", "original", 2) == (
        line.channel, line.account, line.column, line.origin, line.row,
    )  # fmt: skip


def test_column_that_is_not_read_is_said_with_what_it_may_be(desk):
    """A misspelt optional heading must not lose its column in silence."""
    text = csv_bytes(ROWS).decode().replace("链接", "链结", 1)
    assert "链结 was not read. If it is 链接" in said(desk.plan(text.encode()))


@pytest.mark.parametrize("title", ["", "青林市应急局2016年微博微信发布台账"])
@pytest.mark.parametrize("totals", [False, True])
@pytest.mark.parametrize("times", ["cells", "text"])
def test_workbook_gives_the_same_rows_as_the_csv(desk, tmp_path, title, totals, times):
    """Title above, totals and signatures below, date cells or text: the same posts."""
    path = write_xlsx(tmp_path / "台账.xlsx", ROWS, title=title, totals=totals, times=times)
    planned = desk.plan(path)
    assert () == planned.errors
    from_csv = desk.plan(csv_bytes(ROWS)).new
    assert [line.digest for line in from_csv] == [line.digest for line in planned.new]
    first_row = 4 if title else 2
    assert list(range(first_row, first_row + 40)) == [line.row for line in planned.lines]
    below = first_row + 41
    skipped = f"Rows not read as posts: {below} (合计), {below + 1} (制表人：张三)."
    assert totals == (skipped in said(planned))


def test_every_sheet_with_a_header_is_read_and_others_are_named(desk, tmp_path):
    """One sheet per month is common; a hidden sheet is not read."""
    import openpyxl

    path = write_xlsx(tmp_path / "台账.xlsx", ROWS[:3])
    book = openpyxl.load_workbook(path)
    for name, rows in (("九月", ROWS[3:5]), ("说明", [])):
        sheet = book.create_sheet(name)
        sheet.append(list(HEADINGS) if rows else ["怎样填写"])
        for row in rows:
            sheet.append(as_text(row))
    book.create_sheet("旧").sheet_state = "hidden"
    book.save(path)
    planned = desk.plan(path)
    assert 5 == len(planned.new)
    assert "The sheet 说明 has no header row" in said(planned)
    assert "The hidden sheet 旧 was not read." in said(planned)


def test_blank_rows_and_a_cell_with_two_lines_keep_the_row_numbers(desk):
    """A row is named as the spreadsheet shows it."""
    text = (
        ",".join(HEADINGS) + "\n\n"
        '2016/8/15 10:00,微博,甲,安全科普,原创,"第一行\n第二行",,,\n'
        ",,,,,,,,\n"
        "2016/8/15 11:00,微博,甲,安全科普,原创,题,,,\n"
    )
    planned = desk.plan(text.encode())
    assert [3, 5] == [line.row for line in planned.new]
    assert "第一行 第二行" == planned.new[0].title


@pytest.mark.parametrize(
    "written",
    [
        "2016/08/15 10:00",
        "2016-8-15 10:00:00",
        "2016年8月15日 10:00",
        "2016年8月15日10时",
        "２０１６／８／１５　１０：００",
        "2016.8.15 上午10:00",
        "2016-08-15T10:00",
        "2016-08-15T02:00Z",
        "2016-08-15 11:00+09:00",
    ],
)
def test_times_as_people_write_them_are_one_moment(desk, written):
    """All are ten in the morning in Beijing."""
    row = f"{written},微博,甲,安全科普,原创,题"
    (line,) = desk.plan((",".join(HEADINGS[:6]) + "\n" + row).encode()).new
    assert "2016-08-15T02:00:00+00:00" == line.published_at.isoformat()


def test_naive_times_and_days_without_a_time_are_said(desk):
    """What was assumed stands in the dry run."""
    text = ",".join(HEADINGS[:6]) + "\n2016/8/15,微博,甲,安全科普,原创,题\n"
    words = said(desk.plan(text.encode()))
    assert "read as Beijing time (1 rows)" in words
    assert "1 rows have a date without a time of day" in words


@pytest.mark.parametrize(
    ("written", "reads"),
    [("140", 140), ("1,234", 1234), ("1.2万", 12_000), ("10万+", 100_000), ("-", None), ("", None)],
)
def test_reads_as_people_write_them_are_a_number(desk, written, reads):
    """Thousands separators and 万 are understood, a dash means unknown."""
    row = f'2016/8/15 10:00,微博,甲,安全科普,原创,题,,,"{written}"'
    (line,) = desk.plan((",".join(HEADINGS) + "\n" + row).encode()).new
    assert reads == line.reads


def test_link_is_kept_as_it_is(desk):
    """The ledger does not judge a link's form."""
    row = "2016/8/15 10:00,微博,甲,安全科普,原创,题,,HTTP://短链 a?b=1#c,"
    (line,) = desk.plan((",".join(HEADINGS) + "\n" + row).encode()).new
    assert "HTTP://短链 a?b=1#c" == line.link


def test_last_name_of_a_column_is_taken_and_said(desk):
    """安监动态 can only be 政务信息/安监动态."""
    row = "2016/8/15 10:00,微博,甲,安监动态,原创,题"
    planned = desk.plan((",".join(HEADINGS[:6]) + "\n" + row).encode())
    assert "政务信息/安监动态" == planned.new[0].column
    assert "The column 安监动态 is taken as 政务信息/安监动态." in said(planned)


def test_stray_cell_far_below_the_ledger_is_no_reason_to_refuse_it(desk, tmp_path):
    """A format dragged down to the end of the sheet leaves cells there; Excel shows nothing."""
    import openpyxl

    path = write_xlsx(tmp_path / "台账.xlsx", ROWS[:3])
    book = openpyxl.load_workbook(path)
    book.active.cell(300_001, 1).value = " "
    book.save(path)
    assert 3 == len(desk.plan(path).new)

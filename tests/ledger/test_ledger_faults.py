"""Every fault is named with file, row and column, all at once, and then nothing is written."""

from __future__ import annotations

from zipfile import ZipFile

import pytest

from scheduler.errors import InputError, NotAllowed, NotFound, RowErrors
from scheduler.ledger import intake, sheet
from scheduler.people import Actor, Role
from scheduler.tables import Account, table
from tests.ledger.conftest import AUTHOR, NOW
from tests.ledger.make_ledger import HEADINGS, csv_bytes, make_rows, write_xlsx

GOOD = ("2016/8/15 10:00", "微博", "甲", "安全科普", "原创", "题", "", "", "")


def one(**cells):
    names = dict(zip(HEADINGS, GOOD, strict=True)) | cells
    return ",".join(names[heading] for heading in HEADINGS)


def file(*rows):
    return "\n".join([",".join(HEADINGS), *rows]).encode()


def faults(planned):
    return [
        (fault.row, fault.column, fault.text.format_map(fault.params)) for fault in planned.errors
    ]


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("发布时间", "明天", "明天 is no time. Write it like 2016-08-15 10:00."),
        ("发布时间", "2016/2/30 10:00", "There is no such time as 2016/2/30 10:00."),
        ("发布时间", "16/8/15 10:00", "16/8/15 10:00 is no time. Write it like 2016-08-15 10:00."),
        (
            "发布时间",
            "2026/11/22 09:01",
            "2026-11-22 09:01 lies in the future; the ledger takes only what is out.",
        ),
        (
            "发布时间",
            "2006/8/15 10:00",
            "The year 2006 is before these platforms existed: a typing slip?",
        ),
        ("平台", "抖音", "抖音 is no platform we count. Write 微博 or 微信."),
        ("来源性质", "抄来", "抄来 is no origin. Write 原创, 转载 or 转发."),
        ("栏目", "安全科谱", "There is no column 安全科谱. Did you mean 安全科普?"),
        (
            "栏目",
            "政务信息/安监动太",
            "There is no column 政务信息/安监动太. Did you mean 政务信息/安监动态?",
        ),
        ("标题", "", "This cell is empty. (Merged cells must be split before the import.)"),
        ("账号", "", "This cell is empty. (Merged cells must be split before the import.)"),
        ("阅读数", "很多", "很多 is no count of reads. Write a whole number."),
        ("阅读数", "-5", "-5 is no count of reads. Write a whole number."),
    ],
)
def test_wrong_cell_is_named_with_row_and_column(desk, column, cell, words):
    """The third row of the file is wrong in one cell."""
    planned = desk.plan(file(one(), one(**{column: cell})))
    assert [(3, column, words)] == faults(planned)


def test_all_faults_of_all_rows_are_collected(desk):
    """A person mends a file in one go."""
    planned = desk.plan(file(one(平台="抖音", 栏目="无此栏目"), one(), one(来源性质="?")))
    assert [(2, "平台"), (2, "栏目"), (4, "来源性质")] == [
        (fault.row, fault.column) for fault in planned.errors
    ]


def test_one_fault_among_many_rows_writes_nothing(desk, store):
    """All or nothing, accounts and events included."""
    before = desk.count("event")
    planned = desk.plan(csv_bytes(make_rows()) + one(栏目="无此栏目").encode())
    with pytest.raises(RowErrors) as caught, store.write() as tx:
        intake.commit(tx, planned, AUTHOR, NOW)
    assert "台账.csv" == caught.value.file
    assert [(1039, "栏目")] == [(fault.row, fault.column) for fault in caught.value.rows]
    assert (0, 0, 0, before) == tuple(
        desk.count(name) for name in ("post", "story", "account", "event")
    )


def test_missing_heading_is_named_with_what_may_be_meant(desk):
    """No row is judged by a header that lacks something."""
    text = csv_bytes(make_rows()[:5]).decode().replace("来源性质", "来源姓质", 1)
    assert [
        (1, "来源性质", "The heading 来源性质 is missing. Did you mean it by 来源姓质?")
    ] == faults(desk.plan(text.encode()))


def test_heading_that_stands_twice_is_refused(desk):
    """Which of the two is right, only a person knows."""
    text = ",".join([*HEADINGS, "账号"]) + "\n" + one() + ",乙\n"
    assert [(1, "账号", "The heading 账号 stands here twice.")] == faults(desk.plan(text.encode()))


def test_file_without_a_header_row_says_which_headings_it_needs(desk):
    """The header may stand below a title, but there must be one."""
    ((row, _column, words),) = faults(desk.plan("今天天气很好,是的\n1,2\n".encode()))
    assert 1 == row
    assert "发布时间、平台、账号、栏目、来源性质、标题" in words


def test_broken_utf8_names_the_line(desk):
    """A damaged file must not be taken for another encoding."""
    data = csv_bytes(make_rows()[:10])
    lines = data.split(b"\r\n")
    lines[6] += b"\xb5\xff"
    with pytest.raises(RowErrors) as caught:
        desk.plan(b"\r\n".join(lines))
    assert [7] == [fault.row for fault in caught.value.rows]


def test_stray_quotation_mark_names_the_row_and_swallows_none(desk):
    """Read leniently, the rest of the file would become one title."""
    with pytest.raises(RowErrors) as caught:
        desk.plan(file(one(), one(标题='"安全月"启动'), one()))
    assert [3] == [fault.row for fault in caught.value.rows]


@pytest.mark.parametrize(
    "data", [b"", b" \n ", b"\xd0\xcf\x11\xe0 old workbook", b"PK\x03\x04 no workbook"]
)
def test_file_of_another_kind_says_what_to_do(desk, data):
    """Empty files, .xls and damaged workbooks are refused in words."""
    with pytest.raises(InputError):
        desk.plan(data)


def test_missing_file_is_not_found(tmp_path):
    """The path is named."""
    with pytest.raises(NotFound):
        sheet.read(tmp_path / "nothing.csv")


def test_reviewer_may_not_import(desk, store):
    """Importing needs author or operator."""
    planned = desk.plan(file(one()))
    reviewer = Actor(2, "李静", frozenset({Role.reviewer}))
    with pytest.raises(NotAllowed), store.write() as tx:
        intake.commit(tx, planned, reviewer, NOW)
    assert 0 == desk.count("post")


def test_title_of_two_accounts_is_an_error_in_every_row(desk, store):
    """A guess would put posts on the wrong account."""
    blank = {
        name: field.default
        for name, field in Account.model_fields.items()
        if name not in {"id", "name", "channel", "title"}
    }
    with store.write() as tx:
        for name in ("first", "second"):
            values = blank | {"name": name, "channel": "weibo", "title": "甲"}
            tx.execute(table(Account).insert().values(values))
    planned = desk.plan(file(one(), one(账号="first")))
    assert [
        (2, "账号", "Several accounts are called 甲: first, second. Write the internal name.")
    ] == faults(planned)


def test_damaged_workbook_says_to_save_it_again(desk, tmp_path):
    """A sheet cut off in the middle is not read in half."""
    whole = write_xlsx(tmp_path / "a.xlsx", make_rows()[:50])
    cut = tmp_path / "b.xlsx"
    with ZipFile(whole) as source, ZipFile(cut, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, part[: len(part) // 2] if "sheet1" in name else part)
    with pytest.raises(InputError, match=r"save it again as \.xlsx"):
        desk.plan(cut)

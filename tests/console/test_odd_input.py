"""Odd numbers, odd texts, odd files, the same form twice: a sentence, never a fault of ours."""

from __future__ import annotations

import re
import resource
import struct
import threading
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from scheduler.calendar import read_time
from scheduler.desk import paste
from scheduler.desk.story import STORY
from scheduler.desk.tables import Signature
from scheduler.errors import InputError
from scheduler.people import PERSON
from scheduler.planning.pauses import PAUSE
from scheduler.store.rules import DELIVERY, POST
from scheduler.tables import table
from tests.clocks import START
from tests.console.addresses import GETS, POSTS, Case
from tests.console.office import ALL, STRANGER, Office, docx, jpeg, office_in

pytestmark = pytest.mark.slow

MARK = b"<script>SECRET</script>"
NUMBERS = ("0", "-1", "9223372036854775807", "9223372036854775808", "9" * 30, "9" * 5000, "１",
           "1e3", "0x1", "x", "%00")  # fmt: skip
TEXTS = ("", " ", "\0", "a\0b", "\x1b[31m", "\u202eabc", "\uffff", "’--", "%s{x}",
         "{0.__class__}", "𝔘🧯", "9" * 400, "=1+1", "/" * 300)  # fmt: skip
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office; a test that changes it puts it back."""
    with office_in(tmp_path_factory.mktemp("office")) as made:
        yield made


# --- numbers and texts ----------------------------------------------------------------------------


@pytest.mark.parametrize("case", [one for one in (*GETS, *POSTS) if "_id}" in one.route
                                  or "{delivery}" in one.route or "{notice}" in one.route],
                         ids=lambda case: f"{case.route} {case.path}")  # fmt: skip
def test_number_that_is_none_in_an_address_is_not_found(office, case):
    method, _, path = case.route.partition(" ")
    verb = case.path.rpartition("/")[2] or "hold"
    answers = {}
    for number in NUMBERS:
        address = re.sub(r"{[a-z_]*(?:_id|delivery|notice)}", number, path)
        address = address.format(verb=verb, sha256="0" * 64)
        sent = office.ask(ALL, method, address, case.form(office, ALL) if method == "POST" else {})
        answers[number] = sent.status_code
    assert {400, 404, 405, 409} >= set(answers.values()), answers


def test_odd_words_in_an_address_are_answered(office):
    words = [case.route.partition(" ")[2] for case in GETS if "{" not in case.route]
    asked = ("page", "q", "state", "account", "day", "undo", "story", "from", "to", "month",
             "target", "column", "channel", "format", "kind", "number", "seen")  # fmt: skip
    days = ("0001-01-01", "9999-12-31", "0000-00", "9999-12", "0001-01")
    faults = []
    for path in words:
        for text in ("\0", "\uffff", "%s{x}", "’--", *days, "9" * 30):
            sent = office.ask(ALL, "GET", path, params=dict.fromkeys(asked, text))
            if sent.status_code >= 500:
                faults.append((path, text))
    assert [] == faults


FIELDS = sorted(
    {name for case in POSTS if isinstance(case.data, dict) for name in case.data}
    | set("back number order only link published_at account weibo.text wechat.title cover".split())
    | set("cover_at wechat.pictures seen fix quote occurrence secret.access_token app_id".split())
    | set("uid next kept name reason at".split())
)
ODD = st.one_of(
    st.sampled_from([*TEXTS, *NUMBERS[:6], "+9999999999d", "9999-12-31 23:59", "0001-01-01 00:00"]),
    st.text(max_size=40),
)
SENT = st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=4)


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(case=st.sampled_from(POSTS), odd=SENT, whole=st.booleans())
def test_no_form_makes_a_fault_whatever_stands_in_it(office, case, odd, whole):
    form = {**(case.form(office, ALL) if whole else {}), **odd}
    form = {key: str(value).encode("utf-8", "replace") for key, value in form.items()}
    sent = office.ask(ALL, "POST", case.address(office, ALL), form, case.files)
    if sent.headers.get("location", "").startswith("/login"):
        office.restore()  # it logged out or changed its password
    assert sent.status_code < 500


def test_odd_forms_leave_the_office_usable(office):
    office.restore()
    assert 200 == office.ask(ALL, "GET", "/").status_code


@pytest.mark.parametrize(
    ("path", "field"),
    [("/stop", "reason"), ("/queue/{queued}/hold", "reason"), ("/queue/{queued}/cancel", "reason"),
     ("/doubts/{uncertain}/failed", "reason"), ("/stories/{draft}/submit", "note"),
     ("/people", "title"), ("/people", "name"), ("/setup/bureau", "name"),
     ("/review/{own}/return", "reason"), ("/review/{waiting}/comments", "comment"),
     ("/accounts/weibo-main/retire", "reason"), ("/login", "name")],
)  # fmt: skip
def test_megabyte_in_a_line_is_refused_with_a_sentence(office, path, field):
    before = office.dump()
    form = {"number": "1", "name": "新人", "password": "x" * 20, field: "字" * 300_000}
    sent = office.ask(ALL, "POST", path.format(**office.ids), form)
    assert sent.status_code in {400, 403, 409}
    assert office.dump() == before


@pytest.mark.parametrize(
    "said", ["+99999999999d", "9999-12-31 23:59", "0001-01-01 00:00", "+" + "9" * 5000 + "s"]
)
def test_time_at_the_ends_of_the_calendar_is_no_time(said):
    with pytest.raises(InputError, match="is not a time"):
        read_time(said, START)


def test_move_of_a_delivery_that_is_not_there_is_not_found(office):
    sent = office.ask(ALL, "POST", "/queue/4711/move", {"at": "2026-11-28 10:00"})
    assert (404, True) == (sent.status_code, "4711" in sent.text)


# --- texts made to hold the console up ------------------------------------------------------------


@pytest.mark.parametrize(
    "markup",
    ["<p>" + "\n" * 200_000 + "x</p>", "<p>" + "<br>" * 50_000 + "x</p>", "<strong>" * 30_000,
     "<b>" * 20_000 + "</i>" * 20_000, "<blockquote>" * 20_000, "<p>x" * 20_000,
     "<p>" + "<strong>" * 20_000 + "x" + "</strong>" * 20_000 + "</p>"],
    ids=["lines", "breaks", "bold", "unclosed", "quotes", "paragraphs", "native"],
)  # fmt: skip
def test_pasted_text_is_read_in_a_time_that_grows_with_its_length(markup):
    took = threading.Thread(target=paste.body_of, args=(markup,), daemon=True)
    took.start()
    took.join(60)  # a square of the length would be an hour; a busy machine needs some seconds
    assert not took.is_alive()
    assert paste.body_of(markup).body.count("<strong>") <= paste.DEPTH_MAX


# --- files ----------------------------------------------------------------------------------------


def picture(kind: str, mode: str = "RGB", **how: Any) -> bytes:
    """Give a picture with notes of where it was taken, and something behind its end."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    file = BytesIO()
    image = Image.radial_gradient("L").convert(mode)
    image.save(file, kind, exif=exif, comment=b"SECRET", **how)
    return file.getvalue() + MARK


@pytest.mark.parametrize(
    ("data", "kind"),
    [(picture("JPEG"), "image/jpeg"), (picture("JPEG", "CMYK"), "image/jpeg"),
     (picture("PNG"), "image/png"), (picture("GIF", "P"), "image/gif")],
    ids=["jpeg", "cmyk", "png", "gif"],
)  # fmt: skip
def test_picture_is_served_as_what_it_is_and_without_what_is_no_picture(office, data, kind):
    sent = office.ask("author", "POST", "/media", files={"file": ("a.html", data, "text/html")})
    address = f"/media/{sent.json()['sha256']}"
    shown = office.ask("plain", "GET", address)
    assert (200, kind) == (shown.status_code, shown.headers["content-type"])
    assert b"SECRET" not in shown.content
    assert (256, 256) == Image.open(BytesIO(shown.content)).size
    assert 303 == office.ask(STRANGER, "GET", address).status_code
    office.restore()


def bomb_png(side: int) -> bytes:
    """Give a small PNG that says it is `side` pixels wide and high."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return PNG_HEAD + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [b"<svg onload=alert(1)>", b"<html><script>1</script>", bomb_png(100_000), bomb_png(8_000),
     b"GIF89a" + MARK, b"%PDF-1.7", jpeg()[:200], b"", b"\xff\xd8\xff" + MARK],
    ids=["svg", "html", "huge", "large", "gif", "pdf", "cut", "empty", "head"],
)  # fmt: skip
def test_file_that_is_no_bearable_picture_is_refused(office, data):
    before = office.dump()
    sent = office.ask("author", "POST", "/media", files={"file": ("a.jpg", data, "image/jpeg")})
    assert (400, "error") == (sent.status_code, next(iter(sent.json())))
    assert before == office.dump()


@pytest.mark.parametrize("name", ["../../x", "0" * 63, "0" * 64 + ".jpg", "%2e%2e%2fqueue.db"])
def test_picture_address_reads_no_other_file(office, name):
    assert 404 == office.ask(ALL, "GET", f"/media/{name}").status_code
    assert 404 == office.ask(ALL, "GET", f"/static/..%2f{name}").status_code


SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = f'<worksheet xmlns="{SHEET}"><sheetData>'
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))


def book(sheet: str) -> bytes:
    """Give a workbook whose only sheet is this XML."""
    plain, made = BytesIO(), BytesIO()
    openpyxl.Workbook().save(plain)
    with ZipFile(plain) as source, ZipFile(made, "w", ZIP_DEFLATED) as parts:
        for name in source.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            parts.writestr(name, sheet if is_sheet else source.read(name))
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "status"),
    [(book(HEAD + '<row r="1"/><row r="4000000000"><c r="A4000000000"><v>1</v></c></row>'
          "</sheetData></worksheet>"), 400),
     (book(HEAD + "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 4000))
          + "</sheetData></worksheet>"), 200),
     (book(f'<!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]>{HEAD}<row r="1"><c r="A1" t="inlineStr">'
          "<is><t>&e8;</t></is></c></row></sheetData></worksheet>"), 400),
     (book(f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{HEAD}<row r="1">'
          '<c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'), 400)],
    ids=["rows", "columns", "entities", "file"],
)  # fmt: skip
def test_workbook_made_to_fill_the_memory_fills_nothing(office, data, status):
    sent = office.ask("author", "POST", "/ledger/import", files={"file": ("a.xlsx", data)})
    page = office.ask("author", "GET", sent.headers["location"])
    assert (status, False) == (page.status_code, "root:" in page.text)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1024 * 1024  # KB: a gigabyte
    office.restore()


def test_word_file_that_unfolds_to_too_much_is_refused(office):
    made = BytesIO(docx("正文"))
    with ZipFile(made, "a", ZIP_DEFLATED) as parts:
        parts.writestr("word/more.xml", b"<x>" * 20_000_000)
    assert len(made.getvalue()) < 1_000_000
    sent = office.ask(
        "author", "POST", "/stories/word", files={"word": ("a.docx", made.getvalue())}
    )
    assert (True, False) == ("unfolds" in sent.text, "<x>" in sent.text)


# --- the same form twice at once ------------------------------------------------------------------


def find(route: str, path: str = "") -> Case:
    """Give a line of the table."""
    return next(case for case in POSTS if case.route == route and path in case.path)


@pytest.mark.parametrize(
    ("case", "counted"),
    [(find("POST /stories"), STORY), (find("POST /queue/add"), DELIVERY),
     (find("POST /people"), PERSON), (find("POST /stop"), PAUSE),
     (find("POST /review/{story_id}/approve"), table(Signature)),
     (find("POST /ledger/import/{mark}/write"), POST)],
    ids=lambda one: getattr(one, "route", ""),
)  # fmt: skip
def test_form_sent_twice_at_once_does_one_thing(office, case, counted):
    def count() -> int:
        with office.store.read() as tx:
            return int(tx.execute(select(func.count()).select_from(counted)).scalar_one())

    before, gate, statuses = count(), threading.Barrier(4), []

    def send() -> None:
        form, files = case.form(office, ALL), case.files
        address = case.address(office, ALL)
        gate.wait()
        statuses.append(office.ask(ALL, "POST", address, form, files).status_code)

    senders = [threading.Thread(target=send) for _turn in range(4)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert 1 == count() - before
    assert 303 in statuses
    assert max(statuses) < 500
    office.restore()
    assert START == office.now

"""Word files: what of them becomes a story, and what is refused with words."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from scheduler.desk import word
from scheduler.errors import InputError
from tests.desk.conftest import picture_bytes
from tests.word_files import PICTURE, docx, paragraph

SHA = "c" * 64


def keep(data: bytes, _name: str) -> str:
    return SHA if data.startswith(b"\xff\xd8") else ""


def test_headings_bold_table_and_picture_come_along():
    table = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>氧</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    body = (
        paragraph("有限空间三步走", "Title")
        + paragraph("第一步", "Heading1")
        + paragraph("先通风", bold=True)
        + table
        + PICTURE
    )
    read = word.read(docx(body, picture_bytes()), "通知.docx", keep)
    expected = (
        "<h2>第一步</h2><p><strong>先通风</strong></p>"
        "<table><tbody><tr><td><p>氧</p></td></tr></tbody></table>"
        f'<p><img src="media:{SHA}" alt="井口"></p>'
    )
    assert ("有限空间三步走", expected, 0) == (read.title, read.body, read.lost_pictures)


def test_picture_that_is_none_is_counted():
    read = word.read(docx(PICTURE, b"EMF"), "a.docx", keep)
    assert ("a", "", 1) == (read.title, read.body, read.lost_pictures)


@pytest.mark.parametrize(
    ("first", "title", "body"),
    [
        ("关于开展检查的通知", "关于开展检查的通知", "<p>正文。</p>"),
        ("这是一个完整的句子。", "文件名", "<p>这是一个完整的句子。</p><p>正文。</p>"),
        ("字" * 61, "文件名", f"<p>{'字' * 61}</p><p>正文。</p>"),
    ],
)
def test_first_line_is_the_title_when_it_looks_like_one(first: str, title: str, body: str):
    read = word.read(docx(paragraph(first) + paragraph("正文。")), "文件名.docx", keep)
    assert (title, body) == (read.title, read.body)


def test_script_in_a_document_stays_text():
    read = word.read(
        docx(paragraph("正文。") + paragraph("&lt;script&gt;x&lt;/script&gt;")), "a", keep
    )
    assert "<p>正文。</p><p>&lt;script&gt;x&lt;/script&gt;</p>" == read.body


def unfolding() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b"\0" * (word.UNFOLDED_MAX_BYTES + 1))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99, "old Word"),
        (b"%PDF-1.7", "no Word file"),
        (b"PK\x03\x04 broken", "no Word file"),
        (b"x" * (word.SIZE_MAX_BYTES + 1), "larger than"),
        (docx("<w:p><w:r>"), "damaged"),
        (
            docx(paragraph("正文"), document='<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'),
            "damaged",
        ),
    ],
    ids=["empty", "old", "pdf", "zip", "large", "cut", "foreign"],
)
def test_what_is_no_word_file_is_refused_with_words(data: bytes, said: str):
    with pytest.raises(InputError, match=said):
        word.read(data, "a.docx", keep)


def test_document_that_unfolds_without_end_is_refused():
    with pytest.raises(InputError, match="unfolds"):
        word.read(unfolding(), "a.docx", keep)

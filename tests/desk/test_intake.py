"""Story files: what is read out of them, and how a bad one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.content import media_in
from scheduler.desk import intake
from scheduler.desk.draft import StoryFaults
from scheduler.errors import InputError
from tests.desk.conftest import TEXT, Desk, picture_bytes

EXAMPLES = sorted((Path(__file__).parents[2] / "examples/stories").glob("*.md"))
COLUMNS = [
    "政务信息",
    "政务信息/政务公开",
    "政务信息/审批事项",
    "政务信息/安监动态",
    "安全科普",
    "推送新闻",
]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_story_is_read_without_a_fault(path: Path):
    """Every story we ship is a good one, its pictures in the body and among the originals."""
    draft = intake.read(path, COLUMNS)
    assert draft.title
    assert draft.cover is not None
    assert [one.sha256 for one in draft.body_pictures] == list(dict.fromkeys(media_in(draft.body)))
    assert {one.sha256 for one in draft.body_pictures} <= {one.sha256 for one in draft.originals}
    assert all(one.alt for one in draft.body_pictures)
    assert not draft.cover.data


def test_good_file_gives_body_pictures_and_descriptions(desk: Desk):
    """The body is canonical HTML; a picture's description is found where it stands."""
    draft = desk.read()
    assert draft.body.startswith(
        "<h2>三步走</h2><p><strong>先通风。</strong> 打开进出口。</p><p><img"
    )
    assert ["风机"] == [one.alt for one in draft.body_pictures]
    assert draft.cover is not None
    assert "井口的三脚架" == draft.cover.alt
    pictures = draft.variants["weibo"].pictures
    assert pictures is not None
    assert ["风机"] == [one.alt for one in pictures]
    assert 2 == len(draft.originals)


def test_table_and_chinese_line_ends_are_kept_as_meant(desk: Desk):
    """A line end between Chinese letters is no blank; a table stays a table."""
    draft = desk.read(TEXT + "\n第一行\n第二行 and\nmore\n\n| 甲 | 乙 |\n|---|---:|\n| 1 | 2 |\n")
    assert "<p>第一行第二行 and more</p>" in draft.body
    assert "<table><thead><tr><th>甲</th><th>乙</th></tr></thead>" in draft.body


def refused(desk: Desk, text: str) -> str:
    with pytest.raises(InputError) as caught:
        desk.read(text)
    return str(caught.value)


BAD = {
    "no front matter": ("# 标题", "line 1"),
    "no second fence": ('+++\ntitle = "x"\n', "second line +++"),
    "broken toml": ('+++\ntitle = "x"\ncolumn = 安全\n+++\n', "line 3"),
    "unknown key": (TEXT.replace("author =", "auther ="), "Did you mean author?"),
    "unknown section key": (TEXT.replace("text =", "txt ="), "Did you mean text?"),
    "unknown column": (TEXT.replace('"安全科普"', '"安全科谱"'), "Did you mean 安全科普?"),
    "no title": (TEXT.replace('title = "有限空间作业三步走"\n', ""), "key title is missing"),
    "unknown origin": (TEXT.replace("[weibo]", 'origin = "orignal"\n[weibo]'), "original?"),
    "number for text": (TEXT.replace('"示例应急"', "7"), "author at the top of the file must be"),
    "missing cover": (TEXT.replace("cover.jpg", "cover.jpeg"), "the key cover"),
    "missing picture in the text": (TEXT.replace("(body.png)", "(bild.png)"), "line 19"),
    "picture from the net": (TEXT.replace("(body.png)", "(https://a.cn/b.png)"), "is an address"),
    "html block": (TEXT + "\n<div>大字</div>\n", "line 21: <div>"),
    "html in a line": (TEXT + "\n一<b>二</b>\n", "line 21: <b> is HTML"),
    "relative link": (TEXT + "\n见[附件](../a.docx)。\n", "../a.docx"),
    "script link": (TEXT + "\n见[附件](ftp://a.cn/x)。\n", "ftp://a.cn/x"),
    "visible asterisks": (TEXT + "\n**“爆仓”**是大事\n", "line 21"),
    "pictures no list": (TEXT.replace('["body.png"]', '"body.png"'), "must be a list"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD.keys())
def test_bad_file_is_refused_naming_file_and_place(desk: Desk, text: str, says: str):
    """The message names the file and the line or key, and what to do."""
    message = refused(desk, text)
    assert "story.md" in message
    assert says in message


def test_several_faults_are_said_together(desk: Desk):
    """A file with three faults is mended in one go."""
    text = TEXT.replace("author =", "auther =").replace("(body.png)", "(no.png)")
    with pytest.raises(StoryFaults) as caught:
        desk.read(text.replace("安全科普", "科普"))
    assert 3 == len(caught.value.faults)


def test_file_in_another_encoding_is_refused(desk: Desk):
    """GB18030 is not guessed at: a wrong guess would be published."""
    path = desk.folder / "gb.md"
    path.write_bytes(TEXT.encode("gb18030"))
    with pytest.raises(InputError) as caught:
        intake.read(path, COLUMNS)
    assert "UTF-8" in str(caught.value)


def test_windows_file_reads_like_any_other(desk: Desk):
    """A byte order mark and CRLF make no other story."""
    plain = desk.read()
    path = desk.folder / "windows.md"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert plain == intake.read(path, COLUMNS)


def test_picture_that_is_none_is_refused_by_its_bytes(desk: Desk):
    """The name says PNG, the bytes say WebP."""
    (desk.folder / "body.png").write_bytes(picture_bytes("WEBP"))
    message = refused(desk, TEXT)
    assert "WebP" in message
    assert "JPEG" in message


def test_absent_file_is_refused(tmp_path: Path):
    """No traceback for a slip of the pen."""
    with pytest.raises(InputError) as caught:
        intake.read(tmp_path / "no.md", COLUMNS)
    assert "no.md" in str(caught.value)

"""`fabu story` and `fabu review`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler import config
from scheduler.people import SETUP, Role, add_person, issue_token
from scheduler.store import open_store
from tests.clocks import START
from tests.conftest import Fabu
from tests.desk.conftest import TEXT, picture_bytes

EXAMPLES = Path(__file__).parents[2] / "examples" / "stories"
ACCOUNTS = """
[account.weibo-main]
channel = "weibo"
safe_domain = "www.example.gov.cn"

[account.wechat-main]
channel = "wechat"
app_id = "wx0000000000000000"
"""


@pytest.fixture
def second(home: Path, tmp_path: Path) -> str:
    """Give the token of 李强, a reviewer in a home with two accounts and a story beside it."""
    path = home / "config.toml"
    path.write_text(path.read_text(encoding="utf-8") + ACCOUNTS, encoding="utf-8")
    (tmp_path / "story.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "cover.jpg").write_bytes(picture_bytes())
    (tmp_path / "body.png").write_bytes(picture_bytes("PNG", tone=9))
    store = open_store(config.load(path).database_url)
    with store.write() as tx:
        actor = add_person(tx, SETUP, "李强", [Role.reviewer], now=START)
        token = issue_token(tx, actor, now=START)
    store.close()
    return token


def test_story_goes_from_file_to_signature(
    fabu: Fabu, second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The author adds and hands in; another person signs; every list says so."""
    added = fabu("story", "add", tmp_path / "story.md")
    assert (0, "") == (added.code, added.err)
    assert "Story 1: 有限空间作业三步走 (2 accounts)" in added.out
    assert 0 == fabu("story", "submit", "1", "--note", "请看数字").code
    waiting = json.loads(fabu("review", "list", "--json").out)
    assert [(1, 1, "请看数字")] == [
        (one["story_id"], one["number"], one["note"]) for one in waiting
    ]
    own = fabu("review", "approve", "1")
    assert 1 == own.code
    assert "wrote story 1" in own.err
    monkeypatch.setenv("FABU_ACTOR_TOKEN", second)
    signed = fabu("review", "approve", "1", "--version", "1")
    assert (0, "") == (signed.code, signed.err)
    listed = json.loads(fabu("story", "list", "--json", "--state", "approved").out)
    assert [(1, "approved", 2, 2)] == [
        (one["id"], one["review"], one["posts"], one["signed"]) for one in listed
    ]


def test_story_show_gives_text_posts_and_versions(fabu: Fabu, second: str, tmp_path: Path):
    """One view for people, the same as data."""
    fabu("story", "add", tmp_path / "story.md")
    fabu("story", "submit", "1")
    shown = fabu("story", "show", "1")
    assert 0 == shown.code
    for words in ("有限空间作业三步走", "打开进出口", "weibo-main", "in review"):
        assert words in shown.out
    data = json.loads(fabu("story", "show", "1", "--json").out)
    assert ["weibo-main", "wechat-main"] == [post["account"] for post in data["posts"]]
    assert "井口的三脚架" == data["posts"][1]["content"]["cover"]["alt"]
    assert [1] == [version["number"] for version in data["versions"]]


def test_folder_is_added_whole_and_a_bad_file_stops_no_other(
    fabu: Fabu, second: str, tmp_path: Path
):
    """The good ones are in, the bad one is named, the status says that not all went well."""
    (tmp_path / "bad.md").write_text(TEXT.replace("安全科普", "安全科谱"), encoding="utf-8")
    ran = fabu("story", "add", tmp_path)
    assert 1 == ran.code
    assert "Did you mean 安全科普?" in ran.err
    assert "1 stories added, 1 files with faults." in ran.out


def test_examples_are_added_and_handed_in(fabu: Fabu, second: str):
    """What we ship goes through without a word that must be heeded."""
    added = json.loads(fabu("story", "add", EXAMPLES, "--json").out)
    assert 14 == len(added)
    assert [] == [one for one in added if one["id"] is None]
    ran = fabu("story", "submit", *(one["id"] for one in added))
    assert (0, "") == (ran.code, ran.err)


def test_must_finding_is_printed_with_the_draft_and_stops_the_submission(
    fabu: Fabu, second: str, tmp_path: Path
):
    """141 characters may be written down, not handed in."""
    long = TEXT.replace("三步走：", "三步走：" + "很长" * 80)
    (tmp_path / "story.md").write_text(long, encoding="utf-8")
    added = fabu("story", "add", tmp_path / "story.md")
    assert 0 == added.code
    assert "Must be mended before it is submitted:" in added.out
    ran = fabu("story", "submit", "1")
    assert 1 == ran.code
    assert "Shorten it to 140" in ran.err


def test_edit_says_who_needs_a_new_signature(fabu: Fabu, second: str, tmp_path: Path):
    """Only the article has changed."""
    fabu("story", "add", tmp_path / "story.md")
    (tmp_path / "story.md").write_text(TEXT.replace("进出口。", "进出口！"), encoding="utf-8")
    ran = fabu("story", "edit", "1", tmp_path / "story.md")
    assert 0 == ran.code
    assert "Changed, to be signed anew: wechat-main" in ran.out
    assert "Unchanged: weibo-main" in ran.out


def test_return_needs_a_reason(
    fabu: Fabu, second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nobody can be asked here, so the option is missing."""
    fabu("story", "add", tmp_path / "story.md", "--account", "weibo-main")
    fabu("story", "submit", "1")
    monkeypatch.setenv("FABU_ACTOR_TOKEN", second)
    assert 1 == fabu("review", "return", "1").code
    assert 0 == fabu("review", "return", "1", "--reason", "数字不对").code
    assert "数字不对" in fabu("story", "show", "1").out


def test_drop_takes_a_story_off_one_account(fabu: Fabu, second: str, tmp_path: Path):
    """The other account keeps it."""
    fabu("story", "add", tmp_path / "story.md")
    assert 0 == fabu("story", "drop", "1", "weibo-main").code
    data = json.loads(fabu("story", "show", "1", "--json").out)
    assert ["wechat-main"] == [post["account"] for post in data["posts"]]

"""Comments and gates on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Fabu
from tests.desk.test_cli_story import second

__all__ = ["second"]


@pytest.fixture
def waiting(
    fabu: Fabu, second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """Let story 1 wait, and 李强 sit at the terminal."""
    fabu("story", "add", tmp_path / "story.md")
    assert 0 == fabu("story", "submit", "1").code
    monkeypatch.setenv("FABU_ACTOR_TOKEN", second)
    return monkeypatch


def test_comment_is_listed_settled_and_opened_again(fabu: Fabu, waiting):
    ran = fabu("review", "comment", "1", "次序请核对", "--quote", "先通风、再检测")
    assert (0, "✓ Comment 1 stands on version 1 of story 1.\n") == (ran.code, ran.out)
    shown = fabu("story", "show", "1").out
    for words in ("先通风、再检测", "次序请核对", "李强", "open"):
        assert words in shown
    assert 0 == fabu("review", "settle", "1", "1").code
    assert "settled by 李强" in fabu("story", "show", "1").out
    assert 0 == fabu("review", "settle", "1", "1", "--again").code
    (told,) = json.loads(fabu("story", "show", "1", "--json").out)["comments"]
    assert ("weibo-main", "text", 1) == (
        told["place"]["account"], told["place"]["field"], told["place"]["occurrence"],
    )  # fmt: skip


def test_comment_is_put_on_the_named_account_and_taken_back(fabu: Fabu, waiting):
    fabu("review", "comment", "1", "改", "--quote", "三步走", "--account", "wechat-main")
    fabu("review", "comment", "1", "整体太长")
    told = json.loads(fabu("story", "show", "1", "--json").out)["comments"]
    assert ["wechat-main", ""] == [one["place"]["account"] for one in told]
    assert "the whole story" in fabu("story", "show", "1").out
    assert 0 == fabu("review", "withdraw", "1", "2").code
    assert 1 == fabu("review", "withdraw", "1", "2").code
    assert 1 == len(json.loads(fabu("story", "show", "1", "--json").out)["comments"])


def test_words_nobody_wrote_are_not_quoted(fabu: Fabu, waiting):
    ran = fabu("review", "comment", "1", "改", "--quote", "没有的话")
    assert (1, True) == (ran.code, "do not stand in the text" in ran.err)


def test_return_names_the_gates_it_failed(fabu: Fabu, waiting):
    unknown = fabu("review", "return", "1", "--reason", "改", "--gate", "grammar")
    assert (1, True) == (unknown.code, "There is no gate grammar" in unknown.err)
    gates = ("--gate", "wording", "--gate", "law")
    assert 0 == fabu("review", "return", "1", "--reason", "口径", *gates).code
    shown = fabu("story", "show", "1").out
    assert "Failed: Law, Wording" in shown
    assert "口径" in shown


def test_approval_is_shown_with_all_five_gates(fabu: Fabu, waiting):
    assert 0 == fabu("review", "approve", "1").code
    assert "All five gates are passed." in fabu("story", "show", "1").out

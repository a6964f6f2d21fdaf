"""Errors: one sentence for every face, and a command for those who sit at a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from scheduler.errors import Conflict, FabuError, NotFound
from scheduler.words import moment, say, speak


def test_terminal_hears_the_command_and_a_page_does_not():
    error = NotFound("There is no story {id}.", command="fabu story show {id}", id=7)
    assert "There is no story 7." == error.sentence
    assert "There is no story 7. Command: fabu story show 7" == str(error)
    with speak("zh_CN"):
        assert ("没有稿件 7。", "没有稿件 7。命令：fabu story show 7") == (
            error.sentence,
            str(error),
        )


def test_error_without_a_command_is_its_sentence():
    error = Conflict("Delivery {id} is not held.", id=3)
    assert error.sentence == str(error) == "Delivery 3 is not held."
    assert "command" not in FabuError("x", command="fabu status").params


def test_commands_that_exclude_each_other_never_run_together_when_pasted():
    error = Conflict("Choose.", command="fabu queue cancel {id} | fabu queue resolve {id}", id=7)
    assert "Choose. Command: fabu queue cancel 7 or: fabu queue resolve 7" == str(error)
    with speak("zh_CN"):
        assert "或者：" in str(error)


def test_moment_in_a_sentence_is_said_in_beijing_time():
    at = datetime(2026, 11, 27, 5, 10, tzinfo=UTC)
    assert "Nov 27, 2026 13:10" == say("{at}", {"at": at}) == say("{at}", {"at": moment(at)})
    with speak("zh_CN"):
        assert "2026 年 11 月 27 日 13:10" == say("{at}", {"at": at})

"""Nothing unreviewed goes out: not before the claim, not between claim and arm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Desk, until

pytestmark = pytest.mark.slow


def _edit(desk: Desk, story: int, name: str) -> None:
    desk.run("story", "edit", str(story), str(desk.copy(name, "!")))


def test_a_story_nobody_approved_stays_in_the_queue_and_says_why(desk: Desk) -> None:
    """A queued story without a signature does not leave; the queue names it."""
    story = desk.story("01", accounts=["weibo"])
    waiting = desk.queue(story, "weibo")
    ready = desk.queue(desk.signed("02", accounts=["weibo"]), "weibo")
    desk.start()
    desk.reaches(ready, "published")
    seen = desk.delivery(waiting)
    assert "queued" == seen["state"]
    assert any("is not approved" in reason for reason in seen["why_not"])
    assert 1 == desk.counts()["weibo"]


def test_one_character_after_the_approval_keeps_it_in_the_queue(desk: Desk) -> None:
    """A signature covers the very bytes: the changed story waits for a new one, then goes."""
    story = desk.signed("01", accounts=["weibo"])
    number = desk.queue(story, "weibo", at="+4s")
    _edit(desk, story, "01")
    other = desk.queue(desk.signed("02", accounts=["weibo"]), "weibo", at="+4s")
    desk.start()
    desk.reaches(other, "published")
    seen = desk.delivery(number)
    assert "queued" == seen["state"]
    assert any("approv" in reason for reason in seen["why_not"])
    assert 1 == desk.counts()["weibo"]
    desk.run("story", "submit", str(story))
    desk.run("review", "approve", str(story), "--yes", person="周敏")
    desk.reaches(number, "published")
    assert 2 == desk.counts()["weibo"]


def test_a_change_between_claim_and_arm_stops_the_speaking(desk: Desk) -> None:
    """While the draft is being made the text changes: the platform never hears the old one."""
    story = desk.signed("01", accounts=["wechat"])
    desk.control("faults", call="draft/add", fault="delay", params={"seconds": 4})
    number = desk.queue(story, "wechat")
    desk.start()
    until(lambda: desk.calls("material/add_material"), "the upload to begin")
    assert "publishing" == desk.delivery(number)["state"]
    _edit(desk, story, "01")
    seen = desk.reaches(number, "queued")
    assert any("approv" in reason for reason in seen["why_not"])
    assert [] == desk.calls("freepublish/submit")
    verbs = [line["verb"] for line in seen["history"]]
    assert "arm" not in verbs
    assert "release" in verbs


def test_a_pause_pressed_during_the_uploads_stops_the_speaking(desk: Desk) -> None:
    """A pause reaches also what is being prepared; lifting it sends the delivery."""
    number = desk.queue(desk.signed("01", accounts=["wechat"]), "wechat")
    desk.control("faults", call="draft/add", fault="delay", params={"seconds": 3})
    desk.start()
    until(lambda: desk.calls("material/add_material"), "the upload to begin")
    desk.run("pause", "wechat", "--reason", "演练")
    seen = desk.reaches(number, "queued")
    assert any("paused" in reason for reason in seen["why_not"])
    assert [] == desk.calls("freepublish/submit")
    desk.run("resume", "wechat")
    desk.reaches(number, "published")
    assert 1 == desk.counts()["wechat"]


def test_the_author_may_not_approve(desk: Desk) -> None:
    """The second pair of eyes belongs to somebody else."""
    story = desk.story("01", accounts=["weibo"])
    desk.run("story", "submit", str(story))
    refused = desk.run("review", "approve", str(story), "--yes", status=1)
    assert "may not decide" in refused.stderr


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "字" * 141}, "12 more than Weibo takes"),
        ({"link": "https://elsewhere.example.org/a.html"}, "No link in the post leads"),
        ({"cover": ""}, "cover"),
    ],
)
def test_what_the_platform_would_refuse_is_refused_before_queueing(
    desk: Desk, change: dict[str, str], code: str
) -> None:
    """A 141-character text, a foreign link and a missing cover stop `queue add` with what to do."""
    path = desk.copy("01")
    _write(path, change)
    account = "wechat" if "cover" in change else "weibo"
    story = desk.json("story", "add", str(path), "--account", account)[0]["id"]
    refused = desk.run("queue", "add", str(story), "--account", account, status=1)
    assert code in refused.stderr
    assert [] == desk.json("queue", "list")


def _write(path: Path, change: dict[str, str]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for key, value in change.items():
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{key} ="))
        lines[at] = f'{key} = "{value}"' if value else ""
    path.write_text("\n".join(line for line in lines) + "\n", encoding="utf-8")

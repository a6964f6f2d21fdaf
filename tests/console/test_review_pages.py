"""Review in the console: read as readers will see it, signed by somebody else or sent back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import requests

from scheduler import accounts, config
from scheduler.people import Actor, Role, actor_named
from scheduler.planning import place
from tests.console.conftest import Browser, Site
from tests.console.test_stories import saved, seen, typed, write

EVIL = "<script>alert(1)</script>"
MARKED = re.compile(r'<(ins|del)[^>]*><span class="hidden">([^<]*) </span>([^<]*)</(?:ins|del)>')
GATES = ("Politics", "Law", "Policy", "Secrecy", "Wording")


@pytest.fixture
def author(site: Site) -> Browser:
    return site.person("李静", "author", "reviewer")


@pytest.fixture
def reviewer(site: Site) -> Browser:
    return site.person("周明", "reviewer")


def submitted(browser: Browser, **other: object) -> int:
    story_id = write(browser, **other)
    assert 303 == browser.post(f"/stories/{story_id}/submit").status_code
    return story_id


def test_story_is_written_submitted_and_signed_by_another(site, author, reviewer):
    story_id = submitted(author)
    assert f"/review/{story_id}" in reviewer.get("/review").text
    page = reviewer.get(f"/review/{story_id}").text
    assert "再检测、后作业" in page
    asked = reviewer.get(f"/review/{story_id}/approve?number=1").text
    assert "示例应急" in asked
    assert "in_review" == saved(site, story_id).review, "asking signs nothing"
    assert 303 == reviewer.post(f"/review/{story_id}/approve", {"number": "1"}).status_code
    shown = saved(site, story_id)
    assert ("approved", True) == (shown.review, shown.posts[0].is_signed)


def test_author_finds_nothing_to_sign_and_can_sign_nothing(site, author):
    story_id = submitted(author)
    assert f"/review/{story_id}" not in author.get("/review").text
    page = author.get(f"/review/{story_id}").text
    assert 'id="approve"' not in page
    asked = author.get(f"/review/{story_id}/approve?number=1")
    assert (403, False) == (asked.status_code, 'class="primary"' in asked.text)
    for verb in ("approve", "return"):
        sent = {"number": "1", "reason": "自己退"}
        assert 403 == author.post(f"/review/{story_id}/{verb}", sent).status_code
    assert "in_review" == saved(site, story_id).review


def test_story_with_a_must_finding_is_not_submitted(site, author):
    story_id = write(author, **{"weibo.text": "很长" * 80})
    answer = author.post(f"/stories/{story_id}/submit")
    assert (409, True) == (answer.status_code, "findings must" in answer.text)
    assert "draft" == saved(site, story_id).review


def test_return_needs_a_reason_and_the_author_reads_it(site, author, reviewer):
    story_id = submitted(author)
    empty = reviewer.post(f"/review/{story_id}/return", {"number": "1", "reason": " "})
    assert (400, "in_review") == (empty.status_code, saved(site, story_id).review)
    reviewer.post(f"/review/{story_id}/return", {"number": "1", "reason": "数字不对\n请核实"})
    assert "returned" == saved(site, story_id).review
    assert "数字不对\n请核实" in author.get(f"/stories/{story_id}").text


def test_second_version_marks_what_changed_since_the_reviewer_read_it(site, author, reviewer):
    story_id = submitted(author)
    reviewer.post(f"/review/{story_id}/return", {"number": "1", "reason": "少了时间"})
    text = "有限空间作业三步走：先通风三十分钟、再检测、后作业。"
    sent = typed(seen=seen(author, story_id), **{"weibo.text": text})
    assert 303 == author.post(f"/stories/{story_id}", sent).status_code
    author.post(f"/stories/{story_id}/submit")
    page = reviewer.get(f"/review/{story_id}").text
    assert [("ins", "put in:", "三十分钟")] == MARKED.findall(page)
    assert "少了时间" in page


def rewritten(author: Browser, story_id: int, text: str) -> None:
    """Change the Weibo text and submit."""
    sent = typed(seen=seen(author, story_id), **{"weibo.text": text})
    assert 303 == author.post(f"/stories/{story_id}", sent).status_code
    assert 303 == author.post(f"/stories/{story_id}/submit").status_code


def test_version_that_changed_while_it_was_read_is_not_decided_on(site, author, reviewer):
    """A sentence and the way to the new version; what was typed is not lost."""
    story_id = submitted(author)
    reviewer.get(f"/review/{story_id}")
    rewritten(author, story_id, "换了一句话。")
    sent = {"number": "1", "reason": "数字不对"}
    address = f"/review/{story_id}"
    answers = [
        reviewer.get(f"{address}/approve?number=1"),
        reviewer.post(f"{address}/approve", sent),
        reviewer.post(f"{address}/return", sent),
        reviewer.post(f"{address}/comments", {**sent, "comment": "数字不对"}),
    ]
    for answer in answers:
        assert 409 == answer.status_code
        assert "has changed since version 1 was submitted" in answer.text
        assert f'href="{address}">Read version 2<' in answer.text
        assert 'id="approve"' not in answer.text
    assert [False, False, True, True] == ["数字不对" in answer.text for answer in answers]
    assert ("in_review", False) == (
        saved(site, story_id).review, saved(site, story_id).posts[0].is_signed,
    )  # fmt: skip


def test_version_taken_back_for_a_change_is_not_decided_on(site, author, reviewer):
    story_id = submitted(author)
    sent = typed(seen=seen(author, story_id), **{"weibo.text": "换了一句话。"})
    author.post(f"/stories/{story_id}", sent)
    answer = reviewer.post(f"/review/{story_id}/approve", {"number": "1"})
    assert (409, "draft") == (answer.status_code, saved(site, story_id).review)
    assert "No version of this story waits" in answer.text


def test_queue_is_walked_oldest_first(site, author, reviewer):
    first = submitted(author)
    site.clock.advance(60)
    second = submitted(author, title="第二篇", **{"weibo.text": "第二条"})
    listed = reviewer.get("/review").text
    assert listed.index(f"/review/{first}") < listed.index(f"/review/{second}")
    assert f'rel="next" href="/review/{second}"' in reviewer.get(f"/review/{first}").text
    assert f'rel="prev" href="/review/{first}"' in reviewer.get(f"/review/{second}").text


def test_decisions_need_session_role_and_token(site, author, reviewer):
    story_id = submitted(author)
    writer = site.person("赵敏", "author", "operator", "admin")
    sent = {"number": "1", "reason": "不行"}
    for verb in ("approve", "return"):
        path = f"/review/{story_id}/{verb}"
        refused = [
            site.browser().post(path, sent),
            reviewer.post(path, sent, token="wrong"),
            reviewer.post(path, sent, origin="http://evil.example"),
            writer.post(path, sent),
        ]
        assert [303, 403, 403, 403] == [answer.status_code for answer in refused]
    assert "in_review" == saved(site, story_id).review
    assert [303, 403] == [
        who.post(f"/stories/{story_id}/submit").status_code for who in (site.browser(), reviewer)
    ]


# --- compared with what was seen last -------------------------------------------------------------


def test_opened_version_is_what_the_next_is_compared_with(site, author, reviewer):
    """Opening is seeing; the second look at the same version does not empty the comparison."""
    story_id = submitted(author)
    assert "read for the first time" in reviewer.get(f"/review/{story_id}").text
    rewritten(author, story_id, "先通风、再检测，后作业。")
    for _twice in range(2):
        page = reviewer.get(f"/review/{story_id}").text
        assert "Compared with version 1, which you saw last." in page
        assert ("del", "taken out:") == MARKED.findall(page)[0][:2]


def test_reviewer_who_saw_nothing_is_told_so(site, author, reviewer):
    story_id = submitted(author)
    rewritten(author, story_id, "先通风。")
    page = reviewer.get(f"/review/{story_id}").text
    assert "Compared with version 1, the one submitted before; you have not seen it." in page


def test_accounts_put_to_a_story_are_marked(site, author, reviewer):
    story_id = submitted(author)
    reviewer.get(f"/review/{story_id}")
    sent = typed(seen=seen(author, story_id), accounts=["weibo-main", "board"])
    author.post(f"/stories/{story_id}", sent)
    author.post(f"/stories/{story_id}/submit")
    page = reviewer.get(f"/review/{story_id}").text
    assert ("ins", "put in:", "公告栏 (by hand)") in MARKED.findall(page)


# --- gates ----------------------------------------------------------------------------------------


def test_five_gates_stand_on_the_page_and_are_vouched_for(site, author, reviewer):
    story_id = submitted(author)
    page = reviewer.get(f"/review/{story_id}").text
    asked = reviewer.get(f"/review/{story_id}/approve?number=1").text
    for gate in GATES:
        assert f"<dt>{gate}</dt>" in page
        assert f'<dt><span aria-hidden="true">✓</span> {gate}</dt>' in asked
    reviewer.post(f"/review/{story_id}/approve", {"number": "1"})
    assert "All five gates are passed." in author.get(f"/stories/{story_id}").text


def test_failed_gates_are_kept_with_the_return(site, author, reviewer):
    story_id = submitted(author)
    empty = {"number": "1", "reason": "", "failed": ["law", "wording"]}
    again = reviewer.post(f"/review/{story_id}/return", empty).text
    assert 2 == again.count(" checked>")
    reviewer.post(f"/review/{story_id}/return", {**empty, "reason": "口径"})
    assert ("law", "wording") == saved(site, story_id).versions[0].gates
    assert "Failed: Law, Wording" in author.get(f"/stories/{story_id}").text


def test_gate_nobody_knows_is_refused(site, author, reviewer):
    story_id = submitted(author)
    sent = {"number": "1", "reason": "口径", "failed": "grammar"}
    assert 400 == reviewer.post(f"/review/{story_id}/return", sent).status_code
    assert "in_review" == saved(site, story_id).review


def test_approval_says_what_comes_next(site, author, reviewer):
    """Not queued; queued; held."""
    story_id = submitted(author)
    address = f"/review/{story_id}/approve?number=1"
    assert "It has no time yet" in reviewer.get(address).text
    reviewer.post(f"/review/{story_id}/approve", {"number": "1"})
    operator = site.person("赵敏", "operator")
    due = site.clock.now() + timedelta(hours=2)
    delivery = queued(site, story_id, due)
    rewritten(author, story_id, "先通风。")
    address = address.replace("number=1", "number=2")
    assert "Once signed, it goes out about today 19:00." in reviewer.get(address).text
    operator.post(f"/queue/{delivery}/hold", {"reason": "等通知"})
    assert "Planned for today 19:00, but it stays for now: held." in reviewer.get(address).text


def queued(site: Site, story_id: int, due: datetime) -> int:
    """Queue the story on its Weibo account."""
    settings = config.load(site.home / "config.toml")
    channel = accounts.build_channel(settings, "weibo-main", {}, site.clock.now)
    with site.store.write() as tx:
        actor = actor_named(tx, "李静")
        boss = Actor(actor.id, actor.name, frozenset(Role))
        return place.add(tx, channel, [story_id], due, now=site.clock.now(), actor=boss)


# --- comments -------------------------------------------------------------------------------------


def remarked(browser: Browser, story_id: int, **other: str) -> requests.Response:
    """Send the comment form as it is without JavaScript."""
    sent = {"number": "1", "quote": "再检测", "comment": "次序请核对", **other}
    return browser.post(f"/review/{story_id}/comments", sent)


def test_comment_is_read_on_the_review_the_story_and_in_the_editor(site, author, reviewer):
    story_id = submitted(author)
    answer = remarked(reviewer, story_id)
    assert (303, f"/review/{story_id}#comments") == (
        answer.status_code, answer.headers["location"],
    )  # fmt: skip
    for who, address in (
        (reviewer, f"/review/{story_id}"),
        (author, f"/stories/{story_id}"),
        (author, f"/stories/{story_id}/edit"),
    ):
        page = who.get(address).text
        assert "次序请核对" in page
        assert 'data-on="weibo-main" data-field="text" data-quote="再检测" data-nth="1"' in page
    assert "still open" in reviewer.get(f"/review/{story_id}/approve?number=1").text


def test_comment_is_settled_opened_again_and_withdrawn(site, author, reviewer):
    story_id = submitted(author)
    remarked(reviewer, story_id)
    address = f"/review/{story_id}/comments/1"
    assert 303 == author.post(f"{address}/settle").status_code
    assert "settled by 李静" in reviewer.get(f"/review/{story_id}").text
    assert 303 == reviewer.post(f"{address}/reopen").status_code
    assert 1 == saved(site, story_id).open_comments
    assert 403 == author.post(f"{address}/withdraw").status_code
    assert 303 == reviewer.post(f"{address}/withdraw").status_code
    assert () == saved(site, story_id).comments
    assert 404 == reviewer.post(f"{address}/settle").status_code


def test_quote_nobody_wrote_keeps_what_was_typed(site, author, reviewer):
    story_id = submitted(author)
    answer = remarked(reviewer, story_id, quote="没有的话", comment="我的意见")
    assert 400 == answer.status_code
    assert ("没有的话" in answer.text, "我的意见" in answer.text) == (True, True)
    assert '<details id="comment-new" open>' in answer.text


def test_returned_story_says_how_many_comments_are_open(site, author, reviewer):
    story_id = submitted(author)
    remarked(reviewer, story_id)
    remarked(reviewer, story_id, quote="")
    reviewer.post(f"/review/{story_id}/return", {"number": "1", "reason": "请改"})
    assert "2 comments are open; they stand below." in author.get(f"/stories/{story_id}").text
    assert "请改 (2 comments are open)" in author.get("/").text
    sent = typed(seen=seen(author, story_id), **{"weibo.text": "先通风、后作业。"})
    author.post(f"/stories/{story_id}", sent)
    assert "no longer in the text" in author.get(f"/stories/{story_id}/edit").text


def test_markup_in_a_comment_stays_text(site, author, reviewer):
    story_id = submitted(author, **{"weibo.text": f"通风{EVIL}作业"})
    remarked(reviewer, story_id, quote=EVIL, comment=f"{EVIL}改")
    assert EVIL == saved(site, story_id).comments[0].place.quote
    for address in (f"/review/{story_id}", f"/stories/{story_id}", f"/stories/{story_id}/edit"):
        assert EVIL not in author.get(address).text


def test_comments_need_session_role_and_token(site, author, reviewer):
    story_id = submitted(author)
    remarked(reviewer, story_id)
    operator = site.person("赵敏", "operator", "leader", "admin")
    sent = {"number": "1", "comment": "改"}
    for verb in ("comments", "comments/1/settle", "comments/1/reopen", "comments/1/withdraw"):
        path = f"/review/{story_id}/{verb}"
        refused = [
            reviewer.post(path, sent, token="wrong"),
            reviewer.post(path, sent, origin="http://evil.example"),
            operator.post(path, sent),
        ]
        assert [403, 403, 403] == [answer.status_code for answer in refused]
    assert (1, 1) == (len(saved(site, story_id).comments), saved(site, story_id).open_comments)
    assert 'id="comment-new"' not in operator.get(f"/review/{story_id}").text

"""Review in the console: read as readers will see it, signed by somebody else or sent back."""

from __future__ import annotations

import pytest

from tests.console.conftest import Browser, Site
from tests.console.test_stories import saved, seen, typed, write


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
    assert 303 == author.get(f"/review/{story_id}/approve?number=1").status_code
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
    assert "<ins>三十分钟</ins>" in page
    assert "少了时间" in page


def test_signature_on_a_version_that_changed_meanwhile_is_refused(site, author, reviewer):
    story_id = submitted(author)
    sent = typed(seen=seen(author, story_id), **{"weibo.text": "换了一句话。"})
    author.post(f"/stories/{story_id}", sent)
    author.post(f"/stories/{story_id}/submit")
    assert 409 == reviewer.post(f"/review/{story_id}/approve", {"number": "1"}).status_code
    assert not saved(site, story_id).posts[0].is_signed


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

"""Notices: what is new, what they say and ask for, who may close which."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from scheduler import notices
from scheduler.notices import NOTICE
from scheduler.people import PERSON
from scheduler.store import accounts, queue
from scheduler.tables import Delivery, Event, Notice, table
from tests import makers
from tests.clocks import START
from tests.console.test_queue_pages import EVIL, account, put


@pytest.fixture
def operator(site):
    return site.person("李强", "operator")


def told(site, code: str, role: str = "operator", **more) -> int:
    with site.store.write() as tx:
        notices.tell(tx, role=role, code=code, now=START, **more)
        return tx.execute(select(NOTICE.c.id).order_by(NOTICE.c.id.desc())).scalars().first()


def missed(site) -> tuple[int, int]:
    made = put(site, "missed")
    return made, told(site, "missed", kind="delivery", subject_id=made)


def is_open(site, notice: int) -> bool:
    with site.store.read() as tx:
        return makers.get(tx, Notice, notice).done_at is None


def test_notice_says_what_happened_what_it_means_and_what_to_do(site, operator):
    made, _notice = missed(site)
    page = operator.get("/notices").text
    for words in (
        "取暖要通风", "示例应急 · Weibo", "A delivery was missed.", "never sent by itself",
        "Give it a new time, or leave it", f'href="/queue/{made}"', "Mark as done",
    ):  # fmt: skip
        assert words in page


def test_failed_delivery_says_why(site, operator):
    made = put(site, "failed", code="20019")
    with site.store.write() as tx:
        detail = '{"text": "Weibo refused the picture ({code}).", "params": {"code": "20007"}}'
        makers.change(tx, Delivery, made, detail=detail)
    told(site, "failed", kind="delivery", subject_id=made)
    assert "Weibo refused the picture (20007)." in operator.get("/notices").text


def test_missed_delivery_is_named_on_today_though_its_posts_went_elsewhere(site, operator):
    made, _notice = missed(site)
    with site.store.write() as tx:
        post = makers.members(tx, made)[0]
        makers.change(tx, makers.Post, post, delivery_id=None)
    page = operator.get("/").text
    assert f'<a href="/queue/{made}">取暖要通风</a>' in page
    assert "a delivery was missed · 示例应急 · Weibo" in page


def test_count_is_of_what_is_new_and_only_until_one_has_looked(site, operator):
    missed(site)
    assert ">1</span></a>" in bell(operator)
    assert 'class="tag new"' in operator.get("/notices").text
    assert "count" not in bell(operator)
    missed(site)
    assert ">1</span></a>" in bell(operator)
    again = operator.get("/notices").text
    assert (2, 1) == (again.count("Mark as done"), again.count('class="tag new"'))


def bell(browser) -> str:
    page = browser.get("/people").text
    start = page.index('class="bell"')
    return page[start : page.index("</a>", start) + 4]


@pytest.mark.parametrize("mark", ["", "x", "-1", "9" * 40])
def test_spoilt_cookie_only_means_that_nothing_was_seen(site, operator, mark):
    missed(site)
    with site.store.read() as tx:
        number = tx.execute(select(PERSON.c.id).where(PERSON.c.name == "李强")).scalar_one()
    operator.http.cookies.set(f"notices_{number}", mark)
    assert ">1</span></a>" in bell(operator)


def test_notices_are_for_their_roles_only(site, operator):
    missed(site)
    leader = site.person("赵局", "leader")
    page = leader.get("/notices").text
    assert "No open notice." in page
    assert "count" not in bell(leader)
    assert "取暖要通风" in operator.get("/notices").text


def test_notice_is_marked_as_done_and_stands_below_with_the_name(site, operator):
    _made, notice = missed(site)
    assert 303 == operator.post(f"/notices/{notice}/done").status_code
    page = operator.get("/notices").text
    assert "No open notice." in page
    assert "marked as done by 李强, today 17:00" in page
    assert ("Nothing waits for you." in operator.get("/").text, False) == (
        True,
        is_open(site, notice),
    )
    with site.store.read() as tx:
        lines = select(table(Event)).where(table(Event).c.kind == "notice")
        assert [("done", "person:李强")] == [(row.verb, row.actor) for row in tx.execute(lines)]
    assert 303 == operator.post(f"/notices/{notice}/done").status_code


def test_done_notices_are_shown_for_thirty_days(site, operator):
    _made, notice = missed(site)
    operator.post(f"/notices/{notice}/done")
    site.clock.advance(29 * 86400)
    again = site.browser()
    again.login("李强")
    assert "marked as done by" in again.get("/notices").text
    site.clock.advance(2 * 86400)
    again.login("李强")
    assert "Nothing was done in the last 30 days." in again.get("/notices").text


@pytest.mark.parametrize("code", ["doubt", "review_waits", "account_rests", "head"])
def test_notice_that_closes_by_itself_is_not_closed_by_hand(site, operator, code):
    notice = told(site, code, kind="delivery", subject_id=put(site, "queued"))
    assert "Mark as done" not in operator.get("/notices").text
    answer = operator.post(f"/notices/{notice}/done")
    assert (409, True) == (answer.status_code, is_open(site, notice))


def test_only_whom_it_is_for_closes_a_notice(site):
    _made, notice = missed(site)
    other = site.person("王五", "author", "admin")
    assert (403, True) == (
        other.post(f"/notices/{notice}/done").status_code,
        is_open(site, notice),
    )
    assert 404 == other.post("/notices/999/done").status_code


def test_form_without_its_token_closes_nothing(site, operator):
    _made, notice = missed(site)
    assert 403 == operator.post(f"/notices/{notice}/done", token="wrong").status_code
    assert is_open(site, notice)


def test_own_story_waits_for_others(site):
    with site.store.write() as tx:
        story = makers.story(tx, "自己写的稿件", review="in_review")
    told(site, "review_waits", "reviewer", kind="story", subject_id=story)
    page = site.person("周敏", "reviewer").get("/notices").text
    assert f'href="/review/{story}"' in page


def test_words_of_a_notice_stay_text(site, operator):
    told(site, "review_returned", "operator", detail={"reason": EVIL})
    assert EVIL not in operator.get("/notices").text + operator.get("/").text


# --- what closes by itself ------------------------------------------------------------------------


def test_posts_that_go_into_another_delivery_close_what_was_told_of_the_old_one(site):
    with site.store.write() as tx:
        where = account(site, "weibo-main")
        posts = [makers.post(tx, where, text) for text in ("头条", "二条")]
        made = makers.delivery(tx, where, posts, due_at=makers.later(hours=1))
        makers.change(tx, Delivery, made, state="missed")
    notice = told(site, "missed", kind="delivery", subject_id=made)
    other = told(site, "draft_gone", kind="delivery", subject_id=made)
    with site.store.write() as tx:
        makers.delivery(tx, where, posts[:1], due_at=makers.later(hours=2))
    assert is_open(site, notice)
    with site.store.write() as tx:
        makers.delivery(tx, where, posts[1:], due_at=makers.later(hours=3))
    assert (False, True) == (is_open(site, notice), is_open(site, other))


def test_account_that_goes_on_closes_its_notice(site):
    with site.store.write() as tx:
        where = account(site, "weibo-main")
        accounts.rest(tx, where, None, "21327", True, now=START, by="node:desk")
    notice = told(site, "account_rests", kind="account", subject_id=where)
    with site.store.write() as tx:
        assert accounts.wake(tx, where, now=START, by="person:李强")
    assert not is_open(site, notice)


def test_requeue_of_a_single_post_closes_its_notice(site):
    made = put(site, "missed")
    notice = told(site, "missed", kind="delivery", subject_id=made)
    with site.store.write() as tx:
        due = makers.later(hours=4)
        queue.requeue(tx, made, due_at=due, late_at=due, now=START, actor="person:李强")
    assert not is_open(site, notice)

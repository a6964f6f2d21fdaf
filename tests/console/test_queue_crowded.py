"""The queue and the day with many rows: order, ticks, what folds; and undo of a new time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from scheduler.desk.tables import Version
from scheduler.tables import Account, Notice, Person, Story
from tests import makers
from tests.clocks import START
from tests.console.test_queue_pages import SOON, account, put, queue, row, titles, undo_of

pytestmark = pytest.mark.slow

MOVED = "possible for ten seconds"


@pytest.fixture
def operator(site):
    return site.person("李强", "author", "operator")


def many(site, count: int, *, start: int = 11, on: str = "weibo-main") -> None:
    """Queue so many, one a minute."""
    with site.store.write() as tx:
        where = account(site, on)
        for number in range(count):
            post = makers.post(tx, where, f"稿件{number}")
            due = START + timedelta(minutes=start + number)
            makers.delivery(tx, where, [post], due_at=due)


def statements(site, browser, path: str) -> int:
    """Count what one page asks the database."""
    asked: list[str] = []
    watch = lambda *given: asked.append(given[2])  # noqa: E731 - a listener for one test
    event.listen(site.store.engine, "before_cursor_execute", watch)
    assert 200 == browser.get(path).status_code
    event.remove(site.store.engine, "before_cursor_execute", watch)
    return len(asked)


def test_undone_move_has_the_old_time(site, operator):
    made = queue(site)
    due_at = row(site, made).due_at
    done = operator.post(f"/queue/{made}/move", {"at": SOON})
    assert due_at != row(site, made).due_at
    assert MOVED in operator.get(done.headers["location"]).text
    operator.post("/queue/undo", {"undo": undo_of(done)})
    assert due_at == row(site, made).due_at


def test_move_that_froze_is_not_offered_to_be_undone(site, operator):
    made = queue(site)
    done = operator.post(f"/queue/{made}/move", {"at": "2026-11-27T17:05"})
    assert MOVED not in operator.get(done.headers["location"]).text
    assert 409 == operator.post("/queue/undo", {"undo": undo_of(done)}).status_code


def test_move_from_a_time_that_is_past_is_not_offered_to_be_undone(site, operator):
    made = queue(site, minutes=20)
    operator.post(f"/queue/{made}/hold")
    site.clock.advance(30 * 60)
    done = operator.post(f"/queue/{made}/move", {"at": "2026-11-27T19:30"})
    assert MOVED not in operator.get(done.headers["location"]).text


def test_what_failed_stands_after_what_is_still_to_come(site, operator):
    failed = put(site, "failed", settled_at=START)
    with site.store.write() as tx:
        makers.change(tx, makers.Delivery, failed, due_at=START - timedelta(hours=1))
    queue(site, "后发", minutes=90)
    queue(site, "先发", minutes=30)
    assert ["先发", "后发", "取暖要通风"] == titles(operator.get("/queue"))


def test_failures_on_a_later_page_are_said_on_the_first(site, operator):
    put(site, "failed", settled_at=START)
    assert "stands at the end of this list" not in operator.get("/queue").text
    many(site, 100)
    page = operator.get("/queue").text
    assert "One that failed or was missed within a week stands at the end of this list." in page
    assert '<a href="/queue?state=failed">See what failed</a>' in page


def test_a_whole_page_is_ticked_by_its_address(site, operator):
    many(site, 3)
    assert 0 == operator.get("/queue").text.count(" checked")
    page = operator.get("/queue?account=weibo-main&tick=all").text
    assert 3 == page.count(" checked")
    done = operator.post(
        "/queue/bulk/hold", {"tick": [1, 2, 3], "back": "/queue?account=weibo-main&tick=all"}
    )
    assert done.headers["location"].startswith("/queue?account=weibo-main&undo=hold:1@")


def test_doubts_are_paged(site, operator):
    with site.store.write() as tx:
        where = account(site)
        for number in range(51):
            makers.in_state(tx, where, "uncertain", due_at=START + timedelta(minutes=number))
    first, second = (operator.get(f"/doubts?page={page}").text for page in (1, 2))
    assert (50, 1) == (first.count('href="/doubts/'), second.count('href="/doubts/'))
    assert "51 to 51 of 51" in second


def test_full_day_folds_the_hours_that_are_not_now(site, operator):
    many(site, 41, start=20)
    page = operator.get("/").text
    assert 0 == page.count('class="folded"')  # 17 and 18 o'clock: now and the next hour
    many(site, 30, start=150)
    assert 1 == operator.get("/").text.count('class="folded"')


def test_day_of_many_accounts_can_be_narrowed_to_one(site, operator):
    with site.store.write() as tx:
        for number in range(3):
            makers.put(tx, Account, name=f"a{number}", channel="weibo", title=f"第{number}号")
    queue(site, "微博稿")
    queue(site, "公告稿", on="board")
    both, one = operator.get("/").text, operator.get("/?account=board").text
    assert "2 of 5 accounts have something today" in both
    assert ("第0号" in both.partition("</form>")[0], "微博稿" in both) == (False, True)
    assert ("公告稿" in one, "微博稿" in one) == (True, False)


@pytest.mark.parametrize("path", ["/", "/queue", "/queue?state=all", "/doubts", "/stop/plan"])
def test_statements_do_not_grow_with_the_rows(site, operator, path):
    def fill() -> None:
        many(site, 5)
        with site.store.write() as tx:
            where = account(site)
            for state in ("uncertain", "failed", "cancelled"):
                made = makers.in_state(tx, where, state, settled_at=START)
                told = {"at": START, "role": "operator", "kind": "delivery", "subject_id": made}
                makers.put(tx, Notice, code=state, **told)
            makers.put(
                tx, Story, title="稿", column_id=makers.column(tx), created_at=START,
                updated_at=START, review="in_review",
            )  # fmt: skip

    fill()
    with site.store.write() as tx:
        makers.pause(tx)
    operator.get(path)
    few = statements(site, operator, path)
    for _turn in range(4):
        fill()
    assert few == statements(site, operator, path)


def test_many_people_are_paged_and_found(site):
    with site.store.write() as tx:
        for number in range(60):
            made = {"name": f"人员{number:02d}", "title": "城东分局", "created_at": START}
            makers.put(tx, Person, **made)
    admin = site.person("赵岩", "admin")
    first, second = (admin.get(f"/people?page={page}").text for page in (1, 2))
    assert (50, 12) == (first.count('<th scope="row">'), second.count('<th scope="row">'))
    found = admin.get("/people?q=东分+07").text
    assert (1, True) == (found.count('<th scope="row">'), "人员07" in found)


def test_stop_of_many_accounts_is_chosen_from_a_list(site, operator):
    assert '<select id="f-account"' not in operator.get("/stop").text
    with site.store.write() as tx:
        for number in range(8):
            makers.put(tx, Account, name=f"a{number}", channel="weibo", title=f"第{number}号")
    page = operator.get("/stop?account=board").text
    assert '<option value="board" selected>' in page
    assert 303 == operator.post("/stop", {"account": "board", "reason": "检修"}).status_code


def test_reviews_are_paged(site):
    with site.store.write() as tx:
        for number in range(31):
            story = makers.story(tx, f"待审{number}", review="in_review")
            makers.put(tx, Version, story_id=story, number=1, made_at=START)
    reviewer = site.person("周敏", "reviewer")
    first, second = (reviewer.get(f"/review?page={page}").text for page in (1, 2))
    assert (30, 1) == (first.count('<a href="/review/'), second.count('<a href="/review/'))
    assert "31 stories wait for your signature" in second


def test_notices_are_paged_and_all_count_as_seen(site, operator):
    with site.store.write() as tx:
        for number in range(51):
            told = {"at": START, "role": "operator", "kind": "delivery", "subject_id": number}
            makers.put(tx, Notice, code="missed", **told)
    first, second = (operator.get(f"/notices?page={page}").text for page in (1, 2))
    assert ("1 to 50 of 51" in first, "51 to 51 of 51" in second) == (True, True)
    assert "new since you last looked" not in operator.get("/queue").text

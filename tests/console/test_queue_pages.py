"""The queue's pages: filters, steps for one and for many, undo, rights, what may leave when."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import event, select

from console import queue_undo
from console.pages.queue_add import in_order
from scheduler.errors import InputError
from scheduler.store.moves import read
from scheduler.tables import Account, table
from tests import makers
from tests.clocks import START

EVIL = "<script>alert(1)</script>"
SOON = "2026-11-27T18:30"


def account(site, name="weibo-main") -> int:
    with site.store.read() as tx:
        made = table(Account)
        return int(tx.execute(select(made.c.id).where(made.c.name == name)).scalar_one())


def queue(site, text="取暖要通风", *, minutes=60, on="weibo-main") -> int:
    with site.store.write() as tx:
        post = makers.post(tx, account(site, on), text)
        due = START + timedelta(minutes=minutes)
        return makers.delivery(tx, account(site, on), [post], due_at=due)


def put(site, state, **values) -> int:
    with site.store.write() as tx:
        return makers.in_state(tx, account(site), state, **values)


def row(site, delivery):
    with site.store.read() as tx:
        return read(tx, delivery)


def undo_of(answer) -> str:
    return parse_qs(urlsplit(answer.headers["location"]).query)["undo"][0]


def titles(page) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/queue/\d+">([^<]+)', page.text)


@pytest.fixture
def operator(site):
    return site.person("李强", "author", "operator")


def test_empty_queue_teaches_the_next_step(operator):
    assert "The queue is empty" in operator.get("/queue").text


def test_filters_are_addresses(site, operator):
    queue(site, "甲", minutes=60)
    queue(site, "乙", minutes=60 * 24, on="board")
    held = queue(site, "丙")
    put(site, "published")
    operator.post(f"/queue/{held}/hold", {"reason": "等领导"})
    assert ["甲", "丙", "乙"] == titles(operator.get("/queue"))
    assert ["乙"] == titles(operator.get("/queue?account=board"))
    assert ["乙"] == titles(operator.get("/queue?day=2026-11-28"))
    assert ["丙"] == titles(operator.get("/queue?state=held"))
    assert ["取暖要通风"] == titles(operator.get("/queue?state=published"))
    assert 4 == len(titles(operator.get("/queue?state=all")))


@pytest.mark.parametrize("address", ["/queue?state=nothing", "/queue?day=tomorrow"])
def test_address_that_means_nothing_is_refused(operator, address):
    assert 400 == operator.get(address).status_code


def test_every_count_equals_the_rows_of_its_list(site, operator):
    for state in ("queued", "accepted", "failed", "missed", "cancelled", "published"):
        put(site, state, settled_at=START)
    operator.post(f"/queue/{queue(site)}/hold")
    page = operator.get("/queue").text
    chips = re.findall(r'<a href="(/queue[^"]*)"[^>]*>[^<]+ <span>(\d+)</span>', page)
    assert len(chips) > 7
    for address, count in chips:
        assert int(count) == len(titles(operator.get(address.replace("&amp;", "&")))), address


def test_long_queue_is_paged_without_a_query_for_each_row(site, operator):
    with site.store.write() as tx:
        for number in range(130):
            post = makers.post(tx, account(site), f"稿件{number}")
            makers.delivery(
                tx, account(site), [post], due_at=START + timedelta(minutes=number + 11)
            )
    asked: list[str] = []
    watch = lambda *given: asked.append(given[2])  # noqa: E731 - a listener for one test
    event.listen(site.store.engine, "before_cursor_execute", watch)
    first = operator.get("/queue")
    event.remove(site.store.engine, "before_cursor_execute", watch)
    assert (100, 30) == (len(titles(first)), len(titles(operator.get("/queue?page=2"))))
    assert len([one for one in asked if one.startswith("SELECT")]) < 45
    assert "1 to 100 of 130" in first.text


def test_row_says_why_not_yet(site, operator):
    queue(site)
    assert "its time has not come" in operator.get("/queue").text


def test_hold_and_undo(site, operator):
    made = queue(site)
    done = operator.post(f"/queue/{made}/hold", {"reason": "等通知", "back": "/queue"})
    assert "等通知" == row(site, made).held_for
    assert "Undo" in operator.get(done.headers["location"]).text
    operator.post("/queue/undo", {"undo": undo_of(done)})
    assert None is row(site, made).held_for


def test_undone_release_is_held_for_the_old_reason(site, operator):
    made = queue(site)
    operator.post(f"/queue/{made}/hold", {"reason": "等通知"})
    done = operator.post(f"/queue/{made}/unhold")
    operator.post("/queue/undo", {"undo": undo_of(done)})
    assert "等通知" == row(site, made).held_for


def test_undone_cancel_is_queued_at_the_old_time(site, operator):
    made = queue(site)
    due_at = row(site, made).due_at
    done = operator.post(f"/queue/{made}/cancel")
    assert "cancelled" == row(site, made).state
    operator.post("/queue/undo", {"undo": undo_of(done)})
    assert ("queued", due_at) == (row(site, made).state, row(site, made).due_at)


def test_undo_after_its_time_is_refused(site, operator):
    made = queue(site)
    done = operator.post(f"/queue/{made}/cancel")
    site.clock.advance(20)
    assert "possible for ten seconds" not in operator.get(done.headers["location"]).text
    answer = operator.post("/queue/undo", {"undo": undo_of(done)})
    assert (409, "cancelled") == (answer.status_code, row(site, made).state)


def test_bulk_without_the_right_is_refused_and_changes_nothing(site):
    made = [queue(site, "甲"), queue(site, "乙")]
    leader = site.person("赵局", "leader")
    assert 403 == leader.post("/queue/bulk/cancel", {"tick": made}).status_code
    assert ["queued", "queued"] == [row(site, one).state for one in made]


@pytest.mark.parametrize("mark", ["", "x", "hold:1", "hold:a:1", "drop:1:1", "hold:1:" + "9" * 20])
def test_made_up_undo_is_nothing(mark):
    assert None is queue_undo.parse(mark)


def test_bulk_does_each_for_itself_and_says_what_was_left(site, operator):
    first, second, gone = queue(site, "甲"), queue(site, "乙"), put(site, "published")
    answer = operator.post("/queue/bulk/hold", {"tick": [first, second, gone], "reason": "停"})
    assert ["停", "停"] == [row(site, one).held_for for one in (first, second)]
    page = operator.get(answer.headers["location"]).text
    assert "2 deliveries are held." in page
    assert f"Delivery {gone} is published now" in page


def test_bulk_with_nothing_ticked_is_refused(operator):
    assert 400 == operator.post("/queue/bulk/hold").status_code


def test_bulk_move_and_requeue(site, operator):
    waits, failed = queue(site), put(site, "failed", settled_at=START)
    operator.post("/queue/bulk/move", {"tick": [waits], "at": SOON})
    operator.post("/queue/bulk/requeue", {"tick": [failed], "at": SOON})
    assert ["10:30", "10:30"] == [f"{row(site, one).due_at:%H:%M}" for one in (waits, failed)]
    assert "queued" == row(site, failed).state


@pytest.mark.parametrize("at", ["", "2026-11-01T08:00", "nonsense"])
def test_move_to_no_time_changes_nothing(site, operator, at):
    made = queue(site)
    before = row(site, made).due_at
    assert 400 == operator.post(f"/queue/{made}/move", {"at": at}).status_code
    assert before == row(site, made).due_at


@pytest.mark.parametrize(
    ("role", "verb", "status"),
    [
        ("author", "hold", 303), ("operator", "hold", 303), ("reviewer", "hold", 303),
        ("leader", "hold", 403), ("admin", "hold", 403),
        ("author", "cancel", 303), ("reviewer", "cancel", 403), ("leader", "cancel", 403),
        ("author", "move", 303), ("reviewer", "move", 403), ("leader", "requeue", 403),
    ],
)  # fmt: skip
def test_who_may_do_what(site, role, verb, status):
    made = put(site, "failed", settled_at=START) if verb == "requeue" else queue(site)
    answer = site.person("某人", role).post(f"/queue/{made}/{verb}", {"at": SOON})
    assert status == answer.status_code


def test_leader_sees_the_queue_without_steps(site):
    queue(site)
    page = site.person("赵局", "leader").get("/queue").text
    assert "取暖要通风" in page
    assert ("formaction" in page, "/queue/add" in page) == (False, False)


def test_author_may_not_release_what_another_held(site, operator):
    made = queue(site)
    operator.post(f"/queue/{made}/hold")
    other = site.person("小陈", "author")
    assert 403 == other.post(f"/queue/{made}/unhold").status_code
    assert f"/queue/{made}/unhold" not in other.get("/queue").text


def test_step_without_the_form_token_changes_nothing(site, operator):
    made = queue(site)
    assert 403 == operator.post(f"/queue/{made}/cancel", token="wrong").status_code
    assert "queued" == row(site, made).state


def test_delivery_page_tells_posts_key_history_and_consequences(site, operator):
    made = queue(site)
    page = operator.get(f"/queue/{made}").text
    for words in ("取暖要通风", row(site, made).key, "enters the queue", "It will not be sent."):
        assert words in page
    assert 404 == operator.get("/queue/99999").status_code


def test_text_of_people_stays_text(site, operator):
    made = queue(site, EVIL)
    operator.post(f"/queue/{made}/hold", {"reason": EVIL})
    for path in ("/queue", f"/queue/{made}", "/queue/add?account=weibo-main"):
        assert EVIL not in operator.get(path).text


def test_link_that_is_no_web_address_is_not_clickable(site, operator):
    made = put(site, "published")
    with site.store.write() as tx:
        post = makers.members(tx, made)[0]
        makers.change(tx, makers.Post, post, published_at=START, link="javascript:alert(1)")
    page = operator.get(f"/queue/{made}").text
    assert ('href="javascript' in page, "javascript:alert(1)" in page) == (False, True)


def approved(site, title, on="board", text=None) -> int:
    with site.store.write() as tx:
        story = makers.story(tx, title, review="approved")
        content = makers.Content(title=title, text=title if text is None else text, how="hand")
        packed = {"content": makers.pack(content), "content_digest": makers.content_digest(content)}
        packed["approved_digest"] = packed["content_digest"]
        makers.post(tx, account(site, on), title, story_id=story, **packed)
        return story


def test_approved_story_is_queued(site, operator):
    story = approved(site, "燃气安全")
    assert "燃气安全" in operator.get("/queue/add?account=board").text
    answer = operator.post("/queue/add", {"account": "board", "only": story, "at": SOON})
    made = int(answer.headers["location"].rpartition("/")[2])
    assert "10:30" == f"{row(site, made).due_at:%H:%M}"
    assert "燃气安全" not in operator.get("/queue/add?account=board").text


def test_refusals_of_the_channel_say_what_to_do(site, operator):
    story = approved(site, "无法发送", on="weibo-main")
    answer = operator.post("/queue/add", {"account": "weibo-main", "only": story, "at": SOON})
    assert 400 == answer.status_code
    assert "What must be mended first" in answer.text


def test_draft_stands_not_among_the_stories_to_queue(site, operator):
    with site.store.write() as tx:
        makers.post(tx, account(site, "board"), "未审稿件", story_id=makers.story(tx, "未审稿件"))
    assert "未审稿件" not in operator.get("/queue/add?account=board").text


@pytest.mark.parametrize("role", ["reviewer", "leader", "admin"])
def test_adding_is_for_authors_and_operators(site, role):
    someone = site.person("某人", role)
    assert 403 == someone.get("/queue/add").status_code
    assert 403 == someone.post("/queue/add", {"account": "board"}).status_code


def test_order_is_read_from_the_numbers():
    assert [7, 5] == in_order({5: "2", 6: "", 7: "1"})
    for wrong in ({5: "1", 6: "1"}, {5: "x"}, {5: "0"}, {5: ""}, {}):
        with pytest.raises(InputError):
            in_order(wrong)


def test_number_beside_the_queue_is_what_this_person_must_do(site, operator):
    put(site, "accepted", accepted_at=START)
    put(site, "uncertain", awaits="operator")
    leader = site.person("赵局", "leader")
    count = re.compile(r'href="/queue"[^>]*>Queue <span class="count">(\d+)')
    assert "2" == count.search(operator.get("/queue").text)[1]
    assert None is count.search(leader.get("/queue").text)

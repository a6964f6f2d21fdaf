"""Search: what it finds, what leads straight to it, what it never shows."""

from __future__ import annotations

import pytest

from console import format as said
from console import search
from scheduler.tables import Delivery, Post, Story
from tests import makers
from tests.clocks import START
from tests.console.test_queue_pages import EVIL, account


@pytest.fixture
def author(site):
    return site.person("李强", "author")


def queued(site, title: str, **values) -> int:
    with site.store.write() as tx:
        where = account(site, "weibo-main")
        post = makers.post(tx, where, title, **values)
        return makers.delivery(tx, where, [post], due_at=makers.later(hours=1))


def elsewhere(site, title: str, link: str) -> int:
    with site.store.write() as tx:
        story = makers.story(tx, title, made_elsewhere=True)
        told = {"made_elsewhere": True, "published_at": START, "link": link, "story_id": story}
        return makers.post(tx, account(site, "board"), title, **told)


def written(site, title: str, body: str = "", **values) -> int:
    with site.store.write() as tx:
        return makers.story(tx, title, body=body, **values)


def test_every_kind_is_found_and_counted(site, author):
    written(site, "冬季取暖提示", review="approved")
    queued(site, "取暖安全检查")
    elsewhere(site, "取暖宣传", "https://weibo.com/1/abc")
    page = author.get("/search?q=取暖").text
    assert all(word in page for word in ("Stories", "Deliveries", "Posts made elsewhere"))
    assert "<mark>取暖</mark>" in page
    assert all(word in page for word in ("approved", "queued", "published"))


def test_words_of_the_text_are_found_with_the_piece_around_them(site, author):
    story = written(site, "提示", "<p>请检查<strong>一氧化碳</strong>报警器</p>")
    page = author.get("/search?q=一氧化碳").text
    assert f'href="/stories/{story}"' in page
    assert "<mark>一氧化碳</mark>" in page


def test_markup_is_not_text(site, author):
    written(site, "提示", '<p><strong>检查</strong><img src="media:ab12" alt="报警器"></p>')
    assert "Nothing was found" in author.get("/search?q=strong").text
    assert "Nothing was found" in author.get("/search?q=ab12").text
    assert "<mark>报警器</mark>" in author.get("/search?q=报警器").text


def test_all_words_must_be_there_in_either_case(site, author):
    story = written(site, "LNG Tank 检查")
    assert f'href="/stories/{story}"' in author.get("/search?q=lng+检查").text
    assert "Nothing was found" in author.get("/search?q=lng+演练").text


@pytest.mark.parametrize("words", ["%", "_", "'", '"', "\\", "%' or 1=1 --", "/"])
def test_signs_are_text(site, author, words):
    written(site, "没有这些符号的稿件")
    answer = author.http.get(f"{site.url}/search", params={"q": words}, timeout=10)
    assert (200, True) == (answer.status_code, "Nothing was found" in answer.text)


def test_percent_finds_percent_only(site, author):
    story = written(site, "隐患整改率96.7%")
    written(site, "隐患整改率")
    answer = author.http.get(f"{site.url}/search", params={"q": "7%"}, timeout=10).text
    assert (f'href="/stories/{story}"' in answer, 1) == (True, answer.count("review-draft"))


def test_script_in_words_and_titles_stays_text(site, author):
    queued(site, EVIL)
    page = author.http.get(f"{site.url}/search", params={"q": EVIL}, timeout=10).text
    assert ("<script>alert" in page, "<mark>" in page) == (False, True)


def test_number_of_one_thing_leads_straight_to_it(site, author):
    story = written(site, "只有一篇")
    assert f"/stories/{story}" == author.get(f"/search?q={story}").headers["location"]


def test_number_of_two_things_or_in_a_text_shows_them_all(site, author):
    made = queued(site, "第一条")
    page = author.get(f"/search?q={made}").text
    assert "With this number" in page
    assert all(f'href="/{place}/{made}"' in page for place in ("stories", "queue"))
    assert f"/queue/{made}" == author.get(f"/search?q=delivery+{made}").headers["location"]
    assert f"/stories/{made}" == author.get(f"/search?q=稿件{made}").headers["location"]


def test_link_of_a_post_leads_to_its_delivery(site, author):
    made = queued(site, "已发布的一条")
    with site.store.write() as tx:
        link = "https://weibo.com/100/Nabc"
        makers.change(tx, Post, makers.members(tx, made)[0], link=link, published_at=START)
        makers.change(tx, Delivery, made, state="published")
    for pasted in (link, "http://weibo.com/100/Nabc", f"{link}?from=page#rnd", f"{link}/"):
        answer = author.http.get(
            f"{site.url}/search", params={"q": pasted}, timeout=10, allow_redirects=False
        )
        assert f"/queue/{made}" == answer.headers["location"]


def test_link_made_elsewhere_leads_to_its_place_in_the_ledger(site, author):
    elsewhere(site, "手机发的", "https://mp.weixin.qq.com/s?__biz=1&mid=2&idx=1")
    pasted = {"q": "https://mp.weixin.qq.com/s?__biz=1&mid=2&idx=1#rd"}
    where = f"{site.url}/search"
    answer = author.http.get(where, params=pasted, timeout=10, allow_redirects=False)
    assert "/ledger/posts?month=2026-11&account=board" == answer.headers["location"]
    assert "手机发的" in author.get(answer.headers["location"]).text


def test_other_article_of_the_same_account_is_not_taken_for_it(site, author):
    elsewhere(site, "手机发的", "https://mp.weixin.qq.com/s?__biz=1&mid=2&idx=1")
    pasted = {"q": "https://mp.weixin.qq.com/s?__biz=1&mid=2&idx=2"}
    answer = author.http.get(f"{site.url}/search", params=pasted, timeout=10)
    assert "Nothing was found" in answer.text


def test_people_are_found_by_administrators_only(site, author):
    admin = site.person("林晓", "admin")
    assert "Nothing was found" in author.get("/search?q=林晓").text
    assert 'href="/people/' in admin.get("/search?q=林晓").text
    assert "Nothing was found" in author.get("/search?q=林晓&kind=people").text


def test_many_results_have_pages_and_few_stand_on_the_first(site, author):
    with site.store.write() as tx:
        for number in range(60):
            makers.story(tx, f"通报第{number}期")
    first = author.get("/search?q=通报").text
    assert (8, True) == (first.count('href="/stories/'), "Show all 60" in first)
    second = author.get("/search?q=通报&kind=stories&page=2").text
    assert (10, True) == (second.count("review-draft"), "51 to 60 of 60" in second)


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=没有", "?q=x&kind=nothing&page=-1", "?page=9999999"]
)
def test_empty_result_teaches(site, author, query):
    answer = author.get(f"/search{query}")
    assert (200, True) == (answer.status_code, "Several words must all be there" in answer.text)


def test_search_stands_on_every_page_and_needs_no_script(site, author):
    for path in ("/", "/queue", "/people", "/nothing-here"):
        page = author.get(path).text
        assert '<form method="get" action="/search"' in page
    assert 'value="取暖"' in author.get("/search?q=取暖").text


# --- pure -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "terms", "expected"),
    [
        ("取暖安全", ("安全",), [("取暖", False), ("安全", True)]),
        ("a+b A+B", ("a+b",), [("a+b", True), (" ", False), ("A+B", True)]),
        ("安全生产", ("安全", "安全生产"), [("安全生产", True)]),
        ("没有", ("安全",), [("没有", False)]),
        ("", ("安全",), []),
    ],
)
def test_hits_are_cut_out_of_a_text(text, terms, expected):
    assert expected == said.marked(text, terms)


def test_excerpt_shows_the_words_around_the_hit():
    text = "前" * 100 + "安全" + "后" * 100
    piece = said.excerpt(text, ("安全",), around=3)
    assert "…前前前安全后后后后…" == piece
    assert "" == said.excerpt(text, ("没有",))


def test_words_are_cut_into_terms():
    assert ("安全", "检查") == search.asked("  安全　检查 安全 ").terms
    assert 6 == len(search.asked(" ".join("abcdefgh")).terms)


def test_story_found_is_never_one_made_elsewhere(site, author):
    with site.store.write() as tx:
        makers.story(tx, "别处的取暖", made_elsewhere=True)
        number = makers.story(tx, "另一篇别处的", made_elsewhere=True)
        assert "draft" == makers.get(tx, Story, number).review
    assert "Nothing was found" in author.get("/search?q=别处的").text
    assert "Nothing was found" in author.get(f"/search?q={number}").text

"""Reviewing in a browser: comments on what is selected, marks in the text, keys, two taps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from scheduler.desk import comment, form, review, story, views
from scheduler.desk.comment import Place
from scheduler.errors import Conflict
from tests.browser.conftest import PHONE, Visit
from tests.browser.town import AUTHOR, REVIEWER, WAITING, Town

pytestmark = pytest.mark.slow

SELECT = """([css, words, nth]) => {
  const walker = document.createTreeWalker(document.querySelector(css), NodeFilter.SHOW_TEXT);
  for (let left = nth; walker.nextNode();) {
    const node = walker.currentNode;
    for (let at = node.data.indexOf(words); at >= 0; at = node.data.indexOf(words, at + 1)) {
      left -= 1;
      if (left) continue;
      node.parentElement.scrollIntoView({ block: "center" });
      getSelection().setBaseAndExtent(node, at, node, at + words.length);
      return true;
    }
  }
  return false;
}"""
MARKED = """(name) => [...(CSS.highlights.get(name) || [])].map((range) => range.toString())"""
BESIDE = """() => {
  const words = getSelection().getRangeAt(0).getBoundingClientRect();
  const button = document.getElementById("comment-here").getBoundingClientRect();
  return Math.max(Math.abs(button.left - words.right), button.top - words.bottom);
}"""
UNMARKED = """() => new Promise((done) => {
  const look = () => CSS.highlights.get("comment").size ? setTimeout(look, 50) : done(true);
  look();
})"""
BEFORE = """() => {
  const [range] = CSS.highlights.get("comment");
  const upto = document.createRange();
  upto.setStart(document.querySelector(".wx-article"), 0);
  upto.setEnd(range.startContainer, range.startOffset);
  return upto.toString().split("企业").length;
}"""


@pytest.fixture
def waiting(town: Town, request: pytest.FixtureRequest) -> Iterator[int]:
    """Give a WeChat article that waits for the reviewer; afterwards it waits no longer."""
    made = town.again(f"审核 {request.node.name}"[:30])
    yield made
    with town.store.write() as tx:
        shown = views.show(tx, made)
        if shown.review == "in_review":
            number = shown.versions[-1].number
            now = town.clock.now()
            review.return_(tx, made, number, reason="完", now=now, actor=town.reviewer)


def comments(town: Town, story_id: int) -> tuple[comment.Comment, ...]:
    with town.store.read() as tx:
        return views.show(tx, story_id).comments


def remark(town: Town, story_id: int, quote: str, said: str) -> None:
    with town.store.write() as tx:
        now, who = town.clock.now(), town.reviewer
        comment.add(tx, story_id, 1, said, Place(quote), now=now, actor=who)


def rewrite(town: Town, story_id: int, old: str, new: str) -> None:
    """Change the article's text and submit it."""
    with town.store.write() as tx:
        shown = views.show(tx, story_id)
        typed = form.typed_of(shown, form.source_of(tx, story_id))
        draft = form.draft_of(tx, replace(typed, body=typed.body.replace(old, new)))
        story.edit(tx, story_id, draft, town.opened(), now=town.clock.now(), actor=town.author)
    town.submit(story_id)


def select(page: Page, words: str, nth: int = 1, css: str = ".wx-article") -> None:
    """Select the nth of these words, as the mouse would."""
    assert page.evaluate(SELECT, [css, words, nth]), f"{words} does not stand there"


def test_selected_words_are_commented_on_without_leaving_the_place(
    visit: Visit, town: Town, waiting: int
):
    page = visit.known(REVIEWER)
    page.goto(f"/review/{waiting}")
    select(page, "企业", 3)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#comment-here")).to_be_visible()
    assert 0 <= page.evaluate(BESIDE) <= 60, "the button stands beside what is selected"
    page.click("#comment-here")
    expect(page.locator("#f-comment")).to_be_focused()
    scrolled = page.evaluate("scrollY")
    expect(page.locator("#f-quote")).to_have_value("企业")
    page.keyboard.type("jkar? 提法要统一")
    page.click("#comment-form button:not([type=button])")
    expect(page.locator(".comment-list li")).to_have_count(1)
    expect(page.locator("#comments-said")).to_have_text("✓ 批注已添加。")
    expect(page.locator(".comment-list .as-typed")).to_have_text("jkar? 提法要统一")
    assert (scrolled, ["企业"]) == (page.evaluate("scrollY"), page.evaluate(MARKED, "comment"))
    assert 3 == page.evaluate(BEFORE), "the third of them is marked"
    (kept,) = comments(town, waiting)
    assert ("企业", "body", 3) == (kept.place.quote, kept.place.field, kept.place.occurrence)
    page.reload()
    assert (["企业"], 3) == (page.evaluate(MARKED, "comment"), page.evaluate(BEFORE))


def test_c_comments_escape_leaves_and_the_focus_is_where_it_was(
    visit: Visit, town: Town, waiting: int
):
    page = visit.known(REVIEWER)
    page.goto(f"/review/{waiting}")
    page.focus("#approve")
    select(page, "专家")
    page.keyboard.press("c")
    expect(page.locator("#comment-box")).to_be_visible()
    expect(page.locator("#f-quote")).to_have_value("专家")
    page.keyboard.press("Escape")
    expect(page.locator("#comment-box")).to_be_hidden()
    expect(page.locator("#approve")).to_be_focused()
    page.evaluate("getSelection().removeAllRanges()")
    page.keyboard.press("c")
    expect(page.locator("#f-quote")).to_have_value("")
    page.keyboard.type("整体太长")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".comment-list .as-typed")).to_have_text("整体太长")
    assert [comment.WHOLE] == [one.place for one in comments(town, waiting)]
    expect(page.locator("#approve")).to_be_focused()


def test_words_nobody_wrote_are_said_in_the_form(visit: Visit, town: Town, waiting: int):
    visit.watch.forgive.add(f"/review/{waiting}/comments")
    page = visit.known(REVIEWER)
    page.goto(f"/review/{waiting}")
    page.keyboard.press("c")
    page.fill("#f-quote", "没有的话")
    page.fill("#f-comment", "改")
    page.click("#comment-form button:not([type=button])")
    expect(page.locator("#comment-fault")).to_contain_text("稿件中没有所引的文字")
    expect(page.locator("#f-comment")).to_have_value("改")


def test_settling_keeps_the_focus_and_takes_the_mark_off(visit: Visit, town: Town, waiting: int):
    remark(town, waiting, "想管好", "口语")
    remark(town, waiting, "专家查看现场", "谁")
    page = visit.known(AUTHOR)
    page.goto(f"/stories/{waiting}")
    assert ["想管好", "专家查看现场"] == page.evaluate(MARKED, "comment")
    first = page.locator(".comment-list li").first
    first.get_by_role("button", name="标为已处理").press("Enter")
    expect(first.get_by_role("button", name="重新打开")).to_be_focused()
    assert ["专家查看现场"] == page.evaluate(MARKED, "comment")
    page.locator(".comment-list .quote a").last.click()
    assert ["专家查看现场"] == page.evaluate(MARKED, "comment-here")


def test_author_finds_the_words_in_the_editor(visit: Visit, town: Town, waiting: int):
    """They stay marked while the author writes, and lose the mark when they are gone."""
    remark(town, waiting, "想管好却不知道从哪里下手", "口语")
    page = visit.known(AUTHOR)
    page.goto(f"/stories/{waiting}/edit")
    expect(page.locator(".comments.editing .as-typed")).to_have_text("口语")
    assert ["想管好却不知道从哪里下手"] == page.evaluate(MARKED, "comment")
    select(page, "想管好却不知道从哪里下手", css=".editor-text")
    page.keyboard.press("Delete")
    assert page.evaluate(UNMARKED)
    page.get_by_role("button", name="标为已处理").click()
    expect(page.locator("#comments-said")).to_have_text("✓ 批注已处理。")
    assert [False] == [one.is_open for one in comments(town, waiting)]


def test_commenting_needs_no_script(visit: Visit, town: Town, waiting: int):
    page = visit.signed_in(REVIEWER, java_script_enabled=False)
    page.goto(f"/review/{waiting}")
    page.click("#comment-new summary")
    page.fill("#f-quote", "专家查看现场")
    page.fill("#f-comment", "几位专家")
    page.click("#comment-form button:not([type=button])")
    expect(page.locator(".comment-list q")).to_have_text("专家查看现场")
    page.get_by_role("button", name="标为已处理").click()
    expect(page.locator(".comment-list li")).to_contain_text("标为已处理")
    page.get_by_role("button", name="撤回").click()
    expect(page.locator(".comment-list li")).to_have_count(0)


def test_what_was_put_in_is_marked_in_the_article(visit: Visit, town: Town, waiting: int):
    page = visit.known(REVIEWER)
    page.goto(f"/review/{waiting}")
    rewrite(town, waiting, "不足100人", "不足120人")
    page.goto(f"/review/{waiting}")
    expect(page.locator(".slip-changes")).to_contain_text("与上次看到的第 1 版相比")
    assert ["120"] == page.evaluate(MARKED, "put-in")
    expect(page.locator(".slip-changes ins")).to_have_text("新增： 120")
    expect(page.locator(".slip-changes del")).to_have_text("删去： 100")


def test_version_that_changed_meanwhile_leads_to_the_new_one(
    visit: Visit, town: Town, waiting: int
):
    visit.watch.forgive |= {f"/review/{waiting}/approve"}
    page = visit.known(REVIEWER)
    page.goto(f"/review/{waiting}/approve?number=1")
    rewrite(town, waiting, "不足100人", "不足120人")
    page.click("main button.primary")
    expect(page.locator(".problem")).to_contain_text("第 1 版送审后有改动")
    page.get_by_role("link", name="阅看第 2 版").click()
    expect(page.locator("#approve")).to_have_text("通过第 2 版……")
    with town.store.write() as tx, pytest.raises(Conflict):
        review.approve(tx, waiting, 1, now=town.clock.now(), actor=town.reviewer)


def test_help_lists_every_key(visit: Visit, waiting: int):
    page = visit.known(REVIEWER)
    page.goto(f"/review/{waiting}")
    page.keyboard.press("?")
    assert ["j", "k", "a", "r", "c", "?"] == page.locator("#keys kbd").all_text_contents()
    page.keyboard.press("c")
    expect(page.locator("#comment-box")).to_be_hidden()


def test_what_matters_and_the_article_stand_above_the_fold(visit: Visit, town: Town):
    page = visit.known(REVIEWER)
    page.goto(f"/review/{town.stories[WAITING[0]]}")
    for css in (".slip-where", ".gates", ".gates .found", ".slip-changes", ".weibo-text"):
        expect(page.locator(css).first).to_be_in_viewport(ratio=1)


def test_two_taps_approve_on_a_phone(visit: Visit, town: Town, waiting: int):
    page = visit.known(REVIEWER, size=PHONE)
    remark(town, waiting, "想管好却不知道从哪里下手", "口语")
    page.goto(f"/review/{waiting}")
    assert PHONE["width"] >= page.evaluate("document.documentElement.scrollWidth")
    for css in (".slip-where", ".gates", ".slip-changes h2"):
        expect(page.locator(css)).to_be_in_viewport(ratio=1)
    page.tap("#approve")
    expect(page.locator(".gates.passed dt")).to_have_count(5)
    assert PHONE["width"] >= page.evaluate("document.documentElement.scrollWidth")
    page.tap("main button.primary")
    expect(page.locator(".banner.green")).to_contain_text("审核 test_two_taps")

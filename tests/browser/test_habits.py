"""What people's hands do: double clicks, Back, Ctrl+S, an input method, a narrow phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from scheduler.desk import story
from tests.browser.conftest import PHONE, Visit, Watch
from tests.browser.test_compose import LOOK_AGAIN, SAVED, draft, opened
from tests.browser.test_way import PASTE
from tests.browser.town import AUTHOR, REVIEWER, WEIBO, Town

pytestmark = pytest.mark.slow

CHECKS = "**/stories/check"
DOUBLE = "(one) => { one.click(); setTimeout(() => one.click()); }"
JUMPS = """() => new Promise((done) => {
  let moved = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) moved += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(moved), 300);
})"""


def posts_to(page: Page, ending: str) -> list[str]:
    """Keep every POST whose address ends so."""
    found: list[str] = []

    def note(request) -> None:
        if request.method == "POST" and request.url.endswith(ending):
            found.append(request.url)

    page.on("request", note)
    return found


# --- double clicks --------------------------------------------------------------------------------


def test_double_click_on_save_makes_one_story(visit: Visit):
    page = visit.known(AUTHOR)
    page.goto("/stories/new")
    sent = posts_to(page, "/stories")
    page.fill("#f-title", "双击保存的稿件")
    page.select_option("#f-column", "安全科普")
    page.locator(".save-bar button.primary").evaluate(DOUBLE)
    expect(page.locator("h1")).to_have_text("双击保存的稿件")
    assert 1 == len(sent)


def test_double_click_on_approve_is_answered_with_its_success(visit: Visit, town: Town):
    waiting = town.again("双击通过的稿件")
    page = visit.known(REVIEWER)
    page.goto(f"/review/{waiting}/approve?number=1")
    sent = posts_to(page, "/approve")
    page.locator("main button.primary").evaluate(DOUBLE)
    expect(page.locator(".banner.green")).to_contain_text("双击通过的稿件")
    assert 1 == len(sent)


# --- writing --------------------------------------------------------------------------------------


def test_letters_of_an_input_method_are_neither_checked_nor_saved(visit: Visit, town: Town):
    page = opened(visit, draft(town, "输入法里的稿件"))
    sent = posts_to(page, "/autosave")
    box = page.locator("#editor-text")
    box.locator("p").first.click()
    keyboard = page.context.new_cdp_session(page)
    letters = {"text": "tongfeng", "selectionStart": 8, "selectionEnd": 8}
    keyboard.send("Input.imeSetComposition", letters)
    expect(box).to_contain_text("tongfeng")
    for _turn in range(2):  # what follows the first answer has been sent by the second
        with page.expect_response("**/stories/pulse?*"):
            page.evaluate(LOOK_AGAIN)
    assert [] == sent
    with page.expect_response(CHECKS):
        keyboard.send("Input.insertText", {"text": "通风"})
    expect(box).not_to_contain_text("tongfeng")
    page.evaluate(LOOK_AGAIN)
    expect(page.locator("#save-state")).to_have_text(SAVED)


def test_key_of_word_saves_a_draft_and_leaves_a_signed_story_alone(visit: Visit, town: Town):
    page = opened(visit, draft(town, "按键保存的稿件"))
    page.fill("#f-title", "按键保存过的稿件")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_text(SAVED)
    page.goto(f"/stories/{town.stories[0]}/edit")
    sent = posts_to(page, "/autosave")
    page.fill("#f-author", "改了署名")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_contain_text("请按“保存”")
    with town.store.read() as tx:
        assert "改了署名" != story.posts.lock_story(tx, town.stories[0]).author
    assert [] == sent


def test_back_to_the_form_shows_what_is_saved_and_saves_again(visit: Visit, town: Town):
    story_id = draft(town, "返回再改的稿件")
    page = opened(visit, story_id)
    page.fill("#f-title", "第一次改的标题")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_text(SAVED)
    page.fill("#f-title", "第二次改的标题")
    town.clock.advance(1)
    page.locator(".save-bar button.primary").click()
    expect(page.locator("h1")).to_have_text("第二次改的标题")
    page.go_back()
    expect(page.locator("#f-title")).to_have_value("第二次改的标题")
    page.fill("#f-title", "第三次改的标题")
    town.clock.advance(1)
    page.locator(".save-bar button.primary").click()
    expect(page.locator("h1")).to_have_text("第三次改的标题")


def test_fix_loses_nothing_that_is_typed_while_it_is_asked(visit: Visit, town: Town):
    page = opened(visit, draft(town, "边改边写的稿件"))
    field = page.locator("#f-weibo-text")
    field.fill("#安全生产# 三步走")
    button = page.locator('#checked [data-finding="weibo.hashtag"] button')
    expect(button).to_be_visible()
    button.evaluate("""(one) => {
      one.click();
      document.getElementById("f-weibo-text").value += "，写完了";
    }""")
    expect(field).to_have_value("安全生产 三步走，写完了")


def test_paste_without_a_connection_keeps_the_words_and_says_what_is_lost(
    visit: Visit, town: Town, watch: Watch
):
    page = opened(visit, draft(town, "断网时粘贴的稿件"))
    watch.forgive |= {"/stories/clean", "/stories/check", "/stories/pulse"}
    watch.forgive.add("/static/seal.svg")  # the browser asks for the icon when it likes
    page.context.set_offline(True)
    box = page.locator("#editor-text")
    box.click()
    box.evaluate(PASTE, "<p><b>三步走</b></p>")
    expect(page.locator("#editor-said")).to_contain_text("没有保留格式")
    expect(box).to_contain_text("三步走")
    page.context.set_offline(False)


# --- what is seen ---------------------------------------------------------------------------------


def test_who_comes_back_to_today_finds_it_as_it_is_now(visit: Visit):
    page = visit.known(AUTHOR)
    page.clock.install()
    page.goto("/")
    page.evaluate("window.before = true")
    with page.expect_event("load"):
        page.clock.fast_forward("02:00")
        page.evaluate(LOOK_AGAIN)
    assert page.evaluate("window.before === undefined")


def test_story_does_not_jump_while_its_pictures_load(visit: Visit, town: Town):
    page = visit.known(AUTHOR)
    page.goto(f"/stories/{town.stories[4]}")
    sizes = page.locator(".wx-article img, .weibo-picture").evaluate_all(
        """(all) => all.map(
          (one) => one.getAttribute("width") > 0 && one.getAttribute("height") > 0)"""
    )
    assert sizes
    assert all(sizes)
    assert 0.01 > page.evaluate(JUMPS)


def test_doubt_on_a_phone_leads_to_its_advice_and_to_what_was_refused(
    visit: Visit, town: Town, watch: Watch
):
    doubt = town.made["27 13:58", WEIBO]
    watch.forgive.add(f"/doubts/{doubt}/published")
    page = visit.known(REVIEWER, size=PHONE)
    page.goto(f"/doubts/{doubt}")
    page.tap("a[href='#decide']")
    expect(page.locator(".advice")).to_be_in_viewport(ratio=0.9)
    page.locator("summary", has_text="已经发出").tap()
    page.locator("form[action$='/published']").evaluate("(one) => { one.noValidate = true; }")
    page.fill("#f-published-reason", " ")
    page.tap("form[action$='/published'] button")
    expect(page.locator(".problem")).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("width", [360, 390])
def test_top_of_a_phone_has_two_lines_and_the_place_is_in_sight(
    visit: Visit, language: str, width: int
):
    page = visit.known(REVIEWER, language=language, size={**PHONE, "width": width})
    page.goto("/accounts")
    lines = page.locator(".top").evaluate(
        """(top) => new Set([...top.querySelectorAll("a, input:not([type=hidden]), button")]
          .filter((one) => one.checkVisibility())
          .map((one) => one.getBoundingClientRect())
          .map((box) => Math.round((box.top + box.bottom) / 2 / 40))).size"""
    )
    assert 2 == lines
    expect(page.locator(".places [aria-current]")).to_be_in_viewport(ratio=0.9)

"""Writing: findings at their place, fixes, covers, a lost connection, two writers, videos, Word."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from scheduler.desk import intake, story
from tests.browser.conftest import PHONE, ROOT, Visit, Watch
from tests.browser.test_hands import tab_through
from tests.browser.town import AUTHOR, WAITING, WECHAT, WEIBO, Town
from tests.word_files import docx, paragraph

pytestmark = pytest.mark.slow

STORY = sorted((ROOT / "examples" / "stories").glob("*.md"))[4]
SAVED = re.compile(r"^已保存 \d\d:\d\d:\d\d$")
SET_BODY = """(box, markup) => {
  box.innerHTML = markup;
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""
LINKED = (
    '<p>先通风。详见<a href="https://a.example.com/x">这里的网页</a>，'
    '还有<a href="https://b.example.com/y">另一处</a>。</p>'
)
MARKED = "(name) => [...(CSS.highlights.get(name) || [])].map((one) => one.toString())"
CHOSEN = "(one) => one.value.slice(one.selectionStart, one.selectionEnd)"
DROP = """(target, { name, type, data }) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type }));
  const how = { dataTransfer, bubbles: true, cancelable: true };
  target.dispatchEvent(new DragEvent("dragover", how));
  target.dispatchEvent(new DragEvent("drop", how));
}"""
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def drop(page: Page, onto: str, name: str, kind: str, data: bytes) -> None:
    """Drop a file onto a part of the page."""
    file = {"name": name, "type": kind, "data": b64encode(data).decode()}
    page.locator(onto).evaluate(DROP, file)


def draft(town: Town, title: str) -> int:
    """Save a draft for Weibo and WeChat; give its number."""
    with town.store.read() as tx:
        read = intake.read(STORY, story.column_paths(tx))
    return town.add(replace(read, title=title, accounts=(WEIBO, WECHAT)))


def opened(visit: Visit, story_id: int, **how: object) -> Page:
    page = visit.known(AUTHOR, **how)
    page.goto(f"/stories/{story_id}/edit")
    return page


def finding(page: Page, name: str):
    return page.locator(f'#checked [data-finding="{name}"]')


# --- findings and fixes ---------------------------------------------------------------------------


def test_links_are_underlined_without_touching_the_text_and_reached_by_key(
    visit: Visit, town: Town
):
    page = opened(visit, draft(town, "带链接的稿件"))
    box = page.locator("#editor-text")
    box.evaluate(SET_BODY, LINKED)
    link = finding(page, "wechat.links_as_notes").locator(".to-place")
    expect(link).to_be_visible()
    assert ["这里的网页", "另一处"] == page.evaluate(MARKED, "finding-hint")
    assert "<mark" not in box.inner_html()
    for expected in ("这里的网页", "另一处", "这里的网页"):
        link.focus()
        page.keyboard.press("Enter")
        expect(box).to_be_focused()
        assert expected == page.evaluate("getSelection().toString()")


def test_what_is_too_long_is_chosen_in_its_field(visit: Visit, town: Town):
    page = opened(visit, draft(town, "过长的稿件"))
    page.fill("#f-title", "标" * 32 + "超出的部分")
    page.fill("#f-weibo-text", "很长" * 80)
    expect(page.locator('[data-counter="wechat.title"]')).to_have_text(
        "超出 5 个字，微信最多 32 个字"
    )
    expect(page.locator('[data-counter="weibo.text"]')).to_contain_text("微博最多 140 个字")
    finding(page, "wechat.title_too_long").locator(".to-place").click()
    expect(page.locator("#f-title")).to_be_focused()
    assert "超出的部分" == page.locator("#f-title").evaluate(CHOSEN)
    finding(page, "weibo.text_too_long").locator(".to-place").click()
    field = page.locator("#f-weibo-text")
    expect(field).to_be_focused()
    assert ("很长" * 80).endswith(field.evaluate(CHOSEN))
    assert 160 == field.evaluate("(one) => one.selectionEnd")
    finding(page, "weibo.text_too_long").locator("summary").click()
    expect(finding(page, "weibo.text_too_long").locator(".rule p")).to_contain_text(
        "statuses/share"
    )


def test_fix_mends_saves_as_typing_does_and_is_taken_back(visit: Visit, town: Town):
    story_id = draft(town, "一键修改的稿件")
    page = opened(visit, story_id)
    page.fill("#f-weibo-text", "#安全生产# 三步走")
    finding(page, "weibo.hashtag").locator("button").click()
    field = page.locator("#f-weibo-text")
    expect(field).to_have_value("安全生产 三步走")
    expect(finding(page, "weibo.hashtag")).to_have_count(0)
    page.locator("#mended button").click()
    expect(field).to_have_value("#安全生产# 三步走")
    finding(page, "weibo.hashtag").locator("button").click()
    expect(field).to_have_value("安全生产 三步走")
    page.evaluate(LOOK_AGAIN)
    expect(page.locator("#save-state")).to_have_text(SAVED)
    page.goto(f"/stories/{story_id}")
    expect(page.locator(".weibo-text")).to_contain_text("安全生产 三步走")


def test_fix_of_the_text_changes_the_editor(visit: Visit, town: Town):
    page = opened(visit, draft(town, "去掉链接的稿件"))
    box = page.locator("#editor-text")
    box.evaluate(SET_BODY, LINKED)
    finding(page, "wechat.links_as_notes").locator("button").click()
    expect(box.locator("a")).to_have_count(0)
    expect(box).to_contain_text("详见这里的网页，还有另一处。")
    page.locator("#mended button").click()
    expect(box.locator("a")).to_have_count(2)


def test_fix_and_undo_need_no_script(visit: Visit, town: Town):
    page = visit.signed_in(AUTHOR, java_script_enabled=False)
    page.goto(f"/stories/{draft(town, '不用脚本也能修')}/edit")
    page.fill("#f-weibo-text", "#安全生产# 三步走")
    page.click(".save-bar button.primary")
    page.go_back()
    page.goto(page.url if page.url.endswith("/edit") else page.url + "/edit")
    page.click('[data-finding="weibo.hashtag"] button')
    expect(page.locator("#f-weibo-text")).to_have_value("安全生产 三步走")
    page.click(".banner.green button")
    expect(page.locator("#f-weibo-text")).to_have_value("#安全生产# 三步走")
    page.click('[data-finding="weibo.hashtag"] button')
    page.click(".save-bar button.primary")
    expect(page.locator(".weibo-text")).to_contain_text("安全生产 三步走")


def test_pictures_without_words_are_described_in_place(visit: Visit, town: Town):
    page = opened(visit, draft(town, "图片没有说明的稿件"))
    line = page.locator(".alt-line input").first
    expect(line).not_to_have_value("")
    line.fill("专家在车间里查看配电箱")
    expect(page.locator("#editor-text img").first).to_have_attribute(
        "alt", "专家在车间里查看配电箱"
    )
    page.evaluate(LOOK_AGAIN)
    expect(page.locator("#save-state")).to_have_text(SAVED)
    page.reload()
    expect(page.locator(".alt-line input").first).to_have_value("专家在车间里查看配电箱")


# --- the cover ------------------------------------------------------------------------------------


def test_part_of_the_cover_is_chosen_by_keyboard_and_shown(visit: Visit, town: Town):
    page = opened(visit, draft(town, "裁封面的稿件"))
    shown = page.locator("#cover-shown svg")
    whole = shown.get_attribute("viewBox")
    page.select_option("#f-cover_shape", "square")
    place = page.locator("#f-cover_at")
    place.focus()
    page.keyboard.press("Home")
    expect(shown).to_have_attribute("viewBox", re.compile(r"^0\.0 0\.0 (\d+\.\d) \1$"))
    begin = shown.get_attribute("viewBox")
    page.keyboard.press("End")
    expect(shown).not_to_have_attribute("viewBox", begin or "")
    assert whole != shown.get_attribute("viewBox")
    expect(page.locator(".edition .cut.square").first).to_be_visible()


# --- a console that does not answer ---------------------------------------------------------------


def test_nothing_typed_is_lost_without_a_connection(visit: Visit, town: Town, watch: Watch):
    story_id = draft(town, "断网时写的稿件")
    watch.forgive |= {f"/stories/{story_id}/autosave", "/stories/check", "/stories/pulse"}
    watch.forgive.add("/static/seal.svg")  # the browser asks for the icon when it likes
    page = opened(visit, story_id)
    page.context.set_offline(True)
    page.fill("#f-title", "断网时改的标题")
    page.locator(".save-bar button.primary").click()
    state = page.locator("#save-state")
    expect(state).to_have_text("没有保存：连接断开，文字还在本页。系统会自动再试。")
    assert page.url.endswith("/edit")
    expect(page.locator("#f-title")).to_have_value("断网时改的标题")
    asked = []
    page.on("dialog", lambda one: (asked.append(one.type), one.dismiss()))
    page.evaluate("location.href = '/stories'")
    page.wait_for_function("true")
    assert ["beforeunload"] == asked
    page.context.set_offline(False)
    expect(state).to_have_text(SAVED)
    page.goto(f"/stories/{story_id}")
    expect(page.locator("h1")).to_have_text("断网时改的标题")


def test_login_that_ended_keeps_the_text_and_goes_on_after_it(visit: Visit, town: Town):
    story_id = draft(town, "登录过期时写的稿件")
    page = visit.signed_in(AUTHOR)
    page.goto(f"/stories/{story_id}/edit")
    page.fill("#f-title", "重新登录后保存的标题")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.locator(".save-bar button.primary").click()
    expect(page.locator("#save-state")).to_contain_text("另一个窗口")
    expect(page.locator("#f-title")).to_have_value("重新登录后保存的标题")
    page.context.add_cookies(cookies)
    page.locator(".save-bar button.primary").click()
    expect(page.locator("h1")).to_have_text("重新登录后保存的标题")


def test_story_in_review_is_saved_by_the_button_only(visit: Visit, town: Town):
    story_id = town.stories[WAITING[1]]
    page = opened(visit, story_id)
    expect(page.locator("#h-void")).to_contain_text("从审核中撤回")
    expect(page.locator("#h-void")).to_contain_text("按“保存”才算数")
    page.fill("#f-author", "改了署名")
    page.evaluate(LOOK_AGAIN)
    expect(page.locator("#save-state")).to_have_text("有改动，没有保存。写完后请按“保存”。")
    with town.store.read() as tx:
        kept = story.posts.lock_story(tx, story_id)
    assert ("in_review", False) == (kept.review, kept.author == "改了署名")


# --- two writers ----------------------------------------------------------------------------------


def test_two_windows_know_of_each_other_and_nothing_is_written_over(
    visit: Visit, town: Town, watch: Watch
):
    story_id = draft(town, "两个窗口的稿件")
    watch.forgive.add(f"/stories/{story_id}")  # 409 is the answer that is wanted
    first = opened(visit, story_id)
    second = first.context.new_page()
    second.goto(f"/stories/{story_id}/edit")
    expect(first.locator("#twin")).to_be_visible()
    expect(second.locator("#twin")).to_be_visible()
    first.fill("#f-title", "第一个窗口的标题")
    town.clock.advance(1)
    second.fill("#f-title", "第二个窗口的标题")
    second.evaluate(LOOK_AGAIN)
    expect(second.locator("#save-state")).to_have_text(SAVED)
    first.evaluate(LOOK_AGAIN)
    moved = first.locator("#moved")
    expect(moved).to_contain_text("在另一个窗口保存过")
    moved.locator("button").click()
    expect(first.locator(".problem .change h4")).to_have_text(["标题"])
    expect(first.locator(".problem del")).to_contain_text("一")
    expect(first.locator(".problem ins")).to_contain_text("二")
    expect(first.locator("#f-title")).to_have_value("第一个窗口的标题")
    first.evaluate(LOOK_AGAIN)
    first.get_by_role("button", name="用已保存的", exact=True).click()
    expect(first.locator("#f-title")).to_have_value("第二个窗口的标题")
    first.locator(".banner.green button").click()
    expect(first.locator("#f-title")).to_have_value("第一个窗口的标题")
    town.clock.advance(1)
    first.locator(".save-bar button.primary").click()
    expect(first.locator("h1")).to_have_text("第一个窗口的标题")


# --- videos, Word files ---------------------------------------------------------------------------


def test_video_is_told_to_go_by_hand_wherever_it_arrives(visit: Visit):
    page = visit.known(AUTHOR)
    page.goto("/stories/new")
    said = page.locator("#editor-said")
    for place, name in (("#editor-text", "现场.mp4"), (".compose-facts", "现场.MKV")):
        drop(page, place, name, "video/mp4" if name.endswith("mp4") else "", b"film")
        expect(said).to_contain_text("视频")
        page.evaluate("document.getElementById('editor-said').textContent = ''")
    film = {"name": "a.mov", "mimeType": "video/quicktime", "buffer": b"film"}
    page.set_input_files("#f-cover_file", film)
    expect(page.locator(".cover .file-said")).to_contain_text("视频")
    page.locator("#editor-text").evaluate(
        """(box) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/html", '<p>一</p><video src="a.mp4"></video>');
          clipboardData.setData("text/plain", "一");
          const how = { clipboardData, bubbles: true, cancelable: true };
          box.dispatchEvent(new ClipboardEvent("paste", how));
        }"""
    )
    expect(said).to_contain_text("视频")


def test_huge_and_broken_pictures_are_said_at_once(visit: Visit, watch: Watch):
    watch.forgive.add("/media")
    page = visit.known(AUTHOR)
    page.goto("/stories/new")
    said = page.locator("#editor-said")
    page.locator("#editor-text").evaluate(
        """(box) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(50 * 1024 * 1024)], "大图.png"));
          const how = { dataTransfer, bubbles: true, cancelable: true };
          box.dispatchEvent(new DragEvent("drop", how));
        }"""
    )
    expect(said).to_contain_text("超过 10 MB")
    drop(page, "#editor-text", "坏图.jpg", "image/jpeg", b"\xff\xd8\xff broken")
    expect(said).to_contain_text("坏图.jpg")


def test_word_file_dropped_on_the_list_becomes_a_new_story(visit: Visit):
    page = visit.known(AUTHOR)
    page.goto("/stories")
    drop(page, "main", "通知.pdf", "application/pdf", b"%PDF")
    expect(page.locator("#word-said")).to_contain_text(".docx")
    file = docx(paragraph("拖进来的通知", "Title") + paragraph("先通风。", bold=True))
    drop(page, "main", "通知.docx", "", file)
    expect(page.locator("#f-title")).to_have_value("拖进来的通知")
    expect(page.locator("#editor-text strong")).to_have_text("先通风。")
    page.select_option("#f-column", "安全科普")
    page.locator(".save-bar button.primary").click()
    expect(page.locator("h1")).to_have_text("拖进来的通知")


def test_word_file_dropped_on_the_text_comes_in_at_the_caret(visit: Visit):
    page = visit.known(AUTHOR)
    page.goto("/stories/new")
    file = docx(paragraph("通知标题", "Title") + paragraph("第一段。") + paragraph("第二段。"))
    drop(page, "#editor-text", "通知.docx", "", file)
    expect(page.locator("#f-title")).to_have_value("通知标题")
    expect(page.locator("#editor-text")).to_contain_text("第二段。")


# --- by keyboard, on a phone ----------------------------------------------------------------------


def test_page_full_of_findings_is_walked_by_tab(visit: Visit, town: Town):
    page = opened(visit, draft(town, "键盘走一遍的稿件"))
    page.fill("#f-weibo-text", "#安全生产# " + "很长" * 80)
    expect(finding(page, "weibo.hashtag")).to_be_visible()
    assert [] == tab_through(page)


def test_writing_stays_within_a_phone(visit: Visit, town: Town):
    page = opened(visit, draft(town, "手机上的稿件"), size=PHONE)
    page.fill("#f-weibo-text", "#安全生产# " + "很长" * 80)
    expect(finding(page, "weibo.hashtag")).to_be_visible()
    assert PHONE["width"] == page.evaluate("document.documentElement.scrollWidth")
    page.evaluate("scrollTo(0, 2000)")
    expect(page.locator("#save-state")).to_be_in_viewport()

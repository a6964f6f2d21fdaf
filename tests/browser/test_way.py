"""The way of one story through the whole house, as its people go it with their browsers.

Daemon, console and platforms are processes of their own; nothing is reached past the pages.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, ROOT, Visit, Watch, password_of
from tests.e2e.conftest import Desk

pytestmark = pytest.mark.slow

PICTURES = ROOT / "examples" / "pictures"
TITLE = "有限空间作业三步走"
WORD = (Path(__file__).parent / "word.html").read_text(encoding="utf-8")
PASTE = """(box, markup) => {
  const data = new DataTransfer();
  data.setData("text/html", markup);
  data.setData("text/plain", "三步走");
  const how = { clipboardData: data, bubbles: true, cancelable: true };
  box.dispatchEvent(new ClipboardEvent("paste", how));
}"""
PASTE_PICTURE = """async (box) => {
  const drawn = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  drawn.getContext("2d").fillRect(80, 80, 200, 120);
  const blob = await new Promise((done) => drawn.toBlob(done, "image/png"));
  const data = new DataTransfer();
  data.items.add(new File([blob], "image.png", { type: "image/png" }));
  const how = { clipboardData: data, bubbles: true, cancelable: true };
  box.dispatchEvent(new ClipboardEvent("paste", how));
}"""


@pytest.fixture
def people(browser: Browser, console: str, watch: Watch):
    """Give who sits before this installation's console."""
    made = Visit(browser, console, watch)
    yield made
    made.close()


def compose(page: Page) -> int:
    """Write a story with text from Word, a pasted picture and a cover; give its number."""
    page.goto("/stories/new")
    page.fill("#f-title", TITLE)
    box = page.locator("#editor-text")
    box.click()
    box.evaluate(PASTE, WORD)
    expect(box.locator("h2")).to_have_text("三步走")
    expect(box.locator("td").last).to_have_text("23.5%")
    expect(box.locator("ol li")).to_have_count(2)
    assert "mso" not in box.inner_html().lower()
    box.press("Control+End")
    box.evaluate(PASTE_PICTURE)
    page.fill("#f-alt", "井口上方架着三脚架")
    page.click("dialog[open] button:not(.danger)")
    expect(box.locator('img[alt="井口上方架着三脚架"]')).to_have_count(1)
    page.set_input_files("#f-cover_file", PICTURES / "10.jpg")
    expect(page.locator("#cover-shown")).to_be_visible()
    page.fill("#f-cover_alt", "井口上方架着三脚架")
    page.select_option("#f-column", "安全科普")
    page.fill("#f-link", "https://www.example.gov.cn/aqkp/10.html")
    page.fill("#f-summary", "先通风、再检测、后作业。")
    page.fill("[name='weibo.text']", "有限空间作业三步走：先通风、再检测、后作业，少一步都不行。")
    counter = page.locator('[data-counter="weibo.text"]')
    expect(counter).to_have_text(re.compile(r"\d+/\d+"))
    expect(page.locator("#checked .weibo-text")).to_contain_text("少一步都不行")
    for box_of in page.locator("[name=accounts]").all():
        box_of.check()
    page.locator("button.primary[form=compose]").click()
    page.wait_for_url(re.compile(r"/stories/\d+$"))
    return int(page.url.rsplit("/", 1)[1])


def submit(page: Page, story: int) -> None:
    """Put it before the reviewers."""
    page.fill("#f-note", "请周主任审定")
    page.click(f"form[action='/stories/{story}/submit'] button")
    expect(page.locator(".banner.green")).to_be_visible()


def approve(page: Page, story: int) -> None:
    """Approve on a phone: two taps on two pages."""
    page.goto("/review")
    page.tap(f"a[href='/review/{story}']")
    expect(page.locator(".wx-article table")).to_be_visible()
    page.tap("#approve")
    page.wait_for_url("**/approve?number=1")
    page.tap("main button.primary")
    page.wait_for_url("**/review")
    expect(page.locator(".banner.green")).to_contain_text(TITLE)


def put_into_queue(page: Page, story: int, account: str) -> int:
    """Queue the story for this minute; give the delivery."""
    page.goto(f"/queue/add?account={account}")
    if account == "weibo":
        page.check(f"#s-{story}")
    else:
        page.fill("[name=order]", "1")
    # A minute that began long ago may be in the past when the form arrives: then the next one.
    now = page.evaluate("new Date(Date.now() + 8 * 3600e3 + 15e3).toISOString().slice(0, 16)")
    page.fill("#f-at", now)
    page.click("main .place-at button.primary")
    page.wait_for_url(re.compile(r"/queue/\d+$"))
    return int(page.url.rsplit("/", 1)[1])


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_story_goes_from_word_to_the_ledger(people: Visit, desk: Desk, language: str):
    author = people.signed_in("李静", password_of("李静"), language=language)
    story = compose(author)
    submit(author, story)
    reviewer = people.signed_in("周敏", password_of("周敏"), language=language, size=PHONE)
    approve(reviewer, story)
    deliveries = [put_into_queue(author, story, name) for name in ("weibo", "wechat")]
    desk.start()
    for delivery in deliveries:
        desk.reaches(delivery, "published")
    assert {"weibo": 1, "wechat": 1} == desk.counts()
    author.goto("/")
    cards = author.locator(".delivery.published")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text(TITLE)
    author.goto("/queue?state=published")
    expect(author.locator(".state.published")).to_have_count(2)
    author.goto("/ledger")
    author.locator(".figures tfoot a").last.click()
    author.wait_for_url("**/ledger/posts?*")
    expect(author.locator(".posts tbody tr")).to_have_count(2)
    expect(author.locator(".posts tbody")).to_contain_text(TITLE)

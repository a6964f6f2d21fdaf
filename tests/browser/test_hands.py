"""The pages without a mouse, and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.town import AUTHOR, PASSWORD, REVIEWER, WAITING, WECHAT, Town

pytestmark = pytest.mark.slow

FOCUSABLE = """() => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true })
    && one.getClientRects().length;
  const all = document.querySelectorAll("a[href], button:not([disabled]), summary,"
    + " input:not([type=hidden]):not([disabled]), select, textarea,"
    + " [contenteditable=true], [tabindex='0']");
  const radios = new Set();
  return [...all].filter((one) => {
    if (!seen(one)) return false;
    if (one.type !== "radio") return true;
    if (radios.has(one.name)) return false;
    return radios.add(one.name);
  }).length;
}"""
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  window.tabbed = window.tabbed || new Set();
  window.tabbed.add(one.type === "radio" ? one.name : one);
  const ring = (place) => {
    const style = getComputedStyle(place);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const framed = one.closest(".editor");
  return { ring: ring(one) || Boolean(framed && ring(framed)), html: one.outerHTML.slice(0, 120) };
}"""
PLACES = "/ /stories /stories/new /review /queue /queue/add /doubts /ledger /accounts /stop".split()


def tab_through(page: Page) -> list[str]:
    """Go through a page by Tab alone; give what had the focus without showing it, or was missed."""
    wanted = page.evaluate(FOCUSABLE)
    faults: list[str] = []
    page.evaluate("document.querySelector('.skip').focus()")
    for _turn in range(wanted * 6 + 20):
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        if not at["ring"]:
            faults.append(f"no ring: {at['html']}")
        page.keyboard.press("Tab")
    reached = page.evaluate("window.tabbed.size")
    return faults + ([f"{reached} of {wanted} reached"] if reached < wanted else [])


def waiting(town: Town, number: int = 0) -> int:
    """Give a story that waits for the reviewer."""
    return town.stories[WAITING[number]]


@pytest.mark.parametrize("address", PLACES)
def test_everything_is_reached_by_tab_and_shows_it(visit: Visit, address: str):
    page = visit.known(AUTHOR)
    page.goto(address)
    assert [] == tab_through(page)


def test_login_needs_no_mouse(visit: Visit):
    page = visit.window()
    page.goto("/")
    page.keyboard.type(AUTHOR)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(visit.url + "/")
    expect(page.locator(".who")).to_have_text(AUTHOR)


def test_first_tab_skips_to_the_content(visit: Visit):
    page = visit.known(AUTHOR)
    page.goto("/queue")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.url.endswith("/queue#main")


def test_reviewer_walks_by_keys(visit: Visit, town: Town):
    page = visit.known(REVIEWER)
    page.goto("/review")
    links = page.locator(".story-what a")
    expect(links).to_have_count(2)
    for key, number in (("j", 0), ("j", 1), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(links.nth(number)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{waiting(town)}")
    page.keyboard.press("j")
    page.wait_for_url(f"**/review/{waiting(town, 1)}")
    page.keyboard.press("k")
    page.wait_for_url(f"**/review/{waiting(town)}")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("r")
    expect(page.locator("#f-reason")).to_be_focused()
    page.keyboard.type("jk 数字要核对")
    expect(page.locator("#f-reason")).to_have_value("jk 数字要核对")
    page.locator("#f-reason").blur()
    page.keyboard.press("a")
    page.wait_for_url("**/approve?number=1")
    expect(page.locator("main button.primary")).to_be_focused()


def test_return_by_keys_reaches_the_author(visit: Visit, town: Town):
    story = town.again("退回给作者看的稿件")
    page = visit.known(REVIEWER)
    page.goto(f"/review/{story}")
    page.keyboard.press("r")
    page.keyboard.type("时间写错了")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    author = visit.known(AUTHOR)
    author.goto(f"/stories/{story}")
    expect(author.locator(".banner.amber .as-typed")).to_have_text("时间写错了")


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_reading_and_approving_need_no_script(
    visit: Visit, town: Town, size: dict[str, int] | None
):
    story = town.again(f"不用脚本也能审 {'手机' if size else '电脑'}")
    page = visit.signed_in(REVIEWER, java_script_enabled=False, size=size)
    page.goto("/")
    page.click("nav.places a[href='/review']")
    page.click(f"a[href='/review/{story}']")
    expect(page.locator(".wx-article")).to_contain_text("小微企业")
    page.click("#approve")
    page.click("main button.primary")
    expect(page.locator(".banner.green")).to_contain_text("不用脚本也能审")
    page.goto(f"/stories/{story}")
    expect(page.locator(".state.review-approved").first).to_be_visible()


def test_returning_needs_no_script(visit: Visit, town: Town):
    story = town.again("不用脚本也能退")
    page = visit.signed_in(REVIEWER, java_script_enabled=False)
    page.goto(f"/review/{story}")
    page.click("#return summary")
    page.fill("#f-reason", "请补充联系电话")
    page.click("#return button")
    expect(page.locator(".banner.green")).to_contain_text("不用脚本也能退")


def test_writing_and_queueing_need_no_script(visit: Visit, town: Town):
    page = visit.signed_in(AUTHOR, java_script_enabled=False)
    page.goto("/stories/new")
    page.fill("#f-title", "不用脚本也能写")
    page.fill("#f-body", "第一段。\n第二段。")
    page.select_option("#f-column", "安全科普")
    page.locator("[name=accounts]").first.check()
    page.click(".save-bar button.primary")
    expect(page.locator("h1")).to_have_text("不用脚本也能写")
    page.goto(f"/queue/add?account={WECHAT}")
    expect(page.locator("[name=order]").first).to_be_visible()


def test_undo_is_one_key_away(visit: Visit, town: Town):
    made = town.made["27 17:00", WECHAT]
    page = visit.known(AUTHOR)
    page.goto("/queue")
    page.locator(f"button[formaction='/queue/{made}/hold']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".undo button")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    expect(page.locator(f"button[formaction='/queue/{made}/hold']")).to_be_visible()


def test_bulk_hold_and_undo_need_no_script(visit: Visit, town: Town):
    page = visit.signed_in(AUTHOR, java_script_enabled=False)
    page.goto(f"/queue?account={WECHAT}&tick=all")
    ticked = page.locator("[name=tick]:checked").count()
    page.fill("[name=reason]", "等通知")
    page.click("button[formaction='/queue/bulk/hold']")
    expect(page.locator(".rows.queue .state.held")).to_have_count(ticked)
    page.click(".undo button")
    expect(page.locator(".rows.queue .state.held")).to_have_count(0)
    assert ticked > 0


def test_pages_stay_within_a_phone(visit: Visit, town: Town):
    page = visit.known(REVIEWER, size=PHONE)
    wide = []
    story = town.stories[0]
    for address in (*PLACES, f"/review/{waiting(town)}", f"/stories/{story}", "/ledger/posts"):
        page.goto(address.replace("/stories/new", "/stories"))
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide.append((address, width))
    assert [] == wide

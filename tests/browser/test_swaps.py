"""Lists are narrowed and turned over in place: scroll, focus and Back as people expect them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, Watch

pytestmark = pytest.mark.slow

MARK = "document.documentElement.dataset.same = 'yes'"
KEPT = "document.documentElement.dataset.same === 'yes'"


def opened(visit: Visit, address: str) -> Page:
    """Open a page and leave a mark that a new page would not have."""
    page = visit.known("林晓")
    page.goto(address)
    page.evaluate(MARK)
    return page


def test_list_of_the_queue_changes_in_place_and_back_brings_it_back(visit: Visit):
    page = opened(visit, "/queue")
    before = page.locator("table.queue tbody tr").count()
    chip = page.locator(".chips a[href*='state=published']")
    chip.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue?state=published")
    expect(page.locator(".chips [aria-current]")).to_have_attribute(
        "href", re.compile("state=published")
    )
    expect(page.locator("table.queue tbody tr .state.published").first).to_be_visible()
    assert page.evaluate(KEPT)
    assert "state=published" in page.evaluate("document.activeElement.href")
    page.go_back()
    page.wait_for_url(re.compile("/queue$"))
    expect(page.locator("table.queue tbody tr")).to_have_count(before)
    assert page.evaluate(KEPT)


def test_choice_narrows_the_queue_at_once_and_back_resets_the_field(visit: Visit):
    page = opened(visit, "/queue?state=all")
    field = page.locator(".filter [name=account]")
    field.focus()
    field.select_option("board")
    page.wait_for_url("**account=board**")
    expect(page.locator("table.queue tbody tr")).to_have_count(1)
    assert page.evaluate(KEPT)
    expect(field).to_have_value("board")
    expect(field).to_be_focused()
    page.go_back()
    page.wait_for_url(re.compile(r"/queue\?state=all$"))
    expect(field).to_have_value("")
    assert 1 < page.locator("table.queue tbody tr").count()


def test_words_find_stories_without_leaving_the_page(visit: Visit):
    page = opened(visit, "/stories")
    page.fill("#f-q", "有限空间")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stories?*q=*")
    expect(page.locator(".story-list li")).to_have_count(1)
    assert page.evaluate(KEPT)
    page.locator(".filters a").first.click()
    page.wait_for_url("**/stories?review=&q=*")
    page.locator(".story-list a").first.click()
    page.wait_for_url(re.compile(r"/stories/\d+$"))
    page.go_back()
    expect(page.locator(".story-list li")).to_have_count(1)


def test_refused_period_says_so_in_place(visit: Visit, watch: Watch):
    watch.forgive.add("/ledger")
    page = opened(visit, "/ledger")
    page.fill(".filter [name=from]", "2026-12")
    page.fill(".filter [name=to]", "2026-01")
    page.locator(".filter button").click()
    expect(page.locator("main .problem")).to_be_visible()
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate(KEPT)


def test_other_language_shows_the_list_that_is_shown(visit: Visit):
    page = opened(visit, "/queue")
    page.locator(".chips a[href*='state=published']").click()
    page.wait_for_url("**/queue?state=published")
    page.locator("#language button").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/queue?state=published")

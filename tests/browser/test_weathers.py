"""Every weather, every page: it answers, it fits, no script fails, nobody is shut out.

One test walks through a whole weather, because making one takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PHONE, Visit, Watch
from tests.browser.test_axe import AXE, RUN
from tests.browser.weathers import WEATHERS

pytestmark = pytest.mark.slow

WIDE = """() => {
  const most = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth;
  if (over <= most) return "";
  const guilty = [...document.querySelectorAll("main *, header *")].find((one) =>
    one.getBoundingClientRect().right > most + 1 && !one.closest(".scroll"));
  return `${over} of ${most} px: ${guilty ? guilty.outerHTML.slice(0, 100) : ""}`;
}"""
EVERYWHERE = {"empty", "crowded", "long", "guest"}
"""Weathers in which every page is another one; in the others these are."""
ELSEWHERE = {"today", "queue", "accounts", "stop", "plan", "delivery-queued"}
SPOKEN = {"today", "queue", "review-story", "delivery-uncertain", "ledger", "plan"}
"""Pages that axe looks at: the main ones, to stay quick; `test_axe.py` looks at all of a town."""
ENGLISH = {"long", "slow", "guest"}
ONLOOKERS = {"guest", "leader"}


def walk(page: Page, name: str, address: str, watch: Watch, *, onlooker: bool) -> Iterator[str]:
    """Open one page and look at it in both widths; yield what is wrong."""
    if onlooker:  # who may not do a thing is told so by a page of its own
        watch.forgive.add(address.partition("?")[0])
    answer = page.goto(address)
    assert answer is not None
    if answer.status not in ((200, 403) if onlooker else (200,)):
        yield f"{address}: {answer.status}"
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        if wide := page.evaluate(WIDE):
            yield f"{address}: {wide}"
    if name in SPOKEN:
        page.evaluate(AXE)
        yield from (f"{address}: {one}" for one in page.evaluate(RUN))


@pytest.mark.parametrize("name", WEATHERS)
def test_every_page_stands_in_any_weather(
    name: str, browser: Browser, watch: Watch, tmp_path: Path
):
    with WEATHERS[name](tmp_path) as weather:
        visit = Visit(browser, weather.url, watch)
        language = "en" if name in ENGLISH else "zh_CN"
        windows: dict[str, Page] = {}
        faults = []
        for title, (who, address) in weather.pages().items():
            if name not in EVERYWHERE and title not in ELSEWHERE:
                continue
            if who not in windows:
                windows[who] = visit.known(who, language=language)
            onlooker = name in ONLOOKERS
            faults += walk(windows[who], title, address, watch, onlooker=onlooker)
        visit.close()
    assert [] == faults

"""No page has a serious or critical fault for people who do not see, or do not use a mouse.

The pages are the application's own GET routes: a new page is looked at without being named here.
axe-core is vendored (vendor/README.md); it is run over what Chromium shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from console.app import PAGES
from scheduler.cli.demo_stage import EXAMPLES
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.town import ADMIN, AUTHOR, REVIEWER, WECHAT, WEIBO, Town

pytestmark = pytest.mark.slow

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const told = (node) => `${node.html.slice(0, 120)} (${(node.any[0] || { message: "" }).message})`;
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 4).map(told).join("; ")}`);
}"""
READERS = {"/login": "", "/review": REVIEWER, "/people": ADMIN, "/setup": ADMIN, "/accounts": ADMIN}
"""Who looks at what begins so; everything else is looked at by the author."""
NOT_PAGES = {
    "/callback/wechat/{account}",
    "/doubts/{delivery}/pictures/{sha256}",
    "/healthz",
    "/media/{sha256}",
    "/preview.css",
    "/stories/pulse",
}


LOOKS: dict[str, tuple[tuple[Any, Any], ...]] = {
    "zh_CN": ((DESKTOP, "light"), (PHONE, "dark")),
    "en": ((DESKTOP, "dark"), (PHONE, "light")),
}
"""Every language with every width and every light, every width with every light: four of eight."""


def routes() -> list[str]:
    """Give the addresses of all pages, with their parameters as names."""
    found = {
        route.path
        for page in PAGES
        for route in page.router.routes
        if "GET" in getattr(route, "methods", ())
    }
    return sorted(found - NOT_PAGES)


def addresses(town: Town, route: str) -> list[str]:
    """Give the addresses to look at for one route: its parameters filled from the town."""
    special = {
        "/review/{story_id}/approve": [f"/review/{town.stories[4]}/approve?number=1"],
        "/doubts/{delivery}": [
            f"/doubts/{town.made['27 13:58', WEIBO]}",
            f"/doubts/{town.made['27 13:30', 'board']}",
            f"/doubts/{town.made['27 13:10', WEIBO]}",
        ],
        "/queue/{delivery}": [f"/queue/{number}" for number in queue_of(town)],
        "/queue/add": ["/queue/add", f"/queue/add?account={WECHAT}", "/queue/add?account=board"],
        "/queue": ["/queue", "/queue?state=all"],
        "/ledger": ["/ledger", "/ledger?from=2026-01&to=2026-11"],
        "/ledger/posts": ["/ledger/posts?month=2026-11", "/ledger/posts?month=2020-01"],
        "/review/{story_id}": [f"/review/{n}" for n in (town.stories[4], town.stories[0])],
        "/stories/{story_id}": [
            f"/stories/{n}" for n in (town.stories[0], town.stories[4], town.returned)
        ],
        "/stories/{story_id}/edit": [
            f"/stories/{n}/edit" for n in (town.stories[0], town.returned)
        ],
        "/setup/accounts/{name}": [f"/setup/accounts/{WECHAT}"],
        "/accounts/{name}": [f"/accounts/{WECHAT}", "/accounts/board"],
        "/accounts/{name}/retire": [f"/accounts/{name}/retire" for name in (WECHAT, WEIBO)],
        "/people/{person_id}": [f"/people/{town.author.id}"],
    }
    special["/ledger/import/{mark}"] = [""]  # made by `upload`
    if route in special:
        return special[route]
    assert "{" not in route, f"say in `addresses` which page of the town stands for {route}"
    return [route]


def queue_of(town: Town) -> list[int]:
    """Give one delivery of each kind: published, held, waiting, missed."""
    kinds = (("27 09:00", WECHAT), ("27 16:20", WEIBO), ("27 17:00", WECHAT))
    return [*(town.made[kind] for kind in kinds), town.missed]


def faults(page: Page, language: str) -> Iterator[str]:
    """Look at the page in both of the language's looks; yield what axe-core finds serious."""
    page.evaluate(AXE)
    path = re.sub(r"^https?://[^/]+", "", page.url)
    for size, scheme in LOOKS[language]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        yield from (f"{path} {size['width']} {scheme}: {one}" for one in page.evaluate(RUN))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("route", routes())
def test_page_has_no_serious_fault(visit: Visit, town: Town, route: str, language: str):
    who = READERS.get("/" + route.split("/")[1], AUTHOR)
    page = visit.known(who, language=language) if who else visit.window(language=language)
    found = []
    for address in addresses(town, route):
        if route == "/ledger/import/{mark}":
            upload(page)
        else:
            open_page(page, address)
        found += faults(page, language)
    assert [] == found


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_stopped_desk_has_no_serious_fault(visit: Visit, town: Town, language: str):
    page = visit.known(REVIEWER, language=language)
    town.stop(None, "全国哀悼日")
    town.stop(WEIBO, "微博账号换手机号")
    try:
        found = []
        for address in ("/", "/stop/plan", "/accounts", "/queue"):
            open_page(page, address)
            found += faults(page, language)
    finally:
        town.lift(None)
        town.lift(WEIBO)
    assert [] == found


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_refusals_have_no_serious_fault(visit: Visit, language: str):
    visit.watch.forgive |= {"/nothing", "/queue"}
    page = visit.known(AUTHOR, language=language)
    found = []
    for address, status in (("/nothing", 404), ("/queue?state=nothing", 400)):
        open_page(page, address, status)
        found += faults(page, language)
    assert [] == found


def open_page(page: Page, address: str, status: int = 200) -> None:
    """Open an address that must be a page."""
    answer = page.goto(address)
    assert answer is not None
    found = (answer.status, answer.headers["content-type"].split(";")[0])
    assert (status, "text/html") == found, address


def upload(page: Page) -> None:
    """Upload a ledger file: its page shows what it would do."""
    open_page(page, "/ledger/import")
    page.set_input_files("#f-file", EXAMPLES.parent / "ledger-sample.csv")
    page.click("main button.primary")
    page.wait_for_url("**/ledger/import/*")

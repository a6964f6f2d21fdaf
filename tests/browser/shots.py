"""Draws every page of the console into docs/screenshots/: `make screenshots`.

The pages show the bureau of `tests.browser.town` at a clock that stands still. Pictures get a
palette of 256 colours: pages are paper and ink, and the files stay small.
"""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, ROOT, Visit, Watch, started
from tests.browser.town import ADMIN, AUTHOR, REVIEWER, WAITING, WECHAT, WEIBO, Town, town_in

FOLDER = ROOT / "docs" / "screenshots"
COLOURS = 256
TALLEST = 2600
DECODED = """() => Promise.all([...document.images]
  .filter((one) => one.getBoundingClientRect().top < innerHeight)
  .map((one) => one.decode().catch(() => 0)))"""
DARK = "today review-story queue doubt".split()
ENGLISH = "today review-story queue doubt ledger".split()


def pages(town: Town) -> dict[str, tuple[str, str]]:
    """Give every picture's name with who looks at which address."""
    waiting = town.stories[WAITING[0]]
    return {
        "login": ("", "/login"),
        "today": (AUTHOR, "/"),
        "stories": (AUTHOR, "/stories"),
        "write": (AUTHOR, f"/stories/{town.returned}/edit"),
        "write-new": (AUTHOR, "/stories/new"),
        "story": (AUTHOR, f"/stories/{town.stories[0]}"),
        "review": (REVIEWER, "/review"),
        "review-story": (REVIEWER, f"/review/{waiting}"),
        "review-approve": (REVIEWER, f"/review/{waiting}/approve?number=1"),
        "queue": (AUTHOR, "/queue"),
        "queue-one": (AUTHOR, f"/queue/{town.made['27 16:20', WEIBO]}"),
        "queue-add": (AUTHOR, f"/queue/add?account={WECHAT}"),
        "doubts": (AUTHOR, "/doubts"),
        "doubt": (REVIEWER, f"/doubts/{town.made['27 13:58', WEIBO]}"),
        "by-hand": (AUTHOR, f"/doubts/{town.made['27 13:30', 'board']}"),
        "ledger": (AUTHOR, "/ledger"),
        "ledger-months": (AUTHOR, "/ledger?from=2026-01&to=2026-11"),
        "ledger-posts": (AUTHOR, "/ledger/posts?month=2026-11"),
        "ledger-import": (AUTHOR, "/ledger/import"),
        "accounts": (REVIEWER, "/accounts"),
        "people": (ADMIN, "/people"),
        "person": (ADMIN, f"/people/{town.author.id}"),
        "password": (AUTHOR, "/people/password"),
        "setup": (ADMIN, "/setup"),
        "setup-account": (ADMIN, "/setup/account"),
        "setup-secrets": (ADMIN, f"/setup/accounts/{WECHAT}"),
        "stop": (REVIEWER, "/stop"),
        "error": (AUTHOR, "/nothing"),
    }


def draw(page: Page, name: str) -> None:
    """Write one picture of a page, as far down as it is worth."""
    size = page.viewport_size or DESKTOP
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    # As tall as the page: what sticks to the bottom stands at its end, pictures further down load.
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    page.wait_for_load_state("networkidle")
    page.evaluate(DECODED)
    data = page.screenshot(animations="disabled", caret="hide")
    picture = Image.open(BytesIO(data)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(FOLDER / f"{name}.png", optimize=True)


def draw_all(visit: Visit, town: Town, wanted: set[str]) -> None:
    """Draw each page in Chinese on a desktop and a phone, some in the dark and in English."""
    looks = [("", "zh_CN", None, "light"), ("-phone", "zh_CN", PHONE, "light")]
    dark, english = ("-dark", "zh_CN", None, "dark"), ("-en", "en", None, "light")
    for name, (who, address) in pages(town).items():
        if wanted and name not in wanted:
            continue
        extra = [dark] * (name in DARK) + [english] * (name in ENGLISH)
        for suffix, language, size, scheme in looks + extra:
            how = {"language": language, "size": size, "color_scheme": scheme}
            page = visit.known(who, **how) if who else visit.window(**how)
            page.goto(address)
            draw(page, name + suffix)
            page.context.close()


def draw_stopped(visit: Visit, town: Town) -> None:
    """Draw what a stop looks like."""
    town.stop(None, "全国哀悼日，全部账号停发")
    for name, address in (("stopped", "/"), ("resume", "/stop/plan")):
        for suffix, size in (("", None), ("-phone", PHONE)):
            page = visit.known(REVIEWER, size=size)
            page.goto(address)
            draw(page, name + suffix)
            page.context.close()
    town.lift(None)


def main(wanted: set[str]) -> None:
    """Draw all pages, or those named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        town_in(Path(folder)) as (town, url),
        started() as browser,
    ):
        visit = Visit(browser, url, Watch())
        draw_all(visit, town, wanted)
        if not wanted or "stopped" in wanted:
            draw_stopped(visit, town)


if __name__ == "__main__":
    main(set(sys.argv[1:]))

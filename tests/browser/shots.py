"""Draws every page of the console into docs/screenshots/: `make screenshots`.

The pages show the bureau of `tests.browser.town` at a clock that stands still. Pictures get a
palette of 256 colours: pages are paper and ink, and the files stay small.

`make screenshots WEATHERS=FOLDER` draws every page in every weather of `tests.browser.weathers`
into FOLDER instead, for looking; `PAGES="crowded today queue"` narrows it to a weather and pages.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import (
    DESKTOP,
    LANGUAGES,
    PHONE,
    ROOT,
    Visit,
    Watch,
    chromium,
    launch,
)
from tests.browser.town import ADMIN, AUTHOR, REVIEWER, WAITING, WECHAT, WEIBO, Town, town_in
from tests.browser.weathers import WEATHERS

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
        "notices": (AUTHOR, "/notices"),
        "search": (AUTHOR, "/search?q=安全"),
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


def draw(page: Page, file: Path) -> None:
    """Write one picture of a page, as far down as it is worth."""
    size = page.viewport_size or DESKTOP
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    # As tall as the page: what sticks to the bottom stands at its end, pictures further down load.
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    page.wait_for_load_state("networkidle")
    page.evaluate(DECODED)
    data = page.screenshot(animations="disabled", caret="hide")
    if file.parent != FOLDER:  # only to be looked at: small files are not worth the time
        file.write_bytes(data)
        return
    picture = Image.open(BytesIO(data)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(file, optimize=True)


Visits = dict[str, Visit]
"""A browser of each language: file and date fields speak the browser's own."""


@contextmanager
def browsers() -> Iterator[dict[str, Browser]]:
    """Start a Chromium of each language."""
    path = chromium()
    with sync_playwright() as playwright:
        yield {language: launch(playwright, path, language) for language in LANGUAGES}


def visits_to(url: str, opened: dict[str, Browser]) -> Visits:
    """Visit one console in every language; who signed in once is known to all."""
    cookies: dict[str, Any] = {}
    return {
        language: Visit(browser, url, Watch(), cookies=cookies)
        for language, browser in opened.items()
    }


def draw_all(visits: Visits, town: Town, wanted: set[str]) -> None:
    """Draw each page in Chinese on a desktop and a phone, some in the dark and in English."""
    looks = [("", "zh_CN", None, "light"), ("-phone", "zh_CN", PHONE, "light")]
    dark, english = ("-dark", "zh_CN", None, "dark"), ("-en", "en", None, "light")
    for name, (who, address) in pages(town).items():
        if wanted and name not in wanted:
            continue
        extra = [dark] * (name in DARK) + [english] * (name in ENGLISH)
        for suffix, language, size, scheme in looks + extra:
            how = {"language": language, "size": size, "color_scheme": scheme}
            visit = visits[language]
            page = visit.known(who, **how) if who else visit.window(**how)
            page.goto(address)
            draw(page, FOLDER / f"{name}{suffix}.png")
            page.context.close()


def draw_stopped(visits: Visits, town: Town) -> None:
    """Draw what a stop looks like."""
    town.stop(None, "全国哀悼日，全部账号停发")
    for name, address in (("stopped", "/"), ("resume", "/stop/plan")):
        for suffix, size in (("", None), ("-phone", PHONE)):
            page = visits["zh_CN"].known(REVIEWER, size=size)
            page.goto(address)
            draw(page, FOLDER / f"{name}{suffix}.png")
            page.context.close()
    town.lift(None)


def draw_town(wanted: set[str]) -> None:
    """Draw the town's pages, or those named, into docs/screenshots/."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        town_in(Path(folder)) as (town, url),
        browsers() as opened,
    ):
        visits = visits_to(url, opened)
        draw_all(visits, town, wanted)
        if not wanted or "stopped" in wanted:
            draw_stopped(visits, town)


LOOKS = (
    ("zh_CN", None, "light"),
    ("zh_CN", PHONE, "dark"),
    ("en", None, "dark"),
    ("en", PHONE, "light"),
)
"""Every language with every width and every light, every width with every light: four of eight."""


def draw_weathers(folder: Path, wanted: set[str]) -> None:
    """Draw every page in every weather, or those named, into a folder for looking."""
    chosen = [name for name in WEATHERS if name in wanted] or list(WEATHERS)
    only = wanted - set(chosen)
    with browsers() as opened:
        for name in chosen:
            (folder / name).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory() as home, WEATHERS[name](Path(home)) as weather:
                visits = visits_to(weather.url, opened)
                for page, (who, address) in weather.pages().items():
                    if not only or page in only:
                        draw_looks(visits, who, address, folder / name / page)


def draw_looks(visits: Visits, who: str, address: str, file: Path) -> None:
    """Draw one page in each look."""
    for language, size, scheme in LOOKS:
        marks = [language[:2]] + ["phone"] * bool(size) + ["dark"] * (scheme == "dark")
        page = visits[language].known(who, language=language, size=size, color_scheme=scheme)
        page.goto(address)
        draw(page, file.with_name(f"{file.name}-{'-'.join(marks)}.png"))
        page.context.close()


def main() -> None:
    """Draw all pages, or those named."""
    asks = argparse.ArgumentParser()
    asks.add_argument("names", nargs="*", help="pages (and weathers) to draw; all without any")
    asks.add_argument("--weathers", type=Path, help="draw the weathers into this folder")
    asked = asks.parse_args()
    if asked.weathers:
        draw_weathers(asked.weathers, set(asked.names))
    else:
        draw_town(set(asked.names))


if __name__ == "__main__":
    main()

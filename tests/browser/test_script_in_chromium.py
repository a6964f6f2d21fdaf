"""Chromium opens an office where everything tries to be a script: nothing runs, nothing is asked.

The same office is read without a browser in `tests/console/test_script_stays_text.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from console.session import COOKIE
from tests.browser.conftest import Visit, Watch
from tests.browser.test_way import PASTE
from tests.console import hostile
from tests.console.office import ALL, Office, office_in

pytestmark = pytest.mark.slow

PAGES = (
    "/", "/stories", "/stories/{bad}", "/stories/{bad}/edit", "/stories/{bad-returned}/edit",
    "/stories/{bad-waiting}", "/review", "/review/{bad-waiting}", "/queue?state=all",
    "/queue/{queued}", "/queue/add?account=board", "/doubts", "/doubts/{uncertain}",
    "/doubts/{accepted}", "/ledger", "/ledger/posts?month=2026-10", "/ledger/import/{import all}",
    "/accounts", "/accounts/board", "/people", "/people/{person}", "/setup", "/stop", "/stop/plan",
    "/search?q=pwned", "/notices", "/nothing<script>window.pwned=1</script>",
)  # fmt: skip
RUNS = """() => [...document.querySelectorAll("*")].flatMap((one) => [
  ...(one.tagName === "SCRIPT" && !/^\\/static\\//.test(one.getAttribute("src")) ? ["script"] : []),
  ...[...one.attributes].filter((at) => /^on/i.test(at.name) || at.name === "srcdoc"
    || (/^(href|src|action|formaction|data)$/i.test(at.name) && /^\\s*(javascript|data|vbscript):/i
      .test(at.value))).map((at) => `${one.tagName} ${at.name}=${at.value.slice(0, 60)}`),
])"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give the office."""
    with office_in(tmp_path_factory.mktemp("office")) as made:
        hostile.fill(made)
        yield made


@pytest.fixture
def page(browser: Browser, office: Office, watch: Watch) -> Iterator[Page]:
    """Give a window of the one who may everything; a dialog is a fault."""
    made = Visit(browser, office.url, watch)
    window = made.window()
    window.context.add_cookies([
        {"name": COOKIE, "value": office.cookies[ALL], "url": office.url}
    ])  # fmt: skip
    window.on("dialog", lambda dialog: watch.faults.append(f"dialog: {dialog.message}"))
    yield window
    made.close()


def test_nothing_on_any_page_runs_asks_elsewhere_or_offends_the_policy(page, office, watch):
    watch.forgive |= {"/nothing<script>window.pwned=1</script>"}  # it is not there: 404
    watch.forgive |= {"/nothing%3Cscript%3Ewindow.pwned=1%3C/script%3E"}
    found = []
    for path in PAGES:
        page.goto(path.format_map(office.ids))
        ran = page.evaluate("typeof window.pwned")
        found += [(path, one) for one in page.evaluate(RUNS)]
        found += [(path, "ran")] if ran != "undefined" else []
    assert [] == found


def test_script_that_is_pasted_into_the_editor_stays_out(page, office):
    page.goto("/stories/new")
    box = page.locator("#editor-text")
    box.click()
    box.evaluate(PASTE, hostile.story(office)["body"])
    expect(box).to_contain_text("[bodytext]")
    assert [] == page.evaluate(RUNS)
    assert "undefined" == page.evaluate("typeof window.pwned")

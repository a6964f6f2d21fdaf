"""The first hour of a new bureau: from an empty folder to a figure in the ledger, by its pages.

A newcomer answers `fabu init` with Enter, starts what it names and does the rest in a browser:
accounts, people, last year's Excel, the first story. Simulated platforms, daemon and console are
processes of their own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scheduler.clock import SystemClock, beijing
from tests.browser.conftest import DESKTOP, PHONE, ROOT, Visit, Watch, sign_in
from tests.browser.test_way import TITLE, approve, compose, put_into_queue, submit
from tests.cli.test_cli_terminal import Terminal
from tests.e2e.conftest import PATIENCE_S, until
from tests.ledger.make_ledger import make_rows, write_xlsx

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX"),
]
ADMIN, AUTHOR, REVIEWER = "林晓", "李静", "周敏"
BUREAU, ACCOUNT = "示例市应急管理局", "示例应急"
OUT_S = 180
"""WeChat is asked half a minute after it accepted; slow machines need some time besides."""
FIRST, OWN = "tell it by phone", "known to me alone"
QUESTIONS = (
    "Name of the bureau",
    "Your name",
    "now): ",
    "Add an account",
    "Add a person",
    "ledger",
)
WEIBO = {
    "#f-app_id": "1000000001",
    "#f-uid": "5990001234",
    "#f-safe_domain": "www.example.gov.cn",
    "[name='secret.access_token']": "2.00demoWeiboToken",
    "#f-name": "weibo",
}
WECHAT = {
    "#f-app_id": "wx0000000000000001",
    "[name='kind'][value='service']": "",
    "[name='secret.app_secret']": "wechat-demo-secret",
    "#f-name": "wechat",
}


@dataclass
class Bureau:
    """What a newcomer has after the first command: a running desk and a password."""

    address: str
    password: str


@pytest.fixture
def bureau(tmp_path: Path, platforms: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bureau]:
    """Make a home as a newcomer does, start daemon and pages as it tells, and end them."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    terminal = Terminal(tmp_path, "init", "desk")
    for question in QUESTIONS:
        terminal.answer(question, f"{ADMIN}\n" if question == "Your name" else "\n")
    code, said = terminal.end()
    assert 0 == code
    assert f"log in as {ADMIN}" in said.replace("\r\n", " ")
    password = re.findall(r"password for the pages is: (\S+)", said)[0]
    command = re.findall(r"fabu -c \S+ (run --console)", said.replace("\r\n", ""))[0].split()
    lines = tmp_path / "said"
    config = str(tmp_path / "desk" / "config.toml")
    with lines.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduler", "-c", config, *command, "--port", "0"], stdout=out
        )
    try:
        told = until(lambda: _line(lines, "console"), "the pages to be served")
        yield Bureau(told["address"], password)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _line(lines: Path, event: str) -> dict[str, str] | None:
    """Give the first line of an event that is written to its end."""
    whole = lines.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
    return next((told for line in whole if (told := json.loads(line))["event"] == event), None)


@pytest.fixture
def people(browser: Browser, bureau: Bureau, watch: Watch) -> Iterator[Visit]:
    """Give who sits before this bureau's pages."""
    made = Visit(browser, bureau.address, watch)
    yield made
    made.close()


def done(page: Page) -> list[str]:
    """Give which steps of the set-up are finished."""
    page.goto("/setup")
    steps = page.locator("section.setup")
    return [
        one.get_attribute("id") or "" for one in steps.all() if one.locator(".published").count()
    ]


def name_bureau(page: Page) -> None:
    """Give the bureau's name; the frame of the page says it at once."""
    page.goto("/")
    page.click("a[href='/setup'] >> nth=0")
    page.fill("form[action='/setup/bureau'] input[name=name]", BUREAU)
    page.click("form[action='/setup/bureau'] button")
    expect(page.locator(".bureau")).to_have_text(BUREAU)


def add_account(page: Page, channel: str, fields: dict[str, str], platform: str) -> None:
    """Add an account at the simulated platform, its secret too, and ask whether it answers."""
    page.goto("/setup")
    page.click("#accounts a[href='/setup/account']")
    page.click(f"a[href='/setup/account?channel={channel}']")
    page.fill("#f-title", ACCOUNT)
    for selector, value in fields.items():
        if value:
            page.fill(selector, value)
        else:
            page.check(selector)
    page.click("details summary")
    page.fill("#f-api_base", platform)
    page.click("main button.primary")
    page.wait_for_url("**/setup")
    line = page.locator("#accounts li", has=page.locator(f"a[href='/accounts/{channel}']"))
    page.click(f"form[action='/accounts/{channel}/check'] button")
    expect(page.locator(".banner.green")).to_be_visible()
    expect(line).to_contain_text("✓")


def add_people(page: Page) -> None:
    """Add an author and a reviewer, each with a first password."""
    for name, role in ((AUTHOR, "author"), (REVIEWER, "reviewer")):
        page.goto("/setup")
        page.click("#people a[href='/people']")
        page.fill("main form #f-name", name)
        page.check(f"[name=roles][value={role}]")
        page.fill("#f-password", FIRST)
        page.click("main form button.primary")
        expect(page.locator("main tbody")).to_contain_text(name)


def import_ledger(page: Page, file: Path, count: int) -> None:
    """Take last year's Excel in: first what it would do, then do it."""
    page.goto("/setup")
    page.click("#ledger a[href='/ledger/import']")
    page.set_input_files("#f-file", file)
    page.click("main form button.primary")
    page.wait_for_url(re.compile(r"/ledger/import/\w+$"))
    expect(page.locator(".banner.amber")).to_contain_text(str(count))
    page.click("form[action$='/write'] button")
    page.wait_for_url(re.compile(r"/ledger\?from="))


def last_years_ledger(folder: Path) -> tuple[Path, int, int]:
    """Write the project's own ledger as last year's; give the file, its rows and the year."""
    year = beijing(SystemClock().now()).year - 1
    rows = [(row[0].replace(year=year), row[1], ACCOUNT, *row[3:]) for row in make_rows()]
    return write_xlsx(folder / "去年台账.xlsx", rows, totals=True), len(rows), year


def own_password(page: Page) -> None:
    """Replace the first password by one that nobody else knows."""
    page.click(".who")
    page.wait_for_url("**/people/password")
    for field, text in (("old", FIRST), ("new", OWN), ("again", OWN)):
        page.fill(f"#f-{field}", text)
    page.click("main button.primary")
    page.wait_for_url(lambda url: "/people/password" not in url)


def reaches(page: Page, delivery: int) -> None:
    """Look at a delivery's page until it is out."""

    def out() -> bool:
        page.goto(f"/queue/{delivery}")
        return page.locator(".state.published").count() > 0

    until(out, f"delivery {delivery} to be out", OUT_S)


def open_figure(page: Page, address: str, total: int) -> None:
    """Open the list behind the total of a period."""
    page.goto(address)
    page.locator(".figures tfoot a", has_text=re.compile(rf"^\s*{total}\s*$")).first.click()
    page.wait_for_url("**/ledger/posts?*")


@pytest.mark.parametrize(
    ("language", "size"), [("zh_CN", DESKTOP), ("en", PHONE)], ids=["zh-desktop", "en-phone"]
)
def test_newcomer_comes_from_an_empty_folder_to_a_figure(
    people: Visit, bureau: Bureau, platforms: str, tmp_path: Path, language: str, size: dict
):
    admin = people.signed_in(ADMIN, bureau.password, language=language, size=size)
    name_bureau(admin)
    assert ["bureau"] == done(admin)
    add_account(admin, "weibo", WEIBO, platforms)
    add_account(admin, "wechat", WECHAT, platforms)
    assert ["bureau", "accounts"] == done(admin)
    add_people(admin)
    file, count, year = last_years_ledger(tmp_path)
    import_ledger(admin, file, count)
    assert ["bureau", "accounts", "people", "ledger"] == done(admin)
    expect(admin.locator("main .banner.amber")).to_have_count(0)  # no daemon is behind

    author = people.signed_in(AUTHOR, FIRST, language=language, size=size)
    own_password(author)
    story = compose(author)
    submit(author, story)
    reviewer = people.signed_in(REVIEWER, FIRST, language=language, size=PHONE)
    approve(reviewer, story)
    deliveries = [put_into_queue(author, story, name) for name in ("weibo", "wechat")]
    for delivery in deliveries:
        reaches(author, delivery)

    open_figure(author, "/ledger", 2)
    expect(author.locator(".posts tbody tr")).to_have_count(2)
    expect(author.locator(".posts tbody")).to_contain_text(TITLE)
    open_figure(author, f"/ledger?from={year}-01&to={year}-12", count)
    expect(author.locator(".posts tbody")).to_contain_text("开展")
    expect(author.locator(".posts tbody")).not_to_contain_text(TITLE)

    again = people.window(language=language, size=size)
    sign_in(again, AUTHOR, OWN)
    expect(again.locator(".who")).to_have_text(AUTHOR)

"""A script in every text of a story, a file, a person, a platform: it is read, never run.

What a browser makes of these pages is looked at in `tests/browser/test_script_in_chromium.py`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from channels.contract import Content
from scheduler import people
from scheduler.desk import intake, paste, story
from scheduler.errors import InputError
from scheduler.ledger.sheet import FORMULAS
from tests.clocks import START
from tests.console import hostile
from tests.console.addresses import GETS
from tests.console.office import ALL, Office, office_in

LANGUAGES = ("zh_CN", "en")
ADDRESSES = frozenset({"href", "src", "action", "formaction", "poster", "data", "xlink:href"})
FOREIGN = frozenset({"iframe", "object", "embed", "base", "math", "template", "noscript", "style"})
OURS = re.compile(r"/(?!/)|#|https?://|\?|$")
MORE = (
    "/stories/{bad}", "/stories/{bad}/edit", "/stories/{bad-returned}",
    "/stories/{bad-returned}/edit", "/stories/{bad-waiting}", "/review/{bad-waiting}",
    "/review/{bad-waiting}/approve?number=1", "/review/{bad-returned}", "/queue/{held}",
    "/queue?state=all", "/queue?state=queued", "/queue?state=cancelled", "/doubts/{uncertain}",
    "/doubts/{accepted}", "/ledger/posts?month=2026-10", "/ledger/posts?month=2026-11",
    "/ledger/import/{import all}", "/ledger?from=2026-10&to=2026-11", "/people/{person}",
    "/search?q={query}", "/search?q=script", "/stories?q={query}", "/queue?day={query}",
    "/queue?account={query}", "/queue/add?account=board&q={query}", "/ledger?from={query}",
    "/ledger/posts?column={query}", "/accounts/{query}", "/nothing{query}", "/stop?account={query}",
    "/login?next={query}", "/stories/new?x={query}", "/accounts/weird", "/review?x={query}",
)  # fmt: skip
SEEN = (
    "title", "summary", "author", "source", "weibo", "wechat", "coveralt", "bodyhead", "bodytext",
    "bodyalt", "note", "returned", "held", "cancelled", "paused", "account", "bureau", "position",
    "person", "file", "cell", "remark", "kept", "wx-title", "recorded",
)  # fmt: skip
"""Marks that must be found on some page, or the pages would prove nothing."""


class Watch(HTMLParser):
    """Looks for anything a browser would run, load from elsewhere or follow into a script."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in FOREIGN or (tag == "script" and not given.get("src", "").startswith("/static/")):
            self.faults.append(f"<{tag}>")
        for name, value in given.items():
            self.text.append(value)
            if name.startswith("on") or name in {"style", "srcdoc", "srcset", "ping"}:
                self.faults.append(f"<{tag} {name}>")
            if name in ADDRESSES and not OURS.match(value):
                self.faults.append(f"<{tag} {name}={value[:60]}>")
            if name.startswith(("hx-", "data-hx-")) and tag != "body" and "<" in value:
                self.faults.append(f"<{tag} {name}={value[:60]}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def watched(page: str) -> Watch:
    """Read a page."""
    watch = Watch()
    watch.feed(page)
    watch.close()
    return watch


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office where everything tries to be a script."""
    with office_in(tmp_path_factory.mktemp("office")) as made:
        hostile.fill(made)
        yield made


def pages(office: Office) -> Iterator[tuple[str, str]]:
    """Give every page, what is looked for by odd words, in both languages."""
    told = {**office.ids, "query": hostile.script("asked", "")}
    addresses = [case.address(office, ALL) for case in GETS]
    addresses += [path.format_map(told) for path in MORE]
    for address in addresses:
        for language in LANGUAGES:
            told = {"User-Agent": hostile.BREAKOUT, "Referer": office.url + "/" + hostile.PICTURE}
            answer = office.ask(ALL, "GET", address, language=language, headers=told)
            assert answer.status_code < 500, address
            if answer.headers.get("content-type", "").startswith("text/html"):
                yield address, answer.text


def test_no_page_in_any_language_has_a_script_that_is_not_ours(office):
    faults, read = [], []
    for address, page in pages(office):
        watch = watched(page)
        faults += [(address, fault) for fault in watch.faults]
        read += watch.text
    whole = "\n".join(read)
    assert [] == faults
    assert [] == [mark for mark in SEEN if f"[{mark}]" not in whole]


def test_forms_that_are_shown_again_hold_no_script(office):
    """What was typed wrongly comes back in the form, the checks and the previews with it."""
    files = hostile.odd_files()
    form = hostile.story(office, column=hostile.script("column"), origin=hostile.script("origin"))
    names = "reason note at name title roles q account published_at link comment quote uid app_id"
    typed = {name: hostile.script(name) for name in names.split()}
    answers = [
        office.ask("author", "POST", "/stories", form),
        office.ask("author", "POST", "/stories/check", form),
        office.ask("author", "POST", "/stories/fix", {**form, "fix": "weibo.length"}),
        office.ask("author", "POST", "/stories/word", files={"word": files["word"]}),
        office.ask("author", "POST", "/stories/word", files={"word": files["file"]}),
        office.ask("author", "POST", "/stories", {**form, "title": ""},
                   {"cover_file": files["file"]}),
        office.ask("author", "POST", f"/stories/{office.ids['bad']}", {**form, "seen": "x"}),
        office.ask("author", "POST", "/queue/add", {**typed, "account": "board"}),
        office.ask(ALL, "POST", f"/queue/{office.ids['queued']}/move", typed),
        office.ask(ALL, "POST", "/queue/bulk/<script>", {**typed, "tick": "1"}),
        office.ask("operator", "POST", f"/doubts/{office.ids['uncertain']}/published", typed),
        office.ask("reviewer", "POST", f"/review/{office.ids['bad-waiting']}/comments", typed),
        office.ask("admin", "POST", "/people", typed),
        office.ask("admin", "POST", "/setup/account", {**typed, "channel": "weibo"}),
        office.ask("admin", "POST", "/setup/bureau", {"name": hostile.script("b") * 9}),
        office.ask("admin", "POST", "/accounts/board/change", {**typed, "seen": "x"}),
        office.ask("author", "POST", "/ledger/import", files={"file": ("<b>.csv", b"<script>")}),
        office.ask("stranger", "POST", "/login", typed),
    ]  # fmt: skip
    assert {400, 200, 303, 403, 404, 409} >= {answer.status_code for answer in answers}
    assert [] == [fault for answer in answers for fault in watched(answer.text).faults]
    assert "[title]" in answers[0].text


def test_json_answers_hold_markup_only_in_its_clean_form(office):
    files = hostile.odd_files()
    body = hostile.story(office)["body"]
    script = {"Accept": "application/json", "X-Requested-With": "fetch"}
    answers = [
        office.ask("author", "POST", "/stories/clean", {"html": body}),
        office.ask(
            "author", "POST", "/stories/word", files={"word": files["word"]}, headers=script
        ),
        office.ask("author", "POST", "/media", files={"file": files["file"]}),
        office.ask("author", "POST", "/media", files={"file": files["good"]}),
        office.ask("author", "POST", "/stories/autosave", {"title": hostile.script("t")}),
    ]
    kinds = {answer.headers["content-type"].partition(";")[0] for answer in answers}
    assert {"application/json"} == kinds
    assert {"nosniff"} == {answer.headers["x-content-type-options"] for answer in answers}
    shown = [answer.json()["html"] for answer in answers[:2]]
    ours = [html.replace('src="media:', 'src="/media/') for html in shown]
    assert [] == [fault for html in ours for fault in watched(html).faults]
    assert ["[bodytext]" in shown[0], "[word" in shown[1]] == [True, True]


# --- what goes to the platforms ------------------------------------------------------------------


def test_articles_for_the_platforms_hold_no_script(office):
    body = paste.body_of(hostile.story(office)["body"]).body
    content = Content(
        title=hostile.script("t"), author=hostile.script("a"), summary=hostile.script("s"),
        source=hostile.script("o"), link=hostile.LINKS[0], text=hostile.script("w"), body=body,
        origin="reprint",
    )  # fmt: skip
    for name, channel in office.channels().items():
        shown = channel.render(content).fields
        for part in ("content", "body"):
            faults = watched(shown.get(part, "").replace('src="media:', 'src="/media/')).faults
            # WeChat takes styles inside the tags only; ours come from a table.
            assert [] == [one for one in faults if not one.endswith(" style>")], (name, part)
            assert not re.search(r'style="[^"]*(?:url|expression|script)', shown.get(part, ""))
        assert any("[bodytext]" in value for value in shown.values()) or name == "weibo-main"
    findings = [
        one.field for channel in office.channels().values() for one in channel.check(content)
    ]
    assert "link" in findings


@pytest.mark.parametrize(
    "line",
    ["<script>window.pwned=1</script>", "text <img src=x onerror=1>", "[a](javascript:alert(1))",
     "[a](data:text/html,x)", "![a](../../queue.db)", "<a href=x>"],
)  # fmt: skip
def test_script_in_a_story_file_is_refused_or_stays_text(tmp_path: Path, line: str):
    file = tmp_path / "story.md"
    file.write_text(f'+++\ntitle = "a"\ncolumn = "安全科普"\n+++\n\n{line}\n', encoding="utf-8")
    try:
        body = intake.read(file, ["安全科普"]).body
    except InputError:
        body = ""
    assert not re.search(r"<(?!/?p>)|href=", body)


def test_story_file_with_a_script_in_its_head_is_text_on_its_page(office, tmp_path):
    file = tmp_path / "story.md"
    quoted = hostile.script("md", "").replace("'''", "")
    head = f"title = '''{quoted}'''\ncolumn = '安全科普'\naccounts = ['board']"
    file.write_text(f"+++\n{head}\n+++\n\n正文\\<script\\>\n", encoding="utf-8")
    with office.store.write() as tx:
        draft = intake.read(file, story.column_paths(tx))
        who = office.actors["author"]
        made = story.add(tx, draft, office.channels(), now=START, actor=who).story_id
    watch = watched(office.ask(ALL, "GET", f"/stories/{made}").text)
    assert [] == watch.faults
    assert "正文<script>" in "".join(watch.text)


# --- what other programs open --------------------------------------------------------------------


def test_no_cell_of_a_csv_is_a_formula(office, fabu, monkeypatch):
    sent = office.ask(ALL, "GET", "/ledger/posts?month=2026-10&format=csv")
    monkeypatch.setenv("FABU_CONFIG", str(office.file))
    monkeypatch.setenv("FABU_ACTOR_TOKEN", token_of(office))
    printed = fabu("report", "--list", "--from", "2026-10", "--format", "csv")
    assert (0, "") == (printed.code, printed.err)
    for text in (sent.content.decode("utf-8-sig"), printed.out.lstrip("\ufeff")):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert [] == [cell for cell in cells if cell.startswith(FORMULAS)]
        assert {"'=cmd|' /C calc'!A0", "'＋1", "'@SUM(1)", "'-2+3"} <= set(cells)


def token_of(office: Office) -> str:
    """Log the one who may everything in at the command line."""
    with office.store.write() as tx:
        return people.issue_token(tx, office.actors[ALL], now=START)


@pytest.mark.parametrize(
    ("command", "shows"),
    [("story list", True), ("story show {bad}", True), ("story check {bad}", False),
     ("story show {bad-returned}", True), ("review list", True), ("queue list", True),
     ("queue show {queued}", True), ("queue show {held}", True), ("queue show {uncertain}", True),
     ("status", True), ("person list", True), ("report --list --from 2026-11", True),
     ("ledger import {file}", False), ("queue add board {bad-returned}", False),
     ("story list --json", False), ("queue show {uncertain} --json", False)],
)  # fmt: skip
def test_command_line_shows_orders_to_the_terminal_and_obeys_none(
    office, fabu, monkeypatch, tmp_path, command, shows
):
    file = tmp_path / "ledger.csv"
    head = "日期,平台,账号,栏目,标题"
    file.write_text(f"{head}\n{hostile.ORDERS},微博,甲,安全科普,乙\n", encoding="utf-8")
    monkeypatch.setenv("FABU_CONFIG", str(office.file))
    monkeypatch.setenv("FABU_ACTOR_TOKEN", token_of(office))
    ran = fabu(*command.format(**office.ids, file=file).split())
    said = ran.out + ran.err
    assert [] == re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said)
    assert (shows, True) == ("\N{SYMBOL FOR ESCAPE}" in said, bool(said))

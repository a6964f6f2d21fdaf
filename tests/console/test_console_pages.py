"""The pages: who sees what, what they say without data, and that text stays text."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from scheduler.daemon import NODE
from scheduler.people import PERSON, SETUP, Role, add_person
from scheduler.tables import Pause, table
from tests import makers
from tests.clocks import START

EVIL = "<script>alert(1)</script>"
PAGES = ("/", "/accounts", "/people", "/people/password", "/stop/plan")


def start_daemon(site) -> None:
    """Write the heartbeat a running daemon writes."""
    with site.store.write() as tx:
        values = {"started_at": START, "beat_at": site.clock.now(), "version": "1"}
        tx.execute(insert(NODE).values(name="desk", stopped_at=None, **values))


def pauses(site) -> list[str]:
    with site.store.read() as tx:
        return list(tx.execute(select(table(Pause).c.reason)).scalars())


@pytest.mark.parametrize("path", PAGES)
def test_page_without_a_session_leads_to_the_login(site, path):
    answer = site.browser().get(path)
    assert (303, True) == (answer.status_code, answer.headers["location"].startswith("/login"))


@pytest.mark.parametrize(
    "path", ["/stop", "/stop/lift", "/people", "/people/1/roles", "/people/1/deactivate"]
)
def test_post_without_a_session_changes_nothing(site, path):
    answer = site.browser().post(path, {"reason": "演练", "name": "新人", "roles": "admin"})
    assert (303, []) == (answer.status_code, pauses(site))
    with site.store.read() as tx:
        assert ["王芳"] == list(tx.execute(select(PERSON.c.name)).scalars())


@pytest.mark.parametrize("path", [*PAGES, "/login", "/nothing-here", "/healthz"])
def test_every_page_carries_the_headers(site, path):
    headers = site.person("李强", "author").get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert ("nosniff", "same-origin", "no-store") == (
        headers["x-content-type-options"],
        headers["referrer-policy"],
        headers["cache-control"],
    )


def test_pages_load_only_what_this_machine_has(site):
    browser = site.person("李强", "operator", "admin")
    for path in PAGES:
        text = browser.get(path).text
        assert not [
            word for word in ('src="http', 'href="http', " style=", "<style") if word in text
        ]
        assert text.count("<script") == text.count('<script src="/static/')


def test_static_files_are_kept_by_browsers(site):
    browser = site.browser()
    answer = browser.get("/static/console.css?v=1")
    assert (200, True) == (answer.status_code, "immutable" in answer.headers["cache-control"])
    assert 404 == browser.get("/static/../app.py").status_code


def test_today_without_data_says_so_calmly(site):
    browser = site.person("李强", "author")
    start_daemon(site)
    text = browser.get("/").text
    assert "Nothing is planned for today." in text
    assert "All is well" in text
    assert "51 to go, 25.5 a day; working days left: 2." in text


def test_today_shows_delivery_with_state_and_reason(site):
    browser = site.person("李强", "author")
    with site.store.write() as tx:
        account = tx.exec_driver_sql("select id from account where name='weibo-main'").scalar()
        unsigned = makers.post(tx, account, "有限空间作业", signed=False)
        makers.delivery(tx, account, [unsigned], due_at=makers.later(minutes=12))
        makers.in_state(tx, account, "uncertain")
    text = browser.get("/").text
    assert "in 12 minutes" in text
    assert "“有限空间作业” is not approved as it reads now" in text
    assert "One delivery may be out, and we do not know it." in text


def test_no_daemon_is_said_on_every_page_and_by_healthz(site):
    browser = site.person("李强", "author")
    assert all("No daemon runs" in browser.get(path).text for path in PAGES)
    health = site.browser().get("/healthz")
    assert (503, False, None) == (
        health.status_code,
        health.json()["daemon_runs"],
        health.json()["last_beat_s"],
    )


def test_healthz_is_fine_while_a_daemon_takes_what_is_due(site):
    start_daemon(site)
    assert 200 == site.browser().get("/healthz").status_code
    with site.store.write() as tx:
        account = tx.exec_driver_sql("select id from account where name='weibo-main'").scalar()
        makers.delivery(tx, account)
    site.clock.advance(10)
    assert (200, 10) == (
        (health := site.browser().get("/healthz")).status_code,
        health.json()["oldest_due_s"],
    )


def test_healthz_complains_when_a_daemon_leaves_what_is_due(site):
    with site.store.write() as tx:
        account = tx.exec_driver_sql("select id from account where name='weibo-main'").scalar()
        makers.delivery(tx, account)
    site.clock.advance(301)
    start_daemon(site)
    health = site.browser().get("/healthz")
    assert (503, True, 301) == (
        health.status_code,
        health.json()["daemon_runs"],
        health.json()["oldest_due_s"],
    )


def test_stop_needs_a_reason_and_shows_on_every_page(site):
    browser = site.person("李强", "operator")
    asked = browser.post("/stop", {"reason": " "})
    assert (400, True) == (asked.status_code, "a pause needs a reason" in asked.text)
    assert "/stop/plan" == browser.post("/stop", {"reason": "全市哀悼日"}).headers["location"]
    assert all("全市哀悼日" in browser.get(path).text for path in PAGES)


def test_resume_plan_tells_what_lifting_would_send(site):
    browser = site.person("李强", "operator")
    with site.store.write() as tx:
        account = tx.exec_driver_sql("select id from account where name='weibo-main'").scalar()
        for text, minutes in (("太晚", 0), ("马上", 60), ("以后", 600)):
            post = makers.post(tx, account, text)
            makers.delivery(tx, account, [post], due_at=makers.later(minutes=minutes))
    browser.post("/stop", {"reason": "演练"})
    site.clock.advance(130 * 60)
    with site.store.write() as tx:
        late = makers.later(minutes=120)
        tx.exec_driver_sql(
            "update delivery set late_at = ? where id = 1", (str(late)[:19] + ".000000",)
        )
    text = browser.get("/stop/plan").text
    places = [text.index(word) for word in ("太晚", "Leaves at once", "马上", "以后")]
    assert sorted(places) == places
    assert "/" == browser.post("/stop/lift", {"account": ""}).headers["location"]
    assert "Lifted." in browser.get("/").text
    assert "Lifted." not in browser.get("/").text


def test_author_sees_no_stop_and_may_not_stop(site):
    browser = site.person("李强", "author")
    assert "Stop publishing" not in browser.get("/").text
    assert [403, 403] == [
        browser.get("/stop").status_code,
        browser.post("/stop", {"reason": "演练"}).status_code,
    ]
    assert [] == pauses(site)


def test_reviewer_stops_but_does_not_lift(site):
    browser = site.person("李强", "reviewer")
    browser.post("/stop", {"reason": "演练"})
    assert "Only an operator lifts a stop." in browser.get("/stop/plan").text
    assert 403 == browser.post("/stop/lift").status_code
    assert "演练" in browser.get("/").text


def test_only_an_administrator_changes_people(site):
    author, admin = site.person("李强", "author"), site.person("林晓", "admin")
    form = {"name": "周敏", "roles": ["reviewer", "leader"], "password": "long enough for us"}
    assert "Add a person" not in author.get("/people").text
    assert (403, True) == (
        (refused := author.post("/people", form)).status_code,
        "needs the role administrator" in refused.text,
    )
    assert 303 == admin.post("/people", form).status_code
    assert "Added 周敏." in (listed := admin.get("/people").text)
    assert "reviewer" in listed
    assert 303 == site.browser().login("周敏", "long enough for us").status_code


def test_refused_person_form_keeps_what_was_typed(site):
    admin = site.person("林晓", "admin")
    form = {"name": "周敏", "title": "办公室", "roles": ["reviewer"], "password": "short"}
    answer = admin.post("/people", form)
    assert 400 == answer.status_code
    assert "The password is too short" in answer.text
    assert all(word in answer.text for word in ('value="周敏"', 'value="办公室"', "checked"))
    assert 'value="short"' not in answer.text


def test_administrator_changes_roles_and_ends_access(site):
    admin = site.person("林晓", "admin")
    other = site.person("李强", "author")
    with site.store.read() as tx:
        number = tx.execute(select(PERSON.c.id).where(PERSON.c.name == "李强")).scalar_one()
    assert 303 == admin.post(f"/people/{number}/roles", {"roles": ["operator"]}).status_code
    assert "Stop publishing" in other.get("/").text
    assert 303 == admin.post(f"/people/{number}/deactivate").status_code
    assert 303 == other.get("/").status_code


@pytest.mark.parametrize("path", ["/people/9999", "/nothing-here"])
def test_missing_page_says_so(site, path):
    answer = site.person("李强", "admin").get(path)
    assert (404, True) == (answer.status_code, "Go to Today" in answer.text)


def test_page_in_the_other_language_after_the_switch(site):
    browser = site.person("李强", "author")
    assert 'lang="en"' in browser.get("/").text
    assert (
        "/people"
        == browser.post("/language", {"to": "zh_CN", "back": "/people"}).headers["location"]
    )
    assert 'lang="zh-CN"' in browser.get("/").text
    browser.post("/language", {"to": "xx"})
    assert 'lang="zh-CN"' in browser.get("/").text


def test_script_in_names_and_reasons_stays_text(site):
    with site.store.write() as tx:
        name = "<b onclick=x>李</b>"
        add_person(tx, SETUP, name, [Role.author], now=START, title=EVIL)
        account = tx.exec_driver_sql("select id from account where name='weibo-main'").scalar()
        post = makers.post(tx, account, EVIL)
        makers.delivery(tx, account, [post], due_at=makers.later(minutes=5))
    browser = site.person("李强", "operator", "admin")
    browser.post("/stop", {"reason": EVIL})
    text = "".join(browser.get(path).text for path in PAGES)
    assert "<script>alert" not in text
    assert "<b onclick" not in text
    assert "&lt;script&gt;alert" in text

"""A login that ended: what is said, where it leads back to, and that nothing typed is lost."""

from __future__ import annotations

import html
import json
import re

import pytest
from sqlalchemy import select

from scheduler.people import PERSON
from tests.console.conftest import PASSWORD
from tests.console.test_console_pages import EVIL, pauses

PAGE = {"Accept": "text/html,application/xhtml+xml"}
HOURS_9 = 9 * 3600


def kept_in(page: str) -> str:
    found = re.search(r'name="kept" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


@pytest.fixture
def ended(site):
    """Give a browser whose login ended while its page stood open."""
    browser = site.person("李强", "operator")
    browser.http.headers.update(PAGE)
    site.clock.advance(HOURS_9)
    return browser


def test_page_after_the_end_says_so_and_leads_back(site, ended):
    answer = ended.get("/queue?state=failed")
    assert "/login?next=%2Fqueue%3Fstate%3Dfailed&ended=1" == answer.headers["location"]
    assert "Your login has ended. Log in again." in ended.get(answer.headers["location"]).text
    assert "has ended" not in site.browser().get("/login").text
    assert (
        "/queue?state=failed" == ended.login("李强", next="/queue?state=failed").headers["location"]
    )


def test_form_after_the_end_is_kept_and_sent_after_the_login(site, ended):
    answer = ended.post("/stop", {"reason": "全市哀悼日", "account": ""}, token="old")
    kept = kept_in(answer.text)
    assert (401, True, []) == (answer.status_code, bool(kept), pauses(site))
    again = ended.login("李强", kept=kept)
    assert (200, []) == (again.status_code, pauses(site))
    assert "全市哀悼日</textarea>" in again.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', again.text))
    assert 303 == ended.post("/stop", fields, token=fields.pop("csrf")).status_code
    assert ["全市哀悼日"] == pauses(site)


def test_wrong_password_does_not_lose_what_was_kept(site, ended):
    kept = kept_in(ended.post("/stop", {"reason": "演练"}, token="old").text)
    assert kept == kept_in(ended.login("李强", "wrong", kept=kept).text)


def test_who_may_not_do_it_may_not_do_it_by_a_kept_form(site, ended):
    kept = kept_in(ended.post("/stop", {"reason": "演练"}, token="old").text)
    site.person("小陈", "author")
    again = ended.login("小陈", kept=kept)
    token = re.search(r'name="csrf" value="([^"]+)"', again.text)[1]
    assert 403 == ended.post("/stop", {"reason": "演练"}, token=token).status_code
    assert [] == pauses(site)


def test_passwords_and_secrets_are_never_kept(ended):
    for path in ("/people", "/people/password", "/accounts/weibo-main/secrets"):
        answer = ended.post(path, {"password": "very secret words", "title": "x"}, token="old")
        assert (303, False) == (answer.status_code, "very secret" in answer.text)


def test_form_without_typed_words_leads_back_to_its_page(site, ended):
    ended.http.headers["Referer"] = f"{site.url}/queue?state=held"
    answer = ended.post("/queue/1/unhold", token="old")
    assert (303, "/login?next=%2Fqueue%3Fstate%3Dheld&ended=1") == (
        answer.status_code,
        answer.headers["location"],
    )


@pytest.mark.parametrize("referer", ["https://evil.example/queue", "http://[broken", "x"])
def test_page_of_another_site_is_not_led_back_to(ended, referer):
    ended.http.headers["Referer"] = referer
    assert "/login?ended=1" == ended.post("/queue/1/unhold", token="old").headers["location"]


def test_script_that_saves_by_itself_gets_no_page(site, ended):
    ended.http.headers["Accept"] = "*/*"
    assert 303 == ended.post("/stories/autosave", {"title": "写到一半"}, token="old").status_code


def test_form_from_elsewhere_is_not_kept(ended):
    answer = ended.post("/stop", {"reason": "演练"}, token="old", origin="https://evil.example")
    assert (403, "") == (answer.status_code, kept_in(answer.text))


def test_kept_words_stay_text(ended):
    kept = kept_in(ended.post("/stop", {"reason": EVIL}, token="old").text)
    page = ended.login("李强", kept=kept).text
    assert (False, True) == ("<script>alert" in page, "&lt;script&gt;alert" in page)


@pytest.mark.parametrize(
    "change",
    [
        {"address": "https://evil.example/stop"},
        {"address": "//evil.example"},
        {"address": "/people"},
        {"address": "javascript:alert(1)"},
        {"fields": "no list"},
        {"fields": None},
    ],
)
def test_what_is_not_ours_is_not_offered(site, change):
    site.person("李强", "operator")
    told = {"address": "/stop", "page": "/", "fields": [["reason", "x"]], "had_files": False}
    answer = site.browser().login("李强", kept=json.dumps(told | change))
    assert (303, "/") == (answer.status_code, answer.headers["location"])


@pytest.mark.parametrize("kept", ["{", "[]", "1", "null", '{"address": "/stop"}'])
def test_broken_kept_form_only_means_none(site, kept):
    site.person("李强", "operator")
    assert 303 == site.browser().login("李强", kept=kept).status_code


# --- pages nobody wrote, and refusals -------------------------------------------------------------


def test_missing_and_forbidden_pages_stand_in_the_frame(site):
    author = site.person("小陈", "author")
    for path, status in (("/nothing-here", 404), ("/queue/999", 404), ("/stop", 403)):
        answer = author.get(path)
        assert (status, True) == (answer.status_code, 'class="places"' in answer.text)
        assert 'action="/search"' in answer.text
    assert 'class="places"' not in site.browser().get("/nothing-here").text


def test_address_that_is_no_number_is_a_page_that_is_not_there(site):
    answer = site.person("小陈", "author").get("/queue/abc")
    assert (404, True) == (answer.status_code, "There is no such page" in answer.text)


def test_refusal_names_the_role_and_who_can_give_it(site):
    author, admin = site.person("小陈", "author"), site.person("林晓", "admin")
    page = author.get("/stop").text
    assert "it needs the role operator / reviewer / leader" in page
    assert "Administrators here: 林晓, 王芳." in page
    assert "Give the role under People" in admin.get("/stop").text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/stop", None),
        ("/queue/999", None),
        ("/stories/999", None),
        ("/people/999", None),
        ("/people", {"name": "王芳", "roles": ["author"]}),
        ("/people/1/roles", {"roles": ["author"]}),
        ("/people/1/deactivate", {}),
        ("/stop/lift", {}),
    ],
)
def test_pages_name_no_command(site, path, form):
    roles = ("author",) if path == "/stop" else ("admin", "operator")
    browser = site.person("小陈", *roles)
    answer = browser.get(path) if form is None else browser.post(path, form)
    text = answer.text.replace("<code>fabu run</code>", "")  # there is no other way to start it
    assert (True, False) == (answer.status_code in (303, 400, 403, 404, 409), "fabu " in text)


# --- people ---------------------------------------------------------------------------------------


def test_people_page_says_what_roles_mean_and_who_was_here_when(site):
    admin = site.person("林晓", "admin")
    page = admin.get("/people").text
    assert "Approves or returns what others wrote" in page
    assert "today 17:00" in page
    assert "no password yet" in page  # 王芳, who set the desk up on a command line


def test_page_of_a_person_tells_others_what_they_may_do(site):
    author, number = site.person("小陈", "author"), 1
    page = author.get(f"/people/{number}").text
    assert ("Only an administrator changes this." in page, "<form" in page.split("<main")[1]) == (
        True,
        False,
    )


def test_last_administrator_stays_one(site):
    admin = site.person("林晓", "admin")
    with site.store.write() as tx:
        tx.execute(PERSON.update().where(PERSON.c.name == "王芳").values(active=False))
        number = tx.execute(select(PERSON.c.id).where(PERSON.c.name == "林晓")).scalar_one()
    for form in (f"/people/{number}/deactivate", f"/people/{number}/roles"):
        answer = admin.post(form, {"roles": ["author"]})
        assert (409, True) == (answer.status_code, "the only administrator" in answer.text)
    assert 200 == admin.get("/people").status_code


def test_login_says_how_long_to_wait(site):
    browser = site.browser()
    for _turn in range(5):
        browser.login("李强", "wrong")
    site.clock.advance(600)
    assert "Wait 5 minutes" in browser.login("李强", PASSWORD).text

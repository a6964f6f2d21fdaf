"""Logging in and out, and what keeps others from doing it in one's name."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from console.session import SESSION
from scheduler.people import PERSON
from tests.console.conftest import PASSWORD

REFUSED = "did not come from a page of this console"


def sessions(site) -> int:
    with site.store.read() as tx:
        return tx.execute(select(func.count()).select_from(SESSION)).scalar_one()


def test_right_password_opens_the_page_that_was_wanted(site):
    browser = site.browser()
    sent = browser.get("/accounts?x=1")
    assert (303, "/login?next=%2Faccounts%3Fx%3D1") == (sent.status_code, sent.headers["location"])
    site.person("李强", "author")
    answer = browser.login("李强", next="/accounts?x=1")
    assert (303, "/accounts?x=1") == (answer.status_code, answer.headers["location"])
    assert 200 == browser.get("/accounts").status_code


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "x"]
)
def test_login_never_leads_to_another_site(site, elsewhere):
    site.person("李强", "author")
    assert "/" == site.browser().login("李强", next=elsewhere).headers["location"]


def test_wrong_password_and_unknown_name_read_alike(site):
    site.person("李强", "author")
    answers = [site.browser().login(name, "not this one") for name in ("李强", "赵六")]
    assert [403, 403] == [answer.status_code for answer in answers]
    said = [re.sub("李强|赵六", "", answer.text) for answer in answers]
    assert said[0] == said[1]
    assert "Name and password do not fit" in said[0]
    assert 1 == sessions(site)


def test_five_failures_bring_fifteen_minutes_of_rest(site):
    site.person("李强", "author")
    browser = site.browser()
    for _turn in range(5):
        assert 403 == browser.login("李强", "wrong").status_code
    refused = browser.login("李强")
    assert (429, True) == (refused.status_code, "Wait 15 minutes" in refused.text)
    site.clock.advance(15 * 60 - 1)
    assert 429 == browser.login("李强").status_code
    site.clock.advance(1)
    assert 303 == browser.login("李强").status_code


def test_failures_of_one_address_count_over_all_names(site):
    site.person("李强", "author")
    browser = site.browser()
    for number in range(5):
        browser.login(f"guess {number}", "wrong")
    assert 429 == browser.login("李强").status_code


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(site):
    site.person("李强", "author")
    cookie = site.browser().login("李强").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_cookie_is_secure_behind_https(site):
    site.person("李强", "author")
    browser = site.browser()
    browser.http.headers["X-Forwarded-Proto"] = "https"
    assert "Secure" in browser.login("李强").headers["set-cookie"].split("; ")


def test_database_keeps_no_cookie(site):
    browser = site.person("李强", "author")
    with site.store.read() as tx:
        rows = tx.execute(select(SESSION)).all()
    assert browser.http.cookies["fabu_session"] not in str(rows)


def test_log_out_ends_the_session_also_for_a_kept_cookie(site):
    browser = site.person("李强", "author")
    kept = browser.http.cookies["fabu_session"]
    assert "/login" == browser.post("/logout").headers["location"]
    browser.http.cookies.set("fabu_session", kept)
    assert (303, 0) == (browser.get("/").status_code, sessions(site))


def test_eight_idle_hours_end_a_session_and_a_request_renews_them(site):
    browser = site.person("李强", "author")
    site.clock.advance(7.9 * 3600)
    assert 200 == browser.get("/").status_code
    site.clock.advance(7.9 * 3600)
    assert 200 == browser.get("/").status_code
    site.clock.advance(8 * 3600)
    assert 303 == browser.get("/").status_code


def test_day_after_its_login_a_session_ends_however_busy(site):
    browser = site.person("李强", "author")
    for _hour in range(23):
        site.clock.advance(3600)
        assert 200 == browser.get("/").status_code
    site.clock.advance(3600)
    assert 303 == browser.get("/").status_code


def test_new_password_ends_the_other_logins(site):
    here, there = site.person("李强", "author"), site.browser()
    there.login("李强")
    form = {"old": PASSWORD, "new": "another long password", "again": "another long password"}
    assert 303 == here.post("/people/password", form).status_code
    assert [200, 303] == [one.get("/").status_code for one in (here, there)]


def test_person_who_left_is_out_at_once(site):
    browser = site.person("李强", "author")
    with site.store.write() as tx:
        tx.execute(PERSON.update().where(PERSON.c.name == "李强").values(active=False))
    assert 303 == browser.get("/").status_code


@pytest.mark.parametrize("token", ["", "wrong", "错"])
def test_form_without_this_sessions_token_is_refused(site, token):
    browser = site.person("李强", "operator")
    answer = browser.post("/stop", {"reason": "演练"}, token=token)
    assert (403, True) == (answer.status_code, REFUSED in answer.text)
    assert "Nothing is stopped" in browser.get("/stop/plan").text


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://127.0.0.1:1", "http://[broken"]
)
def test_form_from_elsewhere_is_refused_even_with_the_token(site, origin):
    browser = site.person("李强", "operator")
    answer = browser.post("/stop", {"reason": "演练"}, origin=origin)
    assert (403, True) == (answer.status_code, REFUSED in answer.text)
    assert "Nothing is stopped" in browser.get("/stop/plan").text


def test_browser_that_says_cross_site_is_refused(site):
    browser = site.person("李强", "operator")
    browser.http.headers["Sec-Fetch-Site"] = "cross-site"
    assert 403 == browser.post("/stop", {"reason": "演练"}).status_code


def test_login_form_from_elsewhere_is_refused(site):
    site.person("李强", "author")
    browser = site.browser()
    answer = browser.post("/login", {"name": "李强", "password": PASSWORD}, origin="https://evil")
    assert (403, None) == (answer.status_code, browser.http.cookies.get("fabu_session"))

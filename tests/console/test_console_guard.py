"""No address is open by mistake, and what stands around the pages holds."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute
from starlette.datastructures import Headers

from console.app import PAGES, build
from console.guard import PUBLIC, is_own
from console.throttle import Throttle
from scheduler import config
from tests.clocks import START

ROUTES = sorted(
    (method, route.path)
    for page in PAGES
    for route in page.router.routes
    if isinstance(route, APIRoute)
    for method in route.methods
)


@pytest.mark.parametrize(("method", "address"), [("GET", "/queue?state=all"), ("POST", "/stop")])
def test_address_without_a_session_leads_to_the_login(site, method, address):
    """Every other one: test_rights.py."""
    browser = site.browser()
    answer = browser.get(address) if method == "GET" else browser.post(address, {"x": "1"})
    assert (303, True) == (answer.status_code, answer.headers["location"].startswith("/login"))


def test_every_post_without_the_token_is_refused(site):
    browser = site.person("李强", "author", "reviewer", "operator", "leader", "admin")
    posts = [path for method, path in ROUTES if method == "POST" and path not in PUBLIC]
    answers = {
        path: browser.post(re.sub(r"{[^}]+}", "1", path), {"x": "1"}, token="wrong")
        for path in posts
    }
    assert dict.fromkeys(posts, 403) == {path: one.status_code for path, one in answers.items()}
    assert 200 == browser.get("/").status_code


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"origin": "http://desk:8765"}, True),
        ({"origin": "HTTP://DESK:8765"}, True),
        ({"referer": "http://desk:8765/stop"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://evil"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://desk:8765"}, False),
        ({"origin": "http://desk"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_origin_is_ours_only_with_host_and_port(headers, own):
    assert own is is_own(Headers({"host": "desk:8765", **headers}))


def test_fault_of_ours_breaks_one_page_and_shows_no_trace(site, monkeypatch):
    def broken(*_args: object) -> None:
        message = "secret detail"
        raise RuntimeError(message)

    browser = site.person("李强", "author")
    monkeypatch.setattr("console.agenda.read_day", broken)
    answer = browser.get("/")
    assert (500, False) == (answer.status_code, "secret detail" in answer.text)
    assert "The console met a fault of its own" in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    monkeypatch.undo()
    assert 200 == browser.get("/accounts").status_code


def test_body_that_hides_its_length_is_refused(site):
    browser = site.person("李强", "operator")
    answer = browser.http.post(
        site.url + "/stop", data=iter([b"reason=x"]), headers={"Origin": site.url}, timeout=10
    )
    assert 411 == answer.status_code


def test_places_stand_in_their_fixed_order(site):
    made = build(config.load(site.home / "config.toml"), site.store, site.clock)
    names = [place.name for place in made.state.places]
    fixed = "today stories review calendar queue ledger settings".split()
    assert [name for name in fixed if name in names] == names


def test_many_attempts_at_the_same_moment_are_no_way_round():
    throttle = Throttle()
    waits = [throttle.begin(["name:李强"], START) for _turn in range(7)]
    assert [timedelta(0)] * 5 + [timedelta(minutes=15)] * 2 == waits


def test_rest_lasts_fifteen_minutes_from_the_fifth_failure():
    throttle = Throttle()
    for minute in (0, 1, 2, 3, 14):
        throttle.begin(["a"], START + timedelta(minutes=minute))
    assert timedelta(minutes=14) == throttle.begin(["a"], START + timedelta(minutes=15))
    assert timedelta(0) == throttle.begin(["a"], START + timedelta(minutes=29))


def test_success_forgives_the_name_and_one_attempt_of_the_address():
    throttle = Throttle()
    for _turn in range(5):
        throttle.begin(["name", "address"], START)
    throttle.forgive("name", "address", START)
    assert timedelta(0) == throttle.begin(["name", "address"], START)
    assert timedelta(0) < throttle.begin(["other", "address"], START)

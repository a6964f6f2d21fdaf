"""Every address with everybody: who may, who may not, and that nothing changes for who may not.

The addresses come from the application: a new one without a line in `addresses.py` fails the first
test. The lines name the rooms' functions behind a form, which must refuse by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from console.app import PAGES, build
from console.guard import PUBLIC
from scheduler.errors import NotAllowed
from tests.console.addresses import GETS, OPEN, POSTS, Case
from tests.console.office import PASSWORD, PEOPLE, STRANGER, Office, office_in


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give the office; whatever changes it puts it back."""
    with office_in(tmp_path_factory.mktemp("office")) as made:
        yield made


def named(case: Case) -> str:
    return f"{case.route} {case.path}".strip()


def test_every_address_of_the_console_stands_in_the_table(office):
    made = build(office.settings, office.store, office.clock)
    told = made.openapi()["paths"]
    found = {f"{method.upper()} {path}" for path, methods in told.items() for method in methods}
    written_down = {
        f"{method} {route.path}"
        for page in PAGES
        for route in page.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert found == written_down
    assert found == OPEN | {case.route for case in (*GETS, *POSTS)}
    assert {path.partition(" ")[2] for path in OPEN} == PUBLIC


def answers(office: Office, case: Case, method: str) -> dict[str, tuple[int, set[str]]]:
    """Ask as everybody; give the status and what was changed, put back each time."""
    found = {}
    for who in (STRANGER, *PEOPLE):
        before = office.dump()
        answer = office.ask(
            who, method, case.address(office, who), case.form(office, who), case.files
        )
        after = office.dump()
        if changed := {name for name in before if before[name] != after[name]}:
            office.restore()
        found[who] = (answer.status_code, changed)
    return found


@pytest.mark.parametrize("case", GETS, ids=named)
def test_page_is_shown_to_whom_it_is_for_and_changes_nothing(office, case):
    found = answers(office, case, "GET")
    # What a reviewer had before them is kept, once: the next version is compared with it.
    noted = {"reviewer", "own"} if case.route.startswith("GET /review/{story_id}") else set()
    shown = 303 if case.route == "GET /setup/accounts/{name}" else 200
    allowed = {who: shown if who in case.may else 403 for who in found if who != STRANGER}
    assert {STRANGER: 303, **allowed} == {who: status for who, (status, _) in found.items()}
    kept = {who: names for who, (_status, names) in found.items() if names}
    assert {who: {"reading"} for who in kept} == kept
    assert noted >= kept.keys()


@pytest.mark.parametrize("case", POSTS, ids=named)
def test_form_is_taken_from_whom_it_is_for_and_from_nobody_else(office, case):
    found = answers(office, case, "POST")
    assert 303 == found[STRANGER][0]
    refused = {who for who, (status, _changed) in found.items() if status == 403}
    assert refused == PEOPLE.keys() - set(case.may)
    changed = {who for who, (_status, changed) in found.items() if changed}
    assert changed == (set() if case.quiet else set(case.may))
    assert {200, 303} >= {found[who][0] for who in case.may}


@pytest.mark.parametrize("case", [one for one in POSTS if one.rooms], ids=named)
def test_rooms_refuse_by_themselves_whoever_may_not(office, case):
    before = office.dump()
    for who in PEOPLE.keys() - set(case.may):
        for number, room in enumerate(case.rooms):
            with pytest.raises(NotAllowed), office.store.write() as tx:
                room(office, tx, office.actors[who])
            assert before == office.dump(), (who, number)
    assert all(case.rooms)


@pytest.mark.parametrize("case", POSTS, ids=named)
def test_form_without_the_token_of_its_session_changes_nothing(office, case):
    before = office.dump()
    for token in ("", office.csrf["plain"]):
        who = case.may[-1] if case.may[-1] != "plain" else "admin"
        form = {**case.form(office, who), "csrf": token}
        answer = office.ask(who, "POST", case.address(office, who), form, case.files)
        assert 403 == answer.status_code
    assert before == office.dump()


def test_open_addresses_keep_nothing_but_a_login(office):
    before = office.dump()
    asked = [
        office.ask(STRANGER, "GET", "/login").status_code,
        office.ask(STRANGER, "GET", "/healthz").status_code,
        office.ask(STRANGER, "POST", "/language", {"to": "en", "back": "/"}).status_code,
        office.ask(STRANGER, "POST", "/login", {"name": "admin", "password": "no"}).status_code,
        office.ask(STRANGER, "GET", "/callback/wechat/wechat-main").status_code,
        office.ask(STRANGER, "POST", "/callback/wechat/wechat-main", {}).status_code,
    ]
    assert [200, 503, 303, 403, 403, 403] == asked
    assert before == office.dump()
    good = office.ask(STRANGER, "POST", "/login", {"name": "admin", "password": PASSWORD})
    after = office.dump()
    assert 303 == good.status_code
    kinds = {name for name in before if before[name] != after[name]}
    assert {"console_session", "event"} == kinds
    office.restore()

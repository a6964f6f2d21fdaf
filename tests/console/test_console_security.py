"""Hostile visitors: what they send round the forms, what they learn, how they get a login."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from console import guard, session
from console.throttle import FAILURES_MAX, Throttle
from scheduler import people
from scheduler.people import PERSON, Role
from tests.clocks import START
from tests.console.addresses import GETS, POSTS
from tests.console.office import ALL, PASSWORD, SECRETS, STRANGER, Office, office_in

CSP = (
    "default-src 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
ELSEWHERE = (
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "///evil.example",
    "javascript:alert(1)", "data:text/html,x", "//[", "http://[", "//a／b", "/\t/evil.example",
    "/\x00", "evil", " /x", "/x\r\nSet-Cookie: a=b", "/\u202e", "",
)  # fmt: skip
BOTH = {"Content-Length": "4", "Transfer-Encoding": "chunked"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office; a test that changes it puts it back."""
    with office_in(tmp_path_factory.mktemp("office")) as made:
        yield made


def raw(office: Office, text: str, body: bytes = b"", source: str = "127.0.0.1") -> bytes:
    """Send bytes as no browser would, from an address; give all that comes back."""
    where = urlsplit(office.url)
    with socket.create_connection((where.hostname, where.port), 10, (source, 0)) as line:
        line.sendall(text.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return answer


# --- headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "path"),
    [(ALL, "/"), (ALL, "/nothing"), (ALL, "/people/0"), (STRANGER, "/login"), (STRANGER, "/"),
     (STRANGER, "/healthz"), (ALL, "/media/{picture}"), (ALL, "/ledger/posts?format=csv"),
     (STRANGER, "/callback/wechat/x"), (STRANGER, "/static/nothing.css?v=1")],
)  # fmt: skip
def test_every_answer_is_fenced_in_and_kept_by_nobody(office, who, path):
    headers = office.ask(who, "GET", path.format(**office.ids)).headers
    told = {name: headers.get(name) for name in (*guard.HEADERS, "cache-control")}
    assert told == {
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }
    assert "server" not in headers


def test_no_page_has_a_script_or_a_style_of_its_own(office):
    found = []
    for case in GETS:
        page = office.ask(ALL, "GET", case.address(office, ALL)).text
        if re.search(r"<script(?! src=\"/static/)|<style|\sstyle=|\son[a-z]+=\"", page):
            found.append(case.route)
    assert [] == found


# --- the envelope: host, length, charset, time ------------------------------------------------


@pytest.mark.parametrize("host", ["x/callback/y?", "x/login?", "[", "a b", "a@b", "evil.example"])
def test_host_header_opens_nothing_and_stands_on_no_page(office, host):
    page = raw(office, f"GET /people/password HTTP/1.1\nHost: {host}\nConnection: close")
    assert b" 303 " in page.split(b"\r\n")[0]
    assert b"location: /login" in page
    sent = raw(
        office,
        f"POST /stop HTTP/1.1\nHost: {host}\nSec-Fetch-Site: same-origin\nContent-Length: 0\n"
        f"Cookie: {session.COOKIE}={office.cookies[ALL]}\nConnection: close",
    )
    assert b" 403 " in sent.split(b"\r\n")[0]
    inside = raw(
        office,
        f"GET /nothing HTTP/1.1\nHost: {host}\nCookie: {session.COOKIE}={office.cookies[ALL]}\n"
        "Connection: close",
    )
    assert b" 404 " in inside.split(b"\r\n")[0]
    assert host.encode() not in inside


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 411), (BOTH, 411), ({"Content-Length": "x"}, 400),
     ({"Content-Length": str(65 * 1024 * 1024)}, 413)],
)  # fmt: skip
def test_body_without_an_honest_length_is_refused_unread(office, headers, status):
    told = "".join(f"{name}: {value}\n" for name, value in headers.items())
    head = f"POST /login HTTP/1.1\nHost: x\nOrigin: http://x\n{told}Connection: close"
    assert status == int(raw(office, head).split()[1])


def test_large_body_of_a_stranger_is_answered_before_it_arrives(office):
    length = guard.STRANGER_BYTES_MAX + 1
    for cookie in ("", f"Cookie: {session.COOKIE}=made-up\n"):
        head = f"POST /media HTTP/1.1\nHost: x\nOrigin: http://x\nContent-Length: {length}\n"
        answer = raw(office, f"{head}{cookie}Connection: close")
        assert (b"303", True) == (answer.split()[1], b"location: /login" in answer)


def test_body_that_drips_is_let_go(office, monkeypatch):
    monkeypatch.setattr(guard, "BODY_S", 0.2)
    head = "POST /login HTTP/1.1\nHost: x\nOrigin: http://x\nContent-Length: 9\nConnection: close"
    kind = "\nContent-Type: application/x-www-form-urlencoded"
    assert int(raw(office, head + kind, b"name=").split()[1]) in {400, 408}


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-16", "utf-7", "undefined"])
def test_form_in_another_charset_is_refused(office, charset):
    body = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800\r\n--x--\r\n'
    kind = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    sent = office.ask(STRANGER, "POST", "/login", headers=kind, data=None)
    assert 415 == sent.status_code
    head = f"POST /login HTTP/1.1\nHost: x\nOrigin: http://x\nContent-Type: {kind['Content-Type']}"
    answer = raw(office, f"{head}\nContent-Length: {len(body)}\nConnection: close", body)
    assert b"415" == answer.split()[1]


# --- addresses to go on to -----------------------------------------------------------------------


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_address_to_go_on_to_leads_elsewhere(office, address):
    """`next`, `back` and the Referer: whatever they say, the next page is one of ours."""
    shown = office.ask(STRANGER, "GET", "/login", params={"next": address})
    on = office.ask(ALL, "GET", "/login", params={"next": address})
    spoken = office.ask(ALL, "POST", "/language", {"to": "en", "back": address})
    undone = office.ask(ALL, "POST", "/queue/bulk/unhold", {
        "tick": str(office.ids["held"]), "back": address,
    })  # fmt: skip
    checked = office.ask(ALL, "POST", "/accounts/board/check", {"back": address})
    office.restore()
    assert [200, 303, 303, 303, 303] == [
        one.status_code for one in (shown, on, spoken, undone, checked)
    ]
    assert 'name="next" value="/"' in shown.text
    assert {"/"} == {on.headers["location"], spoken.headers["location"]}
    assert undone.headers["location"].startswith("/queue")
    assert "/accounts/board" == checked.headers["location"]


# --- logins --------------------------------------------------------------------------------------


def login(office: Office, name: str, cookie: str = "", **headers: str) -> Any:
    """Log in with a browser that has this cookie."""
    told = {"Cookie": f"{session.COOKIE}={cookie}", **headers} if cookie else headers
    form = {"name": name, "password": PASSWORD}
    return office.ask(STRANGER, "POST", "/login", form, headers=told)


def test_login_never_takes_over_a_cookie_that_was_there(office):
    planted = "planted-by-somebody-else-0123456789abcdefghij"
    given = login(office, "plain", planted).cookies[session.COOKIE]
    assert planted != given
    office.cookies["planted"] = planted
    assert 303 == office.ask("planted", "GET", "/").status_code
    again = login(office, "author", given).cookies[session.COOKIE]
    office.cookies |= {"first": given, "second": again}
    assert [303, 200] == [office.ask(one, "GET", "/").status_code for one in ("first", "second")]
    office.restore()


def test_roles_and_leaving_count_from_the_next_request(office):
    plain = office.actors["plain"].id
    with office.store.write() as tx:
        people.set_roles(tx, office.actors["admin"], plain, [Role.operator], now=START)
    assert 200 == office.ask("plain", "GET", "/stop").status_code
    with office.store.write() as tx:
        people.set_roles(tx, office.actors["admin"], plain, [], now=START)
    assert 403 == office.ask("plain", "POST", "/stop", {"reason": "x"}).status_code
    with office.store.write() as tx:
        people.deactivate(tx, office.actors["admin"], plain, now=START)
    assert 303 == office.ask("plain", "GET", "/").status_code
    office.restore()


def test_password_given_by_an_administrator_ends_every_login(office):
    assert 200 == office.ask("leader", "GET", "/").status_code
    address = f"/people/{office.actors['leader'].id}/password"
    form = {"password": "quite another one"}
    assert 303 == office.ask("admin", "POST", address, form).status_code
    assert 303 == office.ask("leader", "GET", "/").status_code
    office.restore()


def test_own_password_is_never_changed_without_the_present_one(office):
    address = f"/people/{office.actors['admin'].id}/password"
    before = office.dump()
    assert 403 == office.ask("admin", "POST", address, {"password": "stolen cookie"}).status_code
    wrong = {"old": "not this one", "new": "stolen cookie", "again": "stolen cookie"}
    assert 400 == office.ask("admin", "POST", "/people/password", wrong).status_code
    assert before == office.dump()


def test_passwords_are_kept_as_slow_hashes(office):
    with office.store.read() as tx:
        kept = set(tx.execute(select(PERSON.c.password_hash)).scalars()) - {""}
    for stored in kept:
        found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$.{22}\$.{43}", stored)
        assert found is not None
        assert (int(found[1]), int(found[2])) >= (19 * 1024, 2)  # OWASP's least, 2026


@pytest.mark.parametrize("name", ["plain", "absent", "nobody", ""])
def test_wrong_login_costs_one_hash_whoever_it_names(office, monkeypatch, name):
    hasher, work = people._hasher(), []
    people._hash_of_nobody()

    class Counting:
        def verify(self, *args: str) -> bool:
            work.append(args[1].split("$")[3])
            return hasher.verify(*args)

    monkeypatch.setattr(people, "_hasher", Counting)
    with office.store.read() as tx, pytest.raises(people.NotAllowed):
        people.check_password(tx, name, "wrong")
    assert ["m=65536,t=3,p=4"] == work


def test_spelling_of_a_name_gives_no_further_attempts():
    throttle = Throttle()
    spellings = ["李强", "\uf9e1强", "李强", "\uf9e1强", "李强"]  # one name to whoever looks it up
    waits = [throttle.begin([f"name:{name}"], START) for name in spellings]
    assert [timedelta(0)] * FAILURES_MAX == waits
    assert timedelta(0) < throttle.begin(["name:\uf9e1强"], START)


def test_forwarded_address_is_believed_of_this_machine_s_proxy_only(office):
    """A visitor from elsewhere cannot choose the address their failures are counted for."""
    answers = []
    for turn in range(FAILURES_MAX + 1):
        body = f"name=guess{turn}&password=x".encode()
        head = f"POST /login HTTP/1.1\nHost: x\nOrigin: http://x\nContent-Length: {len(body)}\n"
        head += f"X-Forwarded-For: 10.0.0.{turn}\nX-Forwarded-Proto: https\nConnection: close\n"
        kind = "Content-Type: application/x-www-form-urlencoded"
        answers.append(int(raw(office, head + kind, body, source="127.0.0.9").split()[1]))
    assert [403] * FAILURES_MAX + [429] == answers


# --- what is told --------------------------------------------------------------------------------


def private(office: Office) -> list[str]:
    """Give what no page and no log may hold."""
    with office.store.read() as tx:
        hashes = [one for one in tx.execute(select(PERSON.c.password_hash)).scalars() if one]
        stamps = list(tx.execute(select(session.SESSION.c.digest)).scalars())
    key = office.settings.key_file.read_text(encoding="utf-8").strip()
    return [*SECRETS.values(), PASSWORD, key, *hashes, *stamps, *office.cookies.values()]


def test_no_page_no_error_and_no_log_tells_a_secret(office, caplog):
    caplog.set_level(logging.DEBUG)
    told = [office.ask(ALL, "GET", case.address(office, ALL)).text for case in GETS]
    for account, name in SECRETS:
        for address in (f"/accounts/{account}/secrets", "/setup/account"):
            form = {"channel": "weibo", f"secret.{name}x": SECRETS[account, name], "name": "?"}
            told.append(office.ask("admin", "POST", address, form).text)
    wrong = {"name": "admin", "password": PASSWORD + "x", "old": PASSWORD, "new": PASSWORD[:3]}
    told += [office.ask(ALL, "POST", "/people/password", wrong).text]
    told += [office.ask(STRANGER, "POST", "/login", wrong).text, caplog.text]
    found = [one for one in private(office) if any(one in page for page in told)]
    assert [] == found
    assert len(told) > len(GETS)


def test_fault_of_ours_tells_nothing_of_the_program(office, monkeypatch, caplog):
    def broken(*_args: object, **_more: object) -> None:
        message = "/srv/fabu/queue.db: secret detail"
        raise RuntimeError(message)

    monkeypatch.setattr("console.agenda.read_day", broken)
    page = office.ask(ALL, "GET", "/")
    assert 500 == page.status_code
    assert not re.search(r"secret detail|Traceback|queue\.db|\.py|RuntimeError", page.text)
    assert "secret detail" in caplog.text


def test_health_says_how_it_is_and_nothing_of_people_or_stories(office):
    told = office.ask(STRANGER, "GET", "/healthz").json()
    assert {"ok", "daemon_runs", "nodes", "last_beat_s", "oldest_due_s", "oldest_doubt_s"} == set(
        told
    )


@pytest.mark.parametrize(
    "base", ["http://169.254.169.254/latest", "https://evil.example", "http://10.0.0.5:8080"]
)
def test_page_points_no_account_at_another_machine(office, base):
    """An account's secrets go to its address: no page may turn them, and us, elsewhere."""
    before = office.dump()
    new = {"channel": "weibo", "name": "weibo-2", "title": "甲", "app_id": "1000000002"}
    added = office.ask("admin", "POST", "/setup/account", {**new, "api_base": base})
    assert 400 == added.status_code
    changed = next(case for case in POSTS if case.route == "POST /accounts/{name}/change")
    form = {**changed.form(office, "admin"), "api_base": base}
    assert 400 == office.ask("admin", "POST", "/accounts/board/change", form).status_code
    assert before == office.dump()

"""Repeatable calls, what the wire writes, what a status means, the library's own exceptions."""

from __future__ import annotations

import inspect
import logging
import logging.config
import traceback
from datetime import UTC, datetime

import pytest
import requests.exceptions

from channels.contract import Busy, Doubt, Ending, Refused, Unreachable
from channels.endings import silent
from channels.wire import Answer, star, status_ending

TOKEN = "2.00secret/+=token"


def ending_of(call) -> Ending:
    with pytest.raises(Ending) as caught:
        call()
    return caught.value


def speak(kit, url, wire=None, line=None, **more) -> Answer:
    parts = {"data": {"a": "b"}, **more}
    return (wire or kit.Wire()).speak(line or kit.Line(), "POST", url, **parts)


# --- repeatable calls --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act", ["hang", "close_silently", "reset", "garbage", "broken_chunk", "short_body"]
)
def test_repeatable_call_in_trouble_is_unreachable(kit, act):
    server = kit.serve(getattr(kit, act))
    wire = (kit.HastyWire if act == "hang" else kit.Wire)()
    for call in (wire.get, wire.post):
        assert Unreachable is type(ending_of(lambda call=call: call(server.url)))


def test_repeatable_call_never_follows_or_repeats(kit):
    server = kit.serve(kit.reply(302, b"", {"Location": "/elsewhere"}))
    assert 302 == kit.Wire().get(f"{server.url}/a").status
    assert ["/a"] == server.paths()


def test_repeatable_call_with_a_huge_body_is_unreachable(kit):
    server = kit.serve(kit.reply(200, b"x" * ((1 << 20) + 1)))
    found = ending_of(lambda: kit.Wire().get(server.url))
    assert (Unreachable, "too_large") == (type(found), found.code)


# --- what is said and written ------------------------------------------------------------------


def test_secrets_are_starred_in_every_spelling():
    text = star("a 2.00secret/+=token b 2.00secret%2F%2B%3Dtoken c", [TOKEN, ""])
    assert "a *** b *** c" == text


def test_nothing_written_holds_the_secret(kit, caplog):
    """Not the ending, not its traceback, not a log at its most talkative, not our own log.

    Also not after a library has configured logging anew, as a web server does when it starts.
    """
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
    caplog.set_level(logging.DEBUG)
    records = []
    wire = kit.Wire(log=records.append)
    hasty = kit.HastyWire(log=records.append)
    urls = [f"http://127.0.0.1:{kit.closed_port()}/p"]
    urls += [kit.serve(act).url + "/p" for act in (kit.garbage, kit.close_silently)]
    urls.append(kit.serve(kit.hang).url + "/p?hang=1")
    written = []
    for url in urls:
        found = ending_of(
            lambda url=url: speak(
                kit,
                url,
                hasty if "hang" in url else wire,
                params={"access_token": TOKEN},
                secrets=(TOKEN,),
            )
        )
        written += [found.raw, repr(found), *traceback.format_exception(found)]
        assert found.__context__ is None
    good = kit.serve(kit.reply(200, {})).url + "/p"
    speak(kit, good, wire, params={"access_token": TOKEN})
    written += [caplog.text, repr(records), repr(wire)]
    for spelling in (TOKEN, "2.00secret%2F%2B%3Dtoken", "access_token="):
        assert spelling not in "".join(written)
    assert ["refused", "garbage", "closed", "timeout", "200"] == [
        record.ending for record in records
    ]
    assert {"127.0.0.1/p"} == {record.place for record in records}


def test_secret_thrown_back_in_garbage_is_starred(kit):
    def echo(conn, request) -> None:
        conn.sendall(f"nonsense {TOKEN}\r\n\r\n".encode())

    found = ending_of(lambda: speak(kit, kit.serve(echo).url, secrets=(TOKEN,)))
    assert "***" in found.raw
    assert TOKEN not in found.raw


def test_failing_log_costs_no_answer(kit):
    def fail(record) -> None:
        raise OSError("disk full")

    server = kit.serve(kit.reply(200, {"id": 1}))
    assert {"id": 1} == speak(kit, server.url, kit.Wire(log=fail)).json()


def test_answer_reads_date_and_json_whatever_the_type(kit):
    headers = {"Date": "Sun, 22 Nov 2026 01:00:00 GMT", "Content-Type": "text/html; charset=gbk"}
    server = kit.serve(kit.reply(200, {"名": "沈阳"}, headers))
    answer = kit.Wire().get(server.url)
    assert {"名": "沈阳"} == answer.json()
    assert datetime(2026, 11, 22, 1, tzinfo=UTC) == answer.date
    assert answer.headers["content-TYPE"].startswith("text/html")
    assert "沈阳" not in repr(answer)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b'{"a":', b"[" * 100_000])
def test_body_that_is_no_json_raises_value_error(body):
    with pytest.raises(ValueError):
        Answer(200, {}, body).json()


@pytest.mark.parametrize("value", ["", "yesterday", "Sun, 99 Nov 2026 01:00:00 GMT"])
def test_unreadable_date_is_none(kit, value):
    server = kit.serve(kit.reply(200, {}, {"Date": value}))
    assert kit.Wire().get(server.url).date is None


# --- the status alone --------------------------------------------------------------------------

STATUSES = [
    *((status, {}, Refused, Refused) for status in (400, 403, 404, 410, 413, 422)),
    (401, {}, Busy, Busy),
    (429, {}, Busy, Busy),
    (429, {"Retry-After": "30"}, Busy, Busy),
    (503, {"Retry-After": "30"}, Busy, Busy),
    *(
        (status, {}, Doubt, Unreachable)
        for status in (200, 204, 301, 302, 304, 307, 405, 408, 409, 418, 500, 502, 503, 504)
    ),
]


@pytest.mark.parametrize(("status", "headers", "speaking", "asking"), STATUSES)
def test_status_alone_means(status, headers, speaking, asking):
    answer = Answer(status, headers, b"<html>2.00secret/+=token</html>")
    found = [
        ending_of(lambda said=said: status_ending(answer, said, (TOKEN,))) for said in (True, False)
    ]
    assert [speaking, asking] == [type(one) for one in found]
    assert all("secret" not in one.raw for one in found)


def test_401_waits_for_a_person_with_the_whole_account():
    found = ending_of(lambda: status_ending(Answer(401, {}, b""), speaking=True))
    assert (True, True) == (found.person, found.account_wide)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30.0), ("Sun, 22 Nov 2026 01:02:00 GMT", 120.0), ("soon", None), ("", None)],
)
def test_retry_after_is_read_against_the_answers_own_clock(value, seconds):
    answer = Answer(429, {"Retry-After": value}, b"", datetime(2026, 11, 22, 1, tzinfo=UTC))
    found = ending_of(lambda: status_ending(answer, speaking=True))
    assert seconds == found.not_before_s


# --- the library below -------------------------------------------------------------------------

# Every exception class of the library, and what it means by itself after arming. None proves
# silence by its class alone: what is inside tells. "before" can only come while the request is
# put together, so before arming; "never" cannot come from the bare adapter.
CLASSES = {
    "ChunkedEncodingError": "doubt",
    "ConnectTimeout": "by what is inside",
    "ConnectionError": "by what is inside",
    "ContentDecodingError": "doubt",
    "HTTPError": "never: only raise_for_status",
    "InvalidHeader": "before",
    "InvalidJSONError": "never: bodies are bytes",
    "InvalidProxyURL": "before",
    "InvalidSchema": "before",
    "InvalidURL": "before",
    "JSONDecodeError": "never: bodies are parsed by us",
    "MissingSchema": "before",
    "ProxyError": "by what is inside",
    "ReadTimeout": "doubt",
    "RequestException": "doubt",
    "RetryError": "doubt",
    "SSLError": "by what is inside",
    "StreamConsumedError": "never: read once",
    "Timeout": "doubt",
    "TooManyRedirects": "never: none is followed",
    "URLRequired": "before",
    "UnrewindableBodyError": "never: bodies are bytes",
}


def test_every_exception_class_of_the_library_is_in_the_table():
    known = {
        name
        for name, one in inspect.getmembers(requests.exceptions, inspect.isclass)
        if issubclass(one, requests.exceptions.RequestException)
    }
    assert set(CLASSES) == known


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_no_class_alone_proves_silence(name):
    kind = getattr(requests.exceptions, name)
    error = kind("x", "", 0) if name == "JSONDecodeError" else kind("x")
    assert not silent(error)

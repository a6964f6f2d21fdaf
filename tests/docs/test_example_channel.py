"""The channel of docs/writing-a-channel.md, taken from the page, does what the page says."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from channels.contract import (
    Account,
    Busy,
    Content,
    Delivery,
    Doubt,
    Receipt,
    Refused,
    Severity,
    Unreachable,
    Unseen,
)
from channels.wire import Wire

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-channel.md"
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
KEY = "abcdefghijklmnopqrstuvwxyz"


class Line:
    """Writes down what was asked of it."""

    def __init__(self):
        self.asked = []

    def spend(self, call):
        self.asked.append(f"spend {call}")

    def arm(self):
        self.asked.append("arm")


class Place:
    """A board on loopback. `trouble` is an HTTP status, "drop" or "" for good answers."""

    def __init__(self):
        self.posts = {}
        self.trouble = ""
        place = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def do_POST(self):
                fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                place.posts[fields["key"]] = fields["text"]
                self.answer(201, {"id": fields["key"][:4]})

            def do_GET(self):
                key = self.path.rpartition("/")[2]
                self.answer(200 if key in place.posts else 404, {"id": key[:4]})

            def answer(self, status, body):
                if place.trouble == "drop":
                    self.close_connection = True
                    return
                data = json.dumps(body).encode()
                self.send_response(place.trouble or status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def place():
    made = Place()
    yield made
    made.close()


@pytest.fixture(scope="module")
def board():
    fence = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    code = fence.search(PAGE.read_text("utf-8"))[1]
    room = {"__name__": "board"}
    exec(compile(code, str(PAGE), "exec"), room)
    return room["CHANNEL"]


def opened(board, url):
    account = Account("board", "board", "公告栏", url)
    return board(account, Wire(), lambda: NOW)


def delivery():
    return Delivery(KEY, "d", "post", (Content(text="停水通知"),), NOW)


def test_it_speaks_once_armed_and_gives_a_receipt(board, place):
    line, channel = Line(), opened(board, place.url)
    channel.prepare(delivery(), line)
    receipt = channel.speak(delivery(), line)
    assert isinstance(receipt, Receipt)
    assert "abcd" == receipt.posts[0].remote_id
    assert ["spend posts", "arm"] == line.asked
    assert {KEY: "停水通知"} == place.posts


@pytest.mark.parametrize(
    ("trouble", "ending"),
    [("drop", Doubt), (502, Doubt), (403, Refused), (429, Busy), (200, Doubt)],
)
def test_speaking_ends_as_the_page_says(board, place, trouble, ending):
    place.trouble = trouble
    with pytest.raises(ending):
        opened(board, place.url).speak(delivery(), Line())


def test_where_nobody_listens_nothing_was_sent(board, place):
    channel = opened(board, place.url)
    place.close()
    with pytest.raises(Unreachable):
        channel.speak(delivery(), Line())


def test_looking_finds_it_or_does_not_and_never_says_no(board, place):
    channel = opened(board, place.url)
    assert isinstance(channel.look(delivery(), Line()), Unseen)
    channel.speak(delivery(), Line())
    assert isinstance(channel.look(delivery(), Line()), Receipt)
    place.trouble = 403
    with pytest.raises(Unreachable):
        channel.look(delivery(), Line())


def test_a_long_text_is_found_and_the_preview_shows_what_is_sent(board, place):
    channel = opened(board, place.url)
    found = channel.check(Content(text="长" * 501))
    assert [(Severity.must, "text")] == [(one.severity, one.field) for one in found]
    assert [] == channel.check(Content(text="长" * 500))
    assert {"text": "长"} == channel.render(Content(text="长")).fields
    assert "公告栏" == channel.survey(Line()).identity

"""A small WeChat on loopback for the channel's own tests: scripted answers, a draft box, a journal.

It is a second reading of the platform's documents, apart from the simulator, and knows no rule but
the ones a test scripts.
"""

from __future__ import annotations

import io
import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from PIL import Image

from channels.contract import Account, Content, Delivery, Picture
from channels.wechat import WeChat
from channels.wire import Wire

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
KEY = "abcdefghijklmnopqrstuvwxyz"
OTHER_KEY = "zyxwvutsrqponmlkjihgfedcba"
SECRET = "app-secret-7731"
TOKEN = "token-%d-5590"
DROP = "drop"


@dataclass
class Request:
    """One request as it came over the wire."""

    call: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body.decode("utf-8"))


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = parts.path.removeprefix("/cgi-bin/")
        request = Request(call, dict(parse_qsl(parts.query)), dict(self.headers), body)
        reply = self.server.fake.answer(request)
        if reply == DROP:
            self.close_connection = True
            return
        status, data = reply if isinstance(reply, tuple) else (200, reply)
        raw = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeWeChat


class FakeWeChat:
    """Scripted replies come first, then the draft box and plain successes answer."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.scripts: dict[str, list[Any]] = defaultdict(list)
        self.drafts: dict[str, list[dict[str, Any]]] = {}
        self.published: list[dict[str, Any]] = []
        self.count = 0
        self._lock = threading.Lock()

    def script(self, call: str, *replies: Any) -> None:
        """Answer the next requests of `call` with these: dicts, bytes, (status, body) or DROP."""
        self.scripts[call] += replies

    def of(self, call: str) -> list[Request]:
        """Give the requests of `call`, in order."""
        return [one for one in self.requests if one.call == call]

    def calls(self) -> list[str]:
        """Give the names of all calls, in order."""
        return [one.call for one in self.requests]

    def answer(self, request: Request) -> Any:
        with self._lock:
            self.requests.append(request)
            self.count += 1
            if self.scripts[request.call]:
                reply = self.scripts[request.call].pop(0)
                return reply(request) if callable(reply) else reply
            return getattr(self, "on_" + request.call.replace("/", "_"))(request)

    def on_stable_token(self, request: Request) -> Any:
        return {"access_token": TOKEN % self.count, "expires_in": 7200}

    def on_media_uploadimg(self, request: Request) -> Any:
        return {"url": f"http://mmbiz.qpic.cn/body/{self.count}/0?wx_fmt=png&from=appmsg"}

    def on_material_add_material(self, request: Request) -> Any:
        return {
            "media_id": f"material-{self.count}",
            "url": f"http://mmbiz.qpic.cn/material/{self.count}/0",
            "item": [],
        }

    def on_draft_add(self, request: Request) -> Any:
        media_id = f"draft-{self.count}"
        self.drafts[media_id] = request.json["articles"]
        return {"media_id": media_id, "item": []}

    def on_draft_get(self, request: Request) -> Any:
        articles = self.drafts.get(request.json["media_id"])
        if articles is None:
            return {"errcode": 40007, "errmsg": "invalid media_id rid: 1-2-3"}
        return {"news_item": articles, "create_time": 1, "update_time": 2}

    def on_draft_delete(self, request: Request) -> Any:
        if self.drafts.pop(request.json["media_id"], None) is None:
            return {"errcode": 40007, "errmsg": "invalid media_id"}
        return {"errcode": 0, "errmsg": "ok"}

    def on_draft_batchget(self, request: Request) -> Any:
        items = [
            {"media_id": media_id, "content": {"news_item": articles}, "update_time": 2}
            for media_id, articles in self.drafts.items()
        ]
        page = items[request.json["offset"] :][: request.json["count"]]
        return {"total_count": len(items), "item_count": len(page), "item": page}

    def on_freepublish_batchget(self, request: Request) -> Any:
        page = self.published[request.json["offset"] :][: request.json["count"]]
        return {"item": page, "total_count": len(self.published), "item_count": len(page)}

    def on_freepublish_getarticle(self, request: Request) -> Any:
        return {"errcode": 53600, "errmsg": "invalid article id"}

    def on_freepublish_submit(self, request: Request) -> Any:
        return {"errcode": 0, "errmsg": "ok", "publish_id": 2247483651, "msg_data_id": 2247484313}

    def on_message_mass_sendall(self, request: Request) -> Any:
        return {
            "errcode": 0,
            "errmsg": "send job submission success",
            "msg_id": 1000000050,
            "msg_data_id": 2247484313,
        }


@contextmanager
def running() -> Iterator[tuple[FakeWeChat, str]]:
    """Run a fake on a free port; give it and its address."""
    fake = FakeWeChat()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.fake = fake
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Notebook:
    """A line that remembers: kept ids, counted calls, and how often it was armed."""

    ids: dict[str, str] = field(default_factory=dict)
    spent: list[str] = field(default_factory=list)
    armed: int = 0

    def keep(self, name: str, value: str) -> None:
        if value:
            self.ids[name] = value
        else:
            self.ids.pop(name, None)

    def kept(self, name: str) -> str | None:
        return self.ids.get(name)

    def spend(self, call: str) -> None:
        self.spent.append(call)

    def arm(self) -> None:
        self.armed += 1


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Desk:
    """Everything a test needs: the channel, the fake, the line and the clock."""

    channel: WeChat
    fake: FakeWeChat
    line: Notebook
    clock: Hands

    def accept(self, delivery: Delivery) -> None:
        """Prepare and speak, and keep what the scheduler keeps."""
        self.channel.prepare(delivery, self.line)
        accepted = self.channel.speak(delivery, self.line)
        self.line.ids.update({"job": accepted.job, **accepted.kept})


def desk(fake: FakeWeChat, base: str, **options: object) -> Desk:
    """Set up one account at the fake."""
    clock = Hands()
    account = Account(
        name="bureau",
        channel="wechat",
        title="应急管理局",
        api_base=base,
        app_id="wx0123456789abcdef",
        options=options,
        secrets={"app_secret": SECRET},
    )
    return Desk(WeChat(account, Wire(), clock), fake, Notebook(), clock)


def image_bytes(kind: str = "PNG", size: tuple[int, int] = (8, 8), **options: Any) -> bytes:
    """Make a small picture file."""
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **options)
    return out.getvalue()


def picture(letter: str = "a", data: bytes | None = None, **more: Any) -> Picture:
    """Make a picture whose SHA-256 is 64 times `letter`."""
    data = image_bytes() if data is None else data
    more = {"mime": "image/png", "width_px": 8, "height_px": 8, **more}
    return Picture(sha256=letter * 64, size_bytes=len(data), data=data, **more)


def article(title: str = "防汛提示", how: str = "publish", **more: Any) -> Content:
    """Make a sound article."""
    fields: dict[str, Any] = {"body": "<p>今日有雨。</p>", "cover": picture("c"), **more}
    return Content(title=title, how=how, **fields)


def delivery(*contents: Content, how: str = "publish", **more: Any) -> Delivery:
    """Make a delivery of `contents` (one sound article by default)."""
    fields: dict[str, Any] = {"key": KEY, "digest": "d" * 64, "due_at": START, **more}
    return Delivery(how=how, contents=contents or (article(how=how),), **fields)

"""The control interface, the pages, the callbacks, and the process itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from simulator.server import loopback_address
from simulator.wechat.callback import signature

if TYPE_CHECKING:
    from conftest import Sim

ROOT = Path(__file__).resolve().parents[2]
LINK = "https://www.example.gov.cn/a/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_date_header_and_clock_move_together(sim: Sim) -> None:
    """Every answer carries the simulated time, platform errors too."""
    assert "Wed, 18 Nov 2026 02:00:00 GMT" == sim.share("x").headers["date"]
    moved = sim.order("clock", advance_s=3600)
    assert {"now": "2026-11-18T03:00:00+00:00", "offset_s": 3600.0} == moved
    assert "Wed, 18 Nov 2026 03:00:00 GMT" == sim.weibo("account/get_uid").headers["date"]
    assert "2026-11-18T02:00:10+00:00" == sim.order("clock", offset_s=10)["now"]
    assert {"now": "2026-11-18T02:00:10+00:00", "offset_s": 10.0} == sim.look("clock")


def test_calls_are_listed_without_secrets(sim: Sim) -> None:
    """Number, account, call and ending; no token and no query anywhere."""
    sim.share(f"一 {LINK}")
    sim.share("没有链接")
    sim.wechat("draft/count")
    calls = sim.look("calls")["calls"]
    rows = [(c["n"], c["account"], c["call"], c["status"], c["code"]) for c in calls]
    assert [
        (1, sim.uid, "statuses/share", 200, 0),
        (2, sim.uid, "statuses/share", 400, 10017),
        (3, sim.service, "stable_token", 200, 0),
        (4, sim.service, "draft/count", 200, 0),
    ] == rows
    assert [3, 4] == [call["n"] for call in sim.look("calls", since=2)["calls"]]
    keys = {"n", "at", "platform", "account", "call", "method", "path", "status", "code"}
    assert keys == set(calls[0])
    text = json.dumps(calls)
    secrets = [sim.weibo_token, "wechat-demo-secret", *sim._tokens.values()]
    assert [] == [secret for secret in secrets if secret in text]


def test_post_by_hand_is_in_the_timeline_and_not_in_the_count(sim: Sim) -> None:
    """Newest first, marked as made by hand."""
    sim.share(f"一 {LINK}")
    sim.order("handmade", platform="weibo", account=sim.uid, text="手发")
    rows = [(post["text"], post["via"], post["visible"]) for post in sim.posts()]
    assert [("手发", "hand", True), (f"一 {LINK}", "api", True)] == rows
    assert {"weibo": 1, "wechat": 0} == sim.look("counts")


def test_added_accounts_work_and_reset_takes_them_away(sim: Sim) -> None:
    """The shape is that of a seed file; reset brings the demo back and nothing else."""
    sim.order(
        "accounts",
        weibo={
            "users": [{"uid": "42", "screen_name": "另一个"}],
            "tokens": [{"value": "2.00other", "uid": "42", "app_key": "1000000001"}],
        },
        wechat={"accounts": [{"appid": "wx3", "secret": "s3"}]},
    )
    assert 200 == sim.share(f"一 {LINK}", access_token="2.00other").status_code
    assert 1 == len(sim.posts("weibo", "42"))
    sim.fault("statuses/share", "busy")
    sim.advance(5)
    sim.order("reset")
    assert 21332 == sim.share(f"一 {LINK}", access_token="2.00other").json()["error_code"]
    assert 200 == sim.share(f"一 {LINK}").status_code
    assert {"weibo": 1, "wechat": 0} == sim.look("counts")
    assert 0.0 == sim.look("clock")["offset_s"]


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("settings", {"weibo": {"nonsense": 1}}),
        ("settings", {"elsewhere": {}}),
        ("settings", {"wechat": {"callbacks": {"wx1": {"url": "http://203.0.113.7/"}}}}),
        ("accounts", {"wechat": {"accounts": [{"appid": "wx3"}]}}),
        ("accounts", {"weibo": {"users": [{"uid": "1", "screen_name": "x", "posts": []}]}}),
        ("outcome", {"account": "wx0000000000000001", "kind": "freepublish", "status": 7}),
        ("outcome", {"account": "wxnobody", "kind": "mass"}),
        ("vanish", {"platform": "weibo", "account": "5990001234", "id": "1"}),
        ("clock", {}),
    ],
)
def test_wrong_order_is_refused_and_named(sim: Sim, path: str, order: dict[str, object]) -> None:
    """A misspelt order must not pass in silence."""
    answer = sim.http.post(f"{sim.url}/_control/{path}", json=order)
    assert 400 == answer.status_code
    assert answer.json()["error"]


def test_pages_show_what_followers_would_see(sim: Sim) -> None:
    """Cards with pictures, pushes and quiet articles apart, vanished posts gone."""
    sim.share(f"微博正文 {LINK}", pic=PNG)
    pushed = sim.add(sim.article(title="头条文章"), sim.article(title="次条文章"))["media_id"]
    sim.send(pushed)
    image = sim.wechat("media/uploadimg", files={"media": ("a.png", PNG)})["url"]
    quiet = sim.draft(title="安静文章", content=f'<p>正文</p><img src="{image}">')
    sim.wechat("freepublish/submit", {"media_id": quiet})
    sim.advance(1)
    weibo = sim.http.get(f"{sim.url}/timeline/weibo/{sim.uid}").text
    assert "微博正文" in weibo
    assert '<img src="/_media/' in weibo
    wechat = sim.http.get(f"{sim.url}/timeline/wechat/{sim.service}").text
    push_part, quiet_part = wechat.split("已发布文章")
    assert [True, True, False] == [t in push_part for t in ("头条文章", "次条文章", "安静文章")]
    assert "安静文章" in quiet_part
    number = next(p["id"] for p in sim.posts("wechat") if p["title"] == "安静文章")
    page = sim.http.get(f"{sim.url}/timeline/wechat/{sim.service}/{number}").text
    assert "<p>正文</p>" in page
    source = page.split('<img src="')[1].split('"')[0]
    assert PNG == sim.http.get(sim.url + source).content
    assert "示例应急" in sim.http.get(sim.url + "/").text
    sim.order("vanish", platform="wechat", account=sim.service, id=number)
    after = sim.http.get(f"{sim.url}/timeline/wechat/{sim.service}").text
    assert "安静文章" not in after


def test_signature_is_that_of_the_published_vectors() -> None:
    """Both known pairs."""
    first = signature("AAAAA", "1714036504", "1514711492")
    second = signature("AAAAA", "1714037059", "486452656")
    assert "f464b24fc39322e44b38aa78f5edd27bd1441696" == first
    assert "899cf89e464efb63f54ddac96b0a0a235f53aa78" == second


def test_ended_job_is_pushed_to_the_callback(sim: Sim) -> None:
    """A signed XML event arrives without anybody asking."""
    arrived: list[tuple[str, str]] = []
    done = threading.Event()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            arrived.append((self.path, body.decode()))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"success")
            done.set()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/push"
        sim.order("settings", wechat={"callbacks": {sim.service: {"url": url, "token": "AAAAA"}}})
        submitted = sim.wechat("freepublish/submit", {"media_id": sim.draft()})
        sim.advance(1)
        assert done.wait(10)
        server.shutdown()
        thread.join()
    path, body = arrived[0]
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    expected = signature("AAAAA", query["timestamp"], query["nonce"])
    assert expected == query["signature"]
    assert "<Event>PUBLISHJOBFINISH</Event>" in body
    assert f"<publish_id>{submitted['publish_id']}</publish_id>" in body
    assert "<publish_status>0</publish_status>" in body


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_process_says_where_it_listens_and_ends_on_a_signal(number: signal.Signals) -> None:
    """One JSON line, reachable from that moment, exit code 0."""
    process = start()
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert {
            "ready": True,
            "url": f"http://127.0.0.1:{ready['port']}",
            "port": ready["port"],
        } == (ready)
        with requests.Session() as http:
            http.trust_env = False
            counts = http.get(ready["url"] + "/_control/counts", timeout=10).json()
        assert {"weibo": 0, "wechat": 0} == counts
        process.send_signal(number)
        out, errors = process.communicate(timeout=60)
        assert (0, "", "") == (process.returncode, out, errors)
    finally:
        process.kill()
        process.communicate()


def test_process_refuses_to_be_reached_from_outside() -> None:
    """It believes every caller: any address but loopback ends it with code 2."""
    process = start("--host", "0.0.0.0")
    out, errors = process.communicate(timeout=60)
    assert (2, "") == (process.returncode, out)
    assert "loopback" in errors


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::", ""])
def test_outside_address_is_refused(host: str) -> None:
    """No name is looked up: what is not a loopback address is refused."""
    with pytest.raises(ValueError, match="loopback"):
        loopback_address(host)


def test_local_names_of_loopback_are_taken() -> None:
    """Both families, and the usual name."""
    hosts = ("127.0.0.1", "::1", "localhost")
    assert ["127.0.0.1", "::1", "127.0.0.1"] == [loopback_address(host) for host in hosts]


def test_seed_file_replaces_the_demo_accounts(tmp_path: Path) -> None:
    """A part that is missing is empty."""
    seed = tmp_path / "seed.json"
    account = {"appid": "wx9", "secret": "s9", "kind": "subscription", "followers": 7}
    seed.write_text(json.dumps({"wechat": {"accounts": [account]}}), encoding="utf-8")
    process = start("--seed", str(seed))
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with requests.Session() as http:
            http.trust_env = False
            page = http.get(url + "/", timeout=10).text
        assert ("wx9" in page, "5990001234" in page) == (True, False)
    finally:
        process.terminate()
        process.communicate(timeout=60)

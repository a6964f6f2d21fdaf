"""Every ending of a request against servers that really misbehave: the rows of the plan's table."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest

from channels.contract import Busy, Doubt, Ending, Stopped, Unreachable
from channels.wire import Answer, Wire


def ending_of(call) -> Ending:
    with pytest.raises(Ending) as caught:
        call()
    return caught.value


def speak(kit, url, wire=None, line=None, **more) -> Answer:
    parts = {"data": {"a": "b"}, **more}
    return (wire or kit.Wire()).speak(line or kit.Line(), "POST", url, **parts)


def full_backlog() -> tuple[socket.socket, list[socket.socket]]:
    """Listen without accepting and fill the queue: the next connection hangs."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
        waiting.append(one)
    return listener, waiting


# --- proofs of silence -------------------------------------------------------------------------


def test_refused_connection_is_unreachable(kit):
    found = ending_of(lambda: speak(kit, f"http://127.0.0.1:{kit.closed_port()}/"))
    assert (Unreachable, "refused") == (type(found), found.code)


def test_unknown_name_is_unreachable(kit):
    found = ending_of(lambda: speak(kit, "http://platform.invalid/"))
    assert (Unreachable, "name") == (type(found), found.code)


def test_connect_timeout_is_unreachable(kit):
    listener, waiting = full_backlog()
    try:
        port = listener.getsockname()[1]
        wire = Wire()
        found = ending_of(
            lambda: speak(kit, f"http://127.0.0.1:{port}/", wire, timeout_s=(0.2, 0.2))
        )
    finally:
        for one in (listener, *waiting):
            one.close()
    assert (Unreachable, "connect_timeout") == (type(found), found.code)


def test_untrusted_certificate_is_unreachable(kit, certificate):
    server = kit.serve(kit.reply(), certificate.context)
    found = ending_of(lambda: speak(kit, server.url))
    assert (Unreachable, "certificate") == (type(found), found.code)
    assert [] == server.requests


def test_proxy_not_there_is_unreachable(kit):
    server = kit.serve(kit.reply())
    wire = kit.Wire(f"http://127.0.0.1:{kit.closed_port()}")
    found = ending_of(lambda: speak(kit, server.url, wire))
    assert (Unreachable, "proxy") == (type(found), found.code)
    assert 0 == server.connections


def test_proxy_refusing_connect_is_unreachable(kit):
    proxy = kit.serve(kit.reply(403, b"not allowed"))
    found = ending_of(lambda: speak(kit, "https://127.0.0.1:9/", kit.Wire(proxy.url)))
    assert (Unreachable, "proxy") == (type(found), found.code)
    assert ["CONNECT"] == [request.method for request in proxy.requests]


def test_untrusted_certificate_behind_proxy_is_unreachable(kit, certificate):
    server = kit.serve(kit.reply(), certificate.context)
    proxy = kit.serve(tunnel_to(server.port))
    found = ending_of(lambda: speak(kit, server.url, kit.Wire(proxy.url)))
    assert Unreachable is type(found)
    assert [] == server.requests


# --- doubt -------------------------------------------------------------------------------------


def test_no_answer_in_time_is_doubt(kit):
    server = kit.serve(kit.hang)
    found = ending_of(lambda: speak(kit, server.url, kit.HastyWire()))
    assert (Doubt, "timeout") == (type(found), found.code)
    assert ["/"] == server.paths(1)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("close_silently", "closed"),
        ("reset", "reset"),
        ("garbage", "garbage"),
        ("broken_chunk", "broken_body"),
        ("short_body", "broken_body"),
    ],
)
def test_broken_answer_is_doubt_and_sent_once(kit, act, code):
    server = kit.serve(getattr(kit, act))
    found = ending_of(lambda: speak(kit, server.url))
    assert (Doubt, code) == (type(found), found.code)
    assert 1 == len(server.requests)


def test_reset_of_an_unread_request_is_doubt(kit):
    """It cannot be told from a reset after reading."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drop() -> None:
        conn, _ = listener.accept()
        conn.recv(1, socket.MSG_PEEK)
        kit.reset(conn, None)

    thread = threading.Thread(target=drop)
    thread.start()
    found = ending_of(lambda: speak(kit, f"http://127.0.0.1:{listener.getsockname()[1]}/"))
    thread.join()
    listener.close()
    assert Doubt is type(found)


def break_record(conn, request) -> None:
    """Send a TLS record of noise after the request was read."""
    raw = socket.socket(fileno=conn.detach())
    raw.sendall(b"\x17\x03\x03\x00\x20" + b"\x55" * 32)
    raw.close()


def test_tls_broken_after_the_request_was_read_is_doubt(kit, certificate):
    server = kit.serve(break_record, certificate.context)
    found = ending_of(lambda: speak(kit, server.url, kit.Wire(trust=str(certificate.pem))))
    assert (Doubt, "tls") == (type(found), found.code)
    assert 1 == len(server.requests)


def test_tls_handshake_with_a_plain_server_is_doubt(kit):
    """It looks like the broken record above, so it gets no better name."""
    listener = socket.create_server(("127.0.0.1", 0))

    def babble() -> None:
        conn, _ = listener.accept()
        conn.recv(1000)
        conn.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        conn.close()

    thread = threading.Thread(target=babble)
    thread.start()
    found = ending_of(lambda: speak(kit, f"https://127.0.0.1:{listener.getsockname()[1]}/"))
    thread.join()
    listener.close()
    assert (Doubt, "tls") == (type(found), found.code)


def tunnel_to(port: int):
    """Be a proxy: accept CONNECT and pass bytes both ways."""

    def handler(conn, request) -> None:
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as far:
            back = threading.Thread(target=pump, args=(far, conn))
            back.start()
            pump(conn, far)
            back.join()

    return handler


def pump(source, target) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
    except OSError:
        pass
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def test_proxy_drops_after_request_is_doubt(kit):
    """The library calls it ProxyError, as if the proxy had never been reached."""
    proxy = kit.serve(kit.close_silently)
    found = ending_of(lambda: speak(kit, "http://127.0.0.1:9/x", kit.Wire(proxy.url)))
    assert Doubt is type(found)
    assert ["http://127.0.0.1:9/x"] == [request.target for request in proxy.requests]


def test_server_behind_proxy_drops_after_request_is_doubt(kit, certificate):
    server = kit.serve(kit.close_silently, certificate.context)
    proxy = kit.serve(tunnel_to(server.port))
    wire = kit.Wire(proxy.url, str(certificate.pem))
    found = ending_of(lambda: speak(kit, server.url, wire))
    assert Doubt is type(found)
    assert 1 == len(server.requests)


def test_proxy_garbage_after_request_is_doubt(kit):
    proxy = kit.serve(kit.garbage)
    found = ending_of(lambda: speak(kit, "http://127.0.0.1:9/x", kit.Wire(proxy.url)))
    assert (Doubt, "garbage") == (type(found), found.code)


def test_body_above_the_cap_is_doubt(kit):
    server = kit.serve(kit.reply(200, b"x" * ((1 << 20) + 1)))
    found = ending_of(lambda: speak(kit, server.url))
    assert (Doubt, "too_large") == (type(found), found.code)


def test_body_at_the_cap_is_read(kit):
    server = kit.serve(kit.reply(200, b"x" * (1 << 20)))
    assert 1 << 20 == len(speak(kit, server.url).body)


class Ticking:
    """A monotonic clock on which every look costs ten seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 10.0
        return self.now


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_dribbling_server_meets_the_total_deadline(kit, head):
    """Each byte comes in time; together, headers or body, they would take for ever."""

    def dribble(conn, request) -> None:
        conn.sendall(head)
        while not server.over.is_set():
            conn.sendall(b"H")

    server = kit.serve(dribble)
    found = ending_of(lambda: speak(kit, server.url, Wire(monotonic=Ticking())))
    assert (Doubt, "timeout") == (type(found), found.code)


def test_slow_sending_meets_the_total_deadline(kit):
    """Each block leaves in time; all of them together would take too long."""
    server = kit.serve(kit.reply(200, {}))
    files = {"pic": ("a.bin", b"x" * 2_000_000, "image/png")}
    found = ending_of(lambda: speak(kit, server.url, Wire(monotonic=Ticking()), files=files))
    assert (Doubt, "timeout", []) == (type(found), found.code, server.requests)


# --- what a speaking request is ----------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 301, 302, 307, 400, 401, 429, 500, 502, 503])
def test_any_status_is_an_answer_sent_once(kit, status):
    headers = {"Location": "/elsewhere", "Retry-After": "0"}
    server = kit.serve(kit.reply(status, b"{}", headers))
    assert status == speak(kit, f"{server.url}/share").status
    assert ["/share"] == server.paths()


def test_arm_comes_before_the_first_byte(kit):
    server = kit.serve(kit.reply(200, {"id": 1}))

    class Watching(kit.Line):
        def arm(self) -> None:
            assert 0 == server.connections
            super().arm()

    line = Watching()
    speak(kit, server.url, line=line)
    assert (["arm"], 1) == (line.events, len(server.requests))


@pytest.mark.parametrize("error", [Stopped(), RuntimeError("disk full"), Busy("q", None)])
def test_refused_arm_passes_through_and_sends_nothing(kit, error):
    server = kit.serve(kit.reply())
    with pytest.raises(type(error)) as caught:
        speak(kit, server.url, line=kit.Line(refuse_arm=error))
    assert (error, 0) == (caught.value, server.connections)


def test_pooled_connection_is_not_used_for_speaking(kit):
    server = kit.serve(kit.reply(200, {}))
    wire = kit.Wire()
    for _ in range(3):
        wire.get(server.url)
    assert 1 == server.connections
    speak(kit, server.url, wire)
    speak(kit, server.url, wire)
    assert 3 == server.connections


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("127.0.0.1/no-scheme", {}),
        ("ftp://127.0.0.1/", {}),
        ("http://", {}),
        ("http://127.0.0.1:99999/", {}),
        ("http://127.0.0.1/", {"Authorization": "a\nb"}),
        ("http://127.0.0.1/", {"Authorization": "令牌"}),
        (f"http://{'a' * 64}.example/", {}),
    ],
)
def test_unsendable_request_ends_before_arming(kit, url, headers):
    line = kit.Line()
    found = ending_of(lambda: speak(kit, url, line=line, headers=headers))
    assert (Unreachable, "address", []) == (type(found), found.code, line.events)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "127.0.0.1:3128", "http://"])
def test_unusable_proxy_is_refused_at_start(proxy):
    with pytest.raises(ValueError, match="proxy"):
        Wire(proxy)


@pytest.mark.parametrize("trust", [False, "/no/such/bundle.pem"])
def test_unusable_trust_is_refused_at_start(trust):
    with pytest.raises(ValueError, match="trust"):
        Wire(trust=trust)


def test_environment_proxies_and_netrc_are_ignored(kit, monkeypatch, tmp_path):
    server = kit.serve(kit.reply(200, {}))
    other = kit.serve(kit.reply(200, {}))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, other.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/bundle.pem")
    speak(kit, server.url, headers={"Authorization": "OAuth2 mine"})
    speak(kit, server.url)
    seen = [request.headers.get("authorization") for request in server.requests]
    assert (["OAuth2 mine", None], 0) == (seen, other.connections)


def test_name_in_the_address_does_not_replace_our_authorization(kit):
    server = kit.serve(kit.reply(200, {}))
    url = server.url.replace("127.0.0.1", "someone:else@127.0.0.1")
    speak(kit, url, headers={"Authorization": "OAuth2 mine"})
    assert "OAuth2 mine" == server.requests[0].headers["authorization"]


def test_configured_proxy_is_used(kit):
    proxy = kit.serve(kit.reply(200, {"ok": 1}))
    answer = speak(kit, "http://platform.invalid/x", kit.Wire(proxy.url))
    assert {"ok": 1} == answer.json()


def test_trusted_certificate_gets_an_answer(kit, certificate):
    server = kit.serve(kit.reply(200, {"ok": 1}), certificate.context)
    assert {"ok": 1} == speak(kit, server.url, kit.Wire(trust=str(certificate.pem))).json()


def test_form_json_and_files_arrive_as_given(kit):
    server = kit.serve(kit.reply(200, {}))
    wire = kit.Wire()
    wire.post(server.url, data={"状态": "一 二&三"}, params={"q": "1 2"})
    wire.post(server.url, json_bytes='{"标题":"题"}'.encode())
    wire.post(server.url, files={"pic": ("a.png", b"\x89PNG", "image/png")}, data={"s": "文"})
    form, plain, parts = server.requests
    assert {"状态": "一 二&三"} == form.form
    assert {"q": "1 2"} == form.query
    assert '{"标题":"题"}'.encode() == plain.body
    assert b"\x89PNG" in parts.body
    assert "文".encode() in parts.body
    assert parts.headers["content-type"].startswith("multipart/form-data")


def test_large_body_is_sent_whole(kit):
    server = kit.serve(kit.reply(200, {}))
    data = bytes(range(256)) * 20_000
    speak(kit, server.url, files={"pic": ("a.bin", data, "image/png")})
    assert data in server.requests[0].body

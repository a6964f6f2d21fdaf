"""Loopback servers that answer well or badly, a line that writes down what was asked of it.

Nothing here knows a platform. Every server sends with TCP_NODELAY: otherwise Nagle's algorithm
against delayed acknowledgements would cost each request about 40 ms.
"""

from __future__ import annotations

import importlib.util
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.wire import CallRecord, Wire

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 22, 1, 0, 0, tzinfo=UTC)


@dataclass
class Request:
    """One request as it arrived. `form` holds the last value of each form field."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {k: v[-1] for k, v in parse_qs(urlsplit(self.target).query, True).items()}

    @property
    def form(self) -> dict[str, str]:
        pairs = parse_qs(self.body.decode("latin-1"), keep_blank_values=True)
        return {k: v[-1] for k, v in pairs.items()}


Handler = Callable[[socket.socket, Request], None]


def read_request(conn: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = conn.recv(65_536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    wanted = int(headers.get("content-length", "0"))
    while len(body) < wanted:
        piece = conn.recv(65_536)
        if not piece:
            return None
        body += piece
    method, target, _ = first.split(" ", 2)
    return Request(method, target, headers, body)


class Server:
    """A threaded server on a free loopback port; `handler` does what it likes with a request."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self.handler = handler
        self.tls = tls
        self.requests: list[Request] = []
        self.connections = 0
        self.over = threading.Event()
        self._arrival = threading.Condition()
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def paths(self, expected: int = 0) -> list[str]:
        """Give the paths asked for so far; wait until `expected` requests have been read."""
        with self._arrival:
            self._arrival.wait_for(lambda: len(self.requests) >= expected, 5)
        return [request.path for request in self.requests]

    def stop_listening(self) -> None:
        """From now on connections are refused."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for conn in self._open:
            conn.close()

    def close(self) -> None:
        self.over.set()
        self.stop_listening()

    def _accept(self) -> None:
        while True:
            try:
                conn, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn: socket.socket) -> None:
        try:
            if self.tls is not None:
                conn = self.tls.wrap_socket(conn, server_side=True)
            self._open.append(conn)
            while (request := read_request(conn)) is not None:
                with self._arrival:
                    self.requests.append(request)
                    self._arrival.notify_all()
                self.handler(conn, request)
                if request.headers.get("connection") == "close":
                    break
        except (OSError, ValueError):
            pass
        finally:
            conn.close()


def reply(status: int = 200, body: object = b"", headers: dict[str, str] | None = None) -> Handler:
    """Answer properly; anything but bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()

    def answer(conn: socket.socket, request: Request) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        conn.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + data)

    return answer


def close_silently(conn: socket.socket, request: Request) -> None:
    conn.shutdown(socket.SHUT_RDWR)
    conn.close()


def reset(conn: socket.socket, request: Request) -> None:
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def garbage(conn: socket.socket, request: Request) -> None:
    conn.sendall(b"220 mail.example ESMTP ready\r\n\r\n")


def broken_chunk(conn: socket.socket, request: Request) -> None:
    conn.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"a":')
    conn.shutdown(socket.SHUT_RDWR)


def short_body(conn: socket.socket, request: Request) -> None:
    conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":')
    conn.shutdown(socket.SHUT_RDWR)


@dataclass
class FakeLine:
    """A line that keeps in memory; `refuse_arm`/`refuse_spend` are raised instead of obeying."""

    refuse_arm: Exception | None = None
    refuse_spend: Exception | None = None
    kept_values: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)

    def keep(self, name: str, value: str) -> None:
        if value:
            self.kept_values[name] = value
        else:
            self.kept_values.pop(name, None)

    def kept(self, name: str) -> str | None:
        return self.kept_values.get(name)

    def spend(self, call: str) -> None:
        if self.refuse_spend is not None:
            raise self.refuse_spend
        self.events.append(f"spend {call}")

    def arm(self) -> None:
        if self.refuse_arm is not None:
            raise self.refuse_arm
        self.events.append("arm")


class HastyWire(Wire):
    """A wire with short waits at `path` ("" for every path), where a server never answers.

    Elsewhere a busy machine would turn a good answer into a time-out.
    """

    path = ""

    def _exchange(self, adapter, request, timeout_s):
        short = self.path in {"", urlsplit(request.url).path}
        return super()._exchange(adapter, request, (2.0, 0.25) if short else timeout_s)


@dataclass
class Kit:
    """What the tests of this folder share (they are no package and cannot import each other)."""

    NOW = NOW
    Line = FakeLine
    Wire = Wire
    HastyWire = HastyWire
    Record = CallRecord
    reply = staticmethod(reply)
    close_silently = staticmethod(close_silently)
    reset = staticmethod(reset)
    garbage = staticmethod(garbage)
    broken_chunk = staticmethod(broken_chunk)
    short_body = staticmethod(short_body)
    read_request = staticmethod(read_request)
    servers: list[Server] = field(default_factory=list)

    def serve(self, handler: Handler, tls: ssl.SSLContext | None = None) -> Server:
        server = Server(handler, tls)
        self.servers.append(server)
        return server

    def by_path(self, answers: dict[str, object]) -> Server:
        """Serve each path its answer: a handler, or what `reply` takes as a body."""

        def handler(conn: socket.socket, request: Request) -> None:
            found = answers.get(request.path, reply(404, b"no such path"))
            act = found if callable(found) else reply(200, found)
            act(conn, request)

        return self.serve(handler)

    def hang(self, conn: socket.socket, request: Request) -> None:
        """Say nothing until the test is over."""
        self.servers[0].over.wait(30)

    def closed_port(self) -> int:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            return int(taken.getsockname()[1])


@pytest.fixture
def kit() -> Iterator[Kit]:
    made = Kit()
    yield made
    for server in made.servers:
        server.close()


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1 that signs itself: nobody trusts it who was not told to."""

    pem: Path
    context: ssl.SSLContext


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    # The real clock judges certificates, so the span is wide and not taken from it.
    since = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem = folder / "certificate.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file = folder / "key.pem"
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    return Certificate(pem, context)


def expectations() -> dict[str, object]:
    """Load every `expect_*.py` of this folder, by the channel kind it speaks of."""
    found = {}
    for path in sorted(HERE.glob("expect_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[module.KIND] = module
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "expect" in metafunc.fixturenames:
        found = expectations()
        metafunc.parametrize("expect", found.values(), ids=found.keys())

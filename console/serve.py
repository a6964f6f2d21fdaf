"""Serves the console: in the foreground, or beside the daemon in a thread of its process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from console.app import build
from scheduler.clock import Clock
from scheduler.config import Settings
from scheduler.errors import ConfigError, os_reason
from scheduler.store import Store

HOST, PORT = "127.0.0.1", 8765
STOP_S = 10


def listen(host: str, port: int) -> socket.socket:
    """Give a bound socket; port 0 takes a free one. Raises `ConfigError` when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(128)
    except (OSError, OverflowError) as error:
        bound.close()
        reason = os_reason(error) if isinstance(error, OSError) else str(error)
        raise ConfigError(
            "The console cannot listen on {host} port {port}: {reason}. Stop the other program, or "
            "choose another port with --port.",
            host=host,
            port=port,
            reason=reason,
        ) from None
    return bound


def url_of(bound: socket.socket) -> str:
    """Give the address people open."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - only read, to name this machine
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_for(settings: Settings, store: Store, clock: Clock) -> uvicorn.Server:
    """Give the server. A proxy on this machine may name the visitor's address and scheme."""
    config = uvicorn.Config(
        build(settings, store, clock),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        timeout_graceful_shutdown=STOP_S,
    )
    return uvicorn.Server(config)


def serve(
    settings: Settings,
    store: Store,
    clock: Clock,
    host: str = HOST,
    port: int = PORT,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. `on_ready` gets the address when it can be opened."""
    bound = listen(host, port)
    try:
        server = server_for(settings, store, clock)
        if on_ready is not None:
            on_ready(url_of(bound))
        server.run(sockets=[bound])
    finally:
        bound.close()


@contextmanager
def beside(
    settings: Settings, store: Store, clock: Clock, host: str = HOST, port: int = PORT
) -> Iterator[str]:
    """Serve in a thread for as long as the `with` block lasts; give the address."""
    bound = listen(host, port)
    server = server_for(settings, store, clock)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [bound]}, name="console", daemon=True
    )
    thread.start()
    try:
        yield url_of(bound)
    finally:
        server.should_exit = True
        thread.join(STOP_S + 1)
        bound.close()

"""Serving a world over HTTP on loopback: in the foreground, or in a thread for tests."""

from __future__ import annotations

import asyncio
import socket
import threading
from ipaddress import ip_address
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.app import build
from simulator.clock import Clock
from simulator.world import World

START_TIMEOUT_S = 15.0


class _Protocol(H11Protocol):
    """Hands each request its own transport, so that a fault can cut the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport in the state that every request of it gets a copy of."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


def loopback_address(host: str) -> str:
    """Return a loopback address for a host name; ValueError for anything else.

    This program believes every caller and keeps secrets in plain text: it must never be reachable
    from another machine.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        is_loopback = ip_address(address).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ValueError(f"the simulator listens on loopback only, not on {host!r}")
    return address


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket; port 0 takes a free one."""
    address = loopback_address(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The protocol is named: asyncio turns Nagle off only for sockets that say they are TCP.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((address, port))
    return bound


def url_of(bound: socket.socket) -> str:
    """Return the base address clients use."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_for(world: World) -> uvicorn.Server:
    """Return a server that adds no headers of its own: the Date comes from the world's clock."""
    config = uvicorn.Config(
        build(world),
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


class Running:
    """A simulator in a thread of this process, for as long as the `with` block lasts."""

    def __init__(self, seed: dict[str, Any] | None = None, world: World | None = None) -> None:
        """Bind a free port; `world` wins over `seed`."""
        self.world = world if world is not None else World(Clock(), seed)
        self._socket = listen("127.0.0.1", 0)
        self.url = url_of(self._socket)
        self._server = server_for(self.world)
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def __enter__(self) -> Self:
        """Start; the socket listens from here on, so no request can come too early."""
        self._socket.listen(128)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and wait for the end."""
        self._server.should_exit = True
        self._thread.join(START_TIMEOUT_S)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

"""Connections with one deadline for the whole exchange.

The read time-out of an HTTP library counts from one received piece to the next: a server that
dribbles a byte now and then could hold an attempt for ever. Here every wait on the socket, while
sending and while reading headers and body, is cut to what is left of one total. Only
`channels/wire.py` uses this module.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse  # noqa: TID251 - part of the wire
from typing import TYPE_CHECKING, Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection  # noqa: TID251 - the same
from urllib3.connectionpool import (  # noqa: TID251 - the same
    HTTPConnectionPool,
    HTTPSConnectionPool,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

BLOCK_BYTES = 65_536


class Deadline:
    """One total for an exchange: `total_s` from now, and no single wait above `wait_s`."""

    def __init__(self, monotonic: Callable[[], float], total_s: float, wait_s: float) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + total_s
        self._wait_s = wait_s

    def left_s(self) -> float:
        """Give the seconds the next wait may last; raises `TimeoutError` past the deadline."""
        left = self._end - self._monotonic()
        if left <= 0:
            message = "total deadline passed"
            raise TimeoutError(message)
        return min(left, self._wait_s)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """Put every connection used by this thread in the block under `deadline`."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


class _WatchedReader(io.RawIOBase):
    """The raw side of a reply: asks the deadline before each wait."""

    def __init__(self, raw: Any, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.left_s())
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _WatchedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline = _current.get()
        if deadline is not None:
            self.fp = io.BufferedReader(_WatchedReader(self.fp.detach(), sock, deadline))


class _WatchedSender:
    """Send in blocks, each under the deadline.

    urllib3 would send the whole body under the *connect* time-out, as one total: a picture of some
    megabytes on a slow line would then end in a doubt after five seconds.
    """

    def send(self, data: Any) -> None:
        plain = cast("HTTPConnection", super())
        deadline = _current.get()
        if deadline is None or not isinstance(data, bytes):
            plain.send(data)
            return
        mine = cast("HTTPConnection", self)
        if mine.sock is None and mine.auto_open:
            mine.connect()
        for start in range(0, len(data), BLOCK_BYTES):
            if mine.sock is not None:
                mine.sock.settimeout(deadline.left_s())
            plain.send(data[start : start + BLOCK_BYTES])


class _WatchedHTTP(_WatchedSender, HTTPConnection):
    response_class = _WatchedResponse


class _WatchedHTTPS(_WatchedSender, HTTPSConnection):
    response_class = _WatchedResponse


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _HTTPPool, "https": _HTTPSPool}

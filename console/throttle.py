"""Slows down the guessing of passwords: five failures in 15 minutes, then 15 minutes of rest.

Kept in memory: the console is one process, and a restart forgives. Several consoles on one
database would each count for themselves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

FAILURES_MAX = 5
WINDOW = timedelta(minutes=15)
REST = timedelta(minutes=15)
KEYS_MAX = 10_000
KEY_CHARS_MAX = 200


class Throttle:
    """Counts failed logins per key (a name, an address)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failed: dict[str, list[datetime]] = {}
        self._rests: dict[str, datetime] = {}

    def begin(self, keys: Iterable[str], now: datetime) -> timedelta:
        """Begin an attempt: give how long to wait, zero when it may go on.

        The attempt counts as failed until `forgive`, so that many at the same moment are no way
        round. A refused attempt is not counted: the rest ends 15 minutes after the fifth failure.
        """
        wanted = [_same(key) for key in keys]
        nothing = timedelta(0)
        with self._lock:
            self._tidy(now)
            wait = max((self._rests.get(key, now) - now for key in wanted), default=nothing)
            if wait > nothing:
                return wait
            for key in wanted:
                recent = [one for one in self._failed.get(key, []) if one > now - WINDOW]
                self._failed[key] = [*recent, now]
                if len(self._failed[key]) >= FAILURES_MAX:
                    self._rests[key] = now + REST
            return nothing

    def forgive(self, name: str, address: str, now: datetime) -> None:
        """Note a success: the name begins anew, the address loses this one attempt only."""
        name, address = _same(name), _same(address)
        with self._lock:
            self._failed.pop(name, None)
            self._rests.pop(name, None)
            moments = self._failed.get(address, [])
            if now in moments:
                moments.remove(now)
            if self._rests.get(address) == now + REST:
                del self._rests[address]

    def _tidy(self, now: datetime) -> None:
        over = [key for key, until in self._rests.items() if until <= now]
        for key in over:
            del self._rests[key]
            self._failed.pop(key, None)
        old = [key for key, moments in self._failed.items() if moments[-1:] <= [now - WINDOW]]
        for key in old:
            del self._failed[key]
        while len(self._failed) > KEYS_MAX:  # a flood of invented names must not fill the memory
            key = next(iter(self._failed))
            del self._failed[key]
            self._rests.pop(key, None)


def _same(key: str) -> str:
    """Give one key for all spellings of a name: people are found by the NFC of what is typed.

    Cut short, so that a long name fills no memory; no person has one.
    """
    return unicodedata.normalize("NFC", key[:KEY_CHARS_MAX])

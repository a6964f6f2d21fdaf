"""The access token of one account: fetched from stable_token, kept in memory, never stored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

# Source: official page of getStableAccessToken, read 2025-12-19. In normal mode the platform
# renews five minutes before the end, and the old token lives on for those five minutes.
EARLY_S = 300


class Token:
    """A token and the moment from which a new one is fetched.

    Thread-safe: `get` fetches once, however many attempts of the account wait for it.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._value = ""
        self._until: datetime | None = None

    def __repr__(self) -> str:
        return f"Token(until={self._until})"

    def get(self, fetch: Callable[[], tuple[str, float]]) -> str:
        """Give the token, calling `fetch` (-> token, seconds it lives) when there is none."""
        with self._lock:
            if self._until is None or self._clock() >= self._until:
                self._value, lives_s = fetch()
                self._until = self._clock() + timedelta(seconds=max(lives_s - EARLY_S, 0))
            return self._value

    def forget(self, value: str) -> None:
        """Drop `value`; a newer token that another attempt fetched meanwhile stays."""
        with self._lock:
            if self._value == value:
                self._value = ""
                self._until = None

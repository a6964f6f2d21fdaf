"""How often machines may call: so many a minute for each key, what is more is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

PER_MINUTE = 120
KEYS_MAX = 10_000
MINUTE = timedelta(minutes=1)


class Pace:
    """Counts calls per key (an address, an account) in minutes that begin with the first call."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._lock = Lock()
        self._counted: dict[str, tuple[datetime, int]] = {}

    def allows(self, key: str, now: datetime) -> bool:
        """Count one call; tell whether it is within the pace."""
        with self._lock:
            began, count = self._counted.get(key, (now, 0))
            if not timedelta(0) <= now - began < MINUTE:
                began, count = now, 0
            self._counted.pop(key, None)
            self._counted[key] = (began, count + 1)
            while len(self._counted) > KEYS_MAX:  # a flood of addresses must not fill the memory
                del self._counted[next(iter(self._counted))]
            return count < self._per_minute

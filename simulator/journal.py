"""Which platform calls were made, in order. No token, secret or body is ever written here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from simulator.wire import Call


@dataclass
class Entry:
    """One call. `status` and `code` are what the client saw: None when it saw nothing."""

    n: int
    at: str
    platform: str
    account: str | None
    call: str
    method: str
    path: str
    status: int | None = None
    code: int | None = None


class Journal:
    """The list of calls since the start or the last reset."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[Entry] = []

    def open(self, call: Call, account: str | None) -> Entry:
        """Write down a call at its arrival; the caller fills in the ending."""
        entry = Entry(
            n=len(self._entries) + 1,
            at=call.at.isoformat(),
            platform=call.platform,
            account=account,
            call=call.name,
            method=call.method,
            path=call.path,
        )
        self._entries.append(entry)
        return entry

    def since(self, n: int) -> list[dict[str, Any]]:
        """Return the calls numbered above `n`, oldest first."""
        return [asdict(entry) for entry in self._entries[n:]]

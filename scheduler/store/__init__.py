"""The store: every write of the core, guarded; one function, one statement plus its event.

Functions take a `Connection` (`tx`) inside `Store.write()`, so that a caller may group several
under one commit. Modules: `engine` (open, migrate), `rows` (reads shared by rooms), `rules`
(`may_leave` and the claim's guards as SQL), `moves` (the one guarded transition), `queue` (what
people do), `flight` (claim, arm, settle), `accounts` (mirror, spend, rests), `events` is beside.
"""

from __future__ import annotations

from scheduler.store.engine import Store, migrate, open_store

__all__ = ["Store", "migrate", "open_store"]

"""Planning: a place in time. Puts posts into the queue, moves, holds and stops them.

Every verb takes an actor, and asks here whether the actor may.
"""

from __future__ import annotations

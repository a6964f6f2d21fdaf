"""What every part of dispatch needs at hand, and the few numbers it works by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import Connection

from channels.contract import Channel, Delivery
from scheduler.clock import Clock
from scheduler.content import edition_digest
from scheduler.store import Store
from scheduler.store.files import content_of
from scheduler.store.moves import DeliveryRow
from scheduler.store.rules import RULES, Rules


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers of dispatch, in seconds.

    `prepare_s` covers token and uploads of eight articles; `speak_s` is longer than the longest
    request (125 s with a picture, see `channels.wire`), so no lease ends while one is on the wire.
    """

    prepare_s: float = 240
    speak_s: float = 180
    look_s: float = 180
    retry_first_s: float = 15
    retry_max_s: float = 900
    silent_s: float = 24 * 3600


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the time, chance, this node's name, and the way to a channel by account id."""

    store: Store
    clock: Clock
    rng: Random
    node: str
    channel_of: Callable[[int], Channel]
    policy: Policy = field(default_factory=Policy)
    rules: Rules = RULES

    @property
    def actor(self) -> str:
        """How events name this node."""
        return f"node:{self.node}"


def backoff_s(failures: int, policy: Policy, rng: Random) -> float:
    """Give how long to wait after `failures` tries: doubling, capped, ten per cent of jitter."""
    bare = min(policy.retry_max_s, policy.retry_first_s * 2.0 ** min(failures, 20))
    return bare * rng.uniform(0.9, 1.1)


def delivery_of(
    tx: Connection, row: DeliveryRow, posts: list[DeliveryRow], *, with_data: bool
) -> Delivery:
    """Build what a channel gets to see of a delivery."""
    return Delivery(
        key=row.key,
        digest=edition_digest(post.content_digest for post in posts),
        how=row.how,
        contents=tuple(content_of(tx, post.content, with_data=with_data) for post in posts),
        due_at=row.due_at,
        armed_at=row.first_armed_at,
    )

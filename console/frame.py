"""What stands around every page: the places, whether a daemon runs, what is paused. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from console import duties
from console import format as said
from console.places import Place
from scheduler.daemon import NODE, running_nodes
from scheduler.machine import State
from scheduler.people import Actor
from scheduler.planning import pauses
from scheduler.store.rules import DELIVERY
from scheduler.tables import Account, table

ACCOUNT = table(Account)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause in force. `account` is the internal name, "" for all accounts."""

    account: str
    title: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page tells truthfully. `beat_at` is the last sign of any daemon."""

    places: tuple[tuple[Place, int], ...]
    nodes: tuple[str, ...]
    pauses: tuple[Pause, ...]
    doubts: int
    notices: int
    may_stop: bool
    beat_at: datetime | None

    @property
    def stopped(self) -> bool:
        """Whether everything is stopped, for all accounts."""
        return any(not pause.account for pause in self.pauses)

    @property
    def addresses(self) -> frozenset[str]:
        """Which places there are, by address."""
        return frozenset(place.address for place, _count in self.places)


def read(
    tx: Connection, places: Sequence[Place], person: Actor, now: datetime, *, seen: int = 0
) -> Frame:
    """Read the frame for one person; `seen` is the last notice they have looked at."""
    nodes = list(tx.execute(select(NODE)))
    return Frame(
        places=tuple((one, one.count(tx, person, now) if one.count else 0) for one in places),
        nodes=tuple(running_nodes(nodes, now)),
        pauses=tuple(read_pauses(tx, now)),
        doubts=int(
            tx.execute(
                select(func.count(DELIVERY.c.id)).where(DELIVERY.c.state == State.uncertain.value)
            ).scalar_one()
        ),
        notices=duties.count_new(tx, person, seen),
        may_stop=person.may(*pauses.STOPPERS),
        beat_at=max((row._mapping["beat_at"] for row in nodes), default=None),
    )


def read_pauses(tx: Connection, now: datetime) -> list[Pause]:
    """Give the pauses in force with the accounts' titles."""
    rows = tx.execute(select(ACCOUNT.c.name, ACCOUNT.c.title, ACCOUNT.c.channel))
    titles = {row.name: said.account(row.title, row.channel) for row in rows}
    return [
        Pause(
            account=row._mapping["account"] or "",
            title=titles.get(row._mapping["account"], ""),
            reason=row._mapping["reason"],
            since=row._mapping["from_at"],
            until=row._mapping["until_at"],
        )
        for row in pauses.in_force(tx, now)
    ]

"""`/healthz`: whether this installation works, for a monitor. Says nothing of stories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, func, select
from starlette.responses import JSONResponse, Response

from console import format as said
from console.guard import Here
from scheduler.daemon import NODE, running_nodes
from scheduler.machine import State
from scheduler.store.rules import DELIVERY
from scheduler.store.why import UNTAKEN_AFTER, oldest_free
from scheduler.words import N_

router = APIRouter()
SILENT_SHOWN = timedelta(days=1)
"""So long a node that fell silent is an alarm; then it is taken for one that is gone for good."""


@router.get("/healthz")
def healthz(desk: Here) -> Response:
    """Give 200 when a daemon runs and takes what is due, else 503."""
    with desk.store.read() as tx:
        told = health_of(tx, desk.clock.now())
    return JSONResponse(told, 200 if told["ok"] else 503)


def health_of(tx: Connection, now: datetime) -> dict[str, Any]:
    """Give the figures: ages in seconds, None where there is nothing.

    `oldest_due_s` counts only deliveries that nothing holds back: those the daemon should take.
    """
    beat_at = tx.execute(select(func.max(NODE.c.beat_at))).scalar()
    nodes = running_nodes(list(tx.execute(select(NODE))), now)
    oldest = oldest_free(tx, now)
    due_at = oldest.next_at if oldest else None
    doubted_at = tx.execute(
        select(func.min(DELIVERY.c.doubted_at)).where(DELIVERY.c.state == State.uncertain.value)
    ).scalar()
    late = due_at is not None and now - due_at > UNTAKEN_AFTER
    return {
        "ok": bool(nodes) and not late,
        "daemon_runs": bool(nodes),
        "nodes": nodes,
        "last_beat_s": _age(beat_at, now),
        "oldest_due_s": _age(due_at, now),
        "oldest_doubt_s": _age(doubted_at, now),
    }


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something is wrong with the machine: what, and what to do. Catalogue keys and a link."""

    what: str
    step: str
    params: dict[str, object]
    address: str = ""


def alarms(tx: Connection, now: datetime) -> list[Alarm]:
    """Give what Today must say besides "no daemon runs", which every page says."""
    rows = list(tx.execute(select(NODE)))
    running = running_nodes(rows, now)
    found = []
    oldest = oldest_free(tx, now)
    if running and oldest is not None and now - oldest.next_at > UNTAKEN_AFTER:
        found.append(
            Alarm(
                N_("Delivery {id} was due {time}; nothing holds it back, and it has not left."),
                N_("Whoever runs this machine looks at the daemon."),
                {"id": oldest.id, "time": said.when(oldest.next_at, now)},
                f"/queue/{oldest.id}",
            )
        )
    for row in rows:
        beat_at = row._mapping["beat_at"]
        silent = row._mapping["stopped_at"] is None and row._mapping["name"] not in running
        if silent and running and now - beat_at < SILENT_SHOWN:
            told: dict[str, object] = {"name": row._mapping["name"]}
            found.append(
                Alarm(
                    N_("The node {name} has said nothing since {time} and was not stopped."),
                    N_("The other nodes go on. Whoever runs that machine looks at it."),
                    told | {"time": said.when(beat_at, now)},
                )
            )
    return found


def _age(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, int((now - moment).total_seconds()))

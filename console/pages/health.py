"""`/healthz`: whether this installation works, for a monitor. Says nothing of stories."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, func, select
from starlette.responses import JSONResponse, Response

from console.guard import Here
from scheduler.daemon import NODE, running_nodes
from scheduler.machine import State
from scheduler.store.rules import DELIVERY, RULES, holds

router = APIRouter()
OVERDUE = timedelta(minutes=5)
"""So long may a delivery be due and free to leave before something is wrong with the daemon."""


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
    free = select(func.min(DELIVERY.c.next_at)).where(
        DELIVERY.c.state == State.queued.value,
        DELIVERY.c.next_at <= now,
        *holds(RULES.claim, DELIVERY, now),
    )
    due_at = tx.execute(free).scalar()
    doubted_at = tx.execute(
        select(func.min(DELIVERY.c.doubted_at)).where(DELIVERY.c.state == State.uncertain.value)
    ).scalar()
    late = due_at is not None and now - due_at > OVERDUE
    return {
        "ok": bool(nodes) and not late,
        "daemon_runs": bool(nodes),
        "nodes": nodes,
        "last_beat_s": _age(beat_at, now),
        "oldest_due_s": _age(due_at, now),
        "oldest_doubt_s": _age(doubted_at, now),
    }


def _age(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, int((now - moment).total_seconds()))

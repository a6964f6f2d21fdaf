"""The one guarded transition: every state of a delivery is written here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from scheduler import events, notices
from scheduler.clock import day_end
from scheduler.content import canonical_json
from scheduler.errors import NotFound
from scheduler.machine import FINAL, NOT_OUT, Facts, State, Verb, edge_for
from scheduler.store.rules import DELIVERY, RULES, Clause, Rules

DeliveryRow = Row[Any]
TELLS = {State.uncertain: "doubt", State.failed: "failed", State.missed: "missed"}


def read(tx: Connection, delivery_id: int) -> DeliveryRow:
    """Read one delivery. Raises `NotFound`."""
    row = tx.execute(select(DELIVERY).where(DELIVERY.c.id == delivery_id)).first()
    if row is None:
        raise NotFound("There is no delivery {id}.", command="fabu queue list", id=delivery_id)
    return row


def lock(tx: Connection, delivery_id: int) -> DeliveryRow:
    """Read one delivery and keep others from writing it until we commit (PostgreSQL).

    Whoever changes a member's text locks the delivery first, too: so what the next statement
    sees of the posts is what stands when it is written. SQLite has one writer at a time anyway.
    """
    query = select(DELIVERY).where(DELIVERY.c.id == delivery_id).with_for_update()
    row = tx.execute(query).first()
    return read(tx, delivery_id) if row is None else row


def facts_of(row: DeliveryRow) -> Facts:
    """Give what the machine must know of a delivery."""
    return Facts(
        state=State(row.state),
        armed=row.armed_at is not None,
        doubted=row.doubted_at is not None,
        in_hands=row.accepted_by == "person",
    )


def _fence(row: DeliveryRow, rules: Rules) -> list[Clause]:
    """Pin what the decision was made on: zero rows changed means "not mine any more"."""
    pins: dict[str, Clause] = {
        "state": DELIVERY.c.state == row.state,
        "attempt": DELIVERY.c.attempt == row.attempt,
        "armed": DELIVERY.c.armed_at.is_not_distinct_from(row.armed_at),
        "doubted": DELIVERY.c.doubted_at.is_not_distinct_from(row.doubted_at),
    }
    return [clause for name, clause in pins.items() if name in rules.fence]


def _effects(row: DeliveryRow, landed: State, *, lifted: bool, now: datetime) -> dict[str, object]:
    """Say what entering a state brings with it: no caller can combine fields wrongly."""
    values: dict[str, object] = {"state": landed.value, "updated_at": now, "awaits": ""}
    if landed is not State.publishing:
        values |= {"lease_until": None, "node": ""}
    if landed is not State.accepted:
        values |= {"accepted_by": ""}
    if lifted:
        values |= {"doubted_at": None, "holds_account_until": None}
    if landed is State.uncertain and row.doubted_at is None:
        until = now + timedelta(seconds=row.hold_account_s)
        values |= {
            "doubted_at": now,
            "holds_account_until": day_end(now) if row.hold_account_day else until,
        }
    if landed in FINAL:
        values |= {"next_at": None, "settled_at": now}
    elif State(row.state) in FINAL:
        values |= {"settled_at": None}
    return values


def move(
    tx: Connection,
    row: DeliveryRow,
    verb: Verb,
    *,
    now: datetime,
    actor: str,
    target: State | None = None,
    code: str = "",
    detail: Mapping[str, object] | None = None,
    values: Mapping[str, object] | None = None,
    where: Sequence[Clause] = (),
    rules: Rules = RULES,
) -> State | None:
    """Make one transition of `row` as it was read, with its event; None: not ours any more.

    `target` chooses where a verb has several ends; the doubt rule may land it in `uncertain`
    instead. `values` are written besides; `where` are guards besides the fence. Raises
    `NoSuchEdge` when the table has no such edge.
    """
    facts = facts_of(row)
    edge = edge_for(facts, verb, target)
    landed = rules.land(facts, verb, target)
    written = _effects(row, landed, lifted=edge.lifts_doubt, now=now) | dict(values or {})
    if code or landed.value != row.state or verb is Verb.unhold:
        written |= {"code": code, "detail": canonical_json(dict(detail or {}))}
    if landed in FINAL:
        written["next_at"] = None
    elif landed is not State.accepted:
        written["accepted_by"] = ""
    if landed in (State.uncertain, State.accepted) and not (
        written.get("next_at") or written.get("awaits")
    ):
        written["awaits"] = "operator"  # I4: no alarm of its own, so a person must
    result = tx.execute(
        update(DELIVERY)
        .where(DELIVERY.c.id == row.id, *_fence(row, rules), *where)
        .values(**written)
    )
    if result.rowcount != 1:
        return None
    attempt = int(written.get("attempt", row.attempt))  # type: ignore[call-overload]
    line = events.Line(
        kind="delivery",
        subject_id=row.id,
        account_id=row.account_id,
        verb=verb.value,
        origin_state=row.state,
        target_state=landed.value,
        attempt=attempt,
        actor=actor,
        at=now,
        code=code,
        detail=detail,
    )
    events.write(tx, line)
    _tell(tx, row, verb, landed, now)
    return landed


def _tell(tx: Connection, row: DeliveryRow, verb: Verb, landed: State, now: datetime) -> None:
    if landed.value == row.state:
        return
    notices.done(tx, "delivery", row.id, now)
    # What a person decided is no news to people.
    code = "" if verb is Verb.resolve else TELLS.get(landed, "")
    if landed is State.published and State(row.state) in NOT_OUT:
        code = "proof_wins"
    if code:
        notices.tell(tx, role="operator", code=code, now=now, kind="delivery", subject_id=row.id)

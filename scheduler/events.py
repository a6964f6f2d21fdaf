"""The append-only history: one line per thing that happened, sealed into a hash chain.

Lines are written with the change they tell of, in the same transaction. They get their number
and their link in the chain later, from one sealer, so that writers never wait for each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from scheduler.content import canonical_json
from scheduler.errors import InputError
from scheduler.tables import Event, table

EVENT = table(Event)
SEAL_BATCH = 500
REASON_MAX = 2000
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Line:
    """What one event says. `kind` names the subject: delivery, story, post, account, person, ..."""

    kind: str
    subject_id: int
    verb: str
    actor: str
    at: datetime
    account_id: int | None = None
    origin_state: str = ""
    target_state: str = ""
    attempt: int = 0
    code: str = ""
    detail: Mapping[str, object] | None = None


def reason(text: str) -> str:
    """Give a reason or a note as it is kept. Raises `InputError`: many pages show it whole."""
    told = text.replace("\0", "").strip()  # PostgreSQL takes no NUL
    if len(told) > REASON_MAX:
        raise InputError(
            "A reason has at most {most} characters, this one {length}. Shorten it.",
            most=REASON_MAX,
            length=len(told),
        )
    return told


def write(tx: Connection, line: Line) -> int:
    """Append one line; give its id."""
    values = {
        "at": line.at,
        "kind": line.kind,
        "subject_id": line.subject_id,
        "account_id": line.account_id,
        "verb": line.verb,
        "origin_state": line.origin_state,
        "target_state": line.target_state,
        "attempt": line.attempt,
        "actor": line.actor,
        "code": line.code,
        "detail": canonical_json(dict(line.detail)) if line.detail else "",
    }
    result = tx.execute(insert(EVENT).values(values).returning(EVENT.c.id))
    return int(result.scalar_one())


def of_subject(tx: Connection, kind: str, subject_id: int) -> list[Row[tuple[object, ...]]]:
    """Give the history of one subject, oldest first."""
    query = select(EVENT).where(EVENT.c.kind == kind, EVENT.c.subject_id == subject_id)
    return list(tx.execute(query.order_by(EVENT.c.id)))


def detail_of(row: Row[tuple[object, ...]]) -> dict[str, object]:
    """Give an event's (or a delivery's) detail as data."""
    text = row._mapping["detail"]
    return dict(json.loads(text)) if text else {}


def _link(previous: str, row: Row[tuple[object, ...]], seq: int) -> str:
    told = {
        name: str(row._mapping[name])
        for name in (
            "id",
            "kind",
            "subject_id",
            "account_id",
            "verb",
            "origin_state",
            "target_state",
            "attempt",
            "actor",
            "code",
            "detail",
        )
    }
    told["at"] = row._mapping["at"].isoformat()
    told["seq"] = str(seq)
    return hashlib.sha256((previous + canonical_json(told)).encode()).hexdigest()


def seal(tx: Connection) -> int:
    """Seal (number and chain) the lines that are not sealed yet, oldest first; give how many.

    Only one sealer runs at a time (the daemon's tick); on PostgreSQL two would clash on the
    unique `seq`, and the loser's transaction is rolled back whole.
    """
    last = tx.execute(
        select(EVENT.c.seq, EVENT.c.chain)
        .where(EVENT.c.seq.is_not(None))
        .order_by(EVENT.c.seq.desc())
        .limit(1)
    ).first()
    seq, chain = (int(last.seq), str(last.chain)) if last else (0, GENESIS)
    rows = tx.execute(
        select(EVENT).where(EVENT.c.seq.is_(None)).order_by(EVENT.c.id).limit(SEAL_BATCH)
    ).all()
    for row in rows:
        seq += 1
        chain = _link(chain, row, seq)
        tx.execute(update(EVENT).where(EVENT.c.id == row.id).values(seq=seq, chain=chain))
    return len(rows)


def broken_at(tx: Connection) -> int | None:
    """Walk the chain; give the number of the first line that was changed or taken out, or None."""
    chain = GENESIS
    rows = tx.execute(select(EVENT).where(EVENT.c.seq.is_not(None)).order_by(EVENT.c.seq))
    for expected, row in enumerate(rows, start=1):
        if row.seq != expected:
            return expected
        chain = _link(chain, row, expected)
        if chain != row.chain:
            return expected
    return None

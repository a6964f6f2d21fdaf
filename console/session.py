"""Logins of browsers: opened with name and password, kept in the database, ended by time.

The cookie is a random token; the table keeps its SHA-256. A session ends after eight hours
without a request, a day after its login, at a new password and when the person leaves.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import compare_digest, token_urlsafe
from typing import TypedDict

from sqlalchemy import Connection, delete, insert, select, update

from console.tables import ConsoleSession
from scheduler import events
from scheduler.people import PERSON, Actor, Role
from scheduler.tables import table

SESSION = table(ConsoleSession)
COOKIE = "fabu_session"
TOKEN_BYTES = 32
IDLE = timedelta(hours=8)
LONGEST = timedelta(hours=24)
TOUCH = timedelta(minutes=1)
"""How seldom `seen_at` is written: a page with ten parts is one write."""


class Said(TypedDict):
    """One notice for the next page: a catalogue key with its parameters."""

    tone: str
    text: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class Session:
    """One login, as a request sees it."""

    digest: str
    actor: Actor
    csrf: str
    flash: tuple[Said, ...] = field(default=())

    def fits(self, token: str) -> bool:
        """Tell whether a form's token is this session's."""
        return compare_digest(self.csrf.encode(), token.encode())


def open_session(tx: Connection, actor: Actor, *, now: datetime) -> str:
    """Log a person in; give the cookie's value, which is kept nowhere."""
    token = token_urlsafe(TOKEN_BYTES)
    tx.execute(delete(SESSION).where(SESSION.c.expires_at <= now))
    stored = tx.execute(select(PERSON.c.password_hash).where(PERSON.c.id == actor.id)).scalar_one()
    tx.execute(
        insert(SESSION).values(
            digest=_digest(token),
            person_id=actor.id,
            stamp=_digest(stored),
            csrf=token_urlsafe(TOKEN_BYTES),
            created_at=now,
            seen_at=now,
            expires_at=now + IDLE,
            flash="",
        )
    )
    events.write(tx, events.Line("person", actor.id, "login", actor.mark, now))
    return token


def find_session(tx: Connection, token: str, *, now: datetime) -> tuple[Session | None, bool]:
    """Give the session of a cookie (None: unknown or over), and whether it is time to `touch`."""
    row = tx.execute(
        select(SESSION, PERSON.c.name, PERSON.c.roles, PERSON.c.password_hash)
        .join(PERSON, PERSON.c.id == SESSION.c.person_id)
        .where(SESSION.c.digest == _digest(token), SESSION.c.expires_at > now, PERSON.c.active)
    ).first()
    if row is None or not compare_digest(row.stamp, _digest(row.password_hash)):
        return None, False
    roles = frozenset(Role(word) for word in row.roles.split())
    flash = tuple(json.loads(row.flash)) if row.flash else ()
    session = Session(row.digest, Actor(row.person_id, row.name, roles), row.csrf, flash)
    return session, now - row.seen_at >= TOUCH


def touch(tx: Connection, session: Session, *, now: datetime) -> None:
    """Note that the person is there: eight more hours, but never past a day after the login."""
    mine = SESSION.c.digest == session.digest
    began = tx.execute(select(SESSION.c.created_at).where(mine)).scalar()
    if began is not None:
        until = min(now + IDLE, began + LONGEST)
        tx.execute(update(SESSION).where(mine).values(seen_at=now, expires_at=until))


def close_session(tx: Connection, session: Session) -> None:
    """Log out."""
    tx.execute(delete(SESSION).where(SESSION.c.digest == session.digest))


def tell(
    tx: Connection, session: Session, text: str, params: dict[str, object], tone: str = "done"
) -> None:
    """Keep a notice for the next page of this session."""
    mine = SESSION.c.digest == session.digest
    before = tx.execute(select(SESSION.c.flash).where(mine)).scalar()
    said = [*(json.loads(before) if before else []), {"tone": tone, "text": text, "params": params}]
    tx.execute(update(SESSION).where(mine).values(flash=json.dumps(said, default=str)))


def told(tx: Connection, session: Session) -> None:
    """Forget the notices: they have been shown."""
    tx.execute(update(SESSION).where(SESSION.c.digest == session.digest).values(flash=""))


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()

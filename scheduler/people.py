"""People: who they are, which roles they have, how they log in. Every verb takes an actor.

Passwords are kept as Argon2 hashes and tokens as SHA-256, so a stolen database logs nobody in.
Roles do not contain each other: an administrator may not review unless given that role, too.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from scheduler import events
from scheduler.errors import Conflict, InputError, NotAllowed, NotFound
from scheduler.tables import Event, Person, Token, table
from scheduler.words import N_, _

if TYPE_CHECKING:
    from pwdlib import PasswordHash

PERSON = table(Person)
TOKEN = table(Token)
EVENT = table(Event)
TOKEN_DAYS = 90
TOKEN_BYTES = 32
PASSWORD_MIN = 10
PASSWORD_MAX = 200
NAME_MAX = 40
TITLE_MAX = 60


class Role(StrEnum):
    """What a person may do. A person may have several."""

    author = "author"
    reviewer = "reviewer"
    operator = "operator"
    leader = "leader"
    admin = "admin"


ROLE_WORDS = {
    Role.author: N_("author"),
    Role.reviewer: N_("reviewer"),
    Role.operator: N_("operator"),
    Role.leader: N_("leader"),
    Role.admin: N_("administrator"),
}


ROLE_MEANS = {
    Role.author: N_("Writes stories, hands them in for review, and puts them into the queue."),
    Role.reviewer: N_("Approves or returns what others wrote; may hold and stop publishing."),
    Role.operator: N_("Runs the queue: holds, moves, cancels, clears up doubts, lifts a stop."),
    Role.leader: N_("Sees everything and may stop publishing."),
    Role.admin: N_("Manages people, accounts and settings; this alone gives no right to review."),
}
"""What each role may do, for the pages on which it is given."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who does something, with the roles as they were when the command began."""

    id: int
    name: str
    roles: frozenset[Role]

    @property
    def mark(self) -> str:
        """How events name this person. A daemon writes `node:NAME` instead."""
        return f"person:{self.name}" if self.id else self.name

    def may(self, *roles: Role) -> bool:
        """Tell whether the actor has at least one of `roles`."""
        return not self.roles.isdisjoint(roles)


SETUP = Actor(id=0, name="setup", roles=frozenset({Role.admin}))
"""Who acts while a home is being made, before there is a first person."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of people."""

    id: int
    name: str
    title: str
    roles: frozenset[Role]
    active: bool
    has_password: bool
    created_at: datetime


def require(actor: Actor, *roles: Role) -> None:
    """Raise `NotAllowed` unless the actor has one of `roles`. Administrators are no exception."""
    if actor.may(*roles):
        return
    raise NotAllowed(
        "{person} may not do this: it needs the role {roles}. An administrator can give it.",
        command="fabu person roles {person} ROLE...",
        person=actor.name,
        roles=" / ".join(_(ROLE_WORDS[role]) for role in roles),
    )


def parse_roles(words: Iterable[str]) -> frozenset[Role]:
    """Read role names. Raises `InputError` naming the roles there are."""
    found = set()
    for word in words:
        try:
            found.add(Role(word.strip().lower()))
        except ValueError:
            raise InputError(
                "There is no role {role}. Choose from: {known}.",
                role=word,
                known=", ".join(Role),
            ) from None
    return frozenset(found)


def clean_name(name: str) -> str:
    """Give a name as it is kept. Raises `InputError` when it is no name."""
    clean = _nfc(name)
    if not clean or len(clean) > NAME_MAX or not clean.isprintable():
        raise InputError(
            "A person's name has 1 to {most} visible characters. Give another name.", most=NAME_MAX
        )
    return clean


def clean_title(title: str) -> str:
    """Give what a person is at the bureau, "" for nothing. Raises `InputError`."""
    clean = _nfc(title)
    if len(clean) > TITLE_MAX or not clean.isprintable():
        raise InputError(
            "A person's position has at most {most} visible characters. Shorten it.",
            most=TITLE_MAX,
        )
    return clean


def check_new_password(password: str) -> None:
    """Raise `InputError` when a password is too short or too long."""
    if len(password) < PASSWORD_MIN:
        raise InputError(
            "The password is too short: at least {least} characters. Choose a longer one.",
            least=PASSWORD_MIN,
        )
    if len(password) > PASSWORD_MAX:
        raise InputError(
            "The password is too long: at most {most} characters. Choose a shorter one.",
            most=PASSWORD_MAX,
        )


def add_person(
    tx: Connection,
    by: Actor,
    name: str,
    roles: Iterable[Role],
    *,
    now: datetime,
    title: str = "",
    password: str = "",
) -> Actor:
    """Add a person; without a password they cannot log in yet. Only administrators may."""
    require(by, Role.admin)
    name = clean_name(name)
    wanted = frozenset(roles)
    if tx.execute(select(PERSON.c.id).where(PERSON.c.name == name)).first():
        raise Conflict(
            "There is already a person called {name}. Choose another name, or change the roles "
            "of that person.",
            command="fabu person roles {name} ROLE...",
            name=name,
        )
    values = {
        "name": name,
        "title": clean_title(title),
        "roles": _joined(wanted),
        "password_hash": _hash(password) if password else "",
        "active": True,
        "created_at": now,
    }
    new = int(tx.execute(insert(PERSON).values(values).returning(PERSON.c.id)).scalar_one())
    _write(tx, by, new, "add", now, name=name, roles=_joined(wanted))
    return Actor(new, name, wanted)


def set_password(
    tx: Connection, by: Actor, person_id: int, password: str, *, now: datetime
) -> None:
    """Set a password and end every login of that person. Everyone may change their own."""
    if by.id != person_id:
        require(by, Role.admin)
    _person(tx, person_id)
    tx.execute(update(PERSON).where(PERSON.c.id == person_id).values(password_hash=_hash(password)))
    tx.execute(delete(TOKEN).where(TOKEN.c.person_id == person_id))
    _write(tx, by, person_id, "set_password", now)


def check_password(tx: Connection, name: str, password: str) -> Actor:
    """Give the person whose name and password these are. Raises `NotAllowed`, never saying which.

    An unknown name costs as much time as a known one, so that names cannot be found by timing.
    """
    row = tx.execute(select(PERSON).where(PERSON.c.name == _nfc(name))).first()
    usable = row is not None and row.active and bool(row.password_hash)
    stored = row.password_hash if row is not None and usable else _hash_of_nobody()
    if not _hasher().verify(password, stored) or row is None or not usable:
        raise NotAllowed(
            "Name and password do not fit. Try again, or ask an administrator for a new password.",
            command="fabu person password NAME",
        )
    return _actor(row)


def set_roles(
    tx: Connection, by: Actor, person_id: int, roles: Iterable[Role], *, now: datetime
) -> Actor:
    """Replace a person's roles. The last administrator keeps that role."""
    require(by, Role.admin)
    row = _person(tx, person_id)
    wanted = frozenset(roles)
    if Role.admin not in wanted:
        _keep_an_admin(tx, row)
    tx.execute(update(PERSON).where(PERSON.c.id == person_id).values(roles=_joined(wanted)))
    _write(tx, by, person_id, "set_roles", now, before=row.roles, after=_joined(wanted))
    return Actor(person_id, row.name, wanted)


def deactivate(tx: Connection, by: Actor, person_id: int, *, now: datetime) -> None:
    """End a person's access; their name stays in the history. Never the last administrator."""
    require(by, Role.admin)
    _keep_an_admin(tx, _person(tx, person_id))
    tx.execute(update(PERSON).where(PERSON.c.id == person_id).values(active=False))
    tx.execute(delete(TOKEN).where(TOKEN.c.person_id == person_id))
    _write(tx, by, person_id, "deactivate", now)


def list_people(tx: Connection) -> list[Listed]:
    """List everybody, also those who left, by name."""
    rows = tx.execute(select(PERSON).order_by(PERSON.c.active.desc(), PERSON.c.name))
    return [
        Listed(
            id=row.id,
            name=row.name,
            title=row.title,
            roles=_split(row.roles),
            active=row.active,
            has_password=bool(row.password_hash),
            created_at=row.created_at,
        )
        for row in rows
    ]


def last_logins(tx: Connection) -> dict[int, datetime]:
    """Give when each person logged in last, here or on a command line, by their number."""
    query = select(EVENT.c.subject_id, func.max(EVENT.c.at).label("at")).where(
        EVENT.c.kind == "person", EVENT.c.verb == "login"
    )
    return {row.subject_id: row.at for row in tx.execute(query.group_by(EVENT.c.subject_id))}


def issue_token(tx: Connection, actor: Actor, *, now: datetime) -> str:
    """Log a person in: give a new token, valid for `TOKEN_DAYS`. It is shown once, here."""
    token = token_urlsafe(TOKEN_BYTES)
    tx.execute(delete(TOKEN).where(TOKEN.c.expires_at <= now))
    tx.execute(
        insert(TOKEN).values(
            person_id=actor.id,
            digest=_token_digest(token),
            created_at=now,
            expires_at=now + timedelta(days=TOKEN_DAYS),
        )
    )
    _write(tx, actor, actor.id, "login", now)
    return token


def actor_of_token(tx: Connection, token: str, *, now: datetime) -> Actor:
    """Give the person a token belongs to. Raises `NotAllowed` when it is unknown or too old."""
    row = tx.execute(
        select(PERSON)
        .join(TOKEN, TOKEN.c.person_id == PERSON.c.id)
        .where(TOKEN.c.digest == _token_digest(token), TOKEN.c.expires_at > now, PERSON.c.active)
    ).first()
    if row is None:
        raise NotAllowed("Your login is not valid any more. Log in again.", command="fabu login")
    return _actor(row)


def actor_named(tx: Connection, name: str) -> Actor:
    """Give the active person called `name`. Raises `NotFound`."""
    row = tx.execute(select(PERSON).where(PERSON.c.name == _nfc(name), PERSON.c.active)).first()
    if row is None:
        raise NotFound(
            "There is no active person called {name}.",
            command="fabu person list",
            name=name,
        )
    return _actor(row)


def _keep_an_admin(tx: Connection, leaving: Row[Any]) -> None:
    others = tx.execute(
        select(PERSON.c.roles).where(PERSON.c.active, PERSON.c.id != leaving.id)
    ).scalars()
    if Role.admin in _split(leaving.roles) and not any(Role.admin in _split(one) for one in others):
        raise Conflict(
            "{name} is the only administrator. Make somebody else one first.",
            command="fabu person roles NAME admin",
            name=leaving.name,
        )


def _person(tx: Connection, person_id: int) -> Row[Any]:
    row = tx.execute(select(PERSON).where(PERSON.c.id == person_id)).first()
    if row is None:
        raise NotFound(
            "There is no person number {id}.",
            command="fabu person list",
            id=person_id,
        )
    return row


def _actor(row: Row[Any]) -> Actor:
    return Actor(row.id, row.name, _split(row.roles))


def _write(
    tx: Connection, by: Actor, person_id: int, verb: str, now: datetime, **detail: object
) -> None:
    events.write(tx, events.Line("person", person_id, verb, by.mark, now, detail=detail or None))


def _split(roles: str) -> frozenset[Role]:
    return frozenset(Role(word) for word in roles.split())


def _joined(roles: Iterable[Role]) -> str:
    return " ".join(sorted(roles))


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _hash(password: str) -> str:
    check_new_password(password)
    return _hasher().hash(password)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    from pwdlib import PasswordHash  # noqa: PLC0415 - only logins need it, and it loads a library

    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return _hasher().hash(token_urlsafe(TOKEN_BYTES))


def _token_digest(token: str) -> str:
    return hashlib.sha256(token.strip().encode()).hexdigest()

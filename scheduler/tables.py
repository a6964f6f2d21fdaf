"""The core's tables: what more than one room needs. A row is data; rules live elsewhere.

Times are UTC and aware (`UTCDateTime` refuses naive ones). JSON columns hold canonical text, so
that equal means equal. Checks and partial indexes make impossible rows impossible to store.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from scheduler.machine import State

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

_STATES = ", ".join(f"'{state}'" for state in State)


def _where(condition: str) -> dict[str, Any]:
    """Give the partial-index clause for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Person(SQLModel, table=True):
    """Someone with a name, roles and a password. `roles` is a space-separated, sorted list."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    title: str = ""
    roles: str = ""
    password_hash: str = ""
    active: bool = True
    created_at: datetime


class Token(SQLModel, table=True):
    """A login on the command line: the SHA-256 of the token, never the token."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    digest: str = Field(unique=True)
    created_at: datetime
    expires_at: datetime


class Secret(SQLModel, table=True):
    """One encrypted secret of an account (`app_secret`, `access_token`)."""

    __table_args__ = (UniqueConstraint("account_name", "field"),)

    id: int | None = Field(default=None, primary_key=True)
    account_name: str
    field: str
    sealed: str
    changed_at: datetime


class Account(SQLModel, table=True):
    """One account. Those of config.toml are mirrored here; the others are `recorded_only`.

    The caps are copied from the channel's limits, so that claim can guard them in its WHERE.
    `speaks_from`: the gap after the last arm ends. Nothing is claimed before `rests_until`.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    channel: str
    title: str
    recorded_only: bool = False
    active: bool = True
    gap_s: float = 0
    speaks_max: int = 0
    speaks_per: str = ""
    pushes_max: int = 0
    pushes_per: str = ""
    speaks_from: datetime | None = None
    rests_until: datetime | None = None
    rest_reason: str = ""
    needs_person: bool = False


class ContentColumn(SQLModel, table=True):
    """One node of the column tree. `path` is the names joined by `/`."""

    __tablename__ = "content_column"

    id: int | None = Field(default=None, primary_key=True)
    path: str = Field(unique=True)
    parent_id: int | None = Field(default=None, foreign_key="content_column.id")
    position: int = 0
    origin: str = "original"
    lateness: str = "normal"


class Media(SQLModel, table=True):
    """One original file, stored once, found by the SHA-256 of its bytes."""

    sha256: str = Field(primary_key=True)
    mime: str
    size_bytes: int
    width_px: int
    height_px: int
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime


class Story(SQLModel, table=True):
    """One item of information. `review` is draft, in_review, approved or returned."""

    __table_args__ = (
        CheckConstraint("review in ('draft','in_review','approved','returned')", name="review"),
        CheckConstraint("origin in ('original','reprint','forward')", name="origin"),
    )

    id: int | None = Field(default=None, primary_key=True)
    title: str
    author: str = ""
    summary: str = ""
    body: str = Field(default="", sa_column=Column(Text, nullable=False))
    source_text: str = Field(default="", sa_column=Column(Text, nullable=False))
    column_id: int = Field(foreign_key="content_column.id")
    origin: str = "original"
    source: str = ""
    link: str = ""
    disclosure: str = "public"
    review: str = "draft"
    review_note: str = ""
    author_id: int | None = Field(default=None, foreign_key="person.id")
    made_elsewhere: bool = False
    created_at: datetime
    updated_at: datetime


class Post(SQLModel, table=True):
    """One story on one account: what is counted. Counting reads these rows only.

    `content` is the canonical JSON of what this post says; `content_digest` its SHA-256;
    `approved_digest`/`approved_until` are written with the last signature and cleared by every
    edit. `frozen_digest` is the digest at the freeze, `held_for` is set by a check. `title`,
    `column_id`, `origin`, `source` stand here too: a later edit of the story changes no old
    figure. `import_digest` marks a row of an imported ledger.
    """

    __table_args__ = (
        CheckConstraint("origin in ('original','reprint','forward')", name="origin"),
        Index(
            "uq_post_story_account_living",
            "story_id",
            "account_id",
            unique=True,
            **_where("dropped_at is null"),
        ),
        Index("ix_post_published", "account_id", "published_at"),
        Index("ix_post_link", "link"),
    )

    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(foreign_key="story.id", index=True)
    account_id: int = Field(foreign_key="account.id")
    column_id: int = Field(foreign_key="content_column.id")
    title: str
    origin: str = "original"
    source: str = ""
    content: str = Field(default="", sa_column=Column(Text, nullable=False))
    content_digest: str = ""
    approved_digest: str | None = None
    approved_until: datetime | None = None
    frozen_digest: str | None = None
    held_for: str | None = None
    delivery_id: int | None = Field(default=None, foreign_key="delivery.id", index=True)
    position: int = 0
    regrouped: bool = False
    published_at: datetime | None = None
    remote_id: str = ""
    link: str = ""
    reads: int | None = None
    gone_at: datetime | None = None
    gone_how: str = ""
    made_elsewhere: bool = False
    import_digest: str = Field(default="", index=True)
    dropped_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class Delivery(SQLModel, table=True):
    """What leaves in one platform call, and where it is. The unit of claim, arm and settle.

    `due_at` is what the person asked; `next_at` is the machine's alarm (claim, look, poll).
    `late_at`: never sent by itself after that. `attempt` is the fence. `first_armed_at` is of this
    key. `code` and `detail` (JSON) say why it stands here. `awaits` names the role that must act.
    """

    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint(
            "(state = 'publishing') = (lease_until is not null)", name="publishing_has_lease"
        ),
        CheckConstraint(
            "doubted_at is null or state not in"
            " ('queued', 'published', 'failed', 'missed', 'cancelled')",
            name="no_doubt_on_a_statement",
        ),
        CheckConstraint("(state = 'accepted') = (accepted_by <> '')", name="accepted_by_someone"),
        CheckConstraint("state <> 'uncertain' or doubted_at is not null", name="doubt_is_dated"),
        Index(
            "uq_delivery_one_publishing",
            "account_id",
            unique=True,
            **_where("state = 'publishing'"),
        ),
        Index("ix_delivery_queued", "next_at", "id", **_where("state = 'queued'")),
        Index("ix_delivery_late", "late_at", **_where("state = 'queued'")),
        Index("ix_delivery_thawed", "due_at", **_where("state = 'queued' and frozen_at is null")),
        Index("ix_delivery_alarm", "next_at", **_where("state in ('accepted', 'uncertain')")),
        Index("ix_delivery_lease", "lease_until", **_where("state = 'publishing'")),
        Index("ix_delivery_account_state", "account_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id")
    how: str
    repeatable: bool = False
    hold_account_s: float = 0
    hold_account_day: bool = False
    state: str = State.queued.value
    due_at: datetime
    next_at: datetime | None = None
    late_at: datetime
    frozen_at: datetime | None = None
    edition_digest: str = ""
    attempt: int = 0
    failures: int = 0
    node: str = ""
    lease_until: datetime | None = None
    armed_at: datetime | None = None
    first_armed_at: datetime | None = None
    doubted_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str = ""
    looks: int = 0
    held_for: str | None = None
    holds_account_until: datetime | None = None
    awaits: str = ""
    code: str = ""
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    settled_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class Kept(SQLModel, table=True):
    """One remote id, durable the moment it existed, under its edition's digest.

    `posts` (JSON ids) is what was said with it. `clearing_until`: it is just being deleted.
    """

    __table_args__ = (UniqueConstraint("delivery_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id")
    name: str
    value: str
    edition_digest: str
    attempt: int
    posts: str = ""
    clearing_until: datetime | None = None
    kept_at: datetime


class Spend(SQLModel, table=True):
    """Platform calls of one account on one Beijing day."""

    __table_args__ = (UniqueConstraint("account_id", "day", "call"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    day: date
    call: str
    count: int = 0


class Pause(SQLModel, table=True):
    """Nothing leaves while a pause covers the account (`account_id` null: all accounts)."""

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id")
    from_at: datetime
    until_at: datetime | None = None
    lifted_at: datetime | None = None
    reason: str
    person_id: int | None = Field(default=None, foreign_key="person.id")


class Withdrawal(SQLModel, table=True):
    """Somebody asked to take a post back. Open until `closed_at`; an open one stops sending."""

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    state: str = "requested"
    reason: str = ""
    person_id: int | None = Field(default=None, foreign_key="person.id")
    requested_at: datetime
    closed_at: datetime | None = None


class Sighting(SQLModel, table=True):
    """A post seen on a platform that our queue did not make."""

    __table_args__ = (UniqueConstraint("account_id", "remote_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    remote_id: str
    title: str = ""
    link: str = ""
    published_at: datetime | None = None
    post_id: int | None = Field(default=None, foreign_key="post.id")
    seen_at: datetime


class Event(SQLModel, table=True):
    """One line of the append-only history. The sealer numbers and chains it (`seq`, `chain`)."""

    __table_args__ = (
        Index("ix_event_subject", "kind", "subject_id", "id"),
        Index("ix_event_spoken", "account_id", "verb", "at"),
        Index("ix_event_unsealed", "id", **_where("seq is null")),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    kind: str
    subject_id: int
    account_id: int | None = None
    verb: str
    origin_state: str = ""
    target_state: str = ""
    attempt: int = 0
    actor: str
    code: str = ""
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    seq: int | None = Field(default=None, unique=True)
    chain: str = ""


class Notice(SQLModel, table=True):
    """Something a person of `role` should know or do, until `done_at`."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    role: str
    code: str
    kind: str = ""
    subject_id: int | None = None
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    done_at: datetime | None = None


class Node(SQLModel, table=True):
    """One running daemon, for display and clock checks only; leases live on the rows."""

    name: str = Field(primary_key=True)
    started_at: datetime
    beat_at: datetime
    stopped_at: datetime | None = None
    version: str = ""


def table(model: type[SQLModel]) -> Table:
    """Give a model's Core table: hot paths use Core statements, not ORM objects."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]


def fresh(model: type[SQLModel], **values: object) -> dict[str, Any]:
    """Give the values of a new row for a Core insert, the model's defaults filled in."""
    row = model(**values).model_dump()
    if row.get("id", 0) is None:
        del row["id"]  # the database numbers it
    return row

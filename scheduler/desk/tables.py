"""The desk's own tables: what a reviewer was shown, and what they said to it.

Rows are only added; marks that come later are `closed_at`, `voided_at`, and on a comment
`settled_at` and `withdrawn_at`. What other rooms need of a signature stands on the post
(`approved_digest`, `approved_until`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

import scheduler.tables  # noqa: F401 - the foreign keys below lead into the core's tables

STEP_ONLY = 1
"""The one step of this stage's route."""

_OPEN = text("closed_at is null")


class Version(SQLModel, table=True):
    """What one submission puts before the reviewer. Open until signed, returned or overtaken."""

    __table_args__ = (
        UniqueConstraint("story_id", "number"),
        Index(
            "uq_version_one_open",
            "story_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(foreign_key="story.id", index=True)
    number: int
    made_by: int | None = Field(default=None, foreign_key="person.id")
    made_at: datetime
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    closed_at: datetime | None = None


class VersionPost(SQLModel, table=True):
    """One line of a version: what one post said. `voided_at`: the post says something else now."""

    __tablename__ = "version_post"
    __table_args__ = (UniqueConstraint("version_id", "post_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id")
    account_id: int = Field(foreign_key="account.id")
    post_id: int = Field(foreign_key="post.id", index=True)
    content_digest: str
    voided_at: datetime | None = None


class Signature(SQLModel, table=True):
    """One person's decision on one step of one version.

    `gates` are names of `desk.gates`, parted by blanks: those passed, or those a return names as
    failed. Signatures from before the gates were kept have none.
    """

    __table_args__ = (
        UniqueConstraint("version_id", "step"),
        CheckConstraint("decision in ('approve','return')", name="decision"),
    )

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id")
    step: int = STEP_ONLY
    person_id: int = Field(foreign_key="person.id")
    decision: str
    reason: str = Field(default="", sa_column=Column(Text, nullable=False))
    gates: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    signed_at: datetime


class Reading(SQLModel, table=True):
    """That a reviewer had a version before them: what comes later is compared with it."""

    __table_args__ = (UniqueConstraint("version_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id")
    person_id: int = Field(foreign_key="person.id")
    opened_at: datetime


class Comment(SQLModel, table=True):
    """A remark on words of one version; never a part of what is signed or sent.

    `occurrence`: which one is meant where the same words stand several times in the field. A
    remark on the whole has neither account nor field nor quote.
    """

    __table_args__ = (
        CheckConstraint(
            "field in ('','title','text','summary','body','author','link','source')", name="field"
        ),
        CheckConstraint("occurrence >= 1", name="occurrence"),
    )

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id")
    field: str = ""
    quote: str = Field(default="", sa_column=Column(Text, nullable=False))
    occurrence: int = 1
    remark: str = Field(sa_column=Column(Text, nullable=False))
    person_id: int = Field(foreign_key="person.id")
    made_at: datetime
    settled_at: datetime | None = None
    settled_by: int | None = Field(default=None, foreign_key="person.id")
    withdrawn_at: datetime | None = None

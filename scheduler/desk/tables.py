"""The desk's own tables: what a reviewer was shown, and what they said to it.

Rows are only added; `closed_at` and `voided_at` are the two marks that come later. What other
rooms need of a signature stands on the post (`approved_digest`, `approved_until`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint, text
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
    """One person's decision on one step of one version."""

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
    signed_at: datetime

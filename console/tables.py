"""The console's own table: who is logged in with a browser."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

import scheduler.tables  # noqa: F401 - the foreign key below leads into the core's tables


class ConsoleSession(SQLModel, table=True):
    """One login of a browser: the SHA-256 of its cookie, never the cookie.

    `stamp` is a digest of the password's hash at the login, so that a new password ends it.
    `flash` is JSON: what the next page says once.
    """

    __tablename__ = "console_session"

    digest: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    stamp: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime = Field(index=True)
    flash: str = Field(default="", sa_column=Column(Text, nullable=False))

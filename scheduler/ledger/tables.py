"""The ledger's own table: monthly targets, each with the rule it counts by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Text
from sqlmodel import Field, SQLModel


class Target(SQLModel, table=True):
    """How much a month should bring. A change is a new row, so that an old month keeps its own.

    `account_ids` is a JSON list of ids, `columns` one of column paths (each with all below it);
    "" means all. `origin` "" means any. It holds from `from_month` to `until_month` ("YYYY-MM",
    both included; null: without end). `rule` says in words what is counted (a catalogue key).
    """

    __table_args__ = (
        CheckConstraint("comparison in ('>', '>=')", name="comparison"),
        CheckConstraint("origin in ('', 'original', 'reprint', 'forward')", name="origin"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    account_ids: str = Field(default="", sa_column=Column(Text, nullable=False))
    columns: str = Field(default="", sa_column=Column(Text, nullable=False))
    origin: str = ""
    comparison: str = ">"
    number: int
    from_month: str
    until_month: str | None = None
    rule: str = Field(default="", sa_column=Column(Text, nullable=False))
    rule_version: int = 1
    created_at: datetime

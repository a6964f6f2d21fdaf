"""Alembic's entry: runs on the connection that `scheduler.store.engine` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from console import tables as console  # noqa: F401
from scheduler import tables as core  # noqa: F401 - each import fills the metadata
from scheduler.desk import tables as desk  # noqa: F401
from scheduler.ledger import tables as ledger  # noqa: F401

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

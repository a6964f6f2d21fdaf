"""A home made by an earlier version starts under this one with every row it had."""

from __future__ import annotations

from alembic import command
from sqlalchemy import select, text

from scheduler.desk.tables import Comment, Reading, Signature, Version
from scheduler.store import migrate, open_store
from scheduler.store.engine import alembic_config, newest_revision, revision_of
from scheduler.tables import table
from tests import makers
from tests.clocks import START

COMMENT, READING, SIGNATURE = table(Comment), table(Reading), table(Signature)
OLD_SIGNATURE = text(
    "insert into signature (version_id, step, person_id, decision, reason, signed_at)"
    " values (:version, 1, :person, 'approve', '', :at)"
)


def test_home_of_the_first_schema_keeps_its_signatures_and_takes_the_new_rows(bare_url):
    """Signed before gates were kept: the signature stays and names none."""
    store = open_store(bare_url)
    with store.write() as tx:
        command.upgrade(alembic_config(tx), "0001")
    with store.write() as tx:
        story = makers.story(tx)
        tx.execute(
            text(
                "insert into person (name, title, roles, password_hash, active, created_at)"
                " values ('李强', '', 'reviewer', '', true, :at)"
            ),
            {"at": START.replace(tzinfo=None)},
        )
        person = tx.execute(text("select id from person")).scalar_one()
        version = makers.put(tx, Version, story_id=story, number=1, made_at=START, note="")
        told = {"version": version, "person": person, "at": START.replace(tzinfo=None)}
        tx.execute(OLD_SIGNATURE, told)
    assert "0001" == revision_of(store)
    migrate(store)
    assert newest_revision() == revision_of(store)
    with store.write() as tx:
        signed = tx.execute(select(SIGNATURE.c.decision, SIGNATURE.c.gates)).all()
        makers.put(tx, Reading, version_id=version, person_id=person, opened_at=START)
        remark = {"remark": "请核对", "person_id": person, "made_at": START}
        makers.put(tx, Comment, version_id=version, **remark)
        found = tx.execute(select(COMMENT.c.remark, COMMENT.c.settled_at)).all()
    store.close()
    assert [("approve", "")] == [tuple(row) for row in signed]
    assert [("请核对", None)] == [tuple(row) for row in found]

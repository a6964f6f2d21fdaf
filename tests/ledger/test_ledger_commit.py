"""What an import leaves in the database: stories, posts, recorded accounts, its events."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select

from scheduler.ledger import intake, sheet
from scheduler.tables import Account, Event, Post, Story, table
from tests.ledger.conftest import AUTHOR, NOW
from tests.ledger.make_ledger import HEADINGS, csv_bytes, make_rows

ROW = "2016/8/15 10:00,微信,甲,安全科普,转载,题,应急管理部,https://a/1,12"


def rows_of(store, model):
    with store.read() as tx:
        return tx.execute(select(table(model)).order_by(table(model).c.id)).all()


def test_imported_row_is_a_post_that_was_made_elsewhere(desk, store):
    """Everything the row says stands on the post; nothing claims that it was signed."""
    desk.take(f"{','.join(HEADINGS)}\n{ROW}".encode())
    (story,), (post,) = rows_of(store, Story), rows_of(store, Post)
    assert ("题", "reprint", "应急管理部", "https://a/1", 12) == (
        post.title, post.origin, post.source, post.link, post.reads,
    )  # fmt: skip
    assert "2016-08-15T02:00:00+00:00" == post.published_at.isoformat()
    assert (story.id, True, "", None, None) == (
        post.story_id, post.made_elsewhere, post.content_digest, post.approved_digest,
        post.delivery_id,
    )  # fmt: skip
    assert (True, "draft", None) == (story.made_elsewhere, story.review, story.author_id)
    assert (post.title, post.column_id, post.origin) == (story.title, story.column_id, story.origin)


def test_each_post_hangs_on_the_story_with_its_own_words(desk, store):
    """Stories are written in bulk and come back in any order."""
    desk.take(csv_bytes(make_rows()))
    stories = {story.id: story for story in rows_of(store, Story)}
    posts = rows_of(store, Post)
    assert 1037 == len(posts) == len({post.story_id for post in posts})
    for post in posts:
        story = stories[post.story_id]
        assert (post.title, post.link, post.column_id) == (story.title, story.link, story.column_id)


def test_account_nobody_configured_is_recorded_only(desk, store):
    """Its name comes from 账号, its channel from 平台."""
    desk.take(f"{','.join(HEADINGS)}\n{ROW}".encode())
    (account,) = rows_of(store, Account)
    assert ("wechat:甲", "wechat", "甲", True) == (
        account.name,
        account.channel,
        account.title,
        account.recorded_only,
    )


def test_import_leaves_one_event_with_file_digest_and_counts(desk, store):
    """Beside one for each account it recorded."""
    data = csv_bytes(make_rows())
    desk.take(data)
    told = {event.kind: event for event in rows_of(store, Event) if event.actor == "person:王芳"}
    detail = json.loads(told["import"].detail)
    assert ("台账.csv", hashlib.sha256(data).hexdigest(), 1037, 0) == (
        detail["file"], detail["sha256"], detail["new"], detail["doubles"],
    )  # fmt: skip
    assert 1037 == sum(detail["months"].values())
    assert ["wechat:青林应急", "weibo:青林应急"] == sorted(detail["accounts"])
    assert "record" == told["account"].verb


def test_long_work_tells_how_far_it_is(store, tmp_path):
    """A bar on the terminal needs it; the last word is: all of it."""
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(make_rows()))
    told = []
    with store.read() as tx:
        planned = intake.plan(tx, sheet.read(path), NOW)
    with store.write() as tx:
        intake.commit(tx, planned, AUTHOR, NOW, lambda *words: told.append(words))
    assert [("Writing posts", 1000, 1037), ("Writing posts", 1037, 1037)] == told

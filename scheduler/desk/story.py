"""Stories: add, edit, drop an account, check. Every change clears the signatures it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from channels.contract import Channel, Finding, Severity
from scheduler import events, notices
from scheduler.content import content_digest
from scheduler.desk import media, posts
from scheduler.desk.draft import Draft, guess
from scheduler.desk.posts import COLUMN, POST, STORY, VERSION
from scheduler.desk.variants import Channels, Made, content_of
from scheduler.errors import Conflict, InputError
from scheduler.machine import LIVING, State
from scheduler.people import Actor, Role, require
from scheduler.store import columns
from scheduler.store.accounts import by_name

Found = tuple[str, Finding]
"""An account's name and what its channel says of the story there."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of each account (by name) when a story was added or edited.

    `left`: out already, so it stays as it is. `unnamed`: the file no longer names the account,
    its post was brought up to date all the same. `notes`: what had to be left out of a content.
    """

    story_id: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    notes: tuple[Found, ...] = ()


def column_paths(tx: Connection) -> list[str]:
    """Give the paths of all columns in their order, for reading a story file."""
    return list(tx.execute(select(COLUMN.c.path).order_by(COLUMN.c.position)).scalars())


def add(
    tx: Connection, draft: Draft, channels: Channels, *, now: datetime, actor: Actor,
    again: bool = False,
) -> Saved:  # fmt: skip
    """Make a story and one post for each of its accounts, as a draft.

    `channels` are the configured accounts; the file's own list, where it has one, chooses among
    them. The same text twice is refused unless `again`. Raises `InputError`, `Conflict`.
    """
    require(actor, Role.author)
    if not again:
        _refuse_twin(tx, draft)
    chosen = _chosen(draft, channels)
    column = columns.by_path(tx, draft.column)
    origin = draft.origin or column.origin
    made = {name: content_of(draft, channel, origin) for name, channel in chosen.items()}
    for original in draft.originals:
        media.keep(tx, original, now=now)
    values = _words(draft, column.id, origin) | {
        "disclosure": "public",
        "review": "draft",
        "review_note": "",
        "author_id": actor.id or None,
        "made_elsewhere": False,
        "created_at": now,
        "updated_at": now,
    }
    new = tx.execute(insert(STORY).values(values).returning(STORY.c.id)).scalar_one()
    story = posts.lock_story(tx, int(new))
    digests = {name: _join(tx, story, name, one, now) for name, one in made.items()}
    _write(tx, story.id, "add", now, actor, target="draft", accounts=digests)
    return Saved(story.id, added=tuple(made), notes=_notes(made))


def edit(
    tx: Connection, story_id: int, draft: Draft, channels: Channels, *, now: datetime, actor: Actor
) -> Saved:
    """Give a story another text. Only accounts whose content changes lose their signature.

    What is out stays as it is (a correction is a new story). Accounts the file newly names are
    added; one it no longer names keeps its post until it is dropped. An open version that showed
    something else is closed and the story is a draft again. Raises `Conflict` when a post that
    would change is under way, and nothing is changed at all then.
    """
    require(actor, Role.author)
    before = posts.lock_story(tx, story_id)
    mine = posts.of_story(tx, story_id)
    column = columns.by_path(tx, draft.column)
    origin = draft.origin or column.origin
    waiting = [post for post in mine if post.published_at is None]
    held = {post.account for post in mine}
    fresh = [name for name in draft.accounts if name not in held]
    made = {
        name: content_of(draft, _channel(channels, name, story_id), origin)
        for name in (*(post.account for post in waiting), *fresh)
    }
    deliveries = posts.deliveries_of(tx, waiting)
    for original in draft.originals:
        media.keep(tx, original, now=now)
    words = _words(draft, column.id, origin)
    tx.execute(update(STORY).where(STORY.c.id == story_id).values(**words, updated_at=now))
    story = posts.lock_story(tx, story_id)
    changed = []
    for post in waiting:
        content = made[post.account].content
        if content_digest(content) == post.content_digest:
            posts.refresh(tx, post, story, content)
            continue
        delivery = deliveries.get(post.delivery_id)
        posts.change(tx, post, delivery, story, content, now=now, actor=actor)
        changed.append(post.account)
    for name in fresh:
        _join(tx, story, name, made[name], now)
    review = before.review
    if changed or fresh:
        review = reopen(tx, before, now=now)
    _write(
        tx, story_id, "edit", now, actor,
        origin=before.review, target=review, changed=changed, added=fresh,
    )  # fmt: skip
    return Saved(
        story_id,
        added=tuple(fresh),
        changed=tuple(changed),
        unchanged=tuple(post.account for post in waiting if post.account not in changed),
        left=tuple(post.account for post in mine if post.published_at is not None),
        unnamed=tuple(sorted(held - set(draft.accounts))) if draft.accounts else (),
        notes=_notes(made),
    )


def drop_account(tx: Connection, story_id: int, name: str, *, now: datetime, actor: Actor) -> None:
    """Take a story off one account before it goes out there; the other accounts stay signed.

    Raises `Conflict` when the post is out or stands in a living delivery.
    """
    require(actor, Role.author)
    story = posts.lock_story(tx, story_id)
    mine = {post.account: post for post in posts.of_story(tx, story_id)}
    if name not in mine:
        raise InputError(
            "Story {id} is not meant for account {account}. {help}",
            id=story_id,
            account=name,
            help=guess(name, mine),
        )
    post = mine[name]
    delivery = posts.deliveries_of(tx, [post]).get(post.delivery_id)
    if post.published_at is not None:
        raise Conflict(
            "On account {account} story {id} is out already; only taking it back helps now.",
            account=name,
            id=story_id,
        )
    if delivery is not None and State(delivery.state) in LIVING:
        raise Conflict(
            "On account {account} story {id} stands in delivery {delivery}. Cancel that first.",
            command="fabu queue cancel {delivery}",
            account=name,
            id=story_id,
            delivery=delivery.id,
        )
    cleared = {"approved_digest": None, "approved_until": None, "delivery_id": None}
    tx.execute(
        update(POST)
        .where(POST.c.id == post.id, POST.c.published_at.is_(None))
        .values(dropped_at=now, updated_at=now, **cleared)
    )
    posts.void(tx, post.id, now=now)
    review = story.review
    if review == "in_review" and not posts.lines_shown(tx, story_id):
        review = reopen(tx, story, now=now)  # nothing is left to be signed
    _write(tx, story_id, "drop", now, actor, origin=story.review, target=review, accounts=[name])


def findings(tx: Connection, story_id: int, channels: Channels) -> list[Found]:
    """Let every channel check what the story says on its account; posts that are out are left."""
    found: list[Found] = []
    for post in posts.of_story(tx, story_id):
        if post.published_at is None:
            channel = _channel(channels, post.account, story_id)
            content = posts.content_in(tx, post)
            found += [(post.account, finding) for finding in channel.check(content)]
    return found


def must_of(found: Sequence[Found]) -> list[Found]:
    """Give those findings that stop a story from being submitted."""
    return [one for one in found if one[1].severity is Severity.must]


def reopen(tx: Connection, story: Row[Any], *, now: datetime) -> str:
    """Close the open version, if any, and make the story a draft again; give the new state."""
    tx.execute(
        update(VERSION)
        .where(VERSION.c.story_id == story.id, VERSION.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    notices.done(tx, "story", story.id, now)
    tx.execute(update(STORY).where(STORY.c.id == story.id).values(review="draft"))
    return "draft"


def _chosen(draft: Draft, channels: Channels) -> dict[str, Channel]:
    unknown = [name for name in draft.accounts if name not in channels]
    if unknown:
        raise InputError(
            "There is no account {account} in the configuration. {help}",
            account=unknown[0],
            help=guess(unknown[0], channels),
        )
    names = draft.accounts or tuple(channels)
    if not names:
        raise InputError(
            "There is no account this story could go to. Add a section [account.NAME] to "
            "config.toml."
        )
    return {name: channels[name] for name in names}


def _channel(channels: Channels, name: str, story_id: int) -> Channel:
    if name not in channels:
        raise Conflict(
            "Account {account} is not in the configuration. Add it there, or take the story off "
            "it.",
            command="fabu story drop {id} {account}",
            account=name,
            id=story_id,
        )
    return channels[name]


def _refuse_twin(tx: Connection, draft: Draft) -> None:
    if not draft.source_text:
        return
    same = select(STORY.c.id).where(
        STORY.c.title == draft.title, STORY.c.source_text == draft.source_text
    )
    twin = tx.execute(same.limit(1)).scalar()
    if twin is not None:
        raise Conflict(
            'Story {id} "{title}" was made from the same text. Change that one instead.',
            command="fabu story edit {id} FILE | fabu story add FILE --again",
            id=twin,
            title=draft.title,
        )


def _words(draft: Draft, column_id: int, origin: str) -> dict[str, Any]:
    return {
        "title": draft.title,
        "author": draft.author,
        "summary": draft.summary,
        "body": draft.body,
        "source_text": draft.source_text,
        "column_id": column_id,
        "origin": origin,
        "source": draft.source,
        "link": draft.link,
    }


def _join(tx: Connection, story: Row[Any], name: str, made: Made, now: datetime) -> str:
    posts.add(tx, story, by_name(tx, name).id, made.content, now=now)
    return content_digest(made.content)


def _notes(made: Mapping[str, Made]) -> tuple[Found, ...]:
    return tuple((name, note) for name, one in made.items() for note in one.notes)


def _write(
    tx: Connection, story_id: int, verb: str, now: datetime, actor: Actor,
    *, origin: str = "", target: str = "", **detail: object,
) -> None:  # fmt: skip
    line = events.Line(
        kind="story",
        subject_id=story_id,
        verb=verb,
        actor=actor.mark,
        at=now,
        origin_state=origin,
        target_state=target,
        detail=detail,
    )
    events.write(tx, line)

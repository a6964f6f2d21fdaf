"""What a review's pages show: the version, what it is compared with, what comes next. Reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from console import compare
from console import format as said
from scheduler.desk import reading, review, views
from scheduler.desk.review import Waiting
from scheduler.desk.views import PostView, StoryView, VersionView
from scheduler.machine import State
from scheduler.people import Actor
from scheduler.store import why
from scheduler.store.moves import read
from scheduler.words import N_

Words = tuple[str, dict[str, object]]
UNSIGNED = frozenset({why.CHANGED, why.POST_REASONS["approved"], why.WAITS})
"""Reasons to wait that the signature takes away, or that the time itself does."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One account: `number` is the version it is compared with, None for an account that is new.

    `changes` is None where the text of that version was not kept.
    """

    account: str
    number: int | None
    is_seen: bool
    changes: tuple[compare.Change, ...] | None


@dataclass(frozen=True, slots=True)
class Since:
    """What a version is compared with, and what is different.

    `goes` are accounts put to it or taken off. `is_even`: every account is compared with the same
    version, so it need be said once only.
    """

    version: VersionView
    is_seen: bool
    is_even: bool
    goes: tuple[compare.Change, ...]
    accounts: tuple[Compared, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing differs at all."""
        return not self.goes and all(one.changes == () for one in self.accounts)


@dataclass(frozen=True, slots=True)
class Desktop:
    """One version before its reviewer. `next` says by account what a signature leads to."""

    story: StoryView
    version: VersionView | None
    posts: tuple[PostView, ...]
    since: Since | None
    next: Mapping[str, Words]
    may_decide: bool
    previous: Waiting | None
    following: Waiting | None


def desktop(
    tx: Connection, person: Actor, story_id: int, titles: Mapping[str, str], now: datetime
) -> Desktop:
    """Read one story's open version for this person; `titles` are the accounts' by name."""
    shown = views.show(tx, story_id)
    version = next((one for one in shown.versions if one.is_open), None)
    posts: tuple[PostView, ...] = ()
    if version is not None:
        names = version.shown.keys() - set(version.void)
        posts = tuple(post for post in shown.posts if post.account in names)
    mine = review.pending_for(tx, person)
    at = next((n for n, one in enumerate(mine) if one.story_id == story_id), None)
    return Desktop(
        story=shown,
        version=version,
        posts=posts,
        since=_since(tx, person, shown, version, posts, titles) if version else None,
        next={post.account: _next(tx, post, now) for post in posts},
        may_decide=review.may_decide(tx, story_id, person),
        previous=mine[at - 1] if at else None,
        following=mine[at + 1] if at is not None and at + 1 < len(mine) else None,
    )


def _since(
    tx: Connection, person: Actor, shown: StoryView, version: VersionView,
    posts: Sequence[PostView], titles: Mapping[str, str],
) -> Since | None:  # fmt: skip
    digests = {post.account: post.digest for post in posts}
    basis = reading.basis(tx, shown.id, version.number, digests, person)
    if basis is None:
        return None
    new = [post.account for post in posts if post.account not in basis.accounts]
    going = [post.account for post in shown.posts]
    before = [name for name in going if name not in new] + list(basis.dropped)
    accounts = tuple(_compared(post, basis) for post in posts)
    return Since(
        version=next(one for one in shown.versions if one.number == basis.number),
        is_seen=basis.is_seen,
        is_even=all(one.number in (None, basis.number) for one in accounts),
        goes=compare.names(
            [titles.get(name, name) for name in before],
            [titles.get(name, name) for name in going],
            N_("Goes to"),
        ),
        accounts=accounts,
    )


def _compared(post: PostView, basis: reading.Basis) -> Compared:
    before = basis.accounts.get(post.account)
    if before is None:
        return Compared(post.account, None, is_seen=False, changes=None)
    found = compare.changes(before.content, post.content) if before.content else None
    return Compared(post.account, before.number, before.is_seen, found)


def _next(tx: Connection, post: PostView, now: datetime) -> Words:
    """Say what happens on one account once the version is signed."""
    if post.delivery_id is None or post.delivery_state not in (State.queued, State.publishing):
        return N_("It has no time yet: once signed, it can be put into the queue."), {}
    row = read(tx, post.delivery_id)
    stays = [words for words in why.why_not(tx, row, now) if words[0] not in UNSIGNED]
    time = said.when(post.due_at, now)
    if stays:
        told: dict[str, object] = {"time": time, "reason": stays[0]}
        return N_("Planned for {time}, but it stays for now: {reason}."), told
    if post.due_at is None or post.due_at <= now:
        return N_("Its time has come: once signed, it goes out within minutes."), {}
    if post.content.how == "hand":
        return N_("Once signed, it is handed to a person {time}."), {"time": time}
    return N_("Once signed, it goes out about {time}."), {"time": time}

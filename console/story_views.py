"""What the pages of a story and of its review show beside the desk's own views. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from channels.contract import Channel
from console import preview
from console.compose import VERBS
from console.preview import Seen
from scheduler import sentences
from scheduler.config import Settings
from scheduler.desk.views import PostView
from scheduler.words import N_

QUIET = frozenset({"edit", "comment", "settle_comment"})
"""Verbs that a writing hour repeats: several in a row by one person are one line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a story's history; `count` of the same in a row, the last one at `at`."""

    at: datetime
    who: str
    verb: str
    accounts: tuple[str, ...]
    number: int | None
    reason: str
    count: int = 1


def history_of(events: Sequence[Mapping[str, object]], settings: Settings) -> list[Step]:
    """Tell what happened to a story, the newest first."""
    steps: list[Step] = []
    for event in events:
        step = _step(event, settings)
        last = steps[-1] if steps else None
        if last and (last.verb, last.who) == (step.verb, step.who) and event["verb"] in QUIET:
            steps[-1] = replace(step, count=last.count + 1)
        else:
            steps.append(step)
    return steps[::-1]


def _step(event: Mapping[str, object], settings: Settings) -> Step:
    verb, detail = str(event["verb"]), event["detail"]
    told = detail if isinstance(detail, Mapping) else {}
    names = [str(name) for name in (told.get("accounts") or ())]
    if verb == "edit":
        names = [*(told.get("changed") or ()), *(told.get("added") or ())]
    number = told.get("number")
    at = event["at"]
    assert isinstance(at, datetime), "an event has its moment"
    return Step(
        at=at,
        who=str(event["actor"]).removeprefix("person:"),
        verb=VERBS.get(verb, verb),
        accounts=tuple(title_of(settings, name) for name in names),
        number=number if isinstance(number, int) else None,
        reason=str(told.get("reason") or ""),
    )


def title_of(settings: Settings, name: str) -> str:
    """Name an account with its channel; by its short name when it is configured no more."""
    entry = settings.accounts.get(name)
    return sentences.account(entry.title, entry.channel) if entry else name


def seen_posts(posts: Sequence[PostView], channels: Mapping[str, Channel]) -> dict[str, Seen]:
    """Let the channels render and check what each post says; accounts without one are left out."""
    return {
        post.account: preview.seen(channels[post.account], post.content)
        for post in posts
        if post.account in channels
    }


HOW_SAID = {
    "post": N_("goes out as an ordinary post"),
    "publish": N_("is published without notifying the followers"),
    "push": N_("is pushed to all followers"),
    "hand": N_("is handed to a person who publishes it by hand"),
}
"""What a way of sending means to those who sign it."""

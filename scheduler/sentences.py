"""States, verbs and codes in words, the same on every face."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scheduler.machine import State, Verb
from scheduler.words import N_, _, say

STATES = {
    State.queued: N_("queued"),
    State.publishing: N_("publishing"),
    State.accepted: N_("handed over, not confirmed yet"),
    State.published: N_("published"),
    State.failed: N_("failed"),
    State.uncertain: N_("uncertain"),
    State.missed: N_("missed"),
    State.cancelled: N_("cancelled"),
}
STATE_NAMES = (N_("accepted"),)
"""Errors carry a state by its name; the names of the others are words already."""
MARKS = {
    State.queued: "◷",
    State.publishing: "▶",
    State.accepted: "◐",
    State.published: "✓",
    State.failed: "✕",
    State.uncertain: "?",
    State.missed: "⌛",
    State.cancelled: "–",
}
VERBS = {
    Verb.add: N_("enters the queue"),
    Verb.edit: N_("changed"),
    Verb.freeze: N_("frozen: members, order and time stay from now on"),
    Verb.fall_out: N_("stories that may not leave fell out; the rest goes"),
    Verb.hold: N_("held"),
    Verb.unhold: N_("released"),
    Verb.claim: N_("begins"),
    Verb.prepare: N_("prepared: pictures and draft are at the platform"),
    Verb.arm: N_("speaks now"),
    Verb.receipt: N_("the platform confirmed"),
    Verb.see: N_("seen on the platform"),
    Verb.refuse: N_("refused by the platform"),
    Verb.postpone: N_("the platform was busy; waits"),
    Verb.retry: N_("the platform was not reachable; waits"),
    Verb.release: N_("back in the queue, not sent"),
    Verb.doubt: N_("no trustworthy answer; it is looked for and not repeated"),
    Verb.lapse: N_("interrupted while speaking; it is looked for and not repeated"),
    Verb.repeat: N_("said again with the same key"),
    Verb.resolve: N_("resolved by a person"),
    Verb.recall: N_("taken back"),
    Verb.restore: N_("the database came back from a backup"),
    Verb.miss: N_("later than its limit; not sent"),
    Verb.cancel: N_("cancelled"),
    Verb.requeue: N_("queued again"),
}
CODES = {
    "person": N_("held by a person"),
    "head": N_("the head of the edition may not leave; a person decides"),
    "bug": N_("the program met a fault of its own"),
    "late": N_("later than its limit"),
    "lapsed": N_("the attempt was interrupted"),
    "stopped": N_("stopped before speaking: it may not leave any more"),
    "fall_out": N_("stories fell out"),
    "unseen": N_("looked for and not seen yet"),
    "pending": N_("the platform still works on it"),
    "silent": N_("the platform said nothing for 24 hours"),
    "draft_gone": N_("our draft is no longer in the draft box"),
    "doubt": N_("a delivery is uncertain: look at the account and resolve it"),
    "failed": N_("a delivery failed"),
    "missed": N_("a delivery was missed"),
    "proof_wins": N_("the platform proved that a delivery is out after all"),
    "account_rests": N_("an account waits for a person"),
    "review_waits": N_("a story waits for a reviewer"),
    "review_returned": N_("a story was returned to its author"),
    "fell_out": N_("a story fell out of its edition"),
    "account_retired": N_("the account was taken out of use"),
    "account_moved": N_("the account leads to another account at the platform now"),
}
MEANINGS = {
    "doubt": N_("It may be out. Until that is cleared up it is not sent again."),
    "failed": N_("It is not out, and is not sent again by itself."),
    "missed": N_("It is not out. What is too late is never sent by itself."),
    "proof_wins": N_("It counts as published. Nothing more is sent for it."),
    "head": N_("The whole edition waits; nothing of it leaves."),
    "fell_out": N_("The others of the edition go without it."),
    "draft_gone": N_("Somebody may have published it by hand."),
    "account_rests": N_("Nothing of this account leaves until a person acts."),
    "review_waits": N_("It leaves only when it is signed."),
    "review_returned": N_("It does not leave as it reads now."),
}
"""What a notice means, by its code."""
STEPS = {
    "doubt": N_("Look at the account and clear it up"),
    "failed": N_("See why, then queue it again or leave it"),
    "missed": N_("Give it a new time, or leave it"),
    "proof_wins": N_("See the delivery"),
    "head": N_("Decide on this edition"),
    "fell_out": N_("Put the story into another delivery"),
    "draft_gone": N_("Look at the account, then see the delivery"),
    "account_rests": N_("See what the account needs"),
    "review_waits": N_("Review it"),
    "review_returned": N_("Change the story"),
}
"""What to do about a notice, by its code."""
CHANNELS = {"weibo": N_("Weibo"), "wechat": N_("WeChat"), "manual": N_("by hand")}
HOWS = {
    "post": N_("post"),
    "publish": N_("publish"),
    "push": N_("push to followers"),
    "hand": N_("by hand"),
}
ORIGINS = {"original": N_("original"), "reprint": N_("reprint"), "forward": N_("forward")}
REVIEWS = {
    "draft": N_("draft"),
    "in_review": N_("in review"),
    "approved": N_("approved"),
    "returned": N_("returned"),
}


SUBJECTS = {
    "story": N_("story {id}"),
    "post": N_("post {id}"),
    "delivery": N_("delivery {id}"),
    "account": N_("account {id}"),
}
"""What notices and events speak of, by kind."""


def state(value: str) -> str:
    """Give a state's word with its mark, so that colour is never alone."""
    found = State(value)
    return f"{MARKS[found]} {_(STATES[found])}"


def verb(value: str) -> str:
    """Give a verb as a sentence; an unknown one as it is."""
    try:
        return _(VERBS[Verb(value)])
    except ValueError:
        return value


def channel(value: str) -> str:
    """Give a channel's name."""
    return _(CHANNELS.get(value, value))


def account(title: str, kind: str) -> str:
    """Give an account with its channel: one title often stands on several."""
    return say(N_("{title} ({channel})"), {"title": title, "channel": channel(kind)})


def subject(kind: str, id_: int | None) -> str:
    """Give what a notice or an event speaks of; its number alone for an unknown kind."""
    return say(SUBJECTS.get(kind, "{id}"), {"id": "" if id_ is None else id_})


def actor(mark: str) -> str:
    """Give who did something, from the mark events keep: a person's name, or the node."""
    kind, colon, name = mark.partition(":")
    if colon and kind == "node":
        return say(N_("node {name}"), {"name": name})
    return name if kind == "person" and colon else mark


def notice(code: str, detail: str | Mapping[str, Any] | None) -> str:
    """Give what a notice says: what happened, and the words that came with it."""
    told, why = _(CODES.get(code, "")), reason(code, detail)
    if not told or told == why:
        return why
    return say(N_("{what}: {why}"), {"what": told, "why": why})


def how(name: str) -> str:
    """Give a way of sending."""
    return _(HOWS.get(name, name))


def reason(code: str, detail: str | Mapping[str, Any] | None) -> str:
    """Give why a row stands where it is: the channel's own words, else the code's."""
    data = json.loads(detail) if isinstance(detail, str) and detail else (detail or {})
    if isinstance(data, Mapping) and data.get("text"):
        words = say(str(data["text"]), data.get("params") or {})
        return f"{words} ({code})" if code and code.isdigit() else words
    if isinstance(data, Mapping) and data.get("reason"):
        why = str(data["reason"])
        return _(CODES[why]) if why in CODES else why
    return _(CODES[code]) if code in CODES else code

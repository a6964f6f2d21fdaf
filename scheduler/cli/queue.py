"""`fabu queue`: what leaves when, why not yet, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from scheduler.cli import context, show
from scheduler.errors import InputError
from scheduler.words import _, say

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]
Id = Annotated[int, typer.Argument(help=_("The delivery's number."))]
At = Annotated[str, typer.Option("--at", help=_("When: now, +30m, 17:00, 11-27 17:00."))]
Reason = Annotated[str, typer.Option("--reason", help=_("Why; others read it."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, command in (
        ("list", list_),
        ("show", show_one),
        ("add", add),
        ("move", move),
        ("hold", hold),
        ("unhold", unhold),
        ("cancel", cancel),
        ("requeue", requeue),
        ("resolve", resolve),
    ):
        app.command(name)(command)


def list_(
    state: Annotated[
        list[str] | None, typer.Option("--state", help=_("Only these states (repeatable)."))
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=_("Also what is over."))] = False,
    as_json: AsJson = False,
) -> None:
    """List the queue: what, when, and why not yet."""
    from scheduler.machine import State
    from scheduler.store import listing

    known = [one.value for one in State]
    for name in state or []:
        if name not in known:
            raise InputError(
                "There is no state {name}. The states are: {known}.",
                name=name,
                known=", ".join(known),
            )
    with context.open_home() as home, home.store.read() as tx:
        now = home.clock.now()
        entries = listing.listed(tx, now, known if every else state)
    if as_json:
        show.json_out(entries)
        return
    if not entries:
        show.line(
            _("The queue is empty. Put a story into it with: fabu queue add STORY --at 17:00")
        )
        return
    _table(entries, now)


def _table(entries: list[dict[str, Any]], now: datetime) -> None:
    from scheduler import sentences

    heads = [_("no."), _("state"), _("account"), _("time"), _("stories")]
    heads.append(_("why not yet / what became of it"))
    rows = [
        (
            entry["id"],
            sentences.state(entry["state"]),
            sentences.account(entry["account_title"], entry["channel"]),
            show.when(entry["due_at"], now),
            "\n".join(post["title"] for post in entry["posts"]),
            "\n".join(entry["why_not"]) or entry["reason"],
        )
        for entry in entries
    ]
    show.table(_("Queue"), heads, rows)


def show_one(delivery: Id, as_json: AsJson = False) -> None:
    """Show one delivery with its stories and its whole history."""
    from scheduler import sentences
    from scheduler.store import listing
    from scheduler.store.moves import read

    with context.open_home() as home, home.store.read() as tx:
        now = home.clock.now()
        entry = listing.one(tx, read(tx, delivery), now)
        entry["history"] = listing.history(tx, delivery)
    if as_json:
        show.json_out(entry)
        return
    _table([entry], now)
    rows = [
        (show.when(line["at"], now), sentences.verb(line["verb"]),
         sentences.actor(line["actor"]), line["attempt"],
         line["reason"])
        for line in entry["history"]
    ]  # fmt: skip
    heads = [_("time"), _("what"), _("who"), _("attempt"), _("reason")]
    show.table(_("History"), heads, rows)


def add(
    story: Annotated[list[int], typer.Argument(help=_("Stories, in the edition's order."))],
    at: At = "now",
    account: Annotated[
        str, typer.Option("--account", help=_("The account; needed when there are several."))
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Queue stories on an account: several together are one edition (WeChat, up to eight)."""
    from scheduler.calendar import read_time
    from scheduler.daemon import Channels
    from scheduler.planning import place

    with context.open_home() as home:
        now = home.clock.now()
        name = account or _only_account(home)
        channel = Channels(home.settings, home.store, home.clock).named(name)
        due_at = read_time(at, now)
        try:
            with home.store.write() as tx:
                new = place.add(tx, channel, story, due_at, now=now, actor=home.actor)
        except place.Refused as refused:
            _findings(refused)
            raise
        if as_json:
            show.json_out({"delivery": new, "due_at": due_at})
        else:
            told = {"id": new, "time": show.when(due_at, now)}
            show.done(say("Queued as delivery {id} for {time}.", told))


def _only_account(home: context.Home) -> str:
    names = sorted(home.settings.accounts)
    if len(names) != 1:
        raise InputError(
            "Say on which account: --account NAME. There are: {names}.",
            names=", ".join(names) or "-",
        )
    return names[0]


def _findings(refused: Any) -> None:
    for title, finding in refused.findings:
        words = say(finding.words.text, finding.words.params)
        show.note(f"✕ {title}: {words}" if title else f"✕ {words}")


def _changed(verb: str, delivery: int) -> None:
    show.done(say("Delivery {id}: {verb}.", {"id": delivery, "verb": verb}))


def move(delivery: Id, at: At) -> None:
    """Give a queued delivery another time."""
    from scheduler.calendar import read_time
    from scheduler.planning import place

    with context.open_home() as home, home.store.write() as tx:
        now = home.clock.now()
        due_at = read_time(at, now)
        place.move(tx, delivery, due_at, now=now, actor=home.actor)
    _changed(say("moved to {time}", {"time": show.when(due_at, now)}), delivery)


def hold(delivery: Id, reason: Reason = "person") -> None:
    """Hold a delivery; it stays until it is released. Lateness runs on."""
    from scheduler.planning import place

    with context.open_home() as home, home.store.write() as tx:
        place.hold(tx, delivery, reason, now=home.clock.now(), actor=home.actor)
    _changed(_("held"), delivery)


def unhold(delivery: Id) -> None:
    """Release a held delivery."""
    from scheduler.planning import place

    with context.open_home() as home, home.store.write() as tx:
        place.unhold(tx, delivery, now=home.clock.now(), actor=home.actor)
    _changed(_("released"), delivery)


def cancel(
    delivery: Id,
    reason: Reason = "",
    unused: Annotated[
        bool, typer.Option("--unused", help=_("It was handed over and certainly not posted."))
    ] = False,
) -> None:
    """Take a delivery out of the queue. `fabu queue requeue` puts it back."""
    from scheduler import events, sentences
    from scheduler.people import require
    from scheduler.planning import place

    with context.open_home() as home:
        require(home.actor, *place.PLACERS)
        if unused:
            events.reason(reason)  # whatever may refuse comes before the draft goes
            _discard(home, delivery)
        with home.store.write() as tx:
            now = home.clock.now()
            landed = place.cancel(tx, delivery, reason, now=now, actor=home.actor, unused=unused)
    _changed(sentences.state(landed.value), delivery)


def requeue(delivery: Id, at: At = "now") -> None:
    """Queue a failed, missed or cancelled delivery again, with a new time and a new key."""
    from scheduler.calendar import read_time
    from scheduler.planning import place

    with context.open_home() as home, home.store.write() as tx:
        now = home.clock.now()
        new = place.requeue(tx, delivery, read_time(at, now), now=now, actor=home.actor)
    _changed(_("queued again"), new)


def resolve(
    delivery: Id,
    reason: Reason,
    *,
    published: Annotated[bool, typer.Option("--published", help=_("It is out."))] = False,
    failed: Annotated[bool, typer.Option("--failed", help=_("It is not out; leave it."))] = False,
    again: Annotated[bool, typer.Option("--again", help=_("It is not out; send it."))] = False,
    link: Annotated[
        list[str] | None, typer.Option("--link", help=_("The posts' links, in order."))
    ] = None,
    at: At = "now",
) -> None:
    """End a doubt, or give back a pack that was handed over: exactly one of three answers."""
    from scheduler import events
    from scheduler.calendar import read_time
    from scheduler.people import Role, require
    from scheduler.planning import place

    if [published, failed, again].count(True) != 1:
        raise InputError("Say exactly one of --published, --failed, --again.")
    with context.open_home() as home:
        now, actor = home.clock.now(), home.actor
        if again:
            require(actor, Role.operator)
            # Whatever may refuse comes before the draft goes: it cannot be brought back.
            events.reason(reason)
            read_time(at, now)
            _discard(home, delivery)
        with home.store.write() as tx:
            if published:
                place.resolve_published(
                    tx, delivery, links=link or [], published_at=None, reason=reason, now=now,
                    actor=actor,
                )  # fmt: skip
            elif failed:
                place.resolve_failed(tx, delivery, reason=reason, now=now, actor=actor)
            else:
                place.resolve_again(
                    tx, delivery, read_time(at, now), reason=reason, now=now, actor=actor
                )
    _changed(_("resolved by a person"), delivery)


def _discard(home: context.Home, delivery: int) -> None:
    """Delete the platform's draft before anything is sent again."""
    from scheduler.daemon import context_of
    from scheduler.dispatch import drafts

    drafts.discard(context_of(home.settings, home.store, home.clock), delivery, home.actor)

"""`fabu review`: what waits for a second person, and their decision."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from scheduler.cli import context, show
from scheduler.cli.story_views import print_story
from scheduler.clock import beijing
from scheduler.errors import FabuError, InputError
from scheduler.words import _, say

Number = Annotated[
    int, typer.Option("--version", help=_("The version you read; without it the newest."))
]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_)
    app.command("approve")(approve)
    app.command("return")(return_)


def list_(as_json: AsJson = False) -> None:
    """List what waits for a reviewer, the longest waiting first."""
    from scheduler.desk import review

    with context.open_home() as home, home.store.read() as tx:
        waiting = review.pending(tx)
        now = home.clock.now()
    if as_json:
        show.json_out([asdict(one) for one in waiting])
        return
    if not waiting:
        show.line(_("Nothing waits for a review."))
        return
    show.table(
        _("Waiting for a review"),
        [_("no."), _("version"), _("title"), _("column"), _("accounts"), _("handed in by"),
         _("time"), _("remark")],
        [
            (
                one.story_id,
                one.number,
                one.title,
                one.column,
                ", ".join(one.accounts),
                one.made_by,
                show.when(one.made_at, now),
                one.note,
            )
            for one in waiting
        ],
    )  # fmt: skip


def approve(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help=_("The stories' numbers."))],
    version: Number = 0,
    yes: Annotated[
        bool, typer.Option("--yes", help=_("Do not show the story and ask once more."))
    ] = False,
) -> None:
    """Sign stories: exactly what they say now may go out. Never one's own."""
    from scheduler.desk import review, views

    if version and len(ids) > 1:
        raise InputError("--version goes with one story only. Sign the stories one by one.")
    failed = False
    with context.open_home() as home:
        actor = home.actor
        for story_id in ids:
            now = home.clock.now()
            try:
                with home.store.read() as tx:
                    number = version or review.newest(tx, story_id)
                    seen = views.show(tx, story_id)
                if not yes and context.is_terminal():
                    print_story(seen, now)
                told: dict[str, object] = {"id": story_id, "number": number}
                if not yes and not _sure(say(_("Sign version {number} of story {id}?"), told)):
                    show.note(say(_("Story {id} was not signed."), told))
                    failed = True
                    continue
                with home.store.write() as tx:
                    until = review.approve(tx, story_id, number, now=home.clock.now(), actor=actor)
            except FabuError as error:
                failed = True
                show.fault(error)
                continue
            told |= {"until": f"{beijing(until):%Y-%m-%d}"}
            show.done(
                say(_("Story {id}, version {number} is signed; this holds until {until}."), told)
            )
    if failed:
        raise typer.Exit(1)


def _sure(question: str) -> bool:
    """Ask at a terminal; a script that calls this command has decided already."""
    return show.ask_yes(question) if context.is_terminal() else True


def return_(
    story_id: Annotated[int, typer.Argument(metavar="ID", help=_("The story's number."))],
    reason: Annotated[str, typer.Option(help=_("Why; the author reads it."))] = "",
    version: Number = 0,
) -> None:
    """Send a story back to its author, with the reason."""
    from scheduler.desk import review

    with context.open_home() as home:
        actor = home.actor
        if not reason:
            reason = show.ask(_("Why is it sent back?"))
        with home.store.write() as tx:
            number = version or review.newest(tx, story_id)
            now = home.clock.now()
            review.return_(tx, story_id, number, reason=reason, now=now, actor=actor)
    told = {"id": story_id, "number": number}
    show.done(say(_("Story {id}, version {number} went back to its author."), told))

"""`fabu review`: what waits for a second person, their remarks and their decision."""

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
Id = Annotated[int, typer.Argument(metavar="ID", help=_("The story's number."))]
CommentId = Annotated[
    int, typer.Argument(metavar="COMMENT", help=_("The comment's number, as the story shows it."))
]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_)
    app.command("approve")(approve)
    app.command("return")(return_)
    app.command("comment")(comment_)
    app.command("settle")(settle)
    app.command("withdraw")(withdraw)


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
    from scheduler.desk import review, versions, views

    if version and len(ids) > 1:
        raise InputError("--version goes with one story only. Sign the stories one by one.")
    failed = False
    with context.open_home() as home:
        actor = home.actor
        for story_id in ids:
            now = home.clock.now()
            try:
                with home.store.read() as tx:
                    number = version or versions.newest(tx, story_id)
                    seen = views.show(tx, story_id)
                if not yes and context.is_terminal():
                    print_story(seen, now)
                    _say_gates()
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


def _say_gates() -> None:
    """Say what a signature vouches for."""
    from scheduler.desk.gates import GATES

    show.line(_("Your signature says that the text passed all five gates:"))
    for gate in GATES.values():
        told = {"word": _(gate.title), "value": _(gate.asks)}
        show.line("  ✓ " + say(_("{word}: {value}"), told))


def _sure(question: str) -> bool:
    """Ask at a terminal; a script that calls this command has decided already."""
    return show.ask_yes(question) if context.is_terminal() else True


def return_(
    story_id: Id,
    reason: Annotated[str, typer.Option(help=_("Why; the author reads it."))] = "",
    gate: Annotated[
        list[str] | None,
        typer.Option(
            help=_(
                "A gate it did not pass: politics, law, policy, secrecy or wording; may be "
                "repeated."
            )
        ),
    ] = None,
    version: Number = 0,
) -> None:
    """Send a story back to its author, with the reason."""
    from scheduler.desk import review, versions

    with context.open_home() as home:
        actor = home.actor
        if not reason:
            reason = show.ask(_("Why is it sent back?"))
        with home.store.write() as tx:
            number = version or versions.newest(tx, story_id)
            now = home.clock.now()
            review.return_(
                tx, story_id, number, reason=reason, failed=gate or (), now=now, actor=actor
            )
    told = {"id": story_id, "number": number}
    show.done(say(_("Story {id}, version {number} went back to its author."), told))


def comment_(
    story_id: Id,
    remark: Annotated[str, typer.Argument(metavar="REMARK", help=_("What is to be said."))],
    quote: Annotated[
        str, typer.Option(help=_("The words it is about, as they stand in the text."))
    ] = "",
    account: Annotated[
        str, typer.Option(help=_("The account whose text is meant; without it, the first."))
    ] = "",
    version: Number = 0,
) -> None:
    """Put a remark on words of the version that waits. It is no part of the text."""
    from scheduler.desk import comment, versions

    with context.open_home() as home:
        actor = home.actor
        with home.store.write() as tx:
            number = version or versions.newest(tx, story_id)
            place = comment.Place(quote, account)
            now = home.clock.now()
            made = comment.add(tx, story_id, number, remark, place, now=now, actor=actor)
    told = {"comment": made, "id": story_id, "number": number}
    show.done(say(_("Comment {comment} stands on version {number} of story {id}."), told))


def settle(
    story_id: Id,
    comment_id: CommentId,
    again: Annotated[bool, typer.Option("--again", help=_("Open it once more."))] = False,
) -> None:
    """Mark a comment as settled."""
    from scheduler.desk import comment

    with context.open_home() as home:
        actor = home.actor
        with home.store.write() as tx:
            now = home.clock.now()
            comment.settle(tx, story_id, comment_id, now=now, actor=actor, again=again)
    words = _("Comment {comment} is open again.") if again else _("Comment {comment} is settled.")
    show.done(say(words, {"comment": comment_id}))


def withdraw(story_id: Id, comment_id: CommentId) -> None:
    """Take one's own comment back, as long as its version waits."""
    from scheduler.desk import comment

    with context.open_home() as home:
        actor = home.actor
        with home.store.write() as tx:
            comment.withdraw(tx, story_id, comment_id, now=home.clock.now(), actor=actor)
    show.done(say(_("Comment {comment} is withdrawn."), {"comment": comment_id}))

"""`fabu pause` and `fabu resume`: stop everything from leaving, or one account."""

from __future__ import annotations

from typing import Annotated

import typer

from scheduler.cli import context, show
from scheduler.words import _, say

Account = Annotated[str, typer.Argument(help=_("The account; without it all accounts together."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("pause")(pause)
    app.command("resume")(resume)


def pause(
    account: Account = "",
    reason: Annotated[str, typer.Option("--reason", help=_("Why; others read it."))] = "",
    until: Annotated[str, typer.Option("--until", help=_("It ends by itself then."))] = "",
) -> None:
    """Stop: nothing leaves any more, not even what is being prepared."""
    from scheduler.calendar import read_time
    from scheduler.planning import pauses

    with context.open_home() as home, home.store.write() as tx:
        now = home.clock.now()
        end = read_time(until, now) if until else None
        pauses.start(tx, account or None, reason=reason, now=now, actor=home.actor, until=end)
    what = account or _("all accounts")
    show.done(say("Paused: {what}. Nothing leaves before it is lifted.", {"what": what}))


def resume(account: Account = "") -> None:
    """Lift the pause. What became too late meanwhile is missed and not sent by itself."""
    from scheduler.planning import pauses

    with context.open_home() as home, home.store.write() as tx:
        pauses.lift(tx, account or None, now=home.clock.now(), actor=home.actor)
    show.done(say("Resumed: {what}.", {"what": account or _("all accounts")}))

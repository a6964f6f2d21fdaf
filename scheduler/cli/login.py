"""`fabu login`: name and password once, a token file on this machine afterwards."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from scheduler.cli import context, show
from scheduler.errors import Conflict, InputError
from scheduler.words import _, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("login")(login)


def login(
    name: Annotated[str, typer.Argument(help=_("Your name in the desk."))] = "",
) -> None:
    """Log in on this machine; the password is asked, or read from standard input."""
    from scheduler import people

    with context.open_home(actor=False) as home:
        _keep_the_way_back(home)
        name = name or show.ask(_("Your name"), default=context.os_user())
        if not name:
            raise InputError("Say who logs in: fabu login NAME, the password on standard input.")
        password = read_secret(_("Password"))
        with home.store.read() as tx:
            actor = people.check_password(tx, name, password)
        with home.store.write() as tx:
            token = people.issue_token(tx, actor, now=home.clock.now())
        context.keep_token(home.settings.home, token)
    told = {"person": actor.name, "days": people.TOKEN_DAYS}
    show.done(say(_("{person} is logged in here for {days} days."), told))


def _keep_the_way_back(home: context.Home) -> None:
    """Refuse to replace the only login of somebody who could not log in again."""
    from scheduler import people

    if home.who is None:
        return
    with home.store.read() as tx:
        listed = {one.id: one for one in people.list_people(tx)}
    if not listed[home.who.id].has_password:
        raise Conflict(
            "{person} is logged in here and has no password to come back with. Set one first: fabu "
            "person password {person}",
            person=home.who.name,
        )


def read_secret(question: str) -> str:
    """Ask for a secret unseen; without a terminal, read one line of standard input.

    Never from the arguments: other users of the machine can read those.
    """
    if context.is_terminal():
        return show.ask(question, hidden=True)
    return sys.stdin.readline().strip("\r\n")


def read_new_password() -> str:
    """Ask twice for a new password; without a terminal, read it once from standard input."""
    first = read_secret(_("New password"))
    if context.is_terminal() and first != show.ask(_("The same password again"), hidden=True):
        raise InputError("The two passwords differ. Nothing was changed; run the command again.")
    return first

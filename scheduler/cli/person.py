"""`fabu person`: who works at this desk, and what they may do."""

from __future__ import annotations

from typing import Annotated

import typer

from scheduler.cli import context, show
from scheduler.cli.login import read_new_password
from scheduler.words import _, say

Name = Annotated[str, typer.Argument(help=_("The person's name."))]
Roles = Annotated[
    list[str], typer.Argument(help=_("author, reviewer, operator, leader, admin; one or more."))
]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("add")(add)
    app.command("list")(list_)
    app.command("roles")(roles)
    app.command("password")(password)
    app.command("deactivate")(deactivate)


def add(
    name: Name,
    role: Roles,
    title: Annotated[str, typer.Option(help=_("Post or office, for the listings."))] = "",
    with_password: Annotated[
        bool,
        typer.Option(
            "--password/--no-password", help=_("Set a password now (asked or from standard input).")
        ),
    ] = False,
) -> None:
    """Add a person."""
    from scheduler import people

    with context.open_home() as home:
        people.require(home.actor, people.Role.admin)
        wanted = people.parse_roles(role)
        secret = read_new_password() if with_password else ""
        if with_password:
            people.check_new_password(secret)
        with home.store.write() as tx:
            new = people.add_person(
                tx,
                home.actor,
                name,
                wanted,
                now=home.clock.now(),
                title=title,
                password=secret,
            )
    show.done(say(_("Added {person} ({roles})."), {"person": new.name, "roles": _said(new.roles)}))
    if not with_password:
        told = {"person": new.name}
        show.line(say(_("To let them log in: fabu person password {person}"), told))


def list_(as_json: AsJson = False) -> None:
    """List the people."""
    from scheduler import people

    with context.open_home() as home, home.store.read() as tx:
        listed = people.list_people(tx)
    if as_json:
        show.json_out(
            [
                {
                    "name": one.name,
                    "title": one.title,
                    "roles": sorted(one.roles),
                    "active": one.active,
                    "has_password": one.has_password,
                    "created_at": one.created_at,
                }
                for one in listed
            ]
        )
        return
    show.table(
        _("People"),
        [_("person"), _("office"), _("roles"), _("active"), _("password")],
        [(one.name, one.title, _said(one.roles), one.active, one.has_password) for one in listed],
    )


def roles(name: Name, role: Roles) -> None:
    """Give a person these roles and no others."""
    from scheduler import people

    with context.open_home() as home, home.store.write() as tx:
        person = people.actor_named(tx, name)
        changed = people.set_roles(
            tx, home.actor, person.id, people.parse_roles(role), now=home.clock.now()
        )
    told = {"person": changed.name, "roles": _said(changed.roles)}
    show.done(say(_("{person} now has the roles: {roles}."), told))


def password(name: Name) -> None:
    """Set a person's password: asked for, or read from standard input."""
    from scheduler import people

    with context.open_home() as home:
        with home.store.read() as tx:
            person = people.actor_named(tx, name)
        if person.id != home.actor.id:
            people.require(home.actor, people.Role.admin)
        secret = read_new_password()
        with home.store.write() as tx:
            now = home.clock.now()
            people.set_password(tx, home.actor, person.id, secret, now=now)
            own = person.id == home.actor.id
            token = people.issue_token(tx, person, now=now) if own else ""
        if token:
            # The change ended every login, also this one.
            context.keep_token(home.settings.home, token)
    told = {"person": person.name}
    show.done(say(_("{person} has a new password; logins on other machines have ended."), told))


def deactivate(name: Name) -> None:
    """End a person's access; what they did stays in the history."""
    from scheduler import people

    with context.open_home() as home, home.store.write() as tx:
        person = people.actor_named(tx, name)
        people.deactivate(tx, home.actor, person.id, now=home.clock.now())
    show.done(say(_("{person} can not log in any more."), {"person": person.name}))


def _said(roles: frozenset[str]) -> str:
    from scheduler import people

    return _(", ").join(_(words) for role, words in people.ROLE_WORDS.items() if role in roles)

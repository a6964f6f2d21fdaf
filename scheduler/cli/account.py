"""`fabu account`: the configured accounts, their secrets, and what the platforms say of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from scheduler.cli import context, show
from scheduler.errors import InputError
from scheduler.words import N_, _, say

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_)
    app.command("login")(login)
    app.command("check")(check)


def list_(as_json: AsJson = False) -> None:
    """List the accounts: those of config.toml and those that are only recorded."""
    from sqlalchemy import select

    from scheduler import sentences
    from scheduler.tables import Account, table

    with context.open_home() as home, home.store.read() as tx:
        rows = tx.execute(select(table(Account)).order_by(table(Account).c.name)).all()
        listed = [_listed(home, row) for row in rows]
        now = home.clock.now()
    if as_json:
        show.json_out(listed)
        return
    show.table(
        _("Accounts"),
        [_("account"), _("channel"), _("shown as"), _("use"), _("rests until"), _("reason")],
        [
            (
                one["name"],
                sentences.channel(one["channel"]),
                one["title"],
                _(str(one["use"])),
                _("a person acts") if one["needs_person"] else show.when(one["rests_until"], now),
                one["rest_reason"],
            )
            for one in listed
        ],
    )


def _listed(home: context.Home, row: Any) -> dict[str, Any]:
    settings = home.settings
    entry = settings.accounts.get(row.name) or settings.retired.get(row.name)
    use = N_("in use") if row.active else N_("not configured")
    if row.name in settings.retired:
        use = N_("out of use")
    if row.recorded_only:
        use = N_("recorded only")
    return {
        "name": row.name,
        "channel": row.channel,
        "title": row.title,
        "use": use,
        "api_base": entry.api_base if entry else "",
        "app_id": entry.app_id if entry else "",
        "rests_until": row.rests_until,
        "rest_reason": row.rest_reason,
        "needs_person": row.needs_person,
    }


def login(
    name: Annotated[str, typer.Argument(help=_("The account's name in config.toml."))],
    field: Annotated[
        str,
        typer.Option(help=_("Only this secret: app_secret, access_token or callback_token.")),
    ] = "",
) -> None:
    """Store an account's secrets, encrypted: asked for, or one per line of standard input."""
    from scheduler import accounts, people, secrets, setup
    from scheduler.cli.login import read_secret
    from scheduler.setup_form import CALLBACK_TOKEN

    with context.open_home() as home:
        people.require(home.actor, people.Role.operator, people.Role.admin)
        fields = secrets.fields_of(home.settings, name)
        known = fields + secrets.extra_of(home.settings, name)
        if field and field not in known:
            raise InputError(
                "{account} has no secret {field}. Its secrets are: {known}.",
                account=name,
                field=field,
                known=", ".join(known) or "-",
            )
        values = {
            one: read_secret(say(_("{field} of {account}"), {"field": one, "account": name}))
            for one in ([field] if field else fields)
        }
        with home.store.write() as tx:
            now = home.clock.now()
            if field == CALLBACK_TOKEN:
                token = values[field]
                setup.keep_callback_token(tx, home.settings, home.actor, name, token, now=now)
                woken = False
            else:
                woken = accounts.login(tx, home.settings, home.actor, name, values, now=now)
    told = {"account": name, "fields": ", ".join(values)}
    if not values:
        show.done(say(_("{account} needs no secret."), told))
        return
    show.done(say(_("Stored for {account}: {fields}."), told))
    if woken:
        show.line(say(_("{account} waited for this and goes on."), told))
    show.line(say(_("To try it: fabu account check {account}"), told))


def check(
    name: Annotated[str, typer.Argument(help=_("One account; all of them without it."))] = "",
    as_json: AsJson = False,
) -> None:
    """Ask the platforms whether the accounts work."""
    from scheduler import checkup
    from scheduler.cli.doctor import finish

    with context.open_home() as home:
        names = [home.settings.account(name).name] if name else list(home.settings.accounts)
        findings = (
            finding
            for one in names
            for finding in checkup.check_account(
                home.settings, home.store, home.actor, one, home.clock
            )
        )
        finish(findings, as_json=as_json)

"""`fabu console`: the pages for the people at the desk."""

from __future__ import annotations

from typing import Annotated

import typer

from scheduler.cli import context, show
from scheduler.words import _, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("console")(console)


def console(
    host: Annotated[
        str, typer.Option(help=_("The address to listen on; 0.0.0.0 lets other computers in."))
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=_("The port to listen on."), min=0, max=65535)] = 8765,
) -> None:
    """Serve the pages until you stop it with Ctrl-C. The daemon runs apart: fabu run."""
    from console import serve

    def ready(address: str) -> None:
        show.line(
            say("The console is open at {address}. Stop it with Ctrl-C.", {"address": address})
        )

    with context.open_home(actor=False) as home:
        serve.serve(home.settings, home.store, home.clock, host, port, ready)

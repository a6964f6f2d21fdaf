"""`fabu simulate`: both platforms on this machine, for trying out and for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from scheduler.words import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    port: Annotated[int, typer.Option("--port", help=_("0 takes a free one."))] = 0,
    seed: Annotated[
        Path | None, typer.Option("--seed", help=_("A JSON file with accounts."))
    ] = None,
) -> None:
    """Run simulated Weibo and WeChat on loopback until you stop it; pages show the timelines."""
    command = [sys.executable, "-m", "simulator", "--port", str(port)]
    if seed is not None:
        command += ["--seed", str(seed)]
    # Its own process: the simulator shares nothing with us but HTTP.
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606 - so that a signal to us reaches it
    try:
        ended = subprocess.run(command, check=False)  # noqa: S603 - our own module, no shell
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    raise typer.Exit(ended.returncode)

"""`fabu demo`: everything at work in a minute, against simulated platforms on this machine.

Needs no home and leaves nothing behind: a folder of its own, free ports, two processes. At a
terminal the console is open on it until Enter.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli import context, show
from scheduler.words import _, say

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from scheduler.cli.demo_stage import Stage

LIMIT_S = 150
LOOK_EVERY_S = 0.25
PASSWORD_BYTES = 6


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False) -> None:
    """Publish fourteen stories to a simulated Weibo and WeChat account, and count them."""
    from scheduler.cli.demo_processes import Processes

    folder = Path(tempfile.mkdtemp(prefix="fabu-demo-"))
    watched = not as_json and sys.stdout.isatty() and context.is_terminal()
    try:
        with Processes(folder) as processes:
            outcome = _play(folder, processes, quiet=as_json, watched=watched)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        show.json_out(outcome.figures)
    if not outcome.agrees:
        show.note(_("The ledger and the platforms do not agree, or not everything went out."))
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demo ended with: the figures, and whether ledger and platforms agree."""

    figures: dict[str, Any]
    agrees: bool


def _play(folder: Path, processes: Any, *, quiet: bool, watched: bool) -> Outcome:
    from scheduler.cli import demo_stage

    url = processes.start_simulator()
    _say(
        quiet,
        say("Simulated Weibo and WeChat answer at {url}: open it in a browser.", {"url": url}),
    )
    password = token_hex(PASSWORD_BYTES) if watched else ""
    stage = demo_stage.build(folder, url, password)
    with closing(stage), ExitStack() as stack:
        _introduce(stage, quiet=quiet)
        address = stack.enter_context(_pages(stage)) if watched else ""
        if watched:
            _invite(stage, address, password)
        processes.start_daemon(folder / "config.toml")
        _watch(stage, processes, quiet=quiet)
        if not watched:
            processes.stop_daemon()
        platform = processes.counts()
        figures = stage.figures() | {"platform": platform}
        if not quiet:
            _report(stage, figures)
        if watched:
            _invite(stage, address, password)
            show.ask(_("Everything goes on until you press Enter here; then nothing is left of it"))
    return Outcome(figures, _agrees(figures))


def _introduce(stage: Stage, *, quiet: bool) -> None:
    from scheduler.cli import demo_stage

    told = {"count": len(stage.story_ids), "author": stage.author, "reviewer": stage.reviewer}
    _say(quiet, say("{author} wrote {count} stories; {reviewer} approved each of them.", told))
    told = {"deliveries": len(stage.delivery_ids), "gap": demo_stage.GAP_S}
    _say(
        quiet,
        say(
            "{deliveries} deliveries wait in the queue. In this demo gap_s = {gap}: two posts"
            " of an account are {gap} seconds apart, not a minute.",
            told,
        ),
    )


def _pages(stage: Stage) -> AbstractContextManager[str]:
    from console import serve

    return serve.beside(stage.settings, stage.store, stage.clock, port=0)


def _invite(stage: Stage, address: str, password: str) -> None:
    told = {
        "address": address,
        "author": stage.author,
        "reviewer": stage.reviewer,
        "password": password,
    }
    show.line(say("The console is open at {address}.", told))
    show.line(say("Log in as {author} or {reviewer} with the password {password}", told))


def _say(quiet: bool, words: str) -> None:
    if not quiet:
        show.line(words)


def _agrees(figures: dict[str, Any]) -> bool:
    settled = not figures["failed"] and not figures["uncertain"] and figures["published"] > 0
    return bool(settled and figures["by_channel"] == figures["platform"])


def _watch(stage: Stage, processes: Any, *, quiet: bool) -> None:
    """Show the queue until every delivery is settled, the daemon ends, or time is up."""
    from rich.live import Live

    end = time.monotonic() + LIMIT_S
    if quiet or not sys.stdout.isatty():
        said: set[int] = set()
        while time.monotonic() < end and not stage.settled() and processes.daemon_runs():
            _lines(stage, said, quiet=quiet)
            processes.wait(LOOK_EVERY_S)
        _lines(stage, said, quiet=quiet)
        return
    with Live(stage.picture(), console=show.out(), refresh_per_second=8) as live:
        while time.monotonic() < end and not stage.settled() and processes.daemon_runs():
            processes.wait(LOOK_EVERY_S)
            live.update(stage.picture())
        live.update(stage.picture())


def _lines(stage: Stage, said: set[int], *, quiet: bool) -> None:
    """Without a terminal: one line for each delivery that came to its end."""
    for entry in stage.entries():
        if entry["id"] not in said and entry["over"]:
            said.add(entry["id"])
            _say(quiet, "  ".join((entry["time"], entry["account"], entry["state"], entry["what"])))


def _report(stage: Stage, figures: dict[str, Any]) -> None:
    from scheduler.cli.report import print_report

    print_report(stage.report())
    rows = [
        (context_word, figures["by_channel"][name], figures["platform"][name])
        for name, context_word in (("weibo", _("Weibo")), ("wechat", _("WeChat")))
    ]
    show.table(_("Agreement"), [_("channel"), _("in the ledger"), _("at the platform")], rows)
    if _agrees(figures):
        show.done(
            say(
                "{published} posts are out, each exactly once; ledger and platforms agree.", figures
            )
        )

"""`fabu doctor`: examine this installation; every finding names the next step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli import context, show
from scheduler.errors import FabuError
from scheduler.words import N_, _

if TYPE_CHECKING:
    from scheduler.health import Finding

MARKS = {"fine": N_("fine"), "hint": N_("note"), "fault": N_("WRONG")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Examine this installation and say what to mend."""
    from scheduler.clock import SystemClock

    try:
        from scheduler import health
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != "channels":
            raise
        # Our own package cannot be missing: somebody else's of the same name stands before it.
        raise FabuError(
            "Another package called channels hides ours: {path}. Install fabutai into an "
            "environment of its own.",
            path=error.path or "-",
        ) from None
    finish(health.examine(context.load_settings, SystemClock()), as_json=as_json)


def finish(findings: Iterable[Finding], *, as_json: bool) -> None:
    """Print findings as they come, or JSON; exit 1 when something is wrong."""
    from scheduler.health import Weight

    told = []
    for finding in findings:
        told.append(finding)
        if not as_json:
            print_finding(finding)
    wrong = [finding for finding in told if finding.weight is Weight.fault]
    if as_json:
        show.json_out({"ok": not wrong, "findings": [plain(finding) for finding in told]})
    elif not wrong:
        show.done(_("Everything is in order."))
    if wrong:
        raise typer.Exit(1)


def plain(finding: Finding) -> dict[str, object]:
    """Give a finding as JSON shows it."""
    return {
        "check": finding.check,
        "subject": finding.subject,
        "state": finding.weight.value,
        "text": finding.said(),
        "next": finding.said_next(),
    }


def print_finding(finding: Finding) -> None:
    """Print a finding: its weight, what was found, and the next step below."""
    show.marked(_(MARKS[finding.weight.value]), finding.said(), weight=finding.weight.value)
    if step := finding.said_next():
        show.line("    → " + step)

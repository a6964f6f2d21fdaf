"""How commands speak: tables, JSON, times, questions, faults. Rules live elsewhere."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.context import is_terminal
from scheduler.clock import beijing
from scheduler.errors import ConfigError, FabuError, RowErrors
from scheduler.words import N_, _, say

_ORDERS = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What JSON leaves in a text of the same kind; orders below the blank it writes as \\u001b."""
_SIGNS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Orders to a terminal, and signs that turn the direction of what follows. Not: tab, line end."""
PIPE_WIDTH = 200  # a table that goes into a file is not folded to a terminal's width
_DAYS = {-1: N_("yesterday {time}"), 0: N_("today {time}"), 1: N_("tomorrow {time}")}


def out() -> Console:
    """Give the console of standard output, as it is at this moment."""
    return _console(sys.stdout)


def err() -> Console:
    """Give the console of standard error."""
    return _console(sys.stderr)


def _console(stream: object) -> Console:
    file = stream if stream is not None else sys.__stdout__
    tty = bool(getattr(file, "isatty", bool)())
    return Console(
        file=file,  # type: ignore[arg-type]
        width=None if tty else PIPE_WIDTH,
        highlight=False,
    )


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table. Title and column heads are given translated; cells are shown as they are."""
    head = _text(title) if title else None
    shown = Table(title=head, title_style="italic", title_justify="left", header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(_text(cell_text(cell)) for cell in row))
    out().print(shown)


def _text(text: str, style: str = "") -> Text:
    """Give text as it is read. What would give the terminal orders is shown, not obeyed."""
    return Text(_SIGNS.sub(lambda found: _sign(found[0]), text), style=style)


def _sign(letter: str) -> str:
    return chr(0x2400 + ord(letter)) if letter < " " else "\N{REPLACEMENT CHARACTER}"


def cell_text(value: object) -> str:
    """Give what a cell shows: nothing for None, yes or no, everything else as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def json_out(value: object) -> None:
    """Print JSON on standard output. Times are written in Beijing time with their offset."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=plain)
    sys.stdout.write(_ORDERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def plain(value: object) -> object:
    """Make JSON of what JSON does not know."""
    match value:
        case datetime():
            return beijing(value).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case Path():
            return str(value)
        case Mapping():
            return dict(value)
        case frozenset() | set():
            return sorted(value)
    return str(value)


def line(text: str) -> None:
    """Print one line of ordinary text."""
    out().print(_text(text), soft_wrap=True)


def done(text: str) -> None:
    """Say that something was done."""
    out().print(Text("✓ ", style="green") + _text(text), soft_wrap=True)


def marked(mark: str, text: str, *, weight: str) -> None:
    """Print a line behind a coloured mark; `weight` is fine, hint or fault."""
    style = {"fine": "green", "hint": "yellow", "fault": "bold red"}[weight]
    out().print(Text(f"[{mark}] ", style=style) + _text(text), soft_wrap=True)


def note(text: str) -> None:
    """Say something beside the result: on standard error, so that pipes stay clean."""
    err().print(_text(text, style="yellow"), soft_wrap=True)


def fault(error: FabuError) -> None:
    """Print an error a person can act on: no traceback, a table for the faults of a file."""
    console = err()
    head = _("Configuration") if isinstance(error, ConfigError) else _("Error")
    console.print(
        Text(_("{head}: ").format(head=head), style="bold red") + _text(str(error)), soft_wrap=True
    )
    if isinstance(error, RowErrors):
        shown = Table(header_style="bold")
        for column in (_("row"), _("heading"), _("what is wrong")):
            shown.add_column(column, overflow="fold")
        for row in error.rows:
            shown.add_row(str(row.row), _text(row.column), _text(str(row)))
        console.print(shown)


def ask(question: str, *, default: str = "", hidden: bool = False) -> str:
    """Ask for a line of text; give `default` where nobody can be asked."""
    if not is_terminal():
        return default
    import typer

    try:
        return str(
            typer.prompt(
                question, default=default, hide_input=hidden, show_default=bool(default), err=True
            )
        )
    except typer.Abort:
        # Ctrl-C at a question is Ctrl-C as anywhere else.
        raise KeyboardInterrupt from None


def ask_yes(question: str, *, default: bool = False) -> bool:
    """Ask yes or no; give `default` where nobody can be asked."""
    if not is_terminal():
        return default
    import typer

    try:
        return typer.confirm(question, default=default, err=True)
    except typer.Abort:
        raise KeyboardInterrupt from None


def when(moment: datetime | None, now: datetime) -> str:
    """Give a moment in Beijing time as people say it: today 17:00, 11-27 17:00."""
    if moment is None:
        return ""
    local, today = beijing(moment), beijing(now)
    fields = {"time": f"{local:%H:%M}", "year": local.year, "month": local.month, "day": local.day}
    days = (local.date() - today.date()).days
    if days in _DAYS:
        return say(_DAYS[days], fields)
    if local.year == today.year:
        return say(N_("{month:02}-{day:02} {time}"), fields)
    return say(N_("{year}-{month:02}-{day:02} {time}"), fields)

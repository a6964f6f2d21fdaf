"""The command `fabu`: a face that calls rooms and holds no rules.

`VERBS` names every command and the module that has it; a module is loaded only when its command
is called, so that `fabu --help` is quick. Each module has `register(app)`, which adds its
commands to a Typer app: those of a group (`fabu story add`) or the one called like the verb.

Exit status: 0 done, 1 a person must act, 2 wrong usage or configuration, 130 interrupted.
"""

from __future__ import annotations

import gettext
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from scheduler import __version__
from scheduler.cli import usage
from scheduler.errors import ConfigError, FabuError
from scheduler.words import DOMAIN, LOCALE, N_, _, language

if TYPE_CHECKING:
    from typer._click import Command, Context

PROGRAM = "fabu"
EXIT_FAULT = 1
EXIT_CONFIG = 2
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Verb:
    """One word after `fabu`: which module of this package has it, and its line in the help."""

    name: str
    module: str
    help: str
    is_group: bool = False


VERBS = (
    Verb("init", "init", N_("Make a new home: config.toml, database and key file.")),
    Verb("demo", "demo", N_("Show everything at work against simulated platforms.")),
    Verb("run", "running", N_("Run the daemon that sends what is due.")),
    Verb("console", "console", N_("Serve the pages for the people at the desk.")),
    Verb("simulate", "simulate", N_("Run simulated platforms on this machine.")),
    Verb("login", "login", N_("Log in on this machine.")),
    Verb("person", "person", N_("People: add, list, roles, password."), is_group=True),
    Verb("story", "story", N_("Stories: add, edit, list, show, submit."), is_group=True),
    Verb("review", "review", N_("Reviews: list, comment, approve, return."), is_group=True),
    Verb(
        "queue", "queue", N_("The queue: what leaves when, and what became of it."), is_group=True
    ),
    Verb("pause", "pause", N_("Stop everything from leaving, or one account.")),
    Verb("resume", "pause", N_("Let it leave again.")),
    Verb("account", "account", N_("Accounts: list, login, check."), is_group=True),
    Verb("ledger", "ledger", N_("The ledger: import posts made elsewhere."), is_group=True),
    Verb("report", "report", N_("Count posts by month and compare them with the targets.")),
    Verb("status", "status", N_("Show what is going on now.")),
    Verb("doctor", "doctor", N_("Examine this installation and say what to mend.")),
)
TYPER_WORDS = (
    N_("(deprecated) "),
    N_("(dynamic)"),
    N_("Arguments"),
    N_("Commands"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("Options"),
    N_("[default: {}]"),
    N_("[env var: {}]"),
    N_("[required]"),
)
"""Words of Typer's that people see, here for the catalogue; `translate_typer` puts them in."""
_BY_NAME = {verb.name: verb for verb in VERBS}


class LazyGroup(TyperGroup):
    """A group whose commands are lines of `VERBS` until one of them is called."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        for verb in VERBS:
            self.add_command(TyperCommand(verb.name, short_help=_(verb.help), help=_(verb.help)))

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Find the command as usual, then load what stands behind it."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None:
            command = load(_BY_NAME[name])
        return name, command, rest


def load(verb: Verb) -> Command:
    """Load one verb's module and give its command. Raises `FabuError` if it is not there."""
    module_name = f"{__name__}.{verb.module}"
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        raise FabuError(
            "This version has no {verb} yet. See what it has with: fabu --help", verb=verb.name
        ) from None
    app = typer.Typer(name=verb.name, help=_(verb.help), no_args_is_help=verb.is_group)
    module.register(app)
    group = usage.translate(get_group(app))
    return group if verb.is_group else group.commands[verb.name]


def build() -> Command:
    """Give the whole command, nothing of the rooms loaded yet."""
    app = typer.Typer(
        name=PROGRAM,
        cls=LazyGroup,
        help=_("Fabutai: stories are written, signed, sent once and counted."),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def options(
        config: Annotated[
            Path | None,
            typer.Option("-c", "--config", help=_("The config.toml to use, or its folder.")),
        ] = None,
        version: Annotated[
            bool,
            typer.Option("--version", is_eager=True, callback=_show_version, help=_("Version.")),
        ] = False,
    ) -> None:
        from scheduler.cli import context

        del version  # its callback has answered
        context.choose_config(config)

    return usage.translate(get_command(app))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def run(args: Sequence[str]) -> int:
    """Run one command line and give its exit status; everything a person reads is printed."""
    try:
        ended = build().main(args=list(args), prog_name=PROGRAM, standalone_mode=False)
        return ended if isinstance(ended, int) else 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except typer.TyperException as error:
        _show_usage(error)
        return error.exit_code
    except typer.Abort:
        return EXIT_FAULT
    except FabuError as error:
        from scheduler.cli import show

        show.fault(error)
        return EXIT_CONFIG if isinstance(error, ConfigError) else EXIT_FAULT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _show_usage(error: typer.TyperException) -> None:
    """Say what is wrong with the command line; a command without its verb has shown its help."""
    from scheduler.cli import show

    if type(error).__name__ == "NoArgsIsHelpError":
        return
    if line := usage.usage_of(error):
        show.note(line)
    show.fault(FabuError("{said}", said=usage.words_of(error)))


def translate_typer() -> None:
    """Let Typer's own words, which it takes from gettext, come from our catalogue.

    It reads them when it first shows something, so this comes before. Its language is the
    process's: LANGUAGE is what gettext looks at first.
    """
    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)


def main() -> None:
    """Run `fabu` with this process's arguments (the entry point)."""
    translate_typer()
    for stream in (sys.stdout, sys.stderr):
        # Into a pipe or a file always UTF-8: our JSON and CSV are read by other programs.
        if isinstance(stream, TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="replace")
    status = run(sys.argv[1:])
    if status == EXIT_INTERRUPTED:
        # Who presses once more while the interpreter closes down still gets this status.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)

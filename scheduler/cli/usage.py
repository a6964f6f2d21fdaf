"""Typer's own words in the language in force: help, usage lines, and what it says of wrong use.

What Typer takes from gettext comes from our catalogue by itself (`translate_typer`); the rest is
put in here, command by command, because Typer has it in English only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import typer
from typer._click.formatting import HelpFormatter
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from scheduler.words import N_, _, say

if TYPE_CHECKING:
    from typer._click import Command

HELPS = (
    N_("Show this message and exit."),
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)
"""Help of Typer's own options, here for the catalogue."""
SAID = (
    (re.compile(r"(Missing command\.|No such command .*)"), ""),
    (re.compile(r"No such option: (?P<what>\S+)"), N_("There is no option {what}.")),
    (
        re.compile(r"Option '?(?P<what>\S+?)'? requires an argument\."),
        N_("A value is missing after {what}."),
    ),
    (
        re.compile(r"Option '?(?P<what>\S+?)'? does not take a value\."),
        N_("{what} takes no value."),
    ),
    (
        re.compile(r"Got unexpected extra argument\(s\) \((?P<what>.*)\)"),
        N_("This is too much: {what}."),
    ),
    (
        re.compile(r"Invalid value for (?P<what>.*?): .*valid integer.*"),
        N_("{what} must be a whole number."),
    ),
    (
        re.compile(r"Invalid value for (?P<what>.*?): .* is not one of (?P<known>.*)\."),
        N_("{what} must be one of: {known}."),
    ),
    (
        re.compile(r"Invalid value for (?P<what>.*?): (?P<said>.*)", re.DOTALL),
        N_("{what} does not fit ({said})."),
    ),
    (re.compile(r"Missing \w+ (?P<what>.*)\."), N_("{what} is missing.")),
)
"""What Typer says of a wrong command line, and our key for it."""

Kind = TypeVar("Kind", bound="Command")


class _Formatter(HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, _("Usage: ") if prefix is None else prefix)


class _Context(typer.Context):
    formatter_class = _Formatter


def translate(command: Kind) -> Kind:
    """Translate what a command, its options and its subcommands say of themselves."""
    for one in _each(command):
        one.context_class = _Context
        one.help, one.short_help = _(one.help or ""), _(one.short_help or "")
        if isinstance(one, TyperCommand | TyperGroup):
            one.options_metavar = _("[OPTIONS]")
        if isinstance(one, TyperGroup):
            one.subcommand_metavar = _("COMMAND [ARGS]...")
        for option in [*one.params, one.get_help_option(typer.Context(one))]:
            if isinstance(option, TyperOption | TyperArgument):
                option.help = _(option.help or "") or None
    return command


def _each(command: Command) -> Iterator[Command]:
    yield command
    if isinstance(command, TyperGroup):
        for inside in command.commands.values():
            yield from _each(inside)


def words_of(error: typer.TyperException) -> str:
    """Say what is wrong with a command line."""
    said = error.format_message()
    for pattern, key in SAID:
        found = pattern.match(said)
        if found is not None:
            return say(key, found.groupdict()) if key else said
    return said


def usage_of(error: typer.TyperException) -> str:
    """Give the usage line of the command that was used wrongly, "" when it is not known."""
    context = getattr(error, "ctx", None)
    return str(context.get_usage()) if context is not None else ""

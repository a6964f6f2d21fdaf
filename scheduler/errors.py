"""Errors a person can act on. Each says what is wrong, where, and what to do next.

    FabuError
    ├── ConfigError      config.toml or the environment
    ├── InputError       something a person or a file gave us
    │   └── RowErrors    many of them, in a file: one per row and column
    ├── NotAllowed       the person lacks the role
    ├── NotFound         no such story, delivery, account, person
    └── Conflict         the thing is in another state than the verb needs

`text` is a catalogue key (English, `{name}` fields), `params` fill it; the faces translate it.
`command` is what to type at a terminal, with the same fields: the command line prints it after the
sentence, a page leaves it out. Two that exclude each other stand with ` | ` between them.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.words import N_, _, say

OS_WORDS = {
    errno.ENOENT: N_("there is no such file"),
    errno.EACCES: N_("permission is missing"),
    errno.EPERM: N_("permission is missing"),
    errno.EEXIST: N_("it is there already"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a part of the path is no folder"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EROFS: N_("the disk is read-only"),
    errno.ENAMETOOLONG: N_("the name is too long"),
}
FOREIGN_WORDS = (
    N_("Invalid value"),
    N_("Invalid statement"),
    N_("Invalid date or datetime"),
    N_("Invalid initial character for a key part"),
    N_("Expected '=' after a key in a key/value pair"),
    N_("Expected newline or end of document after a statement"),
    N_("Expected ']' at the end of a table declaration"),
    N_("Cannot overwrite a value"),
    N_("Unclosed array"),
    N_("Unclosed inline table"),
    N_("Unterminated string"),
    N_("Unescaped '\\' in a string"),
    N_("file is not a database"),
    N_("database is locked"),
    N_("database or disk is full"),
    N_("database disk image is malformed"),
    N_("attempt to write a readonly database"),
    N_("unable to open database file"),
    N_("disk I/O error"),
    N_("unexpected end of data"),
    N_("',' expected after '\"'"),
)
"""What the readers of TOML and CSV and SQLite say most, here for the catalogue."""


class FabuError(Exception):
    """Root of all errors that a person can act on."""

    def __init__(self, text: str, /, **params: object) -> None:
        super().__init__(text)
        self.text = text
        self.command = str(params.pop("command", ""))
        self.params = params

    @property
    def sentence(self) -> str:
        """Say it in the language in force, as a page does: without the command."""
        return say(self.text, self.params)

    def __str__(self) -> str:
        """Say it in the language in force, with the command that helps."""
        if not self.command:
            return self.sentence
        # Never with the bar itself: a terminal that gets the line pasted would run them both.
        ways = self.command.format_map(self.params).split(" | ")
        told = {"sentence": self.sentence, "command": _(N_(" or: ")).join(ways)}
        return say(N_("{sentence} Command: {command}"), told)


class ConfigError(FabuError):
    """config.toml or the environment is wrong."""


class InputError(FabuError):
    """What a person or a file gave us is wrong."""


class NotAllowed(FabuError):
    """The person lacks the role for this."""


class NotFound(FabuError):
    """There is no such thing."""


class Conflict(FabuError):
    """The thing is in another state than the verb needs."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault in a file: its row (1-based, as the spreadsheet shows it), column and why."""

    row: int
    column: str
    text: str
    params: dict[str, object]

    def __str__(self) -> str:
        """Say it in the language in force."""
        return say(self.text, self.params)


class RowErrors(InputError):
    """Faults in a file, all of them, so that they can be mended in one go."""

    def __init__(self, file: str, rows: Sequence[RowError]) -> None:
        super().__init__("{file}: {count} faults; nothing was written.", file=file, count=len(rows))
        self.file = file
        self.rows = tuple(rows)


def os_reason(error: OSError) -> tuple[str, dict[str, object]]:
    """Give why the system refused, as a parameter that is translated with its sentence."""
    said = error.strerror or type(error).__name__
    return OS_WORDS.get(error.errno or 0, said), {}

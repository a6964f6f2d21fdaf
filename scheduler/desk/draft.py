"""A draft: what a story file says, every file it names already read and judged. Pure data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from channels.contract import Picture
from scheduler.errors import InputError
from scheduler.words import N_

Place = tuple[str, Mapping[str, object]]
"""Where a fault stands, as words: a catalogue key and its parameters."""
Finder = Callable[[str, Place], Picture | None]
"""Gives the picture a file name means, or notes the fault and gives None."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs for one kind of channel: its section of the file.

    `words` has only the keys the section has (`text`, `title`, `how`, ...). `pictures` is None
    when the section does not speak of pictures.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[Picture, ...] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One story as its author wrote it.

    `origin` is "" where the file leaves it to the column. `accounts` is empty where it leaves it
    to the configuration. `originals` are the files behind the pictures, bytes included.
    """

    title: str
    column: str
    origin: str = ""
    source: str = ""
    author: str = ""
    summary: str = ""
    link: str = ""
    body: str = ""
    cover: Picture | None = None
    body_pictures: tuple[Picture, ...] = ()
    accounts: tuple[str, ...] = ()
    variants: Mapping[str, Variant] = field(default_factory=dict)
    originals: tuple[Picture, ...] = ()
    source_text: str = ""


class StoryFaults(InputError):
    """Several faults of one story file, shown together so that they are mended in one go."""

    def __init__(self, file: str, faults: Iterable[InputError]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "{file} has {count} faults; nothing was written:", file=file, count=len(self.faults)
        )

    def __str__(self) -> str:
        """Say them all, one per line."""
        return "\n".join([super().__str__(), *(f"- {fault}" for fault in self.faults)])


class Faults:
    """Collects what is wrong with one file instead of stopping at the first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[InputError] = []

    def add(self, text: str, /, **params: object) -> None:
        """Note one fault: a catalogue key that has `{file}` among its fields."""
        self.found.append(InputError(text, file=self.file, **params))

    def stop(self) -> None:
        """Raise what was found: one fault by itself, several as `StoryFaults`."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise StoryFaults(self.file, self.found)


def nearest(word: str, known: Iterable[str]) -> Place:
    """Give the words that name the nearest known name, or no words when none is near."""
    found = get_close_matches(word, list(known), n=1)
    return (N_("Did you mean {guess}?"), {"guess": found[0]}) if found else ("", {})


def guess(word: str, known: Iterable[str]) -> Place:
    """Give the words that help with a name that is not known: the nearest, or all there are."""
    names = list(known)
    help_, params = nearest(word, names)
    if help_:
        return help_, params
    return N_("There are: {known}."), {"known": ", ".join(names) or "-"}

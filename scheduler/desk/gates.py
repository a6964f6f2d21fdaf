"""The five gates (五关) a text passes before it is signed: what each asks, and what was said of it.

Signing is the reviewer's word that all five are passed; who returns a text may name those it
failed. They are kept with the signature, in this order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.errors import InputError
from scheduler.words import N_, _, say


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: its name and what it asks, as catalogue keys."""

    title: str
    asks: str


GATES = {
    "politics": Gate(
        N_("Politics"),
        N_("Direction and wording are right; so are names, posts and their order"),
    ),
    "law": Gate(
        N_("Law"),
        N_("No law, copyright, likeness or personal data is infringed"),
    ),
    "policy": Gate(
        N_("Policy"),
        N_("Agrees with the documents in force and the office in charge"),
    ),
    "secrecy": Gate(
        N_("Secrecy"),
        N_("No state or work secret, nothing that may not be public"),
    ),
    "wording": Gate(
        N_("Wording"),
        N_("Words, figures, dates and names are correct; pictures fit"),
    ),
}
ALL = tuple(GATES)
CHECKED = "wording"
"""The gate that the checks know something of: they read words, links and pictures, no law."""
_BETWEEN = N_(", ")


def parse(names: Iterable[str]) -> tuple[str, ...]:
    """Give the gates of these names, in their order and once each. Raises `InputError`."""
    wanted = [name.strip().lower() for name in names]
    for name in wanted:
        if name not in GATES:
            raise InputError(
                "There is no gate {gate}. There are: {known}.", gate=name, known=", ".join(ALL)
            )
    return tuple(name for name in ALL if name in wanted)


def titles(names: Iterable[str]) -> str:
    """Give the names of gates in the language in force."""
    return _(_BETWEEN).join(_(GATES[name].title) for name in names if name in GATES)


def said(decision: str, names: tuple[str, ...]) -> str:
    """Say what a decision says of the gates; "" where it names none."""
    if not names:
        return ""
    if decision == "approve":
        return _("All five gates are passed.") if names == ALL else titles(names)
    return say(N_("Failed: {gates}"), {"gates": titles(names)})

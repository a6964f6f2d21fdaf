"""The questions of `fabu init` at a terminal: accounts, people, last year's ledger.

Everything is asked before anything is written, so Ctrl-C leaves nothing behind; Enter skips. A
wrong answer is said and asked again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from scheduler.cli import context, show
from scheduler.errors import FabuError, InputError
from scheduler.words import N_, _, say

if TYPE_CHECKING:
    from scheduler.config import Settings
    from scheduler.ledger.sheet import LedgerFile
    from scheduler.people import Actor, Role
    from scheduler.setup_form import Asked, NewAccount
    from scheduler.store import Store

T = TypeVar("T")
SKIP = N_("Enter: none")
ROLE_HELP = N_("author, reviewer, operator, leader, admin; one or more.")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to add. Without a password they cannot log in yet."""

    name: str
    title: str
    roles: frozenset[Role]
    password: str = field(repr=False)


@dataclass(slots=True)
class Answers:
    """What was answered, nothing of it written yet."""

    accounts: list[tuple[NewAccount, dict[str, str]]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    ledger: LedgerFile | None = None


def is_wanted() -> bool:
    """Tell whether a person sits here: standard input and output are terminals."""
    return context.is_terminal() and sys.stdout is not None and sys.stdout.isatty()


def ask(me: str) -> Answers:
    """Ask for everything. `me` is who makes the home."""
    answers = Answers()
    show.line("")
    show.line(
        _("Accounts, people and an old ledger: Enter skips each; all of it can come later, too.")
    )
    while kind := _kind():
        if (account := _again(partial(_account, kind, answers))) is not None:
            answers.accounts.append(account)
    while (person := _again(lambda: _person(answers, me))) is not None:
        answers.people.append(person)
    answers.ledger = _again(_ledger)
    return answers


def _again(question: Callable[[], T]) -> T:
    """Ask until the answer is right."""
    while True:
        try:
            return question()
        except FabuError as error:
            show.fault(error)


# --- accounts ----------------------------------------------------------------------------------


def _kind() -> str:
    from channels import KINDS
    from scheduler import sentences

    show.line("")
    kinds = [(one, sentences.channel(one)) for one in KINDS]
    return _choice(_("Add an account? ({skip})"), kinds)


def _account(kind: str, answers: Answers) -> tuple[NewAccount, dict[str, str]] | None:
    """Ask about one account; None when it is left out after all."""
    from channels import channel_class
    from scheduler import sentences, setup_form

    title = _again(lambda: _title(_("Name of the account, as readers know it")))
    if not title:
        show.line(_("This account is left out."))
        return None
    typed: dict[str, str] = {}
    for one in setup_form.asked_of(kind):
        typed[one.key] = _again(partial(_field, kind, one))
        if one.required and not typed[one.key]:
            show.line(_("This account is left out."))
            return None
    taken = {account.name for account, _secrets in answers.accounts}
    name = show.ask(_("Short name for commands"), default=setup_form.free_name(kind, taken))
    if name in taken:
        raise InputError("There is already an account with this short name. Choose another one.")
    account = setup_form.read_account(kind, name, title, typed)
    secrets = {}
    for secret in channel_class(kind).SECRETS:
        told = {"field": _(setup_form.SECRET_WORDS.get(secret, secret))}
        if value := show.ask(say(_("{field} (Enter: later)"), told), hidden=True).strip():
            secrets[secret] = value
    told = {"title": title, "channel": sentences.channel(kind), "name": account.name}
    show.done(say(_("{title} ({channel}), short name {name}"), told))
    return account, secrets


def _title(question: str) -> str:
    from scheduler import setup_form

    text = show.ask(question).strip()
    return setup_form.clean_title(text) if text else ""


def _field(kind: str, asked: Asked) -> str:
    from scheduler import setup_form

    if asked.hint:
        show.line("  " + _(asked.hint))
    if asked.choices:
        choices = [(value, _(words)) for value, words in asked.choices]
        return _choice(_(asked.label), choices, default=asked.choices[0][0])
    if text := show.ask(_(asked.label)).strip():
        setup_form.clean_field(kind, asked, text)
    return text


def _choice(question: str, choices: Sequence[tuple[str, str]], default: str = "") -> str:
    """Let choose by number or by name; Enter takes the default."""
    for number, (_value, words) in enumerate(choices, 1):
        show.line(f"  {number}  {words}")
    by_word = {str(number): value for number, (value, _words) in enumerate(choices, 1)}
    by_word |= {key.lower(): value for value, words in choices for key in (value, words)}
    first = next((number for number, value in by_word.items() if value == default), "")
    while True:
        said = show.ask(say(question, {"skip": _(SKIP)}), default=first).strip().lower()
        if said in by_word or not said:
            return by_word.get(said, default)
        show.note(say(_("Choose a number from 1 to {most}."), {"most": len(choices)}))


# --- people ------------------------------------------------------------------------------------


def _person(answers: Answers, me: str) -> Person | None:
    from scheduler import people

    show.line("")
    if not answers.people:
        show.line(_("Nobody signs what they wrote: a second person is needed for reviewing."))
    name = show.ask(say(_("Add a person? Name ({skip})"), {"skip": _(SKIP)})).strip()
    if not name:
        return None
    name = people.clean_name(name)
    if name in {me, *(one.name for one in answers.people)}:
        raise InputError("{person} is there already. Choose another name.", person=name)
    title = show.ask(_("Post or office (Enter: none)")).strip()
    roles = _again(_roles)
    password = _again(_password)
    show.done(say(_("{person}: {roles}"), {"person": name, "roles": _said(roles)}))
    return Person(name, title, roles, password)


def _roles() -> frozenset[Role]:
    from scheduler import people

    every = list(people.ROLE_WORDS.items())
    listed = _(", ").join(f"{number} {_(words)}" for number, (_role, words) in enumerate(every, 1))
    show.line(f"  {listed}")
    by_word = {str(number): role for number, (role, _words) in enumerate(every, 1)}
    by_word |= {_(words).lower(): role for role, words in every}
    said = show.ask(_("Roles, by number; several with commas"), default="2")
    for mark in ("，", "、", ",", ";"):
        said = said.replace(mark, " ")
    return people.parse_roles(by_word.get(word.lower(), word) for word in said.split())


def _password() -> str:
    from scheduler import people

    first = show.ask(_("First password of this person (Enter: later)"), hidden=True)
    if first:
        people.check_new_password(first)
        if first != show.ask(_("The same password again"), hidden=True):
            raise InputError("The two passwords differ. Type them again.")
    return first


def _said(roles: frozenset[Role]) -> str:
    from scheduler import people

    return _(", ").join(_(words) for role, words in people.ROLE_WORDS.items() if role in roles)


# --- the ledger --------------------------------------------------------------------------------


def _ledger() -> LedgerFile | None:
    from scheduler.ledger import sheet

    show.line("")
    question = _("Last year's ledger, an Excel or CSV file ({skip})")
    path = show.ask(say(question, {"skip": _(SKIP)})).strip().strip("'\"").strip()
    return sheet.read(Path(path).expanduser()) if path else None


# --- writing -----------------------------------------------------------------------------------


def keep(
    settings: Settings, store: Store, actor: Actor, answers: Answers, now: datetime
) -> Settings:
    """Write the accounts and people of a home that was just made; give its settings."""
    from scheduler import people, setup

    for account, secrets in answers.accounts:
        settings = setup.add_account(settings, store, actor, account, secrets, now=now)
    with store.write() as tx:
        for one in answers.people:
            people.add_person(
                tx, actor, one.name, one.roles, now=now, title=one.title, password=one.password
            )
    return settings


def offer_ledger(store: Store, actor: Actor, file: LedgerFile, now: datetime) -> None:
    """Show what importing the ledger would add; write it when that is wanted."""
    from scheduler.cli.ledger import show_plan
    from scheduler.errors import RowErrors
    from scheduler.ledger import intake

    with store.read() as tx:
        planned = intake.plan(tx, file, now)
    show.line("")
    show_plan(planned)
    told = {"new": len(planned.new), "file": planned.file}
    later = _("Nothing of the ledger was written. Later: fabu ledger import FILE")
    if planned.errors:
        show.fault(RowErrors(planned.file, planned.errors))
        show.line(later)
    elif planned.new and show.ask_yes(say(_("Add these {new} posts to the ledger?"), told)):
        with store.write() as tx:
            done = intake.commit(tx, planned, actor, now)
        told = {"new": done.new, "doubles": done.doubles}
        show.done(say(_("Added {new} posts; {doubles} were there already."), told))
    else:
        show.line(later)

"""`fabu story`: write stories into the desk, change them, look at them, hand them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli import context, show
from scheduler.cli.findings import channels_of, plain_findings, show_findings, words_of
from scheduler.errors import FabuError, InputError
from scheduler.words import _, say

if TYPE_CHECKING:
    from scheduler.desk.draft import Draft
    from scheduler.desk.story import Found, Saved

Id = Annotated[int, typer.Argument(metavar="ID", help=_("The story's number."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]
PROGRESS_FROM = 4
"""So many files are worth a progress bar."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from scheduler.cli.story_views import list_, show_

    app.command("add")(add)
    app.command("edit")(edit)
    app.command("drop")(drop)
    app.command("list")(list_)
    app.command("show")(show_)
    app.command("submit")(submit)


def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=_("Files or folders."))],
    account: Annotated[
        list[str] | None, typer.Option(help=_("Only for this account; may be repeated."))
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help=_("Also when the same text is there already."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add stories from Markdown files, as drafts. A file with a fault does not stop the others."""
    from scheduler.desk import story

    results: list[dict[str, Any]] = []
    faults: list[FabuError] = []
    with context.open_home() as home:
        channels = channels_of(home)
        actor = home.actor
        for path in _each(_listed(files)):
            now = home.clock.now()
            try:
                draft = _read(home, path, account)
                with home.store.write() as tx:
                    saved = story.add(tx, draft, channels, now=now, actor=actor, again=again)
                    found = [*saved.notes, *story.findings(tx, saved.story_id, channels)]
            except FabuError as error:
                faults.append(error)
                results.append({"file": path, "id": None, "fault": str(error)})
                if not as_json:
                    show.fault(error)
                continue
            results.append({"file": path, "id": saved.story_id, "accounts": saved.added}
                           | {"findings": plain_findings(found)})  # fmt: skip
            if not as_json:
                told = {"id": saved.story_id, "title": draft.title, "n": len(saved.added)}
                show.done(say(_("Story {id}: {title} ({n} accounts)"), told))
                show_findings(found)
    if as_json:
        show.json_out(results)
    elif len(results) > 1:
        told = {"good": len(results) - len(faults), "bad": len(faults)}
        show.line(say(_("{good} stories added, {bad} files with faults."), told))
    if faults:
        raise typer.Exit(1)


def edit(
    story_id: Id,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The story's new text."))],
    as_json: AsJson = False,
) -> None:
    """Give a story another text; accounts whose text changes need a new signature."""
    from scheduler.desk import story

    with context.open_home() as home:
        channels = channels_of(home)
        draft = _read(home, file, None)
        now = home.clock.now()
        with home.store.write() as tx:
            saved = story.edit(tx, story_id, draft, channels, now=now, actor=home.actor)
            found = [*saved.notes, *story.findings(tx, story_id, channels)]
    if as_json:
        show.json_out(_plain(saved, found))
        return
    show.done(say(_("Story {id}: {title}"), {"id": story_id, "title": draft.title}))
    for words, names in (
        (_("Changed, to be signed anew: {accounts}"), saved.changed),
        (_("Added: {accounts}"), saved.added),
        (_("Unchanged: {accounts}"), saved.unchanged),
        (_("Out already and left as it is; a correction is a new story: {accounts}"), saved.left),
        (
            _("No longer named in the file, but still there (fabu story drop): {accounts}"),
            saved.unnamed,
        ),
    ):
        if names:
            show.line("  " + say(words, {"accounts": ", ".join(names)}))
    show_findings(found)


def drop(
    story_id: Id,
    account: Annotated[str, typer.Argument(help=_("The account it shall not go to."))],
) -> None:
    """Take a story off one account before it goes out there."""
    from scheduler.desk import story

    with context.open_home() as home:
        now = home.clock.now()
        with home.store.write() as tx:
            story.drop_account(tx, story_id, account, now=now, actor=home.actor)
    told = {"id": story_id, "account": account}
    show.done(say(_("Story {id} does not go to {account} any more."), told))


def submit(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help=_("The stories' numbers."))],
    note: Annotated[str, typer.Option(help=_("A word for the reviewer."))] = "",
) -> None:
    """Hand stories in for review. Not while anything in them must be mended."""
    from scheduler.desk import review

    failed = False
    with context.open_home() as home:
        channels = channels_of(home)
        actor = home.actor
        for story_id in ids:
            now = home.clock.now()
            try:
                with home.store.write() as tx:
                    number = review.submit(tx, story_id, channels, now=now, actor=actor, note=note)
            except review.Unfit as error:
                failed = True
                told = {"id": story_id}
                show.note(say(_("Story {id} cannot be submitted yet."), told))
                for account, finding in error.found:
                    show.note(f"  · {account}: {words_of(finding)}")
            except FabuError as error:
                failed = True
                show.fault(error)
            else:
                told = {"id": story_id, "number": number}
                show.done(say(_("Story {id} waits for a reviewer as version {number}."), told))
    if failed:
        raise typer.Exit(1)


def _read(home: context.Home, path: Path, accounts: list[str] | None) -> Draft:
    from scheduler.desk import intake, story

    with home.store.read() as tx:
        columns = story.column_paths(tx)
    draft = intake.read(path, columns)
    return replace(draft, accounts=tuple(dict.fromkeys(accounts))) if accounts else draft


def _listed(files: list[Path]) -> list[Path]:
    """Put the story files of a folder in its place, by name."""
    found: list[Path] = []
    for path in files:
        inside = sorted(path.glob("*.md")) if path.is_dir() else [path]
        if not inside:
            raise InputError("{folder} holds no story files (*.md).", folder=path)
        found += inside
    return list(dict.fromkeys(found))


@contextmanager
def _bar(count: int) -> Iterator[Any]:
    from rich.progress import Progress

    console = show.err()
    shown = console.is_terminal and count >= PROGRESS_FROM
    with Progress(console=console, transient=True, disable=not shown) as progress:
        task = progress.add_task(_("Reading stories"), total=count)
        yield lambda: progress.advance(task)


def _each(paths: list[Path]) -> Iterator[Path]:
    with _bar(len(paths)) as advance:
        for path in paths:
            yield path
            advance()


def _plain(saved: Saved, found: list[Found]) -> Mapping[str, object]:
    return {
        "id": saved.story_id,
        "changed": saved.changed,
        "added": saved.added,
        "unchanged": saved.unchanged,
        "left": saved.left,
        "unnamed": saved.unnamed,
        "findings": plain_findings(found),
    }

"""`fabu ledger import FILE`: a dry run by default, written with --commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler import sentences
from scheduler.cli import context, show
from scheduler.errors import RowErrors
from scheduler.words import _, say

if TYPE_CHECKING:
    from scheduler.ledger.intake import Plan
    from scheduler.ledger.sheet import Progress


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.callback()
    def group() -> None:
        """Keep `import` a word of its own, also while it is the only one."""

    app.command("import")(import_)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A ledger, CSV or XLSX."))],
    commit: Annotated[
        bool, typer.Option("--commit", help=_("Write; without it nothing is changed."))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    """Read a ledger of posts made elsewhere; show what would be added, or add it."""
    from scheduler.ledger import intake, sheet

    with context.open_home() as home, _progress() as tell:
        now = home.clock.now()
        # The file is read before the database is asked: a big one must not hold anybody up.
        ledger_file = sheet.read(file)
        with home.store.read() as tx:
            planned = intake.plan(tx, ledger_file, now, tell)
        written = None
        if commit and not planned.errors:
            with home.store.write() as tx:
                written = intake.commit(tx, planned, home.actor, now, tell)
    if as_json:
        show.json_out(_plain(planned, committed=written is not None))
        raise typer.Exit(1 if planned.errors else 0)
    show_plan(planned)
    if planned.errors:
        raise RowErrors(planned.file, planned.errors)
    if written is None:
        told = {"new": len(planned.new), "doubles": len(planned.doubles)}
        show.line(say(_("Dry run: {new} posts would be added, {doubles} are there already."), told))
        if planned.new:
            show.line(_("Nothing was written. To write it, run the same command with --commit."))
    else:
        told = {"new": written.new, "doubles": written.doubles}
        show.done(say(_("Added {new} posts; {doubles} were there already."), told))


def show_plan(planned: Plan) -> None:
    """Show what an import would do: the file, what to know of it, the new posts by month."""
    how = say(planned.encoding.text, planned.encoding.params)
    told = {"file": planned.file, "how": how, "rows": len(planned.lines)}
    show.line(say(_("{file}: {how}; {rows} posts read."), told))
    for note in planned.notes:
        show.line("· " + say(note.text, note.params))
    if planned.months:
        rows: list[tuple[object, ...]] = [
            (added.month, sentences.channel(added.channel), added.total, added.original)
            for added in planned.months
        ]
        total = sum(added.total for added in planned.months)
        rows.append((_("all"), "", total, sum(added.original for added in planned.months)))
        heads = [_("month"), _("channel"), _("posts"), _("originals")]
        show.table(_("New posts"), heads, rows)


def _plain(planned: Plan, *, committed: bool) -> dict[str, Any]:
    return {
        "file": planned.file,
        "sha256": planned.sha256,
        "encoding": say(planned.encoding.text, planned.encoding.params),
        "rows": len(planned.lines),
        "new": len(planned.new),
        "doubles": len(planned.doubles),
        "committed": committed,
        "accounts_new": [
            {"channel": channel, "title": title} for channel, title in planned.new_accounts
        ],
        "months": [
            {
                "month": added.month,
                "channel": added.channel,
                "total": added.total,
                "original": added.original,
            }
            for added in planned.months
        ],
        "notes": [say(note.text, note.params) for note in planned.notes],
        "errors": [
            {"file": planned.file, "row": fault.row, "column": fault.column, "message": str(fault)}
            for fault in planned.errors
        ],
    }


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar on a terminal; say nothing where nobody watches."""
    from rich.progress import Progress as Bar

    console = show.err()
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_("Reading the file"), total=None)

        def tell(doing: str, done: int, total: int) -> None:
            bar.update(task, description=_(doing), completed=done, total=total)

        yield tell

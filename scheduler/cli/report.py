"""`fabu report`: a period's figures as table, JSON or CSV, and the posts behind each figure."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler import sentences
from scheduler.cli import context, show
from scheduler.clock import beijing
from scheduler.words import _, say

if TYPE_CHECKING:
    from scheduler.ledger.posts import Counted
    from scheduler.ledger.report import Report, Table
    from scheduler.ledger.targets import Outcome


class Format(StrEnum):
    """How a report is printed."""

    table = "table"
    json = "json"
    csv = "csv"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    *,
    from_month: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM", help=_("First month; default: this one."))
    ] = "",
    to_month: Annotated[
        str, typer.Option("--to", metavar="YYYY-MM", help=_("Last month; default: the first."))
    ] = "",
    form: Annotated[Format, typer.Option("--format", help=_("How to print it."))] = Format.table,
    as_json: Annotated[bool, typer.Option("--json", help=_("Short for --format json."))] = False,
    listed: Annotated[
        bool, typer.Option("--list", help=_("The posts behind the figures, one by one."))
    ] = False,
    channel: Annotated[str, typer.Option(help=_("With --list: only this platform."))] = "",
    account: Annotated[str, typer.Option(help=_("With --list: only this account."))] = "",
    column: Annotated[
        str, typer.Option(help=_("With --list: only this column and what is below it."))
    ] = "",
    origin: Annotated[str, typer.Option(help=_("With --list: only this origin."))] = "",
) -> None:
    """Count posts by month and compare them with the targets."""
    from scheduler.ledger import posts
    from scheduler.ledger import report as room

    form = Format.json if as_json else form
    with context.open_home() as home, home.store.read() as tx:
        this_month = f"{beijing(home.clock.now()):%Y-%m}"
        first = from_month or to_month or this_month
        last = to_month or first
        if listed or channel or account or column or origin:
            which = posts.asked(
                tx, first, last, channel=channel, account=account, column=column, origin=origin
            )
            found = posts.posts_behind(tx, which)
            _print_posts(found, form)
            return
        counted = room.month_report(tx, first, last)
    match form:
        case Format.json:
            show.json_out(room.as_json(counted))
        case Format.csv:
            _csv_out(*month_rows(counted))
        case Format.table:
            print_report(counted)


def month_rows(counted: Report) -> tuple[list[str], list[list[object]]]:
    """Give one line per month and one for the period, with every figure in its own column."""
    channels = list(counted.figures.channels)
    heads = [
        _("month"),
        _("posts"),
        *[_(sentences.ORIGINS[name]) for name in counted.figures.origins],
    ]
    for name in channels:
        word = sentences.channel(name)
        heads += [f"{word} {_('posts')}", f"{word} {_('originals')}"]
        heads += [f"{word} {path}" for path in counted.figures.columns[name]]
    goals = list(dict.fromkeys(goal.name for month in counted.months for goal in month.targets))
    for name in goals:
        heads += [name, f"{name} {_('target')}", f"{name} {_('met')}"]
    rows = []
    for month in counted.months:
        row: list[object] = [month.month, *_figures(month.figures)]
        by_name = {goal.name: goal for goal in month.targets}
        for name in goals:
            goal = by_name.get(name)
            row += [goal.actual, _asked(goal), goal.met] if goal else ["", "", ""]
        rows.append(row)
    rows.append([_("all"), *_figures(counted.figures), *[""] * (3 * len(goals))])
    return heads, rows


def _figures(figures: Table) -> list[object]:
    row: list[object] = [figures.total, *figures.origins.values()]
    for name, both in figures.channels.items():
        row += [both.total, both.original, *figures.columns[name].values()]
    return row


def _asked(goal: Outcome) -> str:
    return f"{'≥' if goal.comparison == '>=' else '>'} {goal.number}"


def print_report(counted: Report) -> None:
    """Print a report as tables; the demo ends with it, too."""
    channels = list(counted.figures.channels)
    heads = [_("month"), _("posts"), _("originals")]
    heads += [sentences.channel(name) for name in channels] + [_("targets")]
    rows: list[list[object]] = []
    for month in counted.months:
        figures = month.figures
        goals = "\n".join(
            f"{goal.name} {goal.actual} ({_asked(goal)}) {_('met') if goal.met else _('not met')}"
            for goal in month.targets
        )
        totals = [figures.channels[name].total for name in channels]
        rows.append([month.month, figures.total, figures.original, *totals, goals])
    figures = counted.figures
    both = figures.channels.values()
    rows.append([_("all"), figures.total, figures.original, *[one.total for one in both], ""])
    show.table(f"{counted.from_month} – {counted.to_month}", heads, rows)
    show.table(
        _("By channel"),
        [_("channel"), _("posts"), _("originals")],
        [
            (sentences.channel(name), one.total, one.original)
            for name, one in figures.channels.items()
        ],
    )
    show.table(
        _("By origin"),
        [_("origin"), _("posts")],
        [(_(sentences.ORIGINS[name]), count) for name, count in figures.origins.items()],
    )
    paths = next(iter(figures.columns.values()), {})
    show.table(
        _("By column, each with what is below it"),
        [_("column"), *[sentences.channel(name) for name in channels], _("posts")],
        [_column_row(path, figures, channels) for path in paths],
    )
    if counted.accounts:
        show.table(
            _("By account"),
            [_("account"), _("channel"), _("posts"), _("originals"), _("recorded only")],
            [
                (
                    one.title,
                    sentences.channel(one.channel),
                    one.total,
                    one.original,
                    one.recorded_only,
                )
                for one in counted.accounts
            ],
        )


def _column_row(path: str, figures: Table, channels: Sequence[str]) -> list[object]:
    counts = [figures.columns[name][path] for name in channels]
    indent = "  " * path.count("/")
    return [indent + path.rpartition("/")[2], *counts, sum(counts)]


def _print_posts(found: Sequence[Counted], form: Format) -> None:
    if form is Format.json:
        show.json_out([_post_json(post) for post in found])
        return
    heads = [_("published at"), _("channel"), _("account"), _("column"), _("origin"), _("title")]
    heads += [_("source"), _("link"), _("reads"), _("taken down")]
    rows = [
        [
            f"{beijing(post.published_at):%Y-%m-%d %H:%M}",
            sentences.channel(post.channel),
            post.account,
            post.column,
            _(sentences.ORIGINS[post.origin]),
            post.title,
            post.source,
            post.link,
            post.reads,
            f"{beijing(post.gone_at):%Y-%m-%d}" if post.gone_at else None,
        ]
        for post in found
    ]
    if form is Format.csv:
        _csv_out(heads, rows)
    else:
        show.table("", heads, rows)
        show.line(say(_("{count} posts"), {"count": len(found)}))


def _post_json(post: Counted) -> dict[str, Any]:
    return {name: getattr(post, name) for name in type(post).__slots__}


def _csv_out(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print CSV as Excel opens it by a double click: UTF-8 with its mark, CR LF."""
    sys.stdout.write("\ufeff")
    writer = csv.writer(sys.stdout)
    writer.writerow(heads)
    writer.writerows([[_safe(cell) for cell in row] for row in rows])


def _safe(cell: object) -> object:
    from scheduler.ledger.sheet import no_formula

    return show.cell_text(cell) if isinstance(cell, bool) else no_formula(cell)

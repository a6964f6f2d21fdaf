"""Ledger: the figures of a period, each a link to the posts behind it; a file taken in."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, File, Query, Request, UploadFile
from sqlalchemy import Connection
from starlette.responses import Response

from console import ledger_csv, ledger_views, links, uploads
from console.desk import Desk
from console.guard import Here, Person
from console.places import Place
from console.render import render, see_other, status_of
from scheduler.clock import beijing
from scheduler.errors import FabuError, InputError, RowErrors
from scheduler.ledger import intake, months, sheet
from scheduler.ledger.accounts import read_accounts
from scheduler.ledger.columns import read_tree
from scheduler.people import Actor, Role, require
from scheduler.words import N_

router = APIRouter()
PLACE = Place("ledger", "/ledger", N_("Ledger"))
IMPORTERS = (Role.author, Role.operator)
ERRORS_SHOWN = 200
Word = Annotated[str, Query()]


@router.get("/ledger")
def ledger_page(
    request: Request,
    desk: Here,
    _person: Person,
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
) -> Response:
    """Show the figures of a period: accounts by columns, months, targets."""
    now = desk.clock.now()
    error: FabuError | None = None
    try:
        began, ended = ledger_views.period(first, last, now)
    except InputError as wrong:
        error = wrong
        began = ended = months.month_of(now)
    with desk.store.read() as tx:
        page = ledger_views.read_page(tx, began, ended, now)
    return render(
        request,
        "ledger.html",
        status=status_of(error) if error else 200,
        place="ledger",
        page=page,
        error=error,
        typed={"from": first or began, "to": last or ended},
        quick=_quick(now),
        month_words=ledger_views.month_words,
        missing=ledger_views.spans(page.missing),
    )


def _quick(now: datetime) -> list[tuple[str, str]]:
    """Give the periods people ask for most, with their addresses."""
    local = beijing(now)
    this_month, year = months.month_of(now), local.year
    index = year * 12 + local.month - 2
    last_month = f"{index // 12:04d}-{index % 12 + 1:02d}"
    return [
        (N_("This month"), "/ledger"),
        (N_("Last month"), f"/ledger?from={last_month}&to={last_month}"),
        (N_("This year"), f"/ledger?from={year}-01&to={this_month}"),
        (N_("Last year"), f"/ledger?from={year - 1}-01&to={year - 1}-12"),
    ]


@router.get("/ledger/posts")
def posts_page(
    request: Request,
    *,
    desk: Here,
    _person: Person,
    month: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    channel: str = "",
    account: str = "",
    column: str = "",
    origin: str = "",
    target: str = "",
    page: str = "",
    form: Annotated[str, Query(alias="format")] = "",
) -> Response:
    """List the posts behind a figure, a page at a time, or all of them as a CSV."""
    told = {
        "month": month or ("" if first or last else months.month_of(desk.clock.now())),
        "from": "" if month else first,
        "to": "" if month else last,
        "channel": channel,
        "account": account,
        "column": column,
        "origin": origin,
        "target": target,
    }
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 else 1
    wants_csv = form == "csv"
    with desk.store.read() as tx:
        found = ledger_views.behind(tx, told, page=None if wants_csv else max(1, number))
        choices = {} if wants_csv else _choices(tx)
    if wants_csv:
        return _csv(found)
    query = {name: value for name, value in told.items() if value}
    return render(
        request,
        "ledger_posts.html",
        place="ledger",
        found=found,
        told=told,
        month_words=ledger_views.month_words,
        web=links.web,
        page=max(1, number),
        per_page=ledger_views.PER_PAGE,
        address=f"/ledger/posts?{urlencode(query)}",
        choices=choices,
    )


def _choices(tx: Connection) -> dict[str, list[tuple[str, str, str]]]:
    known = [(one.name, one.title, one.channel) for one in read_accounts(tx)]
    return {"account": known, "column": [(path, path, "") for path in read_tree(tx).ids]}


def _csv(found: ledger_views.Behind) -> Response:
    told = found.asked
    span = told["month"] or "_".join(filter(None, (told["from"], told["to"])))
    words = [span, told["channel"], told["account"], told["column"], told["origin"], told["target"]]
    name = "-".join(word.replace("/", "_") for word in words if word) or "posts"
    return Response(
        ledger_csv.posts_csv(found.posts),
        media_type="text/csv; charset=utf-8",
        headers={
            "content-disposition": "attachment; filename=\"posts.csv\"; filename*=UTF-8''"
            + quote(f"{name}.csv", safe="")
        },
    )


# --- taking a file in ---------------------------------------------------------------------------


@router.get("/ledger/import")
def import_page(request: Request, person: Person) -> Response:
    """Ask for the file; nothing is written before it was shown what would be."""
    require(person, *IMPORTERS)
    return _ask(request)


def _ask(request: Request, error: FabuError | None = None) -> Response:
    faults = error.rows if isinstance(error, RowErrors) else ()
    return render(
        request,
        "ledger_import.html",
        status=status_of(error) if error else 200,
        place="ledger",
        error=error,
        faults=faults[:ERRORS_SHOWN],
    )


@router.post("/ledger/import")
def upload(
    request: Request,
    desk: Here,
    person: Person,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keep the file and lead on to what it would do."""
    require(person, *IMPORTERS)
    try:
        data = file.file.read(uploads.BYTES_MAX + 1) if file is not None else b""
        name = (file.filename or "") if file is not None else ""
        mark = uploads.keep(desk.settings.home, person, name, data, desk.clock.now())
    except InputError as error:
        return _ask(request, error)
    return see_other(request, f"/ledger/import/{mark}")


@router.get("/ledger/import/{mark}")
def dry_run(request: Request, desk: Here, person: Person, mark: str) -> Response:
    """Show what the file would do: new posts, doubles, faults row by row. Writes nothing."""
    require(person, *IMPORTERS)
    return _plan_page(request, desk, person, mark)


def _planned(desk: Desk, person: Actor, mark: str) -> intake.Plan:
    file = sheet.read(uploads.find(desk.settings.home, person, mark))
    with desk.store.read() as tx:
        return intake.plan(tx, file, desk.clock.now())


def _plan_page(request: Request, desk: Desk, person: Actor, mark: str) -> Response:
    try:
        planned = _planned(desk, person, mark)
    except InputError as error:  # not a file we can read, RowErrors too
        return _ask(request, error)
    return render(
        request,
        "ledger_plan.html",
        place="ledger",
        plan=planned,
        mark=mark,
        month_words=ledger_views.month_words,
        shown=ERRORS_SHOWN,
        web=links.web,
    )


@router.post("/ledger/import/{mark}/write")
def write(request: Request, desk: Here, person: Person, mark: str) -> Response:
    """Write what is new: all of it or nothing. Planned anew: the ledger may have moved on."""
    require(person, *IMPORTERS)
    path = uploads.find(desk.settings.home, person, mark)
    try:
        planned = _planned(desk, person, mark)
        with desk.store.write() as tx:
            done = intake.commit(tx, planned, person, desk.clock.now())
    except RowErrors:
        return see_other(request, f"/ledger/import/{mark}")
    uploads.forget(path)
    found = sorted(one.month for one in planned.months)
    address = f"/ledger?from={found[0]}&to={found[-1]}" if found else "/ledger"
    if found and len(months.between(found[0], found[-1])) > ledger_views.PERIOD_MAX:
        address = f"/ledger?from={found[-1]}&to={found[-1]}"
    text = N_("Added {new} posts; {doubles} were there already.")
    return see_other(request, address, text, **_two(done))


@router.post("/ledger/import/{mark}/drop")
def drop(request: Request, desk: Here, person: Person, mark: str) -> Response:
    """Forget the uploaded file."""
    require(person, *IMPORTERS)
    uploads.forget(uploads.find(desk.settings.home, person, mark))
    return see_other(request, "/ledger/import", N_("The file is forgotten; nothing was written."))


def _two(done: intake.Done) -> dict[str, int]:
    return {name: count for name, count in asdict(done).items() if name in ("new", "doubles")}

"""Search: words, a number, or the link of a post. An address like any other; needs no script."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console import finding
from console.guard import Here, Person
from console.render import render

router = APIRouter()
PAGES_MAX = 1000


@router.get("/search")
def search_page(
    request: Request, desk: Here, person: Person, q: str = "", kind: str = "", page: str = ""
) -> Response:
    """Show what was found, a few of each kind or a page of one; go straight to the only thing."""
    what = finding.asked(q)
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 else 1
    number = max(1, min(number, PAGES_MAX))
    with desk.store.read() as tx:
        if kind in finding.TITLES:
            offset = (number - 1) * finding.MANY
            groups = [finding.find(tx, what, person, kind, finding.MANY, offset)]
            exact: list[finding.Found] = []
        else:
            if address := finding.by_link(tx, what.words):
                return RedirectResponse(address, 303)
            exact, plain = finding.by_number(tx, what)
            if plain and len(exact) == 1:
                return RedirectResponse(exact[0].address, 303)
            kind, groups = "", finding.search(tx, what, person)
            others = {row.address for group in groups for row in group.rows}
            if len(exact) == 1 and others <= {exact[0].address}:
                return RedirectResponse(exact[0].address, 303)
    return render(
        request,
        "search.html",
        sought=what.words,
        what=what,
        exact=exact,
        groups=[group for group in groups if group.rows],
        kind=kind,
        page=number,
        many=finding.MANY,
        address=f"/search?{urlencode({'q': what.words})}",
    )

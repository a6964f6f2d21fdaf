"""Search: words, a number, or the link of a post. An address like any other; needs no script."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console import search
from console.guard import Here, Person
from console.render import render

router = APIRouter()
PAGES_MAX = 1000


@router.get("/search")
def search_page(
    request: Request, desk: Here, person: Person, q: str = "", kind: str = "", page: str = ""
) -> Response:
    """Show what was found, a few of each kind or a page of one; go straight to the only thing."""
    what = search.asked(q)
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 else 1
    number = max(1, min(number, PAGES_MAX))
    with desk.store.read() as tx:
        if kind in search.TITLES:
            offset = (number - 1) * search.MANY
            groups = [search.find(tx, what, person, kind, search.MANY, offset)]
            exact: list[search.Found] = []
        else:
            if address := search.by_link(tx, what.words):
                return RedirectResponse(address, 303)
            exact, plain = search.by_number(tx, what)
            if plain and len(exact) == 1:
                return RedirectResponse(exact[0].address, 303)
            kind, groups = "", search.search(tx, what, person)
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
        many=search.MANY,
        address=f"/search?{urlencode({'q': what.words})}",
    )

"""Which rows are already in the ledger. The rule is pure; the lookups are beside it.

A post is a double only by equal link; without a link by the whole row and its count: three equal
rows in a file and two of them in the database leave one new post.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, func, select

from scheduler.clock import beijing
from scheduler.ledger.lines import Line
from scheduler.tables import Post, table

POST = table(Post)
ASKED_AT_ONCE = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sorted:
    """The rows of a file, parted. `inside` are doubles of another row of the same file."""

    new: tuple[Line, ...]
    doubles: tuple[Line, ...]
    inside: tuple[Line, ...]


def part(lines: Iterable[Line], links: AbstractSet[str], digests: Mapping[str, int]) -> Sorted:
    """Part new rows from doubles. `links` and `digests` (with counts) are what we have. Pure."""
    left = Counter(digests)
    fresh: set[str] = set()
    new, doubles, inside = [], [], []
    for line in lines:
        if line.link in links:  # "" never is
            doubles.append(line)
        elif line.link and line.link in fresh:
            inside.append(line)
        elif not line.link and left[line.digest] > 0:
            left[line.digest] -= 1
            doubles.append(line)
        else:
            fresh.add(line.link)
            new.append(line)
    return Sorted(tuple(new), tuple(doubles), tuple(inside))


def against(tx: Connection, lines: Sequence[Line]) -> Sorted:
    """Part new rows from doubles of what the database has, whoever made it."""
    links: set[str] = set()
    for some in batches({line.link for line in lines if line.link}):
        query = select(POST.c.link).where(POST.c.link.in_(some), POST.c.published_at.is_not(None))
        links.update(row.link for row in tx.execute(query))
    digests: Counter[str] = Counter()
    for some in batches({line.digest for line in lines if not line.link}):
        counted = (
            select(POST.c.import_digest, func.count().label("times"))
            .where(POST.c.import_digest.in_(some), POST.c.published_at.is_not(None))
            .group_by(POST.c.import_digest)
        )
        digests.update({row.import_digest: row.times for row in tx.execute(counted)})
    return part(lines, links, digests)


def look_alikes(
    tx: Connection, lines: Sequence[Line], accounts: Mapping[tuple[str, str], int]
) -> list[Line]:
    """Give the new rows that have a post of the same account, Beijing day and title already.

    They are counted, for only an equal link makes a double; but a person should look at them.
    """
    known = [line for line in lines if (line.channel, line.account) in accounts]
    if not known:
        return []
    query = select(POST.c.account_id, POST.c.published_at, POST.c.title).where(
        POST.c.account_id.in_(set(accounts.values())),
        POST.c.published_at
        >= beijing(min(line.published_at for line in known)).replace(hour=0, minute=0),
        POST.c.published_at
        <= beijing(max(line.published_at for line in known)).replace(hour=23, minute=59),
    )
    have = {
        (row.account_id, beijing(row.published_at).date(), row.title) for row in tx.execute(query)
    }
    if not have:
        return []
    return [
        line
        for line in known
        if (
            accounts[line.channel, line.account],
            beijing(line.published_at).date(),
            line.title,
        )
        in have
    ]


def batches(values: Iterable[T], size: int = ASKED_AT_ONCE) -> Iterator[list[T]]:
    """Cut `values` into lists no longer than a statement's parameters allow."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some

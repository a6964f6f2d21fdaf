"""The column tree as the ledger needs it: found by what a file writes, listed in order."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from scheduler.ledger.fields import Wrong, required_text
from scheduler.tables import ContentColumn, table
from scheduler.words import N_

COLUMN = table(ContentColumn)


@dataclass(frozen=True, slots=True)
class Tree:
    """Every column path in the order of the tree (parents first) and its id."""

    ids: Mapping[str, int]

    def find(self, cell: object) -> tuple[str, int]:
        """Give path and id for a cell: an exact path, or a last name that only one path has."""
        text = required_text(cell)
        path = re.sub(r"\s*/\s*", "/", unicodedata.normalize("NFKC", text)).strip("/")
        if path in self.ids:
            return path, self.ids[path]
        ends = [known for known in self.ids if known.rpartition("/")[2] == path]
        if len(ends) == 1:
            return ends[0], self.ids[ends[0]]
        if ends:
            raise Wrong(
                N_("{value} may be {paths}. Write the whole path."),
                value=text,
                paths="、".join(ends),
            )
        leaves = {known.rpartition("/")[2]: known for known in self.ids}
        near = difflib.get_close_matches(path, [*self.ids, *leaves], n=1, cutoff=0.5)
        if near:
            raise Wrong(
                N_("There is no column {value}. Did you mean {near}?"),
                value=text,
                near=leaves.get(near[0], near[0]),
            )
        raise Wrong(
            N_("There is no column {value}. There are: {paths}."),
            value=text,
            paths="、".join(self.ids),
        )


def read_tree(tx: Connection) -> Tree:
    """Read the column tree, parents before their children, in the order people gave it."""
    rows = tx.execute(select(COLUMN.c.id, COLUMN.c.path, COLUMN.c.position)).all()
    position = {row.path: row.position for row in rows}

    def order(path: str) -> list[tuple[int, str]]:
        parts = path.split("/")
        heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        return [(position.get(head, 0), head) for head in heads]

    ids = {row.path: row.id for row in rows}
    return Tree({path: ids[path] for path in sorted(ids, key=order)})


def with_parents(counts: Mapping[str, int]) -> Counter[str]:
    """Add to every column what stands below it. Pure."""
    total: Counter[str] = Counter()
    for path, count in counts.items():
        for head in heads_of(path):
            total[head] += count
    return total


def heads_of(path: str) -> Iterable[str]:
    """Give a path's ancestors and itself: a, a/b, a/b/c."""
    parts = path.split("/")
    return ("/".join(parts[: n + 1]) for n in range(len(parts)))

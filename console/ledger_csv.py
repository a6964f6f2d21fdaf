"""Posts as a CSV that Excel opens by a double click: UTF-8 with its mark, CR LF."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from scheduler import sentences
from scheduler.clock import beijing
from scheduler.ledger.posts import Counted
from scheduler.ledger.sheet import no_formula
from scheduler.words import N_, _

HEADS = (
    N_("published at"),
    N_("channel"),
    N_("account"),
    N_("column"),
    N_("origin"),
    N_("title"),
    N_("source"),
    N_("link"),
    N_("reads"),
    N_("taken down"),
)


def posts_csv(found: Sequence[Counted]) -> bytes:
    """Write the posts, one line each, with a line of headings."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_(head) for head in HEADS])
    for post in found:
        row = [
            f"{beijing(post.published_at):%Y-%m-%d %H:%M}",
            sentences.channel(post.channel),
            post.account,
            post.column,
            _(sentences.ORIGINS[post.origin]),
            post.title,
            post.source,
            post.link,
            "" if post.reads is None else post.reads,
            f"{beijing(post.gone_at):%Y-%m-%d}" if post.gone_at else "",
        ]
        writer.writerow([no_formula(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()

"""The list of posts behind a figure: the same WHERE as the count, so their lengths agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from scheduler.errors import InputError, NotFound
from scheduler.ledger import fields, months
from scheduler.ledger.accounts import read_accounts
from scheduler.ledger.columns import read_tree
from scheduler.ledger.counts import ACCOUNT, COLUMN, POST, Which, conditions, joined


@dataclass(frozen=True, slots=True)
class Counted:
    """One post as the ledger shows it."""

    post_id: int
    published_at: datetime
    channel: str
    account: str
    column: str
    origin: str
    title: str
    source: str
    link: str
    reads: int | None
    made_elsewhere: bool
    gone_at: datetime | None


def posts_behind(
    tx: Connection, which: Which, *, limit: int | None = None, offset: int = 0
) -> list[Counted]:
    """Give the posts that a figure counts, oldest first; all of them, or one page.

    Raises `InputError` for a period that is none.
    """
    months.between(which.from_month, which.to_month)
    query = joined(
        select(
            POST.c.id,
            POST.c.published_at,
            ACCOUNT.c.channel,
            ACCOUNT.c.title.label("account"),
            COLUMN.c.path,
            POST.c.origin,
            POST.c.title,
            POST.c.source,
            POST.c.link,
            POST.c.reads,
            POST.c.made_elsewhere,
            POST.c.gone_at,
        )
    )
    query = query.where(*conditions(which)).order_by(POST.c.published_at, POST.c.id)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    return [Counted(*row) for row in tx.execute(query)]


def asked(
    tx: Connection,
    from_month: str,
    to_month: str,
    *,
    channel: str = "",
    account: str = "",
    column: str = "",
    origin: str = "",
) -> Which:
    """Read what a person asks for: 微博 or weibo, a column's last name, an account's title.

    Raises `InputError` or `NotFound` for a word that fits nothing: an empty list would look like
    a figure of 0.
    """
    months.between(from_month, to_month)
    known = read_accounts(tx)
    titles = {name for one in known for name in (one.name, one.title)}
    if account and account not in titles:
        raise NotFound(
            "There is no account {name}. There are: {known}.",
            name=account,
            known=", ".join(one.name for one in known) or "-",
        )
    kinds = {one.channel for one in known}
    try:
        return Which(
            from_month=from_month,
            to_month=to_month,
            channel=channel if not channel or channel in kinds else fields.channel_of(channel),
            account=account,
            column=read_tree(tx).find(column)[0] if column else "",
            origin=fields.origin_of(origin) if origin else "",
        )
    except fields.Wrong as wrong:
        raise InputError(wrong.text, **wrong.params) from None

"""Search over everything a person may see: stories, deliveries, posts made elsewhere, and more.

Words are text: %, _ and quotes mean themselves. Titles and texts are scanned; with 100 000 posts
that takes a fraction of a second, and needs no second copy of the texts that could differ.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from console import format as said
from console.duties import headlines
from console.links import web
from scheduler import sentences
from scheduler.content import escape
from scheduler.ledger import months
from scheduler.people import PERSON, Actor, Role
from scheduler.store.rules import ACCOUNT, DELIVERY, POST
from scheduler.tables import Story, table
from scheduler.words import N_

STORY = table(Story)
ASKED_MAX = 200
TERMS_MAX = 6
FEW, MANY = 8, 50
"""How many of a group stand on the first page, and on a page of its own."""
READ_MAX = 5000
"""So many stories at most are read to the last word in one search."""
_TAG = re.compile(r"<[^>]*>")
_PICTURE = re.compile(r'<img [^>]*?alt="([^"]*)"[^>]*>')
NUMBER = re.compile(
    r"(?P<what>#|稿件|发布任务|任务|story|delivery|no\.?)?\s*(?P<number>\d{1,9})", re.IGNORECASE
)
STORIES, DELIVERIES = frozenset({"稿件", "story"}), frozenset({"发布任务", "任务", "delivery"})


@dataclass(frozen=True, slots=True)
class Found:
    """One result. `kind` and `state` are its mark; `link` leads out to the post itself."""

    kind: str
    state: str
    title: str
    address: str
    where: str = ""
    excerpt: str = ""
    link: str = ""
    at: datetime | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one kind: how many there are, and the first of them."""

    name: str
    title: str
    count: int
    rows: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: the words as typed, cut into terms that must all be there."""

    words: str
    terms: tuple[str, ...]


def asked(words: str) -> Asked:
    """Read what a person typed."""
    text = unicodedata.normalize("NFC", words).strip()[:ASKED_MAX]
    return Asked(text, tuple(dict.fromkeys(text.split()))[:TERMS_MAX])


# --- straight to it -------------------------------------------------------------------------------


def by_link(tx: Connection, text: str) -> str:
    """Give the page of the post with this link, "" when there is none or it is no link."""
    if not web(text):
        return ""
    query = select(POST.c.id, POST.c.delivery_id).where(
        POST.c.link.in_(_spellings(web(text))), POST.c.dropped_at.is_(None)
    )
    row = tx.execute(query.order_by(POST.c.id).limit(1)).first()
    if row is None:
        return ""
    return f"/queue/{row.delivery_id}" if row.delivery_id else _ledger_address(tx, row.id)


def _spellings(link: str) -> list[str]:
    """Give the ways in which one link is copied: with or without what browsers and apps add."""
    parts = urlsplit(link)
    plain = [parts._replace(fragment="")]
    if parts.hostname != "mp.weixin.qq.com" or parts.path not in ("/s", "/s/"):
        plain.append(plain[0]._replace(query=""))  # only WeChat's long links need what follows
    told = [link, *(urlunsplit(one) for one in plain)]
    told += [one.rstrip("/") for one in told]
    told += [re.sub("^http:", "https:", one) for one in told]
    told += [re.sub("^https:", "http:", one) for one in told]
    return list(dict.fromkeys(told))


def by_number(tx: Connection, what: Asked) -> tuple[list[Found], bool]:
    """Give the story and the delivery of a number, and whether the words leave no other sense."""
    read = NUMBER.fullmatch(what.words)
    if read is None:
        return [], False
    number, kind = int(read["number"]), (read["what"] or "").lower()
    found: list[Found] = []
    if kind not in DELIVERIES:
        found += _stories(tx, STORY.c.id == number, what, 1, 0).rows
    if kind not in STORIES:
        found += _deliveries(tx, DELIVERY.c.id == number, 1, 0).rows
    return found, bool(kind)


# --- the groups -----------------------------------------------------------------------------------


def search(tx: Connection, what: Asked, person: Actor) -> list[Group]:
    """Give every group that has something, with its first results."""
    found = [find(tx, what, person, name, FEW, 0) for name in _GROUPS]
    return [group for group in found if group.count]


def find(tx: Connection, what: Asked, person: Actor, name: str, limit: int, offset: int) -> Group:
    """Give some results of one group. People are for administrators only."""
    if not what.terms or (name == "people" and not person.may(Role.admin)):
        return Group(name, TITLES[name], 0, ())
    return _GROUPS[name](tx, what, limit, offset)


def _find_stories(tx: Connection, what: Asked, limit: int, offset: int) -> Group:
    fits = and_(
        STORY.c.made_elsewhere.is_(False),
        *(
            or_(
                _has(STORY.c.title, term),
                _has(STORY.c.summary, term),
                _has(STORY.c.body, escape(term)),
            )
            for term in what.terms
        ),
    )
    if not any(term.isascii() for term in what.terms):
        return _stories(tx, fits, what, limit, offset)
    # Tags, addresses and file names are ASCII, too: look whether it stands in what readers see.
    columns = (STORY.c.id, STORY.c.title, STORY.c.summary, STORY.c.body)
    rows = tx.execute(select(*columns).where(fits).order_by(STORY.c.id.desc()).limit(READ_MAX))
    ids = [row.id for row in rows if _stands_in(row, what)]
    part = _stories(tx, STORY.c.id.in_(ids[offset : offset + limit]), what, limit, 0)
    return replace(part, count=len(ids))


def _stands_in(row: Any, what: Asked) -> bool:
    text = f"{row.title}\n{row.summary}\n{_seen(row.body)}".lower()
    return all(term.lower() in text for term in what.terms)


def _seen(body: str) -> str:
    """Give what readers see of a body, descriptions of pictures included; quicker than a parser."""
    return html.unescape(_TAG.sub(" ", _PICTURE.sub(r" \1 ", body)))


def _stories(
    tx: Connection, fits: ColumnElement[bool], what: Asked, limit: int, offset: int
) -> Group:
    columns = (STORY.c.id, STORY.c.title, STORY.c.summary, STORY.c.body, STORY.c.review)
    fits = and_(fits, STORY.c.made_elsewhere.is_(False))
    count, rows = _page(tx, STORY, columns, fits, limit, offset)
    found = tuple(
        Found(
            "review",
            row.review,
            row.title,
            f"/stories/{row.id}",
            where=sentences.subject("story", row.id),
            excerpt=said.excerpt(f"{row.summary}\n{_seen(row.body)}", what.terms),
        )
        for row in rows
    )
    return Group("stories", TITLES["stories"], count, found)


def _find_deliveries(tx: Connection, what: Asked, limit: int, offset: int) -> Group:
    said_so = select(POST.c.delivery_id).where(
        POST.c.delivery_id.is_not(None), *(_has(POST.c.title, term) for term in what.terms)
    )
    return _deliveries(tx, DELIVERY.c.id.in_(said_so), limit, offset)


def _deliveries(tx: Connection, fits: ColumnElement[bool], limit: int, offset: int) -> Group:
    joined = DELIVERY.join(ACCOUNT, ACCOUNT.c.id == DELIVERY.c.account_id)
    columns = (
        DELIVERY.c.id, DELIVERY.c.state, DELIVERY.c.held_for, DELIVERY.c.due_at,
        ACCOUNT.c.title, ACCOUNT.c.channel,
    )  # fmt: skip
    count, rows = _page(tx, joined, columns, fits, limit, offset)
    titles = headlines(tx, [row.id for row in rows])
    found = tuple(
        Found(
            "state",
            row.state,
            titles.get(row.id, ""),
            f"/queue/{row.id}",
            where=" · ".join(
                (sentences.subject("delivery", row.id), said.account(row.title, row.channel))
            ),
            at=row.due_at,
            held=row.held_for is not None,
        )
        for row in rows
    )
    return Group("deliveries", TITLES["deliveries"], count, found)


def _find_elsewhere(tx: Connection, what: Asked, limit: int, offset: int) -> Group:
    joined = POST.join(ACCOUNT, ACCOUNT.c.id == POST.c.account_id)
    columns = (
        POST.c.id, POST.c.title.label("said"), POST.c.link, POST.c.published_at, POST.c.gone_at,
        ACCOUNT.c.name, ACCOUNT.c.title, ACCOUNT.c.channel,
    )  # fmt: skip
    fits = and_(
        POST.c.made_elsewhere,
        POST.c.dropped_at.is_(None),
        *(or_(_has(POST.c.title, term), _has(POST.c.link, term)) for term in what.terms),
    )
    count, rows = _page(tx, joined, columns, fits, limit, offset)
    found = tuple(
        Found(
            "state",
            "gone" if row.gone_at else "published",
            row.said,
            _list_address(row.name, row.published_at),
            where=said.account(row.title, row.channel),
            excerpt=said.excerpt(row.link, what.terms),
            link=web(row.link),
            at=row.published_at,
        )
        for row in rows
    )
    return Group("elsewhere", TITLES["elsewhere"], count, found)


def _find_accounts(tx: Connection, what: Asked, limit: int, offset: int) -> Group:
    columns = (
        ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.title, ACCOUNT.c.channel, ACCOUNT.c.active,
        ACCOUNT.c.recorded_only,
    )  # fmt: skip
    fits = and_(*(or_(_has(ACCOUNT.c.title, t), _has(ACCOUNT.c.name, t)) for t in what.terms))
    count, rows = _page(tx, ACCOUNT, columns, fits, limit, offset)
    found = tuple(
        Found(
            "use",
            "recorded" if row.recorded_only else ("used" if row.active else "unused"),
            row.title,
            f"/accounts/{quote(row.name, safe='')}",
            where=f"{sentences.channel(row.channel)} · {row.name}",
        )
        for row in rows
    )
    return Group("accounts", TITLES["accounts"], count, found)


def _find_people(tx: Connection, what: Asked, limit: int, offset: int) -> Group:
    columns = (PERSON.c.id, PERSON.c.name, PERSON.c.title, PERSON.c.active)
    fits = and_(*(or_(_has(PERSON.c.name, t), _has(PERSON.c.title, t)) for t in what.terms))
    count, rows = _page(tx, PERSON, columns, fits, limit, offset)
    found = tuple(
        Found(
            "use",
            "used" if row.active else "left",
            row.name,
            f"/people/{row.id}",
            where=row.title,
        )
        for row in rows
    )
    return Group("people", TITLES["people"], count, found)


TITLES = {
    "stories": N_("Stories"),
    "deliveries": N_("Deliveries"),
    "elsewhere": N_("Posts made elsewhere"),
    "accounts": N_("Accounts"),
    "people": N_("People"),
}
_GROUPS: Mapping[str, Callable[[Connection, Asked, int, int], Group]] = {
    "stories": _find_stories,
    "deliveries": _find_deliveries,
    "elsewhere": _find_elsewhere,
    "accounts": _find_accounts,
    "people": _find_people,
}


def _has(column: ColumnElement[Any], term: str) -> ColumnElement[bool]:
    """Tell whether a text has a term in it; letters match in either case."""
    if term.lower() == term.upper():
        return column.contains(term, autoescape=True)
    return column.icontains(term, autoescape=True)


def _page(
    tx: Connection,
    source: Any,
    columns: Sequence[ColumnElement[Any]],
    fits: ColumnElement[bool],
    limit: int,
    offset: int,
) -> tuple[int, list[Any]]:
    """Give how many rows fit, and some of them, the newest first. The texts are scanned once.

    The first of `columns` is the number that orders them.
    """
    key = columns[0]
    ids = select(key.label("id"), func.count().over().label("total")).select_from(source)
    part = ids.where(fits).order_by(key.desc()).offset(offset).limit(limit)
    found = tx.execute(part).all()
    if not found:
        return 0, []
    wanted = select(*columns).select_from(source).where(key.in_([row.id for row in found]))
    return int(found[0].total), list(tx.execute(wanted.order_by(key.desc())).all())


def _ledger_address(tx: Connection, post_id: int) -> str:
    row = tx.execute(
        select(ACCOUNT.c.name, POST.c.published_at)
        .join(POST, POST.c.account_id == ACCOUNT.c.id)
        .where(POST.c.id == post_id)
    ).one()
    return _list_address(row.name, row.published_at)


def _list_address(account: str, published_at: Any) -> str:
    """Give the ledger's list in which a post stands."""
    month = {"month": months.month_of(published_at)} if published_at else {}
    return f"/ledger/posts?{urlencode({**month, 'account': account})}"

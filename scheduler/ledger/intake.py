"""Import a posting ledger: plan (reads only), show, then commit (all rows or none).

What is imported was published elsewhere: such a story never passes review, so it stays `draft`
and is told by `made_elsewhere`; its posts carry no content digest and no approval.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from channels.contract import Words
from scheduler import events
from scheduler.errors import RowError, RowErrors
from scheduler.ledger import accounts, doubles
from scheduler.ledger.accounts import Named
from scheduler.ledger.columns import read_tree
from scheduler.ledger.headings import HEADINGS
from scheduler.ledger.lines import Line, read_lines
from scheduler.ledger.months import month_of
from scheduler.ledger.sheet import LedgerFile, Progress, in_silence
from scheduler.people import Actor, Role, require
from scheduler.tables import Post, Story, table
from scheduler.words import N_

STORY, POST = table(Story), table(Post)
WRITTEN_AT_ONCE = 1_000
SHOWN_ROWS_MAX = 10


@dataclass(frozen=True, slots=True)
class Added:
    """What an import would add to one month and channel."""

    month: str
    channel: str
    total: int
    original: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. `lines` are all readable rows; with errors nothing is written."""

    file: str
    sha256: str
    encoding: Words
    lines: tuple[Line, ...]
    new: tuple[Line, ...]
    doubles: tuple[Line, ...]
    errors: tuple[RowError, ...]
    new_accounts: tuple[Named, ...]
    notes: tuple[Words, ...]
    months: tuple[Added, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What an import did."""

    new: int
    doubles: int
    accounts: int


def plan(tx: Connection, file: LedgerFile, now: datetime, tell: Progress = in_silence) -> Plan:
    """Say what importing `file` would do. Reads only; collects every fault of every row."""
    reading = read_lines(file, read_tree(tx), now, tell)
    wanted = _named(reading.lines)
    ids, new_accounts, wrong = accounts.resolve_all(list(wanted), accounts.read_accounts(tx))
    heading = HEADINGS["account"][0]
    faults = reading.faults + [
        RowError(line.row, heading, why.text, why.params)
        for line in reading.lines
        if (why := wrong.get((line.channel, line.account)))
    ]
    tell(N_("Looking for doubles"), 0, len(reading.lines))
    parted = doubles.against(tx, reading.lines)
    alike = doubles.look_alikes(tx, parted.new, ids)
    return Plan(
        file=file.name,
        sha256=file.sha256,
        encoding=file.encoding,
        lines=tuple(reading.lines),
        new=parted.new,
        doubles=parted.doubles + parted.inside,
        errors=tuple(sorted(faults, key=lambda fault: fault.row)),
        new_accounts=new_accounts,
        notes=(*reading.notes, *_account_notes(new_accounts, wanted), *_notes(parted, alike)),
        months=_months(parted.new),
    )


def commit(
    tx: Connection, planned: Plan, actor: Actor, now: datetime, tell: Progress = in_silence
) -> Done:
    """Write what is new, with one event, in the caller's transaction: all of it or nothing.

    Doubles and accounts are looked up again, because another import may have been faster.
    Raises `RowErrors` when the plan has faults (then nothing is written), and `NotAllowed` for
    anybody but authors and operators.
    """
    require(actor, Role.author, Role.operator)
    if planned.errors:
        raise RowErrors(planned.file, planned.errors)
    parted = doubles.against(tx, planned.lines)
    skipped = len(planned.lines) - len(parted.new)
    if not parted.new:
        return Done(new=0, doubles=skipped, accounts=0)
    wanted = list(_named(parted.new))
    ids, unknown, wrong = accounts.resolve_all(wanted, accounts.read_accounts(tx))
    if wrong:
        rows = [RowError(0, "/".join(named), why.text, why.params) for named, why in wrong.items()]
        raise RowErrors(planned.file, rows)
    ids.update(accounts.record(tx, unknown, actor.mark, now))
    done = 0
    for lines in doubles.batches(parted.new, WRITTEN_AT_ONCE):
        _write(tx, lines, ids, now)
        done += len(lines)
        tell(N_("Writing posts"), done, len(parted.new))
    detail = {
        "file": planned.file,
        "sha256": planned.sha256,
        "new": len(parted.new),
        "doubles": skipped,
        "accounts": [accounts.recorded_name(named) for named in unknown],
        "months": dict(Counter(month_of(line.published_at) for line in parted.new)),
    }
    line = events.Line(
        kind="import", subject_id=0, verb="import", actor=actor.mark, at=now, detail=detail
    )
    events.write(tx, line)
    return Done(new=len(parted.new), doubles=skipped, accounts=len(unknown))


def _named(lines: Sequence[Line]) -> Counter[Named]:
    return Counter((line.channel, line.account) for line in lines)


def _defaults(model: type[Story | Post], *set_here: str) -> dict[str, Any]:
    # Core inserts do not know the models' defaults, and every column is not null.
    return {
        name: field.default
        for name, field in model.model_fields.items()
        if name != "id" and name not in set_here
    }


_SAME = ("title", "column_id", "origin", "source", "link")
_BOTH = (*_SAME, "made_elsewhere", "created_at", "updated_at")
_STORY = _defaults(Story, *_BOTH)
_POST = _defaults(Post, *_BOTH, "story_id", "account_id", "published_at", "reads", "import_digest")


def _write(tx: Connection, lines: Sequence[Line], ids: Mapping[Named, int], now: datetime) -> None:
    elsewhere = {"made_elsewhere": True, "created_at": now, "updated_at": now}
    same = [elsewhere | {name: getattr(line, name) for name in _SAME} for line in lines]
    # In one statement and in any order: asked to keep the order, SQLite would insert one by one.
    # Stories that are the same in all of these may be swapped without anybody noticing.
    stories = insert(STORY).returning(STORY.c.id, *(STORY.c[name] for name in _SAME))
    made: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for story_id, *key in tx.execute(stories, [_STORY | values for values in same]):
        made[tuple(key)].append(story_id)
    posts = [
        _POST
        | values
        | {
            "story_id": made[tuple(values[name] for name in _SAME)].pop(),
            "account_id": ids[line.channel, line.account],
            "published_at": line.published_at,
            "reads": line.reads,
            "import_digest": line.digest,
        }
        for line, values in zip(lines, same, strict=True)
    ]
    tx.execute(insert(POST), posts)


def _account_notes(new: Sequence[Named], wanted: Mapping[Named, int]) -> list[Words]:
    key = N_("The account {name} is not configured here; it is recorded only ({count} rows).")
    return [
        Words(key, {"name": accounts.recorded_name(named), "count": wanted[named]}) for named in new
    ]


def _notes(parted: doubles.Sorted, alike: Sequence[Line]) -> list[Words]:
    said = []
    if parted.inside:
        key = N_("{count} rows repeat the link of an earlier row and count once: rows {rows}.")
        said.append(_row_note(key, parted.inside))
    if alike:
        key = N_(
            "{count} new rows have a post of the same account, day and title already, but not the "
            "same link: rows {rows}. They are counted; please check."
        )
        said.append(_row_note(key, alike))
    return said


def _row_note(key: str, lines: Sequence[Line]) -> Words:
    rows = ", ".join(str(line.row) for line in lines[:SHOWN_ROWS_MAX])
    more = ", ..." if len(lines) > SHOWN_ROWS_MAX else ""
    return Words(key, {"count": len(lines), "rows": rows + more})


def _months(lines: Sequence[Line]) -> tuple[Added, ...]:
    total: Counter[tuple[str, str]] = Counter()
    original: Counter[tuple[str, str]] = Counter()
    for line in lines:
        cell = (month_of(line.published_at), line.channel)
        total[cell] += 1
        original[cell] += line.origin == "original"
    return tuple(Added(*cell, total[cell], original[cell]) for cell in sorted(total))

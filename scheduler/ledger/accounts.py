"""The accounts a ledger file names: known ones, and those that become recorded only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from scheduler import events
from scheduler.ledger.fields import Wrong
from scheduler.tables import Account, table
from scheduler.words import N_

ACCOUNT = table(Account)
Named = tuple[str, str]
"""Channel and what the file writes in 账号."""


@dataclass(frozen=True, slots=True)
class Known:
    """One account of ours."""

    id: int
    name: str
    channel: str
    title: str
    recorded_only: bool


def read_accounts(tx: Connection) -> list[Known]:
    """Read every account."""
    columns = (
        ACCOUNT.c.id,
        ACCOUNT.c.name,
        ACCOUNT.c.channel,
        ACCOUNT.c.title,
        ACCOUNT.c.recorded_only,
    )
    return [Known(*row) for row in tx.execute(select(*columns).order_by(ACCOUNT.c.id))]


def recorded_name(named: Named) -> str:
    """Give the internal name of an account that is recorded only, e.g. `weibo:沈阳安监`."""
    return ":".join(named)


def resolve(named: Named, known: Sequence[Known]) -> int | None:
    """Give the id of the account a file means, None for an unknown one.

    The internal name wins over the title, a configured account over one recorded only. Raises
    `Wrong` when a title still fits several.
    """
    channel, written = named
    there = [account for account in known if account.channel == channel]
    for account in there:
        if account.name in {written, recorded_name(named)}:
            return account.id
    titled = [account for account in there if account.title == written]
    configured = [account for account in titled if not account.recorded_only]
    found = configured or titled
    if len(found) > 1:
        raise Wrong(
            N_("Several accounts are called {value}: {names}. Write the internal name."),
            value=written,
            names=", ".join(account.name for account in found),
        )
    return found[0].id if found else None


def resolve_all(
    wanted: Sequence[Named], known: Sequence[Known]
) -> tuple[dict[Named, int], tuple[Named, ...], dict[Named, Wrong]]:
    """Part the names of a file into known (with id), new, and ambiguous ones."""
    ids: dict[Named, int] = {}
    new: list[Named] = []
    wrong: dict[Named, Wrong] = {}
    for named in wanted:
        try:
            found = resolve(named, known)
        except Wrong as why:
            wrong[named] = why
            continue
        if found is None:
            new.append(named)
        else:
            ids[named] = found
    return ids, tuple(new), wrong


def record(tx: Connection, new: Sequence[Named], actor: str, now: datetime) -> Mapping[Named, int]:
    """Write accounts that are recorded only, each with its event; give their ids."""
    defaults = {
        name: field.default
        for name, field in Account.model_fields.items()
        if name not in {"id", "name", "channel", "title"}
    }
    made = {}
    for named in new:
        channel, title = named
        values = defaults | {
            "name": recorded_name(named),
            "channel": channel,
            "title": title,
            "recorded_only": True,
        }
        query = insert(ACCOUNT).values(values).returning(ACCOUNT.c.id)
        made[named] = int(tx.execute(query).scalar_one())
        events.write(
            tx,
            events.Line(
                kind="account",
                subject_id=made[named],
                account_id=made[named],
                verb="record",
                actor=actor,
                at=now,
                detail={"channel": channel, "title": title},
            ),
        )
    return made

"""The guards as SQL: `may_leave`, and what claim and arm demand besides.

Each guard has a name, so that the simulated world can switch one off and show that it is needed
(`tests/sim/test_mutants.py`). Production always uses `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, or_, select
from sqlalchemy.sql.expression import FromClause

from scheduler import machine
from scheduler.clock import day_start, month_start
from scheduler.machine import Facts, State, Verb
from scheduler.tables import Account, Delivery, Event, Pause, Post, Withdrawal, table

DELIVERY, POST, ACCOUNT = table(Delivery), table(Post), table(Account)
EVENT, PAUSE, WITHDRAWAL = table(Event), table(Pause), table(Withdrawal)

# Made once: an alias builds its columns anew each time, which was most of what a claim cost.
_MEMBER, _CHANGED, _BESIDE = POST.alias("member"), POST.alias("changed"), POST.alias("beside")
_CLAIMING = ACCOUNT.alias("claiming_account")
_IN_FLIGHT, _DOUBTED = DELIVERY.alias("in_flight"), DELIVERY.alias("doubted")
_OTHER_PUSH = DELIVERY.alias("other_push")

Clause = ColumnElement[bool]
Guard = Callable[[FromClause, datetime], Clause]


def is_state(state: State, delivery: FromClause = DELIVERY) -> Clause:
    """Compare with a literal: a bound value would keep SQLite off the partial indexes."""
    return delivery.c.state == literal_column(f"'{state.value}'")


def paused(account_id: ColumnElement[int], now: datetime) -> Clause:
    """Say whether a pause covers the account now."""
    return exists(
        select(PAUSE.c.id).where(
            or_(PAUSE.c.account_id.is_(None), PAUSE.c.account_id == account_id),
            PAUSE.c.from_at <= now,
            PAUSE.c.lifted_at.is_(None),
            or_(PAUSE.c.until_at.is_(None), PAUSE.c.until_at > now),
        )
    )


def approved(post: FromClause, now: datetime) -> Clause:
    """Say whether the signature covers exactly what the post says, and has not expired."""
    return and_(
        post.c.approved_digest.is_not(None),
        post.c.approved_digest == post.c.content_digest,
        or_(post.c.approved_until.is_(None), post.c.approved_until > now),
    )


def not_withdrawn(post: FromClause, _now: datetime) -> Clause:
    """Say whether nobody has asked to take the post back."""
    return ~exists(
        select(WITHDRAWAL.c.id).where(
            WITHDRAWAL.c.post_id == post.c.id, WITHDRAWAL.c.closed_at.is_(None)
        )
    )


POST_GUARDS: Mapping[str, Guard] = MappingProxyType(
    {
        "approved": approved,
        "not_out_yet": lambda post, _now: post.c.published_at.is_(None),
        "post_not_held": lambda post, _now: post.c.held_for.is_(None),
        "not_withdrawn": not_withdrawn,
    }
)


def post_may_leave(
    post: FromClause, now: datetime, guards: Mapping[str, Guard] = POST_GUARDS
) -> Clause:
    """Give the part of `may_leave` that speaks of one post."""
    return and_(*(guard(post, now) for guard in guards.values()))


def _every_post(guards: Mapping[str, Guard]) -> Guard:
    def every(delivery: FromClause, now: datetime) -> Clause:
        member = _MEMBER
        mine = select(member.c.id).where(member.c.delivery_id == delivery.c.id)
        return and_(exists(mine), ~exists(mine.where(~post_may_leave(member, now, guards))))

    return every


def _leave_guards(post_guards: Mapping[str, Guard]) -> dict[str, Guard]:
    return {
        "posts": _every_post(post_guards),
        "not_held": lambda delivery, _now: delivery.c.held_for.is_(None),
        "not_paused": lambda delivery, now: ~paused(delivery.c.account_id, now),
    }


# --- what claim demands besides ----------------------------------------------------------------


def _spoken(delivery: FromClause, since: datetime) -> ColumnElement[int]:
    return (
        select(func.count(EVENT.c.id))
        .where(
            EVENT.c.account_id == delivery.c.account_id, EVENT.c.verb == "arm", EVENT.c.at >= since
        )
        # Two levels down: without this the delivery would stand in this FROM again, uncorrelated.
        .correlate(delivery)
        .scalar_subquery()
    )


def _account(delivery: FromClause, condition: Callable[[FromClause], Clause]) -> Clause:
    mine = select(_CLAIMING.c.id).where(_CLAIMING.c.id == delivery.c.account_id)
    return exists(mine.where(condition(_CLAIMING)))


def _idle(delivery: FromClause, _now: datetime) -> Clause:
    other = _IN_FLIGHT
    return ~exists(
        select(other.c.id).where(
            other.c.account_id == delivery.c.account_id, is_state(State.publishing, other)
        )
    )


def _rested(delivery: FromClause, now: datetime) -> Clause:
    return _account(
        delivery,
        lambda account: and_(
            account.c.active,
            ~account.c.recorded_only,
            ~account.c.needs_person,
            or_(account.c.rests_until.is_(None), account.c.rests_until <= now),
        ),
    )


def _past_gap(delivery: FromClause, now: datetime) -> Clause:
    return _account(
        delivery,
        lambda account: or_(account.c.speaks_from.is_(None), account.c.speaks_from <= now),
    )


def _window_starts(now: datetime) -> dict[str, datetime]:
    # The hour rolls: what was said exactly an hour ago is over. Days and months begin at midnight.
    rolling = now - timedelta(hours=1) + timedelta(microseconds=1)
    return {"hour": rolling, "day": day_start(now), "month": month_start(now)}


def _under_cap(delivery: FromClause, now: datetime) -> Clause:
    return _account(
        delivery,
        lambda account: or_(
            account.c.speaks_max == 0,
            *(
                and_(account.c.speaks_per == per, _spoken(delivery, since) < account.c.speaks_max)
                for per, since in _window_starts(now).items()
            ),
        ),
    )


def _push_left(delivery: FromClause, now: datetime) -> Clause:
    other = _OTHER_PUSH

    def used(since: datetime) -> ColumnElement[int]:
        return (
            select(func.count(other.c.id))
            .where(
                other.c.account_id == delivery.c.account_id,
                other.c.id != delivery.c.id,
                other.c.how == "push",
                other.c.first_armed_at >= since,
                # Every state in which it may be out uses up the allowance.
                other.c.state.in_(("publishing", "accepted", "published", "uncertain")),
            )
            .correlate(delivery)
            .scalar_subquery()
        )

    return or_(
        delivery.c.how != "push",
        _account(
            delivery,
            lambda account: or_(
                account.c.pushes_max == 0,
                *(
                    and_(account.c.pushes_per == per, used(since) < account.c.pushes_max)
                    for per, since in _window_starts(now).items()
                ),
            ),
        ),
    )


def _no_doubt_holds(delivery: FromClause, now: datetime) -> Clause:
    other = _DOUBTED
    return ~exists(
        select(other.c.id).where(
            other.c.account_id == delivery.c.account_id,
            other.c.id != delivery.c.id,
            is_state(State.uncertain, other),
            other.c.holds_account_until > now,
        )
    )


def _in_time(delivery: FromClause, now: datetime) -> Clause:
    return delivery.c.late_at > now


def _as_frozen(delivery: FromClause, _now: datetime) -> Clause:
    """Tell whether an edition reads as it did when it was frozen.

    A text edited after the freeze falls out, and a new signature does not bring it back; a
    single post waits for its new signature instead.
    """
    changed, other = _CHANGED, _BESIDE
    return ~exists(
        select(changed.c.id).where(
            changed.c.delivery_id == delivery.c.id,
            changed.c.content_digest.is_distinct_from(changed.c.frozen_digest),
            exists(
                select(other.c.id).where(
                    other.c.delivery_id == changed.c.delivery_id, other.c.id != changed.c.id
                )
            ),
        )
    )


_CLAIM_ONLY: Mapping[str, Guard] = MappingProxyType(
    {
        "idle": _idle,
        "rested": _rested,
        "past_gap": _past_gap,
        "under_cap": _under_cap,
        "push_left": _push_left,
        "no_doubt_holds": _no_doubt_holds,
        "in_time": _in_time,
        "as_frozen": _as_frozen,
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Every guard of the store, by name. `fence`: what a write pins of the row it was read from."""

    claim: Mapping[str, Guard]
    arm: Mapping[str, Guard]
    fence: frozenset[str] = frozenset({"state", "attempt", "armed", "doubted"})
    land: Callable[[Facts, Verb, State | None], State] = machine.land
    same_bytes: bool = True
    durable_arm: bool = True


def _rules() -> Rules:
    leave = _leave_guards(POST_GUARDS)
    return Rules(
        claim=MappingProxyType({**leave, **_CLAIM_ONLY}),
        arm=MappingProxyType(dict(leave)),
    )


RULES = _rules()


def holds(
    guards: Mapping[str, Guard], delivery: FromClause, now: datetime
) -> list[ColumnElement[bool]]:
    """Give every guard as a clause on `delivery`."""
    return [guard(delivery, now) for guard in guards.values()]


def may_leave(delivery: FromClause, now: datetime) -> Clause:
    """Give the one predicate that stands in the WHERE of claim and of arm (I7, I9)."""
    return and_(*holds(RULES.arm, delivery, now))


def leave_guards_without(*names: str) -> dict[str, Guard]:
    """Give `may_leave`'s guards with some switched off by name, for the simulated world."""
    posts = {name: guard for name, guard in POST_GUARDS.items() if name not in names}
    return {name: guard for name, guard in _leave_guards(posts).items() if name not in names}

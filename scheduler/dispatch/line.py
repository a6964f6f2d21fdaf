"""The lines a channel speaks over: durable keeping, counted calls, and the arm."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from channels.contract import N_, Busy, Limits, Stopped, Words
from scheduler.clock import beijing, day_end, month_start
from scheduler.dispatch.context import Context
from scheduler.store import accounts
from scheduler.store import flight as flights
from scheduler.store.flight import Flight
from scheduler.store.queue import forget


def calls_left(
    ctx: Context, account_id: int, limits: Limits, call: str, now: datetime
) -> int | None:
    """Give how many calls of this name are left in their window; None: no limit is known."""
    with ctx.store.read() as tx:
        left = [
            window.count
            - accounts.spent(
                tx, account_id, _first_day(window.per, now), None if name == "*" else name
            )
            for name, window in limits.quotas.items()
            if name in ("*", call)
        ]
    return min(left) if left else None


def _first_day(per: str, now: datetime) -> date:
    """Give the Beijing day a quota's window begins on; calls are counted by day."""
    return beijing(month_start(now) if per == "month" else now).date()


def spend(ctx: Context, account_id: int, limits: Limits, call: str, *, reserve: int) -> None:
    """Count one call, or raise `Busy` when only `reserve` calls are left in its window."""
    now = ctx.clock.now()
    left = calls_left(ctx, account_id, limits, call, now)
    if left is not None and left <= reserve:
        wait_s = (day_end(now) - now + timedelta(minutes=5)).total_seconds()
        raise Busy(
            "own_quota",
            Words(
                N_(
                    "The day's calls to the platform ({call}) are used up by our own count."
                    " Nothing was sent; it goes on after midnight."
                ),
                {"call": call},
            ),
            not_before_s=wait_s,
            account_wide=True,
        )
    with ctx.store.write() as tx:
        accounts.spend(tx, account_id, beijing(now).date(), call)


class AttemptLine:
    """The line of one attempt. Publishing may use the whole quota, the reserve included."""

    def __init__(self, ctx: Context, flight: Flight, limits: Limits, gap_s: float) -> None:
        self.ctx = ctx
        self.flight = flight
        self.limits = limits
        self.gap_s = gap_s
        self.armed = False

    def keep(self, name: str, value: str) -> None:
        """Make a remote id durable at once; raises `Stopped` when the attempt is not ours."""
        with self.ctx.store.write() as tx:
            if flights.own(tx, self.flight, self.ctx.rules) is None:
                raise Stopped
            flights.keep(tx, self.flight, name, value, now=self.ctx.clock.now())

    def kept(self, name: str) -> str | None:
        """Give back what was kept under this edition's digest."""
        with self.ctx.store.read() as tx:
            for row in flights.kept(tx, self.flight.row.id):
                if row.name == name and row.edition_digest == self.flight.edition_digest:
                    return str(row.value)
        return None

    def spend(self, call: str) -> None:
        """Count one call of this attempt."""
        spend(self.ctx, self.flight.row.account_id, self.limits, call, reserve=0)

    def arm(self) -> None:
        """Commit that we are about to speak; raises `Stopped` when we may not."""
        with self.ctx.store.write() as tx:
            armed = flights.arm(
                tx,
                self.flight,
                now=self.ctx.clock.now(),
                gap_s=self.gap_s,
                rules=self.ctx.rules,
            )
        if not armed:
            raise Stopped
        self.armed = True


class LookLine:
    """The line of a look, a discard or a survey: it may not arm.

    It leaves the reserve alone, unless it is part of publishing (`reserve`).
    """

    def __init__(
        self,
        ctx: Context,
        account_id: int,
        limits: Limits,
        delivery_id: int | None = None,
        digest: str = "",
        *,
        reserve: bool = False,
    ) -> None:
        self.ctx = ctx
        self.account_id = account_id
        self.limits = limits
        self.delivery_id = delivery_id
        self.digest = digest
        self.spares = 0 if reserve else limits.reserve_calls

    def keep(self, name: str, value: str) -> None:
        """Only forgetting is possible here: a look makes nothing at the platform."""
        if value or self.delivery_id is None:
            raise AssertionError("a look keeps nothing")
        with self.ctx.store.write() as tx:
            forget(tx, self.delivery_id, name)

    def kept(self, name: str) -> str | None:
        """Give back what was kept under the digest this line looks for."""
        if self.delivery_id is None:
            return None
        with self.ctx.store.read() as tx:
            for row in flights.kept(tx, self.delivery_id):
                if row.name == name and row.edition_digest == self.digest:
                    return str(row.value)
        return None

    def spend(self, call: str) -> None:
        """Count one call; raises `Busy` when only the reserve is left."""
        spend(self.ctx, self.account_id, self.limits, call, reserve=self.spares)

    def arm(self) -> None:
        """Refuse: only an attempt speaks."""
        raise AssertionError("a look never speaks")

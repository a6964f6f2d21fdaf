"""What shall go wrong, for which call, how often: a queue that tests fill and requests consume.

A `Plan` says what a fault does in three words: whether the work is done, when the client waits,
and what the client is told. The gate carries it out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Ending = Literal["answer", "drop", "bad_gateway", "busy", "quota", "code", "garbage", "truncated"]


@dataclass(frozen=True)
class Plan:
    """How one fault plays out."""

    works: bool
    ending: Ending
    waits: Literal["no", "before", "after"] = "no"
    kills_token: bool = False


PLANS: dict[str, Plan] = {
    "accept_then_drop": Plan(True, "drop"),
    "drop": Plan(False, "drop"),
    "accept_then_502": Plan(True, "bad_gateway"),
    "502": Plan(False, "bad_gateway"),
    "accept_then_delay": Plan(True, "answer", waits="after"),
    "delay": Plan(True, "answer", waits="before"),
    "delay_refuse": Plan(False, "drop", waits="before"),
    "busy": Plan(False, "busy"),
    "accept_then_busy": Plan(True, "busy"),
    "token_dead": Plan(True, "answer", kills_token=True),
    "quota": Plan(False, "quota"),
    "code": Plan(False, "code"),
    "accept_then_code": Plan(True, "code"),
    "garbage": Plan(True, "garbage"),
    "truncated": Plan(True, "truncated"),
}


@dataclass
class Fault:
    """One order: skip `after` matching requests, then apply to `times` of them (0 = for ever)."""

    id: int
    call: str
    fault: str
    times: int = 1
    after: int = 0
    account: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    skipped: int = 0
    applied: int = 0

    @property
    def plan(self) -> Plan:
        """Return what this fault does."""
        return PLANS[self.fault]

    @property
    def spent(self) -> bool:
        """Tell whether nothing of it is left."""
        return self.times > 0 and self.applied >= self.times

    @property
    def seconds(self) -> float:
        """Return how long the client waits, in real seconds."""
        return float(self.params.get("seconds", 1.0))


class FaultPlan:
    """All orders, oldest first. For each request the oldest matching unspent one counts."""

    def __init__(self) -> None:
        """Start without orders."""
        self._faults: list[Fault] = []
        self._next_id = 1

    def add(self, order: dict[str, Any]) -> int:
        """Queue an order and return its id; ValueError names what is wrong with it."""
        name = str(order.get("fault"))
        if name not in PLANS:
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(sorted(PLANS))}")
        if not order.get("call"):
            raise ValueError("a fault needs a call, such as statuses/share")
        if "code" in PLANS[name].ending and "code" not in (order.get("params") or {}):
            raise ValueError(f"fault {name!r} needs params.code")
        fault = Fault(
            id=self._next_id,
            call=str(order["call"]),
            fault=name,
            times=int(order.get("times", 1)),
            after=int(order.get("after", 0)),
            account=order.get("account"),
            params=dict(order.get("params") or {}),
        )
        self._next_id += 1
        self._faults.append(fault)
        return fault.id

    def take(self, call: str, account: str | None) -> Fault | None:
        """Return the fault for this request, if any, and count the request against it."""
        for fault in self._faults:
            if fault.spent or fault.call != call:
                continue
            if fault.account is not None and fault.account != account:
                continue
            if fault.skipped < fault.after:
                fault.skipped += 1
                return None
            fault.applied += 1
            return fault
        return None

    def clear(self) -> None:
        """Forget every order."""
        self._faults.clear()

    def listing(self) -> list[dict[str, Any]]:
        """Return every order with how far it was used."""
        return [{**asdict(fault), "spent": fault.spent} for fault in self._faults]

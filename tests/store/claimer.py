"""A process of its own that claims until nothing is left: `python claimer.py URL NODE`.

It settles each claim as failed at once, so that the account is free again, and prints the ids.
It starts when a line comes in on stdin, so that two of them begin together.
"""

from __future__ import annotations

import sys

from scheduler.machine import State, Verb
from scheduler.store import flight as flights
from scheduler.store import open_store
from scheduler.store.moves import move, read
from tests.clocks import START


def main(url: str, node: str) -> None:
    """Claim, settle, print; three empty answers in a row with nothing queued end it."""
    store = open_store(url)
    with store.read():
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    sys.stdin.readline()
    while True:
        with store.write() as tx:
            flight = flights.claim(tx, now=START, node=node, lease_s=60)
        if flight is None:
            if nothing_left(store):
                break
            continue
        with store.write() as tx:
            row = read(tx, flight.row.id)
            landed = move(
                tx, row, Verb.refuse, now=START, actor=f"node:{node}", target=State.failed
            )
        sys.stdout.write(f"{flight.row.id} {flight.row.attempt} {landed}\n")
    store.close()


def nothing_left(store) -> bool:
    """Tell whether no delivery is queued any more."""
    with store.read() as tx:
        rows = tx.exec_driver_sql("select count(*) from delivery where state = 'queued'")
        return rows.scalar_one() == 0


if __name__ == "__main__":
    main(*sys.argv[1:])

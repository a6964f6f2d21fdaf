"""Two real processes claim from one database: nothing is claimed twice, nothing is left."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from scheduler.tables import Event
from tests import makers

ROOT = Path(__file__).resolve().parents[2]
DELIVERIES, ACCOUNTS = 200, 8


@pytest.mark.slow
def test_two_processes_claim_two_hundred_deliveries_once_each(store, database_url):
    """Each of 200 deliveries of eight accounts is taken by one of two nodes, in one attempt."""
    with store.write() as tx:
        accounts = [makers.account(tx, f"a{at}") for at in range(ACCOUNTS)]
        made = {makers.delivery(tx, accounts[at % ACCOUNTS]) for at in range(DELIVERIES)}
    nodes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.claimer", database_url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for name in ("a", "b")
    ]
    for node in nodes:
        assert "ready\n" == node.stdout.readline()
    for node in nodes:
        node.stdin.write("go\n")
        node.stdin.flush()
    told = [node.communicate(timeout=120) for node in nodes]
    assert ["", ""] == [errors for _lines, errors in told]
    assert [0, 0] == [node.returncode for node in nodes]
    claims = Counter(line for lines, _errors in told for line in lines.splitlines())
    assert {f"{one} 1 failed": 1 for one in made} == dict(claims)
    with store.read() as tx:
        assert DELIVERIES * 4 == makers.count(tx, Event)  # add, freeze, claim, refuse

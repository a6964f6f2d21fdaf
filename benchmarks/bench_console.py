"""How long each page of the console takes on a crowded desk, and how many SQL statements it asks.

Forty accounts, 3 000 deliveries, 2 000 stories, 20 000 imported posts (`tests.browser.crowd`);
real HTTP on loopback, one visitor. Prints figures; asserts nothing. Words narrow it to the pages
whose names begin so:

    python benchmarks/bench_console.py [--rounds 15] [today queue ...]
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import requests
from sqlalchemy import event

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.town import PASSWORD
from tests.browser.weathers import Weather, crowded

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def sign_in(weather: Weather, name: str) -> requests.Session:
    """Give a browser in which somebody signed in."""
    browser = requests.Session()
    found = CSRF.search(browser.get(f"{weather.url}/login", timeout=30).text)
    sent = {"csrf": found[1] if found else "", "name": name, "password": PASSWORD}
    headers = {"Origin": weather.url}
    answer = browser.post(f"{weather.url}/login", data=sent, headers=headers, timeout=30)
    answer.raise_for_status()
    return browser


def measure(browser: requests.Session, url: str, rounds: int, asked: list[str]) -> dict[str, Any]:
    """Open a page some times; give milliseconds, statements of one time, and its size."""
    spans = []
    for _round in range(rounds + 1):
        asked.clear()
        start = perf_counter()
        answer = browser.get(url, timeout=120)
        spans.append(1e3 * (perf_counter() - start))
        answer.raise_for_status()
    spans = sorted(spans[1:])  # the first one compiles templates and statements
    return {
        "median": statistics.median(spans),
        "p95": spans[min(len(spans) - 1, int(len(spans) * 0.95))],
        "statements": len(asked),
        "kb": len(answer.content) / 1024,
    }


def main() -> None:
    """Measure."""
    asks = argparse.ArgumentParser()
    asks.add_argument("pages", nargs="*")
    asks.add_argument("--rounds", type=int, default=15)
    told = asks.parse_args()
    asked: list[str] = []
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder, crowded(Path(folder)) as weather:
        print(f"the crowd took {perf_counter() - start:.1f} s")

        @event.listens_for(weather.store.engine, "before_cursor_execute")
        def count(_tx: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        browsers: dict[str, requests.Session] = {}
        print(f"{'page':22} {'median ms':>10} {'p95 ms':>8} {'statements':>11} {'KB':>6}")
        for name, (who, address) in weather.pages().items():
            if told.pages and not name.startswith(tuple(told.pages)):
                continue
            if who not in browsers:
                browsers[who] = sign_in(weather, who)
            found = measure(browsers[who], weather.url + address, told.rounds, asked)
            print(
                f"{name:22} {found['median']:10.0f} {found['p95']:8.0f}"
                f" {found['statements']:11} {found['kb']:6.0f}"
            )


if __name__ == "__main__":
    main()

"""How fast 100 000 posts are imported and a year is reported. Prints; asserts nothing.

Run it with an argument to try another number of rows: `python benchmarks/bench_ledger.py 10000`.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from scheduler.ledger import intake, posts, report, sheet, targets
from scheduler.ledger.counts import Which
from scheduler.people import Actor, Role
from scheduler.store import columns, migrate, open_store

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ACTOR = Actor(1, "bench", frozenset({Role.author}))
HEADINGS = "发布时间,平台,账号,栏目,来源性质,标题,转载来源,链接,阅读数".split(",")
KINDS = (("政务信息/安监动态", "原创"), ("安全科普", "转载"), ("推送新闻", "转发"))
ACCOUNTS = 40


def write_ledger(path: Path, count: int) -> None:
    """Write `count` rows spread over 2025 and forty accounts; every fifth has no link."""
    start = datetime(2025, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for n in range(count):
            moment = start + timedelta(minutes=n * 525_000 / count)
            column, origin = KINDS[n % 3]
            link = "" if n % 5 == 0 else f"https://mp.weixin.qq.com/s/{n:012x}"
            account = f"第{n % ACCOUNTS}号"
            channel = "微博" if n % ACCOUNTS < ACCOUNTS // 2 else "微信"
            title = f"开展安全生产执法检查之{n}"
            writer.writerow(
                [f"{moment:%Y/%m/%d %H:%M}", channel, account, column, origin, title, "", link, n]
            )


def main() -> None:
    """Measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        write_ledger(path, count)
        store = open_store(f"sqlite:///{folder}/queue.db")
        migrate(store)
        with store.write() as tx:
            columns.seed(tx)
            targets.seed(tx, NOW)
        for name in ("first import", "same file again"):
            start = perf_counter()
            file = sheet.read(path)
            with store.read() as tx:
                planned = intake.plan(tx, file, NOW)
            read = perf_counter()
            with store.write() as tx:
                done = intake.commit(tx, planned, ACTOR, NOW)
            end = perf_counter()
            print(
                f"{name}: {done.new} new, {count / (end - start):,.0f} rows/s "
                f"(plan {read - start:.2f} s, database locked {end - read:.2f} s)"
            )
        with store.read() as tx:
            start = perf_counter()
            told = report.month_report(tx, "2025-01", "2025-12")
            end = perf_counter()
            print(f"report of 12 months, {told.figures.total} posts: {1e3 * (end - start):.0f} ms")
            start = perf_counter()
            listed = posts.posts_behind(tx, Which("2025-06", "2025-06"))
            end = perf_counter()
            print(f"list behind one month, {len(listed)} posts: {1e3 * (end - start):.0f} ms")
        store.close()


if __name__ == "__main__":
    main()

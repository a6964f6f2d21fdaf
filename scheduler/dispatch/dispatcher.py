"""The dispatcher: one tick's work, and the threads in which attempts and looks run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from threading import Lock

from scheduler.dispatch import attempt, editions, rescue
from scheduler.dispatch.context import Context
from scheduler.store import settle

LOG = logging.getLogger("fabu.dispatch")


class Dispatcher:
    """Turns due rows into attempts, as many at a time as there are idle workers."""

    def __init__(self, ctx: Context, workers: int) -> None:
        self.ctx = ctx
        self.workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="attempt")
        self._running: set[Future[object]] = set()
        self._lock = Lock()
        self._ticking = Lock()
        self._stopping = False

    def start(self) -> None:
        """Settle what this node left behind when it last stopped."""
        found = rescue.reap(self.ctx, own=True)
        if found:
            LOG.warning("%s claims of this node were left from before", found)

    def tick(self) -> datetime | None:
        """Do all that is due now; give the next alarm of the queue, if any.

        One tick at a time: two would claim more than there are idle workers.
        """
        with self._ticking:
            return self._tick()

    def _tick(self) -> datetime | None:
        rescue.reap(self.ctx)
        rescue.miss(self.ctx)
        editions.freeze_due(self.ctx)
        editions.fall_out_due(self.ctx)
        self._claim_all()
        for row in rescue.due_looks(self.ctx) if not self._stopping else ():
            self._submit(lambda row=row: rescue.look(self.ctx, row))  # type: ignore[misc]
        with self.ctx.store.read() as tx:
            return settle.next_due(tx)

    def _claim_all(self) -> None:
        # Claim only what can start now: a claimed row that waits for a thread wastes its lease.
        while not self._stopping and self.idle() > 0:
            flight = attempt.claim(self.ctx)
            if flight is None:
                return
            self._submit(lambda flight=flight: attempt.run(self.ctx, flight))  # type: ignore[misc]

    def idle(self) -> int:
        """Give how many workers have nothing to do."""
        with self._lock:
            return self.workers - len(self._running)

    def _submit(self, work: Callable[[], object]) -> None:
        future = self._pool.submit(self._guarded, work)
        with self._lock:
            self._running.add(future)
        future.add_done_callback(self._finished)

    def _finished(self, future: Future[object]) -> None:
        with self._lock:
            self._running.discard(future)

    @staticmethod
    def _guarded(work: Callable[[], object]) -> object:
        try:
            return work()
        except Exception:  # a thread must not die silently; the lease brings the row back
            LOG.exception("a worker stopped by a fault")
            return None

    def drain(self, timeout_s: float) -> bool:
        """Start nothing new and wait for what runs; True when everything came to its end."""
        self._stopping = True
        with self._lock:
            running = set(self._running)
        _done, left = wait(running, timeout=timeout_s)
        self._pool.shutdown(wait=not left, cancel_futures=True)
        return not left

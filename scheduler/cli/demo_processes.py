"""The demo's processes: the simulator and the daemon, started, watched, ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from channels.wire import Wire
from scheduler.errors import FabuError

STOP_S = 20


class Processes:
    """Two children that never outlive us."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._simulator: subprocess.Popen[str] | None = None
        self._daemon: subprocess.Popen[str] | None = None
        self._never = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_daemon()
        _stop(self._simulator)

    def start_simulator(self) -> str:
        """Start the simulated platforms on a free port; give their address."""
        self._simulator = _start([sys.executable, "-m", "simulator"], subprocess.PIPE)
        assert self._simulator.stdout is not None
        line = self._simulator.stdout.readline()
        if not line:
            raise FabuError("The simulated platforms did not start. Run: fabu simulate")
        self.url = str(json.loads(line)["url"])
        return self.url

    def start_daemon(self, config: Path) -> None:
        """Start the daemon as its own process, as an operator would."""
        log = (self.folder / "daemon.log").open("w", encoding="utf-8")
        with log:
            command = [sys.executable, "-m", "scheduler", "-c", str(config), "run"]
            self._daemon = _start(command, log, stderr=log)

    def daemon_runs(self) -> bool:
        """Tell whether the daemon is still there."""
        return self._daemon is not None and self._daemon.poll() is None

    def stop_daemon(self) -> None:
        """Stop the daemon in an orderly way."""
        _stop(self._daemon)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._never.wait(seconds)

    def counts(self) -> dict[str, int]:
        """Ask the platforms how many posts they ever made."""
        answer = Wire().get(f"{self.url}/_control/counts").json()
        return {name: int(answer[name]) for name in ("weibo", "wechat")}


def _start(command: list[str], out: object, stderr: object = None) -> subprocess.Popen[str]:
    # The demo has its own settings: no variable of a real installation may reach it.
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FABU_") or name == "FABU_LANG"
    }
    child: subprocess.Popen[str] = subprocess.Popen(  # noqa: S603 - our own modules, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=out,  # type: ignore[call-overload]
        stderr=stderr,
        env=clean,
        text=True,
        encoding="utf-8",
    )
    return child


def _stop(process: subprocess.Popen[str] | None) -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()

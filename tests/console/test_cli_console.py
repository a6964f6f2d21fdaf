"""`fabu console` and `fabu run --console` as processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import requests

from console.serve import listen

PATIENCE_S = 30


def start(home, *words):
    command = [sys.executable, "-m", "scheduler", "-c", str(home / "config.toml"), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def test_console_command_serves_until_it_is_stopped(home):
    process = start(home, "console", "--port", "0")
    try:
        said = process.stdout.readline()
        address = said[said.index("http://") :].split(". ")[0]
        assert 200 == requests.get(f"{address}/login", timeout=PATIENCE_S).status_code
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (0, -signal.SIGTERM)


def test_daemon_serves_the_pages_from_its_own_process(home):
    process = start(home, "run", "--console", "--port", "0")
    try:
        lines = [json.loads(process.stdout.readline()) for _line in range(2)]
        assert ["started", "console"] == [line["event"] for line in lines]
        health = requests.get(f"{lines[1]['address']}/healthz", timeout=PATIENCE_S)
        assert (200, True) == (health.status_code, health.json()["daemon_runs"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    assert 0 == process.returncode


def test_taken_port_is_said_with_the_next_step(home, fabu):
    taken = listen("127.0.0.1", 0)
    ran = fabu("console", "--port", taken.getsockname()[1])
    taken.close()
    assert (2, True) == (ran.code, "choose another port with --port" in ran.err)

"""A push over loopback, end to end: the job ends, WeChat says so, the look comes early."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
import requests

import scheduler
from scheduler import config, people, secrets
from scheduler.clock import SystemClock
from scheduler.daemon import Channels
from scheduler.desk import intake, review, story
from scheduler.home import open_database
from scheduler.planning import place
from scheduler.tables import Delivery
from tests import makers

ROOT = Path(scheduler.__file__).parents[1]
PATIENCE_S = 60
TOKEN = "tokenOfThePush"
APPID = "wx0000000000000001"
ACCOUNT = """
[account.wechat-main]
channel = "wechat"
title = "示例应急"
app_id = "{appid}"
api_base = "{url}"
kind = "service"
accepted_looks_s = [3600]
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="stops a process by a signal"),
]


def start(*words: str, **environment: str) -> tuple[subprocess.Popen[str], dict[str, object]]:
    """Start a process of ours and read its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=ROOT, env={**os.environ, **environment}, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)


@pytest.fixture
def url():
    """Run the simulated platforms; give their address."""
    process, said = start("simulator")
    yield str(said["url"])
    stop(process)


def queued(settings, store) -> int:
    """Write, sign and queue one story for now."""
    clock = SystemClock()
    channels = Channels(settings, store, clock)
    now = clock.now()
    file = next((ROOT / "examples" / "stories").glob("*.md"))
    with store.write() as tx:
        writer = people.actor_named(tx, "王芳")
        signer = people.add_person(tx, people.SETUP, "周敏", {people.Role.reviewer}, now=now)
        secrets.put(tx, settings, "wechat-main", "app_secret", "wechat-demo-secret",
                    by=writer.mark, now=now)  # fmt: skip
        secrets.put(tx, settings, "wechat-main", "callback_token", TOKEN, by=writer.mark, now=now)
    opened = {"wechat-main": channels.named("wechat-main")}
    with store.write() as tx:
        draft = intake.read(file, story.column_paths(tx))
        saved = story.add(tx, draft, opened, now=now, actor=writer)
        number = review.submit(tx, saved.story_id, opened, now=now, actor=writer)
    with store.write() as tx:
        review.approve(tx, saved.story_id, number, now=clock.now(), actor=signer)
    with store.write() as tx:
        due_at = clock.now() + timedelta(seconds=1)
        return place.add(
            tx, opened["wechat-main"], [saved.story_id], due_at, now=clock.now(), actor=writer
        )


def test_push_of_the_platform_settles_a_delivery_an_hour_before_its_look(home, url):
    file = home / "config.toml"
    text = file.read_text(encoding="utf-8") + ACCOUNT.format(url=url, appid=APPID)
    file.write_text(text, encoding="utf-8")
    settings = config.load(file)
    store = open_database(settings)
    words = ("scheduler", "-c", str(file), "run", "--console", "--port", "0")
    daemon, said = start(*words)
    try:
        assert "started" == said["event"]
        assert daemon.stdout is not None
        address = str(json.loads(daemon.stdout.readline())["address"])
        callback = f"{address}/callback/wechat/wechat-main"
        order = {"wechat": {"callbacks": {APPID: {"url": callback, "token": TOKEN}}}}
        requests.post(f"{url}/_control/settings", json=order, timeout=10).raise_for_status()
        outcome = {"account": APPID, "kind": "freepublish", "status": 0, "after_s": 3}
        requests.post(f"{url}/_control/outcome", json=outcome, timeout=10).raise_for_status()
        delivery = queued(settings, store)
        never, seen = Event(), []
        for _turn in range(PATIENCE_S * 10):
            with store.read() as tx:
                row = makers.get(tx, Delivery, delivery)
            seen += [row.state] if row.state not in seen else []
            if row.state == "published":
                break
            never.wait(0.1)
    finally:
        stop(daemon)
    assert ["accepted", "published"] == seen[-2:]
    with store.read() as tx:
        kept = tx.exec_driver_sql("select name from kept where name = 'pushed'").all()
    assert 1 == len(kept)
    store.close()

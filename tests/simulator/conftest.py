"""One simulator for all tests here, its clock standing still, set back to the seed each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from simulator.clock import Clock
from simulator.server import Running
from simulator.world import World

# A Wednesday, ten o'clock in Beijing: no hour, day or month ends by accident.
START = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
LINK = "https://www.example.gov.cn/a/"


class Sim:
    """A small client of the simulator: its control interface and both platforms."""

    uid = "5990001234"
    service = "wx0000000000000001"
    subscription = "wx0000000000000002"
    weibo_token = "2.00demoWeiboToken"

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False
        self._tokens: dict[str, str] = {}

    def order(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"{self.url}/_control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, path: str, **query: Any) -> dict[str, Any]:
        return self.http.get(f"{self.url}/_control/{path}", params=query).json()

    def advance(self, seconds: float) -> None:
        self.order("clock", advance_s=seconds)

    def fault(self, call: str, fault: str, **more: Any) -> None:
        self.order("faults", call=call, fault=fault, **more)

    def posts(self, platform: str = "weibo", account: str | None = None) -> list[dict[str, Any]]:
        default = self.uid if platform == "weibo" else self.service
        return self.look("timeline", platform=platform, account=account or default)["posts"]

    def share(self, text: str, *, pic: bytes | None = None, **fields: str) -> requests.Response:
        data = {"access_token": self.weibo_token, "status": text, "rip": "203.0.113.9", **fields}
        files = {"pic": ("p.png", pic)} if pic is not None else None
        url = f"{self.url}/2/statuses/share.json"
        return self.http.post(url, data=data, files=files, timeout=10)

    def weibo(self, name: str, **params: str) -> requests.Response:
        query = {"access_token": self.weibo_token, **params}
        return self.http.get(f"{self.url}/2/{name}.json", params=query, timeout=10)

    def token(self, appid: str | None = None, **more: Any) -> dict[str, Any]:
        chosen = appid or self.service
        secret = "wechat-demo-secret" + ("-2" if chosen == self.subscription else "")
        grant = {"grant_type": "client_credential", "appid": chosen, "secret": secret}
        answer = self.http.post(f"{self.url}/cgi-bin/stable_token", json={**grant, **more})
        return json.loads(answer.content)

    def wechat(
        self,
        name: str,
        body: Any = None,
        *,
        appid: str | None = None,
        files: Any = None,
        **query: str,
    ) -> dict[str, Any]:
        chosen = appid or self.service
        if chosen not in self._tokens:
            self._tokens[chosen] = self.token(chosen)["access_token"]
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        answer = self.http.post(
            f"{self.url}/cgi-bin/{name}",
            params={"access_token": self._tokens[chosen], **query},
            data=data,
            files=files,
            timeout=10,
        )
        return json.loads(answer.content)

    def cover(self, appid: str | None = None) -> str:
        files = {"media": ("c.png", PNG)}
        return self.wechat("material/add_material", files=files, appid=appid, type="image")[
            "media_id"
        ]

    def article(self, appid: str | None = None, **changes: Any) -> dict[str, Any]:
        base = {
            "title": "防汛提示",
            "content": "<p>请远离河道。</p>",
            "thumb_media_id": changes.pop("thumb_media_id", None) or self.cover(appid),
            "content_source_url": LINK + "1",
        }
        return {**base, **changes}

    def add(self, *articles: dict[str, Any], appid: str | None = None) -> dict[str, Any]:
        return self.wechat("draft/add", {"articles": list(articles)}, appid=appid)

    def draft(self, appid: str | None = None, **changes: Any) -> str:
        return self.add(self.article(appid, **changes), appid=appid)["media_id"]

    def send(self, media_id: str, *, appid: str | None = None, **more: Any) -> dict[str, Any]:
        body = {
            "filter": {"is_to_all": True},
            "msgtype": "mpnews",
            "mpnews": {"media_id": media_id},
        }
        return self.wechat("message/mass/sendall", {**body, **more}, appid=appid)


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    with Running(world=World(Clock(lambda: START))) as simulator:
        yield simulator


@pytest.fixture
def sim(running: Running) -> Sim:
    client = Sim(running.url)
    client.order("reset")
    return client

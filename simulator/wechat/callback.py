"""Job events pushed to an account's callback address: plain mode, loopback only, best effort."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import datetime
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from simulator.clock import unix_s
from simulator.wechat.state import Account, Callback, Event, Job, WechatState

ATTEMPTS = 3
TIMEOUT_S = 5.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_log = logging.getLogger(__name__)


def check(order: dict[str, str]) -> Callback:
    """Return a callback from a setting; ValueError unless it is a loopback address."""
    url = str(order.get("url", ""))
    if (urlsplit(url).hostname or "") not in _LOOPBACK:
        raise ValueError(f"a callback must be on loopback, not {url!r}")
    return Callback(url, str(order.get("token", "")))


def signature(token: str, timestamp: str, nonce: str) -> str:
    """Return the SHA-1 of the three, sorted as strings."""
    joined = "".join(sorted((token, timestamp, nonce))).encode()
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def queue(state: WechatState, account: Account, job: Job) -> None:
    """Put the event of an ended job into the outbox, if the account has a callback."""
    order = state.options.callbacks.get(account.appid)
    if order is None:
        return
    body = _publish_event(account, job) if job.kind == "freepublish" else _mass_event(account, job)
    state.outbox.append(Event(account.appid, check(order), body, job.due_at))


async def deliver(event: Event) -> bool:
    """Send one event, three times at most; no lock may be held."""
    timestamp, nonce = str(unix_s(event.at)), str(unix_s(event.at) % 999_983)
    sign = signature(event.callback.token, timestamp, nonce)
    query = urlencode({"signature": sign, "timestamp": timestamp, "nonce": nonce})
    parts = urlsplit(event.callback.url)
    target = f"{parts.path or '/'}?{parts.query + '&' if parts.query else ''}{query}"
    body = event.body.encode()
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    for _ in range(ATTEMPTS):
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await _exchange(event.callback, head.encode() + body)
        except (OSError, TimeoutError) as error:
            _log.info("callback of %s failed: %s", event.appid, error)
            continue
        status, _, rest = answer.partition(b"\r\n")
        word = rest.partition(b"\r\n\r\n")[2].strip()
        if b" 200" in status and (not word or b"success" in word):
            return True
    return False


async def _exchange(callback: Callback, request: bytes) -> bytes:
    parts = urlsplit(callback.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        writer.write(request)
        await writer.drain()
        return await reader.read()  # to the end: the server closes
    finally:
        writer.close()


def _tag(name: str, value: object) -> str:
    return f"<{name}>{escape(str(value))}</{name}>"


def _head(account: Account, event: str, at: datetime) -> str:
    return (
        _tag("ToUserName", f"gh_{account.appid[-12:]}")
        + _tag("FromUserName", "oSimulatorMphelper")
        + _tag("CreateTime", unix_s(at))
        + _tag("MsgType", "event")
        + _tag("Event", event)
    )


def _publish_event(account: Account, job: Job) -> str:
    info = _tag("publish_id", job.id) + _tag("publish_status", job.outcome.status)
    if job.publication is not None:
        items = "".join(
            f"<item>{_tag('idx', article.idx)}{_tag('article_url', article.url)}</item>"
            for article in job.publication.articles
        )
        count = _tag("count", len(job.publication.articles))
        info += _tag("article_id", job.publication.article_id)
        info += f"<article_detail>{count}{items}</article_detail>"
    info += "".join(_tag("fail_idx", idx) for idx in job.outcome.fail_idx)
    head = _head(account, "PUBLISHJOBFINISH", job.due_at)
    return f"<xml>{head}<PublishEventInfo>{info}</PublishEventInfo></xml>"


def _mass_event(account: Account, job: Job) -> str:
    sent = account.followers if job.publication is not None else 0
    articles = job.publication.articles if job.publication is not None else []
    items = "".join(
        f"<item>{_tag('ArticleIdx', a.idx)}{_tag('ArticleUrl', a.url)}</item>" for a in articles
    )
    counts = (
        _tag("MsgID", job.id)
        + _tag("Status", job.outcome.status)
        + _tag("TotalCount", account.followers)
        + _tag("FilterCount", account.followers)
        + _tag("SentCount", sent)
        + _tag("ErrorCount", account.followers - sent)
    )
    checked = (
        "<CopyrightCheckResult><Count>0</Count><ResultList></ResultList>"
        "<CheckState>0</CheckState></CopyrightCheckResult>"
    )
    links = (
        f"<ArticleUrlResult>{_tag('Count', len(articles))}"
        f"<ResultList>{items}</ResultList></ArticleUrlResult>"
    )
    head = _head(account, "MASSSENDJOBFINISH", job.due_at)
    return f"<xml>{head}{counts}{checked}{links}</xml>"

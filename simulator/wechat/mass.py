"""Mass sends: the push to followers, its allowance, and the repeat guard `clientmsgid`."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from simulator.clock import beijing_day, beijing_month
from simulator.wechat import jobs
from simulator.wechat.codes import WechatError
from simulator.wechat.draft import known
from simulator.wechat.publish import remove
from simulator.wechat.state import Account, Job
from simulator.wire import Call
from simulator.world import World

KEY_MAX_BYTES = 32
KEY_WINDOW_S = 86_400
KEY_GAP_S = 60
PUSHES_PER_DAY = 1
PUSHES_PER_MONTH = 4
BRANCHES = {
    "mpnews": "mpnews",
    "text": "text",
    "voice": "voice",
    "image": "images",
    "images": "images",
    "mpvideo": "mpvideo",
}


def sendall(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Queue a push. Success here means accepted; the end comes with the job."""
    to_all = _check_filter(account, body)
    msgtype, branch = _check_branch(body)
    sent = body.get("clientmsgid")
    key = _key(account, sent, branch, to_all=to_all)
    options = world.wechat.options
    # Which of the two checks comes first is unknown, so it is an option.
    if options.allowance_first:
        _check_allowance(account, call.at, to_all=to_all)
    _check_key(account, key, call.at)
    draft_id, articles = _content(account, msgtype, branch)
    _check_allowance(account, call.at, to_all=to_all)
    job = jobs.accept(
        world.wechat,
        account,
        "mass",
        articles,
        call.at,
        msgtype=msgtype,
        draft_id=draft_id,
        to_all=to_all,
        key=str(sent) if sent else None,
    )
    account.sent_keys[key] = (job.id, call.at)
    answer = {"errcode": 0, "errmsg": "send job submission success", "msg_id": job.id}
    if msgtype == "mpnews":
        answer["msg_data_id"] = job.data_id
    return answer


def get(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Tell how far a push is; the counts come with the event only."""
    job = _job(account, body)
    if job.awaits_admin and not job.settled:
        raise WechatError(89504)
    if job.deleted:
        status = "DELETE"
    elif not job.settled:
        status = "SENDING"
    else:
        status = "SEND_SUCCESS" if job.publication is not None else "SEND_FAIL"
    return {"msg_id": job.id, "msg_status": status}


def delete(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Delete one article of a push (index from 1), or all of it."""
    job = _job(account, body)
    if job.publication is None:
        raise WechatError(40059)
    remove(job.publication, body.get("article_idx", 0), by="user")
    job.deleted = all(article.deleted_by for article in job.publication.articles)
    return {"errcode": 0, "errmsg": "ok"}


def preview(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Send to one person for a look: nothing is published and nothing is counted."""
    if not body.get("touser") and not body.get("towxname"):
        raise WechatError(40097)
    msgtype, branch = _check_branch(body)
    _content(account, msgtype, branch)
    return {"errcode": 0, "errmsg": "preview success", "msg_id": 34182}


def _check_filter(account: Account, body: dict[str, Any]) -> bool:
    chosen = body.get("filter")
    if not isinstance(chosen, dict) or not isinstance(chosen.get("is_to_all"), bool):
        raise WechatError(40097)
    if chosen["is_to_all"]:
        return True
    if str(chosen.get("tag_id")) not in account.tags:
        raise WechatError(40152)
    return False


def _check_branch(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    msgtype = body.get("msgtype")
    if msgtype == "wxcard":
        raise WechatError(45113)
    if not isinstance(msgtype, str) or msgtype not in BRANCHES:
        raise WechatError(40008)
    branch = body.get(BRANCHES[msgtype], body.get("image"))
    if not isinstance(branch, dict):
        raise WechatError(44002)
    return msgtype, branch


def _content(
    account: Account, msgtype: str, branch: dict[str, Any]
) -> tuple[str | None, list[dict[str, Any]]]:
    """Return the draft a push consumes, if any, and what will stand in the timeline."""
    if msgtype == "mpnews":
        draft = known(account, branch.get("media_id"))
        return draft.media_id, draft.articles
    if msgtype == "text":
        text = branch.get("content")
        if not isinstance(text, str) or not text.strip():
            raise WechatError(44004)
        return None, [{"title": "", "content": text}]
    ids = branch.get("media_ids") or [branch.get("media_id")]
    if not isinstance(ids, list) or any(str(id) not in account.media for id in ids):
        raise WechatError(40007)
    title, words = str(branch.get("title") or ""), str(branch.get("recommend") or "")
    return None, [{"title": title, "content": words}]


def _key(account: Account, sent: Any, branch: dict[str, Any], *, to_all: bool) -> str:
    if sent:
        if len(str(sent).encode()) > KEY_MAX_BYTES:
            raise WechatError(45067)
        return str(sent)
    # Without a key the platform makes one of scope and content: an equal repeat is caught too,
    # also from another draft, also when the first draft has been used up by its send.
    media_id = branch.get("media_id")
    draft = account.drafts.get(str(media_id))
    job = next((job for job in account.jobs.values() if job.draft_id == media_id), None)
    articles = draft.articles if draft else job.articles if job else []
    said = [[article["title"], article["content"]] for article in articles]
    scope = json.dumps([to_all, said or branch], sort_keys=True)
    return "derived " + hashlib.sha256(scope.encode()).hexdigest()


def _check_key(account: Account, key: str, now: datetime) -> None:
    known_key = account.sent_keys.get(key)
    if known_key is None:
        return
    job_id, at = known_key
    age_s = (now - at).total_seconds()
    if age_s < KEY_GAP_S:
        raise WechatError(45066)
    if age_s < KEY_WINDOW_S:
        raise WechatError(45065, msg_id=job_id)


def _check_allowance(account: Account, now: datetime, *, to_all: bool) -> None:
    """Refuse a push beyond one a day (subscription) or four a month (service, to everybody).

    A push that is under way counts, one that failed does not; pushes made by hand count too.
    """
    by_hand = [p.at for p in account.publications if p.pushed and p.via == "hand"]
    by_api = [
        (job.submitted_at, job.to_all)
        for job in account.jobs.values()
        if job.kind == "mass" and (not job.settled or job.publication is not None)
    ]
    if account.kind == "subscription":
        moments = by_hand + [at for at, _ in by_api]
        used = sum(beijing_day(at) == beijing_day(now) for at in moments)
        if used >= PUSHES_PER_DAY:
            raise WechatError(45028)
    elif to_all:
        moments = by_hand + [at for at, everybody in by_api if everybody]
        used = sum(beijing_month(at) == beijing_month(now) for at in moments)
        if used >= PUSHES_PER_MONTH:
            raise WechatError(45028)


def _job(account: Account, body: dict[str, Any]) -> Job:
    sent = str(body.get("msg_id", ""))
    job = account.jobs.get(int(sent)) if sent.isdecimal() else None
    if job is None or job.kind != "mass":
        raise WechatError(40059)
    return job

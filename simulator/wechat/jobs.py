"""Publish and mass jobs: taken in, and ended when their time has come.

A job takes its articles along when it is accepted: what is done to the draft afterwards does not
change what goes out.
"""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulator.wechat import callback
from simulator.wechat.state import (
    Account,
    Article,
    Job,
    JobKind,
    Outcome,
    Publication,
    WechatState,
)

ADMIN_WAIT_S = 1800.0
SUCCESS: dict[str, int | str] = {"freepublish": 0, "mass": "send success"}
_SLUG = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def new_slug(rng: Random, size: int) -> str:
    """Return a random word of the letters WeChat uses in addresses and media ids."""
    return "".join(rng.choice(_SLUG) for _ in range(size))


def accept(
    state: WechatState,
    account: Account,
    kind: JobKind,
    articles: list[dict[str, Any]],
    now: datetime,
    *,
    msgtype: str = "mpnews",
    draft_id: str | None = None,
    to_all: bool = True,
    key: str | None = None,
) -> Job:
    """Take a job in; it ends by the next scripted outcome, or with success."""
    default_s = state.options.publish_s if kind == "freepublish" else state.options.mass_s
    scripted = account.outcomes.get(kind) or []
    outcome = scripted.pop(0) if scripted else Outcome(SUCCESS[kind], after_s=default_s)
    awaits_admin = kind == "mass" and to_all and account.mass_protection
    if awaits_admin:
        outcome = Outcome("err(40002)", after_s=ADMIN_WAIT_S)
    job = Job(
        id=state.new_job_id(kind),
        kind=kind,
        data_id=state.new_data_id(),
        msgtype=msgtype,
        articles=copy.deepcopy(articles),
        draft_id=draft_id,
        submitted_at=now,
        due_at=now + timedelta(seconds=outcome.after_s),
        outcome=outcome,
        to_all=to_all,
        key=key,
        awaits_admin=awaits_admin,
    )
    account.jobs[job.id] = job
    if draft_id is not None and state.options.draft_vanishes == "submit":
        account.drafts.pop(draft_id, None)
    return job


def settle(state: WechatState, now: datetime, rng: Random) -> None:
    """End every job that is due, in the order of their times."""
    due = [
        (job.due_at, job.id, account, job)
        for account in state.accounts.values()
        for job in account.jobs.values()
        if not job.settled and job.due_at <= now
    ]
    for _, _, account, job in sorted(due, key=lambda row: row[:2]):
        _end(state, account, job, rng)


def succeeded(job: Job) -> bool:
    """Tell whether the job's outcome is success (it may still be under way)."""
    return job.outcome.status == SUCCESS[job.kind]


def publish(
    state: WechatState,
    account: Account,
    articles: list[dict[str, Any]],
    rng: Random,
    publication: Publication,
) -> Publication:
    """Put articles out as one publication and return it."""
    publication.articles = [
        Article(idx, fields, f"https://mp.weixin.qq.com/s/{new_slug(rng, 22)}")
        for idx, fields in enumerate(articles, start=1)
    ]
    account.publications.append(publication)
    return publication


def _end(state: WechatState, account: Account, job: Job, rng: Random) -> None:
    job.settled = True
    if succeeded(job):
        blank = Publication(
            data_id=job.data_id,
            article_id=new_slug(rng, 64),
            articles=[],
            at=job.due_at,
            via="api",
            pushed=job.kind == "mass",
            key=job.key,
            job_id=job.id,
        )
        job.publication = publish(state, account, job.articles, rng, blank)
        state.created += len(job.articles)
        if job.draft_id is not None:
            account.drafts.pop(job.draft_id, None)
    callback.queue(state, account, job)

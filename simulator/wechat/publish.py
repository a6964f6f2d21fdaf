"""freepublish: a draft becomes a permanent article, pushed to nobody; and reading that back."""

from __future__ import annotations

from typing import Any

from simulator.clock import unix_s
from simulator.wechat import jobs
from simulator.wechat.codes import WechatError
from simulator.wechat.draft import OK, known
from simulator.wechat.media import page
from simulator.wechat.state import Account, Job, Publication
from simulator.wire import Call
from simulator.world import World

# An article that is out shows fewer fields than a draft.
_HIDDEN = {"article_type", "image_info", "product_info", "cover_info", "url"}
_HIDDEN_CROPS = {"pic_crop_235_1", "pic_crop_1_1"}


def submit(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Queue a draft for publishing. Success here means queued, and there is no repeat guard."""
    draft = known(account, body.get("media_id"))
    state, options = world.wechat, world.wechat.options
    job = jobs.accept(
        state, account, "freepublish", draft.articles, call.at, draft_id=draft.media_id
    )
    answer: dict[str, Any] = dict(OK)
    answer["publish_id"] = str(job.id) if options.publish_id_as_string else job.id
    if options.submit_msg_data_id:
        answer["msg_data_id"] = job.data_id
    return answer


def get(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Tell how far a publish job is: 0 out, 1 under way, 2 to 4 refused, 5 and 6 gone again."""
    sent = str(body.get("publish_id", ""))
    job = account.jobs.get(int(sent)) if sent.isdecimal() else None
    if job is None or job.kind != "freepublish":
        raise WechatError(53502)
    shown = str(job.id) if world.wechat.options.publish_id_as_string else job.id
    status = _status(job)
    answer: dict[str, Any] = {"publish_id": shown, "publish_status": status}
    if job.publication is not None:
        items = [{"idx": a.idx, "article_url": a.url} for a in job.publication.articles]
        answer["article_id"] = job.publication.article_id
        answer["article_detail"] = {"count": len(items), "item": items}
    answer["fail_idx"] = job.outcome.fail_idx if status in (2, 4) else []
    return answer


def getarticle(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Give a published piece back, deleted articles marked."""
    return _content(_published(account, body))


def batchget(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """List what was published without a push, newest first."""
    offset, size = page(body)
    found = [p for p in reversed(account.publications) if not p.pushed]
    items = []
    for publication in found[offset : offset + size]:
        content = _content(publication)
        if body.get("no_content") == 1:
            for article in content["news_item"]:
                article.pop("content", None)
        items.append(
            {
                "article_id": publication.article_id,
                "content": content,
                "update_time": unix_s(publication.at),
            }
        )
    return {"item": items, "total_count": len(found), "item_count": len(items)}


def delete(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Delete one article (index from 1) or, with 0 or nothing, all of a piece."""
    remove(_published(account, body), body.get("index", 0), by="user")
    return dict(OK)


def remove(publication: Publication, index: Any, *, by: str) -> None:
    """Mark articles as deleted by `user` or `platform`; 40114 for an index that is not there."""
    if not isinstance(index, int) or not 0 <= index <= len(publication.articles):
        raise WechatError(40114)
    for article in publication.articles:
        if index in (0, article.idx):
            article.deleted_by = by


def _status(job: Job) -> int:
    if not job.settled:
        return 1
    if job.publication is None:
        return int(job.outcome.status)
    gone = [article.deleted_by for article in job.publication.articles]
    if all(gone):
        return 6 if "platform" in gone else 5
    return 0


def _published(account: Account, body: dict[str, Any]) -> Publication:
    for publication in account.publications:
        if publication.article_id == body.get("article_id"):
            return publication
    raise WechatError(53600)


def _content(publication: Publication) -> dict[str, Any]:
    news = []
    for article in publication.articles:
        shown = {
            name: value
            for name, value in article.fields.items()
            if name not in _HIDDEN and name not in _HIDDEN_CROPS
        }
        news.append({**shown, "url": article.url, "is_deleted": bool(article.deleted_by)})
    at = unix_s(publication.at)
    return {"news_item": news, "create_time": at, "update_time": at}

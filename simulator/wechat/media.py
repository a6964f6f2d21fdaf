"""Pictures and other files: in-article images, permanent and temporary media, the library."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulator.clock import unix_s
from simulator.pictures import Picture, sniff
from simulator.wechat.codes import WechatError
from simulator.wechat.jobs import new_slug
from simulator.wechat.state import Account, Media
from simulator.wire import Call, Reply, Upload
from simulator.world import World

KIB, MIB = 1024, 1024 * 1024
INLINE_MAX_BYTES = MIB
INLINE_KINDS = ("jpeg", "png")
TEMPORARY_S = 3 * 86_400

# type -> largest size in bytes, kinds by content, code for too large
RULES: dict[str, tuple[int, tuple[str, ...], int]] = {
    "image": (10 * MIB, ("bmp", "png", "jpeg", "gif"), 40009),
    "voice": (2 * MIB, ("mp3", "wma", "wav", "amr"), 40010),
    "video": (10 * MIB, ("mp4",), 40011),
    "thumb": (64 * KIB, ("jpeg",), 40012),
}


def picture_url(picture: Picture) -> str:
    """Return an address as WeChat writes it; the simulator's pages map it back by its key."""
    return f"http://mmbiz.qpic.cn/sz_mmbiz_{picture.kind}/{picture.key}/0?wx_fmt={picture.kind}"


def uploadimg(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Take an image for use inside articles: JPEG or PNG below 1 MB, no media_id."""
    upload = _file(call)
    kind = sniff(upload.data)
    if kind in ("svg", "gif", "bmp"):
        raise WechatError(40005)
    if kind not in INLINE_KINDS:
        raise WechatError(40113)
    if len(upload.data) >= INLINE_MAX_BYTES:
        raise WechatError(40009)
    return {"url": picture_url(world.pictures.put(upload.data))}


def add_material(
    world: World, account: Account, call: Call, body: dict[str, Any]
) -> dict[str, Any]:
    """Take a permanent file; images alone come back with an address."""
    media = _keep(world, account, call, temporary_s=None)
    answer: dict[str, Any] = {"media_id": media.media_id, "item": []}
    if media.kind in ("image", "thumb"):
        answer["url"] = media.url
    return answer


def upload(world: World, account: Account, call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Take a temporary file: three days, never a cover."""
    media = _keep(world, account, call, temporary_s=TEMPORARY_S)
    return {"type": media.kind, "media_id": media.media_id, "created_at": unix_s(call.at)}


def download(world: World, account: Account, call: Call, body: dict[str, Any]) -> Reply:
    """Give the bytes of a temporary file back."""
    media = account.media.get(call.query.get("media_id", ""))
    if media is None or media.expires_at is None or media.expires_at <= call.at:
        raise WechatError(40007)
    return _bytes(world, media)


def get_material(
    world: World, account: Account, call: Call, body: dict[str, Any]
) -> dict[str, Any] | Reply:
    """Give a permanent file back: bytes, or an address for video."""
    media = _permanent(account, body)
    if media.kind == "video":
        return {"title": media.name, "description": "", "down_url": media.url}
    return _bytes(world, media)


def materialcount(
    world: World, account: Account, call: Call, body: dict[str, Any]
) -> dict[str, Any]:
    """Count the library."""
    kinds = [media.kind for media in account.media.values() if media.expires_at is None]
    return {
        "voice_count": kinds.count("voice"),
        "video_count": kinds.count("video"),
        "image_count": kinds.count("image") + kinds.count("thumb"),
        "news_count": 0,
    }


def batchget_material(
    world: World, account: Account, call: Call, body: dict[str, Any]
) -> dict[str, Any]:
    """List the library, newest first, at most twenty at a time."""
    kind = body.get("type")
    if kind not in ("image", "video", "voice", "news"):
        raise WechatError(40004)
    offset, size = page(body)
    found = [m for m in account.media.values() if m.kind == kind and m.expires_at is None]
    found.reverse()
    items = [
        {
            "media_id": media.media_id,
            "name": media.name,
            "update_time": unix_s(media.added_at),
            "url": media.url,
        }
        for media in found[offset : offset + size]
    ]
    return {"item": items, "total_count": len(found), "item_count": len(items)}


def del_material(
    world: World, account: Account, call: Call, body: dict[str, Any]
) -> dict[str, Any]:
    """Delete a permanent file."""
    del account.media[_permanent(account, body).media_id]
    return {"errcode": 0, "errmsg": "ok"}


def page(body: dict[str, Any]) -> tuple[int, int]:
    """Return offset and count of a list call; count is 1 to 20."""
    offset, size = body.get("offset", 0), body.get("count", 20)
    if not isinstance(offset, int) or not isinstance(size, int):
        raise WechatError(40097)
    if offset < 0 or not 1 <= size <= 20:
        raise WechatError(40097)
    return offset, size


def _file(call: Call) -> Upload:
    if call.broken:
        raise WechatError(40113)
    sent = call.files.get("media")
    if sent is None:
        raise WechatError(41005)
    if not sent.data:
        raise WechatError(44001)
    return sent


def _keep(world: World, account: Account, call: Call, *, temporary_s: int | None) -> Media:
    kind = call.query.get("type") or call.form.get("type") or ""
    if kind not in RULES:
        raise WechatError(40004)
    sent = _file(call)
    most, kinds, too_large = RULES[kind]
    if sniff(sent.data) not in kinds:
        raise WechatError(40113)
    if len(sent.data) > most:
        raise WechatError(too_large)
    picture = world.pictures.put(sent.data)
    lag_s = world.wechat.options.cover_lag_s
    media = Media(
        media_id=new_slug(world.rng, 43),
        kind=kind,
        picture=picture.key,
        name=sent.filename,
        url=picture_url(picture),
        added_at=call.at,
        usable_at=call.at + timedelta(seconds=lag_s),
        expires_at=None if temporary_s is None else call.at + timedelta(seconds=temporary_s),
    )
    account.media[media.media_id] = media
    return media


def _permanent(account: Account, body: dict[str, Any]) -> Media:
    media = account.media.get(str(body.get("media_id")))
    if media is None or media.expires_at is not None:
        raise WechatError(40007)
    return media


def _bytes(world: World, media: Media) -> Reply:
    picture = world.pictures.get(media.picture)
    assert picture is not None, "media point at kept bytes"
    return Reply(200, picture.data, picture.media_type)

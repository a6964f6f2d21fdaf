"""Reading ids, times and links out of WeChat's answers about publications. Pure.

Source: official freepublish pages (2025-12-19) and recorded bodies in public SDKs, which differ in
types: ids come as number or text, update_time beside or inside the content.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from channels.contract import Delivery, Out, Receipt

SECONDS_MAX = 253_402_300_800  # the year 10000


def id_of(data: Mapping[str, Any], *names: str) -> str:
    """Read an id that comes as number or text (documents and recordings differ); "" if none."""
    for name in names:
        value = data.get(name)
        if isinstance(value, int | str) and not isinstance(value, bool) and value:
            return str(value)
    return ""


def int_or_none(value: object) -> int | None:
    """Read a number that may come as text; None when it is neither."""
    return int(str(value)) if str(value).isdigit() else None


def guilty_of(value: object, count: int) -> tuple[int, ...]:
    """Turn fail_idx (from 1) into positions (from 0), leaving out what no article has."""
    listed = value if isinstance(value, list) else [value]
    numbers = {int(str(one)) for one in listed if str(one).isdigit()}
    return tuple(sorted(number - 1 for number in numbers if 1 <= number <= count))


def from_job(delivery: Delivery, data: Mapping[str, Any], job: str, at: datetime | None) -> Receipt:
    """Make the receipt of a finished job (freepublish/get), links in delivery order."""
    article_id = id_of(data, "article_id") or job
    detail = data.get("article_detail")
    items = detail.get("item") if isinstance(detail, dict) else None
    links = {
        str(item.get("idx")): str(item.get("article_url") or "")
        for item in items or []
        if isinstance(item, dict)
    }
    count = len(delivery.contents)
    return Receipt(
        tuple(
            Out(f"{article_id}_{idx}", links.get(str(idx), ""), at) for idx in range(1, count + 1)
        )
    )


def from_list(
    delivery: Delivery, item: Mapping[str, Any], articles: list[dict[str, Any]]
) -> Receipt:
    """Make the receipt of a publication found in the list (freepublish/batchget)."""
    article_id = id_of(item, "article_id") or delivery.key
    links = [str(one.get("url") or "") for one in articles]
    links += [""] * (len(delivery.contents) - len(links))
    at = listed_at(item)
    return Receipt(
        tuple(
            Out(f"{article_id}_{idx}", link, at)
            for idx, (_, link) in enumerate(zip(delivery.contents, links, strict=False), 1)
        )
    )


def listed_at(item: Mapping[str, Any]) -> datetime | None:
    """Read update_time of a listed publication, beside or inside its content."""
    content = item.get("content")
    inside = moment(content, "update_time") if isinstance(content, dict) else None
    return moment(item, "update_time") or inside


def moment(data: Mapping[str, Any], name: str) -> datetime | None:
    """Read a time in Unix seconds, None when there is none."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < SECONDS_MAX:
        return None
    return datetime.fromtimestamp(value, UTC)

"""The keys of `[account.NAME]` for WeChat, and the dated limits they may override.

Sources: official draft page (title 32, author 16, text < 20 000 characters and < 1 MB: 2025-12-19;
summary 120: 2026-07-14), API_Call_Limits and Batch_Sends (quotas and pushes), read 2026-07-14.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from channels.contract import N_, Limits, Option, Window, Words
from channels.wechat.codes import AS_OF

PICTURE_MIMES = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp")
QUOTAS = {
    "stable_token": Window(500_000, "day"),
    "media/uploadimg": Window(100_000, "day"),
    "material/add_material": Window(100_000, "day"),
    "draft/add": Window(1000, "day"),
    "draft/get": Window(500, "day"),
    "draft/delete": Window(1000, "day"),
    "draft/batchget": Window(1000, "day"),
    "freepublish/submit": Window(100, "day"),
    "freepublish/get": Window(100, "day"),
    "freepublish/getarticle": Window(100, "day"),
    "freepublish/batchget": Window(100, "day"),
    "message/mass/sendall": Window(100, "day"),
    "user/get": Window(500, "day"),
}
LOOKS_S = (60.0, 180.0, 600.0, 1800.0)
# freepublish/get allows 100 calls a day for the whole account: look rarely.
ACCEPTED_LOOKS_S = (30.0, 300.0, 1800.0, 7200.0, 28800.0)

OPTIONS: dict[str, Option] = {
    "kind": Option(
        str,
        "subscription",
        Words(N_("Kind of account: subscription (订阅号, 公众号) or service (服务号).")),
    ),
    "verified": Option(
        bool,
        True,
        Words(
            N_(
                "Whether the account is verified (认证). Others may not send by program: the "
                "machine stops at the ready draft and a person presses 发表."
            )
        ),
    ),
    "how": Option(
        str,
        "publish",
        Words(N_("How posts go out: publish (发布, notifies nobody) or push (群发).")),
    ),
    "tag_id": Option(int, 0, Words(N_("Push to this follower tag only; 0 means all followers."))),
    "need_open_comment": Option(bool, False, Words(N_("Whether readers may comment."))),
    "only_fans_can_comment": Option(bool, False, Words(N_("Whether only followers may comment."))),
    "mark_base": Option(
        str,
        "",
        Words(N_("Address of the bureau's site: the 阅读原文 link of articles without a link.")),
    ),
    "gap_s": Option(float, 0.0, Words(N_("Least seconds between two posts of this account."))),
    "title_max": Option(int, 32, Words(N_("Most characters of a title."))),
    "author_max": Option(int, 16, Words(N_("Most characters of the author's name."))),
    "summary_max": Option(int, 120, Words(N_("Most characters of a summary."))),
    "pushes_per_day": Option(int, 1, Words(N_("Pushes a subscription account has per day."))),
    "pushes_per_month": Option(int, 4, Words(N_("Pushes a service account has per month."))),
    "looks_s": Option(
        list, list(LOOKS_S), Words(N_("Seconds after a doubt at which the machine looks."))
    ),
    "accepted_looks_s": Option(
        list,
        list(ACCEPTED_LOOKS_S),
        Words(N_("Seconds after acceptance at which the machine asks for the result.")),
    ),
}

T = TypeVar("T", str, bool, int, float)


def option(options: Mapping[str, object], name: str, kind: type[T]) -> T:
    """Read an option or its default, as `kind`."""
    value: Any = options.get(name, OPTIONS[name].default)
    return kind(value)


def is_service(options: Mapping[str, object]) -> bool:
    """Tell whether the account is a service account (服务号): its pushes count by the month."""
    return option(options, "kind", str) == "service"


def limits_of(options: Mapping[str, object]) -> Limits:
    """Give the limits of an account with these options."""
    pushes = (
        Window(option(options, "pushes_per_month", int), "month")
        if is_service(options)
        else Window(option(options, "pushes_per_day", int), "day")
    )
    return Limits(
        as_of=AS_OF,
        posts_per_call=8,
        title_max=option(options, "title_max", int),
        author_max=option(options, "author_max", int),
        summary_max=option(options, "summary_max", int),
        body_chars_max=20_000,
        body_bytes_max=1_000_000,
        picture_bytes_max=10_000_000,
        picture_mimes=PICTURE_MIMES,
        quotas=QUOTAS,
        reserve_calls=5,
        pushes=pushes,
        gap_s=option(options, "gap_s", float),
        holds_account_s={"push": "day", "publish": 0},
        looks_s=_seconds(options, "looks_s"),
        accepted_looks_s=_seconds(options, "accepted_looks_s"),
    )


def _seconds(options: Mapping[str, object], name: str) -> tuple[float, ...]:
    value: Any = options.get(name, OPTIONS[name].default)
    return tuple(float(one) for one in value)

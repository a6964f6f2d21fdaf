"""What the shared suite expects of the channel served by hand: no request, no arming."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.contract import (
    N_,
    Accepted,
    Account,
    Content,
    Delivery,
    Pending,
    Picture,
    Severity,
    Words,
)

KIND = "manual"
SECRETS: dict[str, str] = {}
KEY = "abcdefghijklmnopqrstuvwxyz"
ANSWERS: dict[str, object] = {}
STAGES: dict[str, tuple[str, ...]] = {}
SPOKEN = Accepted(job=KEY, by="person")
LOOKED = Pending(
    Words(
        N_(
            "The post lies with a person who publishes it by hand. It is not known to be out yet. "
            "When it is out, that person enters its address here."
        )
    )
)
CODES: list[tuple] = []
shown = None

PICTURE = Picture("0" * 64, "image/png", 10, 10, 10)
FINE = [Content(text="通知"), Content(title="题"), Content(text="通知", how="hand")]
BREAKERS = [
    (Content(), Severity.must, "text", "text_empty"),
    (Content(body="<p>x</p>"), Severity.must, "text", "text_empty"),
    (Content(text="通知", how="push"), Severity.must, "how", "how"),
    (
        Content(text="通知", pictures=(PICTURE,) * 19),
        Severity.should,
        "pictures",
        "too_many_pictures",
    ),
]


def account(url: str) -> Account:
    return Account("paper", KIND, "公告栏", url)


def delivery() -> Delivery:
    content = Content(title="题", text="通知", how="hand")
    return Delivery(KEY, "d", "hand", (content,), datetime(2026, 11, 22, 1, tzinfo=UTC))

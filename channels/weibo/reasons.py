"""Why the checks of a Weibo post say what they say: the rule in a sentence, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.contract import N_, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

_LENGTH = Words(
    N_(
        "Weibo's rule for posts sent by programs: at most 140 characters, and a link counts ten "
        "(open.weibo.com, statuses/share, read 2026-11-22)."
    )
)
_LINK = Words(
    N_(
        "Weibo's rule for posts sent by programs: each holds a link to the site that is registered "
        "for the account (open.weibo.com, statuses/share, read 2026-11-22)."
    )
)
_PICTURES = Words(
    N_(
        "Weibo's rule for posts sent by programs: one picture, JPEG, PNG or GIF, below 5 MB "
        "(open.weibo.com, statuses/share, read 2026-11-22)."
    )
)

WHY: Mapping[str, Words] = {
    "text_too_long": _LENGTH,
    "text_long": Words(
        N_(
            "Weibo does not publish how its interface counts; the counter here is that of its web "
            "page, so some distance to the limit is kept."
        )
    ),
    "hashtag": Words(
        N_(
            "Weibo's rule for posts sent by programs: no topics between number signs "
            "(open.weibo.com, statuses/share, read 2026-11-22)."
        )
    ),
    "no_link": _LINK,
    "no_safe_domain": _LINK,
    "too_many_pictures": _PICTURES,
    "picture_type": _PICTURES,
    "picture_size": _PICTURES,
    "picture_alt": Words(
        N_(
            "The Law on Building an Accessible Environment (in force since 2023-09-01) asks public "
            "bodies to make what they publish usable for people who cannot see."
        )
    ),
}
"""By the code of the finding. A finding that explains itself has none."""

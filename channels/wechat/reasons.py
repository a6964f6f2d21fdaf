"""Why the checks of an article say what they say: the rule in a sentence, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping

from channels.contract import N_, Words

_WORDS = Words(
    N_(
        "WeChat's limits for one article: title 32, author 16, summary 120 characters (official "
        "page of draft/add, 2026-07-14)."
    )
)
_REFUSED = Words(
    N_(
        "WeChat answers such articles with the code 45166 and takes none of them (reports of other "
        "users, 2024 to 2026)."
    )
)
_PICTURE = Words(
    N_(
        "WeChat's limits for pictures: JPEG, PNG or GIF up to 10 MB (official pages of uploadimg "
        "and add_material, 2025-12-19)."
    )
)

WHY: Mapping[str, Words] = {
    "title_too_long": _WORDS,
    "author_too_long": _WORDS,
    "summary_too_long": _WORDS,
    "body_too_long": Words(
        N_(
            "WeChat's limit for the text of one article: fewer than 20 000 characters and less "
            "than 1 MB, formatting included (official page of draft/add, 2026-07-14)."
        )
    ),
    "anchor": _REFUSED,
    "preview_link": _REFUSED,
    "long_link": _REFUSED,
    "links_as_notes": Words(
        N_(
            "WeChat keeps only links to its own articles (mp.weixin.qq.com); it takes all others "
            "out of the text by itself."
        )
    ),
    "cover_missing": Words(
        N_("WeChat takes no article without a cover (official page of draft/add, 2026-07-14).")
    ),
    "picture_type": _PICTURE,
    "picture_size": _PICTURE,
    "source_missing": Words(
        N_(
            "The Provisions on Internet News Information Services (2017), article 15: who reprints "
            "news names where it comes from."
        )
    ),
}
"""By the code of the finding. A finding that explains itself has none."""

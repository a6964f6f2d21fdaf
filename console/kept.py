"""What a person typed into a form after their login had ended: kept through the login page.

It travels in that page and is stored nowhere; the origin of the form has been checked before. It
is sent again only when the person says so, under the new login.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import Request

from console import session as sessions
from console.render import local, page_of
from scheduler.content import plain_text
from scheduler.words import N_

PLACES = ("/stories", "/review", "/queue", "/doubts", "/stop", "/ledger")
"""Forms of these places are kept. Those with passwords and secrets are not among them."""
CHARS_MAX = 1_000_000
LABELS = {
    "title": N_("Title"),
    "summary": N_("Summary"),
    "body": N_("Article text"),
    "text": N_("Short text"),
    "weibo.text": N_("Weibo"),
    "link": N_("Link"),
    "note": N_("Remark"),
    "words": N_("Remark"),
    "comment": N_("Remark"),
    "reason": N_("Reason"),
    "at": N_("Time"),
}
"""Fields that are shown again, so that a person knows what they are about to send."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form: where it was going, the page it stood on, its fields in order."""

    address: str
    page: str
    fields: tuple[tuple[str, str], ...]
    had_files: bool

    def packed(self) -> str:
        """Give it as text, for a hidden field."""
        told = {"address": self.address, "page": self.page, "fields": self.fields}
        return json.dumps(told | {"had_files": self.had_files}, ensure_ascii=False)

    def shown(self) -> Iterator[tuple[str, str]]:
        """Give what a person typed: a label (a catalogue key) and the plain text of each field."""
        for name, value in self.fields:
            if name in LABELS and value.strip():
                yield LABELS[name], plain_text(value) if name == "body" else value


async def from_form(request: Request) -> Kept | None:
    """Take a form out of a request whose login has ended; None when nothing of it is kept."""
    asks_for_a_page = "text/html" in request.headers.get("accept", "")
    known = sessions.COOKIE in request.cookies and request.url.path.startswith(PLACES)
    if request.method != "POST" or not asks_for_a_page or not known:
        return None
    form = await request.form()
    fields = tuple((key, value) for key, value in form.multi_items() if isinstance(value, str))
    fields = tuple((key, value) for key, value in fields if key != "csrf")
    had_files = any(not isinstance(value, str) and value.filename for value in form.values())
    await form.close()
    query = f"?{request.url.query}" if request.url.query else ""
    kept = Kept(request.url.path + query, page_of(request), fields, had_files)
    fits = sum(len(value) for _key, value in fields) <= CHARS_MAX
    return kept if fits and any(kept.shown()) else None


def unpack(text: str) -> Kept | None:
    """Read what the login page carried; None for nothing, or for what is not ours."""
    try:
        told = json.loads(text)
        fields = tuple((str(key), str(value)) for key, value in told["fields"])
        kept = Kept(told["address"], local(told["page"]), fields, bool(told["had_files"]))
    except (ValueError, TypeError, KeyError):
        return None
    fits = kept.address == local(kept.address) and kept.address.startswith(PLACES)
    return kept if fits else None

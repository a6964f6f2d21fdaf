"""The WeChat channel: the contract's calls, each handed to the part that knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from channels.contract import (
    Accepted,
    Account,
    Channel,
    Content,
    Delivery,
    Finding,
    Gone,
    Health,
    Limits,
    Line,
    Option,
    Pending,
    Receipt,
    Rendered,
    Unseen,
)
from channels.wechat.api import Api
from channels.wechat.article import article_html
from channels.wechat.checks import HOWS, edition_findings, findings
from channels.wechat.draft import Drafts
from channels.wechat.jobs import Jobs
from channels.wechat.settings import OPTIONS, limits_of, option
from channels.wechat.survey import survey
from channels.wire import Wire


class WeChat(Channel):
    """One Official Account: `publish` (发布, notifies nobody) or `push` (群发)."""

    NAME: ClassVar[str] = "wechat"
    HOWS: ClassVar[tuple[str, ...]] = HOWS
    OPTIONS: ClassVar[Mapping[str, Option]] = OPTIONS
    SECRETS: ClassVar[tuple[str, ...]] = ("app_secret",)
    # clientmsgid: the same key is refused with 45065 for 24 hours (official page of sendall).
    REPEATABLE: ClassVar[frozenset[str]] = frozenset({"push"})

    def __init__(self, account: Account, wire: Wire, clock: Callable[[], datetime]) -> None:
        super().__init__(account, wire, clock)
        self._api = Api(account, wire, clock)
        self._drafts = Drafts(self._api, account)
        self._jobs = Jobs(self._api, self._drafts, account, clock)

    @property
    def limits(self) -> Limits:
        """The limits as of the dated pages, with this account's overrides."""
        return limits_of(self.account.options)

    def check(self, content: Content) -> list[Finding]:
        """List what stops or troubles one article. Pure."""
        return findings(content, self.limits)

    def check_edition(self, contents: Sequence[Content]) -> list[Finding]:
        """List what stops or troubles one to eight articles as one draft. Pure."""
        mark_base = option(self.account.options, "mark_base", str)
        return edition_findings(contents, self.limits, mark_base)

    def render(self, content: Content) -> Rendered:
        """Give the article in draft/add's own words; pictures still say `media:SHA256`. Pure.

        Left to the moment of sending: picture addresses, our mark in the link, and that several
        articles together carry no summary.
        """
        html = article_html(content)
        return Rendered(
            fields={
                "title": content.title,
                "author": content.author,
                "digest": content.summary,
                "content": html,
                "content_source_url": content.link,
                "thumb": content.cover.sha256 if content.cover else "",
            },
            length=f"{len(html)}/{self.limits.body_chars_max}",
        )

    def prepare(self, delivery: Delivery, line: Line) -> None:
        """Upload what is missing and leave one draft in the box, read back. May be repeated.

        Raises Refused (with the guilty where they can be named), Busy, Unreachable, and Doubt
        with the code "draft_gone" when a kept, never submitted draft has left the box.
        """
        self._drafts.make_ready(delivery, line)

    def speak(self, delivery: Delivery, line: Line) -> Accepted:
        """Submit the draft that `prepare` left; exactly one request.

        An account that may not send by program is not asked: its ready draft is handed to a
        person (`Accepted.by` is "person"), and nothing is armed.
        """
        return self._jobs.speak(delivery, line)

    def look(self, delivery: Delivery, line: Line) -> Receipt | Pending | Unseen | Gone:
        """Ask for the job's result, or search by our mark when no job is known."""
        return self._jobs.look(delivery, line)

    def discard(self, delivery: Delivery, line: Line) -> bool:
        """Delete the kept draft; False when it had already left the box."""
        return self._drafts.discard(line)

    def sweep(self, left_over: Callable[[frozenset[str]], frozenset[str]], line: Line) -> int:
        """Delete drafts with our mark for the keys `left_over` picks of those found; how many."""
        return self._drafts.sweep(left_over, line)

    def survey(self, line: Line) -> Health:
        """Ask for quota, followers (verified accounts) and the platform's clock."""
        return survey(self._api, self.account, line)

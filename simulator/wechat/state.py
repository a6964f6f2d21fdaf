"""What the simulated WeChat knows: accounts with their tokens, media, drafts, jobs, articles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

JobKind = Literal["freepublish", "mass"]


@dataclass
class Token:
    """An access token of one of the two separate spaces, `token` and `stable_token`."""

    value: str
    space: str
    expires_at: datetime
    replaced_at: datetime | None = None
    dead: bool = False


@dataclass
class Media:
    """One uploaded file. `expires_at` is set on temporary media only."""

    media_id: str
    kind: str
    picture: str
    name: str
    url: str
    added_at: datetime
    usable_at: datetime
    expires_at: datetime | None = None


@dataclass
class Draft:
    """A draft: its articles as they are given back."""

    media_id: str
    articles: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime


@dataclass
class Article:
    """One article that is out. `deleted_by` is empty, `user` or `platform`."""

    idx: int
    fields: dict[str, Any]
    url: str
    deleted_by: str = ""


@dataclass
class Publication:
    """What one publish, one mass send or one act by hand brought out: one to eight articles."""

    data_id: int
    article_id: str
    articles: list[Article]
    at: datetime
    via: Literal["api", "hand"]
    pushed: bool
    key: str | None = None
    job_id: int | None = None


@dataclass
class Outcome:
    """How a job shall end: a number for freepublish, a Status string for mass."""

    status: int | str
    fail_idx: list[int] = field(default_factory=list)
    after_s: float = 1.0


@dataclass
class Job:
    """A publish or mass job from its acceptance to its end."""

    id: int
    kind: JobKind
    data_id: int
    msgtype: str
    articles: list[dict[str, Any]]
    draft_id: str | None
    submitted_at: datetime
    due_at: datetime
    outcome: Outcome
    to_all: bool = True
    key: str | None = None
    awaits_admin: bool = False
    settled: bool = False
    deleted: bool = False
    publication: Publication | None = None


@dataclass
class Callback:
    """Where job events are pushed, in plain mode."""

    url: str
    token: str


@dataclass
class Account:
    """One official account."""

    appid: str
    secret: str
    nickname: str = ""
    kind: str = "service"
    verified: bool = True
    subject: str = "enterprise"
    followers: int = 0
    ip_allow: list[str] = field(default_factory=list)
    comment_privilege: bool = True
    mass_protection: bool = False
    banned: bool = False
    tags: dict[str, int] = field(default_factory=dict)
    quota: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    used: Counter[tuple[str, str]] = field(default_factory=Counter)
    sent_keys: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    forced_at: list[datetime] = field(default_factory=list)

    @property
    def may_publish(self) -> bool:
        """Tell whether freepublish and mass calls are open: verified, and not a person's."""
        return self.verified and self.subject == "enterprise"


@dataclass
class Options:
    """Behaviour that tests may change, or that nobody knows for sure."""

    draft_vanishes: str = "success"
    cover_lag_s: float = 0.0
    publish_s: float = 1.0
    mass_s: float = 1.0
    literal_unicode_escapes: bool = True
    publish_id_as_string: bool = False
    submit_msg_data_id: bool = True
    allowance_first: bool = False
    articles_max: int = 8
    title_max: int = 32
    author_max: int = 16
    digest_max: int = 120
    callbacks: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Event:
    """A push that waits to be delivered to an account's callback address."""

    appid: str
    callback: Callback
    body: str
    at: datetime


@dataclass
class WechatState:
    """Everything, in memory."""

    accounts: dict[str, Account] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    created: int = 0
    last_publish_id: int = 2247483650
    last_msg_id: int = 1000000050
    last_data_id: int = 2247484313
    outbox: list[Event] = field(default_factory=list)

    def new_data_id(self) -> int:
        """Return the next number that statistics know a publication by."""
        self.last_data_id += 1
        return self.last_data_id

    def new_job_id(self, kind: JobKind) -> int:
        """Return the next publish_id or msg_id."""
        if kind == "freepublish":
            self.last_publish_id += 1
            return self.last_publish_id
        self.last_msg_id += 1
        return self.last_msg_id

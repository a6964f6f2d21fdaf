"""The contract between the scheduler and a channel: what a channel gets, gives and may raise.

A channel never sees a row, a session or a state. It gets frozen dataclasses and a `Line`, and it
returns receipts or raises one of the four endings. Words for people are catalogue keys with
parameters (`Words`); the faces translate them, so no channel prints a sentence by itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from channels.wire import Wire


def N_(text: str) -> str:  # noqa: N802 - the name gettext's extractor looks for
    """Mark `text` for the catalogue; the face that shows it translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence for a person: a catalogue key (English, `{name}` fields) and parameters."""

    text: str
    params: Mapping[str, object] = field(default_factory=dict)


class Severity(StrEnum):
    """How much a finding weighs: `must` stops the queueing, `should` warns, `hint` informs."""

    must = "must"
    should = "should"
    hint = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing `check()` has to say about a piece of content, with what to do about it.

    `field` names the content's field, `pieces` the parts of it that are meant: words, an address,
    `media:SHA256`; one named n times is its last n places. `why` is the rule and whose it is.
    """

    severity: Severity
    field: str
    code: str
    words: Words
    pieces: tuple[str, ...] = ()
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as the editor gave it, by the SHA-256 of its original file.

    `crop` is four fractions of the width and height (x1, y1, x2, y2), or None for the whole.
    `data` is filled only for preparing and speaking; checks live on type, size and pixels.
    """

    sha256: str
    mime: str
    size_bytes: int
    width_px: int
    height_px: int
    alt: str = ""
    crop: tuple[float, float, float, float] | None = None
    data: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What one post says on one account, and how it is sent. This is what a reviewer signs.

    `text` is the short text (Weibo). `body` is canonical HTML; a picture in it is
    `<img src="media:SHA256" alt="...">` and its `Picture` stands in `pictures`. On Weibo
    `pictures` are the attached ones. `how` is one of the channel's `hows`.
    """

    title: str = ""
    text: str = ""
    body: str = ""
    summary: str = ""
    author: str = ""
    link: str = ""
    origin: str = "original"
    source: str = ""
    cover: Picture | None = None
    pictures: tuple[Picture, ...] = ()
    flags: tuple[str, ...] = ()
    how: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What leaves in one platform call: one to eight contents for one account, in order.

    `key` is 26 lower-case base32 characters. `digest` is the edition digest: SHA-256 over the
    ordered content digests, under which remote ids are kept.
    `armed_at` is the first arm of this key (None before): `look()` searches from there.
    """

    key: str
    digest: str
    how: str
    contents: tuple[Content, ...]
    due_at: datetime
    armed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One configured account, as the channel needs it. Secrets never show in `repr`.

    `options` are the channel's own keys of `[account.NAME]` (see each channel's `OPTIONS`);
    `secrets` has lower-case fields (`app_secret`, `access_token`).
    """

    name: str
    channel: str
    title: str
    api_base: str
    app_id: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Option:
    """One key a channel understands in `[account.NAME]`: its type, default and what it is for."""

    kind: type
    default: object
    words: Words


@dataclass(frozen=True, slots=True)
class Out:
    """One post that is certainly out: the platform's id, its link, and the platform's time."""

    remote_id: str
    link: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a delivery is out: one `Out` per content, in the delivery's order."""

    posts: tuple[Out, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Out of our hands, not yet proved out: a platform job, or a pack in a person's hands.

    `by` is "platform" or "person"; `kept` are further ids, made durable with the state.
    """

    job: str
    by: str = "platform"
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """`look()`: the platform still works on it."""

    words: Words


@dataclass(frozen=True, slots=True)
class Unseen:
    """`look()`: not found. Evidence, never proof. `words` say where we looked."""

    words: Words


@dataclass(frozen=True, slots=True)
class Gone:
    """`look()`: a kept, never submitted draft left the box: somebody sent or deleted it."""

    words: Words


class Ending(Exception):
    """Base of the four endings of a request that did not end in a receipt.

    `code` is short (a platform's "40007", a wire reason such as "timeout"); `words` say what it
    means and the next step; `raw` is the platform's own text, cut and with secrets starred.
    """

    def __init__(self, code: str, words: Words, raw: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.words = words
        self.raw = raw


class Refused(Ending):
    """A clear no: certainly not out, and the same again will be refused again.

    `guilty` are positions (0-based) the platform named in an edition. `person` says that a
    person must decide first (administrator refused, status 3): no regrouping then.
    """

    def __init__(
        self,
        code: str,
        words: Words,
        raw: str = "",
        *,
        guilty: Sequence[int] = (),
        person: bool = False,
    ) -> None:
        super().__init__(code, words, raw)
        self.guilty = tuple(guilty)
        self.person = person


class Busy(Ending):
    """Certainly not done, may be tried later: busy, quota, stale token.

    `not_before_s`: wait at least so long (None: the machine's own backoff).
    `account_wide`: the whole account rests for that time (quota, credentials), not this one only.
    `person`: nothing will change until a person acts (credentials); the account is held.
    """

    def __init__(
        self,
        code: str,
        words: Words,
        raw: str = "",
        *,
        not_before_s: float | None = None,
        account_wide: bool = False,
        person: bool = False,
    ) -> None:
        super().__init__(code, words, raw)
        self.not_before_s = not_before_s
        self.account_wide = account_wide
        self.person = person


class Unreachable(Ending):
    """One of the five proofs of silence: nothing reached the platform."""


class Doubt(Ending):
    """The request left us and no trustworthy answer came back. The default after speaking."""


class Stopped(Exception):
    """The line was cut: not our attempt any more, or `may_leave` is false. Let it pass through."""


class Line(Protocol):
    """What a channel may ask of the scheduler during one attempt."""

    def keep(self, name: str, value: str) -> None:
        """Make a remote id durable at once, under the edition's digest; "" forgets it."""

    def kept(self, name: str) -> str | None:
        """Give back what was kept under this edition's digest, or None."""

    def spend(self, call: str) -> None:
        """Count one platform call; raises `Busy` (quota) when only the reserve is left."""

    def arm(self) -> None:
        """Write down that we are about to speak. Called by `Wire.speak`, nowhere else."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` in one `per` ("hour", "day" or "month", Beijing time)."""

    count: int
    per: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows: dated data, shown to people, overridable per account.

    `quotas` maps a call name (or "*" for all calls together) to its `Window`; `speaks` caps the
    deliveries that speak (posts per hour); `pushes` is the allowance of `how="push"`.
    `looks_s` are the moments after a doubt (or after acceptance) at which the machine looks.
    `holds_account_s` says, per `how`, how long a doubt holds the account: "day" = to the end of
    the Beijing day.
    """

    as_of: date
    posts_per_call: int = 1
    text_units_max: int = 0
    title_max: int = 0
    author_max: int = 0
    summary_max: int = 0
    body_chars_max: int = 0
    body_bytes_max: int = 0
    pictures_max: int = 0
    picture_bytes_max: int = 0
    picture_mimes: tuple[str, ...] = ()
    quotas: Mapping[str, Window] = field(default_factory=dict)
    reserve_calls: int = 0
    speaks: Window | None = None
    pushes: Window | None = None
    gap_s: float = 0
    holds_account_s: Mapping[str, float | str] = field(default_factory=dict)
    looks_s: Sequence[float] = ()
    accepted_looks_s: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """What `survey()` learned of an account; `platform_at` is the answer's Date header."""

    identity: str
    followers: int | None = None
    quota_left: int | None = None
    platform_at: datetime | None = None
    expires_at: datetime | None = None
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """Exactly what will be sent for one content, in the platform's own words."""

    fields: Mapping[str, str]
    length: str = ""


class Channel(ABC):
    """A kind of place. One instance serves one account in one process; it may keep a token.

    `NAME` is the kind; `HOWS` the ways of sending (first = default); `OPTIONS` its config keys;
    `SECRETS` the fields `fabu account login` asks for; `REPEATABLE` the hows whose speaking call
    may be repeated with the same key and bytes (WeChat push, `clientmsgid`).
    """

    NAME: ClassVar[str]
    HOWS: ClassVar[tuple[str, ...]]
    OPTIONS: ClassVar[Mapping[str, Option]] = {}
    SECRETS: ClassVar[tuple[str, ...]] = ()
    REPEATABLE: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, account: Account, wire: Wire, clock: Callable[[], datetime]) -> None:
        self.account = account
        self.wire = wire
        self.clock = clock

    @property
    @abstractmethod
    def limits(self) -> Limits:
        """The dated limits, with the account's own overrides."""

    @abstractmethod
    def check(self, content: Content) -> list[Finding]:
        """Say what is wrong with a content before it is queued. Pure."""

    @abstractmethod
    def render(self, content: Content) -> Rendered:
        """Give exactly what will be sent; the preview shows this. Pure."""

    def check_edition(self, contents: Sequence[Content]) -> list[Finding]:
        """Say what is wrong with these contents as one delivery. Pure."""
        return []

    @abstractmethod
    def prepare(self, delivery: Delivery, line: Line) -> None:
        """Get the token, upload, make the draft. May be repeated; keeps each remote id."""

    @abstractmethod
    def speak(self, delivery: Delivery, line: Line) -> Receipt | Accepted:
        """Make the one irreversible request, exactly once per attempt, through `wire.speak`."""

    @abstractmethod
    def look(self, delivery: Delivery, line: Line) -> Receipt | Accepted | Pending | Unseen | Gone:
        """Ask what became of this delivery. May be repeated.

        Raises `Refused` when the platform proves that it is not out (a job that failed), and
        `Busy` or `Unreachable` when it could not be asked. Never `Doubt`.
        """

    def discard(self, delivery: Delivery, line: Line) -> bool:
        """Delete what `prepare` left at the platform (a draft). False: it was already gone."""
        return True

    def sweep(self, left_over: Callable[[frozenset[str]], frozenset[str]], line: Line) -> int:
        """Delete drafts with our mark for the keys `left_over` picks of those found; how many."""
        return 0

    @abstractmethod
    def survey(self, line: Line) -> Health:
        """Who are we there, how many followers, how much quota, which clock. May be repeated."""

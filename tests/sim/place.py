"""The platform's truth: what followers see, the draft box, jobs, and what has yet to land.

Everything here is the world itself: no invariant ever asks our database instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from channels.contract import Content, Delivery
from scheduler.clock import beijing
from scheduler.content import content_digest


@dataclass(frozen=True, slots=True)
class Said:
    """One post as it was handed to the platform: which, and exactly what it says."""

    post_id: int
    digest: str

    @classmethod
    def of(cls, content: Content) -> Said:
        """Read whose words these are: the simulated titles carry the post's number."""
        return cls(int(content.title.strip("第条")), content_digest(content))


@dataclass(frozen=True, slots=True)
class Seen:
    """One post that is out. `by_hand`: a colleague did it, not our request."""

    said: Said
    key: str
    at: datetime
    shown_at: datetime
    by_hand: bool


@dataclass(slots=True)
class Draft:
    """One draft in the box, with our mark (the key)."""

    id: str
    key: str
    digest: str
    said: tuple[Said, ...]


@dataclass(slots=True)
class Job:
    """What the platform works on. `fate`: success, refused, guilty. `silent`: it never says."""

    id: str
    key: str
    draft: Draft
    ends_at: datetime
    fate: str
    guilty: tuple[int, ...]
    silent: bool
    at: datetime
    draft_stays: bool = False
    ended: bool = False


@dataclass
class Place:
    """One account as the platform knows it."""

    name: str
    account_id: int
    pushes_max: int = 0
    outs: list[Seen] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    landing: list[tuple[datetime, int, str, Callable[[datetime], object]]] = field(
        default_factory=list
    )
    made: int = 0

    def number(self, kind: str) -> str:
        """Give a new remote id."""
        self.made += 1
        return f"{kind}{self.account_id}-{self.made}"

    def later(self, at: datetime, key: str, what: Callable[[datetime], object]) -> None:
        """Let something land at `at`."""
        self.made += 1
        self.landing.append((at, self.made, key, what))

    def land_until(self, now: datetime) -> None:
        """Let everything land whose time has come, in order, each at its own time."""
        while due := sorted(entry[:3] for entry in self.landing if entry[0] <= now):
            at, number, _key = due[0]
            what = next(entry[3] for entry in self.landing if entry[1] == number)
            self.landing = [entry for entry in self.landing if entry[1] != number]
            what(at)

    def is_open(self, keys: set[str]) -> bool:
        """Tell whether something of these keys may still come out by itself."""
        landing = any(key in keys for _at, _number, key, _what in self.landing)
        return landing or any(job.key in keys and not job.ended for job in self.jobs.values())

    def put_out(
        self, said: tuple[Said, ...], key: str, at: datetime, *, lag: datetime, by_hand: bool
    ) -> None:
        """Show posts to the followers."""
        self.outs += [Seen(one, key, at, lag, by_hand) for one in said]

    def add_draft(self, delivery: Delivery) -> Draft:
        """Put a draft of a delivery into the box."""
        said = tuple(Said.of(content) for content in delivery.contents)
        draft = Draft(self.number("draft"), delivery.key, delivery.digest, said)
        self.drafts[draft.id] = draft
        return draft

    def start_job(
        self, draft: Draft, key: str, at: datetime, fate: str, ends_at: datetime, **more: object
    ) -> Job:
        """Take a draft out of the box and work on it; it ends by itself at `ends_at`."""
        self.drafts.pop(draft.id, None)
        job = Job(self.number("job"), key, draft, ends_at, fate, (), False, at)
        for name, value in more.items():
            setattr(job, name, value)
        self.jobs[job.id] = job
        self.later(ends_at, key, lambda moment: self._end_job(job, moment))
        return job

    def _end_job(self, job: Job, at: datetime) -> None:
        job.ended = True
        if job.fate == "success":
            self.put_out(job.draft.said, job.draft.key, at, lag=at, by_hand=False)
        elif job.draft_stays:
            self.drafts[job.draft.id] = job.draft

    def pushed_on(self, at: datetime) -> int:
        """Give how many pushes the platform has counted on a Beijing day."""
        day = beijing(at).date()
        mine = [job for job in self.jobs.values() if beijing(job.at).date() == day]
        failed = [job for job in mine if job.ended and job.fate != "success"]
        return len(mine) - len(failed)

    def press(self, draft: Draft, at: datetime) -> None:
        """Let a colleague press 发表 on a draft of ours."""
        del self.drafts[draft.id]
        self.put_out(draft.said, draft.key, at, lag=at, by_hand=True)

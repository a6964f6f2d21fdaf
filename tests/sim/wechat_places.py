"""The simulated WeChat: a draft box, jobs, a push that knows its key, a publication that does not.

Drafts and jobs are treated as `channels/wechat` treats them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from channels.contract import (
    Accepted,
    Busy,
    Delivery,
    Doubt,
    Gone,
    Limits,
    Line,
    Pending,
    Receipt,
    Refused,
    Unreachable,
    Unseen,
    Window,
)
from tests.sim.place import Draft, Job
from tests.sim.places import AS_OF, LOOKS_S, SimChannel, W, receipt_of


class SimWeChat(SimChannel):
    """Drafts and jobs, as `channels/wechat` treats them; the two ways differ below."""

    NAMES = ("draft", "draft_key", "submitted", "job", "job_key")

    def prepare(self, delivery: Delivery, line: Line) -> None:
        self.troubled_prepare(delivery)
        line.spend("draft")
        kept = line.kept("draft")
        if kept and self._usable(kept, delivery, line):
            return
        if line.kept("draft_key") == delivery.key:
            self._delete_marked(delivery.key)
        line.keep("draft_key", delivery.key)
        draft = self.place.add_draft(delivery)
        self.hear("draft made")
        if self.happens("draft_answer_lost"):
            raise Unreachable("timeout", W)
        line.keep("draft", draft.id)
        self.hear("draft kept")

    def _usable(self, kept: str, delivery: Delivery, line: Line) -> bool:
        draft = self.place.drafts.get(kept)
        self.hear("draft read")
        if draft is None:
            if delivery.armed_at is not None:
                if delivery.how == "push":
                    return True
            elif line.kept("submitted") == kept:
                self._forget(line)
                return False
            raise Doubt("draft_gone", W)
        if draft.key == delivery.key and draft.digest == delivery.digest:
            return True
        if self.place.drafts.pop(kept, None) is None:
            raise Doubt("draft_gone", W)
        self._forget(line)
        return False

    def _delete_marked(self, key: str) -> None:
        for draft in [one for one in self.place.drafts.values() if one.key == key]:
            del self.place.drafts[draft.id]

    def _forget(self, line: Line) -> None:
        for name in self.NAMES:
            if line.kept(name):
                line.keep(name, "")

    def speak(self, delivery: Delivery, line: Line) -> Accepted:
        kept = line.kept("draft")
        if not kept:
            raise Busy("no_draft", W)
        self.before_arm(line)
        line.arm()
        try:
            job = self._ask_for(delivery, kept)
        except Doubt:
            line.keep("submitted", kept)
            raise
        return Accepted(job.id, kept={"submitted": kept, "job_key": delivery.key})

    def _ask_for(self, delivery: Delivery, kept: str) -> Job:
        """Make the one request, or lose it, or let it arrive late."""
        with self.world.speaking(delivery):
            self.hear("armed")
            self.troubled_speech(delivery)
            if self.happens("late"):
                key, at = delivery.key, self.soon(50)
                self.place.later(at, key, lambda moment: self._land(delivery, kept, moment))
                raise Doubt("timeout", W)
            job = self._submit(delivery, kept, self.clock())
        self.after_effect()
        return job

    def _land(self, delivery: Delivery, kept: str, at: datetime) -> None:
        """Let a late request arrive: whatever the platform answers, nobody hears it."""
        self.world.say(f"late request of {kept} arrives")
        try:
            self._submit(delivery, kept, at)
        except (Busy, Doubt):
            self.world.say("it came to nothing")

    def _submit(self, delivery: Delivery, kept: str, at: datetime) -> Job:
        draft = self.place.drafts.get(kept)
        if draft is None:
            raise Doubt("40007", W)
        self.world.watch.spoken(delivery, list(draft.said))
        return self._start(draft, delivery, at)

    def _start(self, draft: Draft, delivery: Delivery, at: datetime) -> Job:
        rng, fate, guilty = self.world.chance.rng, "success", ()
        if self.happens("job_refused"):
            fate = "refused"
            if self.happens("job_guilty"):
                guilty = tuple(sorted({rng.randrange(len(draft.said)) for _ in range(2)}))
        more: Mapping[str, Any] = {
            "silent": self.happens("job_silent"),
            "guilty": guilty,
            "draft_stays": self.happens("job_draft_stays"),
        }
        ends_at = at + timedelta(seconds=rng.choice((2, 20, 200, 1500)))
        return self.place.start_job(draft, delivery.key, at, fate, ends_at, **more)

    def look(self, delivery: Delivery, line: Line) -> Receipt | Pending | Unseen | Gone:
        self.troubled_look(line)
        mine = line.kept("job_key") in (None, "", delivery.key)
        job = self.place.jobs.get(line.kept("job") or "") if mine else None
        if job is None:
            return self._search(delivery, line)
        self.hear("looked")
        if not job.ended or job.silent:
            return Pending(W)
        if job.fate == "success":
            return receipt_of(job.draft.said, job.ends_at)
        if job.draft.id in self.place.drafts:
            line.keep("submitted", "")
        else:
            self._forget(line)
        raise Refused("job", W, guilty=job.guilty, person=not job.guilty)

    def _search(self, delivery: Delivery, line: Line) -> Receipt | Unseen | Gone:
        kept = line.kept("draft") or ""
        there = kept in self.place.drafts
        armed = delivery.armed_at is not None
        if (armed and delivery.how == "publish") or not there:
            found = [seen for seen in self.place.outs if self._shows(seen, delivery)]
            self.hear("searched")
            if found:
                return receipt_of(tuple(seen.said for seen in found), found[0].at)
        if there or not kept or armed or line.kept("submitted") == kept:
            return Unseen(W)
        return Gone(W)

    def _shows(self, seen: Any, delivery: Delivery) -> bool:
        """Only publications are listed with their mark; a push is not."""
        published = delivery.how == "publish"
        return published and seen.key == delivery.key and seen.shown_at <= self.clock()

    def discard(self, delivery: Delivery, line: Line) -> bool:
        self.hear("discard")
        if self.happens("discard_fails"):
            raise Unreachable("refused", W)
        kept = line.kept("draft")
        if not kept:
            if key := line.kept("draft_key"):  # its draft may stand although nobody heard of it
                self._delete_marked(key)
                self._forget(line)
            return True
        if self.place.drafts.pop(kept, None) is None:
            return False
        self.hear("discarded")
        self._forget(line)
        return True

    def sweep(self, left_over: Callable[[frozenset[str]], frozenset[str]], line: Line) -> int:
        self.hear("sweep")
        found = list(self.place.drafts.values())
        picked = left_over(frozenset(draft.key for draft in found))
        left = [draft for draft in found if draft.key in picked]
        for draft in left:
            self.place.drafts.pop(draft.id, None)
        return len(left)


class SimPublish(SimWeChat):
    """发布: no key against repetition, found by our mark."""

    NAME = "sim_publish"
    HOWS = ("publish",)
    LIMITS = Limits(
        as_of=AS_OF,
        posts_per_call=8,
        quotas={"speak": Window(30, "day"), "draft": Window(100, "day")},
        looks_s=LOOKS_S,
        accepted_looks_s=(30, 300, 1800, 7200),
    )


class SimPush(SimWeChat):
    """群发: a key the platform knows for 24 hours, an allowance a day, not found by a mark."""

    NAME = "sim_push"
    HOWS = ("push",)
    REPEATABLE = frozenset({"push"})
    LIMITS = Limits(
        as_of=AS_OF,
        posts_per_call=8,
        pushes=Window(2, "day"),
        holds_account_s={"push": "day"},
        looks_s=LOOKS_S,
        accepted_looks_s=(30, 300, 1800, 7200),
    )

    def _submit(self, delivery: Delivery, kept: str, at: datetime) -> Job:
        for job in self.place.jobs.values():
            if job.key == delivery.key and at - job.at < timedelta(hours=24):
                return job  # 45065: the same clientmsgid again is answered with its job
        if self.place.pushed_on(at) >= 2:
            if delivery.armed_at is not None:
                raise Doubt("45028", W)
            raise Busy("45028", W, not_before_s=3600, account_wide=True)
        return super()._submit(delivery, kept, at)

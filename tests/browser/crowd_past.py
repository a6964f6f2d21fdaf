"""What happened long ago at the crowded desk, as rows: the rooms would have left them like this.

A delivery's history is a walk in the machine's table, a published post has its time and link, a
signed post the digest that was signed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import SQLModel

from channels.contract import Channel, Content
from channels.wechat.codes import TABLE
from scheduler.clock import day_start
from scheduler.content import canonical_json, content_digest, pack
from scheduler.desk.draft import Draft, Variant
from scheduler.desk.tables import Signature, Version, VersionPost
from scheduler.desk.variants import content_of
from scheduler.machine import State, Verb
from scheduler.people import Actor
from scheduler.tables import Delivery, Event, Post, fresh
from scheduler.tables import Story as StoryRow

PLACES = (
    "城东 城西 城南 城北 河口 临港 高新 湖滨 山前 北站"
    " 西郊 东郊 南湖 桥头 石门 长安 和平 新华 建设 工业园"
).split()
COLUMNS = ("政务信息/安监动态", "政务信息/政务公开", "政务信息/审批事项", "安全科普", "推送新闻")
TOPICS = (
    "冬季取暖防范一氧化碳中毒", "开展危险化学品企业夜间检查", "公布第三季度执法检查情况",
    "小微企业安全体检开始报名", "电动自行车不进楼不入户", "有限空间作业先通风再检测",
    "特种作业操作证网上办理", "烟花爆竹零售点选址要求", "社区消防演练走进家门口",
    "隐患随手拍，举报有奖励", "森林防火期禁止野外用火", "雨雪天气出行安全提示",
)  # fmt: skip
DAYS, AHEAD_DAYS = 59, 5
APPROVED, DELIVERIES, TODAY, AHEAD, DOUBTS = 1700, 3000, 200, 200, 15
LATE = timedelta(hours=2)
REFUSED = canonical_json({"text": TABLE[40007].words})
ENDS = {
    State.published: Verb.receipt, State.failed: Verb.refuse, State.accepted: Verb.receipt,
    State.uncertain: Verb.doubt, State.missed: Verb.miss, State.cancelled: Verb.cancel,
}  # fmt: skip
BASE32 = str.maketrans("0189", "abcd")
ORDER = (StoryRow, Version, Signature, Delivery, Post, VersionPost, Event)
"""The tables, each after those its rows point to."""
Row = dict[str, Any]
Place = tuple[int, str, str]
"""An account: id, name, channel."""


@dataclass
class Past:
    """Makes the rows of stories, posts, deliveries and their history, by table."""

    now: datetime
    draft: Draft
    channels: Mapping[str, Channel]
    accounts: list[Place]
    columns: Mapping[str, int]
    author: Actor
    reviewer: Actor
    rows: dict[type[SQLModel], list[Row]] = field(default_factory=lambda: defaultdict(list))
    said: list[dict[str, Content]] = field(default_factory=list)
    days: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    posts: dict[tuple[int, int], int] = field(default_factory=dict)
    doubts: int = 0

    def make(self) -> None:
        """Make all of it."""
        for number in range(APPROVED):
            day = number * (DAYS + AHEAD_DAYS + 1) // APPROVED - DAYS - 1
            self.days[day].append(number)
            self.said.append(self._story(number, day))
        for number, (day, due_at) in enumerate(self._times(), start=1):
            self._delivery(number, day, due_at)
        self._unqueued()

    def _times(self) -> Iterator[tuple[int, datetime]]:
        """Give day and due time of every delivery: the past days, today, the days to come."""
        past = DELIVERIES - TODAY - AHEAD
        counts = dict.fromkeys(range(-DAYS, 0), past // DAYS)
        counts[-1] += past - sum(counts.values())
        counts |= {0: TODAY} | dict.fromkeys(range(1, AHEAD_DAYS + 1), AHEAD // AHEAD_DAYS)
        for day, count in counts.items():
            for number in range(count):
                yield day, self._moment(day, 450 + number * 840 / count)

    def _moment(self, day: int, minutes: float) -> datetime:
        return day_start(self.now) + timedelta(days=day, minutes=minutes)

    # --- stories ---

    def _story(self, number: int, day: int) -> dict[str, Content]:
        """Add one approved story with version and signature; give what it says by channel."""
        made_at = min(self._moment(day, 480 + number % 400), self.now - timedelta(hours=1))
        title = f"{PLACES[number % 20]}：{TOPICS[number % 12]}（第{number + 1}期）"
        origin = ("original", "original", "reprint")[number % 3]
        text = f"{title}。头晕恶心别硬扛，先开窗、再离开、拨打120。"
        draft = replace(self.draft, title=title, variants={"weibo": Variant({"text": text})})
        story_id, signed_at = number + 1, made_at + timedelta(minutes=30)
        told = {"title": title, "summary": draft.summary, "body": draft.body, "origin": origin}
        column = self.columns[COLUMNS[number % len(COLUMNS)]]
        times = {"created_at": made_at, "updated_at": made_at}
        row = fresh(
            StoryRow, review="approved", column_id=column, author_id=self.author.id, **told, **times
        )
        self.rows[StoryRow].append(row | {"id": story_id})
        row = fresh(
            Version, story_id=story_id, number=1, made_by=self.author.id, made_at=made_at,
            closed_at=signed_at,
        )  # fmt: skip
        self.rows[Version].append(row | {"id": story_id})
        signed = {"person_id": self.reviewer.id, "decision": "approve", "signed_at": signed_at}
        self.rows[Signature].append(fresh(Signature, version_id=story_id, **signed))
        walk = (
            ("add", "", "draft", self.author, made_at),
            ("submit", "draft", "in_review", self.author, made_at),
            ("approve", "in_review", "approved", self.reviewer, signed_at),
        )
        for verb, before, after, who, at in walk:
            self._event("story", story_id, verb, at, who.mark, (before, after))
        kinds = ("weibo", "wechat")
        made = {kind: content_of(draft, self.channels[f"{kind}-00"], origin) for kind in kinds}
        return {kind: one.content for kind, one in made.items()}

    def _event(
        self, kind: str, subject: int, verb: str, at: datetime, actor: str,
        walk: tuple[str, str], **more: Any,
    ) -> None:  # fmt: skip
        told = {"kind": kind, "subject_id": subject, "verb": verb, "at": at, "actor": actor}
        states = {"origin_state": walk[0], "target_state": walk[1]}
        self.rows[Event].append(fresh(Event, **told, **states, **more))

    def _post(self, number: int, account: Place, **values: Any) -> int:
        """Add the signed post of one story on one account; give its id."""
        account_id, _name, kind = account
        row, content = self.rows[StoryRow][number], self.said[number][kind]
        post_id = self.posts[number, account_id] = len(self.posts) + 1
        digest = content_digest(content)
        until = row["created_at"] + timedelta(days=90)
        told = {name: row[name] for name in ("column_id", "title", "origin", "created_at")}
        told |= {"story_id": row["id"], "account_id": account_id, "updated_at": row["created_at"]}
        told |= {"content": pack(content), "content_digest": digest}
        told |= {"approved_digest": digest, "approved_until": until}
        self.rows[Post].append(fresh(Post, **{**told, **values}) | {"id": post_id})
        line = {"version_id": row["id"], "account_id": account_id, "post_id": post_id}
        self.rows[VersionPost].append(fresh(VersionPost, **line, content_digest=digest))
        return post_id

    def _unqueued(self) -> None:
        """Let the newest stories wait for a place on one account of each channel."""
        for account in (self.accounts[0], self.accounts[-1]):
            for day in range(-6, AHEAD_DAYS):
                for number in self.days[day]:
                    if (number, account[0]) not in self.posts:
                        self._post(number, account)

    # --- deliveries ---

    def _delivery(self, number: int, day: int, due_at: datetime) -> None:
        """Add one delivery with its posts and its history."""
        account = self.accounts[number * 7 % len(self.accounts)]
        free = [one for one in self.days[day - 1] if (one, account[0]) not in self.posts]
        size = 1 if account[2] == "weibo" else 1 + number % 4
        first = number * 5 % len(free)
        state, values = self._state(number, due_at)
        mine = []
        for position, story in enumerate(free[first : first + size]):
            link = f"https://example.gov.cn/{account[1]}/{number}-{position}"
            proof: Row = {}
            if state is State.published:
                proof = {"published_at": due_at, "link": link, "remote_id": f"{number}-{position}"}
            elif state is State.queued and number % 29 == 0:
                proof = {"approved_digest": None}  # edited after its signature
            placed = {"delivery_id": number, "position": position}
            mine.append(self._post(story, account, **placed, **proof))
        made_at = min(due_at - timedelta(hours=5), self.now - timedelta(minutes=30))
        how = "post" if account[2] == "weibo" else "publish"
        times = {"due_at": due_at, "late_at": due_at + LATE, "created_at": made_at}
        told = {"account_id": account[0], "how": how, "updated_at": self.now, **times, **values}
        key = f"{number:026d}".translate(BASE32)
        row = fresh(Delivery, state=state.value, key=key, **told) | {"id": number}
        self.rows[Delivery].append(row)
        self._history(row, state, mine)

    def _state(self, number: int, due_at: datetime) -> tuple[State, Row]:
        """Give where a delivery is, and what its row has there."""
        now, ago = self.now, self.now - due_at
        if due_at > now:
            held = {"held_for": "等值班领导确认数字"} if number % 31 == 0 else {}
            return State.queued, {"next_at": due_at, **held}
        spoke = {"attempt": 1, "armed_at": due_at, "first_armed_at": due_at}
        if ago < timedelta(minutes=5):
            until = {"lease_until": now + timedelta(minutes=3), "node": "desk"}
            return State.publishing, {**spoke, **until}
        if ago < timedelta(minutes=30):
            waits = {"accepted_by": "platform", "accepted_at": due_at}
            return State.accepted, {**spoke, **waits, "next_at": now + timedelta(minutes=1)}
        if number % 5 == 0 and ago < timedelta(days=1) and self.doubts < DOUBTS:
            self.doubts += 1
            doubt = {"doubted_at": due_at, "code": "unseen", "looks": 4, "awaits": "operator"}
            return State.uncertain, {**spoke, **doubt}
        over = {"settled_at": due_at + timedelta(seconds=30)}
        if number % 23 == 0:
            return State.failed, {**spoke, **over, "code": "40007", "detail": REFUSED}
        if number % 53 == 0:
            return State.missed, {"settled_at": due_at + LATE, "code": "late"}
        if number % 59 == 0:
            return State.cancelled, {**over, "detail": canonical_json({"reason": "与上级通稿重复"})}
        return State.published, {**spoke, **over}

    def _history(self, row: Row, state: State, posts: list[int]) -> None:
        told = {"posts": posts, "due_at": row["due_at"].isoformat(), "key": row["key"]}
        spoke = {"posts": posts, "digest": row["edition_digest"]}
        here = State.publishing if row["attempt"] else State.queued
        walk = [(Verb.add, "", State.queued, 0, canonical_json(told))]
        if row["attempt"]:
            walk.append((Verb.claim, State.queued, State.publishing, 1, ""))
            walk.append((Verb.arm, State.publishing, State.publishing, 1, canonical_json(spoke)))
        if state in ENDS:
            walk.append((ENDS[state], here, state, row["attempt"], row["detail"]))
        if row["held_for"]:
            walk.append((Verb.hold, State.queued, State.queued, 0, ""))
        for verb, before, after, attempt, detail in walk:
            by_person = verb in (Verb.add, Verb.cancel, Verb.hold)
            actor = self.author.mark if by_person else "node:desk"
            at = row["created_at"] if verb is Verb.add else min(row["due_at"], self.now)
            code = row["code"] if verb in ENDS.values() else ""
            self._event(
                "delivery", row["id"], verb.value, at, actor, (str(before), str(after)),
                account_id=row["account_id"], attempt=attempt, detail=detail,
                code=row["held_for"] if verb is Verb.hold else code,
            )  # fmt: skip

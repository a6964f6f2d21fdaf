"""Speaking (群发, 发布) and looking afterwards what became of it.

WeChat accepts a job and says later how it ended. A push may be repeated with the same
`clientmsgid` within 24 hours; a publication has no such key and is found by our mark.
Sources: official pages of sendall, mass/get and freepublish, read 2025-12-19 to 2026-07-14.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from channels.contract import (
    N_,
    Accepted,
    Account,
    Busy,
    Delivery,
    Doubt,
    Gone,
    Line,
    Out,
    Pending,
    Receipt,
    Refused,
    Stopped,
    Unreachable,
    Unseen,
    Words,
)
from channels.wechat import codes
from channels.wechat.api import Api, malformed
from channels.wechat.codes import Column
from channels.wechat.draft import Drafts, forget, news_items
from channels.wechat.mark import keys_in
from channels.wechat.receipts import (
    from_job,
    from_list,
    guilty_of,
    id_of,
    int_or_none,
    listed_at,
    moment,
)
from channels.wechat.settings import is_service, option

ALREADY = 45065
ALLOWANCE = 45028
APPROVAL = frozenset({89503, 89504, 89505})
NO_SUCH_JOB = frozenset({40059, 53502})
NO_RIGHT = 48001
PAGE = 20
PAGES = 3
SKEW = timedelta(seconds=120)

_STILL_THERE = N_(
    "The draft is still in the draft box and no publication carries our mark. The post is "
    "probably not out. Compare with the account in the WeChat console before you decide."
)
_NOWHERE = N_(
    "The draft has left the draft box and no publication carries our mark. The post may be out "
    "as a push. Look at the account in the WeChat console and record what you see."
)
_NO_DRAFT = N_(
    "No draft of this post is known and no publication carries our mark. The post is probably "
    "not out. Compare with the account in the WeChat console before you decide."
)
_GONE = N_(
    "The draft has left the draft box without our doing. Somebody may have published or deleted "
    "it by hand. Look at the account in the WeChat console and record what you see."
)
_NO_JOB = N_(
    "WeChat does not know the job {job} any more. What became of the post is open. Look at the "
    "account in the WeChat console and record what you see."
)
_WORKING = N_(
    "WeChat has accepted the post and is still working on it. It is not out yet. The machine asks "
    "again by itself."
)
_WAITING = N_(
    "WeChat waits up to 30 minutes for the account's administrator to confirm the push. It is not "
    "out yet. Ask the administrator to confirm in the WeChat app."
)
_BY_HAND = N_(
    "The draft is ready in the draft box; this account may not send by program. It is not out "
    "yet. Press 发表 in the WeChat console or the phone app."
)
_ORIGINALITY = N_(
    "WeChat's check of originality refused the post. It is not out. Mark the article as a reprint "
    "with its source, or change it; have it reviewed and queue it again."
)
_REVIEW = N_(
    "WeChat's own review refused the post. It is not out. Read the reason in the WeChat console, "
    "change the article, have it reviewed and queue it again."
)
_FAILED = N_(
    "WeChat could not send the post and gave no article as the reason. It is not out. Read the "
    "notice in the WeChat console and decide whether to queue it again."
)
_UNKNOWN_STATUS = N_(
    "WeChat reports the job {job} as {status}, which the program does not know. It is not proved "
    "that the post is out. Look at the account in the WeChat console."
)
_NOTHING_KEPT = N_(
    "No draft of this post is known. Nothing was sent and the post stays queued. The machine "
    "makes the draft again."
)


class Jobs:
    """The jobs of one account: the one irreversible call, and the looks after it."""

    def __init__(
        self, api: Api, drafts: Drafts, account: Account, clock: Callable[[], datetime]
    ) -> None:
        self._api = api
        self._drafts = drafts
        self._options = account.options
        self._clock = clock

    def speak(self, delivery: Delivery, line: Line) -> Accepted:
        """Submit the kept draft, once. See `Channel.speak` for what is raised."""
        draft = line.kept("draft")
        if not draft:
            raise Busy("no_draft", Words(_NOTHING_KEPT))
        if not option(self._options, "verified", bool):
            # Nothing is asked for: the draft itself is handed to a person.
            return Accepted(job=draft, by="person", kept={"by_hand": delivery.key})
        try:
            data = (
                self._push(delivery, line, draft)
                if delivery.how == "push"
                else self._submit(line, draft)
            )
        except Doubt:
            _note_submitted(line, draft)
            raise
        kept = {"submitted": draft, "job_key": delivery.key}
        if message := id_of(data, "msg_data_id"):
            kept["msg_data_id"] = message
        names = ("msg_id", "msgid") if delivery.how == "push" else ("publish_id",)
        job = id_of(data, *names)
        if data.get("errcode") and not job:  # 45065 without the number it promises
            job = self._job(delivery, line) or ""
        if not job:
            _note_submitted(line, draft)
            raise malformed(Column.speaking)
        return Accepted(job=job, kept=kept)

    def look(self, delivery: Delivery, line: Line) -> Receipt | Pending | Unseen | Gone:
        """Ask what became of the delivery. See `Channel.look` for what is raised."""
        draft = line.kept("draft")
        if line.kept("by_hand") == delivery.key and draft:
            if self._drafts.stored(line, draft, Column.looking) is not None:
                return Pending(Words(_BY_HAND))
            return Gone(Words(_GONE))
        job = self._job(delivery, line)
        if not job:
            return self._search(delivery, line, draft)
        try:
            if delivery.how == "push":
                return self._push_state(delivery, line, job)
            return self._publish_state(delivery, line, job)
        except Refused:
            self._after_failure(line, draft)
            raise

    def _job(self, delivery: Delivery, line: Line) -> str | None:
        """Give this delivery's job. Ids are kept per edition: an older key's job is not ours."""
        mine = line.kept("job_key") in {None, "", delivery.key}
        return line.kept("job") if mine else None

    def _push(self, delivery: Delivery, line: Line, draft: str) -> dict[str, Any]:
        tag_id = option(self._options, "tag_id", int)
        target = {"is_to_all": False, "tag_id": tag_id} if tag_id else {"is_to_all": True}
        body = {
            "filter": target,
            "mpnews": {"media_id": draft},
            "msgtype": "mpnews",
            "send_ignore_reprint": 0,
            "clientmsgid": delivery.key,
        }
        try:
            return self._api.speak(line, "message/mass/sendall", body, known=frozenset({ALREADY}))
        except Busy as busy:
            if busy.code != str(ALLOWANCE):
                raise
            if delivery.armed_at is not None:
                # The allowance may have been used up by this very post's first try.
                raise Doubt(busy.code, busy.words, busy.raw) from None
            period = "month" if is_service(self._options) else "day"
            wait_s = codes.wait_s(period, self._clock())
            raise Busy(busy.code, busy.words, busy.raw, not_before_s=wait_s) from None

    def _submit(self, line: Line, draft: str) -> dict[str, Any]:
        return self._api.speak(line, "freepublish/submit", {"media_id": draft}, known=frozenset())

    def _publish_state(
        self, delivery: Delivery, line: Line, job: str
    ) -> Receipt | Pending | Unseen:
        data = self._api.ask(
            line,
            "freepublish/get",
            {"publish_id": job},
            column=Column.looking,
            known=NO_SUCH_JOB,
        )
        if data.get("errcode"):
            return Unseen(Words(_NO_JOB, {"job": job}))
        status = int_or_none(data.get("publish_status"))
        # 5 and 6: it was out and was taken down later, which is another fact.
        if status in {0, 5, 6}:
            at = self._published_at(delivery, line, id_of(data, "article_id"))
            return from_job(delivery, data, job, at)
        if status == 1:
            return Pending(Words(_WORKING))
        if status in {2, 4}:
            guilty = guilty_of(data.get("fail_idx"), len(delivery.contents))
            words = Words(_ORIGINALITY if status == 2 else _REVIEW)
            alone = len(delivery.contents) == 1
            raise Refused(f"status {status}", words, guilty=guilty, person=not guilty and not alone)
        if status == 3:
            raise Refused("status 3", Words(_FAILED), person=True)
        return Unseen(
            Words(_UNKNOWN_STATUS, {"job": job, "status": str(data.get("publish_status"))[:40]})
        )

    def _published_at(self, delivery: Delivery, line: Line, article_id: str) -> datetime | None:
        """Ask when it went out: a look hours later must not count it in the wrong month."""
        if not article_id or delivery.armed_at is None:
            return None
        try:
            data = self._api.ask(
                line, "freepublish/getarticle", {"article_id": article_id}, column=Column.looking
            )
        except (Busy, Unreachable):
            return None  # the receipt is proved without it
        since, until = delivery.armed_at - SKEW, self._clock() + SKEW
        moments = [moment(data, name) for name in ("create_time", "update_time")]
        return min((at for at in moments if at is not None and since <= at <= until), default=None)

    def _push_state(self, delivery: Delivery, line: Line, job: str) -> Receipt | Pending | Unseen:
        data = self._api.ask(
            line,
            "message/mass/get",
            {"msg_id": job},
            column=Column.looking,
            known=NO_SUCH_JOB | APPROVAL,
        )
        if code := data.get("errcode"):
            if code in APPROVAL:
                return Pending(Words(_WAITING))
            return Unseen(Words(_NO_JOB, {"job": job}))
        status = data.get("msg_status")
        # DELETE: it was out and was taken down later. Links come with the event only.
        if status in {"SEND_SUCCESS", "DELETE"}:
            count = len(delivery.contents)
            return Receipt(tuple(Out(f"{job}_{idx}") for idx in range(1, count + 1)))
        if status == "SENDING":
            return Pending(Words(_WORKING))
        if status == "SEND_FAIL":
            raise Refused("SEND_FAIL", Words(_FAILED), person=True)
        return Unseen(Words(_UNKNOWN_STATUS, {"job": job, "status": str(status)[:40]}))

    def _search(self, delivery: Delivery, line: Line, draft: str | None) -> Receipt | Unseen | Gone:
        """Look without a job number: in the draft box, then among the publications."""
        there = bool(draft) and self._drafts.stored(line, draft or "", Column.looking) is not None
        armed = delivery.armed_at is not None
        if (armed and delivery.how == "publish") or not there:
            found = self._marked(delivery, line)
            if found is not None:
                return found
        if there:
            return Unseen(Words(_STILL_THERE))
        if not draft:
            return Unseen(Words(_NO_DRAFT))
        if armed or line.kept("submitted") == draft:
            return Unseen(Words(_NOWHERE))
        return Gone(Words(_GONE))

    def _marked(self, delivery: Delivery, line: Line) -> Receipt | None:
        """Find our mark among the newest publications, back to shortly before the first arm."""
        for page in range(PAGES):
            body = {"offset": page * PAGE, "count": PAGE, "no_content": 1}
            data = self._api.ask(
                line,
                "freepublish/batchget",
                body,
                column=Column.looking,
                known=frozenset({NO_RIGHT}),
            )
            items = [item for item in data.get("item") or [] if isinstance(item, dict)]
            for item in items:
                content = item.get("content")
                articles = news_items(content) if isinstance(content, dict) else []
                if delivery.key in keys_in(articles):
                    return from_list(delivery, item, articles)
            times = [at for item in items if (at := listed_at(item)) is not None]
            since = (delivery.armed_at or delivery.due_at) - SKEW
            if len(items) < PAGE or (times and min(times) < since):
                return None
        return None

    def _after_failure(self, line: Line, draft: str | None) -> None:
        """After a job that failed: note whether its draft still stands in the box.

        Still there, its later absence is a doubt; gone with the job, it is forgotten.
        """
        if not draft:
            return
        try:
            stored = self._drafts.stored(line, draft, Column.looking)
        except (Busy, Unreachable):
            return  # the failure is proved; only this note is not
        if stored is None:
            forget(line)
        else:
            line.keep("submitted", "")


def _note_submitted(line: Line, draft: str) -> None:
    """Note that the draft was spoken of; an attempt that is not ours any more keeps its doubt."""
    with suppress(Stopped):
        line.keep("submitted", draft)

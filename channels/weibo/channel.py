"""Weibo through the one interface left to ordinary applications: `statuses/share`.

It knows no key against repetition, so a doubt is settled by looking at the account's own posts,
and if they do not show it, by a person.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from channels.contract import (
    N_,
    Accepted,
    Busy,
    Channel,
    Content,
    Delivery,
    Doubt,
    Ending,
    Finding,
    Gone,
    Health,
    Limits,
    Line,
    Option,
    Pending,
    Receipt,
    Refused,
    Rendered,
    Unreachable,
    Unseen,
    Window,
    Words,
)
from channels.weibo import codes, look, sentences
from channels.weibo.checks import findings
from channels.weibo.text import length, status_of
from channels.wire import Answer, star, status_ending

if TYPE_CHECKING:
    from collections.abc import Mapping

API_BASE = "https://api.weibo.com"
RAW_BYTES = 2000
# Wait for the answer: twice as long when a picture of up to 5 MB goes along.
TEXT_TIMEOUT_S = (5.0, 30.0)
PICTURE_TIMEOUT_S = (5.0, 60.0)
# The first bytes of a file, its media type, its name in the request.
MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg", "picture.jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "picture.png"),
    (b"GIF8", "image/gif", "picture.gif"),
)
GOVERNMENT = 1
EXPIRY_WARNING = timedelta(days=7)

# Access frequency page of 2025-05-15: 100 calls a day per user and application, 30 posts an hour.
# The gap, the holding time and the moments of looking are our own choice.
LIMITS = Limits(
    as_of=date(2025, 5, 15),
    text_units_max=140,
    pictures_max=1,
    picture_bytes_max=5 * 1024 * 1024 - 1,
    picture_mimes=("image/jpeg", "image/png", "image/gif"),
    quotas={"*": Window(100, "day")},
    reserve_calls=20,
    speaks=Window(30, "hour"),
    gap_s=60,
    holds_account_s={"post": 1860},
    looks_s=(60, 180, 600, 1800),
    accepted_looks_s=(60, 180, 600, 1800),
)


class Weibo(Channel):
    """One Weibo account. The token travels in a header only, never in an address."""

    NAME = "weibo"
    HOWS = ("post",)
    SECRETS = ("access_token",)
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "uid": Option(str, "", Words(N_("The account's number (uid) at Weibo."))),
        "safe_domain": Option(
            str, "", Words(N_("The registered site's exact host names, separated by commas."))
        ),
        "rip": Option(
            str, "", Words(N_("The public IPv4 address of this machine, declared to Weibo."))
        ),
        "text_warn": Option(int, 130, Words(N_("From this length on the editor is warned."))),
        "text_max": Option(int, 140, Words(N_("The longest text Weibo takes."))),
        "gap_s": Option(float, 60.0, Words(N_("Seconds between two posts of this account."))),
        "calls_per_day": Option(int, 100, Words(N_("Calls to Weibo allowed in a day."))),
        "posts_per_hour": Option(int, 30, Words(N_("Posts allowed in an hour."))),
        "looks_s": Option(
            list,
            list(LIMITS.looks_s),
            Words(N_("Seconds after a doubt at which the machine looks.")),
        ),
    }

    @property
    def limits(self) -> Limits:
        """Weibo's figures of 2025-05-15 with the account's own `OPTIONS` put over them."""
        return replace(
            LIMITS,
            text_units_max=int(self._option("text_max")),
            quotas={"*": Window(int(self._option("calls_per_day")), "day")},
            speaks=Window(int(self._option("posts_per_hour")), "hour"),
            gap_s=float(self._option("gap_s")),
            looks_s=tuple(float(moment) for moment in self._option("looks_s")),
            accepted_looks_s=tuple(float(moment) for moment in self._option("looks_s")),
        )

    def check(self, content: Content) -> list[Finding]:
        """Hold a post against the rules of `statuses/share`."""
        warn = int(self._option("text_warn"))
        return list(findings(content, self.limits, self.HOWS, self._domains(), warn))

    def render(self, content: Content) -> Rendered:
        """Give the field `status` exactly as it is sent, and its count."""
        status = status_of(content)
        fields = {"status": status}
        if content.pictures:
            fields["pic"] = content.pictures[0].sha256
        return Rendered(fields, f"{length(status)}/{self.limits.text_units_max}")

    def prepare(self, delivery: Delivery, line: Line) -> None:
        """Make sure that there is a token and that the picture is one; asks Weibo nothing."""
        self._token()
        _picture_part(delivery.contents[0])

    def speak(self, delivery: Delivery, line: Line) -> Receipt | Accepted:
        """Publish through `statuses/share`."""
        token = self._token()
        content = delivery.contents[0]
        files = _picture_part(content)
        data = {"status": status_of(content)}
        rip = str(self._option("rip"))
        if rip:
            data["rip"] = rip
        line.spend("statuses/share")
        answer = self.wire.speak(
            line, "POST", self._url("/2/statuses/share.json"),
            data=data, files=files or None, headers=_authorised(token), secrets=(token,),
            timeout_s=PICTURE_TIMEOUT_S if files else TEXT_TIMEOUT_S,
        )  # fmt: skip
        return self._read_spoken(answer, delivery, token)

    def look(self, delivery: Delivery, line: Line) -> Receipt | Accepted | Pending | Unseen | Gone:
        """Search the account's newest posts made by this application for the delivery."""
        token = self._token()
        line.spend("statuses/user_timeline")
        params = {"base_app": "1", "count": "20"}
        uid = str(self._option("uid"))
        if uid:
            params["uid"] = uid
        answer = self.wire.get(
            self._url("/2/statuses/user_timeline.json"),
            params=params, headers=_authorised(token), secrets=(token,),
        )  # fmt: skip
        data = self._read_asked(answer, token)
        statuses = data.get("statuses")
        if not isinstance(statuses, list):
            raise Unreachable("no_list", Words(sentences.NO_LIST), _raw(answer, token))
        # A row that came back from a backup was never armed here: nothing leaves before it is due.
        since = delivery.armed_at or delivery.due_at
        found = look.find(statuses, status_of(delivery.contents[0]), since)
        return Receipt((look.out_of(found, uid),)) if found else look.unseen(statuses, since)

    def survey(self, line: Line) -> Health:
        """Ask whose token it is, until when it lives, and how many follow: two calls."""
        token = self._token()
        line.spend("oauth2/get_token_info")
        answer = self.wire.post(
            self._url("/oauth2/get_token_info"), data={"access_token": token}, secrets=(token,)
        )
        info = self._read_asked(answer, token)
        uid = str(info.get("uid") or "")
        if not uid:
            raise Unreachable("no_uid", Words(sentences.NOT_ANSWERED, {"code": "uid"}), "")
        left_s = _number(info.get("expire_in", info.get("expires_in")))
        expires_at = None if left_s is None else self.clock() + timedelta(seconds=left_s)
        line.spend("users/show")
        shown = self.wire.get(
            self._url("/2/users/show.json"),
            params={"uid": uid}, headers=_authorised(token), secrets=(token,),
        )  # fmt: skip
        user = self._read_asked(shown, token)
        notes = []
        wanted = str(self._option("uid"))
        if wanted and wanted != uid:
            notes.append(Words(sentences.OTHER_UID, {"found": uid, "wanted": wanted}))
        kind = user.get("verified_type")
        if kind is not None and _number(kind) != GOVERNMENT:
            notes.append(Words(sentences.NOT_GOVERNMENT, {"type": kind}))
        if (
            expires_at is not None
            and left_s is not None
            and left_s < EXPIRY_WARNING.total_seconds()
        ):
            notes.append(Words(sentences.EXPIRES, {"at": expires_at}))
        followers = _number(user.get("followers_count"))
        return Health(
            identity=str(user.get("screen_name") or uid),
            followers=None if followers is None else int(followers),
            platform_at=shown.date or answer.date,
            expires_at=expires_at,
            notes=tuple(notes),
        )

    def _read_spoken(self, answer: Answer, delivery: Delivery, token: str) -> Receipt | Accepted:
        data = _parsed(answer)
        raw = _raw(answer, token)
        envelope = codes.envelope_of(data)
        remote_id = look.id_of(data)
        if envelope is not None and not remote_id:
            ending = codes.when_speaking(
                envelope, raw, self.clock(), armed_before=delivery.armed_at is not None
            )
            if isinstance(ending, Ending):
                raise ending
            return ending
        if envelope is None and remote_id and 200 <= answer.status < 300:
            out = look.out_of(data, str(self._option("uid")))
            return Receipt((replace(out, published_at=out.published_at or answer.date),))
        if isinstance(data, dict) and (remote_id or answer.status < 300):
            # An id under an error, or success without an id: neither is a word to trust.
            raise Doubt("no_id", Words(sentences.NO_ID), raw)
        return status_ending(answer, speaking=True, secrets=(token,))

    def _read_asked(self, answer: Answer, token: str) -> dict[str, Any]:
        data = _parsed(answer)
        envelope = codes.envelope_of(data)
        if envelope is not None:
            raise codes.when_looking(envelope, _raw(answer, token), self.clock())
        if isinstance(data, dict) and 200 <= answer.status < 300:
            return data
        try:
            status_ending(answer, speaking=False, secrets=(token,))
        except Refused as ending:
            # A refused question proves nothing about the post.
            code, raw = ending.code, ending.raw
        raise Busy(code, Words(sentences.NOT_ANSWERED, {"code": code}), raw)

    def _option(self, name: str) -> Any:
        value = self.account.options.get(name)
        return self.OPTIONS[name].default if value is None or value == "" else value

    def _domains(self) -> list[str]:
        value = self._option("safe_domain")
        parts = value if isinstance(value, list | tuple) else str(value).split(",")
        return [str(part).strip().lower() for part in parts if str(part).strip()]

    def _url(self, path: str) -> str:
        return (self.account.api_base or API_BASE).rstrip("/") + path

    def _token(self) -> str:
        token = self.account.secrets.get("access_token", "").strip()
        if not token:
            raise Busy("no_token", Words(sentences.NO_TOKEN), account_wide=True, person=True)
        return token


def _authorised(token: str) -> dict[str, str]:
    return {"Authorization": f"OAuth2 {token}"}


def _picture_part(content: Content) -> dict[str, tuple[str, bytes, str]]:
    """Give the multipart file, by the file's first bytes and not by its name; {} without one."""
    if not content.pictures:
        return {}
    data = content.pictures[0].data
    for magic, mime, name in MAGIC:
        if data.startswith(magic) and len(data) <= LIMITS.picture_bytes_max:
            return {"pic": (name, data, mime)}
    raise Refused("picture", Words(sentences.NO_PICTURE))


def _parsed(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _raw(answer: Answer, token: str) -> str:
    return star(answer.body[:RAW_BYTES].decode("utf-8", "replace"), (token,))


def _number(value: Any) -> float | None:
    """Read a figure that comes as an int or as a string."""
    try:
        return None if value is None or isinstance(value, bool) else float(cast("str", value))
    except (TypeError, ValueError):
        return None

"""How to talk to api.weixin.qq.com: addresses, token, raw UTF-8 and the reading of answers.

Source: official pages of the subscription account, 2025-12-19 to 2026-07-14: the token stands in
the query, errors come with HTTP 200 and `errcode`, success often has no `errcode` at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from channels.contract import N_, Account, Busy, Doubt, Line, Refused, Words
from channels.wechat.codes import TABLE, Column, Means, ending, means
from channels.wechat.token import Token
from channels.wire import Answer, Wire, star, status_ending

API_BASE = "https://api.weixin.qq.com"
# The platform counts \uXXXX as six characters each and stores them literally: send raw UTF-8.
HEADERS = {"Content-Type": "application/json; charset=utf-8"}
UPLOAD_TIMEOUT_S = (5, 60)
TIMEOUT_S = (5, 30)
NONE: frozenset[int] = frozenset()
# On the token page 40001 means a wrong AppSecret: the row of 40125 says that.
WRONG_SECRET = 40125

_MALFORMED = N_(
    "WeChat's answer is incomplete. It is not proved that anything is out. The machine looks "
    "again; if it stays so, look at the account in the WeChat console."
)


class Api:
    """All calls of one account. Every call is counted with `line.spend` before it is made."""

    def __init__(self, account: Account, wire: Wire, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._wire = wire
        self._clock = clock
        self._token = Token(clock)
        self._base = (account.api_base or API_BASE).rstrip("/")
        self._secret = account.secrets.get("app_secret", "")

    def ask(
        self,
        line: Line,
        call: str,
        body: Mapping[str, object] | None = None,
        *,
        column: Column = Column.preparing,
        known: frozenset[int] = NONE,
    ) -> dict[str, Any]:
        """Make one repeatable JSON call (GET without `body`) and give back its answer.

        Codes in `known` are left for the caller to read. A stale token is refreshed once and the
        call made once more. Raises the ending of any other code; in `looking` never Refused.
        """
        return self._asked(line, call, body, column, known)[0]

    def ask_dated(
        self,
        line: Line,
        call: str,
        body: Mapping[str, object] | None = None,
        *,
        known: frozenset[int] = NONE,
    ) -> tuple[dict[str, Any], Answer]:
        """Ask as `ask` does while looking, and give back the HTTP frame (its Date) as well."""
        return self._asked(line, call, body, Column.looking, known)

    def _asked(
        self,
        line: Line,
        call: str,
        body: Mapping[str, object] | None,
        column: Column,
        known: frozenset[int],
    ) -> tuple[dict[str, Any], Answer]:
        def send(token: str) -> Answer:
            line.spend(call)
            url, params, secrets = self._url(call), {"access_token": token}, self._stars(token)
            if body is None:
                return self._wire.get(url, params=params, timeout_s=TIMEOUT_S, secrets=secrets)
            return self._wire.post(
                url,
                params=params,
                json_bytes=encode(body),
                headers=HEADERS,
                timeout_s=TIMEOUT_S,
                secrets=secrets,
            )

        return self._twice(line, send, column, known)

    def upload(
        self, line: Line, call: str, file: tuple[str, bytes, str], params: Mapping[str, str]
    ) -> dict[str, Any]:
        """Upload one `file` (name, bytes, MIME type) in the field `media`."""

        def send(token: str) -> Answer:
            line.spend(call)
            return self._wire.post(
                self._url(call),
                params={"access_token": token, **params},
                files={"media": file},
                timeout_s=UPLOAD_TIMEOUT_S,
                secrets=self._stars(token),
            )

        return self._twice(line, send, Column.preparing, NONE)[0]

    def speak(
        self, line: Line, call: str, body: Mapping[str, object], *, known: frozenset[int]
    ) -> dict[str, Any]:
        """Make the one irreversible call. A stale token is Busy here, never a second request."""
        token = self.token(line, Column.preparing)
        line.spend(call)
        secrets = self._stars(token)
        answer = self._wire.speak(
            line,
            "POST",
            self._url(call),
            params={"access_token": token},
            json_bytes=encode(body),
            headers=HEADERS,
            timeout_s=TIMEOUT_S,
            secrets=secrets,
        )
        data = envelope(answer, Column.speaking, secrets)
        code = error_code(data, Column.speaking)
        if code == 0 or code in known:
            return data
        if code in TABLE and means(code, Column.preparing) is Means.stale:
            self._token.forget(token)
        raise ending(
            code, self.raw(data, token), Column.speaking, self._clock(), account=self._account.name
        )

    def token(self, line: Line, column: Column) -> str:
        """Give the access token, fetching it when it is missing or near its end."""
        return self._token.get(lambda: self._fetch(line, column))

    def raw(self, data: Mapping[str, Any], *more: str) -> str:
        """Give the platform's own words in `data`, with secrets starred."""
        return star(str(data.get("errmsg", "")), self._stars(*more))

    def _fetch(self, line: Line, column: Column) -> tuple[str, float]:
        line.spend("stable_token")
        body = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._secret,
            "force_refresh": False,  # forcing kills the token of every other program at once
        }
        answer = self._wire.post(
            self._url("stable_token"),
            json_bytes=encode(body),
            headers=HEADERS,
            timeout_s=TIMEOUT_S,
            secrets=self._stars(),
        )
        data = envelope(answer, column, self._stars())
        code = error_code(data, column)
        if code != 0:
            code = WRONG_SECRET if means(code, Column.preparing) is Means.stale else code
            raise ending(code, self.raw(data), column, self._clock(), account=self._account.name)
        token = data.get("access_token")
        lives_s = data.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lives_s, int | float):
            raise malformed(column)
        return token, float(lives_s)

    def _twice(
        self,
        line: Line,
        send: Callable[[str], Answer],
        column: Column,
        known: frozenset[int],
    ) -> tuple[dict[str, Any], Answer]:
        """Send; after a stale token refresh it once and send once more."""
        for last in (False, True):
            token = self.token(line, column)
            answer = send(token)
            data = envelope(answer, column, self._stars(token))
            code = error_code(data, column)
            if code == 0 or code in known:
                return data, answer
            if means(code, column) is Means.stale:
                self._token.forget(token)
                if not last:
                    continue
            raise ending(
                code, self.raw(data, token), column, self._clock(), account=self._account.name
            )
        raise AssertionError("the second round returns or raises")

    def _url(self, call: str) -> str:
        return f"{self._base}/cgi-bin/{call}"

    def _stars(self, *more: str) -> tuple[str, ...]:
        return tuple(text for text in (*more, self._secret) if text)


def encode(body: Mapping[str, object]) -> bytes:
    """Serialise `body` as the platform wants it: raw UTF-8, no escapes; same body, same bytes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def envelope(answer: Answer, column: Column, secrets: Sequence[str] = ()) -> dict[str, Any]:
    """Read the JSON object of an answer; the platform declares no charset, it is UTF-8.

    Without such an object the HTTP status decides. Raises endings; while looking never Refused.
    """
    try:
        data = answer.json()
    except ValueError:
        data = None
    if isinstance(data, dict) and (answer.status == 200 or "errcode" in data):
        return data
    try:
        status_ending(answer, column is Column.speaking, secrets)
    except Refused as no:
        if column is Column.looking:
            raise Busy(no.code, no.words, no.raw) from None
        raise


def error_code(data: Mapping[str, Any], column: Column) -> int:
    """Read `errcode`; absent means 0. Raises Doubt (speaking) or Busy when it is no number."""
    try:
        return int(data.get("errcode", 0))
    except (TypeError, ValueError):
        raise malformed(column) from None


def malformed(column: Column) -> Busy | Doubt:
    """Make the ending for an answer that says ok but lacks what it must carry."""
    if column is Column.speaking:
        return Doubt("malformed", Words(_MALFORMED))
    return Busy("malformed", Words(_MALFORMED))

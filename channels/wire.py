"""The door for HTTP out: the only module that imports requests.

`get` and `post` may be repeated; `speak` is the one irreversible request. It arms the line, sends
once over a fresh connection, and ends in an answer, in a proof of silence or in a doubt. What a
complete answer means is the channel's to say.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from channels.contract import Ending
from channels.endings import doubt, reason_of, silent, star, status_ending, unreachable
from channels.sockets import POOLS, Deadline, within

if TYPE_CHECKING:
    from channels.contract import Line

__all__ = ["Answer", "CallRecord", "Wire", "star", "status_ending"]

BODY_BYTES_MAX = 1 << 20
USER_AGENT = "fabutai"

# name -> (file name, bytes, media type)
Files = Mapping[str, tuple[str, bytes, str]]

# urllib3 writes whole addresses into its log, and WeChat wants its token in the address. A filter
# and not `disabled`: `logging.config` switches every known logger on again, a filter it leaves.
logging.getLogger("urllib3.connectionpool").addFilter(lambda _: False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. `date` is its Date header (aware, UTC), None when absent or unreadable.

    Header names are found whatever their case. Body and headers stay out of `repr`: an answer may
    carry a token.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    date: datetime | None = None

    def json(self) -> Any:
        """Parse the raw bytes as UTF-8 JSON, whatever the content type says.

        Raises `ValueError` when they are not.
        """
        try:
            return json.loads(self.body.decode("utf-8"))
        except RecursionError:
            message = "JSON nested too deeply"
            raise ValueError(message) from None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call for the log: never a query string, a header or a body.

    `place` is host and path; `ending` is the HTTP status or the code of the ending.
    """

    method: str
    place: str
    ending: str
    seconds: float


class _Adapter(HTTPAdapter):
    """An adapter whose connections keep the deadline of `channels.sockets`.

    Used bare, without a session: so there are no cookies, no redirects, no .netrc and no proxies
    from the environment, and `max_retries=0` forbids every repetition.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the request as it is: nothing may replace the channel's own Authorization header."""
    return request


class Wire:
    """HTTP to the platforms. Safe to share between threads.

    `proxy` is an http:// or https:// address or ""; `trust` is True or the path of a CA bundle;
    `log` gets one `CallRecord` per call. Raises `ValueError` for an unusable setting, so that a
    wrong configuration is found at start and not after a post was armed.
    """

    def __init__(
        self,
        proxy: str = "",
        trust: str | bool = True,  # noqa: FBT001, FBT002 - requests' own convention
        *,
        log: Callable[[CallRecord], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(proxy)
        if proxy and (parts.scheme not in {"http", "https"} or not parts.hostname):
            message = "proxy must be an http:// or https:// address"
            raise ValueError(message)
        if trust is False or (isinstance(trust, str) and not Path(trust).exists()):
            message = "trust must be True or the path of an existing CA bundle"
            raise ValueError(message)
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._trust = trust
        self._log = log
        self._monotonic = monotonic
        self._pooled = _Adapter(max_retries=0)

    def __repr__(self) -> str:
        # A proxy address may hold a password.
        return f"Wire(proxy={bool(self._proxies)})"

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: tuple[float, float] = (5, 30),
        secrets: Sequence[str] = (),
    ) -> Answer:
        """Ask something that may be asked again. Every transport trouble is `Unreachable`."""
        return self._repeatable("GET", url, timeout_s, secrets, params=params, headers=headers)

    def post(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        json_bytes: bytes | None = None,
        files: Files | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: tuple[float, float] = (5, 30),
        secrets: Sequence[str] = (),
    ) -> Answer:
        """Post something that may be posted again (an upload, a draft). Endings as `get`."""
        return self._repeatable(
            "POST", url, timeout_s, secrets,
            params=params, data=data, json_bytes=json_bytes, files=files, headers=headers,
        )  # fmt: skip

    def speak(
        self,
        line: Line,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        json_bytes: bytes | None = None,
        files: Files | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: tuple[float, float] = (5, 30),
        secrets: Sequence[str] = (),
    ) -> Answer:
        """Arm `line`, then make the one irreversible request, exactly once.

        What can go wrong without a socket goes wrong before arming (`Unreachable`). Whatever
        `arm` raises passes through and nothing is sent. After arming: an answer (also one with an
        error status), `Unreachable` for a proof of silence, `Doubt` for everything else.
        """
        adapter = _Adapter(pool_connections=1, pool_maxsize=1, max_retries=0)
        try:
            request = self._prepare(
                adapter, method, url,
                params=params, data=data, json_bytes=json_bytes, files=files, headers=headers,
            )  # fmt: skip
            # Fresh and unshared: a pooled connection that the server has just closed would turn a
            # clean try into a doubt.
            request.headers["Connection"] = "close"
            line.arm()
            found = self._exchange(adapter, request, timeout_s)
        finally:
            adapter.close()
        if isinstance(found, Answer):
            return found
        if isinstance(found, Ending):
            raise found
        code, text = reason_of(found)
        make = unreachable if silent(found) else doubt
        raise make(code, star(text, secrets))

    def _repeatable(
        self,
        method: str,
        url: str,
        timeout_s: tuple[float, float],
        secrets: Sequence[str],
        **parts: Any,
    ) -> Answer:
        request = self._prepare(self._pooled, method, url, **parts)
        found = self._exchange(self._pooled, request, timeout_s)
        if isinstance(found, Answer):
            return found
        code, text = (found.code, found.raw) if isinstance(found, Ending) else reason_of(found)
        raise unreachable(code, star(text, secrets))

    def _prepare(
        self,
        adapter: HTTPAdapter,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        json_bytes: bytes | None = None,
        files: Files | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.PreparedRequest:
        """Build the request and its pool: all that can fail without a socket."""
        sent = {"User-Agent": USER_AGENT, "Accept": "*/*", **(headers or {})}
        if json_bytes is not None:
            sent.setdefault("Content-Type", "application/json; charset=utf-8")
        body = json_bytes if json_bytes is not None else data
        try:
            request = requests.Request(
                method, url, headers=sent, files=files, data=body, params=params, auth=_no_auth
            ).prepare()
            _check_encodable(request)
            pool = adapter.get_connection_with_tls_context(request, self._trust, self._proxies)
            adapter.cert_verify(pool, request.url, self._trust, None)  # type: ignore[no-untyped-call]
        except (ValueError, OSError) as error:  # requests' own exceptions are OSErrors
            trouble = type(error).__name__
        else:
            return request
        # Only the kind of trouble: its text may hold the whole address.
        raise unreachable("address", trouble)

    def _exchange(
        self,
        adapter: HTTPAdapter,
        request: requests.PreparedRequest,
        timeout_s: tuple[float, float],
    ) -> Answer | Exception:
        """Send and read to the end; give back the answer or the exception, and never raise one.

        The exception is returned so that the ending is raised outside its `except` block: chained
        to an ending, the library's exception would carry the whole address, with the token, into
        every traceback.
        """
        started = self._monotonic()
        connect_s, read_s = timeout_s
        # One reading time for sending, one for the answer.
        deadline = Deadline(self._monotonic, connect_s + 2 * read_s, read_s)
        found: Answer | Exception
        try:
            with within(deadline):
                response = adapter.send(
                    request, stream=True, timeout=timeout_s, verify=self._trust,
                    proxies=self._proxies,
                )  # fmt: skip
                try:
                    found = _read(response)
                finally:
                    response.close()
        except Exception as error:  # noqa: BLE001 - after arming everything must end in a doubt
            found = error
        self._tell(request, found, self._monotonic() - started)
        return found

    def _tell(
        self, request: requests.PreparedRequest, found: Answer | Exception, seconds: float
    ) -> None:
        if self._log is None:
            return
        if isinstance(found, Answer):
            ending = str(found.status)
        else:
            ending = found.code if isinstance(found, Ending) else reason_of(found)[0]
        parts = urlsplit(request.url or "")
        place = f"{parts.hostname}{parts.path}"
        # A log that fails must not cost a receipt.
        with suppress(Exception):
            self._log(CallRecord(request.method or "", str(place), ending, seconds))


def _check_encodable(request: requests.PreparedRequest) -> None:
    """Raise `ValueError` for what http.client would only refuse while sending, so after arming."""
    for value in request.headers.values():
        str(value).encode("latin-1")
    str(urlsplit(request.url or "").hostname).encode("idna")


def _read(response: requests.Response) -> Answer | Ending:
    """Read the body up to the cap. A longer one is not the platform's answer."""
    body = bytearray()
    for piece in response.iter_content(16_384):
        body += piece
        if len(body) > BODY_BYTES_MAX:
            return doubt("too_large", f"HTTP {response.status_code}")
    return Answer(
        response.status_code, response.headers, bytes(body), _date(response.headers.get("Date", ""))
    )


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

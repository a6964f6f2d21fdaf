"""What the ending of a request means, where no platform code decides it.

Five proofs of silence, a clear no by its HTTP status, and doubt for everything else after
speaking. Measured with requests 2.34.2 and urllib3 2.8.0 against misbehaving loopback servers
(2026-11-22; `tests/channels/test_wire.py` holds every row).
"""

from __future__ import annotations

import ssl
from email.utils import parsedate_to_datetime
from http.client import (  # noqa: TID251 - reads what the wire caught
    HTTPException,
    IncompleteRead,
    RemoteDisconnected,
)
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote, quote_plus

from urllib3 import exceptions as inner  # noqa: TID251 - the same

from channels.contract import N_, Busy, Doubt, Refused, Unreachable, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from channels.wire import Answer

RAW_CHARS = 500

# The first row found anywhere inside wins: the telling classes stand before the general ones.
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (inner.ProxyError, "proxy"),
    (inner.NameResolutionError, "name"),
    (inner.NewConnectionError, "refused"),
    (inner.ConnectTimeoutError, "connect_timeout"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
    (inner.DecodeError, "broken_body"),
    (IncompleteRead, "broken_body"),
    (inner.ReadTimeoutError, "timeout"),
    (TimeoutError, "timeout"),
    (RemoteDisconnected, "closed"),
    (ConnectionResetError, "reset"),
    (BrokenPipeError, "reset"),
    (HTTPException, "garbage"),
    (inner.SSLError, "tls"),
    (inner.LocationValueError, "address"),
)

_SILENT = {
    "refused": N_(
        "The platform's server did not accept a connection. Nothing was sent, so this request "
        "published nothing. It is tried again by itself; if this lasts, ask the network "
        "administrator."
    ),
    "name": N_(
        "The platform's address was not found by name. Nothing was sent, so this request "
        "published nothing. It is tried again by itself; if this lasts, have the name "
        "service of this machine checked."
    ),
    "connect_timeout": N_(
        "The platform's server could not be reached in time. Nothing was sent, so this request"
        " published nothing. It is tried again by itself; if this lasts, ask the network "
        "administrator."
    ),
    "certificate": N_(
        "The server's certificate is not trusted. Nothing was sent, so this request published "
        "nothing. Check this machine's clock and whether a proxy opens HTTPS traffic; then "
        "it goes on by itself."
    ),
    "proxy": N_(
        "The proxy did not let the connection through. Nothing was sent, so this request "
        "published nothing. Check the proxy in the configuration and its permission for "
        "this platform."
    ),
    "address": N_(
        "The request could not be put together, the platform's address may be wrong. "
        "Nothing was sent, so this request published nothing. Check the address of this "
        "account in the configuration."
    ),
}
_REPEATABLE = N_(
    "The platform gave no usable answer ({reason}). This request published nothing. It is "
    "tried again by itself."
)

_DOUBTFUL = {
    "timeout": N_(
        "The post was sent and no answer came in time. It may be out. Do not send it again: the "
        "platform is searched for it, and after that a person is asked."
    ),
    "tls": N_(
        "The encrypted connection broke while the post was being sent. It may be out. Do not send "
        "it again: the platform is searched for it, and after that a person is asked."
    ),
    "too_large": N_(
        "The post was sent and the answer was too large to be the platform's. It may be out. Do "
        "not send it again: the platform is searched for it, and after that a person is asked."
    ),
}
_DOUBT = N_(
    "The post was sent and no trustworthy answer came back ({reason}). It may be out. Do not send "
    "it again: the platform is searched for it, and after that a person is asked."
)


def star(text: str, secrets: Sequence[str] = ()) -> str:
    """Replace every secret in `text` by stars, as it is and as it stands in an address; cut it."""
    forms = {form for one in secrets if one for form in (one, quote(one, safe=""), quote_plus(one))}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text[:RAW_CHARS]


def silent(error: BaseException) -> bool:
    """Tell whether `error` proves that nothing reached the platform.

    "MaxRetryError" alone proves nothing, and neither does "ProxyError": when a reply breaks off
    after the request was sent through a proxy, http.client closes the connection first, urllib3
    then believes that the proxy was never reached and says ProxyError
    (`test_proxy_drops_after_request_is_doubt` would break).
    """
    outer = error.args[0] if error.args else None
    return isinstance(outer, inner.MaxRetryError) and _proves_silence(outer.reason)


def _proves_silence(reason: BaseException | None) -> bool:
    if isinstance(reason, inner.ConnectTimeoutError):
        return True  # in urllib3 2 the parent of NewConnectionError and NameResolutionError
    if isinstance(reason, inner.SSLError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    if isinstance(reason, inner.ProxyError):
        first = reason.original_error
        return _proves_silence(first) or (
            # A refused CONNECT: http.client has no class of its own for it.
            type(first) is OSError and str(first).startswith("Tunnel connection failed")
        )
    return False


def _inside(error: BaseException) -> Iterator[BaseException]:
    yield error
    held = [getattr(error, "reason", None), getattr(error, "original_error", None), *error.args]
    for one in held:
        if isinstance(one, BaseException):
            yield from _inside(one)


def reason_of(error: BaseException) -> tuple[str, str]:
    """Name the trouble: a short code, and the innermost text (without the address's query)."""
    chain = list(_inside(error))
    innermost = f"{type(chain[-1]).__name__}: {chain[-1]}"
    for kind, code in _REASONS:
        if any(isinstance(one, kind) for one in chain):
            return code, innermost
    return "unknown", type(error).__name__


def unreachable(code: str, raw: str = "") -> Unreachable:
    """Make the ending for a request that certainly published nothing."""
    return Unreachable(code, Words(_SILENT.get(code, _REPEATABLE), {"reason": code}), raw)


def doubt(code: str, raw: str = "") -> Doubt:
    """Make the ending for a request that left us without a trustworthy answer."""
    return Doubt(code, Words(_DOUBTFUL.get(code, _DOUBT), {"reason": code}), raw)


def status_ending(
    answer: Answer,
    speaking: bool,  # noqa: FBT001 - the two columns of the table; callers name it
    secrets: Sequence[str] = (),
) -> NoReturn:
    """Raise what the HTTP status alone means. Only for answers in which no envelope parses."""
    status = answer.status
    code = f"http_{status}"
    raw = star(answer.body[:RAW_CHARS].decode("utf-8", "replace"), secrets)
    if status in {400, 403, 404, 410, 413, 422}:
        words = N_(
            "The platform's server refused the request (HTTP {status}). This request "
            "published nothing. Ask the administrator to look at the raw answer before it "
            "is queued again."
        )
        raise Refused(code, Words(words, {"status": status}), raw)
    if status == 401:
        words = N_(
            "The platform does not accept this account's credentials (HTTP 401). This "
            "request published nothing and the account waits. Renew the account's "
            "authorisation; then it goes on by itself."
        )
        raise Busy(code, Words(words), raw, account_wide=True, person=True)
    wait_s = _retry_after_s(answer)
    if status == 429 or (status == 503 and wait_s is not None):
        words = N_(
            "The platform asks for a pause (HTTP {status}). This request published nothing "
            "and the account waits. It is tried again by itself."
        )
        raise Busy(code, Words(words, {"status": status}), raw, not_before_s=wait_s)
    raise doubt(code, raw) if speaking else unreachable(code, raw)


def _retry_after_s(answer: Answer) -> float | None:
    """Read Retry-After as seconds; a date counts from the answer's own Date, not our clock."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if answer.date is None or until.tzinfo is None:
        return None
    return max(0.0, (until - answer.date).total_seconds())

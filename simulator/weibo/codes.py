"""Weibo's error codes, the words sent with them, and the HTTP status they arrive under.

Source: the published error table and texts seen in public threads, read 2026-11-22. The platform's
own misspellings ("paramter", "suported", "illgal") are kept: clients match on them.
"""

from __future__ import annotations

TEXTS: dict[int, str] = {
    10001: "system error!",
    10002: "service unavailable!",
    10003: "remote service error!",
    10004: "Ip Limit, request ip is not contained in safety ip",
    10005: "permission denied, need a high level appkey!",
    10006: "source paramter(appkey) is missing",
    10008: "param error, see doc for more info!",
    10009: "too many pending tasks, system is busy!",
    10010: "job expired!",
    10011: "rpc error!",
    10012: "illegal request!",
    10013: "invalid weibo user!",
    10014: "Insufficient app permissions!",
    10016: "miss required parameter ({0}) , see doc for more info!",
    10018: "request body length over limit!",
    10020: "request api not found!",
    10021: "HTTP METHOD is not suported for this request!",
    10022: "IP requests out of rate limit!",
    10023: "User requests out of rate limit!",
    10024: "User requests for ({0}) out of rate limit!",
    20003: "user does not exists!",
    20005: "unsupported image type, only suport JPG, GIF, PNG!",
    20006: "image size too large!",
    20007: "does multipart has image?",
    20008: "content is null!",
    20009: "ids too many!",
    20012: "text too long, please input text less than 140 characters!",
    20015: "account or ip or app is illgal, can not continue!",
    20016: "update weibo too fast!",
    20017: "repeat content!",
    20018: "contain illegal website!",
    20019: "repeat content!",
    20020: "contain advertising!",
    20021: "content is illegal!",
    20031: "test and verify!",
    20032: "update success, while server slow now, please wait 1-2 minutes!",
    20053: "Your Weibo has been successfully released and needs manual review for 3 minutes!",
    20101: "target weibo does not exist!",
    20102: "not your own weibo!",
    20111: "repeated weibo text!",
    21301: "auth faild!",
    21315: "token expired!",
    21316: "token revoked!",
    21317: "token rejected!",
    21319: "accessor was revoked!",
    21321: "applications over the unaudited use restrictions!",
    21322: "redirect_uri_mismatch",
    21323: "invalid_request",
    21324: "invalid_client",
    21325: "invalid_grant",
    21327: "expired_token",
    21328: "unsupported_grant_type",
    21330: "access_denied",
    21332: "invalid_access_token",
    21335: "request uid's value must be the current user uid!",
    21602: "contains forbid world!",
}

NOT_BOUND = "appkey not bind domain!"
NOT_FOUND = "text not find domain!"

_FORBIDDEN = {10014, 10022, 10023, 10024, 20015}


class WeiboError(Exception):
    """A refusal in Weibo's words. `code` 10017 always brings its own text."""

    def __init__(self, code: int, *fills: str, text: str | None = None) -> None:
        """Fill the words of a code, or take `text` instead."""
        self.code = code
        self.text = text if text is not None else text_of(code).format(*fills)
        super().__init__(f"{code} {self.text}")


def text_of(code: int) -> str:
    """Return the usual words of a code; an unknown one gets the words of a system error."""
    return TEXTS.get(code, TEXTS[10001])


def status_of(code: int, path: str) -> int:
    """Return the HTTP status: 400, but 403 for permissions, rates and dead tokens on API calls."""
    if code in _FORBIDDEN:
        return 403
    if 21300 <= code < 21400 and "oauth2/" not in path:
        return 403
    return 400

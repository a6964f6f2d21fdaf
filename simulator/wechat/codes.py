"""WeChat's error codes and the words sent with them.

Source: the published tables and wire texts seen in public reports, read 2026-11-22. On the wire a
` rid: ` tail follows, so clients must not compare whole strings.
"""

from __future__ import annotations

TEXTS: dict[int, str] = {
    -1: "system error",
    40001: (
        "invalid credential, access_token is invalid or not latest, could get access_token by "
        "getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
    ),
    40002: "invalid grant_type",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40010: "invalid voice size",
    40011: "invalid video size",
    40012: "invalid thumb size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40059: "invalid msg id",
    40097: "invalid args",
    40113: "unsupported file type",
    40114: "invalid index value",
    40125: "invalid appsecret",
    40152: "invalid tag_id",
    40164: "invalid ip {0} ipv6 ::ffff:{0}, not in whitelist",
    40215: "too many images",
    40227: "title empty",
    40243: "AppSecret frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41039: "invalid content_source_url",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    44001: "empty media data",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "url size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45028: "has no masssend quota",
    45062: "has agreement ad, please use mp.weixin.qq.com",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    45110: "author size out of limit",
    45113: "this message type can not be sent any more",
    45166: "invalid content",
    47001: "data format error",
    48001: "api unauthorized",
    48004: "api forbidden for irregularities",
    48006: "forbid to clear quota because of reaching the limit",
    50002: "user limited",
    53502: "invalid publish_id",
    53503: "draft check failed before publish",
    53600: "invalid article_id",
    76021: "cgi_path not found",
    88000: "without comment privilege",
    89504: "mass send is waiting for the administrator",
    89505: "mass send was handed to the administrator",
}


class WechatError(Exception):
    """A refusal in WeChat's words, with further fields of the envelope if it has any."""

    def __init__(self, code: int, *fills: str, **more: int | str) -> None:
        """Fill the words of a code; `more` goes into the envelope."""
        self.code = code
        words = text_of(code)
        self.text = words.format(*fills) if fills else words
        self.more = more
        super().__init__(f"{code} {self.text}")


def text_of(code: int) -> str:
    """Return the usual words of a code; an unknown one gets the words of a system error."""
    return TEXTS.get(code, TEXTS[-1])

"""What the shared suite expects of Weibo, read from the platform's papers and not from our code."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.contract import (
    Accepted,
    Account,
    Busy,
    Content,
    Delivery,
    Doubt,
    Out,
    Picture,
    Receipt,
    Refused,
    Severity,
)

KIND = "weibo"
SECRETS = {"access_token": "2.00Unmistakable+Token/x"}
SHARE = "/2/statuses/share.json"
TIMELINE = "/2/statuses/user_timeline.json"
TOKEN_INFO = "/oauth2/get_token_info"
USER = "/2/users/show.json"
LINK = "https://yjj.example.gov.cn/2026/1122.html"
MID = "3501756485200075"
STATUS = {
    "created_at": "Sun Nov 22 09:00:03 +0800 2026",
    "id": int(MID),
    "idstr": MID,
    "mid": MID,
    "text": "安全提示：冬季用火用电要当心。 http://t.cn/A0000001 \u200b",
    "user": {"id": 1000000001, "idstr": "1000000001"},
}
RECEIPT = Receipt(
    (
        Out(
            MID,
            "https://weibo.com/1000000001/z0JH2lOMb",
            datetime(2026, 11, 22, 1, 0, 3, tzinfo=UTC),
        ),
    )
)
ANSWERS: dict[str, object] = {
    SHARE: STATUS,
    TIMELINE: {"statuses": [STATUS], "total_number": 1},
    TOKEN_INFO: {"uid": 1000000001, "appkey": "1", "scope": None, "expire_in": 157679471},
    USER: {
        "id": 1000000001,
        "screen_name": "示例发布",
        "followers_count": "474",
        "verified_type": 1,
    },
}
STAGES = {"speak": (SHARE,), "look": (TIMELINE,), "survey": (TOKEN_INFO, USER)}
SPOKEN = RECEIPT
LOOKED = RECEIPT


def account(url: str) -> Account:
    options = {"uid": "1000000001", "safe_domain": "yjj.example.gov.cn", "rip": "192.0.2.1"}
    return Account("weibo", KIND, "示例发布", url, options=options, secrets=SECRETS)


def delivery() -> Delivery:
    content = Content(text="安全提示：冬季用火用电要当心。", link=LINK, how="post")
    due = datetime(2026, 11, 22, 1, tzinfo=UTC)
    return Delivery("a" * 26, "d", "post", (content,), due)


def shown(requests) -> dict[str, str]:
    return {"status": requests[-1].form["status"]}


def error(code: object, text: str = "words") -> dict[str, object]:
    return {"request": "/2/statuses/share.json", "error_code": code, "error": text}


def spoken(status: int, code: object, wanted: type, text: str = "words", **more: object) -> tuple:
    return ("speak", SHARE, status, error(code, text), wanted, more)


def asked(code: int, **more: object) -> tuple:
    return ("look", TIMELINE, 400, error(code), Busy, more)


PERSON = {"person": True, "account_wide": True}
CODES = [
    # nothing can be told from it
    *(spoken(400, code, Doubt) for code in (10001, 10002, 10003, 10009, 10010, 10011, 23201)),
    *(spoken(400, code, Doubt) for code in (-1, 1, 99999, "99999", 20502, 21331)),
    spoken(200, 10010, Doubt),
    # the content
    *(spoken(400, code, Refused) for code in (20005, 20006, 20008, 20012, 20018, 20020, 20021)),
    *(spoken(400, code, Refused) for code in (10008, 10016, 10018, 10021, 20049, 21602)),
    ("speak", SHARE, 400, error("20012"), Refused, {"code": "20012", "person": False}),
    spoken(400, 10017, Refused, "Text Not Find Domain! see doc"),
    spoken(400, 10017, Busy, "appkey not bind domain!", **PERSON),
    spoken(400, 10017, Refused, "Parameter (rip)'s value invalid"),
    # an equal post, at the first try
    *(spoken(400, code, Refused) for code in (20017, 20019, 20111)),
    # accepted, told as an error
    *(spoken(400, code, Accepted, job="", by="platform") for code in (20032, 20053)),
    # allowance: to 10:00, as it is 09:00 Beijing time
    *(
        spoken(403, code, Busy, account_wide=True, person=False, not_before_s=3600.0)
        for code in (10022, 10023, 10024)
    ),
    spoken(400, 20016, Busy, account_wide=True, not_before_s=600.0),
    spoken(400, 20014, Busy, account_wide=False, person=False),
    # credentials, settings, the owner
    *(spoken(403, code, Busy, **PERSON) for code in (10006, 21301, 21315, 21319, 21327, 21332)),
    *(spoken(403, code, Busy, **PERSON) for code in (10004, 10014, 21321, 21337)),
    *(spoken(403, code, Busy, **PERSON) for code in (20015, 20031, 10013)),
    spoken(200, 21332, Busy, **PERSON),
    # success that names no post, or a post under an error
    ("speak", SHARE, 200, {"text": "ok"}, Doubt, {"code": "no_id"}),
    ("speak", SHARE, 200, {**STATUS, "idstr": None, "mid": "", "id": 1.5}, Doubt, {}),
    ("speak", SHARE, 500, STATUS, Doubt, {}),
    ("speak", SHARE, 400, {**STATUS, **error(20019)}, Doubt, {}),
    # liberal in what counts as a number
    ("speak", SHARE, 200, {"id": int(MID), "created_at": None}, Receipt, {}),
    ("speak", SHARE, 200, {**STATUS, "error_code": 0}, Receipt, {}),
    # looking: a question that was not answered says nothing about the post
    *(asked(code, person=False, account_wide=False) for code in (10001, 10009, 20101, 20019, 5)),
    *(asked(code, **PERSON) for code in (21332, 21335, 10014)),
    asked(10023, account_wide=True, not_before_s=3600.0),
    ("survey", TOKEN_INFO, 400, error(21327), Busy, PERSON),
    ("survey", USER, 403, error(10023), Busy, {"account_wide": True}),
]
AGAIN = [spoken(400, code, Doubt) for code in (20017, 20019, 20111)]

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def picture(**more: object) -> Picture:
    fields = {"mime": "image/png", "size_bytes": len(PNG), "alt": "图", "data": PNG, **more}
    return Picture("0" * 64, width_px=10, height_px=10, **fields)


def post(text: str = "安全提示", **more: object) -> Content:
    return Content(**{"text": text, "link": LINK, **more})


FINE = [
    post(),
    post(how="post"),
    post("汉" * 129),
    post(pictures=(picture(),)),
    post(pictures=(picture(size_bytes=5 * 1024 * 1024 - 1, mime="image/gif"),)),
    post("见 https://YJJ.example.gov.cn/a?b=c#d 和 https://other.example/", link=""),
    post("编号 #1 和 2"),
]
BREAKERS = [
    (post(""), Severity.must, "text", "text_empty"),
    (post(" \n"), Severity.must, "text", "text_empty"),
    (post("汉" * 130), Severity.must, "text", "text_too_long"),
    (post("汉" * 120), Severity.should, "text", "text_long"),
    (post("#安全生产月# 开始了"), Severity.must, "text", "hashtag"),
    (post("坏\ud800字"), Severity.must, "text", "unsendable"),
    (post(link=""), Severity.must, "link", "no_link"),
    (post(link="http://t.cn/A0000001"), Severity.must, "link", "no_safe_domain"),
    (post(link="https://www.yjj.example.gov.cn/"), Severity.must, "link", "no_safe_domain"),
    (post(link=LINK + "?" + "a" * 1000), Severity.must, "link", "link_too_long"),
    (post(f"见{LINK}。详情"), Severity.should, "text", "link_glued"),
    (post(pictures=(picture(), picture())), Severity.must, "pictures", "too_many_pictures"),
    (post(pictures=(picture(mime="image/webp"),)), Severity.must, "pictures", "picture_type"),
    (
        post(pictures=(picture(size_bytes=5 * 1024 * 1024),)),
        Severity.must,
        "pictures",
        "picture_size",
    ),
    (post(pictures=(picture(alt=" "),)), Severity.hint, "pictures", "picture_alt"),
    (post(how="push"), Severity.must, "how", "how"),
]

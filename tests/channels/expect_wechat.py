"""What the shared suite expects of WeChat, read from the platform's papers, not from our code."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from PIL import Image

from channels.contract import (
    Accepted,
    Account,
    Busy,
    Content,
    Delivery,
    Doubt,
    Out,
    Pending,
    Picture,
    Receipt,
    Refused,
    Severity,
    Unseen,
)

KIND = "wechat"
SECRETS = {"app_secret": "Unmistakable0Secret0Of0The0Account"}
KEY = "abcdefghijklmnopqrstuvwxyz"
BASE = "/cgi-bin/"
TOKEN = BASE + "stable_token"
IMAGE = BASE + "media/uploadimg"
MATERIAL = BASE + "material/add_material"
ADD = BASE + "draft/add"
GET = BASE + "draft/get"
DELETE = BASE + "draft/delete"
SUBMIT = BASE + "freepublish/submit"
STATUS = BASE + "freepublish/get"
QUOTA = BASE + "openapi/quota/get"
FOLLOWERS = BASE + "user/get"
LINK = "https://yjj.example.gov.cn/2026/1122.html"
TITLE = "冬季用火用电安全提示"
ADDRESS = "mmbiz.qpic.cn/mmbiz_png/abc/0?wx_fmt=png"


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 9), "maroon").save(out, "PNG")
    return out.getvalue()


PNG = _png()
ARTICLE = {
    "title": TITLE,
    "content": f'<p><span leaf="">图</span><img data-src="https://{ADDRESS}"></p>',
    "content_source_url": LINK,
    "thumb_media_id": "cover-1",
    "url": "http://mp.weixin.qq.com/s?temporary",
}
PUBLISHED = {
    "publish_id": "2247483651",
    "publish_status": 0,
    "article_id": "ARTICLE_ID",
    "article_detail": {
        "count": 1,
        "item": [{"idx": 1, "article_url": "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv"}],
    },
    "fail_idx": [],
}
ANSWERS: dict[str, object] = {
    TOKEN: {"access_token": "T0KEN", "expires_in": 7200},
    IMAGE: {"url": f"http://{ADDRESS}"},
    MATERIAL: {"media_id": "cover-1", "url": f"http://{ADDRESS}", "item": []},
    ADD: {"media_id": "draft-1", "item": []},
    DELETE: {"errcode": 0, "errmsg": "ok"},
    GET: {"news_item": [ARTICLE], "create_time": 1, "update_time": 1},
    SUBMIT: {"errcode": 0, "errmsg": "ok", "publish_id": 2247483651, "msg_data_id": 2247484313},
    STATUS: PUBLISHED,
    QUOTA: {"errcode": 0, "quota": {"daily_limit": 100, "used": 7, "remain": 93}},
    FOLLOWERS: {"total": 23456, "count": 1, "data": {"openid": ["o1"]}, "next_openid": "o1"},
}
STAGES = {
    "prepare": (TOKEN, IMAGE, MATERIAL, ADD, GET),
    "speak": (SUBMIT,),
    "look": (TOKEN, STATUS),
    "survey": (TOKEN, QUOTA, FOLLOWERS),
}
SPOKEN = Accepted(
    job="2247483651",
    kept={"submitted": "draft-1", "job_key": KEY, "msg_data_id": "2247484313"},
)
LOOKED = Receipt((Out("ARTICLE_ID_1", "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv"),))
KEPT = {"draft": "draft-1", "job": "2247483651", "job_key": KEY, "submitted": "draft-1"}


def account(url: str) -> Account:
    return Account(
        "wechat", KIND, "示例应急", url, app_id="wx0123456789abcdef", secrets=SECRETS
    )  # fmt: skip


def picture(letter: str = "a", **more: object) -> Picture:
    fields = {"mime": "image/png", "size_bytes": len(PNG), "alt": "图", "data": PNG, **more}
    return Picture(letter * 64, width_px=16, height_px=9, **fields)


def post(title: str = TITLE, **more: object) -> Content:
    fields = {"body": "<p>请勿私拉电线。</p>", "cover": picture("c"), "link": LINK, **more}
    return Content(title=title, **fields)


def delivery() -> Delivery:
    content = post(
        body=f'<p>请勿<strong>私拉</strong>电线。<img src="media:{"a" * 64}" alt="图"></p>',
        pictures=(picture("a"),),
        summary="用火用电要当心",
        author="应急管理局",
        how="publish",
    )
    return Delivery(KEY, "d", "publish", (content,), datetime(2026, 11, 22, 1, tzinfo=UTC))


def shown(requests) -> dict[str, str]:
    """Read the sent article back: picture addresses as `media:`, our mark taken off the link."""
    sent = next(one for one in requests if one.path == ADD)
    (article,) = json.loads(sent.body.decode("utf-8"))["articles"]
    return {
        "title": article["title"],
        "author": article["author"],
        "digest": article["digest"],
        "content": article["content"].replace(f"https://{ADDRESS}", f"media:{'a' * 64}"),
        "content_source_url": article["content_source_url"].removesuffix(f"#fabu-{KEY}"),
    }


def error(code: object, text: str = "words rid: 1-2-3") -> dict[str, object]:
    return {"errcode": code, "errmsg": text}


def spoken(code: object, wanted: type, **more: object) -> tuple:
    return ("speak", SUBMIT, 200, error(code), wanted, more)


def prepared(path: str, code: int, wanted: type, **more: object) -> tuple:
    return ("prepare", path, 200, error(code), wanted, more)


def looked(body: object, wanted: type, **more: object) -> tuple:
    return ("look", STATUS, 200, body, wanted, more)


PERSON = {"person": True, "account_wide": True}
# 09:00 in Beijing: the day ends in fifteen hours
TOMORROW = {"account_wide": True, "not_before_s": 15 * 3600.0}
CODES = [
    # speaking: nothing can be told from it
    *(spoken(code, Doubt) for code in (-1, 268487001, 268487002, 268488001, 40007, 53502)),
    *(spoken(code, Doubt) for code in (99999, "99999", "words", None, 89503, 89504, 89505)),
    ("speak", SUBMIT, 200, {"errcode": 0, "errmsg": "ok"}, Doubt, {}),
    ("speak", SUBMIT, 200, {"publish_id": ""}, Doubt, {}),
    # speaking: a clear no
    *(spoken(code, Refused, person=False) for code in (45166, 53503, 45002, 45003, 48022)),
    *(spoken(code, Refused, person=True) for code in (48001, 48004, 53500, 53504, 53505, 45062)),
    # speaking: proved not done
    *(spoken(code, Busy, person=False, account_wide=False) for code in (40001, 40014, 42001)),
    *(spoken(code, Busy, **PERSON) for code in (40013, 40125, 40164, 40243, 50004)),
    spoken(45009, Busy, person=False, **TOMORROW),
    *(spoken(code, Busy, person=False, not_before_s=60) for code in (45011, 42010)),
    spoken(53501, Busy, account_wide=True, not_before_s=1800),
    # ids as number or text
    ("speak", SUBMIT, 200, {"publish_id": "7"}, Accepted, {"job": "7", "by": "platform"}),
    ("speak", SUBMIT, 200, {"errcode": "0", "publish_id": 7}, Accepted, {"job": "7"}),
    # preparing
    *(prepared(TOKEN, code, Busy, **PERSON) for code in (40001, 40013, 40125, 40164, 89503)),
    *(prepared(ADD, code, Busy, person=False) for code in (-1, 45011, 40001)),
    prepared(ADD, 45009, Busy, **TOMORROW),
    prepared(ADD, 40007, Busy, not_before_s=5, account_wide=False),
    *(prepared(ADD, code, Refused, person=False) for code in (45166, 45003, 45110, 45004, 777)),
    prepared(ADD, 48001, Refused, person=True),
    *(prepared(IMAGE, code, Refused, guilty=(0,)) for code in (40113, 40009)),
    prepared(MATERIAL, 40137, Refused, guilty=(0,)),
    ("prepare", ADD, 200, {"item": []}, Busy, {}),
    ("prepare", TOKEN, 200, {"expires_in": 7200}, Busy, {}),
    (
        "prepare",
        GET,
        200,
        {"news_item": [{**ARTICLE, "content": "<p>图</p>"}]},
        Refused,
        {"guilty": (0,)},
    ),
    ("prepare", GET, 200, {"news_item": [{**ARTICLE, "title": "?"}]}, Refused, {"guilty": (0,)}),
    prepared(GET, 40007, Busy, not_before_s=5),
    # looking
    looked({"publish_status": 1}, Pending),
    looked({"publish_status": 5, "article_id": "A"}, Receipt),
    looked({"publish_status": 6, "article_id": "A"}, Receipt),
    looked({"publish_status": 2, "fail_idx": [1]}, Refused, guilty=(0,), person=False),
    looked({"publish_status": 4, "fail_idx": ["1"]}, Refused, guilty=(0,), person=False),
    looked({"publish_status": 3}, Refused, guilty=(), person=True),
    looked({"publish_status": 9}, Unseen),
    looked({}, Unseen),
    looked(error(53502), Unseen),
    *(looked(error(code), Busy) for code in (-1, 40001, 45009, 48001, 45166, 777)),
    # a survey takes a missing right as a note, everything else as trouble
    ("survey", TOKEN, 200, error(40164), Busy, PERSON),
    ("survey", QUOTA, 200, error(45009), Busy, TOMORROW),
]
AGAIN = [spoken(code, Doubt) for code in (-1, 40007, 99999)]

FINE = [
    post(),
    post("汉" * 32),
    post(how="push", author="汉" * 16, summary="汉" * 120),
    post(link=""),
    post(origin="reprint", source="新华社"),
    post(body='<p><a href="https://other.example/">外链</a></p>'),
]
BREAKERS = [
    (post(""), Severity.must, "title", "title_empty"),
    (post("汉" * 33), Severity.must, "title", "title_too_long"),
    (post("坏\ud800字"), Severity.must, "title", "unsendable"),
    (post(author="汉" * 17), Severity.must, "author", "author_too_long"),
    (post(summary="汉" * 121), Severity.must, "summary", "summary_too_long"),
    (post(body=""), Severity.must, "body", "body_empty"),
    (post(body=f"<p>{'汉' * 20_000}</p>"), Severity.must, "body", "body_too_long"),
    (post(body=f'<img src="media:{"b" * 64}">'), Severity.must, "body", "picture_missing"),
    (post(body='<p><a href="#a">甲</a></p>'), Severity.must, "body", "anchor"),
    (post(cover=None), Severity.must, "cover", "cover_missing"),
    (post(cover=picture(mime="image/heic")), Severity.must, "cover", "picture_type"),
    (post(pictures=(picture(size_bytes=10_000_001),)), Severity.must, "pictures", "picture_size"),
    (post(link="yjj.example.gov.cn"), Severity.must, "link", "link_no_address"),
    (post(link=LINK + "?" + "a" * 1000), Severity.must, "link", "link_too_long"),
    (post(origin="reprint"), Severity.must, "source", "source_missing"),
    (post(how="post"), Severity.must, "how", "how"),
]

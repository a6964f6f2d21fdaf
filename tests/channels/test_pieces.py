"""Findings point at their place: the very words, link or picture they speak of, and the rule."""

from __future__ import annotations

import pytest

from channels.contract import Account, Content, Finding
from channels.manual import Manual
from channels.wechat import WeChat
from channels.weibo import Weibo
from channels.weibo.reasons import WHY as WEIBO_WHY
from channels.weibo.text import length, status_of
from channels.wire import Wire
from tests.channels.wechat_fake import START, article, picture

LINK = "https://www.example.gov.cn/a.html"


def weibo(content: Content) -> dict[str, Finding]:
    options = {"safe_domain": "www.example.gov.cn"}
    account = Account("w", "weibo", "局", "", app_id="1", options=options)
    return {one.code: one for one in Weibo(account, Wire(), lambda: START).check(content)}


def wechat(**content: object) -> dict[str, Finding]:
    account = Account("x", "wechat", "局", "", app_id="wx1")
    found = WeChat(account, Wire(), lambda: START).check(article(**content))
    return {one.code: one for one in found}


def test_text_over_the_limit_names_what_stands_beyond_it():
    text = "很长" * 80
    tail = weibo(Content(text=text, link=LINK))["text_too_long"].pieces[0]
    assert text.endswith(tail)
    assert 140 == length(status_of(Content(text=text.removesuffix(tail), link=LINK)))


def test_text_near_the_limit_names_what_stands_beyond_the_warning():
    text = "字" * 124
    assert ("字" * 5,) == weibo(Content(text=text, link=LINK))["text_long"].pieces


def test_link_alone_too_long_names_the_whole_text():
    found = weibo(Content(text="甲乙", link=LINK + "a" * 400))
    assert ("甲乙",) == found["text_too_long"].pieces


def test_every_topic_is_named():
    found = weibo(Content(text="#安全# 中间 #生产# 再来 #安全#", link=LINK))
    assert ("#安全#", "#生产#", "#安全#") == found["hashtag"].pieces


def test_weibo_links_are_named():
    other = "https://other.example.com/x"
    assert (other,) == weibo(Content(text=f"看 {other}"))["no_safe_domain"].pieces
    glued = weibo(Content(text=f"看{LINK}。快", link=LINK))["link_glued"]
    assert (LINK,) == glued.pieces
    long = LINK + "?" + "a" * 1100
    assert (long,) == weibo(Content(text="看", link=long))["link_too_long"].pieces


def test_weibo_pictures_are_named():
    found = weibo(Content(text="看", link=LINK, pictures=(picture("a"), picture("b"))))
    assert (f"media:{picture('b').sha256}",) == found["too_many_pictures"].pieces
    assert found["picture_alt"].pieces[0].startswith("media:")


@pytest.mark.parametrize("field", ["title", "author", "summary"])
def test_words_over_the_limit_are_named(field: str):
    most = {"title": 32, "author": 16, "summary": 120}[field]
    found = wechat(**{field: "字" * most + "尾巴"})
    assert ("尾巴",) == found[f"{field}_too_long"].pieces


@pytest.mark.parametrize(
    ("href", "code"),
    [
        ("#a", "anchor"),
        ("https://mp.weixin.qq.com/s/x?tempkey=1", "preview_link"),
        ("https://mp.weixin.qq.com/s/" + "x" * 64, "long_link"),
        ("https://a.cn/?b=1&c=2", "links_as_notes"),
    ],
)
def test_links_of_an_article_are_named_by_their_address(href: str, code: str):
    body = f'<p>看<a href="{href.replace("&", "&amp;")}">这里</a></p>'
    assert (href,) == wechat(body=body)[code].pieces


def test_pictures_of_an_article_are_named():
    assert ("media:" + "b" * 64,) == wechat(body=f'<img src="media:{"b" * 64}">')[
        "picture_missing"
    ].pieces
    cover = picture("c", mime="image/tiff")
    assert (f"media:{cover.sha256}",) == wechat(cover=cover)["picture_type"].pieces


def test_pictures_beyond_a_board_are_named():
    board = Manual(Account("b", "manual", "栏", ""), Wire(), lambda: START)
    found = board.check(Content(title="题", pictures=(picture("a"),) * 20))
    assert 2 == len(found[0].pieces)


def test_rules_of_platform_and_law_are_told_where_there_is_one():
    found = weibo(Content(text="#安全#"))
    assert found["hashtag"].why is WEIBO_WHY["hashtag"]
    assert found["no_link"].why is WEIBO_WHY["no_link"]
    assert wechat(origin="reprint")["source_missing"].why is not None
    assert wechat(title=" ")["title_empty"].why is None

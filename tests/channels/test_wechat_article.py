"""Golden cases of the article's HTML: what WeChat's sanitiser lets through, nothing else."""

from __future__ import annotations

import re

import pytest

from channels.contract import Picture
from channels.wechat.article import STYLES, article_html, stays_a_link, with_addresses
from tests.channels.wechat_fake import article, picture

P = f'<p style="{STYLES["p"]}">'
NOTE = f'<p style="{STYLES["note"]}">'
SHA = "a" * 64
WECHAT = "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv"


def html(body: str, **more: object) -> str:
    return article_html(article(body=body, **more))


GOLDEN = {
    "paragraph": ("<p>一<strong>二</strong><br>三</p>", f"{P}一<strong>二</strong><br>三</p>"),
    "marks inside text stay text": (
        '<p>1 &lt; 2 &amp; "3"</p>',
        f"{P}1 &lt; 2 &amp; &quot;3&quot;</p>",
    ),
    "first title dropped, second kept": (
        "<h1>题</h1><h1>节</h1>",
        f'<h2 style="{STYLES["h2"]}">节</h2>',
    ),
    "small headings become the fourth": ("<h6>节</h6>", f'<h4 style="{STYLES["h4"]}">节</h4>'),
    "link to a WeChat article stays": (
        f'<p><a href="{WECHAT}" id="x" class="y">文</a></p>',
        f'{P}<a href="{WECHAT}">文</a></p>',
    ),
    "links elsewhere become notes, the same link one note": (
        ('<p><a href="https://a.gov.cn/?x=1&amp;y=2">甲</a>、<a href="http://b.cn/">乙</a>、'
        '<a href="https://a.gov.cn/?x=1&amp;y=2">丙</a></p>'),
        (f"{P}甲<sup>[1]</sup>、乙<sup>[2]</sup>、丙<sup>[1]</sup></p>{NOTE}参考链接</p>"
        f"{NOTE}[1] 甲: https://a.gov.cn/?x=1&amp;y=2</p>{NOTE}[2] 乙: http://b.cn/</p>"),
    ),
    "a link that shows its own address needs no note": (
        '<p><a href="https://a.gov.cn/">https://a.gov.cn/</a></p>',
        f"{P}https://a.gov.cn/</p>",
    ),
    "anchors and previews lose the link": (
        f'<p><a href="#a">甲</a><a href="{WECHAT}?tempkey=1">乙</a><a href="mailto:a@b">丙</a></p>',
        f"{P}甲乙丙</p>",
    ),
    "nested list becomes lines": (
        "<ul><li>一<ol><li>甲<ul><li>子</li></ul></li><li>乙</li></ol></li><li>二</li></ul>",
        f'<ul style="{STYLES["ul"]}"><li>一<br>1. 甲<br>\u3000– 子<br>2. 乙</li><li>二</li></ul>',
    ),
    "paragraphs in a list item become lines": (
        "<ol><li><p>一</p><p>二</p></li></ol>",
        f'<ol style="{STYLES["ol"]}"><li>一<br>二</li></ol>',
    ),
    "table": (
        ('<table><thead><tr><th>项</th></tr></thead><tbody><tr><td colspan="2">一</td></tr>'
        "</tbody></table>"),
        (f'<table style="{STYLES["table"]}"><tbody><tr><th style="{STYLES["th"]}">项</th></tr>'
        f'<tr><td colspan="2" style="{STYLES["td"]}">一</td></tr></tbody></table>'),
    ),
    "quotation and rule": (
        "<blockquote><p>引</p>散</blockquote><hr>",
        (f'<blockquote style="{STYLES["blockquote"]}">{P}引</p>{P}散</p></blockquote>'
        f'<hr style="{STYLES["hr"]}">'),
    ),
    "scripts, styles and foreign attributes go": (
        '<p onclick="x()" style="color:red">一<script>x()</script></p><style>p{}</style>',
        f"{P}一</p>",
    ),
    "picture from elsewhere goes": ('<p>一<img src="https://x.cn/1.png"></p>', f"{P}一</p>"),
    "code keeps blanks and lines": (
        "<pre><code>a  b\nc</code></pre>",
        f'<section style="{STYLES["pre"]}">a&nbsp;&nbsp;b<br>c</section>',
    ),
    "loose text becomes a paragraph": ("一<em>二</em>", f"{P}一<em>二</em></p>"),
    "empty paragraphs go": ("<p> </p><p>一</p>", f"{P}一</p>"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str):
    body, expected = GOLDEN[name]
    assert expected == html(body)


def test_picture_alone_is_centred_and_tells_its_width():
    wide = Picture(SHA, "image/png", 10, 900, 383)
    found = html(f'<p><img src="media:{SHA}" alt="灾情&quot;图"></p>', pictures=(wide,))
    expected = (
        f'<p style="{STYLES["p"]}text-align:center;"><img src="media:{SHA}" '
        f'alt="灾情&quot;图" data-w="900" style="{STYLES["img"]}"></p>'
    )
    assert expected == found


def test_addresses_replace_media_but_not_text_that_looks_like_it():
    said = f'src="media:{SHA}"'
    body = f'<p>{said}<img src="media:{SHA}"></p>'
    found = with_addresses(html(body, pictures=(picture("a"),)), {SHA: "https://m.cn/?a=1&b=2"})
    assert (1, 1) == (found.count('src="https://m.cn/?a=1&amp;b=2"'), found.count("media:"))


@pytest.mark.parametrize(
    ("origin", "source", "expected"),
    [
        ("reprint", "新华社<1>", f"{P}一</p>{NOTE}来源：新华社&lt;1&gt;</p>"),
        ("original", "新华社", f"{P}一</p>"),
        ("reprint", "", f"{P}一</p>"),
    ],
)
def test_reprint_ends_with_its_source(origin: str, source: str, expected: str):
    assert expected == html("<p>一</p>", origin=origin, source=source)


def test_styles_are_longhand_only():
    short = re.compile(r"(?<![-\w])(margin|padding|border|background|font|list-style):")
    assert [] == [name for name, style in STYLES.items() if short.search(style)]
    assert [] == [name for name, style in STYLES.items() if "font-family" in style]


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        (WECHAT, True),
        ("https://mp.weixin.qq.com/s?__biz=1", True),
        ("https://mp.weixin.qq.com.evil.cn/s/1", False),
        ("https://mp.weixin.qq.com/cgi-bin/x", False),
        ("http://[", False),
    ],
)
def test_only_wechat_articles_stay_links(href: str, expected: bool):
    assert expected == stays_a_link(href)

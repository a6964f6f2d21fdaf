"""Media and drafts: every refusal of draft/add, what is stored, and what comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sim

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64
MIB = 1024 * 1024


def upload(sim: Sim, call: str, data: bytes, **query: str) -> dict[str, Any]:
    return sim.wechat(call, files={"media": ("f.png", data)}, **query)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PNG, None),
        (JPEG, None),
        (b"GIF89a" + b"\0" * 9, 40005),
        (b"<svg xmlns='x'></svg>", 40005),
        (b"RIFF0000WEBPVP8 ", 40113),
        (PNG + b"\0" * (MIB - len(PNG)), 40009),
        (PNG + b"\0" * (MIB - len(PNG) - 1), None),
        (b"", 44001),
    ],
)
def test_in_article_image_is_judged_by_its_bytes(
    sim: Sim, data: bytes, expected: int | None
) -> None:
    """JPEG and PNG below 1 MB, whatever the name says."""
    answer = upload(sim, "media/uploadimg", data)
    assert expected == answer.get("errcode")
    assert (expected is None) == answer.get("url", "").startswith("http://mmbiz.qpic.cn/")


def test_permanent_media_come_back_and_temporary_ones_expire(sim: Sim) -> None:
    """An image has an address; a temporary file lives three days."""
    answer = upload(sim, "material/add_material", PNG, type="image")
    assert {"media_id", "url", "item"} == set(answer)
    listed = sim.wechat("material/batchget_material", {"type": "image", "offset": 0, "count": 20})
    assert [answer["media_id"]] == [item["media_id"] for item in listed["item"]]
    token = sim.token()["access_token"]
    temporary = upload(sim, "media/upload", JPEG, type="image")["media_id"]
    query = {"access_token": token, "media_id": temporary}
    assert JPEG == sim.http.get(f"{sim.url}/cgi-bin/media/get", params=query).content
    sim.advance(3 * 86_400)
    query["access_token"] = sim.token()["access_token"]
    answer = sim.http.get(f"{sim.url}/cgi-bin/media/get", params=query).json()
    assert 40007 == answer["errcode"]


def test_deleted_material_is_gone(sim: Sim) -> None:
    """The library counts one less, and the cover is no cover any more."""
    cover = sim.cover()
    assert 1 == sim.wechat("material/get_materialcount")["image_count"]
    assert 0 == sim.wechat("material/del_material", {"media_id": cover})["errcode"]
    assert 0 == sim.wechat("material/get_materialcount")["image_count"]
    assert 40007 == sim.add(sim.article(thumb_media_id=cover))["errcode"]


def test_thumb_must_be_a_small_jpeg(sim: Sim) -> None:
    """The kind thumb has rules of its own."""
    assert 40113 == upload(sim, "material/add_material", PNG, type="thumb")["errcode"]
    large = JPEG + b"\0" * 65_536
    assert 40012 == upload(sim, "material/add_material", large, type="thumb")["errcode"]
    assert 40004 == upload(sim, "material/add_material", JPEG, type="poster")["errcode"]
    assert 41005 == sim.wechat("material/add_material", {}, type="image")["errcode"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": " "}, 40227),
        ({"title": "题" * 32}, None),
        ({"title": "题" * 33}, 45003),
        ({"author": "作" * 16}, None),
        ({"author": "作" * 17}, 45110),
        ({"digest": "摘" * 120}, None),
        ({"digest": "摘" * 121}, 45004),
        ({"content": ""}, 44003),
        ({"content": "文" * 19_999}, None),
        ({"content": "文" * 20_000}, 45002),
        ({"content": '<a href="#top">回</a>'}, 45166),
        ({"content": "<a href='https://mp.weixin.qq.com/s?tempkey=1'>看</a>"}, 45166),
        ({"content_source_url": "https://x.cn/" + "y" * 1012}, 45005),
        ({"content_source_url": "ftp://x.cn/"}, 41039),
        ({"thumb_media_id": "nothing"}, 40007),
        ({"article_type": "newspic"}, 40007),
    ],
)
def test_article_is_checked_field_by_field(
    sim: Sim, changes: dict[str, str], expected: int | None
) -> None:
    """Each limit on its edge."""
    assert expected == sim.add(sim.article(**changes)).get("errcode")


def test_first_fault_of_an_article_is_the_one_told(sim: Sim) -> None:
    """Title before content before cover."""
    bad = {"title": "题" * 33, "content": "", "thumb_media_id": "nothing"}
    assert 45003 == sim.add(bad)["errcode"]
    assert 44003 == sim.add({**bad, "title": "题"})["errcode"]
    assert 40007 == sim.add({**bad, "title": "题", "content": "文"})["errcode"]


def test_edition_of_eight_is_taken_and_of_nine_refused(sim: Sim) -> None:
    """Eight articles is the most; none at all is 44003."""
    articles = [sim.article(title=f"第{number}篇") for number in range(9)]
    media_id = sim.add(*articles[:8])["media_id"]
    assert 43 == len(media_id)
    stored = sim.wechat("draft/get", {"media_id": media_id})["news_item"]
    assert [f"第{number}篇" for number in range(8)] == [article["title"] for article in stored]
    assert 45008 == sim.add(*articles)["errcode"]
    assert 44003 == sim.add()["errcode"]
    assert 44003 == sim.wechat("draft/add", {"articles": articles[0]})["errcode"]


def test_cover_of_another_account_or_a_temporary_one_is_unknown(sim: Sim) -> None:
    """Covers are permanent and one's own."""
    foreign = sim.cover(sim.subscription)
    assert 40007 == sim.add(sim.article(thumb_media_id=foreign))["errcode"]
    temporary = upload(sim, "media/upload", PNG, type="image")["media_id"]
    assert 40007 == sim.add(sim.article(thumb_media_id=temporary))["errcode"]


def test_fresh_cover_is_unknown_while_the_library_lags(sim: Sim) -> None:
    """40007 right after the upload is cured by waiting."""
    sim.order("settings", wechat={"cover_lag_s": 5})
    article = sim.article()
    assert 40007 == sim.add(article)["errcode"]
    sim.advance(5)
    assert "media_id" in sim.add(article)


def test_comments_need_the_privilege(sim: Sim) -> None:
    """Without it need_open_comment=1 is refused."""
    article = sim.article(need_open_comment=1)
    assert "media_id" in sim.add(article)
    sim.order("account", platform="wechat", account=sim.service, comment_privilege=False)
    assert 88000 == sim.add(article)["errcode"]


def test_picture_message_needs_pictures_and_short_text(sim: Sim) -> None:
    """A newspic has no cover; twenty pictures and a thousand characters at most."""
    picture = {"image_media_id": sim.cover()}
    base = {"article_type": "newspic", "title": "图", "content": "文" * 1000}
    good = {**base, "image_info": {"image_list": [picture] * 20}}
    assert "media_id" in sim.add(good)
    assert 40215 == sim.add({**good, "image_info": {"image_list": [picture] * 21}})["errcode"]
    assert 45166 == sim.add({**good, "content": "文" * 1001})["errcode"]


def escaped_add(sim: Sim, article: dict[str, Any]) -> dict[str, Any]:
    token = sim.token()["access_token"]
    answer = sim.http.post(
        f"{sim.url}/cgi-bin/draft/add",
        params={"access_token": token},
        data=json.dumps({"articles": [article]}),
    )
    return answer.json()


def test_escaped_chinese_is_stored_as_six_characters_each(sim: Sim) -> None:
    """An adapter that escapes its JSON is found out, in the text and in the lengths."""
    media_id = escaped_add(sim, sim.article(title="通知"))["media_id"]
    stored = sim.wechat("draft/get", {"media_id": media_id})["news_item"][0]
    assert "\\u901a\\u77e5" == stored["title"]
    assert 45003 == escaped_add(sim, sim.article(title="题" * 6))["errcode"]
    sim.order("settings", wechat={"literal_unicode_escapes": False})
    media_id = escaped_add(sim, sim.article(title="题" * 6))["media_id"]
    stored = sim.wechat("draft/get", {"media_id": media_id})["news_item"][0]
    assert "题" * 6 == stored["title"]


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", 44002), (b"{", 47001), (b"[]", 47001), (b'{"a":"\xd6"}', 40033)]
)
def test_unreadable_body_is_refused(sim: Sim, data: bytes, expected: int) -> None:
    """Empty, broken, no object, not UTF-8."""
    query = {"access_token": sim.token()["access_token"]}
    answer = sim.http.post(f"{sim.url}/cgi-bin/draft/add", params=query, data=data)
    assert expected == answer.json()["errcode"]


def test_content_is_cleaned_before_it_is_stored(sim: Sim) -> None:
    """Scripts, ids, outside links and foreign images go; text and own images stay."""
    image = upload(sim, "media/uploadimg", PNG)["url"]
    content = (
        '<section id="a" style="color: red; position: absolute" onclick="x()">甲'
        "<script>alert(1)</script>"
        '<a href="https://www.example.gov.cn/">外链</a>'
        '<a href="https://mp.weixin.qq.com/s/abc">内链</a>'
        f'<img src="{image}"><img src="https://elsewhere.example/x.png">'
        "<style>p{}</style><iframe src='https://x'></iframe><br>乙&amp;丙</section>"
    )
    media_id = sim.draft(content=content)
    stored = sim.wechat("draft/get", {"media_id": media_id})["news_item"][0]["content"]
    expected = (
        '<section style="color: red">甲外链'
        '<a href="https://mp.weixin.qq.com/s/abc">内链</a>'
        f'<img src="{image}" /><br />乙&amp;丙</section>'
    )
    assert expected == stored


def test_draft_keeps_its_link_and_fills_in_a_digest(sim: Sim) -> None:
    """The first 54 characters of the text, where nobody wrote a digest."""
    media_id = sim.draft(content="<p>" + "文" * 60 + "</p>", content_source_url="https://a.cn/?k=1")
    whole = sim.wechat("draft/get", {"media_id": media_id})
    article = whole["news_item"][0]
    assert ("文" * 54, "https://a.cn/?k=1") == (article["digest"], article["content_source_url"])
    assert 1_794_967_200 == whole["create_time"]
    assert "tempkey" in article["url"]


def test_box_is_listed_newest_first_without_content_when_asked(sim: Sim) -> None:
    """Our mark is found by content_source_url in the list."""
    first = sim.draft(content_source_url="https://a.cn/?k=1")
    sim.advance(1)
    second = sim.draft(content_source_url="https://a.cn/?k=2")
    listed = sim.wechat("draft/batchget", {"offset": 0, "count": 20, "no_content": 1})
    assert (2, 2) == (listed["total_count"], listed["item_count"])
    assert [second, first] == [item["media_id"] for item in listed["item"]]
    articles = [item["content"]["news_item"][0] for item in listed["item"]]
    assert ["https://a.cn/?k=2", "https://a.cn/?k=1"] == [a["content_source_url"] for a in articles]
    assert all("content" not in article for article in articles)
    page = sim.wechat("draft/batchget", {"offset": 1, "count": 1})
    assert [first] == [item["media_id"] for item in page["item"]]
    assert 40097 == sim.wechat("draft/batchget", {"offset": 0, "count": 21})["errcode"]


def test_update_takes_one_object_and_an_index_from_nought(sim: Sim) -> None:
    """A list there is 47001, an index beyond the end 40114."""
    media_id = sim.add(sim.article(title="一"), sim.article(title="二"))["media_id"]
    changed = {"media_id": media_id, "index": 1, "articles": sim.article(title="三")}
    assert 0 == sim.wechat("draft/update", changed)["errcode"]
    stored = sim.wechat("draft/get", {"media_id": media_id})["news_item"]
    assert ["一", "三"] == [article["title"] for article in stored]
    as_list = {**changed, "articles": [changed["articles"]]}
    assert 47001 == sim.wechat("draft/update", as_list)["errcode"]
    assert 40114 == sim.wechat("draft/update", {**changed, "index": 2})["errcode"]


def test_deleted_draft_is_unknown_and_drafts_belong_to_one_account(sim: Sim) -> None:
    """40007 for what is gone and for what is another's."""
    media_id = sim.draft()
    body = {"media_id": media_id}
    assert 40007 == sim.wechat("draft/get", body, appid=sim.subscription)["errcode"]
    assert [media_id] == [d["media_id"] for d in sim.look("drafts", account=sim.service)["drafts"]]
    assert 0 == sim.wechat("draft/delete", body)["errcode"]
    assert 40007 == sim.wechat("draft/get", body)["errcode"]
    assert 40007 == sim.wechat("draft/delete", body)["errcode"]
    assert {"total_count": 0} == sim.wechat("draft/count")

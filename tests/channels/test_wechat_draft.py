"""The draft box: made once, read back, reused, never sent when changed, missed when gone."""

from __future__ import annotations

import pytest

from channels.contract import Busy, Doubt, Refused, Unreachable
from tests.channels.wechat_fake import (
    DROP,
    KEY,
    OTHER_KEY,
    START,
    Desk,
    article,
    delivery,
    desk,
    image_bytes,
    picture,
    running,
)

REFUSED = {"errcode": 45166, "errmsg": "invalid content hint: [x] rid: 1-2-3"}
NO_MEDIA = {"errcode": 40007, "errmsg": "invalid media_id"}


@pytest.fixture
def place():
    with running() as (fake, base):
        yield desk(fake, base)


def with_picture(title: str = "防汛提示") -> object:
    body = f'<p>图：<img src="media:{"a" * 64}" alt="图"></p>'
    return article(title, body=body, pictures=(picture("a"),))


def test_draft_carries_articles_in_order_with_platform_addresses(place: Desk):
    edition = delivery(with_picture("一"), article("二", link="https://a.gov.cn/2", author="李"))
    place.channel.prepare(edition, place.line)
    first, second = place.fake.drafts[place.line.kept("draft")]
    assert ("一", "二") == (first["title"], second["title"])
    assert 'src="https://mmbiz.qpic.cn/body/2/0?wx_fmt=png&amp;from=appmsg"' in first["content"]
    assert first["content_source_url"] == f"https://mp.weixin.qq.com/#fabu-{KEY}"
    assert second["content_source_url"] == f"https://a.gov.cn/2#fabu-{KEY}"
    assert (0, "李", "news") == (
        second["need_open_comment"],
        second["author"],
        second["article_type"],
    )


@pytest.mark.parametrize(("count", "expected"), [(1, "摘要"), (2, None)])
def test_summary_is_sent_for_a_single_article_only(place: Desk, count: int, expected: str | None):
    contents = [article(str(number), summary="摘要") for number in range(count)]
    place.channel.prepare(delivery(*contents), place.line)
    stored = place.fake.drafts[place.line.kept("draft")]
    assert expected == stored[0].get("digest")


def test_same_cover_and_picture_are_uploaded_once(place: Desk):
    place.channel.prepare(delivery(with_picture("一"), with_picture("二")), place.line)
    names = place.fake.calls()
    assert (1, 1) == (names.count("media/uploadimg"), names.count("material/add_material"))


def test_gif_goes_as_material_and_keeps_its_bytes(place: Desk):
    data = image_bytes("GIF")
    body = f'<p><img src="media:{"b" * 64}"></p>'
    gif = picture("b", data, mime="image/gif")
    place.channel.prepare(delivery(article(body=body, pictures=(gif,))), place.line)
    upload = place.fake.of("material/add_material")[0]
    assert (True, "image") == (data in upload.body, upload.query["type"])
    assert place.fake.of("media/uploadimg") == []


def test_broken_picture_is_refused_and_names_its_article(place: Desk):
    body = f'<p><img src="media:{"b" * 64}"></p>'
    broken = article("二", body=body, pictures=(picture("b", b"no picture"),))
    with pytest.raises(Refused) as found:
        place.channel.prepare(delivery(article("一"), broken), place.line)
    assert (1,) == found.value.guilty


def test_draft_that_is_still_there_is_reused(place: Desk):
    place.channel.prepare(delivery(), place.line)
    place.channel.prepare(delivery(), place.line)
    names = place.fake.calls()
    assert (1, 2, 1) == (names.count("draft/add"), names.count("draft/get"), len(place.fake.drafts))


def test_draft_changed_by_hand_is_replaced_by_what_was_signed(place: Desk):
    place.channel.prepare(delivery(), place.line)
    place.fake.drafts[place.line.kept("draft")][0]["content"] += "<p>改</p>"
    place.channel.prepare(delivery(), place.line)
    (stored,) = place.fake.drafts.values()
    assert "改" not in stored[0]["content"]


def test_draft_of_an_older_key_is_replaced(place: Desk):
    place.channel.prepare(delivery(key=OTHER_KEY), place.line)
    place.channel.prepare(delivery(), place.line)
    (stored,) = place.fake.drafts.values()
    assert stored[0]["content_source_url"].endswith(f"#fabu-{KEY}")


def test_kept_draft_gone_is_doubt(place: Desk):
    place.channel.prepare(delivery(), place.line)
    place.fake.drafts.clear()
    with pytest.raises(Doubt) as found:
        place.channel.prepare(delivery(), place.line)
    assert ("draft_gone", 1) == (found.value.code, place.fake.calls().count("draft/add"))


def test_draft_gone_after_a_settled_job_is_made_anew(place: Desk):
    place.accept(delivery(key=OTHER_KEY))
    place.fake.drafts.clear()
    place.channel.prepare(delivery(), place.line)
    assert len(place.fake.drafts) == 1


def test_draft_gone_after_own_publication_attempt_is_doubt(place: Desk):
    place.accept(delivery())
    place.fake.drafts.clear()
    with pytest.raises(Doubt):
        place.channel.prepare(delivery(armed_at=START), place.line)
    assert len(place.fake.drafts) == 0


def test_draft_gone_before_repeating_a_push_lets_the_platform_answer(place: Desk):
    place.accept(delivery(how="push"))
    place.fake.drafts.clear()
    place.channel.prepare(delivery(how="push", armed_at=START), place.line)
    assert place.fake.calls().count("draft/add") == 1


def test_draft_whose_answer_was_lost_is_removed_before_another_is_made(place: Desk):
    def store_and_drop(request):
        place.fake.drafts["orphan"] = request.json["articles"]
        return DROP

    place.fake.script("draft/add", store_and_drop)
    with pytest.raises(Unreachable):
        place.channel.prepare(delivery(), place.line)
    place.channel.prepare(delivery(), place.line)
    assert [place.line.kept("draft")] == list(place.fake.drafts)


def test_refused_edition_names_the_guilty_one_by_one(place: Desk):
    edition = delivery(article("一"), article("二"), article("三"))
    answers = [REFUSED, {"media_id": "t1"}, REFUSED, {"media_id": "t3"}]
    place.fake.drafts.update({"t1": [], "t3": []})
    place.fake.script("draft/add", *answers)
    with pytest.raises(Refused) as found:
        place.channel.prepare(edition, place.line)
    assert ((1,), "45166", False) == (found.value.guilty, found.value.code, found.value.person)
    tried = [[one["title"] for one in r.json["articles"]] for r in place.fake.of("draft/add")]
    assert [["一", "二", "三"], ["一"], ["二"], ["三"]] == tried
    assert ({}, None) == (place.fake.drafts, place.line.kept("draft"))


def test_refusal_that_no_article_explains_waits_for_a_person(place: Desk):
    place.fake.script("draft/add", REFUSED)
    with pytest.raises(Refused) as found:
        place.channel.prepare(delivery(article("一"), article("二")), place.line)
    assert ((), True) == (found.value.guilty, found.value.person)


def test_account_without_the_right_is_refused_at_once_for_a_person(place: Desk):
    place.fake.script("draft/add", {"errcode": 48001, "errmsg": "api unauthorized"})
    with pytest.raises(Refused) as found:
        place.channel.prepare(delivery(article("一"), article("二")), place.line)
    assert (True, 1) == (found.value.person, place.fake.calls().count("draft/add"))


def test_picture_lost_at_the_platform_is_refused_and_its_draft_deleted(place: Desk):
    def lose(request):
        (stored,) = place.fake.drafts.values()
        items = [{**stored[0]}, {**stored[1], "content": "<p>图：</p>"}]
        return {"news_item": items}

    place.fake.script("draft/get", lose)
    with pytest.raises(Refused) as found:
        place.channel.prepare(delivery(article("一"), with_picture("二")), place.line)
    assert ((1,), {}, None) == (found.value.guilty, place.fake.drafts, place.line.kept("draft"))


def test_unknown_cover_right_after_upload_waits_then_uploads_anew_then_names(place: Desk):
    place.fake.script("draft/add", *[NO_MEDIA] * 6)
    edition = delivery(article("一"), article("二"))
    for _ in range(3):
        with pytest.raises(Busy) as busy:
            place.channel.prepare(edition, place.line)
        assert (5, False) == (busy.value.not_before_s, busy.value.account_wide)
    with pytest.raises(Refused) as found:
        place.channel.prepare(edition, place.line)
    assert ((0, 1), 2) == (
        found.value.guilty,
        place.fake.calls().count("material/add_material"),
    )


def test_draft_not_readable_yet_waits_and_is_read_later(place: Desk):
    place.fake.script("draft/get", NO_MEDIA)
    with pytest.raises(Busy):
        place.channel.prepare(delivery(), place.line)
    place.channel.prepare(delivery(), place.line)
    assert (1, True) == (place.fake.calls().count("draft/add"), "draft_print" in place.line.ids)


def test_discard_deletes_the_draft_and_says_when_it_was_gone(place: Desk):
    place.channel.prepare(delivery(), place.line)
    assert place.channel.discard(delivery(), place.line)
    assert ({}, None) == (place.fake.drafts, place.line.kept("draft"))
    assert place.channel.discard(delivery(), place.line)
    place.channel.prepare(delivery(), place.line)
    place.fake.drafts.clear()
    assert not place.channel.discard(delivery(), place.line)
    assert place.line.kept("draft") is not None


def test_sweep_deletes_only_drafts_of_ours_that_no_row_keeps(place: Desk):
    def stored(link: str) -> list[dict[str, str]]:
        return [{"title": "x", "content_source_url": link}]

    place.fake.drafts.update({f"d{number}": stored("") for number in range(22)})
    place.fake.drafts["ours"] = stored(f"https://a.gov.cn/?x=1#fabu-{KEY}")
    place.fake.drafts["left"] = stored(f"https://a.gov.cn/?fabu-{OTHER_KEY}#part")
    assert place.channel.sweep(lambda found: found - {KEY}, place.line) == 1
    assert (True, False, 23) == (
        "ours" in place.fake.drafts,
        "left" in place.fake.drafts,
        len(place.fake.drafts),
    )

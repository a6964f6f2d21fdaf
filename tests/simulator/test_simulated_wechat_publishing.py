"""freepublish and mass sends: jobs, outcomes, the repeat guard, allowances, what is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sim

KEY = "k" * 26


def submit(sim: Sim, media_id: str) -> dict[str, Any]:
    return sim.wechat("freepublish/submit", {"media_id": media_id})


def status(sim: Sim, publish_id: int) -> dict[str, Any]:
    return sim.wechat("freepublish/get", {"publish_id": publish_id})


def counted(sim: Sim) -> int:
    return sim.look("counts")["wechat"]


def mass_status(sim: Sim, msg_id: int) -> str:
    return sim.wechat("message/mass/get", {"msg_id": msg_id})["msg_status"]


def test_published_draft_leaves_the_box_at_success(sim: Sim) -> None:
    """Under way for a second, then out with an address for every article."""
    media_id = sim.add(sim.article(title="一"), sim.article(title="二"))["media_id"]
    answer = submit(sim, media_id)
    assert (0, int) == (answer["errcode"], type(answer["publish_id"]))
    assert 1 == status(sim, answer["publish_id"])["publish_status"]
    assert 0 == counted(sim)
    assert "news_item" in sim.wechat("draft/get", {"media_id": media_id})
    sim.advance(1)
    done = status(sim, answer["publish_id"])
    assert (0, 2, []) == (done["publish_status"], done["article_detail"]["count"], done["fail_idx"])
    assert 40007 == sim.wechat("draft/get", {"media_id": media_id})["errcode"]
    assert 40007 == submit(sim, media_id)["errcode"]
    assert 2 == counted(sim)
    posts = sim.posts("wechat")
    assert ["一", "二"] == [post["title"] for post in posts]
    links = [item["article_url"] for item in done["article_detail"]["item"]]
    assert links == [post["link"] for post in posts]
    assert len("https://mp.weixin.qq.com/s/") + 22 == len(links[0])


def test_submitted_draft_leaves_the_box_at_once_when_switched(sim: Sim) -> None:
    """Both readings of the documentation can be had."""
    sim.order("settings", wechat={"draft_vanishes": "submit", "publish_id_as_string": True})
    media_id = sim.draft()
    assert isinstance(submit(sim, media_id)["publish_id"], str)
    assert 40007 == sim.wechat("draft/get", {"media_id": media_id})["errcode"]


def test_second_submit_of_a_draft_publishes_twice(sim: Sim) -> None:
    """There is no repeat guard: whoever repeats blindly is found out here."""
    media_id = sim.draft()
    first, second = submit(sim, media_id), submit(sim, media_id)
    assert first["publish_id"] != second["publish_id"]
    sim.advance(1)
    assert 2 == counted(sim)


@pytest.mark.parametrize(("scripted", "shown"), [(2, [1]), (3, []), (4, [1])])
def test_refused_job_leaves_the_draft_and_counts_nothing(
    sim: Sim, scripted: int, shown: list[int]
) -> None:
    """fail_idx is shown for 2 and 4 only; the next job succeeds again."""
    order = {"account": sim.service, "kind": "freepublish", "status": scripted, "fail_idx": [1]}
    sim.order("outcome", **order, after_s=30)
    media_id = sim.draft()
    publish_id = submit(sim, media_id)["publish_id"]
    sim.advance(29)
    assert 1 == status(sim, publish_id)["publish_status"]
    sim.advance(1)
    done = status(sim, publish_id)
    assert (scripted, shown) == (done["publish_status"], done["fail_idx"])
    assert 0 == counted(sim)
    publish_id = submit(sim, media_id)["publish_id"]
    sim.advance(1)
    assert 0 == status(sim, publish_id)["publish_status"]


def test_text_changed_after_submit_does_not_go_out(sim: Sim) -> None:
    """A job takes its articles along."""
    media_id = sim.draft(title="旧")
    submit(sim, media_id)
    changed = {"media_id": media_id, "index": 0, "articles": sim.article(title="新")}
    sim.wechat("draft/update", changed)
    sim.advance(1)
    assert ["旧"] == [post["title"] for post in sim.posts("wechat")]


def test_published_pieces_are_listed_with_their_links_and_pushes_are_not(sim: Sim) -> None:
    """Both reads give content_source_url back; a mass send is not among them."""
    submit(sim, sim.draft(content_source_url="https://a.cn/?k=1"))
    sim.send(sim.draft())
    sim.advance(1)
    sim.order("handmade", platform="wechat", account=sim.service, title="手发", text="<p>文</p>")
    listed = sim.wechat("freepublish/batchget", {"offset": 0, "count": 20, "no_content": 1})
    titles = [item["content"]["news_item"][0]["title"] for item in listed["item"]]
    assert (["手发", "防汛提示"], 2) == (titles, listed["total_count"])
    article = sim.wechat("freepublish/getarticle", {"article_id": listed["item"][1]["article_id"]})[
        "news_item"
    ][0]
    assert "https://a.cn/?k=1" == article["content_source_url"]
    assert article["is_deleted"] is False
    assert 53600 == sim.wechat("freepublish/getarticle", {"article_id": "x"})["errcode"]
    assert 2 == counted(sim)


def test_deleted_article_stays_counted(sim: Sim) -> None:
    """One of two gone: still 0; both gone: 5; gone by the platform: 6."""
    media_id = sim.add(sim.article(title="一"), sim.article(title="二"))["media_id"]
    publish_id = submit(sim, media_id)["publish_id"]
    sim.advance(1)
    article_id = status(sim, publish_id)["article_id"]
    body = {"article_id": article_id, "index": 1}
    assert 0 == sim.wechat("freepublish/delete", body)["errcode"]
    assert 0 == status(sim, publish_id)["publish_status"]
    assert [False, True] == [post["visible"] for post in sim.posts("wechat")]
    assert 40114 == sim.wechat("freepublish/delete", {**body, "index": 3})["errcode"]
    assert 0 == sim.wechat("freepublish/delete", {"article_id": article_id})["errcode"]
    assert 5 == status(sim, publish_id)["publish_status"]
    order = {"platform": "wechat", "account": sim.service, "id": article_id}
    sim.order("vanish", **order, by="platform")
    assert 6 == status(sim, publish_id)["publish_status"]
    news = sim.wechat("freepublish/getarticle", {"article_id": article_id})["news_item"]
    assert [True, True] == [article["is_deleted"] for article in news]
    assert 2 == counted(sim)


def test_push_of_eight_counts_eight_and_uses_its_draft_up(sim: Sim) -> None:
    """One push, one post per article, each with the key it was sent under."""
    articles = [sim.article(title=f"第{number}篇") for number in range(8)]
    media_id = sim.add(*articles)["media_id"]
    answer = sim.send(media_id, clientmsgid=KEY)
    assert (0, "send job submission success") == (answer["errcode"], answer["errmsg"])
    assert "SENDING" == mass_status(sim, answer["msg_id"])
    assert 0 == counted(sim)
    sim.advance(1)
    assert "SEND_SUCCESS" == mass_status(sim, answer["msg_id"])
    assert 8 == counted(sim)
    posts = sim.posts("wechat")
    assert [(number, KEY, True) for number in range(1, 9)] == [
        (post["idx"], post["key"], post["pushed"]) for post in posts
    ]
    assert f"{answer['msg_data_id']}_1" == posts[0]["id"]
    assert 40007 == sim.wechat("draft/get", {"media_id": media_id})["errcode"]


def test_same_key_is_refused_for_a_minute_then_answered_with_the_first_id(sim: Sim) -> None:
    """45066 within 60 s, 45065 with msg_id up to 24 h, then it is free."""
    first = sim.send(sim.draft(), clientmsgid=KEY)
    other = sim.draft(title="另一篇")
    sim.advance(59)
    assert 45066 == sim.send(other, clientmsgid=KEY)["errcode"]
    sim.advance(1)
    answer = sim.send(other, clientmsgid=KEY)
    assert (45065, first["msg_id"]) == (answer["errcode"], answer["msg_id"])
    assert answer["errmsg"].startswith("clientmsgid exist")
    assert 1 == counted(sim)
    sim.advance(86_400 - 60)
    sim._tokens.clear()
    assert 0 == sim.send(other, clientmsgid=KEY)["errcode"]


def test_same_key_is_a_receipt_even_when_draft_and_allowance_are_gone(sim: Sim) -> None:
    """The key is looked at first; the other order is a switch."""
    appid = sim.subscription
    media_id = sim.draft(appid)
    first = sim.send(media_id, appid=appid, clientmsgid=KEY)
    sim.advance(90)
    answer = sim.send(media_id, appid=appid, clientmsgid=KEY)
    assert (45065, first["msg_id"]) == (answer["errcode"], answer["msg_id"])
    sim.order("settings", wechat={"allowance_first": True})
    assert 45028 == sim.send(media_id, appid=appid, clientmsgid=KEY)["errcode"]


def test_key_of_more_than_32_bytes_is_refused(sim: Sim) -> None:
    """Nothing is sent."""
    media_id = sim.draft()
    assert 45067 == sim.send(media_id, clientmsgid="k" * 33)["errcode"]
    assert 0 == sim.send(media_id, clientmsgid="k" * 32)["errcode"]


def test_equal_content_without_a_key_is_refused_too(sim: Sim) -> None:
    """The platform makes a key of scope and content, also across drafts."""
    cover = sim.cover()
    first = sim.send(sim.draft(thumb_media_id=cover))
    sim.advance(60)
    answer = sim.send(sim.draft(thumb_media_id=cover))
    assert (45065, first["msg_id"]) == (answer["errcode"], answer["msg_id"])
    assert 0 == sim.send(sim.draft(title="另一篇"))["errcode"]


def test_subscription_account_pushes_once_a_beijing_day(sim: Sim) -> None:
    """A push under way counts already; midnight in Beijing frees the next."""
    appid = sim.subscription
    assert 0 == sim.send(sim.draft(appid), appid=appid)["errcode"]
    assert 45028 == sim.send(sim.draft(appid, title="二"), appid=appid)["errcode"]
    sim.advance(14 * 3600 - 1)
    sim._tokens.clear()
    assert 45028 == sim.send(sim.draft(appid, title="二"), appid=appid)["errcode"]
    sim.advance(1)
    assert 0 == sim.send(sim.draft(appid, title="二"), appid=appid)["errcode"]


def test_push_by_hand_uses_the_day_up(sim: Sim) -> None:
    """The web console shares the allowance, and is not in the count."""
    appid = sim.subscription
    sim.order("handmade", platform="wechat", account=appid, title="手", text="文", push=True)
    assert 45028 == sim.send(sim.draft(appid), appid=appid)["errcode"]
    assert 0 == counted(sim)


def test_service_account_pushes_four_times_a_month(sim: Sim) -> None:
    """The fifth waits for the next month; a tag is no push to everybody."""
    for number in range(4):
        assert 0 == sim.send(sim.draft(title=f"第{number}次"))["errcode"]
    assert 45028 == sim.send(sim.draft(title="五"))["errcode"]
    sim.order("account", platform="wechat", account=sim.service, tags={"2": 10})
    by_tag = {"filter": {"is_to_all": False, "tag_id": 2}}
    assert 0 == sim.send(sim.draft(title="五"), **by_tag)["errcode"]
    sim.advance(13 * 86_400)  # from 18 November into December
    sim._tokens.clear()
    assert 0 == sim.send(sim.draft(title="六"))["errcode"]


@pytest.mark.parametrize("scripted", ["send fail", "err(20001)"])
def test_failed_push_gives_the_allowance_back(sim: Sim, scripted: str) -> None:
    """The draft stays, nothing is counted, the day is free."""
    appid = sim.subscription
    sim.order("outcome", account=appid, kind="mass", status=scripted)
    media_id = sim.draft(appid)
    msg_id = sim.send(media_id, appid=appid, clientmsgid=KEY)["msg_id"]
    sim.advance(1)
    answer = sim.wechat("message/mass/get", {"msg_id": msg_id}, appid=appid)
    assert "SEND_FAIL" == answer["msg_status"]
    assert 0 == counted(sim)
    assert 0 == sim.send(media_id, appid=appid, clientmsgid="other")["errcode"]


def test_protected_account_waits_for_the_administrator(sim: Sim) -> None:
    """89504 for half an hour, then failed."""
    sim.order("account", platform="wechat", account=sim.service, mass_protection=True)
    msg_id = sim.send(sim.draft())["msg_id"]
    sim.advance(1799)
    assert 89504 == sim.wechat("message/mass/get", {"msg_id": msg_id})["errcode"]
    sim.advance(1)
    assert "SEND_FAIL" == mass_status(sim, msg_id)
    assert 0 == counted(sim)


def test_deleted_push_is_gone_and_stays_counted(sim: Sim) -> None:
    """The status is then DELETE."""
    msg_id = sim.send(sim.draft())["msg_id"]
    sim.advance(1)
    assert 0 == sim.wechat("message/mass/delete", {"msg_id": msg_id})["errcode"]
    assert "DELETE" == mass_status(sim, msg_id)
    assert [False] == [post["visible"] for post in sim.posts("wechat")]
    assert 1 == counted(sim)


def test_preview_publishes_nothing(sim: Sim) -> None:
    """One person looks; the draft stays."""
    media_id = sim.draft()
    body = {"towxname": "somebody", "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    assert "preview success" == sim.wechat("message/mass/preview", body)["errmsg"]
    sim.advance(1)
    assert 0 == counted(sim)
    assert {"total_count": 1} == sim.wechat("draft/count")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"filter": {"is_to_all": False, "tag_id": 9}}, 40152),
        ({"filter": {}}, 40097),
        ({"msgtype": "wxcard"}, 45113),
        ({"msgtype": "poem"}, 40008),
        ({"mpnews": {"media_id": "nothing"}}, 40007),
    ],
)
def test_wrong_push_is_refused(sim: Sim, changes: dict[str, Any], expected: int) -> None:
    """Each fault with its code, and the allowance untouched."""
    assert expected == sim.send(sim.draft(), **changes)["errcode"]
    assert 40059 == sim.wechat("message/mass/get", {"msg_id": 1})["errcode"]

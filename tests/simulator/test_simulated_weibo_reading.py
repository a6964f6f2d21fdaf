"""Reading back: the cap of five, base_app, lag, vanished posts, numbers and users."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Sim

LINK = "https://www.example.gov.cn/a/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def share(sim: Sim, number: int) -> str:
    return sim.share(f"第{number}条 {LINK}{number}").json()["idstr"]


def timeline(sim: Sim, **params: str) -> list[str]:
    answer = sim.weibo("statuses/user_timeline", **params).json()
    return [status["idstr"] for status in answer["statuses"]]


def test_timeline_gives_five_whatever_count_says(sim: Sim) -> None:
    """Only the newest five come back, newest first, and no paging reaches behind them."""
    ids = [share(sim, number) for number in range(7)]
    assert ids[:1:-1] == timeline(sim, count="100")
    assert [] == timeline(sim, count="5", page="2")
    assert [] == timeline(sim, max_id=ids[1])
    assert [ids[4], ids[3], ids[2]] == timeline(sim, max_id=ids[4])
    assert 7 == sim.weibo("statuses/user_timeline").json()["total_number"]


def test_timeline_since_id_is_exclusive(sim: Sim) -> None:
    """since_id itself does not come back."""
    ids = [share(sim, number) for number in range(3)]
    assert [ids[2]] == timeline(sim, since_id=ids[1])


def test_posts_by_hand_push_ours_out_unless_base_app_is_asked_for(sim: Sim) -> None:
    """base_app=1 filters before the cap by default."""
    ours = share(sim, 1)
    for number in range(5):
        sim.order("handmade", platform="weibo", account=sim.uid, text=f"手发{number}")
    assert ours not in timeline(sim)
    assert [ours] == timeline(sim, base_app="1")
    assert 1 == sim.look("counts")["weibo"]
    assert ["hand"] * 5 + ["api"] == [post["via"] for post in sim.posts()]


def test_cap_before_base_app_hides_ours_behind_five_by_hand(sim: Sim) -> None:
    """The other reading of the documentation is a switch."""
    sim.order("settings", weibo={"cap_before_base_app": True})
    share(sim, 1)
    for number in range(5):
        sim.order("handmade", platform="weibo", account=sim.uid, text=f"手发{number}")
    assert [] == timeline(sim, base_app="1")


def test_lagging_timeline_shows_a_post_only_later(sim: Sim) -> None:
    """A replica may not know yet what share has answered."""
    sim.order("settings", weibo={"timeline_lag_s": 60})
    id = share(sim, 1)
    assert [] == timeline(sim)
    assert 20101 == sim.weibo("statuses/show", id=id).json()["error_code"]
    sim.advance(60)
    assert [id] == timeline(sim)


def test_timeline_of_somebody_else_is_refused(sim: Sim) -> None:
    """Only the token's own user may be read."""
    assert 21335 == sim.weibo("statuses/user_timeline", uid="1").json()["error_code"]
    assert 200 == sim.weibo("statuses/user_timeline", uid=sim.uid).status_code


def test_timeline_filters_pictures_and_trims_users(sim: Sim) -> None:
    """feature=2 is pictures; trim_user leaves a number; ids gives numbers only."""
    share(sim, 1)
    id = sim.share(f"图 {LINK}", pic=PNG).json()["idstr"]
    answer = sim.weibo("statuses/user_timeline", feature="2", trim_user="1").json()
    assert [(id, int(sim.uid))] == [(s["idstr"], s["user"]) for s in answer["statuses"]]
    ids = sim.weibo("statuses/user_timeline/ids", feature="2").json()["statuses"]
    assert [id] == ids


def test_vanished_post_is_not_found_and_still_counted(sim: Sim) -> None:
    """Deleting lowers what is seen, never what was made."""
    id = share(sim, 1)
    assert id == sim.weibo("statuses/show", id=id).json()["idstr"]
    sim.order("vanish", platform="weibo", account=sim.uid, id=id)
    answer = sim.weibo("statuses/show", id=id)
    assert (400, 20101) == (answer.status_code, answer.json()["error_code"])
    assert [] == timeline(sim)
    assert 1 == sim.look("counts")["weibo"]
    assert [False] == [post["visible"] for post in sim.posts()]


def test_vanished_post_may_leave_a_stub(sim: Sim) -> None:
    """Lists then show the deleted note, with "deleted" as a string."""
    id = share(sim, 1)
    sim.order("vanish", platform="weibo", account=sim.uid, id=id, stub=True)
    stub = sim.weibo("statuses/user_timeline").json()["statuses"][0]
    assert ("1", "此微博已被原作者删除。") == (stub["deleted"], stub["text"])
    assert 20101 == sim.weibo("statuses/show", id=id).json()["error_code"]


def test_numbers_are_converted_and_unknown_ones_are_minus_one(sim: Sim) -> None:
    """Conversion knows existing posts only; a batch is a list of one-key objects."""
    id = share(sim, 1)
    bid = sim.weibo("statuses/querymid", id=id, type="1").json()["mid"]
    answer = sim.weibo("statuses/queryid", mid=bid, type="1", isBase62="1")
    assert {"id": id} == answer.json()
    batch = sim.weibo("statuses/queryid", mid=f"{id},12", type="1", is_batch="1")
    assert [{id: id}, {"12": "-1"}] == batch.json()
    assert sim.posts()[0]["link"] == f"https://weibo.com/{sim.uid}/{bid}"


def test_counts_leave_unknown_posts_out(sim: Sim) -> None:
    """Numbers come as ints, as live answers have them."""
    id = share(sim, 1)
    answer = sim.weibo("statuses/count", ids=f"{id},12").json()
    assert [(int(id), 0)] == [(row["id"], row["comments"]) for row in answer]
    too_many = ",".join(str(number) for number in range(101))
    assert 20009 == sim.weibo("statuses/count", ids=too_many).json()["error_code"]


def test_user_is_shown_with_the_latest_post(sim: Sim) -> None:
    """users/show and users/counts agree on the followers."""
    id = share(sim, 1)
    user = sim.weibo("users/show", uid=sim.uid).json()
    assert (12345, 1, id) == (
        user["followers_count"],
        user["statuses_count"],
        user["status"]["idstr"],
    )
    assert 12345 == sim.weibo("users/counts", uids=sim.uid).json()[0]["followers_count"]
    assert 20003 == sim.weibo("users/show", uid="7").json()["error_code"]
    assert {"uid": sim.uid} == sim.weibo("account/get_uid").json()


def test_unknown_call_is_not_found(sim: Sim) -> None:
    """A path nobody knows gets 10020."""
    assert 10020 == sim.weibo("statuses/nothing").json()["error_code"]

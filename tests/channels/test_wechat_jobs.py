"""Speaking and looking: jobs, their results, and the search when the answer was lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import (
    Accepted,
    Busy,
    Doubt,
    Gone,
    Out,
    Pending,
    Receipt,
    Refused,
    Unseen,
)
from tests.channels.wechat_fake import (
    DROP,
    KEY,
    OTHER_KEY,
    START,
    Desk,
    article,
    delivery,
    desk,
    running,
)

PAIR = (article("一"), article("二"))


@pytest.fixture
def place():
    with running() as (fake, base):
        yield desk(fake, base)


def publication(key: str, at: datetime = START, count: int = 1) -> dict[str, object]:
    first = {"content_source_url": f"https://mp.weixin.qq.com/#fabu-{key}"}
    items = [{"url": f"https://mp.weixin.qq.com/s/{n}", **(first if n == 1 else {})}
             for n in range(1, count + 1)]  # fmt: skip
    return {
        "article_id": "AID",
        "content": {"news_item": items},
        "update_time": int(at.timestamp()),
    }


def test_publication_is_accepted_with_its_job(place: Desk):
    place.channel.prepare(delivery(), place.line)
    accepted = place.channel.speak(delivery(), place.line)
    kept = {"submitted": place.line.kept("draft"), "job_key": KEY, "msg_data_id": "2247484313"}
    assert Accepted(job="2247483651", kept=kept) == accepted
    assert {"media_id": place.line.kept("draft")} == place.fake.of("freepublish/submit")[0].json


def test_push_to_a_tag_names_the_tag():
    with running() as (fake, base):
        place = desk(fake, base, tag_id=2)
        place.accept(delivery(how="push"))
        assert fake.of("message/mass/sendall")[0].json["filter"] == {
            "is_to_all": False,
            "tag_id": 2,
        }


@pytest.mark.parametrize("name", ["msg_id", "msgid"])
def test_known_key_is_a_receipt_of_acceptance(place: Desk, name: str):
    place.channel.prepare(delivery(how="push"), place.line)
    place.fake.script(
        "message/mass/sendall", {"errcode": 45065, "errmsg": "clientmsgid exist", name: 77}
    )
    accepted = place.channel.speak(delivery(how="push", armed_at=START), place.line)
    assert ("77", KEY) == (accepted.job, accepted.kept["job_key"])


def test_known_key_without_a_number_is_doubt_unless_the_job_was_kept(place: Desk):
    again = delivery(how="push", armed_at=START)
    place.channel.prepare(again, place.line)
    place.fake.script("message/mass/sendall", *[{"errcode": 45065, "errmsg": "exist"}] * 2)
    with pytest.raises(Doubt):
        place.channel.speak(again, place.line)
    place.line.ids.update({"job": "77", "job_key": KEY})
    assert place.channel.speak(again, place.line).job == "77"


def test_success_without_a_number_is_doubt_whatever_was_kept(place: Desk):
    place.channel.prepare(delivery(), place.line)
    place.line.ids["job"] = "77"
    place.fake.script("freepublish/submit", {"errcode": 0, "errmsg": "ok"})
    with pytest.raises(Doubt):
        place.channel.speak(delivery(), place.line)
    assert place.line.kept("submitted") == place.line.kept("draft")


def test_used_up_allowance_waits_for_the_next_beijing_day(place: Desk):
    place.channel.prepare(delivery(how="push"), place.line)
    place.fake.script("message/mass/sendall", {"errcode": 45028, "errmsg": "no quota"})
    with pytest.raises(Busy) as found:
        place.channel.speak(delivery(how="push"), place.line)
    assert (14 * 3600, False) == (found.value.not_before_s, found.value.account_wide)


def test_used_up_allowance_of_a_service_account_waits_for_the_next_month():
    with running() as (fake, base):
        place = desk(fake, base, kind="service")
        place.channel.prepare(delivery(how="push"), place.line)
        fake.script("message/mass/sendall", {"errcode": 45028, "errmsg": "no quota"})
        with pytest.raises(Busy) as found:
            place.channel.speak(delivery(how="push"), place.line)
        assert found.value.not_before_s == 8 * 86400 + 14 * 3600


@pytest.mark.parametrize("code", [45066, 45028, 40007])
def test_codes_that_prove_nothing_after_an_earlier_arm_are_doubt(place: Desk, code: int):
    place.channel.prepare(delivery(how="push"), place.line)
    place.fake.script("message/mass/sendall", {"errcode": code, "errmsg": "?"})
    with pytest.raises(Doubt):
        place.channel.speak(delivery(how="push", armed_at=START), place.line)
    assert place.line.armed == 1


@pytest.mark.parametrize("code", [45066, 40007])
def test_codes_that_prove_nothing_on_the_first_try_are_doubt(place: Desk, code: int):
    place.channel.prepare(delivery(how="push"), place.line)
    place.fake.script("message/mass/sendall", {"errcode": code, "errmsg": "?"})
    with pytest.raises(Doubt):
        place.channel.speak(delivery(how="push"), place.line)
    assert place.line.armed == 1


def test_unverified_account_hands_its_draft_to_a_person():
    with running() as (fake, base):
        place = desk(fake, base, verified=False)
        place.accept(delivery())
        assert (0, KEY) == (place.line.armed, place.line.kept("by_hand"))
        assert isinstance(place.channel.look(delivery(), place.line), Pending)
        fake.drafts.clear()
        assert isinstance(place.channel.look(delivery(), place.line), Gone)
        assert "freepublish/submit" not in fake.calls()


def test_speaking_without_a_draft_is_busy_and_not_armed(place: Desk):
    with pytest.raises(Busy):
        place.channel.speak(delivery(), place.line)
    assert place.line.armed == 0


def test_published_job_gives_links_in_delivery_order(place: Desk):
    place.accept(delivery(*PAIR))
    place.fake.script(
        "freepublish/get",
        {
            "publish_id": 1,
            "publish_status": 0,
            "article_id": "AID",
            "article_detail": {
                "count": 2,
                "item": [{"idx": 2, "article_url": "u2"}, {"idx": 1, "article_url": "u1"}],
            },
            "fail_idx": [],
        },
    )
    found = place.channel.look(delivery(*PAIR), place.line)
    assert Receipt((Out("AID_1", "u1"), Out("AID_2", "u2"))) == found


@pytest.mark.parametrize(
    ("times_s", "expected_s"),
    [
        ({"create_time": 3, "update_time": 9}, 3),
        ({"create_time": -900, "update_time": 9}, 9),
        ({"create_time": -900, "update_time": 90_000}, None),
        ({"create_time": "x"}, None),
    ],
)
def test_publication_is_dated_by_the_platform_when_that_can_be(
    place: Desk, times_s: dict[str, object], expected_s: int | None
):
    place.accept(delivery())
    start = int(START.timestamp())
    dated = {name: start + s if isinstance(s, int) else s for name, s in times_s.items()}
    place.fake.script("freepublish/get", {"publish_status": 0, "article_id": "AID"})
    place.fake.script("freepublish/getarticle", {"news_item": [], **dated})
    place.clock.move(3600)
    found = place.channel.look(delivery(armed_at=START), place.line)
    expected = None if expected_s is None else START + timedelta(seconds=expected_s)
    assert Receipt((Out("AID_1", "", expected),)) == found


@pytest.mark.parametrize("status", [5, 6])
def test_publication_taken_down_later_was_out(place: Desk, status: int):
    place.accept(delivery())
    place.fake.script("freepublish/get", {"publish_status": status, "article_id": "AID"})
    assert Receipt((Out("AID_1"),)) == place.channel.look(delivery(), place.line)


@pytest.mark.parametrize(
    ("status", "fail_idx", "guilty", "person"),
    [
        (2, [1], (0,), False),
        (4, [2, "1"], (0, 1), False),
        (4, 2, (1,), False),
        (2, [9], (), True),
        (4, [], (), True),
        (3, [], (), True),
    ],
)
def test_failed_publication_names_positions_from_zero(
    place: Desk, status: int, fail_idx: object, guilty: tuple[int, ...], person: bool
):
    place.accept(delivery(*PAIR))
    place.fake.script("freepublish/get", {"publish_status": status, "fail_idx": fail_idx})
    with pytest.raises(Refused) as found:
        place.channel.look(delivery(*PAIR), place.line)
    assert (guilty, person) == (found.value.guilty, found.value.person)


def test_failed_job_forgets_a_draft_that_went_with_it(place: Desk):
    place.accept(delivery())
    place.fake.drafts.clear()
    place.fake.script("freepublish/get", {"publish_status": 3})
    with pytest.raises(Refused):
        place.channel.look(delivery(), place.line)
    assert place.channel.discard(delivery(), place.line)


def test_failed_job_whose_draft_stays_makes_its_later_absence_a_doubt(place: Desk):
    place.accept(delivery(key=OTHER_KEY))
    place.fake.script("freepublish/get", {"publish_status": 3})
    with pytest.raises(Refused):
        place.channel.look(delivery(key=OTHER_KEY), place.line)
    place.fake.drafts.clear()
    with pytest.raises(Doubt):
        place.channel.prepare(delivery(), place.line)
    assert place.line.armed == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [("SEND_SUCCESS", Receipt), ("DELETE", Receipt), ("SENDING", Pending), ("NEW", Unseen)],
)
def test_push_status_is_read(place: Desk, status: str, kind: type):
    place.accept(delivery(*PAIR, how="push"))
    place.fake.script("message/mass/get", {"msg_id": 1000000050, "msg_status": status})
    found = place.channel.look(delivery(*PAIR, how="push"), place.line)
    assert kind is type(found)
    if isinstance(found, Receipt):
        assert ["1000000050_1", "1000000050_2"] == [out.remote_id for out in found.posts]


def test_failed_push_is_a_persons_to_decide(place: Desk):
    place.accept(delivery(how="push"))
    place.fake.script("message/mass/get", {"msg_status": "SEND_FAIL"})
    with pytest.raises(Refused) as found:
        place.channel.look(delivery(how="push"), place.line)
    assert found.value.person


@pytest.mark.parametrize(
    ("code", "kind"), [(89503, Pending), (89504, Pending), (89505, Pending), (40059, Unseen)]
)
def test_push_under_approval_is_pending_and_an_unknown_job_unseen(
    place: Desk, code: int, kind: type
):
    place.accept(delivery(how="push"))
    place.fake.script("message/mass/get", {"errcode": code, "errmsg": "?"})
    assert kind is type(place.channel.look(delivery(how="push"), place.line))


@pytest.mark.parametrize("code", [48001, -1, 45009, 45166, 777])
def test_look_that_cannot_ask_is_busy_never_refused(place: Desk, code: int):
    place.accept(delivery())
    place.fake.script("freepublish/get", {"errcode": code, "errmsg": "?"})
    with pytest.raises(Busy) as found:
        place.channel.look(delivery(), place.line)
    assert str(code) == found.value.code


def test_lost_answer_is_settled_by_our_mark_among_the_publications(place: Desk):
    doubted(place)
    place.fake.published = [publication(OTHER_KEY), publication(KEY)]
    found = place.channel.look(delivery(armed_at=START), place.line)
    assert Receipt((Out("AID_1", "https://mp.weixin.qq.com/s/1", START),)) == found


def test_search_turns_pages_back_to_the_first_arm_and_no_further(place: Desk):
    doubted(place)
    later = [publication(OTHER_KEY, START + timedelta(hours=1)) for _ in range(20)]
    earlier = [publication(OTHER_KEY, START - timedelta(hours=1)) for _ in range(20)]
    place.fake.published = [*later, *earlier, publication(KEY)]
    assert isinstance(place.channel.look(delivery(armed_at=START), place.line), Unseen)
    assert [0, 20] == [r.json["offset"] for r in place.fake.of("freepublish/batchget")]


def test_lost_answer_with_the_draft_still_there_is_unseen(place: Desk):
    doubted(place)
    found = place.channel.look(delivery(armed_at=START), place.line)
    assert isinstance(found, Unseen)
    assert "still in the draft box" in found.words.text


def test_lost_answer_with_the_draft_gone_is_unseen_with_other_words(place: Desk):
    doubted(place)
    place.fake.drafts.clear()
    found = place.channel.look(delivery(armed_at=START), place.line)
    assert isinstance(found, Unseen)
    assert "has left the draft box" in found.words.text


def test_never_armed_with_the_draft_gone_is_gone(place: Desk):
    place.channel.prepare(delivery(), place.line)
    assert isinstance(place.channel.look(delivery(), place.line), Unseen)
    place.fake.drafts.clear()
    assert isinstance(place.channel.look(delivery(), place.line), Gone)


def test_job_of_an_older_key_proves_nothing_for_the_new_one(place: Desk):
    place.accept(delivery(key=OTHER_KEY))
    place.fake.drafts.clear()
    place.channel.prepare(delivery(), place.line)
    place.fake.script("freepublish/submit", DROP)
    with pytest.raises(Doubt):
        place.channel.speak(delivery(), place.line)
    assert isinstance(place.channel.look(delivery(armed_at=START), place.line), Unseen)
    assert "freepublish/get" not in place.fake.calls()


def test_survey_tells_followers_quota_and_clock(place: Desk):
    place.fake.script("openapi/quota/get", {"quota": {"daily_limit": 100, "remain": 93}})
    place.fake.script("user/get", {"total": 12345, "count": 0})
    health = place.channel.survey(place.line)
    assert ("wx0123456789abcdef", 12345, 93) == (
        health.identity,
        health.followers,
        health.quota_left,
    )
    assert abs(health.platform_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert place.fake.of("openapi/quota/get")[0].json == {"cgi_path": "/cgi-bin/freepublish/submit"}


def test_survey_notes_what_the_account_may_not_ask(place: Desk):
    place.fake.script("openapi/quota/get", {"errcode": 76022, "errmsg": "no"})
    place.fake.script("user/get", {"errcode": 48001, "errmsg": "no"})
    health = place.channel.survey(place.line)
    assert (None, None, 2) == (health.followers, health.quota_left, len(health.notes))


def doubted(place: Desk) -> None:
    """Prepare and speak into silence."""
    place.channel.prepare(delivery(), place.line)
    place.fake.script("freepublish/submit", DROP)
    with pytest.raises(Doubt):
        place.channel.speak(delivery(), place.line)

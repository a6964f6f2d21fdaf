"""Weibo beyond the shared suite: the request itself, the search for a lost post, the survey."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from channels.contract import (
    Account,
    Busy,
    Content,
    Delivery,
    Picture,
    Receipt,
    Refused,
    Unseen,
    Window,
    Words,
)
from channels.weibo import CHANNEL, codes, sentences
from channels.weibo.codes import CODES, Envelope, Kind, envelope_of, kind_of, to_next_hour_s

TOKEN = "2.00abc"
LINK = "https://yjj.example.gov.cn/1.html"
SHARE = "/2/statuses/share.json"
TIMELINE = "/2/statuses/user_timeline.json"
TOKEN_INFO = "/oauth2/get_token_info"
USER = "/2/users/show.json"
ARMED = datetime(2026, 11, 22, 1, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\xff" * 50


def channel_for(kit, url, secrets=None, **options):
    account = Account(
        "weibo", "weibo", "示例", url,
        options={"uid": "1001", "safe_domain": "yjj.example.gov.cn", **options},
        secrets={"access_token": TOKEN} if secrets is None else secrets,
    )  # fmt: skip
    return CHANNEL(account, kit.Wire(), lambda: ARMED + timedelta(minutes=1))


def delivery_of(content=None, **more):
    content = content or Content(text="停水通知", link=LINK)
    fields = {"armed_at": ARMED, **more}
    return Delivery("k" * 26, "d", "post", (content,), ARMED, **fields)


def status(text="停水通知 http://t.cn/A0000001 \u200b", second=3, number=3501756485200075, **more):
    beijing = ARMED + timedelta(hours=8, seconds=second)
    made = f"{beijing:%a %b %d %H:%M:%S} +0800 {beijing:%Y}"
    return {"idstr": str(number), "text": text, "created_at": made, **more}


def looked(kit, statuses, delivery=None):
    server = kit.by_path({TIMELINE: {"statuses": statuses}})
    return channel_for(kit, server.url).look(delivery or delivery_of(), kit.Line())


# --- the request -------------------------------------------------------------------------------


def test_text_post_is_one_form_with_the_token_in_a_header_only(kit):
    server = kit.by_path({SHARE: status()})
    line = kit.Line()
    channel_for(kit, server.url, rip="192.0.2.7").speak(delivery_of(armed_at=None), line)
    (request,) = server.requests
    assert ("POST", SHARE) == (request.method, request.target)
    assert {"status": f"停水通知 {LINK} ", "rip": "192.0.2.7"} == request.form
    assert f"OAuth2 {TOKEN}" == request.headers["authorization"]
    assert TOKEN.encode() not in request.body
    assert ["spend statuses/share", "arm"] == line.events


def test_undeclared_rip_is_not_invented(kit):
    server = kit.by_path({SHARE: status()})
    channel_for(kit, server.url).speak(delivery_of(), kit.Line())
    assert "rip" not in server.requests[0].form


@pytest.mark.parametrize(
    ("data", "name", "mime"),
    [
        (PNG, b'filename="picture.png"', b"image/png"),
        (b"\xff\xd8\xff\xe0JFIF", b'filename="picture.jpg"', b"image/jpeg"),
        (b"GIF89a...", b'filename="picture.gif"', b"image/gif"),
    ],
)
def test_picture_goes_as_multipart_named_by_its_bytes(kit, data, name, mime):
    server = kit.by_path({SHARE: status()})
    picture = Picture("0" * 64, "image/bmp", len(data), 1, 1, data=data)
    content = Content(text="停水通知", link=LINK, pictures=(picture,))
    channel_for(kit, server.url).speak(delivery_of(content), kit.Line())
    (request,) = server.requests
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    for part in (b'name="status"', f"停水通知 {LINK} ".encode(), b'name="pic"', name, mime, data):
        assert part in request.body


@pytest.mark.parametrize("data", [b"", b"BM6", b"RIFF0000WEBP", PNG + b"0" * (5 * 1024 * 1024)])
def test_file_that_is_no_picture_is_refused_before_anything_is_spent(kit, data):
    picture = Picture("0" * 64, "image/png", len(data), 1, 1, data=data)
    delivery = delivery_of(Content(text="通知", link=LINK, pictures=(picture,)))
    line = kit.Line()
    channel = channel_for(kit, "http://127.0.0.1:1")
    for call in (channel.prepare, channel.speak):
        with pytest.raises(Refused):
            call(delivery, line)
    assert [] == line.events


@pytest.mark.parametrize("secrets", [{}, {"access_token": " "}])
def test_without_token_a_person_is_asked_and_nothing_is_spent(kit, secrets):
    line = kit.Line()
    channel = channel_for(kit, "http://127.0.0.1:1", secrets)
    for call in (
        channel.prepare,
        channel.speak,
        channel.look,
        lambda _, line: channel.survey(line),
    ):
        with pytest.raises(Busy) as caught:
            call(delivery_of(), line)
        assert (True, True) == (caught.value.person, caught.value.account_wide)
    assert [] == line.events


def test_preparing_asks_weibo_nothing(kit):
    line = kit.Line()
    channel_for(kit, "http://127.0.0.1:1").prepare(delivery_of(), line)
    assert [] == line.events


def test_receipt_without_readable_time_takes_the_answers_date(kit):
    headers = {"Date": "Sun, 22 Nov 2026 01:00:05 GMT"}
    server = kit.by_path({SHARE: kit.reply(200, {"idstr": "3501756485200075"}, headers)})
    found = channel_for(kit, server.url).speak(delivery_of(), kit.Line())
    (out,) = found.posts
    assert datetime(2026, 11, 22, 1, 0, 5, tzinfo=UTC) == out.published_at
    assert "https://weibo.com/1001/z0JH2lOMb" == out.link


def test_default_address_is_weibos_own():
    account = Account("weibo", "weibo", "示例", "")
    assert "https://api.weibo.com/x" == CHANNEL(account, None, lambda: ARMED)._url("/x")


# --- looking -----------------------------------------------------------------------------------


def test_lost_post_is_found_by_its_text(kit):
    found = looked(kit, [status("别的", 30, 7), status(), status("旧的", -600, 5)])
    assert Receipt is type(found)
    assert "3501756485200075" == found.posts[0].remote_id


def test_look_asks_for_posts_of_this_application_only(kit):
    server = kit.by_path({TIMELINE: {"statuses": []}})
    line = kit.Line()
    channel_for(kit, server.url).look(delivery_of(), line)
    (request,) = server.requests
    assert {"base_app": "1", "count": "20", "uid": "1001"} == request.query
    assert f"OAuth2 {TOKEN}" == request.headers["authorization"]
    assert ["spend statuses/user_timeline"] == line.events


@pytest.mark.parametrize(("second", "seen"), [(-121, False), (-120, True), (0, True), (3599, True)])
def test_clocks_may_differ_by_two_minutes(kit, second, seen):
    assert seen is isinstance(looked(kit, [status(second=second)]), Receipt)


def test_other_text_with_the_same_link_is_another_post(kit):
    """A false "seen" would be a false statement."""
    objects = [{"info": {"url_long": LINK}}]
    found = looked(kit, [status("来水通知 http://t.cn/A0000001", url_objects=objects)])
    assert Unseen is type(found)


@pytest.mark.parametrize(
    ("objects", "seen"),
    [
        ([{"info": {"url_long": LINK, "url_short": "http://t.cn/A0000001"}}], True),
        ([{"url_long": LINK.replace("https", "http")}], True),
        ([{"info": {"url_long": "https://yjj.example.gov.cn/2.html"}}], False),
        ([], True),
        ("damaged", True),
        ([None, {"info": 1}], True),
    ],
)
def test_same_text_counts_unless_its_links_say_otherwise(kit, objects, seen):
    assert seen is isinstance(looked(kit, [status(url_objects=objects)]), Receipt)


def test_oldest_of_two_equal_posts_is_ours(kit):
    found = looked(kit, [status(second=900, number=9), status(second=3, number=8)])
    assert "8" == found.posts[0].remote_id


@pytest.mark.parametrize(
    "damaged", [None, 7, {}, {"idstr": "x"}, status(text=None), {"idstr": "5", "text": "停水通知"}]
)
def test_damaged_entries_are_passed_over(kit, damaged):
    assert Receipt is type(looked(kit, [damaged, status()]))


def test_restored_row_without_arming_is_searched_from_its_due_time(kit):
    delivery = delivery_of(armed_at=None)
    assert Receipt is type(looked(kit, [status()], delivery))
    assert Unseen is type(looked(kit, [status(second=-500)], delivery))


def test_unseen_says_how_much_was_read_and_whether_that_is_enough(kit):
    none = looked(kit, [])
    some = looked(kit, [status("别的", 30, 7), status("旧的", -600, 5)])
    full = looked(kit, [status("别的", 300 + n, n) for n in range(5, 0, -1)])
    assert Words(sentences.UNSEEN_NONE) == none.words
    newest = ARMED + timedelta(seconds=30)
    assert Words(sentences.UNSEEN, {"count": 2, "newest": newest}) == some.words
    assert sentences.UNSEEN_PUSHED_OUT == full.words.text


def test_answer_without_a_list_is_no_evidence(kit):
    server = kit.by_path({TIMELINE: {"total_number": 0}})
    with pytest.raises(Exception, match="no_list"):
        channel_for(kit, server.url).look(delivery_of(), kit.Line())


# --- survey and limits -------------------------------------------------------------------------


def surveyed(kit, info, user):
    headers = {"Date": "Sun, 22 Nov 2026 01:00:05 GMT"}
    server = kit.by_path({TOKEN_INFO: info, USER: kit.reply(200, user, headers)})
    line = kit.Line()
    found = channel_for(kit, server.url).survey(line)
    assert {"access_token": TOKEN} == server.requests[0].form
    assert {"uid": str(info["uid"])} == server.requests[1].query
    assert 2 == len(line.events)
    return found


def test_survey_of_a_healthy_account(kit):
    user = {"screen_name": "示例发布", "followers_count": 474, "verified_type": 1}
    found = surveyed(kit, {"uid": "1001", "expire_in": "8640000"}, user)
    assert ("示例发布", 474, ()) == (found.identity, found.followers, found.notes)
    assert ARMED + timedelta(minutes=1, seconds=8_640_000) == found.expires_at
    assert datetime(2026, 11, 22, 1, 0, 5, tzinfo=UTC) == found.platform_at


def test_survey_warns_of_the_wrong_account_and_a_token_near_its_end(kit):
    found = surveyed(kit, {"uid": 1002, "expires_in": 3600}, {"verified_type": 0})
    assert [sentences.OTHER_UID, sentences.NOT_GOVERNMENT, sentences.EXPIRES] == [
        one.text for one in found.notes
    ]
    assert ("1002", None) == (found.identity, found.followers)


def test_limits_are_dated_and_overridable(kit):
    plain = channel_for(kit, "http://127.0.0.1:1").limits
    own = channel_for(
        kit, "http://127.0.0.1:1",
        gap_s=120, calls_per_day="150", posts_per_hour=5, text_max=2000,
    ).limits  # fmt: skip
    assert (date(2025, 5, 15), 140, 60) == (plain.as_of, plain.text_units_max, plain.gap_s)
    assert ({"*": Window(100, "day")}, 20) == (plain.quotas, plain.reserve_calls)
    assert {"*": Window(150, "day")} == own.quotas
    assert (Window(5, "hour"), 120, 2000) == (own.speaks, own.gap_s, own.text_units_max)
    assert ({"post": 1860}, (60, 180, 600, 1800)) == (own.holds_account_s, own.looks_s)


def test_several_safe_domains_may_be_a_list_or_one_text(kit):
    content = Content(text="通知", link="https://b.example/")
    for value in ("a.example, B.example", ["a.example", "b.example"]):
        assert [] == channel_for(kit, "", safe_domain=value).check(content)


def test_without_configured_domain_any_link_passes(kit):
    content = Content(text="通知", link="https://b.example/")
    assert [] == channel_for(kit, "", safe_domain="").check(content)


def test_preview_counts(kit):
    content = Content(text="汉" * 88, link=LINK)
    shown = channel_for(kit, "").render(content)
    assert "99/140" == shown.length


# --- the code table ----------------------------------------------------------------------------

# Every number the papers name for a write (§1.9, §6.2, §6.3) that is not a plain doubt.
NAMED = """
10001 10002 10003 10004 10005 10006 10007 10008 10009 10010 10011 10012 10013 10014 10016 10017
10018 10020 10021 10022 10023 10024 10025 10032 20001 20002 20003 20005 20006 20007 20008 20009
20012 20013 20014 20015 20016 20017 20018 20019 20020 20021 20022 20023 20031 20032 20033 20049
20053 20102 20103 20104 20109 20111 20120 20121 21301 21302 21303 21304 21313 21314 21315 21316
21317 21318 21319 21320 21321 21322 21323 21324 21325 21326 21327 21328 21329 21330 21331 21332
21335 21337 21602 23201 40025
""".split()


@pytest.mark.parametrize("code", NAMED)
def test_every_named_number_is_in_the_table(code):
    assert int(code) in CODES


def test_every_kind_has_words():
    for kind in Kind:
        found = next(code for code, one in CODES.items() if one is kind)
        ending = codes.when_speaking(Envelope(found, ""), "", ARMED, armed_before=False)
        if kind is not Kind.accepted:
            assert ending.words.text


def test_unknown_number_is_doubt():
    assert Kind.doubt is kind_of(Envelope(12345, ""))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"error_code": 20019}, 20019),
        ({"error_code": "20019"}, 20019),
        ({"error_code": -1}, -1),
        ({"error_code": 0}, None),
        ({"error_code": "0"}, None),
        ({"error_code": True}, None),
        ({"error_code": "x"}, None),
        ({"error_code": None}, None),
        ({"error": "words"}, None),
        ([], None),
        (None, None),
    ],
)
def test_error_number_may_be_int_or_digits(data, code):
    found = envelope_of(data)
    assert code == (None if found is None else found.code)


@pytest.mark.parametrize(("minute", "seconds"), [(0, 3600.0), (59, 60.0), (30, 1800.0)])
def test_hourly_windows_open_at_the_full_hour(minute, seconds):
    assert seconds == to_next_hour_s(replace_minute(minute))


def replace_minute(minute):
    return ARMED.replace(minute=minute)


def test_secret_is_starred_in_what_weibo_said(kit):
    server = kit.by_path({SHARE: kit.reply(400, {"error_code": 20021, "error": f"bad {TOKEN}"})})
    with pytest.raises(Refused) as caught:
        channel_for(kit, server.url).speak(delivery_of(), kit.Line())
    assert "bad ***" in caught.value.raw


def test_first_arm_decides_what_a_duplicate_means():
    found = Envelope(20019, "repeat content!")
    first = codes.when_speaking(found, "", ARMED, armed_before=False)
    again = codes.when_speaking(found, "", ARMED, armed_before=True)
    assert ("Refused", "Doubt") == (type(first).__name__, type(again).__name__)

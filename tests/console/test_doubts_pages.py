"""Doubts, one per screen: what is known, what is recommended, and the three ways to decide."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from channels.contract import Picture
from console.evidence import AGAIN, OUT, WAIT, advise
from console.links import home_of, typed, web
from console.serve import beside
from console.tables import ConsoleSession
from scheduler import config, secrets
from scheduler.errors import InputError
from scheduler.home import open_database
from scheduler.store.moves import read
from scheduler.tables import Delivery, Kept, Media, table
from simulator.server import Running
from tests import makers
from tests.clocks import START
from tests.console.conftest import Site
from tests.console.test_queue_pages import EVIL, SOON, account, put, row
from tests.platforms import WECHAT_SECRET
from tests.simulator.conftest import Sim

LINK = "https://weibo.com/1234567890/Nabcdefgh"


@pytest.fixture
def operator(site):
    return site.person("李强", "operator")


def doubt(site, **values) -> int:
    return put(site, "uncertain", **{"awaits": "operator", "code": "unseen", "looks": 4, **values})


def post_of(site, delivery):
    with site.store.read() as tx:
        return makers.get(tx, makers.Post, makers.members(tx, delivery)[0])


def test_list_has_one_line_each_and_nothing_to_press(site, operator):
    made = [doubt(site) for _ in range(3)]
    page = operator.get("/doubts").text
    assert all(f'href="/doubts/{one}"' in page for one in made)
    assert ('action="/doubts' in page, "formaction" in page) == (False, False)


def test_doubts_stand_at_the_top_of_the_queue(site, operator):
    made = doubt(site)
    page = operator.get("/queue?account=board").text
    assert page.index(f"/doubts/{made}") < page.index("Nothing here fits.")


def test_doubt_page_tells_evidence_advice_and_consequences(site, operator):
    made = doubt(site, detail='{"text":"Not found among the newest posts.","params":{}}')
    with site.store.write() as tx:
        told = {"name": "draft", "value": "MEDIA-1", "edition_digest": "", "attempt": 1}
        makers.put(tx, Kept, delivery_id=made, kept_at=START, **told)
        makers.change(tx, Delivery, made, next_at=None)
    page = operator.get(f"/doubts/{made}").text
    for words in (
        "enters the queue", "MEDIA-1", "Not found among the newest posts.", "Looked for 4 times.",
        "https://weibo.com/", "if it is not there, send it again", "readers see it twice",
        "It counts as published", "It counts as not sent",
    ):  # fmt: skip
        assert words in page
    assert page.index(f"/doubts/{made}/again") < page.index(f"/doubts/{made}/published")


@pytest.mark.parametrize("state", ["uncertain", "accepted"])
def test_every_field_of_a_page_with_several_forms_has_its_own_label(site, operator, state):
    made = doubt(site) if state == "uncertain" else put(site, state)
    page = operator.get(f"/doubts/{made}").text
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(set(ids)) == sorted(ids)
    assert 1 < page.count('name="reason"')


def test_published_is_recorded_with_link_time_and_reason(site, operator):
    made = doubt(site)
    told = {"link": [LINK], "reason": "在账号里看到了", "published_at": "2026-11-27T16:40"}
    assert 303 == operator.post(f"/doubts/{made}/published", told).status_code
    post = post_of(site, made)
    assert ("published", LINK) == (row(site, made).state, post.link)
    assert START - timedelta(minutes=20) == post.published_at
    assert "在账号里看到了" in operator.get(f"/queue/{made}").text
    assert "no doubt any more" in operator.get(f"/doubts/{made}").text


@pytest.mark.parametrize(
    "told",
    [
        {"reason": ""},
        {"reason": "看到", "link": ["javascript:alert(1)"]},
        {"reason": "看到", "link": [LINK], "published_at": "2026-12-30T08:00"},
    ],
)
def test_published_with_a_fault_is_asked_again_with_what_was_typed(site, operator, told):
    made = doubt(site)
    answer = operator.post(f"/doubts/{made}/published", told)
    assert (400, "uncertain") == (answer.status_code, row(site, made).state)
    assert told["reason"] in answer.text
    assert 'href="javascript' not in answer.text


def test_failed_is_recorded_with_its_reason(site, operator):
    made = doubt(site)
    assert 400 == operator.post(f"/doubts/{made}/failed", {"reason": " "}).status_code
    assert 303 == operator.post(f"/doubts/{made}/failed", {"reason": "账号里没有"}).status_code
    assert "failed" == row(site, made).state


def test_again_has_a_new_key_and_time(site, operator):
    made = doubt(site)
    key = row(site, made).key
    assert (
        303
        == operator.post(f"/doubts/{made}/again", {"reason": "账号里没有", "at": SOON}).status_code
    )
    after = row(site, made)
    assert ("queued", "10:30", None) == (after.state, f"{after.due_at:%H:%M}", after.doubted_at)
    assert key != after.key


@pytest.mark.parametrize("told", [{"reason": "", "at": SOON}, {"reason": "没有", "at": ""}])
def test_again_without_reason_or_time_leaves_the_doubt(site, operator, told):
    made = doubt(site)
    assert 400 == operator.post(f"/doubts/{made}/again", told).status_code
    assert "uncertain" == row(site, made).state


def test_again_on_what_is_no_doubt_touches_nothing(site, operator):
    made = put(site, "queued")
    answer = operator.post(f"/doubts/{made}/again", {"reason": "重发", "at": SOON})
    assert (409, "queued") == (answer.status_code, row(site, made).state)


@pytest.mark.parametrize("role", ["author", "reviewer", "leader", "admin"])
@pytest.mark.parametrize("action", ["published", "failed", "again"])
def test_doubts_are_decided_by_operators_only(site, role, action):
    made = doubt(site)
    someone = site.person("某人", role)
    answer = someone.post(f"/doubts/{made}/{action}", {"reason": "看到了", "at": SOON})
    assert (403, "uncertain") == (answer.status_code, row(site, made).state)
    assert f'action="/doubts/{made}' not in someone.get(f"/doubts/{made}").text


def test_decision_without_the_form_token_changes_nothing(site, operator):
    made = doubt(site)
    answer = operator.post(f"/doubts/{made}/failed", {"reason": "没有"}, token="wrong")
    assert (403, "uncertain") == (answer.status_code, row(site, made).state)


def test_reason_stays_text(site, operator):
    made = doubt(site)
    operator.post(f"/doubts/{made}/failed", {"reason": EVIL})
    assert EVIL not in operator.get(f"/queue/{made}").text + operator.get(f"/doubts/{made}").text


# --- the draft at the platform --------------------------------------------------------------------


@pytest.fixture
def platform():
    with Running() as running:
        yield Sim(running.url)


@pytest.fixture
def wechat(home, clock, fabu, platform):
    """Give a console whose WeChat account lives at the simulator."""
    file = home / "config.toml"
    text = WECHAT.format(url=platform.url)
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    settings = config.load(file)
    store = open_database(settings)
    table(ConsoleSession).create(store.engine, checkfirst=True)
    with store.write() as tx:
        secrets.put(tx, settings, "wx", "app_secret", WECHAT_SECRET, by="x", now=START)
    with beside(settings, store, clock, port=0) as url:
        yield Site(url, store, clock, home)
    store.close()


WECHAT = """
[account.wx]
channel = "wechat"
title = "示例应急"
app_id = "wx0000000000000001"
kind = "service"
api_base = "{url}"
"""


def with_draft(site, state, draft, **values) -> int:
    with site.store.write() as tx:
        made = makers.in_state(tx, account(site, "wx"), state, **values)
        told = {"name": "draft", "value": draft, "edition_digest": "d" * 64, "attempt": 1}
        makers.put(tx, Kept, delivery_id=made, kept_at=START, **told)
    return made


def drafts_at(platform) -> int:
    listed = platform.wechat("draft/batchget", {"offset": 0, "count": 20, "no_content": 1})
    return int(listed["total_count"])


def test_again_deletes_the_platforms_draft_first(wechat, platform):
    made = with_draft(wechat, "uncertain", platform.draft(), awaits="operator", looks=3)
    browser = wechat.person("李强", "operator")
    assert "https://mp.weixin.qq.com/" in browser.get(f"/doubts/{made}").text
    answer = browser.post(f"/doubts/{made}/again", {"reason": "没有发出", "at": SOON})
    assert (303, 0, "queued") == (
        answer.status_code,
        drafts_at(platform),
        row(wechat, made).state,
    )


def test_again_with_a_draft_that_is_gone_sends_nothing(wechat, platform):
    draft = platform.draft()
    platform.wechat("draft/delete", {"media_id": draft})
    made = with_draft(wechat, "uncertain", draft, awaits="operator", looks=3)
    browser = wechat.person("李强", "operator")
    answer = browser.post(f"/doubts/{made}/again", {"reason": "没有发出", "at": SOON})
    assert (409, "uncertain") == (answer.status_code, row(wechat, made).state)
    assert "somebody may have published it" in answer.text


def test_who_may_not_send_again_does_not_delete_the_draft(wechat, platform):
    made = with_draft(wechat, "uncertain", platform.draft(), awaits="operator", looks=3)
    browser = wechat.person("某人", "author", "reviewer", "admin")
    answer = browser.post(f"/doubts/{made}/again", {"reason": "没有发出", "at": SOON})
    assert (403, 1) == (answer.status_code, drafts_at(platform))


def test_refused_again_does_not_delete_the_draft(wechat, platform):
    made = with_draft(wechat, "uncertain", platform.draft(), awaits="operator", looks=3)
    browser = wechat.person("李强", "operator")
    browser.post(f"/doubts/{made}/again", {"reason": "", "at": SOON})
    browser.post(f"/doubts/{made}/again", {"reason": "没有", "at": "2020-01-01T08:00"})
    assert (1, "uncertain") == (drafts_at(platform), row(wechat, made).state)


def test_pack_taken_back_deletes_its_draft(wechat, platform):
    made = with_draft(wechat, "accepted", platform.draft(), accepted_at=START)
    browser = wechat.person("小陈", "author")
    assert 303 == browser.post(f"/doubts/{made}/back", {"reason": "不发了"}).status_code
    assert (0, "cancelled") == (drafts_at(platform), row(wechat, made).state)


# --- in a person's hands --------------------------------------------------------------------------


def hand(site) -> int:
    with site.store.write() as tx:
        return makers.in_state(tx, account(site, "board"), "accepted", accepted_at=START)


def test_pack_gives_text_to_copy_and_takes_the_link(site):
    made = hand(site)
    author = site.person("小陈", "author")
    assert f'href="/doubts/{made}"' in author.get("/doubts").text
    page = author.get(f"/doubts/{made}").text
    assert ("readonly" in page, "取暖要通风</textarea>" in page) == (True, True)
    link = "https://www.example.gov.cn/notice/1"
    assert 303 == author.post(f"/doubts/{made}/published", {"link": [link]}).status_code
    assert ("published", link) == (row(site, made).state, post_of(site, made).link)


def test_pack_pictures_are_given_for_this_delivery_only(site, operator):
    made, sha = hand(site), "a" * 64
    with site.store.write() as tx:
        tx.execute(
            table(Media).insert().values(
                sha256=sha, mime="image/png", size_bytes=4, width_px=1, height_px=1,
                data=b"\x89PNG", created_at=START,
            )
        )  # fmt: skip
        picture = Picture(sha, "image/png", 4, 1, 1, alt="封面")
        content = makers.Content(title="图", text="图", how="hand", pictures=(picture,))
        packed = {"content": makers.pack(content)}
        makers.change(tx, makers.Post, makers.members(tx, made)[0], **packed)
    address = f"/doubts/{made}/pictures/{sha}"
    assert address in operator.get(f"/doubts/{made}").text
    answer = operator.get(address)
    assert ("image/png", b"\x89PNG") == (answer.headers["content-type"], answer.content)
    assert 404 == operator.get(f"/doubts/{hand(site)}/pictures/{sha}").status_code
    assert 303 == site.browser().get(address).status_code


def test_pack_is_taken_back_by_authors_not_by_leaders(site):
    made = hand(site)
    assert 403 == site.person("赵局", "leader").post(f"/doubts/{made}/back").status_code
    assert 303 == site.person("小陈", "author").post(f"/doubts/{made}/back").status_code
    assert "cancelled" == row(site, made).state


def test_doubt_is_not_taken_back_as_a_pack(site, operator):
    made = doubt(site)
    assert 409 == operator.post(f"/doubts/{made}/back").status_code


# --- pure -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "verbs", "kept", "expected"),
    [
        ({"next_at": START + timedelta(minutes=1)}, [], set(), WAIT),
        ({"looks": 4}, [], set(), AGAIN),
        ({"looks": 4}, [], {"draft"}, AGAIN),
        ({"looks": 4, "how": "push"}, [], set(), OUT),
        ({"looks": 4, "code": "draft_gone"}, [], set(), OUT),
        ({"looks": 4}, ["restore"], set(), OUT),
        ({"looks": 0}, [], set(), OUT),
    ],
)
def test_advice_follows_the_evidence(store, values, verbs, kept, expected):
    with store.write() as tx:
        told = {"next_at": None, "code": "unseen", **values}
        made = makers.in_state(tx, makers.account(tx), "uncertain", **told)
        assert expected == advise(read(tx, made), verbs, kept, START).action


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//x.cn/", "/queue", "",
     "https://", "https://x.cn/\n1", "http://[", "java\tscript:alert(1)"],
)  # fmt: skip
def test_only_web_addresses_become_links(address):
    assert "" == web(address)


def test_web_addresses_become_links():
    assert ["https://x.cn/1", "http://x.cn"] == [web(" https://x.cn/1 "), web("http://x.cn")]
    assert [] == typed(["", " "])
    with pytest.raises(InputError):
        typed([LINK, "weibo.com/1"])


def test_account_page_of_weibo_needs_the_uid():
    assert "https://weibo.com/" == home_of(None, "weibo")
    assert "" == home_of(None, "manual")

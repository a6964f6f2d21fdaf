"""WeChat's message push: signature, plain mode, and the one early look it can cause."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from console import wechat_push
from console.pace import Pace
from console.serve import beside
from console.wechat_push import BadXml, is_signed, read, sign
from scheduler import config, secrets
from scheduler.home import open_database
from scheduler.store.accounts import by_name
from scheduler.store.flight import Mark, keep_under
from scheduler.store.moves import read as read_delivery
from scheduler.store.pushed import look_soon
from scheduler.tables import Delivery
from tests import makers
from tests.clocks import START
from tests.console.conftest import Site

TOKEN = "AAAAA"
JOB = "2247503051"
ACCOUNTS = """
[account.wechat-main]
channel = "wechat"
app_id = "wx0000000000000001"

[account.wechat-quiet]
channel = "wechat"
app_id = "wx0000000000000002"

[account.weibo-main]
channel = "weibo"
"""
PUBLISHED = f"""<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName>o</FromUserName>
<CreateTime>1714036504</CreateTime><MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[PUBLISHJOBFINISH]]></Event><PublishEventInfo><publish_id>{JOB}</publish_id>
<publish_status>0</publish_status><article_id>x</article_id><article_detail><count>1</count>
<item><idx>1</idx><article_url>https://mp.weixin.qq.com/s/x</article_url></item>
</article_detail></PublishEventInfo></xml>"""
SENT = (
    f"<xml><Event>MASSSENDJOBFINISH</Event><MsgID>{JOB}</MsgID><Status>send success</Status></xml>"
)
BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<xml><Event>&b;</Event></xml>"""
FILE = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><Event>x</Event></xml>'


@pytest.fixture
def site(home, clock):
    """Serve a home with two WeChat accounts; one has a Token."""
    file = home / "config.toml"
    file.write_text(file.read_text(encoding="utf-8") + ACCOUNTS, encoding="utf-8")
    settings = config.load(file)
    store = open_database(settings)
    with store.write() as tx:
        secrets.put(
            tx, settings, "wechat-main", "callback_token", TOKEN, by="person:王芳", now=START
        )
    with beside(settings, store, clock, port=0) as url:
        yield Site(url, store, clock, home)
    store.close()


def signed(token: str = TOKEN, **more: str) -> dict[str, str]:
    told = {"timestamp": "1714036504", "nonce": "1514711492"}
    return {**told, "signature": sign(token, **told), **more}


def push(site, body: str | bytes, account: str = "wechat-main", **query: str) -> requests.Response:
    """Send a push as the platform does: no cookie, no origin."""
    return requests.post(
        f"{site.url}/callback/wechat/{account}",
        params=query or signed(),
        data=body.encode() if isinstance(body, str) else body,
        headers={"Content-Type": "text/xml"},
        timeout=10,
    )


def waiting(tx, job: str = JOB, state: str = "accepted", account: str = "wechat-main", **values):
    """Make a delivery that the platform works on; its next look is in five minutes."""
    account_id = by_name(tx, account).id
    told = {"next_at": START + timedelta(minutes=5), "attempt": 1}
    if state == "accepted":
        told["accepted_by"] = "platform"
    made = makers.in_state(tx, account_id, state, **{**told, **values})
    keep_under(tx, read_delivery(tx, made), Mark("d"), "job", job, now=START)
    return made


def next_look(site, delivery: int):
    with site.store.read() as tx:
        row = makers.get(tx, Delivery, delivery)
    return row.state, row.next_at


# --- the address -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timestamp", "nonce", "signature"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ],
)
def test_signature_is_the_platform_s(timestamp, nonce, signature):
    assert is_signed(TOKEN, signature, timestamp, nonce)
    assert not is_signed("AAAAB", signature, timestamp, nonce)
    assert not is_signed("", sign("", timestamp, nonce), timestamp, nonce)


def test_address_check_is_answered_with_the_echo(site):
    answer = requests.get(
        f"{site.url}/callback/wechat/wechat-main", params=signed(echostr="<b>42"), timeout=10
    )
    assert (200, "<b>42") == (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("account", "query"),
    [
        ("wechat-main", signed("AAAAB")),
        ("wechat-main", {"echostr": "42"}),
        ("wechat-main", {**signed(), "nonce": "1"}),
        ("wechat-quiet", signed("")),
        ("weibo-main", signed()),
        ("nobody", signed()),
    ],
)
def test_what_is_not_signed_for_this_account_is_refused(site, account, query):
    address = f"{site.url}/callback/wechat/{account}"
    answers = [
        requests.get(address, params={**query, "echostr": "42"}, timeout=10),
        push(site, PUBLISHED, account, **query),
    ]
    assert [403, 403] == [answer.status_code for answer in answers]
    assert "42" not in answers[0].text


def test_only_the_address_of_pushes_is_free_of_origin_and_session(site):
    answers = [
        requests.post(f"{site.url}{path}", data="x", timeout=10)
        for path in ("/callback/../stop", "/stop", "/callback/wechat/wechat-main/x")
    ]
    assert [403, 403, 404] == [answer.status_code for answer in answers]


def test_flood_of_requests_is_slowed_down(site):
    session = requests.Session()
    address = f"{site.url}/callback/wechat/wechat-main"
    codes = [session.get(address, timeout=10).status_code for _turn in range(121)]
    assert [403] * 120 + [429] == codes


def test_pace_begins_anew_after_a_minute():
    pace = Pace(per_minute=2)
    assert [True, True, False] == [pace.allows("a", START) for _turn in range(3)]
    assert pace.allows("b", START)
    assert pace.allows("a", START + timedelta(minutes=1))


# --- the body ----------------------------------------------------------------------------------


def test_push_is_read_by_its_tags():
    told = read(PUBLISHED.encode())
    assert ("PUBLISHJOBFINISH", {JOB}, False) == (told.event, set(told.jobs), told.is_sealed)
    assert {JOB} == set(read(SENT.encode()).jobs)
    assert not read(b"<xml><Event>subscribe</Event></xml>").tells_an_end


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        FILE,
        "",
        "{}",
        "<xml>",
        "<x>" * 13 + "</x>" * 13,
        "<xml>" + "<a/>" * 2001 + "</xml>",
        '<?xml version="1.0" encoding="no-such"?><xml/>',
        b"\xff\xfe\xff",
    ],
)
def test_anything_but_small_plain_xml_is_refused(site, body):
    with pytest.raises(BadXml):
        read(body.encode() if isinstance(body, str) else body)
    assert 400 == push(site, body).status_code


def test_body_over_64_kb_is_not_read(site):
    assert 413 == push(site, "x" * (wechat_push.BYTES_MAX + 1)).status_code


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (PUBLISHED, signed(encrypt_type="aes", msg_signature="x")),
        (PUBLISHED.replace("</xml>", "<Encrypt>abc</Encrypt></xml>"), signed()),
    ],
)
def test_encrypted_push_is_told_that_plain_mode_is_needed(site, body, query):
    with site.store.write() as tx:
        made = waiting(tx)
    answer = push(site, body, **query)
    assert (501, True) == (answer.status_code, "plain mode" in answer.text)
    assert START + timedelta(minutes=5) == next_look(site, made)[1]


# --- the look ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [PUBLISHED, PUBLISHED.replace("PUBLISHJOB", "FREEPUBLISHJOB"), SENT]
)
def test_end_of_a_job_brings_its_look_forward_and_nothing_else(site, body):
    with site.store.write() as tx:
        made, other = waiting(tx), waiting(tx, job="9", account="wechat-quiet")
    answer = push(site, body)
    assert (200, "success") == (answer.status_code, answer.text)
    assert ("accepted", START) == next_look(site, made)
    assert ("accepted", START + timedelta(minutes=5)) == next_look(site, other)


def test_second_push_of_a_job_costs_no_second_look(site):
    with site.store.write() as tx:
        made = waiting(tx)
        keep_under(tx, read_delivery(tx, made), Mark("d"), "msg_data_id", "77", now=START)
    later = START + timedelta(minutes=9)
    for body in (PUBLISHED, SENT.replace(JOB, "77"), PUBLISHED):
        assert "success" == push(site, body).text
        with site.store.write() as tx:
            makers.change(tx, Delivery, made, next_at=later)
    assert "success" == push(site, PUBLISHED).text
    assert ("accepted", later) == next_look(site, made)


def test_new_attempt_has_an_early_look_of_its_own(site):
    with site.store.write() as tx:
        made = waiting(tx)
        assert made == look_soon(tx, by_name(tx, "wechat-main").id, {JOB}, now=START)
        makers.change(tx, Delivery, made, attempt=2, next_at=START + timedelta(minutes=1))
        assert made == look_soon(tx, by_name(tx, "wechat-main").id, {JOB}, now=START)


@pytest.mark.parametrize(
    ("state", "values"),
    [
        ("published", {"next_at": None}),
        ("failed", {"next_at": None}),
        ("accepted", {"accepted_by": "person"}),
        ("accepted", {"next_at": START - timedelta(seconds=3)}),
        ("publishing", {}),
    ],
)
def test_what_is_settled_or_not_the_machine_s_is_left_alone(site, state, values):
    with site.store.write() as tx:
        made = waiting(tx, state=state, **values)
    before = next_look(site, made)
    assert "success" == push(site, PUBLISHED).text
    assert before == next_look(site, made)


def test_job_of_another_account_is_not_ours(site):
    with site.store.write() as tx:
        made = waiting(tx, account="wechat-quiet")
    assert "success" == push(site, PUBLISHED).text
    assert START + timedelta(minutes=5) == next_look(site, made)[1]


def test_doubt_that_waits_for_a_person_is_looked_at_once_more(site):
    with site.store.write() as tx:
        made = waiting(tx, state="uncertain", next_at=None, awaits="operator")
    assert "success" == push(site, SENT).text
    assert ("uncertain", START) == next_look(site, made)

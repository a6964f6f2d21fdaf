"""An office whose every text tries to be a script: what people, files and platforms can say.

Each text has a mark of its own, so that a test sees where it went.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from scheduler.people import PERSON
from scheduler.store.flight import Mark, keep_under
from scheduler.store.moves import read
from scheduler.tables import Account, Node, Post, table
from tests import makers
from tests.clocks import START
from tests.console.office import ALL, Office, docx, jpeg

BREAKOUT = "\"'></textarea></title></script><script>window.pwned='{mark}'</script>"
PICTURE = '<img src=x onerror="window.pwned=1">'
ORDERS = "\x1b]0;pwned\x07\x1b[31m\x9b31m\u202e"
"""Orders to a terminal: a title, a colour, the eight-bit way, a turned direction."""
LINKS = ("javascript:window.pwned=1", "data:text/html,<script>window.pwned=1</script>")
BODY = """<h2>{head}</h2><script>window.pwned=1</script><p onclick="window.pwned=1" style="x:y"
 class="a">{text}</p><svg onload="window.pwned=1"><a xlink:href="javascript:1">x</a></svg>
<p><a href="javascript:window.pwned=1">j</a> <a href="data:text/html,x">d</a>
<a href=" java&#10;script:window.pwned=1">n</a> <a href="https://e.cn/&quot;onfocus=&quot;x">q</a></p>
<iframe srcdoc="<script>window.pwned=1</script>"></iframe><math><mtext></p><style><img src=x
 onerror=window.pwned=1></style></mtext></math><p><img src="media:{picture}"
 alt="&quot;><script>window.pwned=1</script>{alt}" onerror="window.pwned=1"><img src=x
 onerror="window.pwned=1"><noscript><p title="</noscript><img src=x onerror=window.pwned=1>">
</noscript><template><script>1</script></template></p>"""


def script(mark: str, orders: str = ORDERS) -> str:
    """Give a text that tries to break out of wherever it stands."""
    return f"[{mark}]{BREAKOUT.format(mark=mark)}{PICTURE}{orders}"


def story(office: Office, **more: Any) -> dict[str, Any]:
    """Give the form of a hostile story for all accounts."""
    body = BODY.format(
        head=script("bodyhead", "").replace("<", "&lt;"), text=script("bodytext", ""),
        alt="[bodyalt]", picture=office.ids["picture"],
    )  # fmt: skip
    told = {
        "title": script("title"), "summary": script("summary"), "author": "[author]<b>x</b>",
        "source": script("source"), "link": LINKS[0], "body": body, "column": "安全科普",
        "accounts": ["board", "weibo-main", "wechat-main"], "weibo.text": script("weibo"),
        "wechat.title": script("wechat"), "cover": office.ids["picture"],
        "cover_alt": script("coveralt"), "weibo.pictures": f"{office.ids['picture']} {script('x')}",
    }  # fmt: skip
    return {**told, **more}


def saved(office: Office, **more: Any) -> int:
    """Write a hostile story through its form; give its number."""
    sent = office.ask("author", "POST", "/stories", story(office, **more))
    assert 303 == sent.status_code, sent.text[-2000:]
    return int(sent.headers["location"].split("/")[2])


def fill(office: Office) -> None:
    """Say something hostile wherever anything can be said."""
    ids = office.ids
    ids["bad"] = saved(office)
    _rename(office)
    told = {
        "accounts": "board",
        "link": "",
        "wechat.title": "",
        "body": f"<p>{script('q', '')}</p>",
    }
    for name in ("bad-returned", "bad-waiting", "bad-queued"):
        ids[name] = saved(office, **told, title=script(f"title {name}"))
        _must(office, "author", f"/stories/{ids[name]}/submit", note=script("note"))
    _must(office, "reviewer", f"/review/{ids['bad-waiting']}/comments", number="1",
          comment=script("remark"))  # fmt: skip
    _must(office, "reviewer", f"/review/{ids['bad-returned']}/return", number="1",
          reason=script("returned"))  # fmt: skip
    _must(office, "reviewer", f"/review/{ids['bad-queued']}/approve", number="1")
    _must(office, "author", "/queue/add", account="board", at="2026-11-28 10:00",
          only=str(ids["bad-queued"]))  # fmt: skip
    _must(office, "operator", f"/queue/{ids['queued']}/hold", reason=script("held"))
    _must(office, "operator", f"/queue/{ids['held']}/cancel", reason=script("cancelled"))
    _must(office, "operator", "/stop", reason=script("paused"))
    _imported(office)
    _said_by_platforms(office)


def _must(office: Office, who: str, path: str, **form: str) -> None:
    sent = office.ask(who, "POST", path, form)
    assert 303 == sent.status_code, (path, sent.text[-2000:])


def _rename(office: Office) -> None:
    """Give office and people names that no form would take: they may come from a file."""
    with office.store.write() as tx:
        account = table(Account)
        tx.execute(update(account).where(account.c.name == "board").values(title=script("account")))
        told = {"name": script("person"), "title": script("position")}
        tx.execute(update(PERSON).where(PERSON.c.id == office.ids["person"]).values(**told))
    text = office.file.read_text(encoding="utf-8")
    text = text.replace('"公告栏"', f"'''{script('account', '')}'''")
    office.file.write_text(
        text.replace('"示例市应急管理局"', f"'''{script('bureau', '')}'''"), "utf-8"
    )


def _imported(office: Office) -> None:
    title = script("cell", "").replace('"', '""')
    head = "日期,平台,账号,栏目,性质,标题,链接\n"
    rows = [
        f'2026-10-0{day},微博,"{name}",安全科普,原创,"{said}",{link}\n'
        for day, name, said, link in (
            (1, "[cell-account]<script>1</script>", title, LINKS[0]),
            (2, "=1+1", "=cmd|' /C calc'!A0", ""),
            (3, "＝1+1", "＋1", ""), (4, "甲", "@SUM(1)", ""), (5, "甲", "-2+3", LINKS[1]),
        )
    ]  # fmt: skip
    name = f"[file]{PICTURE}.csv"
    sent = office.ask(ALL, "POST", "/ledger/import",
                      files={"file": (name, (head + "".join(rows)).encode())})  # fmt: skip
    office.ids["import all"] = sent.headers["location"].rpartition("/")[2]
    _must(office, ALL, f"{sent.headers['location']}/write")
    again = (head + rows[0].replace("10-01", "13-99")).encode()
    sent = office.ask(ALL, "POST", "/ledger/import", files={"file": (name, again)})
    office.ids["import all"] = sent.headers["location"].rpartition("/")[2]


def _said_by_platforms(office: Office) -> None:
    """Let a platform answer with scripts: links, ids, codes."""
    with office.store.write() as tx:
        row = read(tx, office.ids["uncertain"])
        keep_under(tx, row, Mark("d"), "job", script("kept"), now=START)
        post = table(Post)
        mine = post.c.delivery_id == row.id
        tx.execute(update(post).where(mine).values(link=LINKS[0], title=script("wx-title")))
        account = makers.account(tx, "weird", title=script("recorded"), recorded_only=True)
        for link in LINKS:
            makers.post(
                tx, account, script("out"), published_at=START, link=link, made_elsewhere=True
            )
        told = {"started_at": START, "beat_at": START, "version": script("version")}
        tx.execute(table(Node).insert().values(name=script("node"), stopped_at=None, **told))


def odd_files() -> dict[str, tuple[str, bytes]]:
    """Give files whose names are scripts: a picture that is none, and a Word file."""
    return {
        "file": (f"[picture]{PICTURE}.jpg", b"<svg onload=alert(1)>"),
        "word": (f"[word]{PICTURE}.docx", docx(script("wordtext", ""), LINKS[0])),
        "good": (f"[good]{PICTURE}.jpg", jpeg(77)),
    }

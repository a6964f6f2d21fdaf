"""Stories in the console: written, checked, saved, shown; what is typed stays text."""

from __future__ import annotations

import html
import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from scheduler.desk import form, story, views
from scheduler.tables import Media, Story, table
from tests.console.conftest import Browser, Site

WECHAT = """
[account.wechat-main]
channel = "wechat"
title = "示例应急"
app_id = "wx0000000000000001"
"""
EVIL = "<script>alert(1)</script>"
SEEN = re.compile(r'name="seen" value="([^"]*)"')
WORD = (Path(__file__).parents[1] / "browser" / "word.html").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def with_wechat(home: Path) -> None:
    """Give the home a WeChat account, too; the site reads it."""
    file = home / "config.toml"
    file.write_text(file.read_text(encoding="utf-8") + WECHAT, encoding="utf-8")


@pytest.fixture
def author(site: Site) -> Browser:
    return site.person("李静", "author")


def picture_file(kind: str = "JPEG", *, gps: bool = False) -> bytes:
    file = BytesIO()
    exif = Image.Exif()
    if gps:
        exif[0x010F] = "SecretPhone"
        exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (900, 383), (20, 90, 160)).save(file, kind, **({"exif": exif} if gps else {}))
    return file.getvalue()


def typed(**other: object) -> dict[str, object]:
    """Give a form that is fit to be submitted on the Weibo account."""
    return {
        "title": "有限空间作业三步走",
        "column": "安全科普",
        "accounts": ["weibo-main"],
        "link": "https://www.example.gov.cn/a.html",
        "weibo.text": "有限空间作业三步走：先通风、再检测、后作业。",
        "body": "先通风。\n\n再检测。",
        **other,
    }


def write(browser: Browser, **other: object) -> int:
    """Save a new story; give its number."""
    answer = browser.post("/stories", typed(**other))
    assert 303 == answer.status_code, answer.text
    return int(answer.headers["location"].rsplit("/", 1)[1])


def saved(site: Site, story_id: int) -> views.StoryView:
    with site.store.read() as tx:
        return views.show(tx, story_id)


def seen(browser: Browser, story_id: int) -> str:
    found = SEEN.search(browser.get(f"/stories/{story_id}/edit").text)
    return html.unescape(found[1]) if found else ""


def send_file(browser: Browser, data: bytes, name: str = "a.jpg", path: str = "/media"):
    return browser.http.post(
        browser.url + path,
        files={"file": (name, data)},
        data={"csrf": browser.token()},
        headers={"Origin": browser.url},
        allow_redirects=False,
        timeout=10,
    )


def test_list_without_stories_teaches_the_first_step(author):
    page = author.get("/stories").text
    assert "/stories/new" in page
    assert 'class="empty"' in page


def test_list_filters_searches_and_pages_by_address(site, author):
    for number in range(33):
        write(author, title=f"通知 {number}", **{"weibo.text": f"第 {number} 条"})
    first, second = author.get("/stories").text, author.get("/stories?page=2").text
    assert (True, False) == ("通知 32<" in first, "通知 2<" in first)
    assert "通知 2<" in second
    assert 1 == author.get("/stories?q=32").text.count('class="story-what"')
    assert 0 == author.get("/stories?review=approved").text.count('class="story-what"')
    assert 200 == author.get("/stories?review=nonsense&page=0&q=%25").status_code


def test_saved_story_is_shown_and_comes_back_into_the_form(site, author):
    story_id = write(author, summary="先通风", **{"wechat.title": "微信上的标题"})
    shown = saved(site, story_id)
    assert ("<p>先通风。</p><p>再检测。</p>", "draft") == (shown.body, shown.review)
    page = author.get(f"/stories/{story_id}").text
    assert "再检测、后作业" in page
    edit = author.get(f"/stories/{story_id}/edit").text
    assert "先通风。\n\n再检测。</textarea>" in edit
    assert "微信上的标题" in edit, "the text for an account that is not ticked is kept"


def test_form_with_faults_keeps_what_was_typed_and_saves_nothing(site, author):
    answer = author.post("/stories", typed(title=" ", column="", accounts=[], body="写了很久的字"))
    assert 400 == answer.status_code
    assert "写了很久的字" in answer.text
    for field in ("title", "column", "accounts"):
        assert f'href="#f-{field}"' in answer.text
    with site.store.read() as tx:
        assert 0 == tx.execute(select(func.count()).select_from(table(Story))).scalar_one()


def test_account_unticked_is_taken_off_the_story(site, author):
    story_id = write(author, accounts=["weibo-main", "board"])
    sent = typed(accounts=["board"], seen=seen(author, story_id))
    assert 303 == author.post(f"/stories/{story_id}", sent).status_code
    assert ["board"] == [post.account for post in saved(site, story_id).posts]


def test_saving_unchanged_changes_no_digest(site, author):
    """A story from a file opened and saved in the form keeps its signatures."""
    with site.store.write() as tx:
        draft = story_file(tx)
        from console.compose import channels_of
        from console.desk import Desk
        from scheduler import config
        from scheduler.people import SETUP, Actor, Role

        desk = Desk(config.load(site.home / "config.toml"), site.store, site.clock)
        actor = Actor(SETUP.id, SETUP.name, frozenset({Role.author}))
        channels = channels_of(desk)
        made = story.add(tx, draft, channels, now=site.clock.now(), actor=actor)
    before = saved(site, made.story_id)
    with site.store.read() as tx:
        again = form.typed_of(before, form.source_of(tx, made.story_id))
        read, faults = form.read(tx, again)
    assert [] == faults
    with site.store.write() as tx:
        edited = story.edit(tx, made.story_id, read, channels, now=site.clock.now(), actor=actor)
    assert ((), ()) == (edited.changed, edited.added)


def story_file(tx):
    """Read the longest of the example stories."""
    from scheduler.desk import intake

    files = Path(__file__).parents[2] / "examples" / "stories"
    found = max(files.glob("*.md"), key=lambda file: file.stat().st_size)
    return intake.read(found, story.column_paths(tx))


def test_second_editor_is_warned_and_keeps_what_was_typed(site, author):
    story_id = write(author)
    other = site.person("赵敏", "author")
    mine, theirs = seen(author, story_id), seen(other, story_id)
    site.clock.advance(5)
    assert 303 == other.post(
        f"/stories/{story_id}", typed(body="赵敏的一段", seen=theirs)
    ).status_code  # fmt: skip
    answer = author.post(f"/stories/{story_id}", typed(body="李静的一段", seen=mine))
    assert 409 == answer.status_code
    assert "赵敏" in answer.text
    assert "李静的一段" in answer.text
    assert "<p>赵敏的一段</p>" == saved(site, story_id).body
    again = html.unescape(SEEN.search(answer.text)[1])
    author.post(f"/stories/{story_id}", typed(body="李静的一段", seen=again))
    assert "<p>李静的一段</p>" == saved(site, story_id).body


def test_autosave_makes_one_story_and_goes_on_with_it(site, author):
    first = author.post("/stories/autosave", typed()).json()
    site.clock.advance(20)
    sent = typed(body="更多的字", seen=first["seen"])
    again = author.post(f"/stories/{first['id']}/autosave", sent).json()
    assert (first["id"], "<p>更多的字</p>") == (again["id"], saved(site, first["id"]).body)
    stale = author.post(f"/stories/{first['id']}/autosave", typed(seen=first["seen"]))
    assert (409, True) == (stale.status_code, stale.json()["overtaken"])


def test_autosave_never_takes_a_story_out_of_review(site, author):
    story_id = write(author)
    stood = seen(author, story_id)
    assert 303 == author.post(f"/stories/{story_id}/submit").status_code
    answer = author.post(f"/stories/{story_id}/autosave", typed(body="改", seen=stood))
    assert (409, "in_review") == (answer.status_code, saved(site, story_id).review)


def test_script_in_every_field_stays_text_everywhere(site, author):
    fields = ("title", "source", "author", "summary", "link", "cover_alt", "body")
    evil = {name: f"{name}{EVIL}" for name in fields}
    evil |= {"weibo.text": f"微博{EVIL}", "weibo.picture_alt": EVIL, "wechat.title": f"微信{EVIL}"}
    names = ["weibo-main", "wechat-main", "board"]
    sent = typed(accounts=names, weibo_text="", **evil)
    story_id = write(author, **sent)
    reviewer = site.person("周明", "reviewer")
    pages = [
        author.get("/stories"),
        author.get(f"/stories/{story_id}"),
        author.get(f"/stories/{story_id}/edit"),
        author.post("/stories/check", sent),
        author.post(f"/stories/{story_id}/submit", {"note": EVIL}),
        reviewer.get("/review"),
        reviewer.get(f"/review/{story_id}"),
        author.post("/stories", {**sent, "column": EVIL, "origin": EVIL}),
    ]
    for page in pages:
        assert "<script>alert" not in page.text, page.url
    assert any("&lt;script&gt;alert" in page.text for page in pages)


def test_scripts_in_pasted_markup_are_gone(site, author):
    body = '<p onclick="x()">甲<img src=x onerror=alert(1)></p><svg onload=alert(2)>乙</svg>'
    story_id = write(author, body=body + '<a href="javascript:alert(3)">丙</a>')
    assert "<p>甲</p><p>丙</p>" == saved(site, story_id).body


def test_word_fragment_keeps_headings_bold_lists_and_table(author, site):
    told = author.post("/stories/clean", {"html": WORD}).json()
    expected = (
        "<h2>三步走</h2><p><strong>先通风</strong>，后作业。</p>"
        "<ol><li>打开进出口</li><li>检测气体</li></ol>"
        "<table><tbody><tr><td><p>氧</p></td><td><p>23.5%</p></td></tr></tbody></table>"
    )
    assert expected == told["html"]
    assert told["lost"], "the picture stood on the other PC, and that is said"
    assert expected == saved(site, write(author, body=WORD)).body


def test_check_counts_in_the_measure_of_weibo_and_saves_nothing(site, author):
    text = "很长" * 80
    page = author.post("/stories/check", typed(**{"weibo.text": text}))
    said = "31 too many: Weibo takes at most 140 characters"
    assert f'value="{said}" data-of="weibo.text" data-over' in page.text
    assert "findings must" in page.text
    with site.store.read() as tx:
        assert 0 == tx.execute(select(func.count()).select_from(table(Story))).scalar_one()


def test_preview_shows_what_wechat_renders(author):
    body = "<h2>一</h2><p>二 <strong>三</strong></p><table><tr><td>四</td></tr></table>"
    page = author.post("/stories/check", typed(accounts=["wechat-main"], body=body)).text
    assert '<h2 class="wx-h2">一</h2><p class="wx-p">二 <strong>三</strong></p>' in page
    assert 'style="' not in page


def test_every_style_of_an_article_has_its_class(author):
    """The preview loses nothing of what is sent."""
    from channels.contract import Content
    from channels.wechat.article import article_html
    from console import preview

    body = (
        "<h2>a</h2><h3>b</h3><h4>c</h4><p>d</p><ul><li>e</li></ul><ol><li>f</li></ol><hr>"
        '<blockquote><p>g</p></blockquote><table><tr><th>h</th><td>i</td></tr></table><p><img src="'
        f'media:{"0" * 64}" alt=""></p><p><a href="https://example.com">j</a></p>'
    )
    sent = article_html(Content(body=body, origin="reprint", source="k"))
    styles = {html.unescape(style) for style in re.findall(r'style="([^"]*)"', sent)}
    assert set() == styles - preview.CLASSES.keys()
    css = author.get("/preview.css")
    assert "text/css" in css.headers["content-type"]
    for style in styles:
        assert style in css.text


def test_picture_is_judged_by_its_bytes_and_loses_its_place(site, author):
    told = send_file(author, picture_file(gps=True), "foto.txt").json()
    shown = author.get(f"/media/{told['sha256']}")
    assert ("image/jpeg", "nosniff") == (
        shown.headers["content-type"],
        shown.headers["x-content-type-options"],
    )
    assert b"SecretPhone" not in shown.content
    assert {} == dict(Image.open(BytesIO(shown.content)).getexif())
    assert 404 == author.get("/media/" + "0" * 64).status_code
    assert 303 == site.browser().get(f"/media/{told['sha256']}").status_code


@pytest.mark.parametrize(
    ("data", "name", "word"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "a.jpg", "SVG"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 64, "a.jpg", "a.jpg"),
        (b"not a picture", "film.mp4", "film.mp4"),
        (b"", "a.jpg", "a.jpg"),
    ],
)
def test_what_is_no_picture_is_refused_with_words(site, author, data, name, word):
    answer = send_file(author, data, name)
    assert (400, True) == (answer.status_code, word in answer.json()["error"])
    with site.store.read() as tx:
        assert 0 == tx.execute(select(func.count()).select_from(table(Media))).scalar_one()


def test_cover_arrives_with_the_form_without_scripts(site, author):
    sent = typed(accounts=["wechat-main"], cover_alt="井口", csrf=author.token())
    answer = author.http.post(
        author.url + "/stories",
        data=sent,
        files={
            "cover_file": ("c.png", picture_file("PNG")),
            "body_file": ("b.jpg", picture_file()),
        },
        headers={"Origin": author.url},
        allow_redirects=False,
        timeout=10,
    )
    story_id = int(answer.headers["location"].rsplit("/", 1)[1])
    content = saved(site, story_id).posts[0].content
    assert ("image/png", "井口", 1) == (
        content.cover.mime, content.cover.alt, len(content.pictures),
    )  # fmt: skip
    page = author.get(f"/stories/{story_id}").text
    assert f"/media/{content.pictures[0].sha256}" in page


@pytest.mark.parametrize(
    "path",
    ["/stories", "/stories/autosave", "/stories/check", "/stories/clean", "/media"],
)
def test_nothing_is_written_without_session_role_or_token(site, author, path):
    operator = site.person("钱伟", "operator", "admin", "reviewer")
    refused = [
        site.browser().post(path, typed()),
        author.post(path, typed(), token="wrong"),
        author.post(path, typed(), origin="http://evil.example"),
        operator.post(path, typed()) if path != "/media" else send_file(operator, picture_file()),
    ]
    assert [303, 403, 403, 403] == [answer.status_code for answer in refused]
    with site.store.read() as tx:
        for model in (Story, Media):
            assert 0 == tx.execute(select(func.count()).select_from(table(model))).scalar_one()


def test_form_is_not_shown_to_who_may_not_write(site):
    reviewer = site.person("周明", "reviewer")
    assert 403 == reviewer.get("/stories/new").status_code
    assert "/stories/new" not in reviewer.get("/stories").text

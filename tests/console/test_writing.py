"""Writing in the console: places of findings, fixes, two writers, covers, Word files, videos."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from scheduler.tables import Media, Story, table
from tests.console.conftest import Browser, Site
from tests.console.test_stories import (
    WECHAT,
    picture_file,
    saved,
    seen,
    send_file,
    typed,
    write,
)
from tests.word_files import PICTURE, docx, paragraph

UNDO = re.compile(r'name="undo" value="([^"]*)"')
ALL = ["weibo-main", "wechat-main", "board"]


@pytest.fixture(autouse=True)
def with_wechat(home: Path) -> None:
    """Give the home a WeChat account, too; the site reads it."""
    file = home / "config.toml"
    file.write_text(file.read_text(encoding="utf-8") + WECHAT, encoding="utf-8")


@pytest.fixture
def author(site: Site) -> Browser:
    return site.person("李静", "author")


def ask(browser: Browser, path: str, data: dict[str, object], files: object = None):
    """Ask as the page's script does."""
    return browser.http.post(
        browser.url + path,
        data={"csrf": browser.token(), **data},
        files=files,
        headers={"Origin": browser.url, "Accept": "application/json"},
        allow_redirects=False,
        timeout=10,
    )


def stories(site: Site) -> int:
    with site.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table(Story))).scalar_one()


# --- findings -------------------------------------------------------------------------------------


def test_panel_names_place_rule_and_remedy(author):
    sent = typed(accounts=ALL, **{"weibo.text": "#安全# 三步走"})
    page = author.post("/stories/check", sent).text
    assert 'href="#f-weibo-text" class="to-place" data-weight="must"' in page
    assert r"""data-pieces='["#\u5b89\u5168#"]'""" in page
    assert '<details class="rule">' in page
    assert 'name="fix" value="weibo.hashtag"' in page


def test_piece_of_a_finding_cannot_leave_its_attribute(author):
    body = """<p><a href="https://a.cn/?'onx='1&quot;">甲</a></p>"""
    page = author.post("/stories/check", typed(accounts=ALL, body=body)).text
    assert "onx" in page
    assert "'onx='" not in page.replace("&#39;", "").split("<article")[0]


def test_findings_of_a_saved_story_have_no_buttons(author):
    story_id = write(author, accounts=ALL)
    page = author.get(f"/stories/{story_id}").text
    assert "findings must" in page
    assert ("to-place" in page, 'name="fix"' in page) == (False, False)


# --- fixes ----------------------------------------------------------------------------------------


def test_fix_fills_the_form_saves_nothing_and_can_be_taken_back(site, author):
    sent = typed(**{"weibo.text": "#安全# 三步走"}, fix="weibo.hashtag")
    page = author.post("/stories/fix", sent)
    assert (200, 0) == (page.status_code, stories(site))
    assert ">安全 三步走</textarea>" in page.text
    undo = html.unescape(UNDO.search(page.text)[1])
    again = author.post("/stories/undo", {**sent, "undo": undo})
    assert ">#安全# 三步走</textarea>" in again.text


def test_fix_of_a_saved_story_keeps_the_moment_it_was_opened(author):
    story_id = write(author)
    stood = seen(author, story_id)
    sent = typed(seen=stood, fix="weibo.text_empty", **{"weibo.text": ""})
    page = author.post(f"/stories/fix?story={story_id}", sent).text
    assert f'name="seen" value="{html.escape(stood)}"' in page
    assert f'action="/stories/{story_id}"' in page
    assert ">有限空间作业三步走</textarea>" in page


def test_script_gets_the_fields_that_change(author):
    told = send_file(author, picture_file()).json()
    body = f'<p>先通风。</p><p><img src="media:{told["sha256"]}" alt="井口"></p>'
    sent = typed(accounts=ALL, body=body)
    cover = ask(author, "/stories/fix", {**sent, "fix": "wechat.cover_missing"}).json()
    assert {"cover": told["sha256"], "cover_alt": "井口"} == cover["fields"]
    filled = ask(author, "/stories/fix", {**sent, "fix": "wechat.summary"}).json()
    assert {"summary": "先通风。"} == filled["fields"]
    unknown = ask(author, "/stories/fix", {**sent, "fix": "nobody.knows"}).json()
    assert ({}, "") == (unknown["fields"], unknown["said"])


@pytest.mark.parametrize("undo", ["", "x", "[]", '{"words": 3}'])
def test_undo_of_nothing_is_refused_with_words(author, undo: str):
    assert 400 == author.post("/stories/undo", {**typed(), "undo": undo}).status_code


@pytest.mark.parametrize("path", ["/stories/fix", "/stories/undo", "/stories/1/theirs"])
def test_only_authors_mend(site, author, path: str):
    write(author)
    reviewer = site.person("周明", "reviewer")
    assert 403 == reviewer.post(path, {**typed(), "undo": "{}"}).status_code


# --- two writers ----------------------------------------------------------------------------------


def conflict(site: Site, author: Browser) -> tuple[int, str]:
    """Let another one save between opening and saving; give the story and the page."""
    story_id = write(author)
    other = site.person("赵敏", "author")
    mine, theirs = seen(author, story_id), seen(other, story_id)
    site.clock.advance(5)
    changed = typed(body="赵敏的一段", seen=theirs, **{"weibo.text": "赵敏的微博"})
    assert 303 == other.post(f"/stories/{story_id}", changed).status_code
    sent = typed(body="李静的一段", seen=mine, **{"weibo.text": "李静的微博"})
    return story_id, author.post(f"/stories/{story_id}", sent).text


def test_comparison_shows_every_field_and_saves_nothing_by_itself(site, author):
    _story, page = conflict(site, author)
    for words in ("李静的微博", "赵敏的微博", "李静的一段", "赵敏的一段"):
        assert words in re.sub(r"</?(ins|del)>", "", page)
    assert 'data-autosave=""' in page
    assert 'data-changed="1"' in page


def test_differences_in_where_and_how_are_shown(site, author):
    story_id = write(author, accounts=["weibo-main", "board"])
    mine = seen(author, story_id)
    other = site.person("赵敏", "author")
    site.clock.advance(5)
    changed = typed(accounts=["board"], seen=seen(other, story_id), column="推送新闻")
    assert 303 == other.post(f"/stories/{story_id}", changed).status_code
    page = author.post(f"/stories/{story_id}", typed(seen=mine)).text
    for words in ("<h4>Goes to</h4>", "<h4>Column</h4>", "安全科普</del>", "推送新闻</ins>"):
        assert words in page


def test_taking_the_saved_text_keeps_mine_for_taking_back(site, author):
    story_id, page = conflict(site, author)
    stood = html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])
    sent = typed(body="李静的一段", seen=stood, **{"weibo.text": "李静的微博"})
    page = author.post(f"/stories/{story_id}/theirs", sent).text
    assert ">赵敏的一段</textarea>" in page
    undo = html.unescape(UNDO.search(page)[1])
    assert "李静的微博" == json.loads(undo)["words"]["weibo"]["text"]
    back = author.post(f"/stories/undo?story={story_id}", {"undo": undo, "seen": stood}).text
    assert ">李静的微博</textarea>" in back
    assert 'data-autosave=""' in back, "what goes over theirs is saved by the button only"


def test_same_person_in_two_windows_is_told_so(site, author):
    story_id = write(author)
    old = seen(author, story_id)
    site.clock.advance(5)
    author.post(f"/stories/{story_id}", typed(body="新的一段", seen=old))
    answer = author.post(f"/stories/{story_id}", typed(body="旧窗口的一段", seen=old))
    assert (409, True) == (answer.status_code, "in another window" in answer.text)
    assert "<p>新的一段</p>" == saved(site, story_id).body


def test_pulse_tells_who_saved_meanwhile_and_the_token(site, author):
    story_id = write(author)
    stood = seen(author, story_id)
    path = f"/stories/pulse?story={story_id}&seen={stood.replace('+', '%2B')}"
    assert {"said": "", "csrf": author.token()} == author.get(path).json()
    other = site.person("赵敏", "author")
    theirs = seen(other, story_id)
    site.clock.advance(5)
    other.post(f"/stories/{story_id}", typed(body="赵敏的一段", seen=theirs))
    assert author.get(path).json()["said"].startswith("赵敏 saved this story at 17:00:05")
    assert 303 == site.browser().get(path).status_code


def test_page_names_who_saved_a_moment_ago(site, author):
    story_id = write(author)
    other = site.person("赵敏", "author")
    said = "may still be writing"
    assert said in other.get(f"/stories/{story_id}/edit").text
    assert said not in author.get(f"/stories/{story_id}/edit").text
    site.clock.advance(600)
    assert said not in other.get(f"/stories/{story_id}/edit").text


def test_page_says_before_the_first_key_what_saving_undoes(site, author):
    story_id = write(author)
    assert 'data-autosave="1"' in author.get(f"/stories/{story_id}/edit").text
    author.post(f"/stories/{story_id}/submit")
    waiting = author.get(f"/stories/{story_id}/edit").text
    assert "takes it back from review" in waiting
    assert 'data-autosave=""' in waiting
    reviewer = site.person("周明", "reviewer")
    assert 303 == reviewer.post(f"/review/{story_id}/approve", {"number": 1}).status_code
    signed = author.get(f"/stories/{story_id}/edit").text
    assert "loses its signature" in signed
    assert "only the Save button" in signed


# --- covers ---------------------------------------------------------------------------------------


def test_part_of_the_cover_is_saved_shown_and_signed(site, author):
    told = send_file(author, picture_file()).json()
    sent = {"accounts": ["wechat-main"], "cover": told["sha256"], "cover_alt": "井口"}
    story_id = write(author, **sent, cover_shape="square", cover_at="0")
    post = saved(site, story_id).posts[0]
    assert (0.0, 0.0, 0.425556, 1.0) == post.content.cover.crop
    edit = author.get(f"/stories/{story_id}/edit").text
    assert '<option value="square" selected>' in edit
    assert 'type="range" min="0" max="100" step="5" value="0"' in edit
    assert 'viewBox="0.0 0.0 383.0 383.0"' in author.get(f"/stories/{story_id}").text
    sent = typed(**sent, seen=seen(author, story_id), cover_shape="square", cover_at="100")
    author.post(f"/stories/{story_id}", sent)
    assert post.digest != saved(site, story_id).posts[0].digest


def test_weibo_gets_the_whole_picture(site, author):
    told = send_file(author, picture_file()).json()
    sent = {"cover": told["sha256"], "cover_shape": "square", "weibo.picture": "cover"}
    content = saved(site, write(author, **sent)).posts[0].content
    assert (told["sha256"], None) == (content.pictures[0].sha256, content.pictures[0].crop)


def test_list_of_an_edition_shows_first_and_other_place(author):
    told = send_file(author, picture_file()).json()
    sent = typed(accounts=["wechat-main"], cover=told["sha256"])
    page = author.post("/stories/check", sent).text
    assert ("cut wide", "cut square") == tuple(re.findall(r"cut (?:wide|square)", page))


# --- Word and videos ------------------------------------------------------------------------------


def word_file(body: str = "") -> bytes:
    head = paragraph("有限空间三步走", "Title") + paragraph("先通风", bold=True)
    return docx(head + PICTURE + body, picture_file())


def test_word_file_becomes_the_form_of_a_new_story(site, author):
    answer = author.http.post(
        author.url + "/stories/word",
        data={"csrf": author.token()},
        files={"word": ("通知.docx", word_file())},
        headers={"Origin": author.url},
        timeout=10,
    )
    assert (200, 0) == (answer.status_code, stories(site))
    assert 'value="有限空间三步走"' in answer.text
    assert "&lt;strong&gt;先通风&lt;/strong&gt;" in answer.text
    assert 'data-changed="1"' in answer.text
    with site.store.read() as tx:
        assert 1 == tx.execute(select(func.count()).select_from(table(Media))).scalar_one()


def test_word_file_dropped_into_the_text_comes_back_clean(author):
    files = {"word": ("通知.docx", word_file(paragraph("&lt;script&gt;")))}
    told = ask(author, "/stories/word", {}, files).json()
    assert ("有限空间三步走", "") == (told["title"], told["lost"])
    assert told["html"].startswith('<p><strong>先通风</strong></p><p><img src="media:')
    assert told["html"].endswith("<p>&lt;script&gt;</p>")


@pytest.mark.parametrize("script", [True, False])
def test_old_word_file_is_refused_with_what_to_do(author, script: bool):
    files = {"word": ("通知.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 99)}
    if script:
        answer = ask(author, "/stories/word", {}, files)
        assert (400, True) == (answer.status_code, ".docx" in answer.json()["reason"])
        return
    data = {"csrf": author.token()}
    headers = {"Origin": author.url}
    address = author.url + "/stories/word"
    answer = author.http.post(address, data=data, files=files, headers=headers, timeout=10)
    assert "save it again as .docx" in answer.text


def test_word_file_is_read_for_authors_only(site):
    reviewer = site.person("周明", "reviewer")
    answer = ask(reviewer, "/stories/word", {}, {"word": ("a.docx", word_file())})
    assert 403 == answer.status_code
    assert "word-in" not in reviewer.get("/stories").text


def test_list_without_stories_offers_the_word_file(author):
    page = author.get("/stories").text
    assert "drop a Word file here" in page
    assert 'action="/stories/word" enctype="multipart/form-data"' in page


def test_video_in_pasted_markup_is_said_at_once_and_again_at_saving(author):
    body = '<p>一</p><iframe src="https://v.qq.com/x"></iframe>'
    told = author.post("/stories/clean", {"html": body}).json()
    assert ("<p>一</p>", True) == (told["html"], "by hand" in told["lost"])
    answer = author.post("/stories", typed(body=body))
    assert answer.headers["location"].endswith("/edit")
    assert "by hand" in author.get(answer.headers["location"]).text.split("<form")[4]


def test_picture_is_looked_at_before_the_database_is_taken(site, author):
    """Seconds of work on a phone's picture must not keep the daemon from writing."""
    token = author.token()
    with site.store.write():
        sent = author.http.post(
            author.url + "/media",
            files={"file": ("a.jpg", b"no picture")},
            data={"csrf": token},
            headers={"Origin": author.url},
            timeout=5,
        )
    assert 400 <= sent.status_code < 500
    assert "a.jpg" in sent.json()["error"]

"""What arrives from Word, browsers and plain text fields, and what of it is kept."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from scheduler.content import canonical_body
from scheduler.desk import form, media, review
from scheduler.desk.paste import body_of, tidy
from scheduler.errors import InputError, NotAllowed
from tests.desk.conftest import Desk, picture_bytes

SHA = "0" * 64


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("<div>一</div><div>二<br></div>", "<p>一</p><p>二</p>"),
        ("<p><b style='font-weight:normal'>一</b></p>", "<p>一</p>"),
        ("<p><b style='mso-bidi-font-weight:normal'>一</b></p>", "<p><strong>一</strong></p>"),
        ("<p><span style='font-weight:700'>一</span></p>", "<p><strong>一</strong></p>"),
        ("<h1><b>章</b></h1><h2>节</h2>", "<h2>章</h2><h3>节</h3>"),
        ("<p class=a style='mso-outline-level:2'>节</p>", "<h2>节</h2>"),
        ("<section><p>一</p></section>二", "<p>一</p><p>二</p>"),
        ("<p>一</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p>二</p>", "<p>一</p><p>二</p>"),
        ("<p>一<style>p{}</style><script>x()</script></p>", "<p>一</p>"),
        ("<ul><li><div>一</div><div>二</div></li></ul>", "<ul><li><p>一</p><p>二</p></li></ul>"),
        (f'<img src="/media/{SHA}" alt="x">', f'<p><img src="media:{SHA}" alt="x"></p>'),
    ],
)
def test_meaning_is_kept_and_the_rest_goes(pasted, kept):
    assert kept == tidy(pasted).body


def test_lists_of_word_nest_and_change_their_kind():
    item = "<p style='mso-list:l0 level{} lfo1'><span style='mso-list:Ignore'>{}</span>{}</p>"
    rows = [(1, "1.", "甲"), (2, "a)", "乙"), (1, "2.", "丙"), (1, "l", "丁")]
    pasted = "".join(item.format(*row) for row in rows)
    expected = "<ol><li>甲<ol><li>乙</li></ol></li><li>丙</li></ol><ul><li>丁</li></ul>"
    assert expected == tidy(pasted).body


@pytest.mark.parametrize(
    "body",
    [
        "<p>一&nbsp;二<br>三</p><ul><li>四</li></ul>",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        f'<p><img src="media:{SHA}" alt=""><strong>甲</strong></p><hr>',
    ],
)
def test_canonical_body_stays_exactly_as_it_is(body):
    assert canonical_body(body) == body == tidy(body).body


def test_pictures_of_another_machine_are_counted():
    pasted = '<p>一<img src="file:///C:/a.jpg"><img src="https://example.com/b.jpg"></p>'
    assert ("<p>一</p>", 2) == (tidy(pasted).body, tidy(pasted).lost_pictures)


def test_plain_text_becomes_paragraphs_and_signs_stay_signs():
    said = body_of("第一段\r\n\r\n第二段 a<b <script>x</script>").body
    assert "<p>第一段</p><p>第二段 a&lt;b &lt;script&gt;x&lt;/script&gt;</p>" == said


def test_picture_sent_in_is_upright_and_bare(desk: Desk):
    file, exif = BytesIO(), Image.Exif()
    exif[media.ORIENTATION], exif[0x010F] = 6, "SecretPhone"
    Image.new("RGB", (80, 40)).save(file, "JPEG", exif=exif)
    ready = media.ready(file.getvalue(), "a.jpg", desk.author)
    with desk.store.write() as tx:
        taken = media.take(tx, ready, now=desk.now, actor=desk.author)
        kept = media.picture(tx, taken.sha256, with_data=True)
    assert ((40, 80), False) == ((kept.width_px, kept.height_px), b"SecretPhone" in kept.data)


def test_video_is_told_to_go_by_hand(desk: Desk):
    data = b"\0\0\0\x18ftypisom" + b"\0" * 20
    with pytest.raises(InputError) as caught:
        media.ready(data, "a.jpg", desk.author)
    assert "by hand" in str(caught.value)


def test_picture_is_taken_from_authors_only(desk: Desk):
    from scheduler.people import Actor, Role

    reader = Actor(desk.author.id, "王芳", frozenset({Role.reviewer}))
    with pytest.raises(NotAllowed):
        media.ready(picture_bytes(), "a.jpg", reader)
    ready = media.ready(picture_bytes(), "a.jpg", desk.author)
    with desk.store.write() as tx, pytest.raises(NotAllowed):
        media.take(tx, ready, now=desk.now, actor=reader)


def test_form_names_every_fault_by_its_field(desk: Desk):
    with desk.store.read() as tx, pytest.raises(form.FormFaults) as caught:
        form.draft_of(tx, form.Typed(origin="nobody", cover=SHA))
    fields = [name for name, _ in caught.value.faults]
    assert ["title", "column", "origin", "accounts", "cover"] == fields


def test_reviewer_sees_only_what_they_did_not_write(desk: Desk):
    story_id = desk.add()
    desk.submit(story_id)
    with desk.store.read() as tx:
        mine = review.pending_for(tx, desk.author)
        theirs = review.pending_for(tx, desk.reviewer)
    assert ([], [story_id]) == (mine, [one.story_id for one in theirs])

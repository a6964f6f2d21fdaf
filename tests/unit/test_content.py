"""What a signature is bound to: canonical form and digest, and what they leave out."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.contract import Content, Picture
from scheduler.content import (
    canonical_body,
    canonical_json,
    content_digest,
    edition_digest,
    escape,
    media_in,
    new_key,
    pack,
    plain_text,
    unpack,
)

SHA = "a" * 64
PICTURE = Picture(SHA, "image/jpeg", 100, 900, 383, alt="消防演练", crop=(0.0, 0.1, 1.0, 0.9))
CONTENT = Content(
    title="冬季取暖安全提示",
    text="取暖要通风",
    body="<p>取暖要通风</p>",
    summary="一氧化碳看不见",
    author="宣传科",
    link="https://example.gov.cn/1",
    origin="original",
    source="本局",
    cover=PICTURE,
    pictures=(PICTURE,),
    flags=("comment",),
    how="publish",
)
OTHER = {
    "title": "春季森林防火提示",
    "text": "取暖要通风。",
    "body": "<p>取暖要通风。</p>",
    "summary": "",
    "author": "办公室",
    "link": "https://example.gov.cn/2",
    "origin": "reprint",
    "source": "",
    "cover": None,
    "pictures": (),
    "flags": (),
    "how": "push",
}
TAGS = st.sampled_from("p b strong i em u h1 h2 h5 ul li a br img table td script style".split())
PIECES = st.one_of(
    st.text(max_size=12),
    TAGS.map("<{}>".format),
    TAGS.map("</{}>".format),
    TAGS.map("<{} class=x onclick=y href='https://e.cn/?a=1&b=2' src=media:1>".format),
    st.sampled_from(
        ["<!-- x -->", "&amp;", "&lt;b&gt;", "&nbsp;", "<", ">", "  \n\t", "<p", "e\u0301"]
    ),
)
MARKUP = st.lists(PIECES, max_size=12).map("".join)


@given(MARKUP)
@example("<H1><C><H1>")
def test_canonical_body_of_anything_is_a_fixed_point(markup):
    """What was canonical once stays as it is: otherwise a signature would break by itself."""
    once = canonical_body(markup)
    assert once == canonical_body(once)


@given(MARKUP)
def test_canonical_body_is_always_composed(markup):
    """Two ways to write one letter give one digest."""
    body = canonical_body(markup)
    assert unicodedata.normalize("NFC", body) == body


def test_body_outside_the_subset_keeps_its_text_only():
    """A tag we do not know goes, its words stay."""
    assert "<p>通知 全文</p>" == canonical_body(
        '<p><font color="red">通知</font> <o:p>全文</o:p></p>'
    )


@pytest.mark.parametrize("tag", ["script", "style"])
def test_scripts_and_styles_go_whole(tag):
    """Program text is no words of ours."""
    assert "<p>好</p>" == canonical_body(f"<p>好</p><{tag}>alert(1)</{tag}>")


@pytest.mark.parametrize(
    ("given_body", "wanted"),
    [
        ("<b>重</b>", "<strong>重</strong>"),
        ("<i>斜</i>", "<em>斜</em>"),
        ("<h1>大</h1>", "<h2>大</h2>"),
        ("<h6>小</h6>", "<h4>小</h4>"),
        ('<p style="x" onclick="y">文</p>', "<p>文</p>"),
        ('<a href="javascript:x">文</a>', "<a>文</a>"),
        ("<p>一</p>\n\n  <p>二</p>", "<p>一</p><p>二</p>"),
        ("  <p>一\n 二</p> ", "<p>一 二</p>"),
    ],
)
def test_body_is_reduced_to_the_subset(given_body, wanted):
    """One way to write each thing."""
    assert wanted == canonical_body(given_body)


def test_space_between_two_words_with_marks_stays():
    """A space between inline tags parts two words; taking it out changes what is said."""
    assert "<p><em>new</em> <em>year</em></p>" == canonical_body(
        "<p><em>new</em> <em>year</em></p>"
    )


def test_every_field_of_content_has_another_value_here():
    """A field added to the contract must be added to this suite, or be left out on purpose."""
    assert {field.name for field in fields(Content)} == set(OTHER)


@pytest.mark.parametrize("name", sorted(OTHER))
def test_change_of_one_field_changes_the_digest(name):
    """Whatever a reviewer saw is under the signature."""
    assert content_digest(CONTENT) != content_digest(replace(CONTENT, **{name: OTHER[name]}))


@pytest.mark.parametrize(
    "values", [{"sha256": "b" * 64}, {"alt": ""}, {"crop": None}, {"crop": (0.0, 0.0, 1.0, 1.0)}]
)
def test_change_of_a_picture_changes_the_digest(values):
    """Another file, another crop or another description is another picture."""
    changed = replace(CONTENT, cover=replace(PICTURE, **values))
    assert content_digest(CONTENT) != content_digest(changed)


@pytest.mark.parametrize(
    "values",
    [{"data": b"bytes"}, {"mime": "image/png"}, {"size_bytes": 1}, {"width_px": 1, "height_px": 1}],
)
def test_facts_of_the_file_leave_the_digest_alone(values):
    """The SHA-256 stands for the file; whether its bytes are at hand means nothing."""
    loaded = replace(PICTURE, **values)
    same = replace(CONTENT, cover=loaded, pictures=(loaded,))
    assert content_digest(CONTENT) == content_digest(same)


def test_order_of_flags_leaves_the_digest_alone():
    """Flags are a set."""
    one, two = (replace(CONTENT, flags=flags) for flags in (("a", "b"), ("b", "a")))
    assert content_digest(one) == content_digest(two)


def test_order_of_pictures_changes_the_digest():
    """Nine pictures in another order are another post."""
    second = replace(PICTURE, sha256="b" * 64)
    one = replace(CONTENT, pictures=(PICTURE, second))
    assert content_digest(one) != content_digest(replace(one, pictures=(second, PICTURE)))


def test_composed_and_decomposed_text_are_one():
    """What looks the same is signed the same."""
    one, two = (replace(CONTENT, text=text) for text in ("caf\u00e9", "cafe\u0301"))
    assert content_digest(one) == content_digest(two)


def test_neighbours_change_the_editions_digest_only():
    """The content's digest knows nothing of its neighbours; the edition's knows their order."""
    assert edition_digest(["1", "2"]) != edition_digest(["2", "1"])
    assert edition_digest(["1", "2"]) != edition_digest(["1"])
    assert edition_digest(["12"]) != edition_digest(["1", "2"])


def test_packed_content_comes_back_whole():
    """A post keeps everything that was signed."""
    assert CONTENT == unpack(pack(CONTENT), lambda _sha256: PICTURE)


@given(st.text(), st.text(), st.lists(st.text(max_size=4), max_size=3, unique=True))
def test_packing_never_changes_the_digest(title, text, flags):
    """Read from the database, the content has the digest it was stored under."""
    content = Content(title=title, text=text, flags=tuple(flags), cover=PICTURE)
    assert content_digest(content) == content_digest(unpack(pack(content), lambda _sha256: PICTURE))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_canonical_json_of_anything_is_a_fixed_point(value):
    """Written, read and written again it is the same text."""
    import json

    once = canonical_json(value)
    assert once == canonical_json(json.loads(once))


def test_canonical_json_sorts_and_saves_blanks():
    """Two dictionaries that are equal are one text, Chinese as it is."""
    assert '{"a":[1,2],"标题":null}' == canonical_json({"标题": None, "a": [1, 2]})


def test_plain_text_has_one_line_per_block():
    """Checks and listings read what a reader reads."""
    assert "一\n二 & 三\n四" == plain_text(
        "<p>一</p><p>二 &amp; <em>三</em></p><ul><li>四</li></ul>"
    )


def test_media_in_names_pictures_in_order():
    """The channel uploads what the body shows."""
    body = f'<p><img src="media:{"b" * 64}" alt=""><img src="media:{SHA}" alt=""></p>'
    assert ["b" * 64, SHA] == media_in(canonical_body(body))


@given(st.text())
def test_escaped_text_is_text_again(text):
    """Plain text put into a body shows as it was typed, blanks and controls aside."""
    clean = " ".join("".join(char for char in text if char.isprintable()).split())
    assert unicodedata.normalize("NFC", clean) == plain_text(
        canonical_body(f"<p>{escape(clean)}</p>")
    )


def test_keys_are_26_lower_case_base32_characters():
    """The platform takes at most 32 bytes of letters and digits."""
    keys = {new_key() for _ in range(200)}
    assert 200 == len(keys)
    assert set() == {
        key for key in keys if len(key) != 26 or set(key) - set("abcdefghijklmnopqrstuvwxyz234567")
    }

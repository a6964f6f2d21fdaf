"""The code table, both columns, and the pictures that are made to fit."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from channels.contract import Busy, Doubt, Refused
from channels.wechat.codes import TABLE, Column, Means, ending, means, wait_s
from channels.wechat.pictures import (
    BODY_BYTES_MAX,
    Unusable,
    for_body,
    for_cover,
    name_of,
)
from tests.channels.wechat_fake import START, image_bytes, picture

# code: (while preparing, when speaking)
COLUMNS = {
    -1: (Busy, Doubt),
    268487001: (Busy, Doubt),
    268487002: (Busy, Doubt),
    268488001: (Busy, Doubt),
    40001: (Busy, Busy),
    40014: (Busy, Busy),
    42001: (Busy, Busy),
    40007: (Refused, Doubt),
    40013: (Busy, Busy),
    40125: (Busy, Busy),
    40164: (Busy, Busy),
    40243: (Busy, Busy),
    40113: (Refused, Refused),
    40137: (Refused, Refused),
    41039: (Refused, Refused),
    42010: (Busy, Busy),
    44003: (Refused, Refused),
    45002: (Refused, Refused),
    45003: (Refused, Refused),
    45004: (Refused, Refused),
    45009: (Busy, Busy),
    45011: (Busy, Busy),
    45028: (Busy, Busy),
    45062: (Refused, Refused),
    45066: (Busy, Doubt),
    45110: (Refused, Refused),
    45166: (Refused, Refused),
    47001: (Refused, Refused),
    48001: (Refused, Refused),
    48004: (Refused, Refused),
    48021: (Refused, Refused),
    53500: (Refused, Refused),
    53501: (Busy, Busy),
    53502: (Refused, Doubt),
    53503: (Refused, Refused),
    53504: (Refused, Refused),
    53505: (Refused, Refused),
    88000: (Refused, Refused),
    89503: (Busy, Doubt),
    89504: (Busy, Doubt),
    89505: (Busy, Doubt),
    987654: (Refused, Doubt),
}
BY_A_PERSON = {48001, 48004, 48021, 45062, 53500, 53504, 53505, 88000}
ACCOUNT_WIDE = {40013, 40125, 40164, 40243, 45009, 45011, 42010, 53501}


def made(code: int, column: Column) -> object:
    return ending(code, "words", column, START, account="bureau")


@pytest.mark.parametrize("code", COLUMNS)
def test_code_means_in_both_columns(code: int):
    expected = COLUMNS[code]
    assert expected == (type(made(code, Column.preparing)), type(made(code, Column.speaking)))


@pytest.mark.parametrize("code", [*TABLE, 987654])
def test_looking_is_busy_whatever_the_code(code: int):
    assert Busy is type(made(code, Column.looking))


@pytest.mark.parametrize("code", sorted(BY_A_PERSON))
def test_codes_for_a_person_say_so(code: int):
    assert made(code, Column.speaking).person


@pytest.mark.parametrize("code", sorted(ACCOUNT_WIDE))
def test_limits_and_credentials_rest_the_account(code: int):
    assert made(code, Column.speaking).account_wide


@pytest.mark.parametrize("code", [*TABLE, 987654])
def test_words_can_be_filled_and_have_three_parts(code: int):
    for column in Column:
        words = made(code, column).words
        assert words.text.format(**words.params).count(". ") >= 1
        assert "!" not in words.text


def test_only_a_clear_no_is_refused_when_speaking():
    spoken = {code for code in TABLE if means(code, Column.speaking) is Means.refused}
    assert {code for code in spoken if means(code, Column.preparing) is not Means.refused} == set()


@pytest.mark.parametrize(
    ("wait", "now", "expected"),
    [
        (60, START, 60),
        (None, START, None),
        ("day", START, 14 * 3600),
        ("day", datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), 1),
        ("day", datetime(2026, 11, 22, 16, 0, tzinfo=UTC), 86400),
        ("month", datetime(2026, 11, 30, 15, 59, tzinfo=UTC), 60),
        ("month", datetime(2026, 12, 31, 2, 0, tzinfo=UTC), 14 * 3600),
    ],
)
def test_waits_end_at_midnight_in_beijing(
    wait: float | str | None, now: datetime, expected: object
):
    assert expected == wait_s(wait, now)


def noise(size: int) -> Image.Image:
    return Image.effect_noise((size, size), 90)


def written(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_small_picture_of_a_known_kind_stays_byte_for_byte(kind: str):
    data = image_bytes(kind)
    assert data == for_body(picture("a", data)).data


@pytest.mark.parametrize("kind", ["BMP", "WEBP"])
def test_other_kinds_become_jpeg_whatever_their_name_says(kind: str):
    fitted = for_body(picture("a", image_bytes(kind), mime="image/jpeg"))
    assert ("image/jpeg", "JPEG") == (fitted.mime, opened(fitted.data).format)
    assert fitted.name == "a" * 16 + ".jpg"


def test_large_picture_is_shrunk_below_the_limit():
    data = written(noise(1300), "PNG")
    assert len(data) > BODY_BYTES_MAX
    fitted = for_body(picture("a", data))
    assert len(fitted.data) < BODY_BYTES_MAX
    assert len(for_cover(picture("a", data)).data) == len(data)


def test_transparent_picture_stays_png():
    data = written(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "WEBP")
    assert for_body(picture("a", data)).mime == "image/png"


def test_cover_is_cropped_and_named_by_its_crop():
    cover = picture("a", image_bytes(size=(100, 50)), crop=(0.0, 0.5, 0.5, 1.0))
    assert opened(for_cover(cover).data).size == (50, 25)
    assert name_of(cover) != name_of(picture("a"))


def test_gif_cover_becomes_a_still():
    assert for_cover(picture("a", image_bytes("GIF"))).mime == "image/jpeg"


def test_phone_picture_is_turned_upright_when_rewritten():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = image_bytes("WEBP", (40, 20), exif=exif)
    assert opened(for_body(picture("a", data)).data).size == (20, 40)


@pytest.mark.parametrize("data", [b"", b"<svg></svg>", image_bytes("BMP")[:60]])
def test_bytes_that_are_no_picture_are_unusable(data: bytes):
    with pytest.raises(Unusable):
        for_body(picture("a", data))

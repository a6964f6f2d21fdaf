"""Pictures as phones and web pages have them, and what is said to those that cannot be taken."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from scheduler.desk import media
from scheduler.desk.paste import body_of, tidy
from scheduler.errors import InputError
from tests.desk.conftest import Desk, picture_bytes

HEIC = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAA"
    "AAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAABkAAgAAAAACBQABAAAAAAAAADwAAAA4aWluZgAA"
    "AAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcn"
    "AAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroC"
    "QGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm"
    "5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AA"
    "AAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAA"
    "AOY2RzYwACAAEAAQAAAF1tZGF0AAAAFSgBrwtg9eWDr//yyvfqKIOhV0/1DgAAAAZFeGlmAABNTQAqAAAACAACAQ8A"
    "AgAAAAwAAAAmARIAAwAAAAEABgAAAAAAAFNlY3JldFBob25lAA=="
)
"""A phone's picture: 64 by 48 pixels, lying on its side, with the phone's name in it."""


def take(desk: Desk, data: bytes, name: str):
    ready = media.ready(data, name, desk.author)
    with desk.store.write() as tx:
        taken = media.take(tx, ready, now=desk.now, actor=desk.author)
        return media.picture(tx, taken.sha256, with_data=True)


def written(kind: str, mode: str = "RGB", **how: object) -> bytes:
    file = BytesIO()
    Image.new(mode, (64, 48), (200, 30, 30, 90)[: len(mode)]).save(file, kind, **how)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "BMP"])
def test_newer_kinds_become_jpeg(desk: Desk, kind: str):
    kept = take(desk, written(kind), f"a.{kind.lower()}")
    assert ("image/jpeg", 64, 48) == (kept.mime, kept.width_px, kept.height_px)


def test_see_through_picture_becomes_png(desk: Desk):
    assert "image/png" == take(desk, written("WEBP", "RGBA"), "a.webp").mime


def test_picture_of_a_phone_is_upright_and_bare(desk: Desk):
    kept = take(desk, HEIC, "IMG_0001.HEIC")
    assert ("image/jpeg", 48, 64) == (kept.mime, kept.width_px, kept.height_px)
    assert b"SecretPhone" in HEIC
    assert b"SecretPhone" not in kept.data


def test_moving_picture_of_a_web_page_is_told_to_be_a_gif(desk: Desk):
    more = [Image.new("RGB", (64, 48), (0, 0, 200))]
    with pytest.raises(InputError, match="moves"):
        take(desk, written("WEBP", save_all=True, append_images=more), "a.webp")


def test_gif_stays_as_it_is(desk: Desk):
    data = picture_bytes("GIF")
    assert data == take(desk, data, "a.gif").data


@pytest.mark.parametrize("cut", [30, 200, 400])
def test_half_a_picture_of_a_phone_is_called_damaged(desk: Desk, cut: int):
    with pytest.raises(InputError, match="damaged"):
        take(desk, HEIC[:cut], "a.heic")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50 * 1024 * 1024, "larger than 10 MB"),
        (b"RIFF\x40\0\0\0WEBPVP8 broken", "damaged|WebP"),
        (b"II*\0" + b"\0" * 60, "TIFF"),
    ],
    ids=["huge", "broken", "tiff"],
)
def test_what_cannot_be_taken_is_said(desk: Desk, data: bytes, said: str):
    with pytest.raises(InputError, match=said):
        take(desk, data, "a.png")


def test_picture_of_too_many_pixels_is_refused_before_it_unfolds(desk: Desk):
    file = BytesIO()
    Image.new("1", (7800, 7800)).save(file, "BMP")
    with pytest.raises(InputError, match="million pixels"):
        take(desk, file.getvalue(), "a.bmp")


@pytest.mark.parametrize(
    "film",
    [
        '<video src="a.mp4">您的浏览器不支持</video>',
        '<iframe data-src="https://v.qq.com/x"></iframe>',
        "<embed src=x>",
        "<object><embed src=x></object>",
        "<mpvideosnap></mpvideosnap>",
    ],
)
def test_video_in_a_text_is_counted_and_left_out(film: str):
    tidied = tidy(f"<p>一</p>{film}<p>二</p>")
    assert ("<p>一</p><p>二</p>", 1) == (tidied.body, tidied.lost_videos)


def test_video_alone_in_a_text_field_is_counted():
    assert ("", 1) == (body_of("<video></video>").body, body_of("<video></video>").lost_videos)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_colours_of_a_phone_keep_their_profile(desk: Desk, kind: str):
    """Without it a picture in wide colours looks dull everywhere."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = take(desk, written(kind, icc_profile=profile), f"a.{kind.lower()}")
    with Image.open(BytesIO(kept.data)) as opened:
        assert ("JPEG", profile) == (opened.format, opened.info.get("icc_profile"))


def test_profile_of_printers_inks_does_not_stay_with_a_picture_for_screens(desk: Desk):
    inks = b"a profile of four inks"
    kept = take(desk, written("JPEG", "CMYK", icc_profile=inks), "a.jpg")
    with Image.open(BytesIO(kept.data)) as opened:
        assert ("RGB", None) == (opened.mode, opened.info.get("icc_profile"))

"""Original files: judged by their bytes, stored once."""

from __future__ import annotations

import hashlib
import struct
import zlib

import pytest
from sqlalchemy import func, select

from scheduler.desk import media
from scheduler.errors import InputError, NotFound
from tests.desk.conftest import Desk, picture_bytes


@pytest.mark.parametrize(
    ("kind", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif")]
)
def test_picture_is_stored_with_its_measures(desk: Desk, kind: str, mime: str):
    """What the channels check is known; the bytes come only when asked for."""
    data = picture_bytes(kind, (120, 45))
    with desk.store.write() as tx:
        stored = media.store(tx, data, "a", now=desk.now)
    assert hashlib.sha256(data).hexdigest() == stored.sha256
    assert (mime, len(data), 120, 45) == (
        stored.mime, stored.size_bytes, stored.width_px, stored.height_px,
    )  # fmt: skip
    with desk.store.read() as tx:
        assert b"" == media.picture(tx, stored.sha256).data
        assert data == media.picture(tx, stored.sha256, with_data=True).data


def test_same_bytes_twice_are_stored_once(desk: Desk):
    """The SHA-256 is the name."""
    with desk.store.write() as tx:
        first = media.store(tx, picture_bytes(), "a.jpg", now=desk.now)
        again = media.store(tx, picture_bytes(), "b.jpg", now=desk.now)
        assert 1 == tx.execute(select(func.count()).select_from(media.MEDIA)).scalar()
    assert first == again


def bomb() -> bytes:
    """Give a PNG of 20 000 by 20 000 pixels in some hundred bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


BAD = {
    "empty": (b"", "empty"),
    "text": (b"hello", "not a picture"),
    "webp": (picture_bytes("WEBP"), "WebP"),
    "bmp": (picture_bytes("BMP"), "BMP"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    "cut off": (picture_bytes("JPEG", (400, 400))[:-400], "damaged"),
    "head only": (picture_bytes("PNG")[:40], "damaged"),
    "too large": (picture_bytes() + bytes(media.SIZE_MAX_BYTES), "10 MB"),
    "bomb": (bomb(), "million pixels"),
}


@pytest.mark.parametrize(("data", "says"), BAD.values(), ids=BAD.keys())
def test_other_file_is_refused_with_what_to_do(data: bytes, says: str):
    """The message names the file and the way out."""
    with pytest.raises(InputError) as caught:
        media.inspect(data, "图片.png")
    assert "图片.png" in str(caught.value)
    assert says in str(caught.value)


def test_picture_between_our_cap_and_the_libraries_is_refused():
    """Sixty million pixels open without a warning, and are too many all the same."""
    with pytest.raises(InputError) as caught:
        media.inspect(picture_bytes("PNG", (10_000, 6_000)), "big.png")
    assert "50 million" in str(caught.value)


def test_unknown_picture_is_not_found(desk: Desk):
    """A digest nobody stored."""
    with desk.store.read() as tx, pytest.raises(NotFound):
        media.picture(tx, "0" * 64)

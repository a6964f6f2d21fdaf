"""Original files: judged by their bytes, stored once, found by their SHA-256.

What a platform needs (smaller, cropped) is made from the original later and is not kept here.
"""

from __future__ import annotations

import hashlib
import struct
import warnings
import zlib
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from channels.contract import Picture
from scheduler.desk import gif
from scheduler.errors import InputError, NotFound
from scheduler.people import Actor, Role, require
from scheduler.tables import Media, table

MEDIA = table(Media)
SIZE_MAX_BYTES = 10 * 1024 * 1024
PIXELS_MAX = 50_000_000
"""Beyond every camera staff use. A small file that unfolds to more is an accident or an attack."""

ORIENTATION = 0x0112

# MPO is a JPEG with a second picture behind the first: some phones write it as .jpg.
_MIMES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
# What Pillow raises on damaged files, besides its own errors.
_BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, OverflowError, TypeError,
    struct.error, zlib.error, RuntimeError,
)  # fmt: skip
_OURS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")
# First bytes at an offset, and what people call such a file.
_OTHERS = (
    (4, b"ftyphei", "HEIC"),
    (4, b"ftypmif", "HEIC"),
    (4, b"ftypavif", "AVIF"),
    (8, b"WEBP", "WebP"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"%PDF", "PDF"),
    (0, b"<svg", "SVG"),
    (0, b"<?xml", "SVG"),
    (0, b"PK\x03\x04", "ZIP / Office"),
)


def inspect(data: bytes, name: str) -> Picture:
    """Judge one file and give it as a picture, bytes included. `name` is for the messages.

    Raises `InputError` for anything but a whole JPEG, PNG or GIF of bearable size.
    """
    if not data:
        raise InputError("{name} is empty. Save the picture again.", name=name)
    if len(data) > SIZE_MAX_BYTES:
        raise InputError(
            "{name} is larger than {most} MB. Make the picture smaller, best as JPEG.",
            name=name,
            most=SIZE_MAX_BYTES // 1024 // 1024,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            mime, width, height = _measure(data, name)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels(name) from None
        except UnidentifiedImageError:
            raise _other_kind(data, name) from None
        except _BROKEN:
            raise _damaged(name) from None
    return Picture(
        sha256=hashlib.sha256(data).hexdigest(),
        mime=mime,
        size_bytes=len(data),
        width_px=width,
        height_px=height,
        data=data,
    )


def _measure(data: bytes, name: str) -> tuple[str, int, int]:
    with Image.open(BytesIO(data), formats=["JPEG", "PNG", "GIF"]) as image:
        width, height = image.size
        if width * height > PIXELS_MAX:
            raise _too_many_pixels(name)
        image.load()  # a file cut off in the middle has a good head
        return _MIMES[str(image.format)], width, height


def _too_many_pixels(name: str) -> InputError:
    return InputError(
        "{name} unfolds to more than {most} million pixels. Make it smaller.",
        name=name,
        most=PIXELS_MAX // 1_000_000,
    )


def _damaged(name: str) -> InputError:
    return InputError(
        "{name} is damaged or not complete. Open it, look at it and save it again.", name=name
    )


def _other_kind(data: bytes, name: str) -> InputError:
    if data.startswith(_OURS):
        return _damaged(name)
    kind = next((kind for at, magic, kind in _OTHERS if data[at:].startswith(magic)), "")
    if kind:
        return InputError(
            "{name} is a file of the kind {kind}. Save the picture as JPEG, PNG or GIF; another "
            "ending of the name alone does not change it.",
            name=name,
            kind=kind,
        )
    return InputError(
        "{name} is not a picture this program knows. Save it as JPEG, PNG or GIF.", name=name
    )


def keep(tx: Connection, picture: Picture, *, now: datetime) -> None:
    """Store an inspected original; nothing happens when its bytes are there already."""
    assert picture.data, "only a picture with its bytes can be kept"
    if tx.execute(select(MEDIA.c.sha256).where(MEDIA.c.sha256 == picture.sha256)).first():
        return
    try:
        with tx.begin_nested():
            tx.execute(
                insert(MEDIA).values(
                    sha256=picture.sha256,
                    mime=picture.mime,
                    size_bytes=picture.size_bytes,
                    width_px=picture.width_px,
                    height_px=picture.height_px,
                    data=picture.data,
                    created_at=now,
                )
            )
    except IntegrityError:
        pass  # somebody stored the same bytes a moment before


def store(tx: Connection, data: bytes, name: str, *, now: datetime) -> Picture:
    """Inspect and store one file; give it without its bytes. Raises `InputError`."""
    picture = inspect(data, name)
    keep(tx, picture, now=now)
    return replace(picture, data=b"")


def picture(tx: Connection, sha256: str, *, with_data: bool = False) -> Picture:
    """Give a stored original; its bytes only when asked for. Raises `NotFound`."""
    columns = [
        MEDIA.c[name] for name in ("sha256", "mime", "size_bytes", "width_px", "height_px")
    ] + ([MEDIA.c.data] if with_data else [])
    row = tx.execute(select(*columns).where(MEDIA.c.sha256 == sha256)).first()
    if row is None:
        raise NotFound(
            "There is no stored picture {sha256}. Attach the picture again.", sha256=sha256
        )
    return Picture(**row._mapping)


# --- what arrives through a browser ---------------------------------------------------------------

_VIDEO_ENDINGS = (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".wmv", ".flv", ".webm", ".mpg", ".mpeg")
_VIDEO_MARKS = (b"\x1aE\xdf\xa3", b"FLV\x01", b"\x30\x26\xb2\x75", b"\x00\x00\x01\xba")
_HEIF = (b"ftyphei", b"ftyphev", b"ftypmif", b"ftypmsf")
_STILLS = (*_HEIF, b"ftypavi")
"""Boxes of pictures that are built like films."""
_QUALITY = 92


def take(tx: Connection, picture: Picture, *, now: datetime, actor: Actor) -> Picture:
    """Store a picture that `ready` made; give it without its bytes."""
    require(actor, Role.author)
    keep(tx, picture, now=now)
    return replace(picture, data=b"")


def ready(data: bytes, name: str, actor: Actor) -> Picture:
    """Make what somebody sends in fit to be stored; seconds of work, so before a transaction.

    JPEG and PNG are written anew: upright, and without what the camera noted about place, person
    and device. A GIF loses what is no picture. What phones and web pages use beside them (HEIC,
    WebP, AVIF, BMP) becomes JPEG or PNG. Raises `InputError`, for a video with what to do instead.
    """
    require(actor, Role.author)
    if _is_video(data, name):
        raise InputError(
            "{name} is a video. Videos are not sent by this program: they go out by hand. Write "
            "the text here without it, and publish it in the platform's own app.",
            name=name,
        )
    return _bare(inspect(_common(data, name), name), name)


def _is_video(data: bytes, name: str) -> bool:
    box = data[4:12]
    is_mp4 = box.startswith(b"ftyp") and not box.startswith(_STILLS)
    is_avi = data.startswith(b"RIFF") and data[8:12] == b"AVI "
    return (
        is_mp4 or is_avi or data.startswith(_VIDEO_MARKS) or name.lower().endswith(_VIDEO_ENDINGS)
    )


def _bare(picture: Picture, name: str) -> Picture:
    try:
        if picture.mime == "image/gif":  # it may move: only what is no picture is taken out
            return inspect(gif.bare(picture.data), name)
        with Image.open(BytesIO(picture.data)) as opened:
            turned = opened.getexif().get(ORIENTATION, 1) != 1
            image = ImageOps.exif_transpose(opened) if turned else opened
            out = BytesIO()
            if picture.mime == "image/png":
                image.save(out, "PNG", icc_profile=opened.info.get("icc_profile"))
            elif turned or image.format != "JPEG" or image.mode not in {"RGB", "L"}:
                is_flat = image.mode in {"RGB", "L"}
                flat = image if is_flat else image.convert("RGB")
                # The profile of printers' inks would be wrong for what is made of them.
                colours = opened.info.get("icc_profile") if is_flat else None
                # Pillow carries a comment over by itself.
                flat.save(out, "JPEG", quality=_QUALITY, icc_profile=colours, comment=b"")
            else:
                colours = opened.info.get("icc_profile")
                image.save(out, "JPEG", quality="keep", exif=b"", comment=b"", icc_profile=colours)
    except _BROKEN:
        raise _damaged(name) from None
    return inspect(out.getvalue(), name)


def _common(data: bytes, name: str) -> bytes:
    """Write pictures of the newer kinds as JPEG or PNG; anything else stays for `inspect`."""
    if len(data) > SIZE_MAX_BYTES:
        return data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged by ourselves below
        try:
            image = _opened(data)
            if image is None:
                return data
            if image.width * image.height > PIXELS_MAX:
                raise _too_many_pixels(name)
            if getattr(image, "n_frames", 1) > 1:
                raise InputError(
                    "{name} moves. Save it as GIF, or choose one picture of it.", name=name
                )
            out = BytesIO()
            upright = ImageOps.exif_transpose(image)
            if upright.has_transparency_data:
                upright.convert("RGBA").save(out, "PNG")
            else:
                # Phones write wide colours: without their profile they would look dull.
                colours = upright.info.get("icc_profile") if upright.mode == "RGB" else None
                flat = upright.convert("RGB")
                flat.save(out, "JPEG", quality=_QUALITY, icc_profile=colours)
        except Image.DecompressionBombError:
            raise _too_many_pixels(name) from None
        except _BROKEN:
            raise _damaged(name) from None
    return out.getvalue()


def _opened(data: bytes) -> Image.Image | None:
    if data[4:12].startswith(_HEIF):
        heif = pi_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
        if heif.size[0] * heif.size[1] > PIXELS_MAX:
            raise Image.DecompressionBombError
        return heif.to_pillow()  # type: ignore[no-any-return]
    try:
        return Image.open(BytesIO(data), formats=["WEBP", "AVIF", "BMP"])
    except UnidentifiedImageError:
        return None

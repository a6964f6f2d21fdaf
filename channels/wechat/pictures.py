"""Pictures as WeChat takes them: JPEG or PNG below 1 MB in the text, up to 10 MB as a cover.

Source: official pages of uploadimg and add_material, read 2025-12-19. The platform looks at the
bytes, not at names, so the kind is read from the bytes here as well. Pure.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from channels.contract import Picture

BODY_BYTES_MAX = 1_000_000  # "below 1 MB": the smaller reading
COVER_BYTES_MAX = 10_000_000
GIF_BYTES_MAX = 10_000_000
PIXELS_MAX = 80_000_000
QUALITIES = (90, 80, 70, 60)
SHRINK = 0.8
MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif"}


class Unusable(Exception):
    """These bytes cannot be made into a picture that WeChat takes."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A file ready for upload: its `name`, bytes, MIME type, and whether it may move (GIF)."""

    name: str
    data: bytes
    mime: str

    @property
    def moving(self) -> bool:
        """Tell whether it is a GIF, which uploadimg refuses and add_material takes."""
        return self.mime == MIMES["GIF"]


def for_body(picture: Picture) -> Fitted:
    """Fit a picture of the text; a GIF stays as it is unless it is cropped. Raises `Unusable`."""
    return _fit(picture, frozenset({"JPEG", "PNG"}), BODY_BYTES_MAX, gif_bytes_max=GIF_BYTES_MAX)


def for_cover(picture: Picture) -> Fitted:
    """Fit a cover, cropped as the editor said. Raises `Unusable`."""
    return _fit(picture, frozenset({"JPEG", "PNG"}), COVER_BYTES_MAX, gif_bytes_max=0)


def name_of(picture: Picture) -> str:
    """Name a picture together with its crop: the same name is the same uploaded file."""
    if picture.crop is None:
        return picture.sha256
    return picture.sha256 + ":" + "_".join(f"{edge:.6f}" for edge in picture.crop)


def _fit(picture: Picture, kinds: frozenset[str], bytes_max: int, *, gif_bytes_max: int) -> Fitted:
    image, kind = _open(picture.data)
    as_is = picture.crop is None
    if as_is and kind in kinds and len(picture.data) < bytes_max:
        return _fitted(picture, picture.data, kind)
    if as_is and kind == "GIF" and gif_bytes_max:
        if len(picture.data) > gif_bytes_max:
            raise Unusable
        return _fitted(picture, picture.data, kind)
    try:
        upright = ImageOps.exif_transpose(image)
        data, kind = _shrink(_cut(upright, picture.crop), bytes_max)
    except (OSError, ValueError, SyntaxError) as error:
        raise Unusable from error
    return _fitted(picture, data, kind)


def _fitted(picture: Picture, data: bytes, kind: str) -> Fitted:
    return Fitted(f"{picture.sha256[:16]}.{ENDINGS[kind]}", data, MIMES[kind])


def _open(data: bytes) -> tuple[Image.Image, str]:
    try:
        image = Image.open(io.BytesIO(data))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Unusable from error
    if image.width * image.height > PIXELS_MAX:
        raise Unusable
    # A phone's JPEG with a second picture behind the first calls itself MPO; its bytes are JPEG.
    kind = "JPEG" if image.format == "MPO" else image.format or ""
    return image, kind


def _cut(image: Image.Image, crop: tuple[float, float, float, float] | None) -> Image.Image:
    if crop is None:
        return image
    left, top = round(crop[0] * image.width), round(crop[1] * image.height)
    right, bottom = round(crop[2] * image.width), round(crop[3] * image.height)
    return image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _shrink(image: Image.Image, bytes_max: int) -> tuple[bytes, str]:
    """Write as PNG where transparency needs it, else as JPEG; smaller until it fits."""
    see_through = image.has_transparency_data
    current = image.convert("RGBA" if see_through else "RGB")
    while True:
        if see_through and len(data := _written(current, "PNG")) < bytes_max:
            return data, "PNG"
        flat = _on_white(current) if see_through else current
        for quality in QUALITIES:
            if len(data := _written(flat, "JPEG", quality=quality)) < bytes_max:
                return data, "JPEG"
        current = current.resize(
            (max(1, int(current.width * SHRINK)), max(1, int(current.height * SHRINK)))
        )


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _written(image: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()

"""Uploaded files: what they are by their first bytes, and their keeping for the pages.

The platforms look at content and never at names, so neither do we.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "amr": "audio/amr",
    "wma": "audio/x-ms-wma",
}

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"ID3", "mp3"),
    (b"\xff\xfb", "mp3"),
    (b"#!AMR", "amr"),
    (b"\x30\x26\xb2\x75", "wma"),
)


def sniff(data: bytes) -> str:
    """Return the kind of file by its first bytes, or an empty string when it is none we know."""
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    if data[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return "mp4"
    head = data[:512].lstrip().lower()
    return "svg" if head.startswith((b"<svg", b"<?xml")) and b"<svg" in head else ""


@dataclass(frozen=True)
class Picture:
    """One stored file."""

    key: str
    kind: str
    data: bytes

    @property
    def media_type(self) -> str:
        """Return the type to serve it with."""
        return MEDIA_TYPES.get(self.kind, "application/octet-stream")


class Pictures:
    """Every uploaded file by its key: equal bytes have one key, and thus one address."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_key: dict[str, Picture] = {}

    def put(self, data: bytes) -> Picture:
        """Keep a file and return it with its key (32 hex digits)."""
        key = hashlib.sha256(data).hexdigest()[:32]
        picture = Picture(key, sniff(data), data)
        self._by_key[key] = picture
        return picture

    def get(self, key: str) -> Picture | None:
        """Return a kept file."""
        return self._by_key.get(key)

"""Read the original files that contents name by their SHA-256."""

from __future__ import annotations

from sqlalchemy import Connection, select

from channels.contract import Content, Picture
from scheduler.content import unpack
from scheduler.errors import NotFound
from scheduler.tables import Media, table

MEDIA = table(Media)
_FACTS = (
    MEDIA.c.sha256,
    MEDIA.c.mime,
    MEDIA.c.size_bytes,
    MEDIA.c.width_px,
    MEDIA.c.height_px,
)


def picture(tx: Connection, sha256: str, *, with_data: bool = False) -> Picture:
    """Give one stored picture; its bytes only on demand. Raises `NotFound`."""
    columns = (*_FACTS, MEDIA.c.data) if with_data else _FACTS
    row = tx.execute(select(*columns).where(MEDIA.c.sha256 == sha256)).first()
    if row is None:
        raise NotFound("The picture {sha256} is not stored. Add the story again.", sha256=sha256)
    return Picture(
        sha256=row.sha256,
        mime=row.mime,
        size_bytes=row.size_bytes,
        width_px=row.width_px,
        height_px=row.height_px,
        data=bytes(row.data) if with_data else b"",
    )


def content_of(tx: Connection, packed: str, *, with_data: bool = False) -> Content:
    """Read a post's content, with the facts (or the bytes too) of its pictures."""
    return unpack(packed, lambda sha256: picture(tx, sha256, with_data=with_data))

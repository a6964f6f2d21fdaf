"""Uploads before the draft: pictures of the text by uploadimg, GIFs and covers as material.

Source: official pages of uploadimg and add_material, read 2025-12-19. Each remote id is kept the
moment it exists, so a repeated preparation uploads nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable

from channels.contract import N_, Line, Picture, Refused, Words
from channels.wechat.api import Api, malformed
from channels.wechat.codes import Column
from channels.wechat.pictures import Fitted, Unusable, for_body, for_cover, name_of

_UNUSABLE = N_(
    "A picture of the article cannot be opened or is far too large. The post was not sent. "
    "Replace it by a JPEG or PNG file, have the story reviewed and queue it again."
)


class Media:
    """Uploads of one account."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def address(self, line: Line, picture: Picture, position: int) -> str:
        """Give the https address of a picture in the text of the article at `position`.

        Raises Refused naming the article when the picture itself is the trouble.
        """
        name = f"img:{name_of(picture)}"
        return self._kept(line, name, lambda: self._upload_body(line, picture), position)

    def cover(self, line: Line, picture: Picture, position: int) -> str:
        """Give the media id of a cover, permanent as draft/add wants it. Raises as `address`."""
        name = _cover_name(picture)
        return self._kept(line, name, lambda: self._upload_cover(line, picture), position)

    def forget_cover(self, line: Line, picture: Picture) -> None:
        """Forget a cover that the platform no longer knows, so that it is uploaded again."""
        line.keep(_cover_name(picture), "")

    def _kept(self, line: Line, name: str, upload: Callable[[], str], position: int) -> str:
        if kept := line.kept(name):
            return kept
        try:
            found = upload()
        except Unusable as error:
            raise Refused("picture", Words(_UNUSABLE), guilty=(position,)) from error
        except Refused as no:
            guilty = () if no.person else (position,)
            raise Refused(no.code, no.words, no.raw, guilty=guilty, person=no.person) from None
        line.keep(name, found)
        return found

    def _upload_body(self, line: Line, picture: Picture) -> str:
        fitted = for_body(picture)
        if fitted.moving:
            data = self._material(line, fitted)
        else:
            file = (fitted.name, fitted.data, fitted.mime)
            data = self._api.upload(line, "media/uploadimg", file, {})
        # The platform answers with http; readers on https would see a gap.
        return _text(data, "url").replace("http://", "https://", 1)

    def _upload_cover(self, line: Line, picture: Picture) -> str:
        return _text(self._material(line, for_cover(picture)), "media_id")

    def _material(self, line: Line, fitted: Fitted) -> dict[str, object]:
        file = (fitted.name, fitted.data, fitted.mime)
        return self._api.upload(line, "material/add_material", file, {"type": "image"})


def _cover_name(picture: Picture) -> str:
    return f"cover:{name_of(picture)}"


def _text(data: dict[str, object], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise malformed(Column.preparing)
    return value

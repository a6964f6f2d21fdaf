"""Pictures: sent in by authors, shown to everybody who is logged in."""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from console import compose, preview
from console.guard import Here, Person
from console.render import status_of
from scheduler.desk import media
from scheduler.errors import FabuError, InputError, NotFound

router = APIRouter()
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHOWN = frozenset({"image/jpeg", "image/png", "image/gif"})


@router.get("/media/{sha256}")
def picture(desk: Here, _person: Person, sha256: str) -> Response:
    """Give one original. Its type was judged by its bytes when it was stored."""
    if not _SHA256.fullmatch(sha256):
        raise NotFound("There is no such picture.")
    with desk.store.read() as tx:
        found = media.picture(tx, sha256, with_data=True)
    if found.mime not in _SHOWN:
        raise NotFound("There is no such picture.")
    return Response(found.data, media_type=found.mime, headers={"content-disposition": "inline"})


@router.post("/media")
def send_in(desk: Here, person: Person, sent: compose.Form) -> Response:
    """Take one picture from the editor; answers with its SHA-256 or with what is wrong."""
    try:
        if "file" not in sent.files:
            raise InputError("No file arrived. Choose the picture again.")
        name, data = sent.files["file"]
        picture = media.ready(data, name, person)
        with desk.store.write() as tx:
            found = media.take(tx, picture, now=desk.clock.now(), actor=person)
    except FabuError as error:
        return JSONResponse({"error": str(error)}, status_of(error))
    return JSONResponse(
        {"sha256": found.sha256, "width": found.width_px, "height": found.height_px}
    )


@router.get("/preview.css")
def stylesheet(_person: Person) -> Response:
    """Give WeChat's article styles as classes."""
    return Response(preview.stylesheet(), media_type="text/css")

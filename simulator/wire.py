"""One platform call as plain data, and the answer to it as plain data.

Handlers see a `Call` and return a `Reply`; they never touch the web framework. Reading a request
is done here once for query strings, forms, multipart bodies and raw JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request


@dataclass(frozen=True)
class Upload:
    """A file part of a multipart body."""

    filename: str
    data: bytes


@dataclass(frozen=True)
class Call:
    """What a client asked of a platform; `at` is the simulated moment of the work."""

    platform: str
    name: str
    method: str
    path: str
    at: datetime
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    multipart: bool = False
    broken: bool = False
    client_ip: str = "127.0.0.1"

    def param(self, name: str) -> str | None:
        """Return a parameter wherever it was sent: form first, then query string."""
        return self.form.get(name, self.query.get(name))


@dataclass(frozen=True)
class Reply:
    """A platform's answer. `code` is for the call journal: 0, the error code, or None.

    `made` is what the call brought into the world, for faults that go on to hide it.
    """

    status: int
    body: bytes
    media_type: str
    code: int | None = 0
    headers: dict[str, str] = field(default_factory=dict)
    made: Any = None


async def read_call(request: Request, *, platform: str, name: str, at: datetime) -> Call:
    """Read the whole request. A multipart body that cannot be parsed is marked `broken`."""
    body = await request.body()
    kind = request.headers.get("content-type", "").lower()
    form: dict[str, str] = {}
    files: dict[str, Upload] = {}
    multipart = kind.startswith("multipart/form-data")
    broken = False
    if multipart:
        try:
            form, files = await _read_multipart(request)
        except (MultiPartException, HTTPException, KeyError):
            broken = True
    elif kind.startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Call(
        platform=platform,
        name=name,
        method=request.method,
        path=request.url.path,
        at=at,
        query=dict(request.query_params),
        form=form,
        files=files,
        headers=dict(request.headers),
        body=body,
        multipart=multipart,
        broken=broken,
        client_ip=request.client.host if request.client else "127.0.0.1",
    )


async def _read_multipart(request: Request) -> tuple[dict[str, str], dict[str, Upload]]:
    form: dict[str, str] = {}
    files: dict[str, Upload] = {}
    async with request.form(max_part_size=4 * 1024 * 1024) as parts:
        for key, value in parts.multi_items():
            if isinstance(value, UploadFile):
                files[key] = Upload(value.filename or "", await value.read())
            else:
                form[key] = value
    return form, files

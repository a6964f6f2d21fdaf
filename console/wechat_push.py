"""A push of WeChat's, read: its signature, and which job it says has ended. Pure.

Sources: the platform's pages on message push, on the event of publishing and on the event of mass
sending, read 2026-07-14. The older name of the publishing event is in its samples, and the mass
sending event was seen after a publishing, so all three are taken.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from hmac import compare_digest
from xml.parsers import expat

BYTES_MAX = 64 * 1024
DEPTH_MAX = 12
ELEMENTS_MAX = 2_000
FINISHED = frozenset({"PUBLISHJOBFINISH", "FREEPUBLISHJOBFINISH", "MASSSENDJOBFINISH"})
JOB_TAGS = frozenset({"publish_id", "MsgID", "MsgId", "msg_data_id"})


class BadXml(ValueError):
    """The body is no XML of the plain kind that WeChat sends."""


@dataclass(frozen=True, slots=True)
class Push:
    """What a push says. `jobs` are the numbers it calls the job by."""

    event: str
    jobs: frozenset[str]
    is_sealed: bool

    @property
    def tells_an_end(self) -> bool:
        """Whether it says that a job ended."""
        return self.event in FINISHED and bool(self.jobs)


def sign(token: str, timestamp: str, nonce: str) -> str:
    """Give the signature: SHA-1 over the three, sorted as strings."""
    joined = "".join(sorted((token, timestamp, nonce))).encode()
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def is_signed(token: str, signature: str, timestamp: str, nonce: str) -> bool:
    """Tell whether a request was signed with this Token. An empty Token signs nothing."""
    wanted = sign(token, timestamp, nonce)
    return bool(token) and compare_digest(wanted.encode(), signature.encode())


def read(body: bytes) -> Push:
    """Read a push. Raises `BadXml` for anything but a small XML document without a DTD."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.ExternalEntityRefHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadXml(str(error)) from None
    return Push(
        reader.first("Event").upper(),
        frozenset(value for tag in JOB_TAGS for value in reader.found.get(tag, [])),
        "Encrypt" in reader.found,
    )


@dataclass(slots=True)
class _Reader:
    """Collects the text of each element that has one, by its name."""

    found: dict[str, list[str]] = field(default_factory=dict)
    _path: list[str] = field(default_factory=list)
    _said: list[str] = field(default_factory=list)
    _count: int = 0

    def refuse(self, *_what: object) -> int:
        raise BadXml("document type")

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        self._path.append(tag)
        if len(self._path) > DEPTH_MAX or self._count > ELEMENTS_MAX:
            raise BadXml("too large")
        self._said.clear()

    def text(self, said: str) -> None:
        self._said.append(said)

    def end(self, tag: str) -> None:
        if value := "".join(self._said).strip():
            self.found.setdefault(tag, []).append(value)
        self._said.clear()
        self._path.pop()

    def first(self, tag: str) -> str:
        return (self.found.get(tag) or [""])[0]

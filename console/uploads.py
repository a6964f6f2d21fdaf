"""Files between a dry run and its word to write: kept beside the database, read again, then gone.

Each lies under the digest of its bytes and the person who sent it, so nobody confirms what another
one uploaded. What nobody confirms is deleted a day later, at the next upload.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.errors import InputError, NotFound, os_reason
from scheduler.people import Actor

FOLDER = ".imports"
KEPT = timedelta(days=1)
BYTES_MAX = 32 * 1024 * 1024
NAME_BYTES_MAX = 120
_MARK = re.compile(r"[0-9a-f]{24}")


def keep(home: Path, person: Actor, name: str, data: bytes, now: datetime) -> str:
    """Keep a file; give the mark that finds it again. Raises `InputError`."""
    if not data:
        raise InputError("Choose a file first.")
    if len(data) > BYTES_MAX:
        raise InputError(
            "The file is larger than {most} MB. Import it in parts, or on the server with: fabu"
            " ledger import",
            most=BYTES_MAX // 1024 // 1024,
        )
    top = home / FOLDER
    mark = hashlib.sha256(data + f"\0{person.id}".encode()).hexdigest()[:24]
    try:
        top.mkdir(mode=0o700, exist_ok=True)
        _forget_old(top, now)
        folder = top / mark
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        (folder / clean_name(name)).write_bytes(data)
    except OSError as error:
        raise InputError(
            "The file cannot be kept for the check: {why}.", why=os_reason(error)
        ) from None
    return mark


def find(home: Path, person: Actor, mark: str) -> Path:
    """Give a kept file of this person. Raises `NotFound`."""
    folder = home / FOLDER / mark
    files = sorted(folder.iterdir()) if _MARK.fullmatch(mark) and folder.is_dir() else []
    if files:
        found = hashlib.sha256(files[0].read_bytes() + f"\0{person.id}".encode())
        if found.hexdigest().startswith(mark):
            return files[0]
    raise NotFound("The uploaded file is not kept any more. Upload it again.")


def forget(path: Path) -> None:
    """Delete a kept file: it was written, or nobody wants it."""
    shutil.rmtree(path.parent, ignore_errors=True)


def clean_name(name: str) -> str:
    """Give a file's name as it may lie in our folder: its last part, visible letters only."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    clean = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    while len(clean.encode()) > NAME_BYTES_MAX:
        clean = clean[1:]  # the ending tells what it is
    return clean or "ledger"


def _forget_old(top: Path, now: datetime) -> None:
    for folder in top.iterdir():
        with suppress(OSError):
            changed = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            if now - changed > KEPT:
                shutil.rmtree(folder, ignore_errors=True)

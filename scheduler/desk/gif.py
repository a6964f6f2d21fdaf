"""A GIF without what is no picture: comments, notes of programs, bytes behind its end. Pure.

The frames are not written anew, so that a moving picture keeps its size and its timing to the byte.
"""

from __future__ import annotations

TRAILER, EXTENSION, IMAGE = 0x3B, 0x21, 0x2C
CONTROL, APPLICATION = 0xF9, 0xFF
LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")
"""The applications' blocks that say how often a picture moves."""
HEAD_BYTES = 13


def bare(data: bytes) -> bytes:
    """Give the picture alone. Raises `ValueError` or `IndexError` for what is no GIF."""
    at = HEAD_BYTES + _colours(data[10])
    out = bytearray(data[:at])
    while at < len(data) and data[at] != TRAILER:
        end = _end_of(data, at)
        if data[at] == IMAGE or _is_needed(data, at):
            out += data[at:end]
        at = end
    out.append(TRAILER)
    return bytes(out)


def _colours(flags: int) -> int:
    """Give the length of the table of colours that a byte of flags announces."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _is_needed(data: bytes, at: int) -> bool:
    label = data[at + 1]
    return label == CONTROL or (label == APPLICATION and data[at + 2 : at + 14] in LOOPS)


def _end_of(data: bytes, at: int) -> int:
    """Give where the block that begins at `at` ends."""
    if data[at] == IMAGE:
        at += 11 + _colours(data[at + 9])
    elif data[at] == EXTENSION:
        at += 2
    else:
        raise ValueError(data[at])  # no block of a GIF begins so
    while data[at]:
        at += 1 + data[at]
    return at + 1

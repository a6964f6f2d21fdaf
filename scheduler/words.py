"""Words for people: the gettext catalogues, zh_CN first, English second.

The code carries English sentences as catalogue keys; `_` translates one at once, `N_` only marks
one for the extractor. The language is `FABU_LANG` (zh_CN or en), Chinese without it; a face that
serves several people at once says it for each with `speak`.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from scheduler.clock import beijing

LANGUAGES = ("zh_CN", "en")
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "fabutai"
_spoken: ContextVar[str] = ContextVar("spoken", default="")


def N_(text: str) -> str:  # noqa: N802 - the name gettext's extractor looks for
    """Mark `text` for the catalogue without translating it here."""
    return text


WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip


def language() -> str:
    """Give the language in force."""
    wanted = _spoken.get() or os.environ.get("FABU_LANG", "")
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


@contextmanager
def speak(wanted: str) -> Iterator[None]:
    """Speak `wanted` in this context (one request, say); "" leaves the language as it is."""
    before = _spoken.set(wanted if wanted in LANGUAGES else "")
    try:
        yield
    finally:
        _spoken.reset(before)


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(name: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [name], fallback=True)


def _(text: str) -> str:
    """Translate one catalogue key."""
    return _catalogue(language()).gettext(text) if text else ""


def say(text: str, params: Mapping[str, object] | None = None) -> str:
    """Translate a catalogue key and fill its `{name}` fields.

    A parameter that is a tuple `(key, params)` is itself translated first, a moment is said in
    Beijing time. A sentence whose fields do not match is given unfilled: a wrong word must not
    hide the message.
    """
    words = _(text)
    if not params:
        return words
    filled = {name: _inner(value) for name, value in params.items()}
    try:
        return words.format_map(filled)
    except (KeyError, IndexError, ValueError):
        return words


def _inner(value: object) -> object:
    match value:
        case (str() as text, Mapping() as params):
            return say(text, params)
        case [str() as text, Mapping() as params]:
            return say(text, params)
        case datetime():
            return say(*moment(value))
    return value


def moment(at: datetime) -> tuple[str, dict[str, object]]:
    """Give a moment as a parameter that JSON can keep: Nov 27, 2026 17:00, in Beijing time.

    With its year: what is kept is read long after, and a slip in a year shows.
    """
    local = beijing(at)
    month: tuple[str, dict[str, object]] = (MONTHS[local.month - 1], {})
    told = {"month": month, "day": local.day, "year": local.year, "time": f"{local:%H:%M}"}
    return N_("{month} {day}, {year} {time}"), told

"""Writing a story: the form, its checks while typing, saving, one-press fixes, two writers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from console import compose, mending
from console.compare import Change
from console.compose import Form, Sent
from console.desk import Desk
from console.guard import Here, Person
from console.render import render, see_other, status_of
from console.session import Session
from scheduler.clock import beijing
from scheduler.desk import crop, form, media, paste, story, views
from scheduler.desk.form import Typed
from scheduler.errors import Conflict, FabuError, InputError, NotFound
from scheduler.people import Actor, Role, require
from scheduler.words import N_, say

router = APIRouter()
AUTOSAVED = frozenset({"draft", "returned"})
"""Stories that may be saved without a person's word: nothing signed or waiting is undone."""
_DIGITS = 18
AT_IT = timedelta(minutes=5)
"""Whoever saved so lately may still be writing."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the form beside what is typed.

    `shown` is the saved story, `seen` when it was last saved as this person knows it. `theirs`
    says where what is saved differs. `undo` is the form before a fix, `done` what was done to it.
    `unsaved` says that what the form holds stands nowhere else, `by_hand` that it would go over
    another one's text: only the Save button does that.
    """

    shown: views.StoryView | None = None
    seen: str = ""
    error: FabuError | None = None
    wrong: tuple[FabuError, ...] = ()
    theirs: tuple[Change, ...] = ()
    undo: str = ""
    done: str = ""
    unsaved: bool = False
    by_hand: bool = False
    other: str = ""


@router.get("/stories/new")
def new_page(request: Request, desk: Here, person: Person) -> Response:
    """Show the empty form, every account ticked."""
    require(person, Role.author)
    return _compose(request, desk, _empty(desk), Around())


@router.post("/stories")
def save_new(request: Request, desk: Here, person: Person, sent: Form) -> Response:
    """Write a new story down."""
    typed, wrong = _typed(desk, person, sent)
    try:
        saved = _add(desk, person, typed)
    except FabuError as error:
        return _compose(request, desk, typed, Around(error=error, wrong=wrong, unsaved=True))
    return _saved(request, saved, wrong)


@router.post("/stories/autosave")
def autosave_new(desk: Here, person: Person, sent: Form) -> Response:
    """Save a new story by itself; its page goes on as the page of an existing one."""
    typed = compose.typed_of(sent)
    try:
        return _told(desk, _add(desk, person, typed))
    except FabuError as error:
        return _not_told(error)


@router.post("/stories/check")
def check(request: Request, desk: Here, person: Person, sent: Form) -> Response:
    """Give findings, counters and previews of what is typed. Nothing is saved."""
    require(person, Role.author)
    with desk.store.read() as tx:
        checked = compose.check(tx, desk, compose.typed_of(sent))
    return render(request, "stories_checked.html", checked=checked, story_id=_number(sent))


@router.get("/stories/pulse")
def pulse(request: Request, desk: Here, person: Person, story: int = 0, seen: str = "") -> Response:
    """Tell a page that is open for long: this session's token, and who saved meanwhile."""
    require(person, Role.author)
    session: Session = request.state.session
    said = ""
    if story:
        with desk.store.read() as tx:
            shown = views.show(tx, story)
            last = form.last_writer(tx, story)
        if last and shown.updated_at.isoformat() != seen:
            mine = N_("You saved this story at {time} in another window.")
            theirs = N_("{person} saved this story at {time}, while it is open here.")
            words = mine if last[0] == person.name else theirs
            said = say(words, {"person": last[0], "time": _clock(shown.updated_at)})
    return JSONResponse({"csrf": session.csrf, "said": said})


@router.post("/stories/clean")
def clean(_desk: Here, person: Person, sent: Form) -> Response:
    """Clean pasted HTML: what comes back is what would be kept. Nothing is saved."""
    require(person, Role.author)
    tidied = paste.body_of(sent.one("html"))
    lost = compose.lost(tidied.lost_pictures, tidied.lost_videos)
    return JSONResponse({"html": tidied.body, "lost": lost})


@router.post("/stories/word")
def from_word(request: Request, desk: Here, person: Person, sent: Form) -> Response:
    """Read a Word file into the form of a new story, or into the text that is being written.

    Nothing but its pictures is saved: a person chooses the column first.
    """
    try:
        read = compose.read_word(desk, person, sent)
    except InputError as error:
        if _is_script(request):
            return _not_told(error)
        return _compose(request, desk, _empty(desk), Around(wrong=(error,)))
    lost = compose.lost(read.lost_pictures)
    if _is_script(request):
        return JSONResponse({"title": read.title, "html": read.body, "lost": lost})
    typed = _empty(desk, title=read.title, body=read.body)
    told = say(N_("The Word file stands in the form now. Choose a column, then save."))
    return _compose(request, desk, typed, Around(done=f"{told} {lost}".strip(), unsaved=True))


# --- mending, undoing -----------------------------------------------------------------------------


@router.post("/stories/fix")
def fix(request: Request, desk: Here, person: Person, sent: Form, story: int = 0) -> Response:
    """Mend what a finding names, in the form. Nothing is saved."""
    require(person, Role.author)
    before, name = compose.typed_of(sent), sent.one("fix")
    with desk.store.read() as tx:
        after = compose.mend(tx, desk, before, name)
    done = (
        say(N_("Done: {what}."), {"what": (mending.words_of(name), {})}) if after != before else ""
    )
    if _is_script(request):
        return JSONResponse({"fields": mending.fields(before, after), "said": done})
    undo = form.text_of(before) if done else ""
    return _again(request, desk, sent, story, after, undo=undo, done=done)


@router.post("/stories/undo")
def undo(request: Request, desk: Here, person: Person, sent: Form, story: int = 0) -> Response:
    """Put the form back as it was. Nothing is saved."""
    require(person, Role.author)
    typed = form.from_text(sent.one("undo"))
    told = say(N_("Taken back. The form is as it was."))
    return _again(request, desk, sent, story, typed, undo="", done=told, by_hand=True)


@router.post("/stories/{story_id}/theirs")
def take_theirs(
    request: Request, desk: Here, person: Person, story_id: int, sent: Form
) -> Response:
    """Put the saved story into the form; what was typed can be taken back."""
    require(person, Role.author)
    shown, typed = _read(desk, story_id)
    words = N_("The saved text stands in the form now. Yours is kept until you leave this page.")
    around = Around(
        shown=shown, seen=shown.updated_at.isoformat(), done=say(words),
        undo=form.text_of(compose.typed_of(sent)),
    )  # fmt: skip
    return _compose(request, desk, typed, around)


def _again(
    request: Request, desk: Desk, sent: Sent, story_id: int, typed: Typed, *, undo: str, done: str,
    by_hand: bool = False,
) -> Response:  # fmt: skip
    shown = _read(desk, story_id)[0] if story_id else None
    around = Around(
        shown=shown, seen=sent.one("seen"), undo=undo, done=done, unsaved=True, by_hand=by_hand
    )
    return _compose(request, desk, typed, around)


# --- changing -------------------------------------------------------------------------------------


@router.get("/stories/{story_id}/edit")
def edit_page(request: Request, desk: Here, person: Person, story_id: int) -> Response:
    """Show the form with what is saved, and who else may be writing."""
    require(person, Role.author)
    shown, typed = _read(desk, story_id)
    with desk.store.read() as tx:
        last = form.last_writer(tx, story_id)
    other = ""
    if last and last[0] != person.name and desk.clock.now() - last[1] < AT_IT:
        words = N_("{person} saved this story at {time} and may still be writing.")
        other = say(words, {"person": last[0], "time": _clock(last[1])})
    seen = shown.updated_at.isoformat()
    return _compose(request, desk, typed, Around(shown=shown, seen=seen, other=other))


@router.post("/stories/{story_id}")
def save(request: Request, desk: Here, person: Person, story_id: int, sent: Form) -> Response:
    """Change a story; an account that is not ticked any more is taken off."""
    typed, wrong = _typed(desk, person, sent)
    try:
        _edit(desk, person, story_id, sent, typed)
    except NotFound:
        raise
    except FabuError as error:
        shown, saved = _read(desk, story_id)
        # After the warning, saving once more is a decision; before it, it would be an accident.
        overtaken = isinstance(error, form.Overtaken)
        around = Around(
            shown=shown, error=error, wrong=wrong, unsaved=True,
            seen=shown.updated_at.isoformat() if overtaken else sent.one("seen"),
            by_hand=overtaken,
            theirs=mending.differences(typed, saved, _titles(desk)) if overtaken else (),
        )  # fmt: skip
        return _compose(request, desk, typed, around)
    return _saved(request, story_id, wrong)


@router.post("/stories/{story_id}/autosave")
def autosave(desk: Here, person: Person, story_id: int, sent: Form) -> Response:
    """Save a draft by itself. What is signed or waits for a signature is left to a person."""
    try:
        with desk.store.read() as tx:
            shown = views.show(tx, story_id)
        if not _may_autosave(shown):
            raise Conflict("This story is submitted or signed. Save it yourself when you are done.")
        _edit(desk, person, story_id, sent, compose.typed_of(sent))
        return _told(desk, story_id)
    except FabuError as error:
        return _not_told(error)


# --- shared ---------------------------------------------------------------------------------------


def _empty(desk: Desk, *, title: str = "", body: str = "") -> Typed:
    return Typed(title=title, body=body, accounts=tuple(desk.settings.accounts))


def _read(desk: Desk, story_id: int) -> tuple[views.StoryView, Typed]:
    with desk.store.read() as tx:
        shown = views.show(tx, story_id)
        return shown, form.typed_of(shown, form.source_of(tx, story_id))


def _typed(desk: Desk, person: Actor, sent: Sent) -> tuple[Typed, tuple[FabuError, ...]]:
    typed, wrong = compose.take_files(desk, person, sent, compose.typed_of(sent))
    return typed, tuple(wrong)


def _add(desk: Desk, person: Actor, typed: Typed) -> int:
    with desk.store.write() as tx:
        draft = form.draft_of(tx, typed)
        channels = compose.channels_of(desk)
        saved = story.add(tx, draft, channels, now=desk.clock.now(), actor=person)
    return saved.story_id


def _edit(desk: Desk, person: Actor, story_id: int, sent: Sent, typed: Typed) -> None:
    now = desk.clock.now()
    with desk.store.write() as tx:
        form.refuse_if_overtaken(tx, story_id, compose.seen_at(sent), person)
        draft = form.draft_of(tx, typed)
        channels = compose.channels_of(desk)
        saved = story.edit(tx, story_id, draft, channels, now=now, actor=person)
        for name in saved.unnamed:
            if name not in saved.left:
                story.drop_account(tx, story_id, name, now=now, actor=person)


def _saved(request: Request, story_id: int, wrong: tuple[FabuError, ...]) -> Response:
    if wrong:
        return see_other(
            request, f"/stories/{story_id}/edit", N_("Saved, but something was left out: {reason}"),
            reason=(wrong[0].text, wrong[0].params),
        )  # fmt: skip
    return see_other(request, f"/stories/{story_id}", N_("Saved."))


def _told(desk: Desk, story_id: int) -> Response:
    with desk.store.read() as tx:
        shown = views.show(tx, story_id)
    said = say(N_("Saved {time}"), {"time": _clock(desk.clock.now())})
    return JSONResponse({"id": story_id, "seen": shown.updated_at.isoformat(), "said": said})


def _not_told(error: FabuError) -> Response:
    first = error.faults[0][1] if isinstance(error, form.FormFaults) else error
    said = say(N_("Not saved yet: {reason}"), {"reason": str(first)})
    told = {"error": said, "reason": str(first), "overtaken": isinstance(error, form.Overtaken)}
    return JSONResponse(told, status_of(error))


def _may_autosave(shown: views.StoryView) -> bool:
    return shown.review in AUTOSAVED and not any(post.is_signed for post in shown.posts)


def _number(sent: Sent) -> int:
    told = sent.one("story")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= _DIGITS else 0


def _is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _clock(moment: datetime) -> str:
    return f"{beijing(moment):%H:%M:%S}"


def _titles(desk: Desk) -> dict[str, str]:
    return {one.name: one.title or one.name for one in desk.settings.accounts.values()}


def _compose(request: Request, desk: Desk, typed: Typed, around: Around) -> Response:
    typed = compose.retyped(typed)
    with desk.store.read() as tx:
        columns = story.column_paths(tx)
        checked = compose.check(tx, desk, typed)
    shown = around.shown
    return render(
        request,
        "stories_edit.html",
        status=status_of(around.error) if around.error else 200,
        place="stories",
        error=around.error,
        around=around,
        typed=typed,
        body=compose.shown_body(typed.body) if paste.is_markup(typed.body) else typed.body,
        columns=columns,
        accounts=list(desk.settings.accounts.values()),
        locked={one.account for one in shown.posts if one.published_at} if shown else set(),
        checked=checked,
        story=shown,
        story_id=shown.id if shown else 0,
        begun=shown is not None or around.unsaved,
        autosaves=not around.by_hand and (shown is None or _may_autosave(shown)),
        shapes=crop.SHAPES,
        picture_mb=media.SIZE_MAX_BYTES // 1024 // 1024,
    )

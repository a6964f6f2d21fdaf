"""Stories: the list, one story, writing and changing it, handing it in for review."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Form as Field
from starlette.responses import JSONResponse, Response

from channels.contract import Content
from console import compare, compose, preview
from console.compose import Form, Sent
from console.desk import Desk
from console.guard import Here, Person
from console.places import Place
from console.render import render, see_other, status_of
from console.story_views import history_of, seen_posts
from scheduler.clock import beijing
from scheduler.desk import form, paste, review, story, views
from scheduler.desk.form import Typed
from scheduler.errors import Conflict, FabuError, NotFound
from scheduler.people import Actor, Role, require
from scheduler.words import N_, say

router = APIRouter()
PLACE = Place("stories", "/stories", N_("Stories"))
PER_PAGE = 30
SEARCH_MAX = 100
AUTOSAVED = frozenset({"draft", "returned"})
"""Stories that may be saved without a person's word: nothing signed or waiting is undone."""


@router.get("/stories")
def list_page(
    request: Request, desk: Here, _person: Person, review: str = "", q: str = "", page: int = 1
) -> Response:
    """List stories: by review state, by words of the title, the last changed first."""
    state = review if review in views.REVIEWS else ""
    title, page = q.strip()[:SEARCH_MAX], max(1, min(page, 100_000))
    with desk.store.read() as tx:
        counts = views.count_by_review(tx, title=title)
        rows = views.list_stories(
            tx, review=state, title=title, limit=PER_PAGE, offset=(page - 1) * PER_PAGE
        )
    total = counts[state] if state else sum(counts.values())
    pages = max(1, -(-total // PER_PAGE))
    return render(
        request, "stories.html", place="stories", rows=rows, counts=counts, review=state, q=title,
        page=page, pages=pages, total=total, everything=sum(counts.values()),
    )  # fmt: skip


# --- writing --------------------------------------------------------------------------------------


@router.get("/stories/new")
def new_page(request: Request, desk: Here, person: Person) -> Response:
    """Show the empty form, every account ticked."""
    require(person, Role.author)
    typed = Typed(accounts=tuple(desk.settings.accounts))
    return _compose(request, desk, typed)


@router.post("/stories")
def save_new(request: Request, desk: Here, person: Person, sent: Form) -> Response:
    """Write a new story down."""
    typed, wrong = _typed(desk, person, sent)
    try:
        saved = _add(desk, person, typed)
    except FabuError as error:
        return _compose(request, desk, typed, error=error, wrong=wrong)
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
    return render(request, "stories_checked.html", checked=checked)


@router.post("/stories/clean")
def clean(_desk: Here, person: Person, sent: Form) -> Response:
    """Clean pasted HTML: what comes back is what would be kept. Nothing is saved."""
    require(person, Role.author)
    tidied = paste.body_of(sent.one("html"))
    one = N_("One picture could not be pasted along. Insert it with the picture button.")
    many = N_("{count} pictures could not be pasted along. Insert them with the picture button.")
    count = tidied.lost_pictures
    lost = say(one if count == 1 else many, {"count": count}) if count else ""
    return JSONResponse({"html": tidied.body, "lost": lost})


@router.get("/stories/{story_id}/edit")
def edit_page(request: Request, desk: Here, person: Person, story_id: int) -> Response:
    """Show the form with what is saved."""
    require(person, Role.author)
    with desk.store.read() as tx:
        shown = views.show(tx, story_id)
        typed = form.typed_of(shown, form.source_of(tx, story_id))
    return _compose(request, desk, typed, shown=shown, seen=shown.updated_at.isoformat())


@router.post("/stories/{story_id}")
def save(request: Request, desk: Here, person: Person, story_id: int, sent: Form) -> Response:
    """Change a story; an account that is not ticked any more is taken off."""
    typed, wrong = _typed(desk, person, sent)
    try:
        _edit(desk, person, story_id, sent, typed)
    except NotFound:
        raise
    except FabuError as error:
        with desk.store.read() as tx:
            shown = views.show(tx, story_id)
        # After the warning, saving once more is a decision; before it, it would be an accident.
        overtaken = isinstance(error, form.Overtaken)
        seen = shown.updated_at.isoformat() if overtaken else sent.one("seen")
        return _compose(
            request, desk, typed, shown=shown, seen=seen, error=error, wrong=wrong,
            theirs=_differences(typed, shown) if overtaken else (),
        )  # fmt: skip
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


def _typed(desk: Desk, person: Actor, sent: Sent) -> tuple[Typed, list[FabuError]]:
    return compose.take_files(desk, person, sent, compose.typed_of(sent))


def _add(desk: Desk, person: Actor, typed: Typed) -> int:
    with desk.store.write() as tx:
        draft = form.draft_of(tx, typed)
        channels = compose.channels_of(desk)
        saved = story.add(tx, draft, channels, now=desk.clock.now(), actor=person)
    return saved.story_id


def _edit(desk: Desk, person: Actor, story_id: int, sent: Sent, typed: Typed) -> None:
    now = desk.clock.now()
    with desk.store.write() as tx:
        form.refuse_if_overtaken(tx, story_id, compose.seen_at(sent))
        draft = form.draft_of(tx, typed)
        channels = compose.channels_of(desk)
        saved = story.edit(tx, story_id, draft, channels, now=now, actor=person)
        for name in saved.unnamed:
            if name not in saved.left:
                story.drop_account(tx, story_id, name, now=now, actor=person)


def _saved(request: Request, story_id: int, wrong: list[FabuError]) -> Response:
    if wrong:
        return see_other(
            request, f"/stories/{story_id}/edit", N_("Saved, but a file was left out: {reason}"),
            reason=(wrong[0].text, wrong[0].params),
        )  # fmt: skip
    return see_other(request, f"/stories/{story_id}", N_("Saved."))


def _told(desk: Desk, story_id: int) -> Response:
    with desk.store.read() as tx:
        shown = views.show(tx, story_id)
    said = say(N_("Saved {time}"), {"time": f"{beijing(desk.clock.now()):%H:%M:%S}"})
    return JSONResponse({"id": story_id, "seen": shown.updated_at.isoformat(), "said": said})


def _not_told(error: FabuError) -> Response:
    first = error.faults[0][1] if isinstance(error, form.FormFaults) else error
    said = say(N_("Not saved yet: {reason}"), {"reason": str(first)})
    return JSONResponse(
        {"error": said, "overtaken": isinstance(error, form.Overtaken)}, status_of(error)
    )


def _may_autosave(shown: views.StoryView) -> bool:
    return shown.review in AUTOSAVED and not any(post.is_signed for post in shown.posts)


def _differences(typed: Typed, shown: views.StoryView) -> tuple[compare.Change, ...]:
    """Say in which fields the saved story and what was typed differ."""
    names = ("title", "summary", "author", "source", "link")
    saved = {name: getattr(shown, name) for name in names}
    mine = {name: getattr(typed, name) for name in names}
    return compare.changes(
        Content(**mine, body=paste.body_of(typed.body).body), Content(**saved, body=shown.body)
    )


def _compose(
    request: Request, desk: Desk, typed: Typed, *, shown: views.StoryView | None = None,
    seen: str = "", error: FabuError | None = None, wrong: list[FabuError] | None = None,
    theirs: tuple[compare.Change, ...] = (),
) -> Response:  # fmt: skip
    typed = compose.retyped(typed)
    with desk.store.read() as tx:
        columns = story.column_paths(tx)
        checked = compose.check(tx, desk, typed)
    locked = {one.account for one in shown.posts if one.published_at} if shown else set()
    ctx: dict[str, Any] = {
        "typed": typed,
        "body": compose.shown_body(typed.body) if paste.is_markup(typed.body) else typed.body,
        "columns": columns,
        "accounts": list(desk.settings.accounts.values()),
        "locked": locked,
        "checked": checked,
        "story": shown,
        "seen": seen,
        "begun": shown is not None or error is not None,
        "autosaves": shown is None or _may_autosave(shown),
        "wrong": wrong or [],
        "theirs": theirs,
    }
    status = status_of(error) if error else 200
    return render(request, "stories_edit.html", status=status, place="stories", error=error, **ctx)


# --- one story ------------------------------------------------------------------------------------


@router.get("/stories/{story_id}")
def story_page(request: Request, desk: Here, person: Person, story_id: int) -> Response:
    """Show one story: what it says where, who signed what, what happened."""
    return _show(request, desk, person, story_id)


@router.post("/stories/{story_id}/submit")
def submit(
    request: Request, desk: Here, person: Person, story_id: int,
    note: Annotated[str, Field()] = "",
) -> Response:  # fmt: skip
    """Put the story before the reviewers."""
    channels = compose.channels_of(desk)
    try:
        with desk.store.write() as tx:
            number = review.submit(
                tx, story_id, channels, now=desk.clock.now(), actor=person, note=note
            )
    except Conflict as error:
        return _show(request, desk, person, story_id, error=error, note=note)
    return see_other(
        request, f"/stories/{story_id}",
        N_("Version {number} waits for a reviewer now."), number=number,
    )  # fmt: skip


def _show(
    request: Request, desk: Desk, person: Actor, story_id: int, *,
    error: FabuError | None = None, note: str = "",
) -> Response:  # fmt: skip
    channels = compose.channels_of(desk)
    with desk.store.read() as tx:
        shown = views.show(tx, story_id)
        may_decide = review.may_decide(tx, story_id, person)
    seen = seen_posts(shown.posts, channels)
    unsigned = [post for post in shown.posts if not post.is_signed and not post.published_at]
    groups = preview.grouped([seen[post.account] for post in unsigned if post.account in seen])
    return render(
        request, "stories_show.html", status=status_of(error) if error else 200, place="stories",
        story=shown, seen=seen, unsigned=unsigned, groups=groups, error=error, note=note,
        may_decide=may_decide and shown.review == "in_review",
        history=history_of(shown.events, desk.settings),
        heading_verbs=compose.VERBS,
    )  # fmt: skip

"""`fabu story list` and `fabu story show`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from channels.contract import Content, Picture
from scheduler import sentences
from scheduler.cli import context, show
from scheduler.cli.findings import channels_of, plain_findings, show_findings
from scheduler.words import N_, _, say

if TYPE_CHECKING:
    from scheduler.desk.comment import Comment
    from scheduler.desk.views import PostView, StoryView, VersionView

REVIEW_WORDS = {
    "draft": N_("draft"),
    "in_review": N_("in review"),
    "approved": N_("approved"),
    "returned": N_("returned"),
}
DECISION_WORDS = {"approve": N_("approved"), "return": N_("sent back")}
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]


def list_(
    state: Annotated[
        str, typer.Option(help=_("Only draft, in_review, approved or returned."))
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the stories, the last changed first."""
    from scheduler.desk import views

    with context.open_home() as home, home.store.read() as tx:
        listed = views.list_stories(tx, review=state)
        now = home.clock.now()
    if as_json:
        show.json_out([asdict(one) for one in listed])
        return
    show.table(
        _("Stories"),
        [_("no."), _("title"), _("column"), _("origin"), _("review"), _("signed"), _("out"),
         _("written by"), _("last change")],
        [
            (
                one.id,
                one.title,
                one.column,
                _(sentences.ORIGINS[one.origin]),
                _(REVIEW_WORDS[one.review]),
                f"{one.signed}/{one.posts}",
                f"{one.out}/{one.posts}",
                one.author,
                show.when(one.updated_at, now),
            )
            for one in listed
        ],
    )  # fmt: skip


def show_(
    story_id: Annotated[int, typer.Argument(metavar="ID", help=_("The story's number."))],
    as_json: AsJson = False,
) -> None:
    """Show one story: its text, what goes where, its reviews."""
    from scheduler.desk import story, views

    with context.open_home() as home:
        channels = channels_of(home)
        with home.store.read() as tx:
            seen = views.show(tx, story_id)
            checked = all(post.account in channels for post in seen.posts)
            found = story.findings(tx, story_id, channels) if checked else []
        now = home.clock.now()
    if as_json:
        show.json_out(plain_story(seen) | {"findings": plain_findings(found)})
        return
    print_story(seen, now)
    show_findings(found)


def print_story(seen: StoryView, now: datetime) -> None:
    """Print one story as people read it."""
    from scheduler.content import plain_text

    show.line(f"{seen.id} · {seen.title}")
    review = _(REVIEW_WORDS[seen.review])
    if seen.review_note:
        review = say(_("{state}: {reason}"), {"state": review, "reason": seen.review_note})
    for word, value in (
        (_("review"), review),
        (_("column"), seen.column),
        (_("origin"), _(sentences.ORIGINS[seen.origin])),
        (_("source"), seen.source),
        (_("byline"), seen.author),
        (_("written by"), seen.written_by),
        (_("link"), seen.link),
        (_("summary"), seen.summary),
    ):
        if value:
            show.line("  " + say(_("{word}: {value}"), {"word": word, "value": value}))
    if seen.body:
        show.line("")
        show.line(plain_text(seen.body))
        show.line("")
    show.table(
        _("Posts"),
        [
            _("account"),
            _("sent as"),
            _("signed until"),
            _("delivery"),
            _("time"),
            _("text"),
            _("link"),
        ],
        [_post_row(post, now) for post in seen.posts],
    )
    if seen.versions:
        show.table(
            _("Versions"),
            [_("version"), _("handed in by"), _("time"), _("accounts"), _("decision"), _("reason")],
            [_version_row(version, now) for version in seen.versions],
        )
    if seen.comments:
        show.table(
            _("Comments"),
            [_("no."), _("version"), _("account"), _("quoted words"), _("comment"), _("made by"),
             _("time"), _("state")],
            [_comment_row(one, now) for one in seen.comments],
        )  # fmt: skip


def _post_row(post: PostView, now: datetime) -> tuple[object, ...]:
    from scheduler import sentences

    state = sentences.state(post.delivery_state) if post.delivery_state else ""
    if post.published_at is not None:
        state = _("published")
    return (
        post.account,
        sentences.how(post.content.how),
        show.when(post.signed_until, now) if post.is_signed else _("no"),
        f"{post.delivery_id} {state}" if post.delivery_id else state,
        show.when(post.published_at or post.due_at, now),
        post.content.text or post.content.title,
        post.link,
    )


def _comment_row(one: Comment, now: datetime) -> tuple[object, ...]:
    state = _("open")
    if not one.is_open:
        state = say(_("settled by {person}"), {"person": one.settled_by})
    if one.is_gone:
        told = {"state": state, "reason": _("the words are no longer in the text")}
        state = say(_("{state}: {reason}"), told)
    return (
        one.id,
        one.number,
        one.place.account,
        one.place.quote or _("the whole story"),
        one.remark,
        one.by,
        show.when(one.made_at, now),
        state,
    )


def _version_row(version: VersionView, now: datetime) -> tuple[object, ...]:
    from scheduler.desk import gates

    accounts = [
        say(_("{account} (void)"), {"account": name}) if name in version.void else name
        for name in version.shown
    ]
    decision = _("open") if version.is_open else _("overtaken")
    if version.decision:
        told = {"decision": _(DECISION_WORDS[version.decision]), "person": version.decided_by}
        decision = say(_("{decision} by {person}"), told)
    said = (gates.said(version.decision, version.gates), version.reason or version.note)
    return (
        version.number,
        version.made_by,
        show.when(version.made_at, now),
        ", ".join(accounts),
        decision,
        "\n".join(one for one in said if one),
    )


def plain_story(seen: StoryView) -> dict[str, Any]:
    """Give one story as data for JSON."""
    head = {
        name: getattr(seen, name)
        for name in "id title column origin source author summary link body review review_note "
        "written_by created_at updated_at".split()
    }
    return head | {
        "posts": [_plain_post(post) for post in seen.posts],
        "versions": [asdict(version) for version in seen.versions],
        "comments": [asdict(one) for one in seen.comments],
        "events": seen.events,
    }


def _plain_post(post: PostView) -> Mapping[str, object]:
    head = {
        name: getattr(post, name)
        for name in "id account channel digest is_signed signed_until held_for delivery_id "
        "delivery_state due_at published_at link".split()
    }
    return head | {"content": _plain_content(post.content)}


def _plain_content(content: Content) -> Mapping[str, object]:
    words = {
        name: getattr(content, name)
        for name in "title text body summary author link origin source flags how".split()
    }
    return words | {
        "cover": _plain_picture(content.cover) if content.cover else None,
        "pictures": [_plain_picture(picture) for picture in content.pictures],
    }


def _plain_picture(picture: Picture) -> Mapping[str, object]:
    return {
        name: getattr(picture, name)
        for name in "sha256 mime size_bytes width_px height_px alt crop".split()
    }

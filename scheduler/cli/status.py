"""`fabu status`: what is going on now, on one screen."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from scheduler.cli import context, show
from scheduler.words import _, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False) -> None:
    """Show the daemon, the next deliveries, what needs a person, and the pauses."""
    with context.open_home(actor=False) as home:
        now = home.clock.now()
        told = _gather(home)
    if as_json:
        show.json_out(told)
        return
    nodes = told["daemons"]
    if nodes:
        show.line(say("The daemon runs: {nodes}.", {"nodes": ", ".join(nodes)}))
    else:
        show.note(_("No daemon runs, so nothing leaves. Start it with: fabu run"))
    for pause in told["pauses"]:
        what = pause["account"] or _("all accounts")
        words = {"what": what, "reason": pause["reason"]}
        show.note(say("Paused: {what} ({reason}). Lift it with: fabu resume", words))
    counts = told["counts"]
    if not counts:
        show.line(
            _("The queue is empty. Put a story into it with: fabu queue add STORY --at 17:00")
        )
    _print_queue(told, now)


def _print_queue(told: dict[str, Any], now: Any) -> None:
    from scheduler import sentences

    rows = [(sentences.state(state), count) for state, count in told["counts"].items()]
    if rows:
        show.table(_("Deliveries"), [_("state"), _("count")], rows)
    if told["needs_me"]:
        show.table(
            _("Needs a person"),
            [_("where"), _("what")],
            [
                (sentences.subject(entry["kind"], entry["id"]), entry["what"])
                for entry in told["needs_me"]
            ],
        )
    if told["next"]:
        show.table(
            _("Next"),
            [_("no."), _("time"), _("account"), _("stories"), _("why not yet")],
            [
                (
                    entry["id"],
                    show.when(entry["due_at"], now),
                    sentences.account(entry["account_title"], entry["channel"]),
                    entry["posts"][0]["title"] if entry["posts"] else "",
                    "\n".join(entry["why_not"]),
                )
                for entry in told["next"]
            ],
        )


def _gather(home: context.Home) -> dict[str, Any]:
    from sqlalchemy import func, select

    from scheduler import notices, sentences
    from scheduler.daemon import NODE, running_nodes
    from scheduler.planning import pauses
    from scheduler.store import listing
    from scheduler.store.rules import DELIVERY

    now = home.clock.now()
    with home.store.read() as tx:
        counts = tx.execute(
            select(DELIVERY.c.state, func.count(DELIVERY.c.id)).group_by(DELIVERY.c.state)
        )
        return {
            "now": now,
            "daemons": running_nodes(list(tx.execute(select(NODE))), now),
            "counts": {row[0]: row[1] for row in counts},
            "pauses": [
                {
                    "account": row._mapping["account"],
                    "reason": row._mapping["reason"],
                    "until": row._mapping["until_at"],
                }
                for row in pauses.in_force(tx, now)
            ],
            "needs_me": [
                {
                    "id": row._mapping["subject_id"],
                    "kind": row._mapping["kind"],
                    "role": row._mapping["role"],
                    "code": row._mapping["code"],
                    "what": sentences.notice(row._mapping["code"], row._mapping["detail"]),
                }
                for row in notices.open_notices(tx)
            ],
            "next": listing.listed(tx, now, ["queued"])[:10],
        }

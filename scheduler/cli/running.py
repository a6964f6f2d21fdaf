"""`fabu run`: the daemon in the foreground. Lines for people on a terminal, JSON otherwise."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli import context, show
from scheduler.words import _, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from scheduler.store import Store

QUIET = ("apscheduler", "urllib3")
TOLD = {"freeze", "prepare"}
"""Steps that say nothing to a person at the terminal; the history has them."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    *,
    console: Annotated[
        bool, typer.Option("--console", help=_("Serve the pages from the same process, too."))
    ] = False,
    host: Annotated[str, typer.Option(help=_("The pages' address."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=_("The pages' port."), min=0, max=65535)] = 8765,
) -> None:
    """Send what is due until you stop it with Ctrl-C; what is on its way is finished first."""
    from scheduler.daemon import Daemon

    with context.open_home(actor=False) as home, ExitStack() as stack:
        on_terminal = sys.stdout.isatty()
        _log_to_stderr(on_terminal=on_terminal)
        tell = _for_people(home.store) if on_terminal else _as_json

        address = stack.enter_context(_pages(home, host, port)) if console else ""

        def started() -> None:
            count = {"node": home.settings.node, "count": len(home.settings.accounts)}
            if on_terminal:
                show.line(
                    say("The daemon {node} runs with {count} accounts. Stop it with Ctrl-C.", count)
                )
            else:
                _print({"event": "started", "node": home.settings.node})
            if address and on_terminal:
                show.line(say("The console is open at {address}.", {"address": address}))
            elif address:
                _print({"event": "console", "address": address})

        Daemon(home.settings, home.store, home.clock, tell, started).run()
        if not on_terminal:
            _print({"event": "stopped", "node": home.settings.node})
        else:
            show.line(_("The daemon has stopped. Nothing is on its way."))


def _pages(home: context.Home, host: str, port: int) -> AbstractContextManager[str]:
    from console import serve

    return serve.beside(home.settings, home.store, home.clock, host, port)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname.lower(), "log": record.name, "text": record.getMessage()}
        if record.exc_info:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _log_to_stderr(*, on_terminal: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    handler.setFormatter(plain if on_terminal else _JsonLines())
    logging.basicConfig(level=logging.WARNING if on_terminal else logging.INFO, handlers=[handler])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def _print(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=show.plain) + "\n")
    sys.stdout.flush()


def _as_json(row: Any) -> None:
    _print(
        {
            "event": row.verb,
            "at": row.at,
            "kind": row.kind,
            "id": row.subject_id,
            "from": row.origin_state,
            "to": row.target_state,
            "attempt": row.attempt,
            "actor": row.actor,
            "code": row.code,
        }
    )


def _for_people(store: Store) -> Callable[[Any], None]:
    from scheduler import sentences
    from scheduler.clock import beijing
    from scheduler.store.listing import title_of

    def tell(row: Any) -> None:
        if row.kind != "delivery" or row.verb in TOLD:
            return
        with store.read() as tx:
            account, title = title_of(tx, row.subject_id)
        words = sentences.verb(row.verb)
        reason = sentences.reason(row.code, row.detail) if row.code else ""
        show.line(f"{beijing(row.at):%H:%M:%S}  {account}  {words}  {title}  {reason}".rstrip())

    return tell

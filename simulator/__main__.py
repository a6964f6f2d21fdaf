"""`python -m simulator`: both platforms in the foreground, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from simulator.clock import Clock
from simulator.server import listen, server_for, url_of
from simulator.world import World


def main(argv: list[str] | None = None) -> int:
    """Run and return the exit code: 2 for a wrong address or seed."""
    arguments = _parser().parse_args(argv)
    try:
        world = World(Clock(), _read_seed(arguments.seed))
        bound = listen(arguments.host, arguments.port)
    except (OSError, TypeError, ValueError) as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    asyncio.run(_serve(world, bound))
    return 0


async def _serve(world: World, bound: socket.socket) -> None:
    # Listening before the line is printed: whoever reads it may connect at once.
    server = server_for(world)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, server.handle_exit)
    bound.listen(128)
    ready = {"ready": True, "url": url_of(bound), "port": bound.getsockname()[1]}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    await server.serve(sockets=[bound])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=Path, help="JSON file with apps, users, accounts")
    return parser


def _read_seed(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    seed = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(seed, dict):
        raise TypeError(f"{path} holds no JSON object")
    return seed


if __name__ == "__main__":
    sys.exit(main())

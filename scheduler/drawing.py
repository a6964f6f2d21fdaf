"""The machine as a person sees it: its table and its drawing, made from `machine.EDGES`.

`python -m scheduler.drawing` prints what stands between the markers of `docs/states.md`;
with the file's path it writes them there.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from scheduler.machine import EDGES, Edge, State

_NOTHING = "-"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _guards(edge: Edge) -> list[str]:
    guards = {True: ["armed"], False: ["unarmed"], None: []}[edge.armed][:]
    if edge.hands is not None:
        guards.append("in a person's hands" if edge.hands else "in the platform's hands")
    return guards


def _origins(edge: Edge) -> list[str]:
    if edge.origins is None:
        return [_NOTHING]
    return [state.value for state in State if state in edge.origins]


def table() -> str:
    """Give the transition table as Markdown, one line per edge."""
    lines = [
        "| verb | from | to | only when | takes a doubt off |",
        "| --- | --- | --- | --- | --- |",
    ]
    for edge in EDGES:
        lifts = "yes" if edge.lifts_doubt else ""
        origins, guards = ", ".join(_origins(edge)), ", ".join(_guards(edge))
        cells = [_words(edge.verb), origins, edge.target.value, guards, lifts]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def drawing() -> str:
    """Give the machine as a mermaid state diagram, the verbs of one way on one arrow."""
    ways: dict[tuple[str, str], list[str]] = {}
    for edge in EDGES:
        label = " ".join([_words(edge.verb), *(f"[{guard}]" for guard in _guards(edge))])
        for origin in _origins(edge):
            way = ways.setdefault((origin, edge.target.value), [])
            if label not in way:
                way.append(label)
    lines = ["stateDiagram-v2"]
    for (origin, target), labels in ways.items():
        start = "[*]" if origin == _NOTHING else origin
        lines.append(f"    {start} --> {target}: {', '.join(labels)}")
    return "\n".join(lines)


def parts() -> dict[str, str]:
    """Give what is generated, by the name its markers carry."""
    return {"table": table(), "drawing": f"```mermaid\n{drawing()}\n```"}


def between(name: str, page: str) -> str:
    """Give what a page has between the markers of `name`. Raises `ValueError` without them."""
    found = re.search(f"<!-- {name}: begin .*?-->\n(.*?)\n<!-- {name}: end -->", page, re.DOTALL)
    if found is None:
        message = f"the page has no markers for {name}"
        raise ValueError(message)
    return found[1]


def renew(page: str) -> str:
    """Give a page with every generated part as it should be."""
    for name, part in parts().items():
        old = between(name, page)
        page = page.replace(f"-->\n{old}\n<!-- {name}: end", f"-->\n{part}\n<!-- {name}: end")
    return page


def main(paths: list[str]) -> None:
    """Print the parts, or write them into the pages named."""
    for path in map(Path, paths):
        path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8")
    if not paths:
        sys.stdout.write("\n\n".join(parts().values()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

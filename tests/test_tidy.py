"""The house's habits as a test: what no linter at hand can say about our own files.

Reads source text only; imports nothing of ours, so it also speaks when a room is broken.
"""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("scheduler", "channels", "console", "simulator")
CLOCKS = {Path("scheduler/clock.py"), Path("simulator/clock.py")}
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
# Put together so that this file does not find itself.
BANNED_WORDS = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b"
)
MACHINE_PATH = re.compile(r"(?<![\w.~})-])/(home|root|tmp|work)" + "/")
TIME_SOURCES = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources(*tops: str) -> list[Path]:
    """Return the Python files under `tops`, relative to the root."""
    return sorted(
        path.relative_to(ROOT)
        for top in tops
        for path in (ROOT / top).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def text_of(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), str(path))


def tracked_files() -> list[Path]:
    """Return what git has or would take; without git, what lies in the folders we ship."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.split("\0") if name]
        return [name for name in names if (ROOT / name).is_file()]
    return sources(*ROOMS, "tests", "benchmarks", "examples")


def time_sources(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and full name of every mention of the system's time, called or only named."""
    full = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                full[name.asname or name.name] = name.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                full[name.asname or name.name] = f"{node.module}.{name.name}"
                if full[name.asname or name.name] in TIME_SOURCES:
                    yield node.lineno, f"{node.module}.{name.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            if (named := full.get(first, first) + dot + rest) in TIME_SOURCES:
                yield node.lineno, named


def asserts(test: ast.AST) -> bool:
    """Tell whether `test` can fail by what it says: an assert, or a call made to complain."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            last = name.rpartition(".")[2].lstrip("_")
            if name in {"pytest.raises", "pytest.warns", "pytest.fail"}:
                return True
            if last.split("_")[0] in {"assert", "check", "expect"}:
                return True
    return False


def tests_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the tests of a module: functions, methods of test classes, rules of state machines."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_"):
            yield node


def test_system_time_is_asked_by_the_clock_only():
    offences = [
        f"{path}:{line} {name}"
        for path in sources(*ROOMS)
        if path not in CLOCKS
        for line, name in time_sources(tree_of(path))
    ]
    assert [] == offences


def test_time_rule_sees_aliases_and_bare_names():
    bad = ast.parse(
        "import datetime as dt\nfrom time import time\nfrom datetime import datetime as D\n"
        "dt.date.today()\nfield(default_factory=D.utcnow)\nclock.now()\n"
    )
    assert [
        (2, "time.time"),
        (4, "datetime.date.today"),
        (5, "datetime.datetime.utcnow"),
    ] == sorted(time_sources(bad))


def test_files_are_short():
    offences = [
        f"{path} has {lines} lines"
        for path in sources(*ROOMS)
        if "migrations" not in path.parts  # generated, one schema after the other
        if (lines := len(text_of(path).splitlines())) > FILE_LINES_MAX
    ]
    assert [] == offences


def test_functions_are_short():
    offences = [
        f"{path}:{node.lineno} {node.name} has {lines} lines"
        for path in sources(*ROOMS)
        if "migrations" not in path.parts
        for node in ast.walk(tree_of(path))
        if isinstance(node, FUNCTIONS)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert [] == offences


def test_nothing_is_left_for_later():
    offences = [
        f"{path}:{number} {found.group()}"
        for path in sources(*ROOMS)
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if (found := BANNED_WORDS.search(line))
    ]
    assert [] == offences


def test_every_module_says_what_it_is_for():
    offences = [
        str(path)
        for path in sources(*ROOMS, "tests", "benchmarks")
        if text_of(path).strip() and not ast.get_docstring(tree_of(path))
    ]
    assert [] == offences


def test_every_test_asserts_something():
    offences = [
        f"{path}:{node.lineno} {node.name}"
        for path in sources("tests")
        for node in tests_of(tree_of(path))
        if not asserts(node)
    ]
    assert [] == offences


def test_assertion_rule_sees_a_test_that_cannot_fail():
    silent, loud = ast.parse("def test_a():\n  run()\ndef test_b():\n  check_all(run())\n").body
    assert (False, True) == (asserts(silent), asserts(loud))


def test_no_file_names_a_machine():
    offences = []
    for path in tracked_files():
        try:
            lines = text_of(path).splitlines()
        except UnicodeDecodeError:
            continue
        offences += [
            f"{path}:{number} {line.strip()[:80]}"
            for number, line in enumerate(lines, 1)
            if MACHINE_PATH.search(line)
        ]
    assert [] == offences


def test_lock_pins_hashes_and_holds_no_address():
    lock = text_of(Path("requirements.lock"))
    pins = re.findall(r"^[a-z0-9].*$", lock, re.MULTILINE)
    assert [] == [pin for pin in pins if not re.match(r"[a-z0-9-]+==[^ ]+ .*\\$", pin)]
    assert [] == re.findall(r"^.*(?:://|--index|--find-links).*$", lock, re.MULTILINE)
    assert len(pins) <= lock.count("--hash=sha256:")


def test_every_room_stands_under_the_import_contracts():
    tools = tomllib.loads(text_of(Path("pyproject.toml")))["tool"]
    rooms = {room for room in ROOMS if (ROOT / room / "__init__.py").exists()}
    assert set() == rooms - set(tools["importlinter"]["root_packages"])

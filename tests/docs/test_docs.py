"""The documents against the program: what a page names exists, and what exists stands on a page."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from channels import KINDS, channel_class
from scheduler import config

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
OURS = "scheduler channels simulator tests docs examples benchmarks console".split()
TO_COME = {"console/"}
ROW_KEY = re.compile(r"^\| `([\w.]+)` \|(.*)$", re.MULTILINE)
TYPES = {
    "text": str,
    "whole number": int,
    "number": float,
    "true or false": bool,
    "list of numbers": list,
}


def command_lines(text):
    """Give every line of a page that calls `fabu`, in a fence or between backticks."""
    for fence in FENCE.findall(text):
        for line in fence[1].splitlines():
            bare = line.strip().removeprefix("$ ").strip()
            if bare.startswith("fabu "):
                yield bare
    for inline in INLINE.findall(FENCE.sub("", text)):
        if inline.startswith("fabu "):
            yield inline


def words_of(line):
    return shlex.split(line.replace("…", "..."), comments=True)[1:]


def faults_of(line, forms, top):
    """Say what is wrong with one command line, nothing when it could be typed so."""
    words = words_of(line)
    while words and words[0].startswith("-"):
        if words[0] not in top.options | {"--help"}:
            return f"no option {words[0]}"
        words = words[2:] if words[0] in top.with_value else words[1:]
    if not words or words[0] in {"COMMAND", "[-c"}:
        return ""
    if all(name.split()[0] != words[0] for name in forms):
        return f"no command {words[0]}"
    name = next((n for n in (" ".join(words[:2]), words[0]) if n in forms), None)
    if name is None:
        return "" if words[1:] in ([], ["--help"]) else f"no command {words[:2]}"
    return _rest_fault(forms[name], words[len(name.split()) :])


def _rest_fault(form, words):
    left = iter(words)
    arguments = 0
    for word in left:
        if not word.startswith("--"):
            arguments += 1
            continue
        option = word.partition("=")[0]
        if option not in form.options | {"--help"}:
            return f"no option {option}"
        if option in form.with_value and "=" not in word and next(left, None) is None:
            return f"{option} has no value"
    return f"{arguments} arguments" if arguments > form.args_max else ""


def test_every_command_line_of_the_pages_exists(pages, forms, top_options):
    lines = [(page, line) for page, text in pages.items() for line in command_lines(text)]
    assert len(lines) > 100
    faults = [(*at, said) for at in lines if (said := faults_of(at[1], forms, top_options))]
    assert faults == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fabu frobnicate", "no command frobnicate"),
        ("fabu queue frob 1", "no command ['queue', 'frob']"),
        ("fabu queue list --al", "no option --al"),
        ("fabu queue show 1 2", "2 arguments"),
        ("fabu queue move 1 --at", "--at has no value"),
        ("fabu -x status", "no option -x"),
        ("fabu -c DIR queue list --state queued", ""),
    ],
)
def test_a_wrong_command_line_is_noticed(line, said, forms, top_options):
    assert said == faults_of(line, forms, top_options)


def test_the_page_of_commands_has_every_command_with_its_options(pages, forms):
    told = {}
    for row in re.findall(r"^\| `fabu ([^`]+)` \|([^|]*)\|", pages["docs/cli.md"], re.MULTILINE):
        name = " ".join(re.split(r" [\[A-Z]", row[0])[0].split())
        told[name] = set(re.findall(r"`(--[\w-]+)`", row[1]))
    assert {name: set(form.options) for name, form in forms.items()} == told


def test_the_page_of_configuration_has_every_key(pages):
    text = pages["docs/configuration.md"].partition("<!-- options:")[0]
    wanted = {"bureau", *config._ACCOUNT_KEYS}
    wanted |= {f"{name}.{key}" for name, keys in config._SECTIONS.items() for key in keys}
    assert wanted == {row[0] for row in ROW_KEY.findall(text)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_configuration_has_every_option_with_type_and_default(kind, pages):
    parts = re.split(r"<!-- options: (\w+) -->", pages["docs/configuration.md"])
    section = dict(zip(parts[1::2], parts[2::2], strict=True))[kind]
    text = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    told = {}
    for key, rest in ROW_KEY.findall(text):
        kind_word, default, _meaning = (cell.strip() for cell in rest.split("|", 2))
        told[key] = (TYPES[kind_word], tomllib.loads(f"x = {default.strip('`')}")["x"])
    channel = channel_class(kind)
    assert {key: (one.kind, one.default) for key, one in channel.OPTIONS.items()} == told
    for secret in channel.SECRETS:
        assert f"`{secret}`" in text


def test_every_environment_variable_the_program_reads_is_told(pages):
    read = set()
    for file in (ROOT / "scheduler").rglob("*.py"):
        read |= set(re.findall(r'"(FABU_[A-Z]+(?:_[A-Z]+)*)_?"', file.read_text("utf-8")))
    text = pages["docs/configuration.md"]
    assert {"FABU_CONFIG", "FABU_LANG", "FABU_ACTOR_TOKEN", "FABU_SECRET"} <= read
    assert [] == [name for name in sorted(read) if f"`{name}" not in text]


def test_every_example_of_config_toml_is_read_without_a_fault(pages, tmp_path):
    for page, text in pages.items():
        for number, (language, body) in enumerate(FENCE.findall(text)):
            if language != "toml":
                continue
            file = tmp_path / f"{Path(page).stem}-{number}.toml"
            file.write_text(body, encoding="utf-8")
            assert config.load(file)


def test_every_file_the_pages_name_exists(pages):
    missing = []
    for page, text in pages.items():
        for inline in INLINE.findall(FENCE.sub("", text)):
            path = inline.split("::")[0]
            named = path.split("/")[0] in OURS and "/" in path and " " not in path
            if named and path not in TO_COME and not _is_there(path):
                missing.append((page, path))
    assert missing == []


def _is_there(path):
    if "NAME" in path or "*" in path:
        return any(ROOT.glob(path.replace("NAME", "*")))
    return (ROOT / path).exists()


def anchors(text):
    """Give the anchors of a page's headings, as they are made where the pages are shown."""
    titles = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_link_within_the_project_leads_somewhere(pages):
    dead = []
    for page, text in pages.items():
        for link in LINK.findall(FENCE.sub("", text)):
            if re.match(r"https?://", link):
                continue
            path, _, anchor = link.partition("#")
            target = (ROOT / page).parent / path if path else ROOT / page
            found = target.exists() and (
                not anchor or anchor in anchors(target.read_text(encoding="utf-8"))
            )
            if not found:
                dead.append((page, link))
    assert dead == []


def test_every_page_can_be_reached_from_the_readme(pages):
    seen, ahead = set(), ["README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or page not in pages:
            continue
        seen.add(page)
        for link in LINK.findall(pages[page]):
            path = link.partition("#")[0]
            if path and not re.match(r"https?://", link):
                target = ((ROOT / page).parent / path).resolve()
                if target.is_relative_to(ROOT):
                    ahead.append(target.relative_to(ROOT).as_posix())
    assert set(pages) == seen


def test_both_readmes_name_the_same_pages_and_the_version(pages):
    from scheduler import __version__

    linked = [
        {link for link in LINK.findall(pages[name]) if link.startswith("docs/")}
        for name in ("README.md", "README.zh-CN.md")
    ]
    assert linked[1] <= linked[0]
    for name in ("README.md", "README.zh-CN.md", "CHANGELOG.md"):
        assert __version__ in pages[name]

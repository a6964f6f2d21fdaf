"""The Chinese catalogue: complete, no more than complete, and compiled."""

from __future__ import annotations

import ast
import gettext
import re
import string
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from scheduler.words import DOMAIN, LOCALE, _, say
from tests.catalogue import LANGUAGE, ROOT, extracted, keys_of

FOLDER = LOCALE / LANGUAGE / "LC_MESSAGES"
MEND = "run `make words`, then fill in scheduler/locale/zh_CN/LC_MESSAGES/fabutai.po"
HAN = r"[\u4e00-\u9fff]"
HALF_WIDTH = re.compile(rf"{HAN}[,;:!?]|[,;!?]{HAN}|{HAN}\.(?!\w)|!")
"""Punctuation of the other writing beside a Chinese character, and any exclamation mark."""
UNTOUCHED = r"`[^`]*`|{[^}]*}|https?://[^。，]*"
EXCLAMATION = "\uff01"
SENTENCE = re.compile(r"[a-z}] [A-Za-z{]\S* [A-Za-z{]|[a-z}] .*[.:?]$")
NO_SENTENCE = re.compile(r"=|%\(|'self'")
PRIVATE = {
    *"debug info warning error exception".split(),  # logs, read by those who keep the machine
    *"AssertionError ValueError TypeError".split(),  # faults of our own, never shown
    *"exec_driver_sql text CheckConstraint compile search split".split(),
}
"""Calls whose strings no person at the desk reads."""
NOT_FOR_PEOPLE = {
    "Tunnel connection failed",  # said by urllib3
    "text not find domain",  # said by Weibo
    "not bind domain",
    "total deadline passed",
    "JSON nested too deeply",
    "proxy must be an http:// or https:// address",
    "trust must be True or the path of an existing CA bundle",
    "dropped_at is null",
    "seq is null",
}


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    """Give the keys that the code holds, each with its places."""
    return extracted()


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """Give the catalogue as people write it."""
    with (FOLDER / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=LANGUAGE)


@pytest.fixture(scope="module")
def chinese(catalogue) -> dict[str, str]:
    """Give the Chinese for each key."""
    return {message.id: message.string for message in catalogue if message.id}


def fields(text: str) -> list[str]:
    """Give the fields of a sentence, sorted; a field may stand in it twice."""
    return sorted({name for _text, name, _spec, _how in string.Formatter().parse(text) if name})


def is_filled(text: str) -> bool:
    """Tell whether a sentence is one that `say` fills, and not a text with braces in it."""
    try:
        fields(text)
    except ValueError:
        return False
    return True


def test_every_sentence_has_its_chinese(found, chinese):
    """A new sentence fails here until it is translated."""
    assert {} == {key: at for key, at in found.items() if not chinese.get(key, "").strip()}, MEND


def test_no_chinese_is_left_without_its_sentence(found, chinese):
    assert [] == [key for key in chinese if key not in found], MEND


def test_nothing_is_left_in_english(chinese):
    """What has letters to translate says something else in Chinese."""
    words = {key for key in chinese if re.search("[A-Za-z]{2}", re.sub(r"{[^}]*}", "", key))}
    assert [] == [key for key in words if not re.search(HAN, chinese[key])]


def test_fields_are_the_same_in_both_languages(chinese):
    differing = {
        key: words
        for key, words in chinese.items()
        if is_filled(key) and (not is_filled(words) or fields(key) != fields(words))
    }
    assert {} == differing


def test_commands_are_the_same_in_both_languages(chinese):
    """What people copy into a terminal must be there; only names in it may be Chinese."""
    command = re.compile(r"fabu [a-z]+(?: [a-z]+)?(?= |`|$|;|\)|,)")
    lost = {
        key: said
        for key, words in chinese.items()
        for said in command.findall(key)
        if said not in words and re.sub(r" (?!.* ).*", "", said) not in words
    }
    assert {} == lost


def test_chinese_has_chinese_punctuation(chinese):
    wrong = [
        words
        for words in chinese.values()
        if EXCLAMATION in words or HALF_WIDTH.search(re.sub(UNTOUCHED, "x", words))
    ]
    assert [] == wrong


def test_sentence_keeps_its_full_stop(chinese):
    """What is a sentence in English is one in Chinese."""
    ends = ("。", "？", "。）", "]", "：")
    wrong = [
        words
        for key, words in chinese.items()
        if words
        and re.search(r"[a-z)}]\.$", key)
        and " " in key
        and not words.endswith(ends)
        and "：" not in words
    ]
    assert [] == wrong


def test_compiled_catalogue_is_the_written_one(chinese):
    with (FOLDER / f"{DOMAIN}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    there = {key: words for key, words in compiled._catalog.items() if key}
    assert {key: words for key, words in chinese.items() if words} == there, MEND


def test_desk_speaks_chinese_unless_asked(monkeypatch):
    """The catalogue is found where the program is, in a clone as in a wheel."""
    monkeypatch.delenv("FABU_LANG")
    assert "稿件" == _("Stories")
    assert "没有稿件 7。" == say("There is no story {id}.", {"id": 7})


def unmarked(tree: ast.Module, known: set[str]) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that look like words for people and are no keys."""
    quiet: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as docstring):
                quiet.add(id(docstring))
            case ast.Assert(msg=ast.Constant() as reason):
                quiet.add(id(reason))
            case ast.JoinedStr(values=values):
                quiet |= {id(value) for value in values}
            case ast.keyword(arg="command", value=ast.Constant() as command):
                quiet.add(id(command))  # what is typed at a terminal is the same in any language
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in PRIVATE:
                quiet |= {id(inside) for inside in ast.walk(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in quiet and text not in known:
                if SENTENCE.search(text) and not NO_SENTENCE.search(text):
                    yield node.lineno, text


def test_no_english_sentence_goes_round_the_catalogue(found):
    """Where a string with blanks is no key, mark it with N_, or say here why nobody reads it."""
    states = "queued publishing accepted failed uncertain missed cancelled".split()
    offences = [
        f"{path.relative_to(ROOT)}:{line} {text!r}"
        for top in ("scheduler", "channels", "console")
        for path in sorted((ROOT / top).rglob("*.py"))
        if "migrations" not in path.parts and path.name != "drawing.py"
        for line, text in unmarked(ast.parse(path.read_text(encoding="utf-8")), {*found})
        if text not in NOT_FOR_PEOPLE and not {*text.split()} <= {*states}
    ]
    assert [] == offences


def test_extractor_sees_the_places_where_sentences_stand():
    tree = ast.parse(
        "_('a')\nN_('b')\nraise errors.Conflict('c', id=1)\nsay('d', {})\nsay(name)\n"
        "RowError(1, '', 'e', {})\nself.faults.add('f')\nseen.add('no')\nInputError(text)\n"
        "def go():\n    'g'\ndef other():\n    'no'\n"
        "def register(app):\n    'no'\n    app.command('go')(go)\n"
    )
    assert [*"abcdefg"] == sorted(key.text for key in keys_of(tree))

"""How findings are shown: grouped by weight, each with the accounts it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from channels.contract import Channel, Finding, Severity
from scheduler.cli import context, show
from scheduler.words import N_, _, say

if TYPE_CHECKING:
    from scheduler.desk.story import Found

HEADS = {
    Severity.must: N_("Must be mended before it is submitted:"),
    Severity.should: N_("Should be mended:"),
    Severity.hint: N_("Worth knowing:"),
}


def channels_of(home: context.Home) -> dict[str, Channel]:
    """Give every configured account's channel. Checks are pure: no secret is opened."""
    from scheduler.accounts import build_channel

    settings = home.settings
    return {name: build_channel(settings, name, {}, home.clock.now) for name in settings.accounts}


def show_findings(found: Iterable[Found]) -> None:
    """Print findings in three groups; the same words for several accounts stand once."""
    rows = list(found)
    for severity, head in HEADS.items():
        said: dict[str, list[str]] = {}
        for account, finding in rows:
            if finding.severity is severity:
                said.setdefault(words_of(finding), []).append(account)
        if said:
            show.line("  " + _(head))
        for words, accounts in said.items():
            names = ", ".join(dict.fromkeys(accounts))
            show.line("  " + say(_("· {accounts}: {words}"), {"accounts": names, "words": words}))


def words_of(finding: Finding) -> str:
    """Give a finding's sentence in the language in force."""
    return say(finding.words.text, finding.words.params)


def plain_findings(found: Iterable[Found]) -> list[Mapping[str, Any]]:
    """Give findings as data for JSON."""
    return [
        {
            "account": account,
            "severity": finding.severity.value,
            "field": finding.field,
            "code": finding.code,
            "words": words_of(finding),
        }
        for account, finding in found
    ]

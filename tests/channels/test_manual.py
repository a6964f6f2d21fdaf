"""The channel that people serve: it hands over and waits, and asks no machine anything."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.contract import Accepted, Account, Content, Delivery, Pending, Picture
from channels.manual import CHANNEL

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)


def made() -> CHANNEL:
    return CHANNEL(Account("paper", "manual", "", ""), None, lambda: NOW)


def delivery() -> Delivery:
    return Delivery("k" * 26, "d", "hand", (Content(text="通知"),), NOW)


def test_handing_over_is_accepted_by_a_person_without_arming(kit):
    line = kit.Line()
    channel = made()
    channel.prepare(delivery(), line)
    assert Accepted(job="k" * 26, by="person") == channel.speak(delivery(), line)
    assert [] == line.events


def test_looking_waits_for_the_person(kit):
    assert Pending is type(made().look(delivery(), kit.Line()))


def test_pack_holds_the_fields_that_are_filled():
    pictures = (Picture("a" * 64, "image/png", 1, 1, 1), Picture("b" * 64, "image/png", 1, 1, 1))
    content = Content(title="题", text="文", link="https://a.example/", pictures=pictures)
    shown = made().render(content)
    assert {
        "title": "题",
        "text": "文",
        "link": "https://a.example/",
        "pictures": "a" * 64 + "\n" + "b" * 64,
    } == shown.fields
    assert "1" == shown.length


def test_survey_names_the_account_when_it_has_no_title(kit):
    assert "paper" == made().survey(kit.Line()).identity

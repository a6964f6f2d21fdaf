"""One suite for every channel: every ending at every stage, against real loopback servers.

A channel joins with a table `expect_KIND.py` beside this file, found by its name, holding:

    KIND          the channel's name, as in `channels.KINDS`
    SECRETS       field -> value, long and unmistakable: the suite searches all that is written
    account(url)  an `Account` whose `api_base` is `url`
    delivery()    a `Delivery` that may leave (its pictures with `data`)
    ANSWERS       path -> the good answer (what JSON can hold, bytes, or a handler(conn, request))
                  for every path the channel asks in any stage
    STAGES        "prepare", "speak", "look", "survey" -> the paths that stage asks, in order;
                  "speak" has exactly one, or none for a channel without a platform
    SPOKEN        what `speak` returns in the good case
    LOOKED        what `look` returns in the good case, after speaking
    KEPT          optional: name -> value that must be kept before "look" (what dispatch keeps
                  from an `Accepted`)
    shown(request)  of the one speaking request (or the one that carries the content, found in
                  the list `requests`): field -> value that must equal `render().fields`; gets the
                  list of all requests; may be None for a channel without a platform
    CODES         rows (stage, path, HTTP status, body, ending class, {attribute: value}): what
                  the platform's own numbers mean; the class may be a result (Receipt, Accepted)
    AGAIN         optional: rows as in CODES for a delivery that was armed before
    BREAKERS      rows (content, severity, field, code): each a finding that `check` must have
    FINE          contents in which `check` must find nothing that stops

`look` may never end in `Doubt`, and never in `Refused` for a trouble of transport or an answer
without an envelope: that proves nothing about the post.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from datetime import timedelta

import pytest

import channels
from channels.contract import (
    Busy,
    Doubt,
    Ending,
    Pending,
    Receipt,
    Refused,
    Severity,
    Stopped,
    Unreachable,
    Words,
)

HTML = b"<html>gateway</html>"
# name -> (handler of the kit or arguments of reply, ending when speaking, ending when preparing)
TROUBLES = {
    "hang": ("hang", Doubt, Unreachable),
    "closed": ("close_silently", Doubt, Unreachable),
    "reset": ("reset", Doubt, Unreachable),
    "garbage": ("garbage", Doubt, Unreachable),
    "broken chunk": ("broken_chunk", Doubt, Unreachable),
    "short body": ("short_body", Doubt, Unreachable),
    "huge body": ((200, b"x" * ((1 << 20) + 1)), Doubt, Unreachable),
    "no JSON": ((200, HTML), Doubt, Unreachable),
    "empty": ((200, b""), Doubt, Unreachable),
    "broken JSON": ((200, b'{"id'), Doubt, Unreachable),
    "redirect": ((302, HTML, {"Location": "/elsewhere"}), Doubt, Unreachable),
    "HTTP 408": ((408, HTML), Doubt, Unreachable),
    "HTTP 500": ((500, HTML), Doubt, Unreachable),
    "HTTP 502": ((502, HTML), Doubt, Unreachable),
    "HTTP 503": ((503, HTML), Doubt, Unreachable),
    "HTTP 503 later": ((503, HTML, {"Retry-After": "7"}), Busy, Busy),
    "HTTP 429": ((429, HTML, {"Retry-After": "7"}), Busy, Busy),
    "HTTP 401": ((401, HTML), Busy, Busy),
    "HTTP 400": ((400, HTML), Refused, Refused),
    "HTTP 403": ((403, HTML), Refused, Refused),
    "HTTP 404": ((404, HTML), Refused, Refused),
    "HTTP 413": ((413, HTML), Refused, Refused),
}
STAGES = ("prepare", "speak", "look", "survey")


class Stage:
    """One channel in front of a server that answers well but for the paths of `faults`."""

    def __init__(self, kit, expect, faults=None, line=None, wire=None):
        self.expect = expect
        self.server = kit.by_path({**expect.ANSWERS, **(faults or {})})
        self.line = line or kit.Line()
        self.records = []
        self.account = expect.account(self.server.url)
        self.wire = (wire or kit.Wire)(log=self.records.append)
        made = channels.channel_class(expect.KIND)
        self.channel = made(self.account, self.wire, lambda: kit.NOW)
        self.delivery = expect.delivery()

    def run(self, stage, *, armed=False):
        """Do everything before `stage` well, then the stage; for a look the delivery was armed."""
        if armed or stage == "look":
            due = self.delivery.due_at
            self.delivery = replace(self.delivery, armed_at=self.delivery.armed_at or due)
        if stage == "look":
            self.line.kept_values.update(getattr(self.expect, "KEPT", {}))
        if stage == "speak":
            self.channel.prepare(self.delivery, self.line)
        if stage == "survey":
            return self.channel.survey(self.line)
        return getattr(self.channel, stage)(self.delivery, self.line)

    def ending(self, stage, *, armed=False):
        with pytest.raises(Ending) as caught:
            self.run(stage, armed=armed)
        return caught.value


def trouble(kit, name):
    act = TROUBLES[name][0]
    return getattr(kit, act) if isinstance(act, str) else kit.reply(*act)


def troubled(kit, expect, path, name):
    stage = Stage(kit, expect, {path: trouble(kit, name)}, wire=kit.HastyWire)
    stage.wire.path = path if name == "hang" else "nowhere"
    return stage


def paths(expect, stage):
    return expect.STAGES.get(stage, ())


def check_words(words):
    """Assert a sentence for a person: fillable from its own parameters, calm, in several parts."""
    assert isinstance(words, Words)
    said = words.text.format(**words.params)
    assert "!" not in words.text
    assert len(said.split(". ")) >= 2, said


# --- the good case -----------------------------------------------------------------------------


def test_good_answers_give_what_the_table_says(kit, expect):
    stage = Stage(kit, expect)
    assert expect.SPOKEN == stage.run("speak")
    assert expect.LOOKED == Stage(kit, expect).run("look")
    assert Stage(kit, expect).run("survey").identity


def test_speaking_path_is_asked_once_and_armed_once(kit, expect):
    stage = Stage(kit, expect)
    stage.channel.prepare(stage.delivery, stage.line)
    before = stage.server.paths()
    stage.channel.speak(stage.delivery, stage.line)
    spoken = list(paths(expect, "speak"))
    assert spoken == [path for path in stage.server.paths() if path in spoken]
    assert spoken == stage.server.paths()[len(before) :]
    assert len(spoken) == stage.line.events.count("arm")


def test_preparing_looking_and_surveying_never_arm_or_speak(kit, expect):
    for name in ("prepare", "look", "survey"):
        stage = Stage(kit, expect)
        stage.run(name)
        assert "arm" not in stage.line.events
        assert not set(paths(expect, "speak")) & set(stage.server.paths())


def test_preparing_twice_is_allowed(kit, expect):
    stage = Stage(kit, expect)
    stage.channel.prepare(stage.delivery, stage.line)
    stage.channel.prepare(stage.delivery, stage.line)
    assert expect.SPOKEN == stage.channel.speak(stage.delivery, stage.line)


def test_every_call_is_spent(kit, expect):
    """The account's allowance counts each request, so each must be announced."""
    for name in STAGES:
        stage = Stage(kit, expect)
        stage.run(name)
        spent = [event for event in stage.line.events if event.startswith("spend")]
        assert len(stage.server.requests) <= len(spent) or not stage.channel.limits.quotas


def test_preview_equals_what_is_sent(kit, expect):
    if expect.shown is None:
        pytest.skip("nothing is sent")
    stage = Stage(kit, expect)
    stage.run("speak")
    sent = expect.shown(stage.server.requests)
    fields = stage.channel.render(stage.delivery.contents[0]).fields
    assert sent
    assert sent == {name: fields[name] for name in sent}


# --- every trouble at every stage --------------------------------------------------------------


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_while_speaking(kit, expect, name):
    for path in paths(expect, "speak"):
        stage = troubled(kit, expect, path, name)
        found = stage.ending("speak")
        assert TROUBLES[name][1] is type(found), (path, found.code)
        before = len(expect.STAGES.get("prepare", ()))
        assert 1 == stage.server.paths(before + 1).count(path)
        check_words(found.words)


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_while_preparing(kit, expect, name):
    for path in paths(expect, "prepare"):
        stage = troubled(kit, expect, path, name)
        found = stage.ending("prepare")
        assert type(found) in {TROUBLES[name][2], Busy, Unreachable}, (path, found.code)
        assert "arm" not in stage.line.events
        check_words(found.words)


@pytest.mark.parametrize("name", TROUBLES)
@pytest.mark.parametrize("stage_name", ["look", "survey"])
def test_trouble_while_looking_or_surveying(kit, expect, name, stage_name):
    for path in paths(expect, stage_name):
        stage = troubled(kit, expect, path, name)
        found = stage.ending(stage_name)
        assert type(found) in {Busy, Unreachable}, (path, found.code)
        check_words(found.words)


def test_server_gone_is_unreachable_at_every_stage(kit, expect):
    for name in STAGES:
        stage = Stage(kit, expect)
        if not paths(expect, name):
            continue
        if name == "speak":
            stage.channel.prepare(stage.delivery, stage.line)
        stage.server.stop_listening()
        with pytest.raises(Unreachable) as caught:
            getattr(stage.channel, name)(
                *([stage.line] if name == "survey" else [stage.delivery, stage.line])
            )
        check_words(caught.value.words)


@pytest.mark.parametrize("error", [Stopped(), RuntimeError("database gone")])
def test_refused_arm_sends_nothing(kit, expect, error):
    spoken = set(paths(expect, "speak"))
    if not spoken:
        pytest.skip("nothing is sent")
    stage = Stage(kit, expect, line=kit.Line(refuse_arm=error))
    with pytest.raises(type(error)):
        stage.run("speak")
    assert not spoken & set(stage.server.paths())


def test_spent_allowance_stops_before_arming(kit, expect):
    """The last part of an allowance is kept back: `spend` raises and nothing is sent."""
    if not paths(expect, "speak"):
        pytest.skip("nothing is sent")
    stage = Stage(kit, expect)
    stage.channel.prepare(stage.delivery, stage.line)
    stage.line.refuse_spend = Busy("quota", Words("Full. Wait."), account_wide=True)
    with pytest.raises(Busy):
        stage.channel.speak(stage.delivery, stage.line)
    assert "arm" not in stage.line.events
    assert not set(paths(expect, "speak")) & set(stage.server.paths())


# --- the platform's own numbers ----------------------------------------------------------------


def check_rows(kit, expect, rows, *, armed):
    for stage_name, path, status, body, wanted, more in rows:
        stage = Stage(kit, expect, {path: kit.reply(status, body)})
        try:
            found = stage.run(stage_name, armed=armed)
        except Ending as ending:
            found = ending
            check_words(found.words)
        assert wanted is type(found), (stage_name, status, body, found)
        for name, value in more.items():
            assert value == getattr(found, name), (stage_name, body, name)


def test_platform_numbers_mean(kit, expect):
    check_rows(kit, expect, expect.CODES, armed=False)


def test_platform_numbers_after_an_earlier_try_mean(kit, expect):
    check_rows(kit, expect, getattr(expect, "AGAIN", ()), armed=True)


def test_unknown_numbers_never_end_in_a_statement_when_speaking(kit, expect):
    """Whatever a number is called tomorrow: after speaking it may not say "not out"."""
    for path in paths(expect, "speak"):
        for body in ({"error_code": 987654}, {"errcode": 987654}, {"code": "987654"}, [], 7, None):
            stage = Stage(kit, expect, {path: kit.reply(200, body)})
            assert Doubt is type(stage.ending("speak")), body


# --- secrets -----------------------------------------------------------------------------------


def test_no_secret_is_ever_written(kit, expect, caplog):
    """Servers that throw everything back at us, at every path, with every log wide open."""
    caplog.set_level(logging.DEBUG)
    written = []
    for stage_name in STAGES:
        for path in paths(expect, stage_name):
            for status in (200, 400, 500):
                secrets = " ".join(expect.SECRETS.values()).encode()

                def echo(conn, request, status=status, secrets=secrets):
                    kit.reply(status, secrets + request.target.encode() + request.body)(
                        conn, request
                    )

                for act in (echo, kit.garbage):
                    stage = Stage(kit, expect, {path: act})
                    found = stage.ending(stage_name)
                    written += [found.raw, repr(found), str(found.words)]
                    written += traceback.format_exception(found)
                    written += [repr(stage.records), repr(stage.channel), repr(stage.account)]
                    written += [repr(vars(stage.wire)), repr(stage.delivery)]
    written.append(caplog.text)
    for name, secret in expect.SECRETS.items():
        assert secret not in "\n".join(written), name


# --- checks and limits -------------------------------------------------------------------------


def test_fine_contents_have_nothing_that_stops(kit, expect):
    channel = Stage(kit, expect).channel
    for content in expect.FINE:
        found = [one for one in channel.check(content) if one.severity is Severity.must]
        assert [] == found


def test_broken_contents_are_found(kit, expect):
    channel = Stage(kit, expect).channel
    for content, severity, field, code in expect.BREAKERS:
        found = channel.check(content)
        assert (severity, field, code) in {(one.severity, one.field, one.code) for one in found}
        for one in found:
            check_words(one.words)


def test_declarations_are_whole(kit, expect):
    made = channels.channel_class(expect.KIND)
    assert expect.KIND == made.NAME
    assert made.HOWS
    assert set(made.REPEATABLE) <= set(made.HOWS)
    assert set(expect.SECRETS) <= set(made.SECRETS)
    for name, option in made.OPTIONS.items():
        assert option.default is None or isinstance(option.default, option.kind), name
    limits = Stage(kit, expect).channel.limits
    assert limits.posts_per_call >= 1
    assert set(limits.holds_account_s) <= set(made.HOWS)
    assert list(limits.looks_s) == sorted(limits.looks_s)


def test_looking_answers_are_words_for_people(kit, expect):
    found = Stage(kit, expect).run("look")
    if not isinstance(found, Receipt):
        assert isinstance(found, Pending)
        check_words(found.words)
    else:
        assert all(one.remote_id for one in found.posts)
        moments = [one.published_at for one in found.posts if one.published_at]
        assert all(timedelta(0) == one.utcoffset() for one in moments)

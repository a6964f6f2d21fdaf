"""What is asked about an account in the first hour, and the section of config.toml it becomes.

Pure: nothing is read or written here. Both faces ask these questions and no others.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from channels import KINDS, channel_class
from scheduler.errors import InputError
from scheduler.words import N_

TITLE_MAX = 60
CALLBACK_TOKEN = "callback_token"  # noqa: S105 - the name of the field, not a token
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)+(?::\d+)?")
_BASE = re.compile(r"https?://[^/\s\"\\]+(?:/[^\s\"\\]*)?")
_DIGITS = re.compile(r"[0-9]{4,20}")
YES_NO = (("true", N_("yes")), ("false", N_("no")))
_WECHAT_ID = re.compile(r"wx[0-9A-Za-z]{10,30}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing a person is asked about an account. `choices` are (value, words); first default."""

    key: str
    label: str
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False


ASKED: Mapping[str, tuple[Asked, ...]] = {
    "weibo": (
        Asked(
            "app_id",
            N_("App Key"),
            N_("The number of the bureau's application on Weibo's open platform."),
            required=True,
        ),
        Asked(
            "uid",
            N_("Account number (uid)"),
            N_("The digits in the address of the account's page. It proves that the right account"
               " answers."),
        ),
        Asked(
            "safe_domain",
            N_("Safe domain"),
            N_("The host name registered with the application; Weibo wants a link to it in every"
               " post."),
        ),
    ),
    "wechat": (
        Asked(
            "app_id",
            N_("AppID"),
            N_("The developer's ID of the account; it begins with wx."),
            required=True,
        ),
        Asked(
            "kind",
            N_("Kind of account"),
            choices=(
                ("subscription", N_("subscription account")),
                ("service", N_("service account")),
            ),
        ),
        Asked(
            "how",
            N_("How posts go out"),
            choices=(
                ("publish", N_("publish: nobody is notified")),
                ("push", N_("push: followers get a message; few a month")),
            ),
        ),
        Asked(
            "verified",
            N_("Verified account"),
            N_("Without it the machine makes the draft only, and a person presses the button."),
            choices=YES_NO,
        ),
    ),
    "manual": (),
}  # fmt: skip
SECRET_WORDS = {
    "access_token": N_("Access token"),
    "app_secret": N_("AppSecret"),
    CALLBACK_TOKEN: N_("Token of the message push"),
}


MORE: Mapping[str, tuple[str, ...]] = {
    "weibo": ("gap_s", "posts_per_hour", "calls_per_day", "rip"),
    "wechat": (
        "gap_s", "mark_base", "need_open_comment", "only_fans_can_comment", "tag_id",
        "pushes_per_day", "pushes_per_month",
    ),
}  # fmt: skip
"""What a page may change besides, by channel. Sizes and looks are the platforms' or a hand's."""
NUMBER_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class NewAccount:
    """One account as it will stand in config.toml: `values` are its keys, already typed."""

    name: str
    channel: str
    title: str
    values: Mapping[str, str | bool] = field(default_factory=dict)


def asked_of(channel: str) -> tuple[Asked, ...]:
    """Give what is asked about an account; a channel we know nothing of is asked for its texts."""
    if channel in ASKED:
        return ASKED[channel]
    texts = {
        key: option
        for key, option in channel_class(channel).OPTIONS.items()
        if option.kind is str and not option.default
    }
    return tuple(Asked(key, key, option.words.text) for key, option in texts.items())


def more_of(channel: str) -> tuple[Asked, ...]:
    """Give what is seldom changed about an account, in the channel's own words."""
    options = channel_class(channel).OPTIONS
    return tuple(
        Asked(key, options[key].words.text, choices=YES_NO if options[key].kind is bool else ())
        for key in MORE.get(channel, ())
    )


def free_name(channel: str, taken: Mapping[str, object] | set[str]) -> str:
    """Suggest a short name for an account that none has yet."""
    names = (f"{channel}-main", *(f"{channel}-{number}" for number in range(2, 10_000)))
    return next(name for name in names if name not in taken)


def read_account(channel: str, name: str, title: str, typed: Mapping[str, str]) -> NewAccount:
    """Read what a person typed about an account. Raises `InputError` for the first fault."""
    if channel not in KINDS:
        raise InputError("Choose the channel: {known}.", known=", ".join(KINDS))
    if not _NAME.fullmatch(name.strip()):
        raise InputError(
            "The short name may only have lower-case letters, digits and hyphens, 39 at most, as"
            " in weibo-main."
        )
    values: dict[str, str | bool] = {}
    for asked in asked_of(channel):
        if (value := clean_field(channel, asked, typed.get(asked.key, ""))) is not None:
            values[asked.key] = value
    if base := _base(typed.get("api_base", "")):
        values["api_base"] = base
    return NewAccount(name.strip(), channel, clean_title(title), values)


def read_changes(channel: str, typed: Mapping[str, str]) -> dict[str, str | bool | int | float]:
    """Read what a person typed to change an account; a field that was not sent is left alone.

    Raises `InputError` for the first fault.
    """
    values: dict[str, str | bool | int | float] = {}
    if "title" in typed:
        values["title"] = clean_title(typed["title"])
    for asked in (*asked_of(channel), *more_of(channel)):
        if asked.key not in typed:
            continue
        option = channel_class(channel).OPTIONS.get(asked.key)
        if option is not None and option.kind in (int, float):
            values[asked.key] = _number(asked, typed[asked.key], whole=option.kind is int)
        else:
            value = clean_field(channel, asked, typed[asked.key])
            values[asked.key] = "" if value is None else value
    if "api_base" in typed:
        values["api_base"] = _base(typed["api_base"])
    return values


def _number(asked: Asked, text: str, *, whole: bool) -> int | float:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = -1
    if not (math.isfinite(number) and 0 <= number <= NUMBER_MAX):
        part = N_("{field}: give a number from 0 to {most}.")
        one = N_("{field}: give a whole number from 0 to {most}.")
        raise InputError(one if whole else part, field=(asked.label, {}), most=NUMBER_MAX)
    return number


def _base(text: str) -> str:
    base = text.strip().rstrip("/")
    if base and not _BASE.fullmatch(base):
        raise InputError(
            "The address of the platform begins with https:// (or http:// for the simulator) and"
            " names a host."
        )
    return base


def clean_field(channel: str, asked: Asked, text: str) -> str | bool | None:
    """Give one answer as config.toml wants it, None for none. Raises `InputError`."""
    text = text.strip()
    if asked.choices:
        words = [value for value, _words in asked.choices]
        text = text or words[0]
        if text not in words:
            known = ", ".join(words)
            raise InputError(
                "{field}: choose one of {known}.", field=(asked.label, {}), known=known
            )
        return text == "true" if set(words) == {"true", "false"} else text
    if not text:
        if asked.required:
            raise InputError("{field} is missing.", field=(asked.label, {}))
        return None
    return _pasted_right(channel, asked.key, text)


def _pasted_right(channel: str, key: str, text: str) -> str:
    """Catch what was pasted into the wrong field."""
    if (channel, key) == ("wechat", "app_id") and not _WECHAT_ID.fullmatch(text):
        raise InputError("The AppID begins with wx and has 18 letters and digits. Copy it again.")
    if (channel, key) == ("weibo", "app_id") and not _DIGITS.fullmatch(text):
        raise InputError("The App Key has digits only. Copy it again from Weibo's open platform.")
    if key == "uid" and not _DIGITS.fullmatch(text):
        raise InputError("The account number has digits only. Copy it from the account's address.")
    if key == "safe_domain":
        return ",".join(_host(part) for part in re.split(r"[,，、;\s]+", text) if part)
    return text


def clean_title(title: str) -> str:
    """Give a name as pages show it. Raises `InputError` when it is none."""
    clean = title.strip()
    if not clean or len(clean) > TITLE_MAX or not clean.isprintable():
        raise InputError(
            "The name has 1 to {most} visible characters. Give another one.", most=TITLE_MAX
        )
    return clean


def _host(text: str) -> str:
    host = re.sub(r"^https?://", "", text.lower()).partition("/")[0]
    if not _HOST.fullmatch(host):
        raise InputError("“{host}” is no host name. Write it as in www.example.gov.cn.", host=text)
    return host


def section_of(account: NewAccount) -> str:
    """Give the account's section of config.toml."""
    told = {"channel": account.channel, "title": account.title, **account.values}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in told.items()]
    return "\n".join([f"[account.{account.name}]", *lines, ""])

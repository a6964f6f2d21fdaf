"""What a reader will see, from the channel's own `render()`: its HTML made fit for our pages.

A page of ours takes no inline style, so every style WeChat's article has becomes a class; the
stylesheet is made from the same table. Everything else that is not known is dropped. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

from channels.contract import Channel, Content, Finding, Picture, Severity, Words
from channels.wechat.article import CENTRED, STYLES
from scheduler.content import MEDIA_SCHEME
from scheduler.words import N_

TAGS = frozenset(
    "p h2 h3 h4 strong em s u ul ol li blockquote a br hr sup sub img section".split()
    + "table thead tbody tr th td".split()
)
VOID = frozenset({"br", "hr", "img"})
ROOT = ".wx-article"
_STYLES: Mapping[str, str] = {
    **{f"wx-{name}": style for name, style in STYLES.items()},
    **{f"wx-{name}-centred": STYLES[name] + CENTRED for name in ("p", "note")},
}
CLASSES = {style: name for name, style in _STYLES.items()}
"""Every style an article can have, and the class that says the same."""


def stylesheet() -> str:
    """Give the styles of WeChat's articles as a stylesheet of classes."""
    return "".join(f"{ROOT} .{name}{{{style}}}\n" for name, style in _STYLES.items())


def block(markup: str, pictures: Sequence[Picture] = ()) -> Markup:
    """Give article HTML as a block for our pages: known tags, classes for styles, our pictures.

    A picture of `pictures` is given its size, so that the text below does not jump as it loads.
    """
    writer = _Writer({one.sha256: one for one in pictures})
    writer.feed(markup)
    writer.close()
    return Markup("".join(writer.out))  # noqa: S704 - written below, tag by tag, all text escaped


class _Writer(HTMLParser):
    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.pictures = pictures

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            return
        given = {name: value or "" for name, value in attrs}
        kept: dict[str, str] = {}
        kept |= {name: given[name] for name in ("colspan", "rowspan", "alt") if name in given}
        if given.get("style") in CLASSES:
            kept["class"] = CLASSES[given["style"]]
        source = given.get("src", "")
        if tag == "img":
            sha256 = source.removeprefix(MEDIA_SCHEME)
            if sha256 == source or not sha256.isalnum():
                return
            kept |= {"src": f"/media/{sha256}", "loading": "lazy"}
            if known := self.pictures.get(sha256):
                kept |= {"width": str(known.width_px), "height": str(known.height_px)}
        if tag == "a" and given.get("href", "").startswith(("http://", "https://")):
            kept |= {"href": given["href"], "rel": "noreferrer noopener", "target": "_blank"}
        told = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        self.out.append(f"<{tag}{told}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in TAGS and tag not in VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(escape(data, quote=False))


@dataclass(frozen=True, slots=True)
class Seen:
    """One post as its readers will see it. `article` is ready HTML, `status` a Weibo's text."""

    account: str
    title: str
    kind: str
    how: str
    length: str
    is_over: bool
    content: Content
    status: str
    article: Markup
    rest: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


GROUPS = (Severity.must, Severity.should, Severity.hint)
FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("f-title", N_("Title")),
    "author": ("f-author", N_("Author")),
    "summary": ("f-summary", N_("Summary")),
    "source": ("f-source", N_("Source")),
    "link": ("f-link", N_("Link")),
    "body": ("f-body", N_("Text")),
    "cover": ("f-cover_file", N_("Cover picture")),
    "pictures": ("f-body", N_("Pictures")),
    "how": ("f-wechat-how", N_("Way of sending")),
    "text": ("f-weibo-text", N_("Weibo text")),
}
"""A finding's field: the id it has in the form, and its words."""
_WEIBO_PICTURES = {"picture_alt": "f-weibo-alt"}


def field_id(kind: str, finding: Finding) -> str:
    """Give the id of the form's field a finding speaks of."""
    if (kind, finding.field) == ("weibo", "pictures"):
        return _WEIBO_PICTURES.get(finding.code, "f-weibo-picture")
    return FIELDS.get(finding.field, FIELDS["body"])[0]


def field_words(finding: Finding) -> str:
    """Give the words (a catalogue key) of the field a finding speaks of."""
    return FIELDS.get(finding.field, FIELDS["body"])[1]


def seen(channel: Channel, content: Content, extra: Sequence[Finding] = ()) -> Seen:
    """Let the channel render and check one content."""
    shown = channel.render(content)
    kind = channel.account.channel
    fields = dict(shown.fields)
    body = fields.pop("content", "") or fields.pop("body", "")
    now, _, most = shown.length.partition("/")
    return Seen(
        account=channel.account.name,
        title=channel.account.title or channel.account.name,
        kind=kind,
        how=content.how,
        length=shown.length,
        is_over=most.isdigit() and now.isdigit() and int(now) > int(most),
        content=content,
        status=fields.pop("status", ""),
        article=block(body, content.pictures),
        rest=tuple((name, value) for name, value in fields.items() if value),
        findings=(*channel.check(content), *extra),
    )


def fault(account: Channel, words: Words) -> Seen:
    """Give an account whose content could not be made, with the reason as a finding."""
    return Seen(
        account=account.account.name,
        title=account.account.title or account.account.name,
        kind=account.account.channel,
        how="",
        length="",
        is_over=False,
        content=Content(),
        status="",
        article=Markup(),
        rest=(),
        findings=(Finding(Severity.must, "how", "how", words),),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One finding with the kind of channel and the accounts it holds for, and its place."""

    finding: Finding
    kind: str
    accounts: tuple[str, ...]
    field_id: str
    field: str

    @property
    def key(self) -> str:
        """Name the finding in a form: what kind of channel says what."""
        return f"{self.kind}.{self.finding.code}"


def grouped(shown: Sequence[Seen]) -> dict[str, list[Told]]:
    """Group findings by weight; the same sentence for several accounts stands once."""
    found: dict[str, dict[tuple[str, str], Told]] = {weight.value: {} for weight in GROUPS}
    for one in shown:
        for finding in one.findings:
            group = found[finding.severity.value]
            key = (finding.words.text, str(sorted(finding.words.params.items(), key=str)))
            before = group.get(key)
            kind = before.kind if before else one.kind
            names = before.accounts if before else ()
            names = names if one.title in names else (*names, one.title)
            where = field_id(kind, finding)
            group[key] = Told(finding, kind, names, where, field_words(finding))
    return {weight: list(group.values()) for weight, group in found.items()}

"""What is wrong with an article before it is queued. Pure.

Limits come from `settings.py`; the triggers of 45166 (anchors, preview links) from reports of
other users, 2024 to 2026-08.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from channels.contract import N_, Content, Finding, Limits, Picture, Severity, Words
from channels.wechat.article import article_html, media_in, stays_a_link
from channels.wechat.mark import MARK_CHARS, parts_of
from channels.wechat.pictures import PIXELS_MAX
from channels.wechat.reasons import WHY
from channels.wechat.tree import parse

LINK_BYTES_MAX = 1024
# A picture's address at the platform is longer than `media:SHA256`: counted before it is known.
ADDRESS_EXTRA_CHARS = 130
ARTICLE_PATH_CHARS = 22
HOWS = ("publish", "push")


def findings(content: Content, limits: Limits) -> list[Finding]:
    """List what stops or troubles one article, hardest first within each field."""
    found = [
        *_words(content, limits),
        *_body(content, limits),
        *_links_inside(content),
        *_link(content),
        *_pictures(content, limits),
        *_origin(content),
    ]
    return [replace(one, why=WHY.get(one.code)) for one in found]


def edition_findings(contents: Sequence[Content], limits: Limits, mark_base: str) -> list[Finding]:
    """List what stops or troubles these articles as one delivery."""
    found: list[Finding] = []
    if not 1 <= len(contents) <= limits.posts_per_call:
        text = N_(
            "An edition holds 1 to {max} articles and this one has {count}. It cannot be sent so. "
            "Move some articles to another time."
        )
        found.append(
            _must("edition", "article_count", text, max=limits.posts_per_call, count=len(contents))
        )
    if len({content.how for content in contents}) > 1:
        text = N_(
            "Some of these articles are to be pushed and others published. They cannot go out in "
            "one call. Give all the same way of sending, or split the edition."
        )
        found.append(_must("how", "how_mixed", text))
    if len(contents) > 1 and any(content.summary for content in contents):
        text = N_(
            "WeChat shows summaries only for a single article. In this edition they are left out. "
            "Nothing needs to be done unless the summary says something the text does not."
        )
        found.append(Finding(Severity.hint, "summary", "summary_left_out", Words(text)))
    if contents and not contents[0].link and not mark_base:
        text = N_(
            "The first article has no link. It gets a 阅读原文 link to WeChat's own site, by which "
            "the machine finds its draft again. Give a link, or set mark_base in config.toml."
        )
        found.append(Finding(Severity.hint, "link", "mark_link", Words(text)))
    return found


def _must(
    field: str, code: str, text: str, pieces: Sequence[str] = (), **params: object
) -> Finding:
    return Finding(Severity.must, field, code, Words(text, params), tuple(pieces))


def _words(content: Content, limits: Limits) -> Iterator[Finding]:
    if content.how and content.how not in HOWS:
        text = N_(
            "WeChat has no way of sending called {how}. The article cannot be sent so. Choose "
            "publish (发布) or push (群发)."
        )
        yield _must("how", "how", text, how=content.how)
    for field in ("title", "author", "summary", "body", "source", "link"):
        if not _encodable(getattr(content, field)):
            text = N_(
                "The text holds half a character that cannot be sent. The article would be "
                "refused. Delete the odd sign, often an emoji cut in two, and type it anew."
            )
            yield _must(field, "unsendable", text)
    if not content.title.strip():
        text = N_("The title is empty. WeChat does not take the article so. Write a title.")
        yield _must("title", "title_empty", text)
    long = N_(
        "This text is {length} characters long, WeChat allows {max}. The article would be "
        "refused. Shorten it by {over} characters."
    )
    for field, value, most in (
        ("title", content.title, limits.title_max),
        ("author", content.author, limits.author_max),
        ("summary", content.summary, limits.summary_max),
    ):
        over = len(value) - most
        if over > 0:
            tail = [value[most:]]
            size = len(value)
            yield _must(field, f"{field}_too_long", long, tail, length=size, max=most, over=over)


def _body(content: Content, limits: Limits) -> Iterator[Finding]:
    tree = parse(content.body)
    if not tree.plain().strip() and not any(node.tag == "img" for node in tree.walk()):
        text = N_("The article has no text. WeChat does not take it so. Write the text.")
        yield _must("body", "body_empty", text)
        return
    html = article_html(content)
    extra = ADDRESS_EXTRA_CHARS * len(media_in(html))
    length = len(html) + extra
    size_bytes = len(html.encode("utf-8", "replace")) + extra
    if length >= limits.body_chars_max or size_bytes >= limits.body_bytes_max:
        text = N_(
            "With its formatting the article has {length} characters and {size_bytes} bytes; "
            "WeChat allows fewer than {max} and {bytes_max}. Shorten or split it."
        )
        yield _must(
            "body", "body_too_long", text,
            length=length, size_bytes=size_bytes,
            max=limits.body_chars_max, bytes_max=limits.body_bytes_max,
        )  # fmt: skip
    known = {picture.sha256 for picture in content.pictures}
    for node in tree.walk():
        source = node.attributes.get("src", "")
        if node.tag == "img" and source.removeprefix("media:") not in known:
            text = N_(
                "A picture in the text is not among the story's media. It would be missing in the "
                "article. Upload it again and insert it anew."
            )
            yield _must("body", "picture_missing", text, [source])


def _links_inside(content: Content) -> Iterator[Finding]:
    notes: list[str] = []
    for node in parse(content.body).walk():
        href = node.attributes.get("href", "")
        if node.tag != "a" or not href:
            continue
        if href.startswith("#"):
            text = N_(
                "The text has a link to a place within itself. WeChat refuses such articles. "
                "Remove the link and keep its words."
            )
            yield _must("body", "anchor", text, [href])
        elif "tempkey=" in href:
            text = N_(
                "The text links to a preview of an article. WeChat refuses such articles. Put in "
                "the link of the published article instead."
            )
            yield _must("body", "preview_link", text, [href])
        elif stays_a_link(href):
            path = parts_of(href).path.removeprefix("/s/")
            if len(path) > ARTICLE_PATH_CHARS and not path.startswith("/s"):
                text = N_(
                    "A link to a WeChat article has an unusually long address. WeChat has refused "
                    "such articles. Copy the link again from the published article."
                )
                yield Finding(Severity.should, "body", "long_link", Words(text), (href,))
        else:
            notes.append(href)
    if notes:
        text = N_(
            "WeChat keeps no links to other sites. The {count} links in the text become numbered "
            "notes at its end. Nothing needs to be done."
        )
        told = Words(text, {"count": len(notes)})
        yield Finding(Severity.hint, "body", "links_as_notes", told, tuple(notes))


def _link(content: Content) -> Iterator[Finding]:
    if not content.link:
        return
    parts = parts_of(content.link)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        text = N_(
            "The link under the article is no web address. WeChat does not take it. Write it in "
            "full, beginning with https."
        )
        yield _must("link", "link_no_address", text, [content.link])
    most = LINK_BYTES_MAX - MARK_CHARS
    if len(content.link.encode("utf-8", "replace")) > most:
        text = N_(
            "The link under the article is longer than {max} bytes. WeChat does not take it. Use "
            "a shorter address."
        )
        yield _must("link", "link_too_long", text, [content.link], max=most)


def _pictures(content: Content, limits: Limits) -> Iterator[Finding]:
    if content.cover is None:
        text = N_(
            "The article has no cover picture. WeChat does not take it so. Choose a cover, best "
            "900 by 383 pixels."
        )
        yield _must("cover", "cover_missing", text)
    else:
        yield from _picture("cover", content.cover, limits)
    for picture in content.pictures:
        yield from _picture("pictures", picture, limits)


def _picture(field: str, picture: Picture, limits: Limits) -> Iterator[Finding]:
    here = [f"media:{picture.sha256}"]
    if picture.mime not in limits.picture_mimes:
        text = N_(
            "A picture is of the kind {mime}, which WeChat does not take. The article would be "
            "refused. Save the picture as JPEG or PNG and upload it again."
        )
        yield _must(field, "picture_type", text, here, mime=picture.mime)
    if picture.width_px * picture.height_px > PIXELS_MAX:
        text = N_(
            "A picture has {width_px} by {height_px} pixels, more than can be sent. The article "
            "would be refused. Make the picture smaller and upload it again."
        )
        size = {"width_px": picture.width_px, "height_px": picture.height_px}
        yield _must(field, "picture_pixels", text, here, **size)
    if picture.size_bytes > limits.picture_bytes_max:
        text = N_(
            "A picture has {size_bytes} bytes, WeChat takes at most {max}. The article would be "
            "refused. Make the picture smaller and upload it again."
        )
        size = {"size_bytes": picture.size_bytes, "max": limits.picture_bytes_max}
        yield _must(field, "picture_size", text, here, **size)


def _origin(content: Content) -> Iterator[Finding]:
    if content.origin == "reprint" and not content.source.strip():
        text = N_(
            "The article is a reprint and does not name its source. It would go out without the "
            "line that names it. Write where it comes from."
        )
        yield _must("source", "source_missing", text)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""A channel without a platform: a person gets text and pictures and publishes by hand.

Nothing irreversible is done by the machine, so nothing is armed: handing over is "accepted", and
only the person's word ends it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from channels.contract import (
    N_,
    Accepted,
    Channel,
    Content,
    Delivery,
    Finding,
    Health,
    Limits,
    Pending,
    Rendered,
    Severity,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from channels.contract import Line, Option

# Wide enough for any place; what the place itself allows is for the person to know.
LIMITS = Limits(as_of=date(2026, 11, 22), pictures_max=18)
# The order in which a person fills in a form.
FIELDS = ("title", "text", "summary", "body", "link", "author", "source")


class Manual(Channel):
    """A place that people serve by hand."""

    NAME = "manual"
    HOWS = ("hand",)
    OPTIONS: ClassVar[Mapping[str, Option]] = {}

    @property
    def limits(self) -> Limits:
        """None but a generous number of pictures."""
        return LIMITS

    def check(self, content: Content) -> list[Finding]:
        """Say when there is nothing to hand over or too much of it."""
        found = []
        if not (content.title.strip() or content.text.strip()):
            words = N_(
                "There is neither a title nor a text. A person could not publish anything. Write "
                "at least one of them."
            )
            found.append(Finding(Severity.must, "text", "text_empty", Words(words)))
        if content.how and content.how not in self.HOWS:
            words = N_(
                'This account cannot send in the way "{how}". The post cannot be queued so. '
                "Choose {hows}."
            )
            params = {"how": content.how, "hows": ", ".join(self.HOWS)}
            found.append(Finding(Severity.must, "how", "how", Words(words, params)))
        if len(content.pictures) > LIMITS.pictures_max:
            words = N_(
                "The post has {count} pictures. Most places take {most} at the most. Take some out "
                "or split the post."
            )
            count = {"count": len(content.pictures), "most": LIMITS.pictures_max}
            rest = tuple(f"media:{one.sha256}" for one in content.pictures[LIMITS.pictures_max :])
            told = Words(words, count)
            found.append(Finding(Severity.should, "pictures", "too_many_pictures", told, rest))
        return found

    def render(self, content: Content) -> Rendered:
        """Give the fields to copy, the empty ones left out, and the pictures' names."""
        fields = {name: getattr(content, name) for name in FIELDS if getattr(content, name)}
        if content.pictures:
            fields["pictures"] = "\n".join(picture.sha256 for picture in content.pictures)
        return Rendered(fields, str(len(content.text or content.title)))

    def prepare(self, delivery: Delivery, line: Line) -> None:
        """Nothing to prepare: the console builds the pack from the delivery itself."""

    def speak(self, delivery: Delivery, line: Line) -> Accepted:
        """Hand over to a person, without a request and without arming."""
        return Accepted(job=delivery.key, by="person")

    def look(self, delivery: Delivery, line: Line) -> Pending:
        """Wait for the person: there is nobody to ask but them."""
        words = N_(
            "The post lies with a person who publishes it by hand. It is not known to be out yet. "
            "When it is out, that person enters its address here."
        )
        return Pending(Words(words))

    def survey(self, line: Line) -> Health:
        """Give the account's own title: there is no platform to ask."""
        return Health(identity=self.account.title or self.account.name)


CHANNEL = Manual

"""What Weibo's answers mean, for people: what happened, what it means, what to do now.

Catalogue keys only; the numbers they belong to stand in `channels/weibo/codes.py`.
"""

from __future__ import annotations

from channels.contract import N_

_REFUSED_CONTENT = N_(
    "Weibo refused the content of this post ({code}). The post is not out. Read Weibo's own words "
    "below, change the text or the picture and have it approved again."
)
NO_DOMAIN = N_(
    "Weibo refused the post because it holds no link to the registered site ({code}). The post is "
    "not out. Put a link to a page of the registered site into the text."
)
_TOO_LONG = N_(
    "Weibo refused the post because its text is too long ({code}). The post is not out. Shorten "
    "the text to 130 characters or less and have it approved again."
)
_PICTURE = N_(
    "Weibo refused the picture ({code}). The post is not out. Attach one JPEG, PNG or GIF below "
    "5 MB and have the post approved again."
)
_BAD_LINK = N_(
    "Weibo holds a link in the text for an illegal site ({code}). The post is not out. Check every "
    "link, take the doubtful one out and have the post approved again."
)
_SENSITIVE = N_(
    "Weibo found words or content in the post that it forbids ({code}). The post is not out. Tell "
    "the person responsible at once, then change the text and have it approved again."
)

REFUSED = {
    10018: _TOO_LONG,
    20005: _PICTURE,
    20006: _PICTURE,
    20007: _PICTURE,
    20012: _TOO_LONG,
    20013: _TOO_LONG,
    20018: _BAD_LINK,
    20021: _SENSITIVE,
    20049: _TOO_LONG,
    21602: _SENSITIVE,
}
REFUSED_KINDS = {
    "content": _REFUSED_CONTENT,
    "fault": N_(
        "Weibo did not accept the form of the request ({code}). The post is not out. Give the raw "
        "answer below to the administrator; sending it again unchanged will not help."
    ),
    "duplicate": N_(
        "Weibo says that an equal or very similar post is already out ({code}). This post was not "
        "published. Look at the account; if the text is really to appear again, add a date or "
        "another link and have it approved."
    ),
}
DUPLICATE_AFTER_DOUBT = N_(
    "Weibo says that an equal post is already out ({code}), and an earlier try of this post ended "
    "without an answer. It is most likely out. Do not change the text: the account is searched, "
    "and after that a person is asked."
)
DOUBT = N_(
    "Weibo gave an answer that does not tell whether the post was made ({code}). It may be out. Do "
    "not send it again: the account is searched for it, and after that a person is asked."
)
NO_ID = N_(
    "Weibo answered without the number of a post. The post may be out. Do not send it again: the "
    "account is searched for it, and after that a person is asked."
)

BUSY = {
    10004: N_(
        "Weibo does not allow this machine's address. This request published nothing and "
        "the account waits. Enter this machine's public address under the application's "
        "safe addresses, then let the account go on."
    ),
    10014: N_(
        "The application lacks the right to this interface. This request published nothing "
        "and the account waits. Check the application's permissions in the Weibo developer "
        "site."
    ),
    10017: N_(
        "No safe domain is approved for the application. This request published nothing and"
        " the account waits. Register the site's domain in the Weibo developer site and "
        "wait for its approval."
    ),
    20031: N_(
        "Weibo wants a captcha from the account's owner. This request published nothing and"
        " the account waits. Sign in to Weibo with this account, solve it, then let the "
        "account go on."
    ),
    21321: N_(
        "Either the application is not reviewed yet and this account is no test account, or"
        " the authorisation was withdrawn. This request published nothing and the account "
        "waits. Check the application's review, then authorise the account again."
    ),
    21335: N_(
        "The configured uid is not the account that gave the authorisation. Nothing was read and "
        "the account waits. Correct the uid or authorise with the right account."
    ),
    21337: N_(
        "The developer's identity is not verified or the application lacks the right. This "
        "request published nothing and the account waits. Finish the verification in the "
        "Weibo developer site."
    ),
}
BUSY_KINDS = {
    "quota": N_(
        "The allowance of calls to Weibo is used up. This request published nothing; the "
        "whole account waits. It goes on by itself at the next full hour; if this repeats, "
        "plan fewer posts."
    ),
    "fast": N_(
        "Weibo says that this account posts too fast. This request published nothing; the "
        "whole account waits. It goes on by itself in ten minutes; if this repeats, widen "
        "the gap."
    ),
    "again": N_(
        "Weibo asked for the same call once more. This request published nothing. It is "
        "tried again by itself; if this repeats, sign in to Weibo with this account and "
        "look for a notice."
    ),
    "credentials": N_(
        "Weibo does not accept the account's authorisation. This request published nothing "
        "and the account waits. Authorise the account again; then it goes on by itself."
    ),
    "config": N_(
        "Weibo refused the application, not this post. This request published nothing and "
        "the account waits. Ask the administrator to check the application's settings in "
        "the Weibo developer site."
    ),
    "owner": N_(
        "Weibo has a complaint about the account itself. This request published nothing and"
        " the account waits. Sign in to Weibo with this account and read its notices, then "
        "let it go on."
    ),
}
NO_PICTURE = N_(
    "The attached file is no JPEG, PNG or GIF below 5 MB. Nothing was sent and the post is not "
    "out. Attach another picture and have the post approved again."
)
NO_TOKEN = N_(
    "There is no authorisation for this account. This request published nothing and the "
    "account waits. Authorise the account; then it goes on by itself."
)
NOT_ANSWERED = N_(
    "Weibo did not answer the question ({code}). This says nothing about the post. It is asked "
    "again later by itself."
)
NO_LIST = N_(
    "Weibo's answer held no list of posts. This says nothing about the post. It is asked again "
    "later by itself."
)
UNSEEN = N_(
    "The {count} newest posts of this account were read, the newest of {newest}; this one is not "
    "among them. It may still be out. Look at the account yourself before you decide."
)
UNSEEN_NONE = N_(
    "Weibo named no post made through this application. This one may still be out. Look at the "
    "account yourself before you decide."
)
UNSEEN_PUSHED_OUT = N_(
    "Weibo named only {count} posts and all are newer than this one, which may stand further "
    "down. It may well be out. Look at the account yourself before you decide."
)
OTHER_UID = N_(
    "The authorisation belongs to the account {found}, the configuration says {wanted}. Posts "
    "would appear on the wrong account. Authorise with the right account before anything is sent."
)
NOT_GOVERNMENT = N_(
    "Weibo does not list this account as a verified government account (type {type}). Posts go "
    "out all the same. Check that the right account was authorised."
)
EXPIRES = N_(
    "The authorisation ends at {at}. After that every post waits. Authorise the account again "
    "before then."
)

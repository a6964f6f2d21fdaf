"""The desk: stories, their media, their reviews. What leaves later is decided here, by people.

Modules: `intake` and `body` (read a story file), `media` (original files), `variants` (a story's
content on each account), `posts` (guarded writes of posts), `story` (add, edit, drop, check),
`review` (submit, approve, return), `views` (what the faces show). It meets the other rooms in the
core's tables only: its signature is `post.approved_digest`.
"""

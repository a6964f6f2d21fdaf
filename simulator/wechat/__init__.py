"""WeChat Official Accounts: tokens, media, drafts, publishing, mass sends."""

from __future__ import annotations

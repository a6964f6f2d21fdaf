"""Sina Weibo: OAuth2 and the standard REST calls a publishing app of today may use."""

from __future__ import annotations

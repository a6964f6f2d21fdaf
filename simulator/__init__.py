"""Weibo and WeChat Official Accounts on loopback, as one process of its own.

What the two platforms answer, and what they answer when things go wrong, is modelled here so that
adapters can be tested against real HTTP. This package imports nothing of the rest of the project:
a misreading shared between an adapter and its test double would prove nothing.
"""

from __future__ import annotations

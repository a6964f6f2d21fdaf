"""Dispatch: what is due leaves, once. Claim, prepare, arm, speak, settle; rescue; editions.

This room knows approvals, holds and pauses only as columns: it uses no other room.
"""

from __future__ import annotations

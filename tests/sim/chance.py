"""Chance and time of the simulated world: one seed gives both.

As in FoundationDB's buggify each kind of trouble is switched on for a whole run or not at all, so
that some worlds are calm here and wild there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

TROUBLES = {
    # name: the highest rate a world may have it at
    "nest": 0.2,
    "death": 0.03,
    "store_locked": 0.03,
    "commit_lost": 0.03,
    "long_pause": 0.30,
    "prepare_unreachable": 0.3,
    "prepare_busy": 0.3,
    "prepare_refused": 0.25,
    "draft_answer_lost": 0.3,
    "speak_unreachable": 0.4,
    "speak_busy": 0.3,
    "speak_rest": 0.15,
    "speak_rest_person": 0.1,
    "speak_refused": 0.25,
    "request_lost": 0.4,
    "answer_lost": 0.5,
    "late": 0.4,
    "bug_before": 0.1,
    "bug_after": 0.15,
    "job_refused": 0.3,
    "job_guilty": 0.4,
    "job_silent": 0.15,
    "job_draft_stays": 0.5,
    "look_fails": 0.4,
    "look_lag": 0.6,
    "discard_fails": 0.3,
    "colleague": 0.5,
}
CLIMATES: tuple[Mapping[str, float], ...] = (
    {},
    {},
    {},
    {},
    # Drafts are a live danger where colleagues meddle, and deleting them mostly fails.
    {
        "colleague": 1.0,
        "discard_fails": 0.8,
        "speak_busy": 0.3,
        "prepare_busy": 0.3,
        "nest": 0.1,
    },
)
"""What a seed fixes of its weather beforehand: one after the other, round and round."""
STARTS = datetime.fromisoformat("2026-03-02T00:00:00+00:00")


class SimClock:
    """A clock that moves only when the world says so. Implements `scheduler.clock.Clock`."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Give the world's present moment."""
        return self.at


class Chance:
    """Everything random in one world, and how rough its weather is."""

    def __init__(self, seed: int, weather: Mapping[str, float]) -> None:
        self.rng = Random(seed)
        self.calm = False
        self.rates = {
            name: self.rng.uniform(0.1, 1.0) * most if self.rng.random() < 0.45 else 0.0
            for name, most in TROUBLES.items()
        }
        # Without steps inside steps there would be little to see.
        self.rates["nest"] = max(self.rates["nest"], 0.05)
        self.rates |= {**CLIMATES[seed % len(CLIMATES)], **weather}

    def happens(self, name: str) -> bool:
        """Roll for one kind of trouble; never when the weather is calm."""
        rate = self.rates[name]
        return not self.calm and rate > 0 and self.rng.random() < rate

    def quiet(self) -> None:
        """Switch every trouble off for good: the liveness phase, and the sweeps."""
        self.calm = True

    def starts_at(self) -> datetime:
        """Give the moment the world begins: any hour, so that days end in some worlds."""
        return STARTS + timedelta(minutes=self.rng.randrange(24 * 60))

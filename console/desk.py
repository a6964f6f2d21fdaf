"""What every page begins with: the settings, the store, the time, the channels, who is asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from channels.contract import Channel
from console.pace import Pace
from console.throttle import Throttle
from scheduler.clock import Clock
from scheduler.config import Settings
from scheduler.daemon import Channels
from scheduler.store import Store


class NamedChannels(Mapping[str, Channel]):
    """The configured accounts by name, each with its channel, made when it is asked for."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    def __getitem__(self, name: str) -> Channel:
        if name not in self._channels.settings.accounts:
            raise KeyError(name)
        return self._channels.named(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._channels.settings.accounts)

    def __len__(self) -> int:
        return len(self._channels.settings.accounts)


@dataclass(slots=True)
class Desk:
    """One installation, open. Safe to share between threads."""

    settings: Settings
    store: Store
    clock: Clock
    throttle: Throttle = field(default_factory=Throttle)
    pace: Pace = field(default_factory=Pace)
    daemon_channels: Channels = field(init=False)
    channels: Mapping[str, Channel] = field(init=False)

    def __post_init__(self) -> None:
        """Wire the channels."""
        self._wire()

    def take(self, fresh: Settings) -> None:
        """Go on with the bureau and the accounts of a changed config.toml.

        Everything else of it (database, proxy, key file) holds from the next start.
        """
        self.settings = replace(self.settings, bureau=fresh.bureau, accounts=fresh.accounts)
        self._wire()

    def _wire(self) -> None:
        self.daemon_channels = Channels(self.settings, self.store, self.clock)
        self.channels = NamedChannels(self.daemon_channels)

"""What every page begins with: the settings, the store, the time, the channels, who is asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from channels.contract import Channel
from console.pace import Pace
from console.throttle import Throttle
from scheduler.accounts import mirror_settings
from scheduler.clock import Clock
from scheduler.config import Settings
from scheduler.config_file import Follower, taken
from scheduler.daemon import Channels
from scheduler.errors import ConfigError
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
    follower: Follower = field(default_factory=Follower)
    file_fault: ConfigError | None = None
    daemon_channels: Channels = field(init=False)
    channels: Mapping[str, Channel] = field(init=False)

    def __post_init__(self) -> None:
        """Wire the channels."""
        self._wire()

    def take(self, fresh: Settings) -> None:
        """Go on with the bureau and the accounts of a changed config.toml.

        Everything else of it (database, proxy, key file) holds from the next start.
        """
        self.settings = taken(self.settings, fresh)
        self._wire()

    def follow(self) -> None:
        """Take up a config.toml that was changed outside; one with faults is kept from us."""
        try:
            fresh = self.follower.changed(self.settings)
        except ConfigError as error:
            self.file_fault = error
            return
        if fresh is not None:
            self.file_fault = None
            if fresh != self.settings:
                self._mirror(fresh)
                self.take(fresh)

    def _mirror(self, fresh: Settings) -> None:
        try:
            mirror_settings(self.store, fresh)
        except BaseException:
            self.follower.forget()
            raise

    def _wire(self) -> None:
        self.daemon_channels = Channels(self.settings, self.store, self.clock)
        self.channels = NamedChannels(self.daemon_channels)

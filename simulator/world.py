"""Everything the simulator knows, behind one lock, with its clock given from outside."""

from __future__ import annotations

import copy
import threading
from random import Random
from typing import Any

from simulator import seed as seeds
from simulator.clock import Clock
from simulator.faults import FaultPlan
from simulator.journal import Journal
from simulator.pictures import Pictures
from simulator.wechat import jobs
from simulator.wechat.state import WechatState
from simulator.weibo.state import WeiboState

_RNG_SEED = 20261122


class World:
    """Both platforms. Whoever reads or changes it holds `lock`."""

    def __init__(self, clock: Clock, seed: dict[str, Any] | None = None) -> None:
        """Plant the seed, by default the demo accounts."""
        self.lock = threading.RLock()
        self.clock = clock
        self._seed = copy.deepcopy(seed if seed is not None else seeds.DEFAULT_SEED)
        self.reset()

    def reset(self) -> None:
        """Go back to the seed: posts, calls, faults, options and the clock's offset are gone."""
        with self.lock:
            self.clock.move_to(0.0)
            self.rng = Random(_RNG_SEED)
            self.faults = FaultPlan()
            self.journal = Journal()
            self.pictures = Pictures()
            self.weibo = WeiboState()
            self.wechat = WechatState()
            now = self.clock.now()
            seeds.plant_weibo(self.weibo, self._seed.get("weibo") or {}, now)
            seeds.plant_wechat(self.wechat, self._seed.get("wechat") or {})

    def settle(self) -> None:
        """Finish every WeChat job that is due by now."""
        jobs.settle(self.wechat, self.clock.now(), self.rng)

"""Faults on demand: replies that get lost, servers that stumble, webhooks that come twice, late or never."""

import hashlib
import hmac
from collections import defaultdict, deque
from dataclasses import dataclass, field

#: `timeout_after` does the work and drops the reply; `drop_before` drops the request; the others answer badly.
HOWS = ("timeout_after", "drop_before", "500", "429", "garbage")


@dataclass
class Webhooks:
    """What goes wrong on the way to the webhook; shares of 100 events, drawn from the seed."""

    duplicate: int = 0
    lose: int = 0
    delay: int = 0
    reorder: int = 0


@dataclass
class Faults:
    """Set by tests; nothing goes wrong by itself."""

    seed: str
    webhooks: Webhooks = field(default_factory=Webhooks)
    _next: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))

    def fail_next(self, route: str, how: str) -> None:
        """The next call of `POST /v1/refunds` or the like fails in that way."""
        if how not in HOWS:
            raise ValueError(f"no fault {how}")
        self._next[route].append(how)

    def take(self, route: str) -> str:
        """The fault for this call, or nothing."""
        waiting = self._next.get(route)
        return waiting.popleft() if waiting else ""

    def strikes(self, what: str, id: str, share: int) -> bool:
        """Whether a fault of so many in 100 strikes this one; the same each time."""
        drawn = hmac.new(self.seed.encode(), f"{what}/{id}".encode(), hashlib.sha256).digest()
        return drawn[0] * 100 < share * 256

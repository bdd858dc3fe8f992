"""What a session is held under: prices, and limits of time and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .cost import Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Prices by model, and when the session is to end.

    `max_usd` and `max_s` (seconds of the connection) are the user's limits, `server_limit_s` is the service's
    own, for servers that do not tell it. `started_unix_s` is the wall clock at session second 0: the server's
    `expires_at` is in that time.
    """

    prices: Mapping[str, Rates] = field(default_factory=dict[str, Rates])
    max_usd: float | None = None
    max_s: float | None = None
    server_limit_s: float | None = None
    started_unix_s: float | None = None

"""Everything that a session remembers. One owner changes it; `view` makes the read-only picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .calls import CallList
from .conversation import ItemList
from .metrics import Stopwatch
from .responses import ResponseList
from .sent import SentEvents
from .view import (
    Cause,
    ConnectionState,
    Counters,
    Difference,
    Level,
    Notice,
    RateLimitView,
    SessionView,
    TokenCounts,
)


@dataclass(slots=True)
class SessionState:
    """The session as it is known now."""

    connection: ConnectionState = "connecting"
    is_ready: bool = False
    close_code: int | None = None
    close_reason: str = ""
    closed_by_us: bool = False
    session_id: str | None = None
    requested: Mapping[str, Any] = field(default_factory=dict[str, Any])
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    differences: tuple[Difference, ...] = ()
    items: ItemList = field(default_factory=ItemList)
    responses: ResponseList = field(default_factory=ResponseList)
    calls: CallList = field(default_factory=CallList)
    sent: SentEvents = field(default_factory=SentEvents)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    notices: list[Notice] = field(default_factory=list[Notice])
    tokens: TokenCounts = field(default_factory=TokenCounts)
    rate_limits: dict[str, RateLimitView] = field(default_factory=dict[str, RateLimitView])
    counts: Counter[str] = field(default_factory=Counter[str])
    user_speaking: bool = False
    turns: int = 0

    def count(self, **more: int) -> None:
        """Adds to counters."""
        for name, number in more.items():
            self.counts[name] += number

    def notice(
        self,
        now: float,
        level: Level,
        text: str,
        *,
        hint: str = "",
        code: str = "",
        cause: Cause | None = None,
    ) -> None:
        """Leaves word for the user."""
        self.notices.append(Notice(now, level, text, hint, code, cause))

    def view(self, *, is_busy: bool) -> SessionView:
        """The read-only picture."""
        return SessionView(
            connection=self.connection,
            close_code=self.close_code,
            close_reason=self.close_reason,
            closed_by_us=self.closed_by_us,
            session_id=self.session_id,
            config=self.config,
            differences=self.differences,
            items=self.items.snapshot(),
            responses=self.responses.snapshot(),
            calls=self.calls.snapshot(),
            notices=tuple(self.notices),
            tokens=self.tokens,
            rate_limits=tuple(self.rate_limits.values()),
            counters=Counters(**self.counts),
            user_speaking=self.user_speaking,
            is_busy=is_busy,
            turns=self.turns,
        )

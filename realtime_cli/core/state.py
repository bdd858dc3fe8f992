"""Everything that a session remembers. One owner changes it; `view` makes the read-only picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from . import inputs
from .calls import CallList
from .conversation import ItemList
from .effects import Effect
from .metrics import Stopwatch
from .playback import Playback
from .responses import ResponseList
from .sent import SentEvents
from .terms import Terms
from .turns import MicrophoneGate
from .view import (
    AudioView,
    Cause,
    ConnectionState,
    Counters,
    Difference,
    GapCounts,
    Level,
    Notice,
    RateLimitView,
    SessionView,
    TokenCounts,
)

# What waits for its turn to be said. `TalkEnded`: what was spoken is to be committed and answered.
ToSay: TypeAlias = (
    inputs.UserText | inputs.UserItem | inputs.UserEvent | inputs.ToolFinished | inputs.TalkEnded
)


@dataclass(slots=True)
class SessionState:
    """The session as it is known now. `effects` is what the present input makes it do."""

    connection: ConnectionState = "connecting"
    pcm_input_rate_hz: int | None = None
    terms: Terms = field(default_factory=Terms)
    now_s: float = 0.0
    opened_s: float | None = None
    ends_s: float | None = None
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
    gaps: GapCounts = field(default_factory=GapCounts)
    user_speaking: bool = False
    turns: int = 0
    gate: MicrophoneGate = field(default_factory=MicrophoneGate)
    playback: Playback = field(default_factory=Playback)
    outbox: list[ToSay] = field(default_factory=list[ToSay])
    effects: list[Effect] = field(default_factory=list[Effect])
    own_events: int = 0

    @property
    def may_speak(self) -> bool:
        """Whether the server listens."""
        return self.is_ready and self.connection == "open"

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
        self.notices.append(Notice(now, level, text, hint, code, cause, self.items.last_id))

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
            audio=self._audio_view(),
            now_s=self.now_s,
            opened_s=self.opened_s,
            ends_s=self.ends_s,
        )

    def _audio_view(self) -> AudioView:
        gate = self.gate
        return AudioView(
            microphone=gate.microphone,
            speaker="" if self.playback.lost_deadline else self.playback.speaker or "",
            is_listening=gate.is_listening,
            is_muted=gate.is_muted,
            is_push_to_talk=gate.is_push_to_talk,
            is_talking=gate.is_talking,
            is_half_duplex=gate.is_half_duplex,
            is_playing=self.playback.is_playing,
            is_congested=gate.is_congested,
            gaps=self.gaps,
        )

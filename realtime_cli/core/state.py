"""Everything that a session remembers. One owner changes it; `view` makes the read-only picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from realtime_cli.protocol.encoding import Encoding

from . import inputs
from .calls import CallList
from .comeback import Comeback
from .conversation import ItemList
from .cost import Cost
from .effects import Effect
from .floor import Floor
from .metrics import Stopwatch
from .names import Names
from .playback import Playback
from .responses import ResponseList
from .sent import SentEvents
from .sent_audio import SentAudio
from .spending import Spending
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
    Retry,
    SessionView,
    TokenCounts,
)

# What waits for its turn to be said. `TalkEnded`: what was spoken is to be committed and answered.
ToSay: TypeAlias = inputs.UserText | inputs.UserItem | inputs.UserEvent | inputs.TalkEnded


@dataclass(slots=True)
class Ending:
    """How near the session's end is: what was `said` of its limits, and when there is more to say.

    `next_s` holds as long as what it stands on, the `basis`, is the same.

    Once one of the user's is reached, the last answer has until `patience_ends_s`; then it `is_cut`. The
    session `has_left` once we asked to disconnect.
    """

    said: set[str] = field(default_factory=set[str])
    next_s: float | None = None
    basis: tuple[object, ...] = ()
    patience_ends_s: float | None = None
    is_cut: bool = False
    has_left: bool = False


@dataclass(slots=True)
class SessionState:
    """The session as it is known now. `effects` is what the present input makes it do.

    It `opened_s`, and its present connection lasts `since_s`; between connections it was without one for
    `away_s` in all. Where it `reconnects`, a connection that is lost is replaced. Of what was `requested` of
    the configuration, the server `accepted` a part; `to_configure` is what it is asked for at the beginning.
    What is `owed` are the answers whose calls have outputs that wait for an answer. Once the session
    `is_leaving`, no tool begins any more.
    `unspoken_item_id` is what the server makes of the last silence that was too long for it.
    `moved_s` is when the server last said something, was asked for an answer or told of a decision, or when
    its speech last sounded. The user was told that it is silent about `silence_told_of`: an answer, or the
    request for one.
    """

    connection: ConnectionState = "connecting"
    reconnects: bool = False
    comeback: Comeback = field(default_factory=Comeback)
    names: Names = field(default_factory=Names)
    pcm_input_rate_hz: int | None = None
    terms: Terms = field(default_factory=Terms)
    now_s: float = 0.0
    opened_s: float | None = None
    since_s: float = 0.0
    away_s: float = 0.0
    closed_s: float | None = None
    moved_s: float = 0.0
    silence_told_of: object | None = None
    spending: Spending = field(init=False)
    ending: Ending = field(default_factory=Ending)
    is_ready: bool = False
    is_configured: bool = False
    close_code: int | None = None
    close_reason: str = ""
    closed_by_us: bool = False
    session_id: str | None = None
    first_config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    to_configure: Mapping[str, Any] = field(init=False)
    requested: Mapping[str, Any] = field(default_factory=dict[str, Any])
    accepted: Mapping[str, Any] = field(default_factory=dict[str, Any])
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    differences: tuple[Difference, ...] = ()
    items: ItemList = field(default_factory=ItemList)
    responses: ResponseList = field(default_factory=ResponseList)
    calls: CallList = field(default_factory=CallList)
    sent: SentEvents = field(default_factory=SentEvents)
    sent_audio: SentAudio = field(default_factory=SentAudio)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    notices: list[Notice] = field(default_factory=list[Notice])
    tokens: TokenCounts = field(default_factory=TokenCounts)
    rate_limits: dict[str, RateLimitView] = field(default_factory=dict[str, RateLimitView])
    low_limits: set[str] = field(default_factory=set[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    gaps: GapCounts = field(default_factory=GapCounts)
    user_speaking: bool = False
    unspoken_item_id: str | None = None
    turns: int = 0
    gate: MicrophoneGate = field(default_factory=MicrophoneGate)
    playback: Playback = field(default_factory=Playback)
    floor: Floor = field(default_factory=Floor)
    outbox: list[ToSay] = field(default_factory=list[ToSay])
    owed: list[str | None] = field(default_factory=list[str | None])
    effects: list[Effect] = field(default_factory=list[Effect])
    own_events: int = 0
    own_messages: int = 0
    is_leaving: bool = False

    def __post_init__(self) -> None:
        self.spending = Spending(self.terms.prices)
        self.to_configure = self.first_config

    @property
    def is_heard(self) -> bool:
        """Whether the server listens."""
        return self.is_ready and self.connection == "open"

    @property
    def may_speak(self) -> bool:
        """Whether there may be new turns: the server listens, and none of the user's limits is reached."""
        return self.is_heard and self.ending.patience_ends_s is None

    @property
    def user_has_floor(self) -> bool:
        """Whether the user speaks, by voice activity or by a key, or has spoken and will be answered."""
        return self.floor.is_taken or self.gate.is_talking or self.gate.released_at is not None

    @property
    def is_between(self) -> bool:
        """Whether there is to be a new session that was told nothing yet."""
        return self.comeback.is_due and self.connection != "closed"

    @property
    def ends_s(self) -> float | None:
        """When the server ends the session, in session seconds."""
        opened_s = None if self.opened_s is None else self.since_s
        return self.terms.ends_s(self.config.get("expires_at"), opened_s=opened_s)

    @property
    def connected_s(self) -> float:
        """How long there was a connection."""
        if self.opened_s is None:
            return 0.0
        end_s = self.comeback.lost_s if self.connection == "reconnecting" else self.now_s
        return max(0.0, (end_s if self.closed_s is None else self.closed_s) - self.opened_s - self.away_s)

    @property
    def cost(self) -> Cost:
        """What the session has cost until now."""
        return self.spending.total(self.connected_s, is_open=self.connection == "open")

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

    def view(self, *, is_busy: bool, input_encoding: Encoding) -> SessionView:
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
            audio=self._audio_view(input_encoding),
            cost=self._cost_with_gaps(),
            now_s=self.now_s,
            opened_s=self.opened_s,
            ends_s=self.ends_s,
            retry=self._retry_view(),
            reconnects=self.comeback.replaced,
        )

    def _retry_view(self) -> Retry | None:
        back = self.comeback
        return Retry(back.tries, back.retry_s) if self.connection == "reconnecting" else None

    def _cost_with_gaps(self) -> Cost:
        """The cost; of answers that were broken off nobody knows theirs."""
        has_gap = self.responses.any_broken_off and self.spending.bills_answers
        return self.cost.at_most("unknown") if has_gap else self.cost

    def _audio_view(self, input_encoding: Encoding) -> AudioView:
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
            input_encoding=input_encoding,
        )

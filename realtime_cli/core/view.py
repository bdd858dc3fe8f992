"""The read-only picture of a session: what screens, JSON output and tests look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.protocol.jsontypes import at

from .cost import Cost

ConnectionState: TypeAlias = Literal["connecting", "open", "reconnecting", "closed"]
Level: TypeAlias = Literal["info", "warning", "error"]
CallState: TypeAlias = Literal[
    "collecting", "pending", "awaiting_approval", "running", "done", "failed", "denied", "cancelled"
]
Approval: TypeAlias = Literal["", "waiting", "approved", "denied"]
Origin: TypeAlias = Literal["text", "speech", "commit", "tool", "server"]
# So begin the ids of items and responses that the server does not name.
UNNAMED = "unnamed_"
# The code of notices about devices, and files in their place; of one side only: of what hears, or sounds.
AUDIO_CODE = "audio"
MICROPHONE_CODE = "audio.microphone"
SPEAKER_CODE = "audio.speaker"
# The code of notices that the user asked for, to find a moment again.
MARK_CODE = "mark"
# What the progress of a call begins with that a person has to answer.
ANSWER_WANTED = "waiting for your answer"
_FREE = Cost()


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item of the conversation; or of a response beside it, or of a session that was lost with it.

    `text` joins the words of all parts: written text, or transcripts. `audio_bytes` counts what the server
    sent (decoded), and `audio_ms` how long that lasts. `heard_ms` is how much of it was played, None where
    nothing ever was; `truncated_ms` is where an interruption cut the audio.

    A user's turn `is_silent` where the server has told that there are no words in it.

    Of what the server does at an MCP server (`server_label`): `error` is why a call failed, `began_s` and
    `ended_s` (session seconds) are those of the call or the listing, `approval` is that of a request.
    """

    id: str
    kind: str
    role: str = ""
    status: str = ""
    text: str = ""
    has_audio: bool = False
    audio_bytes: int = 0
    response_id: str | None = None
    in_conversation: bool = True
    truncated_ms: float | None = None
    awaits_transcript: bool = False
    transcription_error: str = ""
    name: str = ""
    call_id: str = ""
    arguments: str = ""
    output: str = ""
    audio_ms: float = 0.0
    heard_ms: float | None = None
    server_label: str = ""
    error: str = ""
    approval: Approval = ""
    began_s: float | None = None
    ended_s: float | None = None
    has_image: bool = False
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class CallView:
    """A function call, once per `call_id`; `arguments` is the model's own text.

    It is `pending` once its arguments are complete, and nobody has taken it up yet. `began_s` and `ended_s`
    are session seconds of the run itself; `progress` is what the tool last said of it.
    """

    call_id: str
    name: str
    arguments: str
    state: CallState
    item_id: str = ""
    response_id: str | None = None
    output: str = ""
    progress: str = ""
    began_s: float | None = None
    ended_s: float | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """When a turn's steps happened, in session seconds; None for what did not happen (yet).

    `start` is the end of the user's speech, or the commit, or the moment when an answer to the typed turn
    or to the tool's output was asked for. `first_sound` is when the answer could be heard. `pauses` are when
    the answer waited for a person's approval, from and to: that is nobody's latency.
    """

    origin: Origin = "server"
    start: float | None = None
    committed: float | None = None
    response_created: float | None = None
    first_text: float | None = None
    first_audio: float | None = None
    done: float | None = None
    first_sound: float | None = None
    pauses: tuple[tuple[float, float], ...] = ()

    def since_start_ms(self, name: str) -> int | None:
        """Milliseconds from the start of the turn to the step, without the pauses before it."""
        at: float | None = getattr(self, name)
        if at is None or self.start is None:
            return None
        paused_s = sum(max(0.0, min(to_s, at) - from_s) for from_s, to_s in self.pauses)
        return round((at - self.start - paused_s) * 1000)


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens by direction and kind. Cached tokens are a part of the input."""

    input: int = 0
    output: int = 0
    input_text: int = 0
    input_audio: int = 0
    input_image: int = 0
    cached: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    cached_image: int = 0
    output_text: int = 0
    output_audio: int = 0

    @property
    def total(self) -> int:
        """Input and output together."""
        return self.input + self.output

    def __add__(self, other: TokenCounts) -> TokenCounts:
        return TokenCounts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class ResponseView:
    """One answer. `why` says in words why it did not complete; `usage` is None where the server sent none."""

    id: str
    status: str
    in_conversation: bool = True
    why: str = ""
    metadata: Mapping[str, Any] | None = None
    item_ids: tuple[str, ...] = ()
    usage: TokenCounts | None = None
    marks: Marks = Marks()
    cost: Cost | None = None

    @property
    def is_active(self) -> bool:
        """Whether the answer is still coming."""
        return self.status == "in_progress"


@dataclass(frozen=True, slots=True)
class Cause:
    """The client event that an error answers; `certain` where the server named it."""

    type: str
    event_id: str | None
    certain: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened and deserves a line: what, and what to do about it.

    `after_item_id` is the last item that the conversation had then.
    """

    at_s: float
    level: Level
    text: str
    hint: str = ""
    code: str = ""
    cause: Cause | None = None
    after_item_id: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that the server took differently from what was asked."""

    path: str
    requested: Any
    effective: Any


@dataclass(frozen=True, slots=True)
class RateLimitView:
    """What is left of one allowance."""

    name: str
    limit: float | None
    remaining: float | None
    reset_s: float | None


@dataclass(frozen=True, slots=True)
class Counters:
    """How much has passed. Audio is counted in decoded bytes."""

    events_in: int = 0
    events_out: int = 0
    unknown: int = 0
    malformed: int = 0
    audio_in_bytes: int = 0
    audio_out_bytes: int = 0


@dataclass(frozen=True, slots=True)
class GapCounts:
    """How often, and how long in all, sound was missing: of each device, and because the network was late."""

    microphone: int = 0
    speaker: int = 0
    network: int = 0
    total_ms: float = 0.0

    @property
    def total(self) -> int:
        """All of them."""
        return self.microphone + self.speaker + self.network

    def and_one(self, source: Literal["microphone", "speaker", "network"], duration_ms: float) -> GapCounts:
        """One more."""
        more = {source: getattr(self, source) + 1}
        return replace(self, **more, total_ms=self.total_ms + duration_ms)


@dataclass(frozen=True, slots=True)
class AudioView:
    """What hears and what sounds: names, empty where there is none, and how they are used now.

    It `is_listening` once the microphone was asked for its blocks, and `is_playing` while there is speech
    that the user has not heard to its end. While it `is_congested`, the network takes nothing of the user's.
    The server takes what it hears to be in the `input_encoding`.
    """

    microphone: str = ""
    speaker: str = ""
    is_listening: bool = False
    is_muted: bool = False
    is_push_to_talk: bool = False
    is_talking: bool = False
    is_half_duplex: bool = False
    is_playing: bool = False
    is_congested: bool = False
    gaps: GapCounts = GapCounts()
    input_encoding: Encoding = PCM_24K


@dataclass(frozen=True, slots=True)
class Retry:
    """A connection is to take the place of one that was lost.

    So many `tries` were made; the next one is due at `at_s`, in session seconds, None while one is under way.
    """

    tries: int
    at_s: float | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """Everything that there is to know of a session, at one moment.

    Times are session seconds: `now_s` of the last input, `opened_s` of the first connection, `ends_s` of the
    end that the server has set, None where it has not. Connections that were lost were replaced by so many
    `reconnects`; `retry` tells of one that is to come.
    """

    connection: ConnectionState
    close_code: int | None
    close_reason: str
    closed_by_us: bool
    session_id: str | None
    config: Mapping[str, Any]
    differences: tuple[Difference, ...]
    items: tuple[ItemView, ...]
    responses: tuple[ResponseView, ...]
    calls: tuple[CallView, ...]
    notices: tuple[Notice, ...]
    tokens: TokenCounts
    rate_limits: tuple[RateLimitView, ...]
    counters: Counters
    user_speaking: bool
    is_busy: bool
    turns: int
    audio: AudioView = AudioView()
    cost: Cost = _FREE
    now_s: float = field(default=0.0, compare=False)
    opened_s: float | None = None
    ends_s: float | None = None
    retry: Retry | None = None
    reconnects: int = 0

    @property
    def model(self) -> str:
        """The model, as the server names it; empty where it does not."""
        return str(self.config.get("model") or "")

    @property
    def voice(self) -> str:
        """The output voice; empty where the server does not name one."""
        voice = at(self.config, "audio", "output", "voice")
        return str(at(voice, "id") or (voice if isinstance(voice, str) else ""))

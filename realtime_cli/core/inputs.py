"""What can happen to a session. A server's event is an input as it is; everything else has a class here.

Local inputs have a JSON form, so that a log holds all that a replay needs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from realtime_cli.protocol.codec import ClientEvent, ServerEvent, decode_client
from realtime_cli.protocol.jsontypes import as_object


@dataclass(frozen=True, slots=True)
class ConnectionOpened:
    """The socket is open; nothing was said yet."""


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The socket is closed. `code` is WebSocket's (RFC 6455, 7.4), None without a close frame."""

    code: int | None = None
    reason: str = ""
    by_us: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionFailed:
    """No connection came about that could replace one that was lost. `is_final`: no other will either."""

    reason: str
    hint: str = ""
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class UserText:
    """A typed turn."""

    text: str


@dataclass(frozen=True, slots=True)
class UserEvent:
    """An event that the user wrote by hand; it is sent as it is."""

    raw: str


@dataclass(frozen=True, slots=True)
class UserItem:
    """A turn that is more than typed text, such as an image or a sound: the JSON of its `item`."""

    raw: str


@dataclass(frozen=True, slots=True)
class Marked:
    """The user wants to find this moment again."""

    label: str = ""


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """The user wants the answer to stop."""


@dataclass(frozen=True, slots=True)
class RenewRequested:
    """The user wants a new session that knows what this one knows; or one that was lost, without delay."""


@dataclass(frozen=True, slots=True)
class QuitRequested:
    """The user wants to leave."""


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A function call is being run."""

    call_id: str


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A tool tells how far it is."""

    call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A function call has its output, as text for the model.

    `outcome` tells what became of it; of a failure `detail` is what the tool's author wants to see.
    """

    call_id: str
    output: str
    outcome: Literal["done", "failed", "denied", "cancelled"] = "done"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalWanted:
    """A function call must not be run before the user has agreed."""

    call_id: str


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """The user agrees to a call, or does not; of a server's MCP call `call_id` is the request's item id."""

    call_id: str
    approves: bool


@dataclass(frozen=True, slots=True)
class ToolCancelRequested:
    """The user wants a tool to stop; empty: all of them."""

    call_id: str = ""


@dataclass(frozen=True, slots=True)
class AudioReady:
    """What hears and what sounds: names of devices or files, empty where there is none.

    Comes at the start of a session that has audio, and again whenever one of them changes.
    """

    microphone: str = ""
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class ListeningMode:
    """How the microphone is used. Half-duplex: silence is sent while the speaker plays."""

    push_to_talk: bool = False
    half_duplex: bool = False


@dataclass(frozen=True, slots=True)
class TalkStarted:
    """Push-to-talk: the key went down."""


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """Push-to-talk: the key came up."""


@dataclass(frozen=True, slots=True)
class MuteRequested:
    """The user wants the microphone muted, or (`on` is False) open again."""

    on: bool


@dataclass(frozen=True, slots=True)
class MicrophoneEnded:
    """The file or pipe that serves as the microphone has no more."""


@dataclass(frozen=True, slots=True)
class PlaybackProgress:
    """So much of a part (`heard_ms`, from its beginning) was handed to the device.

    The last of it sounds `delay_ms` after this input. Comes with a part's first block, about ten times a
    second, and once with the part's exact end.
    """

    item_id: str
    content_index: int
    heard_ms: float
    delay_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class PlaybackStopped:
    """Answers `StopPlayback`: the part that was playing ends at `heard_ms`, the fade included.

    What was queued behind it was never heard. `item_id` is empty where nothing was playing.
    """

    item_id: str = ""
    content_index: int = 0
    heard_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class AudioGap:
    """Sound was missing for so long: a device had none or took none, or the network brought speech late."""

    source: Literal["microphone", "speaker", "network"]
    duration_ms: float


@dataclass(frozen=True, slots=True)
class AudioNotice:
    """Something about the devices that the user should know; `side` is empty where it is about both."""

    level: Literal["info", "warning", "error"]
    text: str
    hint: str = ""
    side: Literal["", "microphone", "speaker"] = ""


@dataclass(frozen=True, slots=True)
class Backpressure:
    """So many bytes wait for the socket: far too many, or (again) few.

    At the end `dropped_ms` is what the microphone has lost meanwhile: a log holds no block of it.
    """

    queued_bytes: int
    is_congested: bool
    dropped_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class MicrophoneBlock:
    """A block of the microphone, in the encoding that `Listen` asked for.

    Not in the log: the frames that go out because of it are, and a replay counts those.
    """

    audio: bytes


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The time that `Session.next_deadline` named has come."""


@dataclass(frozen=True, slots=True)
class EventSent:
    """An event went out without this session's doing.

    So it is where a recording is played back: another program's, or our own microphone's.
    """

    event: ClientEvent


LocalInput: TypeAlias = (
    ConnectionOpened
    | ConnectionLost
    | ConnectionFailed
    | RenewRequested
    | UserText
    | UserEvent
    | CancelRequested
    | QuitRequested
    | UserItem
    | Marked
    | ToolStarted
    | ToolProgress
    | ToolFinished
    | ApprovalWanted
    | ApprovalGiven
    | ToolCancelRequested
    | DeadlineReached
    | AudioReady
    | ListeningMode
    | TalkStarted
    | TalkEnded
    | MuteRequested
    | MicrophoneEnded
    | PlaybackProgress
    | PlaybackStopped
    | AudioGap
    | AudioNotice
    | Backpressure
)
SessionInput: TypeAlias = ServerEvent | LocalInput | EventSent | MicrophoneBlock

_NAMES: dict[type[LocalInput], str] = {
    ConnectionOpened: "connection.opened",
    ConnectionLost: "connection.lost",
    ConnectionFailed: "connection.failed",
    RenewRequested: "user.renew",
    UserText: "user.text",
    UserEvent: "user.event",
    CancelRequested: "user.cancel",
    QuitRequested: "user.quit",
    UserItem: "user.item",
    Marked: "user.mark",
    ToolStarted: "tool.started",
    ToolProgress: "tool.progress",
    ToolFinished: "tool.finished",
    ApprovalWanted: "approval.wanted",
    ApprovalGiven: "approval.given",
    ToolCancelRequested: "tool.cancel",
    DeadlineReached: "deadline.reached",
    AudioReady: "audio.ready",
    ListeningMode: "listening.mode",
    TalkStarted: "talk.started",
    TalkEnded: "talk.ended",
    MuteRequested: "user.mute",
    MicrophoneEnded: "microphone.ended",
    PlaybackProgress: "playback.progress",
    PlaybackStopped: "playback.stopped",
    AudioGap: "audio.gap",
    AudioNotice: "audio.notice",
    Backpressure: "backpressure",
}
_CLASSES: dict[str, type[LocalInput]] = {name: cls for cls, name in _NAMES.items()}


def to_json(local: LocalInput) -> str:
    """The input as a log writes it: an object with a `type`."""
    fields = {name: getattr(local, name) for name in local.__dataclass_fields__}
    return json.dumps({"type": _NAMES[type(local)], **fields})


def from_json(text: str) -> LocalInput | None:
    """The input that a log holds; None for one that this version cannot read."""
    try:
        data = as_object(json.loads(text)) or {}
    except (ValueError, RecursionError):
        return None
    name = str(data.get("type"))
    if name not in _CLASSES:
        return None
    try:
        return _reader(name).validate_python(data)
    except ValidationError:
        return None


@cache
def _reader(name: str) -> TypeAdapter[LocalInput]:
    return TypeAdapter(_CLASSES[name])


def event_sent(raw: str) -> EventSent:
    """The input for a frame that another program sent."""
    return EventSent(decode_client(raw))

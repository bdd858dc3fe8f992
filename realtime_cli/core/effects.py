"""What a session wants done. The runtime carries effects out, in order, by port calls that return at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from realtime_cli.protocol.codec import ClientEvent
from realtime_cli.protocol.encoding import Encoding


@dataclass(frozen=True, slots=True)
class SendEvent:
    """Send the event; as `raw`, where its text is there already: written by hand, or the microphone's."""

    event: ClientEvent
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the socket again."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the socket, normally."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Let the microphone's blocks come in this encoding. Again with another encoding: change to it."""

    encoding: Encoding


@dataclass(frozen=True, slots=True)
class PlayAudio:
    """Play more of a part, behind whatever is queued already."""

    item_id: str
    content_index: int
    audio: bytes
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class FinishAudio:
    """No more audio of this part will come: its rest need not wait for company."""

    item_id: str
    content_index: int


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Fade out now and drop everything that is queued; `PlaybackStopped` tells where that was."""


@dataclass(frozen=True, slots=True)
class StartTool:
    """Run a function call, once the policy (or the user) agrees; its inputs tell what becomes of it."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class AnswerApproval:
    """Go on with a call that waits for approval, or give it up."""

    call_id: str
    approves: bool


@dataclass(frozen=True, slots=True)
class CancelTool:
    """Stop a function call that is being run, or waits."""

    call_id: str


Effect: TypeAlias = (
    SendEvent
    | Connect
    | Disconnect
    | Listen
    | PlayAudio
    | FinishAudio
    | StopPlayback
    | StartTool
    | AnswerApproval
    | CancelTool
)

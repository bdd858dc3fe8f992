"""What the loop needs from the world, as small as it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from realtime_cli.core.effects import AnswerApproval, FinishAudio, PlayAudio, StartTool
from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened, LocalInput, MicrophoneBlock
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.encoding import Encoding

Direction: TypeAlias = Literal["in", "out", "local"]
# A frame as it came from the socket, or something that happened here.
Inbound: TypeAlias = str | bytes | LocalInput | MicrophoneBlock
Post: TypeAlias = Callable[[Inbound], None]


class Transport(Protocol):
    """A connection to a server."""

    @property
    def queued_bytes(self) -> int:
        """Bytes of the frames that the connection has not taken yet."""
        ...

    async def run(self, post: Post) -> None:
        """Connects, then posts `ConnectionOpened`, every frame, and `ConnectionLost` at the end, always.

        May be called again once it has returned, for another connection to the same server.
        Raises `ConnectFailed` (or `Unauthorized`) where no connection came about; nothing was posted then.
        """
        ...

    def send(self, text: str) -> None:
        """Queues a frame and returns at once; frames before the connection is open are kept for it."""
        ...

    def close(self) -> None:
        """Sends what is queued, then closes normally; `run` returns soon after. Does not wait."""
        ...


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud it is now, in dBFS (RMS of the last block); -inf is silence."""

    microphone_dbfs: float = float("-inf")
    speaker_dbfs: float = float("-inf")


class AudioEngine(Protocol):
    """A microphone and a speaker, or what stands in for them. Every method but `run` returns at once."""

    async def run(self, post: Post) -> None:
        """Posts `AudioReady`, then what is heard, played and noticed, until `close`. A device that fails is
        reported and replaced, never raised."""
        ...

    def listen(self, encoding: Encoding) -> None:
        """Lets the microphone's blocks come, in this encoding; nothing is captured before."""
        ...

    def play(self, chunk: PlayAudio) -> None:
        """Queues audio of a part behind what is queued already."""
        ...

    def finish(self, part: FinishAudio) -> None:
        """Knows that this was all audio of the part."""
        ...

    def stop(self) -> None:
        """Fades out in the next block and drops the rest; posts `PlaybackStopped` once that is done."""
        ...

    def levels(self) -> Levels:
        """How loud both sides are."""
        ...

    def close(self) -> None:
        """Lets go of the devices; `run` returns once what was played is out, or this is called again."""
        ...


class ToolHost(Protocol):
    """What runs the calls that the model makes. Every method but `run` returns at once."""

    async def run(self, post: Post) -> None:
        """Runs what `start` was told, and posts what becomes of it, until `close`. A tool that fails is an
        outcome, never raised."""
        ...

    def start(self, call: StartTool) -> None:
        """Takes a call: posts `ApprovalWanted` first where the policy says so, then `ToolStarted`, and
        `ToolFinished` in every case, once."""
        ...

    def answer(self, answer: AnswerApproval) -> None:
        """Goes on with a call that waits for approval, or gives it up."""
        ...

    def cancel(self, call_id: str) -> None:
        """Stops a call; its `ToolFinished` says so."""
        ...

    def close(self) -> None:
        """Stops everything; `run` returns soon after."""
        ...


class Screen(Protocol):
    """Something that shows the session to somebody."""

    def update(self, view: SessionView) -> None:
        """Shows what changed."""
        ...

    def close(self, view: SessionView) -> None:
        """Shows the last state and leaves the terminal as it was."""
        ...


class Observer(Protocol):
    """Something that hears everything: a log, or a raw view."""

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """A frame came in or went out, or a local input happened, `now_s` seconds into the session.

        `is_object` promises that `raw` is the text of a JSON object.
        """
        ...


__all__ = [
    "AudioEngine",
    "ConnectionLost",
    "ConnectionOpened",
    "Direction",
    "Inbound",
    "Levels",
    "Observer",
    "Post",
    "Screen",
    "ToolHost",
    "Transport",
]

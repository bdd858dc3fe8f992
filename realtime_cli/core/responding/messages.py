"""What the responder takes and gives: its inputs beside the client's events, and its effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from realtime_cli.core.answers import AnswerPart, Prompt
from realtime_cli.core.inputs import DeadlineReached
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.codec import ClientEvent
from realtime_cli.protocol.encoding import Encoding


@dataclass(frozen=True, slots=True)
class AnswerPartReady:
    """The brain has a piece of the answer."""

    response_id: str
    part: AnswerPart


@dataclass(frozen=True, slots=True)
class AnswerFinished:
    """The brain has no more to say."""

    response_id: str


@dataclass(frozen=True, slots=True)
class TranscriptPiece:
    """The recogniser has more words of an item's audio."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class TranscriptFinished:
    """The recogniser has all words of the audio that it was given; none at all where nobody spoke."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class TranscriptFailed:
    """The recogniser could not do it, or there is none."""

    item_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Send:
    """Send the server event to the client."""

    event: Event


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How an answer is to sound. `speed` is a factor; 1 is the voice's own."""

    voice: str
    speed: float
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class StartAnswer:
    """Ask the brain; its pieces come back as `AnswerPartReady`, its end as `AnswerFinished`.

    With a `voice` each `Say` is followed by the `Speech` that sounds it, as far as there is a synthesiser.
    """

    response_id: str
    prompt: Prompt
    voice: VoiceSettings | None = None


@dataclass(frozen=True, slots=True)
class StartTranscription:
    """Turn audio into text; the words come back as `TranscriptPiece`s and one `TranscriptFinished`.

    Not `is_final`: the user may go on speaking; only what was said so far is wanted. `item_id` is what the
    words come back under; parts beyond an item's first, and what is not final, have ids of their own.
    """

    item_id: str
    audio: bytes
    encoding: Encoding
    language: str = ""
    prompt: str = ""
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class StopTranscription:
    """The words are not wanted any more; whatever still comes of them is ignored."""

    item_id: str


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """The answer is over; whatever the brain still says about it is ignored."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Send what is queued, then close the socket."""

    code: int
    reason: str


ResponderInput: TypeAlias = (
    ClientEvent
    | AnswerPartReady
    | AnswerFinished
    | TranscriptPiece
    | TranscriptFinished
    | TranscriptFailed
    | DeadlineReached
)
ResponderEffect: TypeAlias = Send | StartAnswer | StopAnswer | StartTranscription | StopTranscription | Close

"""What the responder takes and gives: its inputs beside the client's events, and its effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from realtime_cli.core.answers import AnswerPart, Prompt
from realtime_cli.core.inputs import DeadlineReached
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.codec import ClientEvent


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
class Send:
    """Send the server event to the client."""

    event: Event


@dataclass(frozen=True, slots=True)
class StartAnswer:
    """Ask the brain; its pieces come back as `AnswerPartReady`, its end as `AnswerFinished`."""

    response_id: str
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """The answer is over; whatever the brain still says about it is ignored."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Send what is queued, then close the socket."""

    code: int
    reason: str


ResponderInput: TypeAlias = ClientEvent | AnswerPartReady | AnswerFinished | DeadlineReached
ResponderEffect: TypeAlias = Send | StartAnswer | StopAnswer | Close

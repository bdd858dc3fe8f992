"""What the newest turns of a conversation ask of a brain. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from realtime_cli.server.brains.port import Prompt, Turn


class Moment(Enum):
    """Where the conversation stands when a brain is asked to answer."""

    START = auto()
    """Nobody has said anything."""
    SPOKEN = auto()
    """The user spoke last."""
    RETURNED = auto()
    """Functions returned last."""
    CALLING = auto()
    """A call is still without its output."""
    ANSWERED = auto()
    """The assistant spoke last."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a function returned, and its name (empty if the call is not in the conversation).

    A call that `is_denied` was not made, for want of approval.
    """

    name: str
    text: str
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class Hearing:
    """What there is to answer.

    `said` are the user's newest words; `outputs` what functions returned since the last message, and
    `waiting_for` the names of those that have not returned yet.
    """

    moment: Moment
    said: str
    outputs: tuple[Output, ...]
    waiting_for: tuple[str, ...]


def hear(prompt: Prompt) -> Hearing:
    """Reads the newest turns of a prompt; system messages never hide what came before them."""
    turns = [turn for turn in prompt.turns if turn.role != "system"]
    said = next((turn.text for turn in reversed(turns) if turn.role == "user"), "")
    names = {turn.call_id: turn.name for turn in turns if turn.role == "call"}
    recent = _since_the_last_message(turns)
    returned = [turn for turn in recent if turn.role == "call_output"]
    outputs = tuple(
        Output(turn.name or names.get(turn.call_id, ""), turn.text, turn.is_denied) for turn in returned
    )
    done = {turn.call_id for turn in returned}
    waiting_for = tuple(turn.name for turn in recent if turn.role == "call" and turn.call_id not in done)
    return Hearing(_moment(turns), said, outputs, waiting_for)


def _since_the_last_message(turns: list[Turn]) -> list[Turn]:
    last = max((index for index, turn in enumerate(turns) if turn.role in {"user", "assistant"}), default=-1)
    return turns[last + 1 :]


def _moment(turns: list[Turn]) -> Moment:
    if not turns:
        return Moment.START
    match turns[-1].role:
        case "user":
            return Moment.SPOKEN
        case "call_output":
            return Moment.RETURNED
        case "call":
            return Moment.CALLING
        case _:
            return Moment.ANSWERED

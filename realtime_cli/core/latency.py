"""How long people waited: the steps of every answer, and what is usual in a session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from operator import itemgetter
from statistics import median
from typing import Literal, TypeAlias

from .view import Marks, Origin, ResponseView, SessionView

StepName: TypeAlias = Literal[
    "start", "committed", "response_created", "first_text", "first_audio", "first_sound", "done"
]
Kind: TypeAlias = Literal["voice", "text"]
STEPS: tuple[StepName, ...] = (
    "start",
    "committed",
    "response_created",
    "first_text",
    "first_audio",
    "first_sound",
    "done",
)
# The step that the user waits for.
_AWAITED: dict[Kind, StepName] = {"voice": "first_sound", "text": "first_text"}
# Behind a tool's output, or an answer that the server began by itself, nobody's turn has ended.
_USERS: frozenset[Origin] = frozenset({"text", "speech", "commit"})


@dataclass(frozen=True, slots=True)
class Step:
    """Something on the way to an answer: milliseconds from the start, and since the step before it."""

    name: StepName
    at_ms: int
    took_ms: int


@dataclass(frozen=True, slots=True)
class Latency:
    """The steps of one answer in the order in which they happened; the first is the start.

    `origin` is what the start was: the end of speech, a commit, the key behind a typed turn, or a tool's
    output. `kind` is `voice` where the answer sounded, or its audio came.
    """

    response_id: str
    origin: Origin
    kind: Kind
    steps: tuple[Step, ...]

    @property
    def awaited_ms(self) -> int | None:
        """Until the first sound (voice) or the first text (text); None where there was none."""
        return self.at_ms(_AWAITED[self.kind])

    def at_ms(self, name: StepName) -> int | None:
        """Milliseconds from the start to a step; None for one that did not happen."""
        return next((step.at_ms for step in self.steps if step.name == name), None)


@dataclass(frozen=True, slots=True)
class Spread:
    """What is usual: of so many answers the median, and what 95 percent do not exceed (nearest rank)."""

    count: int
    median_ms: int
    p95_ms: int


def latency(response: ResponseView) -> Latency | None:
    """The steps of an answer; None where nobody knows when its turn began."""
    marks = response.marks
    if marks.start is None:
        return None
    is_voice = marks.first_audio is not None or marks.first_sound is not None
    return Latency(response.id, marks.origin, "voice" if is_voice else "text", _steps(marks))


def latencies(view: SessionView) -> tuple[Latency, ...]:
    """The steps of all answers whose start is known, oldest first."""
    return tuple(found for found in map(latency, view.responses) if found is not None)


def usual(view: SessionView, kind: Kind) -> Spread | None:
    """How long the user waited for an answer: for its first sound, or its first text; None without any."""
    mine = (each for each in latencies(view) if each.kind == kind and each.origin in _USERS)
    return spread(each.awaited_ms for each in mine)


def spread(waits_ms: Iterable[int | None]) -> Spread | None:
    """Median and 95th percentile; None where there is nothing."""
    known = sorted(wait for wait in waits_ms if wait is not None)
    if not known:
        return None
    return Spread(len(known), round(median(known)), known[ceil(len(known) * 0.95) - 1])


def _steps(marks: Marks) -> tuple[Step, ...]:
    happened: list[tuple[int, StepName]] = []
    for name in STEPS:
        at_ms = marks.since_start_ms(name)
        if at_ms is not None:
            happened.append((at_ms, name))
    steps: list[Step] = []
    for at_ms, name in sorted(happened, key=itemgetter(0)):  # what coincides stays in the usual order
        steps.append(Step(name, at_ms, at_ms - steps[-1].at_ms if steps else 0))
    return tuple(steps)

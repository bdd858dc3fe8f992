"""How long a frame of the live screen takes at 120x40, early and late in a conversation.

`pytest -m benchmark -s tests/benchmarks/test_screen.py`. A frame is what follows one event of the server: the
session's view, the story's rows, the region, the status line, all written as ANSI. The share of the view is
what every screen pays, the live one and the others. Times are those of the processor.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from rich.text import Text

from realtime_cli.core.inputs import (
    AudioReady,
    ConnectionOpened,
    PlaybackProgress,
    SessionInput,
    ToolFinished,
)
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from realtime_cli.providers.prices import load_prices
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.live.region import fitted
from realtime_cli.ui.live.status import Meters, Status, changes_in_s, status_line
from realtime_cli.ui.live.story import Story
from realtime_cli.ui.theme import make_paper
from tests.support.builders import (
    event,
    function_call,
    item_added,
    message,
    response_created,
    response_done,
    text_delta,
)
from tests.support.voice import audio_delta

pytestmark = pytest.mark.benchmark

WIDTH, HEIGHT = 120, 40
EARLY_TURNS, LATE_TURNS = 5, 500
GOAL_MS = 8.0
# Nothing that works takes longer, however busy the machine.
GROSS_MS = 100
ROUNDS = 5
MARKDOWN = """## What to see in *Lisbon*

The **oldest** quarter is the Alfama: narrow streets, `azulejos`, and the [castle](https://example.org/castle)
above them. Take tram 28 early in the morning; later it is full.

1. Start at the cathedral, which is older than most of the town around it.
2. Climb to the viewpoint *Portas do Sol* and look back over the river.
3. Eat sardines where there is no menu in four languages.

> It rains in November. Bring a coat, and shoes that hold on wet stone.

```python
def walk(places: list[str]) -> str:
    return " -> ".join(sorted(places, key=len))
```

| place | minutes | cost |
|-------|--------:|------|
| castle | 90 | 15 EUR |
| tram 28 | 40 | 3 EUR |

That is enough for a day; the *next* one belongs to **Belém**.
"""
USAGE = {
    "total_tokens": 1700,
    "input_tokens": 1400,
    "output_tokens": 300,
    "input_token_details": {"text_tokens": 420, "audio_tokens": 980, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 60, "audio_tokens": 240},
}
PARTS = ("view", "story", "region", "status", "ansi")


class Terminal(io.TextIOWrapper):
    """A stream that has colours."""

    def isatty(self) -> bool:
        return True


class Theatre:
    """A session in front of the parts of a live screen, and what each part of each frame took."""

    def __init__(self) -> None:
        self.session = Session(terms=Terms(prices=load_prices(None)))
        self.console = make_paper(Terminal(io.BytesIO(), encoding="utf-8"))
        self.story = Story(self.console)
        self.meters = Meters()
        self.now_s = 0.0
        self.took_ms: list[list[float]] = []

    def hear(self, *happened: SessionInput) -> None:
        """What happens without being drawn."""
        for each in happened:
            self.now_s += 0.01
            self.session.receive(each, self.now_s)

    def draw(self, each: SessionInput) -> None:
        """What happens, and the frame behind it."""
        self.hear(each)
        self.meters.add(Levels(-20.0 - self.now_s % 7, -30.0))
        marks = [time.thread_time()]

        def done() -> None:
            marks.append(time.thread_time())

        view = self.session.view()
        done()
        rows = self.story.tell(view, width=WIDTH, now_s=self.now_s)
        done()
        live = fitted(rows.live, room=8)
        done()
        told = Status("openai", self.meters, now_s=self.now_s, log="recording", max_usd=1e6)
        line = status_line(self.console, view, told, width=WIDTH)
        changes_in_s(view, told)
        done()
        self._ansi([*rows.above, *live, line])
        done()
        self.took_ms.append([1000 * (after - before) for before, after in pairwise(marks)])

    def _ansi(self, rows: list[Text]) -> str:
        with self.console.capture() as written:
            for row in rows:
                self.console.print(row, soft_wrap=True)
        return written.get()


def greeting() -> Iterator[SessionInput]:
    yield ConnectionOpened()
    config = {"id": "sess_1", "type": "realtime", "model": "gpt-realtime-2.1", "expires_at": 9_999_999_999}
    yield event("session.created", session={**config, "audio": {"output": {"voice": "marin"}}})
    yield AudioReady("Built-in microphone", "Built-in speaker")


def deltas(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def typed(number: int, *, size: int = 400) -> Iterator[SessionInput]:
    """A typed turn with an answer in Markdown."""
    user, answer, response = f"u{number}", f"a{number}", f"r{number}"
    content = [{"type": "input_text", "text": f"What is there to see? ({number})"}]
    yield item_added(message(user, role="user", status="completed", content=content))
    yield response_created(response)
    for delta in deltas(MARKDOWN, size):
        yield text_delta(delta, item_id=answer, response_id=response)
    done = message(answer, MARKDOWN, status="completed")
    yield response_done(response, output=[done], usage=USAGE)


def spoken(number: int, *, size: int = 400) -> Iterator[SessionInput]:
    """A spoken turn: transcript and sound, heard as it comes."""
    user, answer, response = f"u{number}", f"a{number}", f"r{number}"
    yield event("input_audio_buffer.speech_started", item_id=user)
    yield event("input_audio_buffer.speech_stopped", item_id=user)
    yield event("input_audio_buffer.committed", item_id=user)
    transcription = "conversation.item.input_audio_transcription.completed"
    yield event(transcription, item_id=user, content_index=0, transcript=f"What is there to see? ({number})")
    yield response_created(response)
    words, heard_ms = "Well, there is a castle on a hill, and a tram that goes there. " * 12, 0.0
    for delta in deltas(words, size):
        name = "response.output_audio_transcript.delta"
        yield event(name, response_id=response, item_id=answer, content_index=0, delta=delta)
        yield audio_delta(40, item_id=answer, response_id=response)
        heard_ms += 40
        yield PlaybackProgress(answer, 0, heard_ms - 10)
    yield event("response.output_audio.done", response_id=response, item_id=answer, content_index=0)
    part = {"type": "output_audio", "transcript": words}
    yield response_done(response, output=[message(answer, status="completed", content=[part])], usage=USAGE)
    yield PlaybackProgress(answer, 0, heard_ms)


def called(number: int, *, size: int = 400) -> Iterator[SessionInput]:
    """A typed turn in which the model calls a function, and answers with what it gives."""
    call_id, call, response = f"call_{number}", f"c{number}", f"r{number}_call"
    arguments = json.dumps({"city": "Lisbon", "days": list(range(20)), "note": "x" * 200})
    yield response_created(response)
    for delta in deltas(arguments, size):
        name = "response.function_call_arguments.delta"
        yield event(name, response_id=response, item_id=call, call_id=call_id, delta=delta)
    item = function_call(call, call_id=call_id, arguments=arguments, status="completed")
    yield event("response.output_item.done", response_id=response, item=item)
    yield response_done(response, output=[item], usage=USAGE)
    yield ToolFinished(call_id, json.dumps({"sunny": True, "degrees": list(range(20))}))
    yield from typed(number, size=size)


KINDS: dict[str, Callable[..., Iterator[SessionInput]]] = {"text": typed, "voice": spoken, "call": called}


def theatre_after(turns: int) -> Theatre:
    """A screen that has told so many turns of all kinds."""
    theatre = Theatre()
    theatre.hear(*greeting())
    kinds = list(KINDS.values())
    for number in range(turns):
        for each in kinds[number % len(kinds)](number):
            theatre.hear(each)
        theatre.story.tell(theatre.session.view(), width=WIDTH, now_s=theatre.now_s)
    return theatre


def frames(turns: int, kind: str) -> np.ndarray:
    """What the frames of some more turns took, in milliseconds: a row each, a column for each part."""
    theatre = theatre_after(turns)
    for number in range(ROUNDS):
        for each in KINDS[kind](turns + number, size=12):
            theatre.draw(each)
    view = theatre.session.view()
    assert len(view.responses) >= turns + ROUNDS
    assert view.cost.usd > 0
    return np.array(theatre.took_ms)


def tell(name: str, took_ms: np.ndarray) -> None:
    """One line of the table."""
    whole = took_ms.sum(axis=1)
    parts = "  ".join(f"{part} {np.median(took_ms[:, at]):.2f}" for at, part in enumerate(PARTS))
    print(
        f"{name:22} median {np.median(whole):5.2f}  p99 {np.percentile(whole, 99):5.2f}"
        f"  max {whole.max():6.2f} ms  ({parts}; n={len(whole)})"
    )
    slow = took_ms[whole >= np.percentile(whole, 99)].mean(axis=0)
    print(
        f"{'  the slowest percent':22} "
        + "  ".join(f"{part} {ms:.2f}" for part, ms in zip(PARTS, slow, strict=True))
    )


@pytest.fixture(autouse=True)
def _colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_costs_the_same_at_any_length_of_the_conversation(kind: str) -> None:
    print()
    frames(EARLY_TURNS, kind)
    early, late = frames(EARLY_TURNS, kind), frames(LATE_TURNS, kind)
    tell(f"{kind}, {EARLY_TURNS} turns before", early)
    tell(f"{kind}, {LATE_TURNS} turns before", late)
    medians = [float(np.median(took_ms.sum(axis=1))) for took_ms in (early, late)]
    ratio = medians[1] / medians[0]
    print(f"{'':22} ratio {ratio:.2f}  (goals: {GOAL_MS:g} ms, ratio 1)")
    assert medians[1] < GROSS_MS

"""Ports in memory: a server that is a function, sound that is counted, tools, and a screen that is a list.

For tests, and for dry runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from realtime_cli.core.effects import AnswerApproval, FinishAudio, PlayAudio, StartTool
from realtime_cli.core.inputs import (
    ApprovalWanted,
    AudioReady,
    ConnectionLost,
    ConnectionOpened,
    MicrophoneBlock,
    MicrophoneEnded,
    PlaybackProgress,
    PlaybackStopped,
    ToolFinished,
    ToolStarted,
)
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.encoding import Encoding

from .ports import Levels, Post

_FADE_MS = 8
_PROGRESS_MS = 100


class MemoryTransport:
    """A connection whose server answers each frame with the frames that `answer` gives.

    `queued_bytes` is what it claims to hold back; whoever wants a slow network sets it. It may be run again
    once it is over; `sent` is what every run was told. What it is told between two runs is lost.
    """

    def __init__(self, answer: Callable[[str], Iterable[str]], *, greeting: Iterable[str] = ()) -> None:
        self._answer = answer
        self._greeting = tuple(greeting)
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self._is_over = False
        self.sent: list[str] = []
        self.queued_bytes = 0

    async def run(self, post: Post) -> None:
        """Greets, answers, and closes normally when told to."""
        self._is_over = False
        post(ConnectionOpened())
        for frame in self._greeting:
            post(frame)
        while (asked := await self._frames.get()) is not None:
            for answer in self._answer(asked):
                post(answer)
        self._is_over, self._frames = True, asyncio.Queue()
        post(ConnectionLost(1000, by_us=True))

    def send(self, text: str) -> None:
        """Takes a frame from the client."""
        if self._is_over:
            return
        self.sent.append(text)
        self._frames.put_nowait(text)

    def close(self) -> None:
        """Ends the connection after the frames before it."""
        self._frames.put_nowait(None)


@dataclass(slots=True, eq=False)
class _Sounding:
    """A part of speech on its way to the speaker."""

    item_id: str
    content_index: int
    encoding: Encoding
    queued: bytearray = field(default_factory=bytearray)
    heard: bytearray = field(default_factory=bytearray)
    reported_bytes: int = 0
    is_finished: bool = False

    @property
    def heard_ms(self) -> float:
        return self.encoding.ms(len(self.heard))

    def sound(self, duration_ms: float) -> float:
        """Plays so much, if there is as much; tells how long that was."""
        samples = round(duration_ms * self.encoding.rate_hz / 1000)
        taken = self.queued[: samples * self.encoding.sample_bytes]
        del self.queued[: len(taken)]
        self.heard += taken
        return self.encoding.ms(len(taken))

    def is_news(self) -> bool:
        """Whether it is time to tell how much was heard."""
        new_ms = self.encoding.ms(len(self.heard) - self.reported_bytes)
        is_first = self.reported_bytes == 0 and new_ms > 0
        return is_first or new_ms >= _PROGRESS_MS or (new_ms > 0 and not self.queued)


class MemoryAudio:
    """A microphone that is a list of blocks, and a speaker that counts; an `AudioEngine` by the loop's clock.

    Every `block_ms` it takes one block of the microphone (an empty one is a pause; behind the last one the
    microphone has ended) and plays as much of what is queued. `heard` is what sounded, by item and part;
    with `tells_stop` off, it stops without a word. A name that is empty is a device that is missing.
    """

    def __init__(
        self,
        blocks: Iterable[bytes] = (),
        *,
        microphone: str = "memory",
        speaker: str = "memory",
        block_ms: float = 20.0,
        delay_ms: float = 0.0,
        tells_stop: bool = True,
    ) -> None:
        self._ready = AudioReady(microphone, speaker)
        self._blocks: Iterator[bytes] = iter(blocks)
        self._block_ms = block_ms
        self._delay_ms = delay_ms
        self._tells_stop = tells_stop
        self._parts: dict[tuple[str, int], _Sounding] = {}
        self._queue: list[_Sounding] = []
        self._is_listening = False
        self._stops = 0
        self._closing = asyncio.Event()
        self.encodings: list[Encoding] = []

    @property
    def heard(self) -> dict[tuple[str, int], bytes]:
        """What sounded."""
        return {part_id: bytes(part.heard) for part_id, part in self._parts.items() if part.heard}

    async def run(self, post: Post) -> None:
        """Says what there is, then hears and plays until `close`."""
        post(self._ready)
        due_s = asyncio.get_running_loop().time()
        while not self._closing.is_set():
            due_s += self._block_ms / 1000
            try:
                async with asyncio.timeout_at(due_s):
                    await self._closing.wait()
            except TimeoutError:
                self._hear(post)
                self._stop(post)
                self._play(post)

    def listen(self, encoding: Encoding) -> None:
        """Lets the blocks come; they are in the encoding already."""
        self._is_listening = True
        self.encodings.append(encoding)

    def play(self, chunk: PlayAudio) -> None:
        """Queues more of a part."""
        part_id = (chunk.item_id, chunk.content_index)
        part = self._parts.setdefault(part_id, _Sounding(*part_id, chunk.encoding))
        part.queued += chunk.audio
        if part not in self._queue:
            self._queue.append(part)

    def finish(self, part: FinishAudio) -> None:
        """Knows that a part is complete."""
        self._parts[part.item_id, part.content_index].is_finished = True

    def stop(self) -> None:
        """Stops with the next block."""
        self._stops += 1

    def levels(self) -> Levels:
        """Silence, as far as anybody could hear."""
        return Levels()

    def close(self) -> None:
        """Ends."""
        self._closing.set()

    def _hear(self, post: Post) -> None:
        if not self._is_listening:
            return
        block = next(self._blocks, None)
        if block:
            post(MicrophoneBlock(block))
        elif block is None:
            self._is_listening = False
            post(MicrophoneEnded())

    def _stop(self, post: Post) -> None:
        for _ in range(self._stops):
            head = self._queue[0] if self._queue else None
            if head is not None:
                head.sound(_FADE_MS)
            for part in self._queue:
                part.queued.clear()
            self._queue.clear()
            if self._tells_stop:
                stopped = PlaybackStopped(head.item_id, head.content_index, head.heard_ms) if head else None
                post(stopped or PlaybackStopped())
        self._stops = 0

    def _play(self, post: Post) -> None:
        left_ms = self._block_ms
        for part in list(self._queue):
            left_ms -= part.sound(left_ms)
            if part.is_news():
                part.reported_bytes = len(part.heard)
                post(PlaybackProgress(part.item_id, part.content_index, part.heard_ms, self._delay_ms))
            if part.queued or (part is self._queue[-1] and not part.is_finished):
                return
            self._queue.remove(part)


@dataclass(frozen=True, slots=True)
class MemoryTool:
    """A function from arguments to output, both text; it takes `delay_s`, and `asks` for approval first."""

    function: Callable[[str], str]
    delay_s: float = 0.0
    asks: bool = False


class MemoryTools:
    """Tools by name; a `ToolHost`. What a function raises is its failure."""

    def __init__(self, tools: Mapping[str, MemoryTool]) -> None:
        self._by_name = tools
        self._calls: asyncio.Queue[StartTool | None] = asyncio.Queue()
        # What a call is told while it waits: the verdict, or (None) to stop.
        self._told: dict[str, asyncio.Queue[bool | None]] = {}
        self.started: list[StartTool] = []

    async def run(self, post: Post) -> None:
        """Runs the calls, side by side, until `close`."""
        async with asyncio.TaskGroup() as tasks:
            while (call := await self._calls.get()) is not None:
                tasks.create_task(self._attend(call, post), name=call.call_id)

    def start(self, call: StartTool) -> None:
        """Queues the call."""
        self.started.append(call)
        self._told[call.call_id] = asyncio.Queue()
        self._calls.put_nowait(call)

    def answer(self, answer: AnswerApproval) -> None:
        """Passes the verdict on."""
        self._told[answer.call_id].put_nowait(answer.approves)

    def cancel(self, call_id: str) -> None:
        """Stops the call, if it still waits."""
        self._told[call_id].put_nowait(None)

    def close(self) -> None:
        """Stops everything."""
        for call_id in self._told:
            self.cancel(call_id)
        self._calls.put_nowait(None)

    async def _attend(self, call: StartTool, post: Post) -> None:
        tool = self._by_name.get(call.name)
        if tool is None:
            post(ToolFinished(call.call_id, f'{{"error": "no tool is called {call.name}"}}', "failed"))
            return
        if tool.asks:
            post(ApprovalWanted(call.call_id))
        verdict = await self._told[call.call_id].get() if tool.asks else True
        if verdict:
            post(ToolStarted(call.call_id))
            verdict = await self._is_left_alone(call.call_id, tool.delay_s)
        post(_outcome(call, tool) if verdict else _not_run(call, is_denied=verdict is False))

    async def _is_left_alone(self, call_id: str, delay_s: float) -> bool | None:
        """True after so long, None where the call was to stop before that."""
        try:
            async with asyncio.timeout(delay_s):
                return await self._told[call_id].get()
        except TimeoutError:
            return True


def _not_run(call: StartTool, *, is_denied: bool) -> ToolFinished:
    outcome: Literal["denied", "cancelled"] = "denied" if is_denied else "cancelled"
    return ToolFinished(call.call_id, f'{{"error": "{outcome}"}}', outcome)


def _outcome(call: StartTool, tool: MemoryTool) -> ToolFinished:
    try:
        return ToolFinished(call.call_id, tool.function(call.arguments))
    except Exception as error:  # whatever a tool does wrong is its outcome
        return ToolFinished(call.call_id, '{"error": "failed"}', "failed", repr(error))


class MemoryScreen:
    """Keeps every view."""

    def __init__(self) -> None:
        self.views: list[SessionView] = []

    def update(self, view: SessionView) -> None:
        """Keeps the view."""
        self.views.append(view)

    def close(self, view: SessionView) -> None:
        """Keeps the last view."""
        self.views.append(view)


class MemoryObserver:
    """Keeps everything that went by."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | bytes, float, bool]] = []

    def saw(self, direction: str, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Keeps the frame or input."""
        self.seen.append((direction, raw, now_s, is_object))

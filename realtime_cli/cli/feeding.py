"""What feeds a conversation besides devices: typed lines, or the end of a file that is the microphone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from realtime_cli.core.inputs import QuitRequested, UserText
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import TimedOut
from realtime_cli.protocol.jsontypes import as_object, at
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Direction

from .environment import Environment
from .frames import type_of
from .lines import read_lines

if TYPE_CHECKING:
    from realtime_cli.ui.plain_desk import PlainDesk

# After the last word of a file the server has this long to begin with anything.
_QUIET_S = 3.0
_LOOK_EVERY_S = 0.1


class MicrophoneWatch:
    """Knows when the file that serves as the microphone is over; an `Observer`."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Notes the end of the file."""
        _ = now_s, is_object
        if direction == "local" and type_of(raw) == "microphone.ended":
            self._ended.set()

    async def ended(self) -> None:
        """Returns once the file is over."""
        await self._ended.wait()


@dataclass(slots=True)
class Feed:
    """Posts what is typed, and the wish to leave once there is nothing more to come.

    In a pipe each line waits for the answer to the line before. Not `answers`: a transcription session.
    `microphone` is a file's watch, `reads_lines` tells whether stdin holds turns. A person's lines may be
    commands, which are the `desk`'s. A speaker that `lingers_s` has handed its last sound on, but not made
    it. `failure` says what was waited for, and did not come.
    """

    env: Environment
    runtime: Runtime
    session: Session
    timeout_s: float
    answers: bool = True
    microphone: MicrophoneWatch | None = None
    reads_lines: bool = True
    lingers_s: float = 0.0
    desk: PlainDesk | None = None
    failure: TimedOut | None = None

    @property
    def has_something(self) -> bool:
        """Whether there is anything to post."""
        return self.reads_lines or self.microphone is not None

    async def run(self) -> None:
        """Posts every line, hears the file out, then leaves."""
        try:
            async with asyncio.TaskGroup() as tasks:
                if self.reads_lines:
                    tasks.create_task(self._lines(), name="lines")
                if self.microphone is not None:
                    tasks.create_task(self._heard_out(self.microphone), name="file")
        except* TimeoutError:
            self.failure = TimedOut(
                f"no {'answer' if self.answers else 'transcript'} came within {self.timeout_s:g} s",
                hint="wait longer with --timeout SECONDS",
            )
        except* TimedOut as group:
            self.failure = next(error for error in group.exceptions if isinstance(error, TimedOut))
        await asyncio.sleep(self.lingers_s)
        self.runtime.post(QuitRequested())

    async def _lines(self) -> None:
        async for line in read_lines(self.env.stdin):
            if self.desk is not None:
                self.desk.enter(line)
                continue
            if not line.strip():
                continue
            self.runtime.post(UserText(line))
            if not self.env.is_interactive:
                async with asyncio.timeout(self.timeout_s):
                    await self.runtime.idle()

    async def _heard_out(self, microphone: MicrophoneWatch) -> None:
        await microphone.ended()
        if not self.session.view().counters.audio_out_bytes:
            return  # nobody has anything to answer
        async with asyncio.timeout(self.timeout_s):
            await self._settled()

    async def _settled(self) -> None:
        """Returns when the server has answered, or had the time to begin and did not."""
        loop = asyncio.get_running_loop()
        quiet_since = moved_at = loop.time()
        passed = self.session.view().counters
        while loop.time() - quiet_since < _QUIET_S:
            await asyncio.sleep(_LOOK_EVERY_S)
            view = self.session.view()
            if view.counters != passed:
                moved_at, passed = loop.time(), view.counters
            if view.user_speaking and loop.time() - moved_at >= _QUIET_S:
                raise _in_mid_speech()
            if self.session.is_busy or view.connection == "reconnecting" or self._is_owed(view):
                quiet_since = loop.time()
            elif self._is_complete(view):
                return

    def _is_owed(self, view: SessionView) -> bool:
        """Whether the server has something to say to what it heard."""
        if self.answers:
            return _is_owed_an_answer(view)
        awaits_words = any(item.awaits_transcript for item in view.items)
        return view.connection == "open" and (view.user_speaking or awaits_words)

    def _is_complete(self, view: SessionView) -> bool:
        """Whether nothing more can come of what the server heard."""
        if self.answers:
            return _is_answered(view) or not _finds_turns(view)
        return not (self.session.expects_answers or _finds_turns(view))


def _in_mid_speech() -> TimedOut:
    """Nothing passes any more, and the server still waits for the end of what is said."""
    return TimedOut(
        "the sound ended in mid speech, and the server waits for the rest",
        hint="let silence follow with --repeat-silence, or end the turn with --vad none",
    )


def _is_owed_an_answer(view: SessionView) -> bool:
    """Whether the user speaks, or has spoken and the server answers by itself."""
    if view.connection != "open":
        return False
    if view.user_speaking:
        return True
    detection = at(view.config, "audio", "input", "turn_detection")
    answers_itself = bool(detection) and at(detection, "create_response") is not False
    return answers_itself and _last_speaker(view) == "user"


def _finds_turns(view: SessionView) -> bool:
    """Whether the server looks for turns by itself, which it does unless it says that it does not."""
    heard = as_object(at(view.config, "audio", "input")) or {}
    return heard.get("turn_detection", True) is not None


def _is_answered(view: SessionView) -> bool:
    return _last_speaker(view) == "assistant"


def _last_speaker(view: SessionView) -> str:
    return next((item.role for item in reversed(view.items) if item.role in ("user", "assistant")), "")

"""Whole conversations on sound devices: what is said goes in, what is heard comes out."""

from __future__ import annotations

import asyncio
import json
import sys
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.cli.program import Program
from tests.support.listening import was_heard
from tests.support.patience import PATIENCE_S
from tests.support.rig import Recording, Rig
from tests.support.speech import need, silence, speech_share, spoken

Samples: TypeAlias = NDArray[np.int16]
FADE_MS = 8
SCRIPT = """
turns:
  - when: [good morning, hello]
    say: "Welcome to support. What is the number of your order?"
  - when: [tell me everything]
    say: "{long}"
  - when: [stop please]
    say: "All right."
  - otherwise: true
    say: "I did not get that."
""".replace("{long}", "This is a long story about a very long road that never comes to an end. " * 6)


@dataclass
class Conversation:
    """A running `realtime chat`, with its log."""

    process: asyncio.subprocess.Process
    log: Path

    def events(self, kind: str | None = None, *, direction: str = "in") -> list[dict[str, Any]]:
        """The events in the log so far."""
        return [event for _, event in self._entries(direction) if kind in (None, event.get("type"))]

    def audio_of(self, item_id: str) -> bytes:
        """Everything that the server sent of an item."""
        deltas = self.events("response.output_audio.delta")
        return b"".join(b64decode(delta["delta"]) for delta in deltas if delta["item_id"] == item_id)

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        """What the condition gives as soon as that is something."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not (found := condition()):
            assert self.process.returncode is None, await self.last_words()
            assert loop.time() < end, f"waited for {what}: {self.kinds()[-30:]}"
            await asyncio.sleep(0.05)
        return found

    async def event(self, kind: str, *, number: int = 1, direction: str = "in") -> dict[str, Any]:
        """The so-manieth event of a type, once it is there."""
        found = await self.until(lambda: self.events(kind, direction=direction)[number - 1 : number], kind)
        event: dict[str, Any] = found[0]
        return event

    async def type(self, line: str) -> None:
        """A typed turn."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        await self.process.stdin.drain()

    async def last_words(self) -> str:
        """What it said to stderr, after its end."""
        _, err = await self.process.communicate()
        return err.decode()

    def kinds(self) -> list[str]:
        """The types of all that happened."""
        return [f"{way} {event.get('type')}" for way, event in self._all() if "append" not in str(event)[:60]]

    def _entries(self, direction: str) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((way, event) for way, event in self._all() if way == direction)

    def _all(self) -> Iterator[tuple[str, dict[str, Any]]]:
        lines = self.log.read_bytes().split(b"\n")[1:-1] if self.log.exists() else []
        for entry in map(json.loads, lines):
            yield entry["dir"], entry.get("event", {})


@asynccontextmanager
async def conversation(realtime: Program, rig: Rig, *options: str) -> AsyncIterator[Conversation]:
    """`realtime chat` on the rig's devices with a script's answers; listens already."""
    need("pocketsphinx", "espeak-ng")
    script, log = realtime.file("script.yaml", SCRIPT), realtime.home / "session.jsonl"
    devices = ("--input-device", "default", "--output-device", "default", "--echo", "off")
    arguments = ("chat", "--script", script, "--log", log, "--json", *devices, *options)
    async with realtime.running(*arguments, env=rig.environment) as process:
        chat = Conversation(process, log)
        await chat.until(lambda: chat.events("input_audio_buffer.append", direction="out"), "the microphone")
        yield chat


async def _say(rig: Rig, words: str) -> None:
    mouth = rig.speak(silence(200) + spoken(words) + silence(300))
    await asyncio.to_thread(mouth.wait, PATIENCE_S)


async def test_a_question_is_spoken_and_its_answer_is_heard(realtime: Program, rig: Rig) -> None:
    ear = rig.record()
    async with conversation(realtime, rig) as chat:
        await _say(rig, "good morning")
        done = await chat.event("response.done")
        heard = await asyncio.to_thread(ear.wait_for_silence, silent_s=1.0)
        (item,) = done["response"]["output"]
        assert item["content"][0]["transcript"].startswith("Welcome to support.")
        words = chat.events("conversation.item.input_audio_transcription.completed")
        assert [each["transcript"] for each in words] == ["good morning"]
        started = chat.events("input_audio_buffer.speech_started")[0]["audio_start_ms"]
        stopped = chat.events("input_audio_buffer.speech_stopped")[0]["audio_end_ms"]
        assert 500 < stopped - started < 2500
        assert speech_share(heard) > 0.5
        assert was_heard(chat.audio_of(item["id"]), heard)


async def test_where_no_audio_child_can_be_started_the_program_itself_hears_and_speaks(
    realtime: Program, rig: Rig
) -> None:
    hidden = realtime.file("sitecustomize.py", "import sys\nsys.executable = '/nowhere/python'\n")
    rig.environment["PYTHONPATH"] = str(hidden.parent)
    ear = rig.record()
    async with conversation(realtime, rig) as chat:
        await _say(rig, "good morning")
        done = await chat.event("response.done")
        heard = await asyncio.to_thread(ear.wait_for_silence, silent_s=1.0)
        (item,) = done["response"]["output"]
        assert was_heard(chat.audio_of(item["id"]), heard)
        (notice,) = chat.events("audio.notice", direction="local")
        assert notice["text"].startswith("the sound process cannot be started (")


async def test_speaking_interrupts_and_memory_is_cut_to_what_was_heard(realtime: Program, rig: Rig) -> None:
    ear = rig.record()
    async with conversation(realtime, rig) as chat:
        await chat.type("tell me everything")
        first = await chat.event("playback.progress", number=8, direction="local")
        await _say(rig, "stop please")
        cut = await chat.event("conversation.item.truncate", direction="out")
        await chat.event("conversation.item.truncated")
        assert cut["item_id"] == first["item_id"]
        said = chat.audio_of(cut["item_id"])
        fade_begins_ms, last_sound_ms = _heard_ms(ear, said)
        assert last_sound_ms - 5 <= cut["audio_end_ms"] <= fade_begins_ms + FADE_MS + 5
        answers = await chat.until(
            lambda: [
                each for each in chat.events("response.done") if each["response"]["status"] != "cancelled"
            ],
            "the answer to the interruption",
        )
        assert answers[-1]["response"]["output"][0]["content"][0]["transcript"] == "All right."
        cancelled = chat.events("response.done")[0]["response"]
        assert cancelled["status"] == "cancelled"
        assert cancelled["status_details"]["reason"] == "turn_detected"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
async def test_a_typed_turn_interrupts_on_a_terminal(realtime: Program, rig: Rig) -> None:
    from tests.terminal.screen import CTRL_D, ENTER, ESC, terminal

    need("espeak-ng")
    script, log = realtime.file("script.yaml", SCRIPT), realtime.home / "session.jsonl"
    arguments = ("chat", "--script", script, "--log", log, "--echo", "off", "--stt", "none")
    async with terminal(realtime, *arguments, columns=100, **rig.environment) as screen:
        assert screen.process is not None
        chat = Conversation(screen.process, log)
        await screen.shows("mic · listening")
        screen.type(f"tell me everything{ENTER}")
        await chat.event("playback.progress", number=3, direction="local")
        screen.type(f"stop please{ENTER}")
        cut = await chat.event("conversation.item.truncate", direction="out")
        assert cut["audio_end_ms"] > 0
        await screen.shows("All right.")
        await screen.shows("interrupted after")
        sent = [event["type"] for event in chat.events(direction="out")]
        assert sent.index("conversation.item.truncate") < len(sent) - sent[::-1].index("response.create")
        screen.type(f"tell me everything{ENTER}")
        await chat.event("response.created", number=3)
        heard = len(chat.events("playback.progress", direction="local"))
        await chat.event("playback.progress", number=heard + 3, direction="local")
        before = len(chat.events("conversation.item.truncate", direction="out"))
        screen.type(ESC)
        await chat.event("conversation.item.truncate", number=before + 1, direction="out")
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert screen.is_as_before


async def test_devices_that_are_taken_away_and_brought_back_go_on(realtime: Program, rig: Rig) -> None:
    async with conversation(realtime, rig) as chat:
        await chat.type("tell me everything")
        await chat.event("playback.progress", number=3, direction="local")
        rig.remove_sink("speaker")
        rig.remove_sink("mic")
        await chat.until(lambda: _ready(chat) == ("", ""), "both to be missed")
        rig.add_sink("speaker")
        rig.add_sink("mic")
        await chat.until(lambda: _ready(chat) == ("default", "default"), "both to be back")
        assert len(chat.events("audio.notice", direction="local")) >= 2
        await chat.event("response.done")
        done_ms = chat.events("playback.progress", direction="local")[-1]["heard_ms"]
        await chat.until(lambda: _heard_of_answer(chat) > done_ms, "the rest of the answer")
        await _say(rig, "stop please")
        cut = await chat.event("conversation.item.truncate", direction="out")
        assert cut["audio_end_ms"] > done_ms


def _ready(chat: Conversation) -> tuple[str, str]:
    last = chat.events("audio.ready", direction="local")[-1]
    return last["microphone"], last["speaker"]


def _heard_of_answer(chat: Conversation) -> float:
    heard_ms: float = chat.events("playback.progress", direction="local")[-1]["heard_ms"]
    return heard_ms


def _heard_ms(ear: Recording, said: bytes) -> tuple[float, float]:
    """From where on the audio sounded otherwise than it was sent, and its last sound.

    Only where the cut lies in a pause are the two further from each other than the fade is long. A gap of the
    machine is no difference: the sound goes on behind it where it was.
    """
    sound, whole = np.frombuffer(ear.pcm, "<i2"), np.frombuffer(said, "<i2")
    heard = sound[np.flatnonzero(sound)[0] - np.flatnonzero(whole)[0] :]
    while hole := _hole(heard, whole):
        heard = np.delete(heard, hole)
    differs = _first_difference(heard, whole)
    sounds = np.flatnonzero(heard[: differs + 24 * 10])
    return differs / 24, int(sounds[-1] + 1) / 24


def _first_difference(heard: Samples, whole: Samples) -> int:
    both = min(len(heard), len(whole))
    differs = np.flatnonzero(heard[:both] != whole[:both])
    assert len(differs), "nothing was cut"
    return int(differs[0])


def _hole(heard: Samples, whole: Samples) -> slice | None:
    """The first silence that was not said, if it is one behind which the sound goes on."""
    begin = _first_difference(heard, whole)
    loud = np.flatnonzero(heard[begin:])
    if heard[begin] or not len(loud):
        return None
    end = begin + int(loud[0])
    goes_on = np.array_equal(heard[end : end + 24 * 10], whole[begin : begin + 24 * 10])
    return slice(begin, end) if goes_on else None

"""A microphone that hears the speaker: the assistant does not answer itself, and still hears who speaks."""

from __future__ import annotations

import asyncio

import pytest

from tests.cli.program import Program
from tests.support.patience import PATIENCE_S
from tests.support.rig import Rig
from tests.support.speech import need, silence, spoken
from tests.voice.test_on_devices import Conversation, conversation

SAMPLES_PER_MS = 24
TRIES = 3


def _was_heard(chat: Conversation) -> bool:
    """Whether an answer was heard to its end."""
    return any(
        each["heard_ms"] >= len(chat.audio_of(done["item_id"])) // 2 // SAMPLES_PER_MS
        for done in chat.events("response.output_audio.done")
        for each in chat.events("playback.progress", direction="local")
        if each["item_id"] == done["item_id"]
    )


def _progress(chat: Conversation) -> int:
    return len(chat.events("playback.progress", direction="local"))


def _cuts(chat: Conversation) -> int:
    return len(chat.events("conversation.item.truncate", direction="out"))


async def _is_heard_whole(realtime: Program, rig: Rig) -> bool:
    """Whether the first answer was; however that may be, in the end one must be."""
    async with conversation(realtime, rig, "--echo", "aec", "--stt", "none") as chat:
        await chat.type("hello")
        await chat.until(lambda: _was_heard(chat), "an answer that nobody cuts off")
        return not _cuts(chat)


async def test_an_answer_is_heard_to_its_end_by_a_microphone_that_hears_it(
    realtime: Program, rig: Rig
) -> None:
    need("livekit")
    rig.loopback()
    for _ in range(TRIES):  # where the machine stands still, echoes come as nobody could foresee
        if await _is_heard_whole(realtime, rig):
            return
        (realtime.home / "session.jsonl").unlink()
    pytest.fail(f"{TRIES} answers were interrupted by themselves")


async def _sounds(chat: Conversation, progress: int) -> None:
    await chat.until(lambda: _progress(chat) >= progress or _was_heard(chat), "the answer")


async def test_who_speaks_into_an_answer_is_heard_beside_it(realtime: Program, rig: Rig) -> None:
    need("livekit")
    rig.loopback()
    async with conversation(realtime, rig, "--echo", "aec", "--stt", "none") as chat:
        for _ in range(TRIES):
            await chat.type("tell me everything")
            await _sounds(chat, _progress(chat) + 25)
            before = _cuts(chat)
            mouth = rig.speak(silence(200) + spoken("stop please, I have heard enough") + silence(500))
            await asyncio.to_thread(mouth.wait, PATIENCE_S)
            if _cuts(chat) > before:
                return
        pytest.fail(f"{TRIES} interruptions were not heard")

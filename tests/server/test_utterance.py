"""A clause between the synthesiser and the client."""

from __future__ import annotations

import asyncio
import random

from realtime_cli.core.answers import Speech
from realtime_cli.core.responding.messages import VoiceSettings
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.samples.conversion import Converter
from realtime_cli.server.utterance import Utterance
from tests.support.speech import ULAW

SECONDS = 10
PCM = random.Random(1).randbytes(SECONDS * 48_000)


async def test_a_long_clause_leaves_time_for_others() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    utterance = Utterance("word", voice=VoiceSettings("coral", 1.0, ULAW), delta_ms=100)
    counting = asyncio.create_task(count())
    await utterance.add(PCM)
    counting.cancel()
    assert turns >= 3 * SECONDS


async def test_a_long_clause_sounds_as_if_it_were_converted_at_once() -> None:
    utterance = Utterance("word", voice=VoiceSettings("coral", 1.0, ULAW), delta_ms=100)
    await utterance.add(PCM)
    utterance.end()
    deltas = [part async for parts in utterance.parts() for part in parts]
    heard = b"".join(part.audio for part in deltas if isinstance(part, Speech))
    assert heard == Converter(PCM_24K, ULAW).convert(PCM, is_last=True)

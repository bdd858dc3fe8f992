"""An answer aloud: the brain's words in clauses, each synthesised while the one before it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from realtime_cli.core.answers import AnswerPart, Say, Speech
from realtime_cli.core.responding.messages import VoiceSettings

from .clauses import Clauses
from .config import Note
from .pacing import Pace
from .streams import closed_after
from .utterance import Utterance
from .voice.port import Synthesiser

# What is synthesised and not sent yet, in clauses: enough that there is no gap, little to throw away.
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class SpeechPace:
    """How speech is sent: the size of a delta, and how many times as fast as it sounds (None is at once).

    Words that do not sound come at `words_per_s`.
    """

    delta_ms: float
    times_real_time: float | None
    words_per_s: float | None


class _End:
    """Nothing more comes."""


_Prepared: TypeAlias = asyncio.Queue["Utterance | AnswerPart | Exception | _End"]


class Speaker:
    """Speaks the answers of one connection."""

    def __init__(self, synthesiser: Synthesiser, *, pace: SpeechPace, note: Note) -> None:
        self._synthesiser = synthesiser
        self._pace = pace
        self._note = note
        self._has_told = False

    async def speak(
        self, parts: AsyncIterator[AnswerPart], voice: VoiceSettings
    ) -> AsyncGenerator[AnswerPart, None]:
        """Streams the parts as they are due: words, then the speech in which they begin, then calls."""
        prepared: _Prepared = asyncio.Queue(_AHEAD)
        preparing = asyncio.create_task(self._prepare(parts, voice, prepared), name="prepare speech")
        performance = _Performance(self._pace, voice)
        try:
            while not isinstance(thing := await prepared.get(), _End):
                if isinstance(thing, Exception):
                    raise thing
                async with closed_after(performance.of(thing)) as due:
                    async for part in due:
                        yield part
        finally:
            preparing.cancel()
            await asyncio.wait([preparing])

    async def _prepare(
        self, parts: AsyncIterator[AnswerPart], voice: VoiceSettings, prepared: _Prepared
    ) -> None:
        try:
            async with closed_after(parts):
                await self._synthesise(parts, voice, prepared)
        except Exception as bug:  # whatever goes wrong in a brain is told behind what it has said
            await prepared.put(bug)
        else:
            await prepared.put(_End())

    async def _synthesise(
        self, parts: AsyncIterator[AnswerPart], voice: VoiceSettings, prepared: _Prepared
    ) -> None:
        is_mute = False
        async for thing in _in_clauses(parts):
            if not isinstance(thing, str):
                await prepared.put(thing)
                continue
            utterance = Utterance(thing, voice=voice, delta_ms=self._pace.delta_ms)
            await prepared.put(utterance)
            is_mute = is_mute or not await self._fill(utterance, voice)
            utterance.end()

    async def _fill(self, utterance: Utterance, voice: VoiceSettings) -> bool:
        """Whether the text was spoken; what has no letters needs no sound."""
        if not any(map(str.isalnum, utterance.text)):
            return True
        sound = self._synthesiser.speak(utterance.text.strip(), voice=voice.voice, speed=voice.speed)
        try:
            async with closed_after(sound):
                async for pcm in sound:
                    await utterance.add(pcm)
        except Exception as error:  # whoever wrote the synthesiser: the words come all the same
            self._tell(error)
            return False
        return True

    def _tell(self, error: Exception) -> None:
        if not self._has_told:
            self._note(f"no speech, words only: {error}")
        self._has_told = True


class _Performance:
    """What is prepared, at its pace."""

    def __init__(self, pace: SpeechPace, voice: VoiceSettings) -> None:
        self._encoding = voice.encoding
        self._audio_ms = Pace(pace.times_real_time and 1000 * pace.times_real_time)
        self._words = Pace(pace.words_per_s)

    async def of(self, thing: Utterance | AnswerPart) -> AsyncGenerator[AnswerPart, None]:
        """The parts of one thing, as they are due."""
        if not isinstance(thing, Utterance):
            yield thing
            return
        async with closed_after(thing.parts()) as deltas:
            async for delta in deltas:
                async for part in self._due(delta):
                    yield part

    async def _due(self, delta: list[Say | Speech]) -> AsyncGenerator[AnswerPart, None]:
        *_, last = delta
        if isinstance(last, Speech):
            await self._audio_ms.turn(self._encoding.ms(len(last.audio)))
        for part in delta:
            if not isinstance(last, Speech):
                await self._words.turn()
            yield part


async def _in_clauses(parts: AsyncIterator[AnswerPart]) -> AsyncGenerator[str | AnswerPart, None]:
    """What is said, in clauses as they become complete; other parts as they are."""
    clauses = Clauses()
    async for part in parts:
        for thing in _cut(clauses, part):
            yield thing
    if rest := clauses.flush():
        yield rest


def _cut(clauses: Clauses, part: AnswerPart) -> Iterator[str | AnswerPart]:
    if isinstance(part, Say):
        yield from clauses.feed(part.text)
        return
    if rest := clauses.flush():
        yield rest
    yield part

"""The shell round faster-whisper. No model is at hand: what the library does with one is not tested here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime_cli.server.voice.port import Hints, SpeechFailed
from realtime_cli.server.voice.whisper import Whisper
from tests.support.speech import ULAW, silence


@dataclass
class Segment:
    text: str


class Model:
    """Takes what the library's model takes, and gives segments one by one."""

    def __init__(self, *texts: str, error: Exception | None = None) -> None:
        self._texts = texts
        self._error = error
        self.asked: dict[str, Any] = {}
        self.go = threading.Event()

    def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        language: str | None,
        initial_prompt: str | None,
        beam_size: int,
        condition_on_previous_text: bool,
    ) -> tuple[Iterable[Segment], object]:
        self.asked = {"audio": audio, "language": language, "prompt": initial_prompt}
        return self._segments(), None

    def _segments(self) -> Iterator[Segment]:
        for text in self._texts:
            yield Segment(text)
        if self._error:
            raise self._error
        self.go.wait(10)


async def heard(whisper: Whisper, hints: Hints = Hints()) -> list[str]:  # noqa: B008 - a frozen value
    audio = silence(1000, ULAW)
    return [piece async for piece in whisper.transcribe(audio, encoding=ULAW, hints=hints)]


async def test_segments_come_one_by_one_while_others_go_on() -> None:
    model = Model(" Good", " morning.")
    pieces = Whisper(model).transcribe(silence(1000, ULAW), encoding=ULAW, hints=Hints("en", "a robot"))
    assert await anext(pieces) == " Good"
    assert await anext(pieces) == " morning."
    waiting = asyncio.create_task(anext(pieces, None))
    await asyncio.sleep(0)
    model.go.set()
    assert await waiting is None
    assert (model.asked["language"], model.asked["prompt"]) == ("en", "a robot")
    assert model.asked["audio"].dtype == np.float32
    assert len(model.asked["audio"]) == pytest.approx(16000, abs=64)


async def test_no_hints_are_none() -> None:
    model = Model()
    model.go.set()
    assert await heard(Whisper(model)) == []
    assert (model.asked["language"], model.asked["prompt"]) == (None, None)


async def test_a_failure_is_told_in_words() -> None:
    with pytest.raises(SpeechFailed, match="whisper failed: out of memory"):
        await heard(Whisper(Model(error=RuntimeError("out of memory"))))


@pytest.mark.skipif(find_spec("faster_whisper") is not None, reason="faster-whisper is here")
async def test_without_the_package_it_is_told_in_words() -> None:
    with pytest.raises(SpeechFailed, match="faster-whisper is not installed"):
        await heard(Whisper("small.en"))

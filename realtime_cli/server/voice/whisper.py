"""Recognition by faster-whisper (the extra `whisper`), with a model that the user names."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from realtime_cli.protocol.encoding import Encoding

from .audio import pcm_at
from .port import Hints, SpeechFailed

_RATE_HZ = 16000


class Segment(Protocol):
    """A stretch of speech."""

    text: str


class WhisperModel(Protocol):
    """What of faster-whisper's model is used."""

    def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        language: str | None,
        initial_prompt: str | None,
        beam_size: int,
        condition_on_previous_text: bool,
    ) -> tuple[Iterable[Segment], object]:
        """The segments, decoded one by one as they are taken."""
        ...


class _Module(Protocol):
    def WhisperModel(self, model: str, *, compute_type: str) -> WhisperModel: ...  # noqa: N802


class Whisper:
    """One model in a thread of its own, where the library computes without the interpreter's lock."""

    def __init__(self, model: str | WhisperModel) -> None:
        self.name = f"whisper ({model})" if isinstance(model, str) else "whisper"
        self._wanted = model
        self._model: WhisperModel | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="whisper")

    async def transcribe(
        self, audio: bytes, *, encoding: Encoding, hints: Hints
    ) -> AsyncGenerator[str, None]:
        """Streams the transcript, a piece for each segment."""
        loop = asyncio.get_running_loop()
        segments = await loop.run_in_executor(self._thread, self._begin, audio, encoding, hints)
        while piece := await loop.run_in_executor(self._thread, _next_text, segments):
            yield piece

    async def close(self) -> None:
        """Lets go of the model."""
        self._model = None

    def _begin(self, audio: bytes, encoding: Encoding, hints: Hints) -> Iterator[Segment]:
        samples = np.frombuffer(pcm_at(_RATE_HZ, audio, encoding), "<i2").astype(np.float32)
        samples /= 32768
        segments, _ = self._loaded().transcribe(
            samples,
            language=hints.language or None,
            initial_prompt=hints.prompt or None,
            beam_size=1,
            condition_on_previous_text=False,
        )
        return iter(segments)

    def _loaded(self) -> WhisperModel:
        if self._model is None:
            self._model = _load(self._wanted) if isinstance(self._wanted, str) else self._wanted
        return self._model


def _load(model: str) -> WhisperModel:
    try:
        library = cast("_Module", importlib.import_module("faster_whisper"))
    except ImportError:
        raise SpeechFailed("faster-whisper is not installed", hint="install the extra 'whisper'") from None
    try:
        return library.WhisperModel(model, compute_type="default")
    except (OSError, RuntimeError, ValueError) as problem:
        raise SpeechFailed(f"the whisper model {model} cannot be loaded: {problem}") from None


def _next_text(segments: Iterator[Segment]) -> str:
    """The next words; nothing at the end."""
    try:
        return next((segment.text for segment in segments if segment.text), "")
    except (RuntimeError, ValueError) as problem:
        raise SpeechFailed(f"whisper failed: {problem}") from None

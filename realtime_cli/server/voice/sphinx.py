"""Recognition by pocketsphinx, which knows English.

Decoding holds the interpreter's lock for a quarter of the audio's time, so it happens in a child process. One
is enough: where phrases are known it takes 1.5 % of real time. The open language model gets most words wrong.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from base64 import b64encode
from collections.abc import AsyncGenerator

from realtime_cli.protocol.encoding import Encoding

from .audio import pcm_at
from .port import Hints, SpeechFailed
from .processes import Child

_CHILD = "realtime_cli.server.voice.sphinx_child"
_WORD = re.compile(r"\s*\S+")
_RATE_HZ = 16000


class Sphinx:
    """Hears the phrases of a brain exactly; where there are none, or none fits, an open model guesses."""

    name = "pocketsphinx"

    def __init__(self) -> None:
        self._child = Child([sys.executable, "-P", "-m", _CHILD], name=self.name)

    async def transcribe(
        self, audio: bytes, *, encoding: Encoding, hints: Hints
    ) -> AsyncGenerator[str, None]:
        """Streams the words of the finished transcript."""
        question = await asyncio.to_thread(_question, audio, encoding, hints.phrases)
        if question is None:
            return
        answer = json.loads(await self._child.ask(question))
        if problem := answer.get("error"):
            raise SpeechFailed(f"{self.name} failed: {problem}")
        for word in _WORD.findall(answer["text"]):
            yield word

    async def close(self) -> None:
        """Ends the process."""
        await self._child.close()


def _question(audio: bytes, encoding: Encoding, phrases: tuple[str, ...]) -> bytes | None:
    """What to ask the child; None where nobody speaks. Silence before and after would spoil its measure."""
    from .preparation import speech_within, with_noise  # noqa: PLC0415 (needs numpy)

    speech = speech_within(pcm_at(_RATE_HZ, audio, encoding), _RATE_HZ)
    if not speech:
        return None
    pcm = with_noise(speech)
    return json.dumps({"pcm": b64encode(pcm).decode(), "phrases": phrases}).encode()

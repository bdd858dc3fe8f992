"""One piece of an answer as it sounds: its words, each ahead of the audio in which it begins. Pure."""

from __future__ import annotations

from itertools import accumulate

from realtime_cli.core.answers import Say, Speech
from realtime_cli.protocol.encoding import Encoding

from .pacing import words

# Fast speech: while nobody knows how long the audio will be, words come rather early than late.
_MS_PER_CHARACTER = 50.0


class Spread:
    """Takes the audio as it comes, and gives it back in deltas behind their words.

    A word begins where the characters before it would have been spoken: all take the same time.
    """

    def __init__(self, text: str, *, encoding: Encoding, delta_ms: float, speed: float) -> None:
        self._words = words(text)
        lengths = accumulate(map(len, self._words), initial=0)
        self._starts = [length / max(1, len(text)) for length in lengths][:-1]
        self._encoding = encoding
        self._delta_bytes = max(1, round(encoding.rate_hz * delta_ms / 1000)) * encoding.sample_bytes
        self._least_bytes = encoding.bytes_per_ms * len(text) * _MS_PER_CHARACTER / speed
        self._audio = bytearray()
        self._given_bytes = 0
        self._given_words = 0
        self._is_complete = False

    def add(self, audio: bytes) -> None:
        """More of the audio."""
        self._audio += audio

    def end(self) -> None:
        """That was all of the audio."""
        self._is_complete = True

    @property
    def is_over(self) -> bool:
        """Whether everything was given."""
        return self._is_complete and not self._audio and self._given_words == len(self._words)

    def next(self) -> list[Say | Speech]:
        """The next delta behind its words; nothing while more audio must come. At the end the words left."""
        if len(self._audio) < self._delta_bytes and not self._is_complete:
            return []
        total_bytes = self._total_bytes()
        delta = bytes(self._audio[: self._delta_bytes])
        del self._audio[: self._delta_bytes]
        self._given_bytes += len(delta)
        until = self._given_bytes / total_bytes if self._audio or not self._is_complete else 1.0
        said: list[Say | Speech] = [Say(word) for word in self._words_until(until)]
        return [*said, Speech(delta)] if delta else said

    def _total_bytes(self) -> float:
        received = self._given_bytes + len(self._audio)
        return max(1.0, received if self._is_complete else max(received, self._least_bytes))

    def _words_until(self, part: float) -> list[str]:
        first = self._given_words
        while self._given_words < len(self._words) and self._starts[self._given_words] < part:
            self._given_words += 1
        return self._words[first : self._given_words]

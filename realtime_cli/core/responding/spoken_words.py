"""Which words an item's audio has reached by when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Piece:
    """Words, and the stretch of audio that sounds them."""

    words: str
    start_ms: float
    end_ms: float

    @property
    def is_silent(self) -> bool:
        return self.end_ms == self.start_ms


class SpokenWords:
    """Grows with an answer: words first, then the sound of them."""

    def __init__(self) -> None:
        self.audio_ms = 0.0
        self._pieces: list[_Piece] = []

    def say(self, words: str) -> None:
        """Words that are going to sound."""
        if self._pieces and self._pieces[-1].is_silent:
            self._pieces[-1].words += words
        else:
            self._pieces.append(_Piece(words, self.audio_ms, self.audio_ms))

    def sound(self, length_ms: float) -> None:
        """So much more audio of the words that were said before."""
        if not self._pieces:
            self.say("")
        self.audio_ms += length_ms
        self._pieces[-1].end_ms = self.audio_ms

    def heard(self, until_ms: float) -> str:
        """The words that sound up to there; within a piece every letter takes the same time."""
        return "".join(
            _heard(piece, until_ms) for piece in self._pieces if piece.start_ms < until_ms
        ).rstrip()


def _heard(piece: _Piece, until_ms: float) -> str:
    if piece.end_ms <= until_ms:
        return piece.words
    share = (until_ms - piece.start_ms) / (piece.end_ms - piece.start_ms)
    end = int(share * len(piece.words))
    if piece.words[end : end + 1].isspace():
        return piece.words[:end]
    # Half a word was not heard.
    return piece.words[:end].rpartition(" ")[0]

"""What both ways to espeak-ng share: its voices, and how fast it speaks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .speakers import speaker

DEFAULT_VOICE = "en-us"
_WORDS_PER_MINUTE = 175
_WPM_LIMITS = (80, 450)
# Below its slowest rate espeak-ng can only pause between words: 20 of its units are as long as a word.
_WORD_GAP = 20


@dataclass(frozen=True, slots=True)
class Manner:
    """How espeak-ng is to speak: a voice of its own, a pitch from 0 to 99, a rate, pauses between words."""

    voice: str
    pitch: int
    words_per_minute: int
    word_gap: int = 0


def manner(voice: str, speed: float) -> Manner:
    """How a voice of the API speaks, at a factor of its speed."""
    how = speaker(voice)
    own = how.own or DEFAULT_VOICE + (f"+{how.variant}" if how.variant else "")
    slowest, fastest = _WPM_LIMITS
    wanted = _WORDS_PER_MINUTE * how.speed * speed
    word_gap = round(_WORD_GAP * max(0.0, slowest / wanted - 1))
    return Manner(own, how.pitch, min(max(slowest, round(wanted)), fastest), word_gap)


def speakable(text: str) -> str:
    """The text without what espeak-ng would take for commands or phonemes."""
    return "".join(character if character.isprintable() else " " for character in text).replace("[[", "[ [")

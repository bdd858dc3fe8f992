"""What both ways to espeak-ng share: its voices, and how fast it speaks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .speakers import speaker

DEFAULT_VOICE = "en-us"
_WORDS_PER_MINUTE = 175
_WPM_LIMITS = (80, 450)


@dataclass(frozen=True, slots=True)
class Manner:
    """How espeak-ng is to speak: a voice of its own, a pitch from 0 to 99, a rate."""

    voice: str
    pitch: int
    words_per_minute: int


def manner(voice: str, speed: float) -> Manner:
    """How a voice of the API speaks, at a factor of its speed."""
    how = speaker(voice)
    own = how.own or DEFAULT_VOICE + (f"+{how.variant}" if how.variant else "")
    slowest, fastest = _WPM_LIMITS
    words_per_minute = round(_WORDS_PER_MINUTE * how.speed * speed)
    return Manner(own, how.pitch, min(max(slowest, words_per_minute), fastest))


def speakable(text: str) -> str:
    """The text without what espeak-ng would take for commands or phonemes."""
    return "".join(character if character.isprintable() else " " for character in text).replace("[[", "[ [")

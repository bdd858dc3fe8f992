"""How the API's voices sound where the machine itself speaks: different speakers, at least by pitch. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias
from zlib import crc32

Gender: TypeAlias = Literal["female", "male", "neutral"]

# What may be handed to an engine as the name of one of its own voices: no path, no option.
_OWN_VOICE = re.compile(r"[A-Za-z][\w-]*(?:\+\w+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Speaker:
    """One way to speak.

    `variant` is espeak's, `mac` a voice of macOS; `pitch` goes from 0 to 99 around 50, `speed` is a factor.
    `own` is the engine's own voice where the session names one that is none of the API's.
    """

    variant: str
    mac: str
    gender: Gender
    pitch: int = 50
    speed: float = 1.0
    own: str = ""


_SPEAKERS = {
    "alloy": Speaker("", "Samantha", "neutral"),
    "ash": Speaker("m3", "Ralph", "male", pitch=42),
    "ballad": Speaker("m1", "Daniel", "male", pitch=58, speed=0.92),
    "coral": Speaker("f2", "Karen", "female", pitch=62, speed=1.05),
    "echo": Speaker("m7", "Fred", "male", pitch=34),
    "sage": Speaker("f4", "Moira", "female", pitch=48, speed=0.94),
    "shimmer": Speaker("f3", "Kathy", "female", pitch=72),
    "verse": Speaker("m4", "Rishi", "male", pitch=60, speed=1.08),
    "marin": Speaker("f1", "Tessa", "female", pitch=55),
    "cedar": Speaker("m2", "Albert", "male", pitch=28, speed=0.95),
}


def speaker(voice: str) -> Speaker:
    """The speaker of a voice; an unknown name has a pitch of its own."""
    if known := _SPEAKERS.get(voice.lower()):
        return known
    own = voice if _OWN_VOICE.fullmatch(voice) else ""
    return Speaker("", "Samantha", "neutral", pitch=30 + crc32(voice.encode()) % 41, own=own)

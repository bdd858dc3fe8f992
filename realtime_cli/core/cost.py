"""What a session costs: prices, and amounts that say how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

# `exact`: from the server's own counts and a known price. `estimated`: something had to be assumed.
Certainty: TypeAlias = Literal["exact", "estimated", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a model costs, in USD: per million tokens, or per minute of the session.

    None: there is no such price. `source` is where the prices were read, `dated` when (YYYY-MM-DD).
    """

    text_in: float | None = None
    text_cached: float | None = None
    text_out: float | None = None
    audio_in: float | None = None
    audio_cached: float | None = None
    audio_out: float | None = None
    image_in: float | None = None
    image_cached: float | None = None
    per_minute: float | None = None
    source: str = ""
    dated: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in USD. `unknown`: nothing, or only a part of it, could be counted."""

    usd: float = 0.0
    certainty: Certainty = "exact"

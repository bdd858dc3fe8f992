"""The parts of items that are played, and what a player tells about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from realtime_cli.core.part_id import PartId

# A server may send more of a part behind its end; of parts that were heard so long ago it does not.
KEPT_PARTS: Final = 64


@dataclass(frozen=True, slots=True)
class Progress:
    """So many samples of the part, from its beginning, were handed out; `is_end`: that is all of it.

    The last of them sounds `delay_ms` later, as far as the one who reports this knows.
    """

    part: PartId
    samples: int
    is_end: bool = False
    delay_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """Answers `stop`: what played ends after so many samples, the fade included. None: nothing played."""

    part: PartId | None = None
    samples: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """So many samples of silence inside a part, because its audio came too late."""

    samples: int


PlayerEvent: TypeAlias = Progress | Stopped | Gap

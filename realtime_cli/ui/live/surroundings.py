"""What there is besides a session, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from realtime_cli.core.cost import Rates
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.theme import ThemeName

if TYPE_CHECKING:
    from realtime_cli.ui.commands.desk import ToolDesk

    from .status import LogState


def _no_time() -> float:
    return 0.0


def _ga() -> Dialect:
    return "ga"


@dataclass(slots=True, kw_only=True)
class Surroundings:
    """The other side's name, how loud it is, the session's time, where things are kept, what runs tools, what
    it may cost, and how the user wants to see all that.
    """

    server: str
    levels: Callable[[], Levels] = Levels
    session_time: Callable[[], float] = _no_time
    dialect: Callable[[], Dialect] = _ga
    theme: ThemeName = "auto"
    calm: bool = False
    keeps_history: bool = False
    log: Path | None = None
    log_state: LogState = "off"
    prices: Mapping[str, Rates] = field(default_factory=dict[str, Rates])
    redactor: Redactor = field(default_factory=Redactor)
    max_usd: float | None = None
    max_s: float | None = None
    tools: ToolDesk | None = None

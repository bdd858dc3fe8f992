"""What a session has cost until now: its answers, its transcriptions, and the time of its connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_cli.protocol.jsontypes import at
from realtime_cli.protocol.session import TranscriptionUsage

from .cost import NOTHING, UNKNOWN, Cost, Rates, rates_for, time_cost, tokens_cost
from .metrics import transcription_counts
from .view import TokenCounts


@dataclass(slots=True)
class Spending:
    """Adds up what the server tells. The models are those that it named last."""

    prices: Mapping[str, Rates] = field(default_factory=dict[str, Rates])
    told: Cost = NOTHING
    _rates: Rates | None = None
    _listener: Rates | None = None

    def __post_init__(self) -> None:
        self.use({})

    def use(self, config: Mapping[str, Any]) -> None:
        """Takes the models of a session: the one that answers, and the one that transcribes."""
        listener = at(config, "audio", "input", "transcription", "model")
        # A transcription session has no other model, and is billed for its audio only.
        answers = config.get("type") != "transcription"
        self._rates = rates_for(self.prices, str(config.get("model") or "")) if answers else None
        self._listener = rates_for(self.prices, str(listener or ""))

    @property
    def is_priced(self) -> bool:
        """Whether the price of the answers is known."""
        return self._rates is not None

    @property
    def bills_answers(self) -> bool:
        """Whether an answer of which no usage came leaves a gap in the sum."""
        return self._rates is None or self._rates.bills_tokens

    @property
    def per_minute(self) -> float:
        """USD for every minute of the connection."""
        return (self._rates.per_minute if self._rates else None) or 0.0

    def answered(self, counts: TokenCounts | None, *, is_whole: bool) -> Cost:
        """Adds an answer, and gives its cost. One that failed may well have cost nothing."""
        is_zero = counts is not None and counts == TokenCounts()
        cost = NOTHING if is_zero and not is_whole and self._rates else tokens_cost(counts, self._rates)
        self.told += cost
        return cost

    def transcribed(self, usage: TranscriptionUsage | None) -> None:
        """Adds a transcription of what the user said."""
        rates = self._listener
        if rates is not None and rates.per_minute == 0:
            return
        if usage is None:
            self.told += UNKNOWN
        elif usage.seconds is not None:
            self.told += time_cost(usage.seconds, rates)
        elif rates is not None and not rates.bills_tokens:
            self.told += UNKNOWN
        else:
            self.told += tokens_cost(transcription_counts(usage), rates)

    def total(self, connected_s: float, *, is_open: bool) -> Cost:
        """Everything, after so much time of connection."""
        if not self.per_minute:
            return self.told
        total = self.told + time_cost(connected_s, self._rates)
        return Cost(total.usd, total.certainty, self.per_minute if is_open else 0.0)

    def reaches_at(self, usd: float, *, opened_s: float) -> float | None:
        """When the sum is that high if nothing is said any more, in session seconds; None: never."""
        if self.told.usd >= usd:
            return opened_s
        return opened_s + (usd - self.told.usd) / self.per_minute * 60 if self.per_minute else None

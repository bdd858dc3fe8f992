"""What a session costs: prices, and amounts that say how sure they are.

Where something is missing, the dearest reading of what is there counts, so that a limit of money holds:

- tokens of which only the total is told have the kind with the highest price;
- cached tokens without their kind are text first, then image, then audio, where being cached saves the most;
- a kind without a price of its own has the highest one that there is, and without a price for cached tokens
  they cost as much as others.

All of these make an amount `estimated`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, TypeGuard

if TYPE_CHECKING:
    from .view import TokenCounts

# `exact`: from the server's own counts and a known price. `estimated`: something had to be assumed.
Certainty: TypeAlias = Literal["exact", "estimated", "unknown"]
# The name that stands for every model without a price of its own.
ANY_MODEL = "*"
_WEAKEST_FIRST: tuple[Certainty, ...] = ("unknown", "estimated", "exact")
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_MILLION = 1_000_000
# More than anybody can mean; no sum of such amounts is infinite.
_MOST_USD = 1_000_000.0
_MOST_TOKENS = 2**63
_MOST_SECONDS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a model costs, in USD: per million tokens, or per minute of the session.

    None: there is no such price. `source` is where the prices were read, `dated` when (YYYY-MM-DD), and
    `provider` whose they are. Those that are not `is_confirmed` make every cost an estimate.
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
    provider: str = ""
    is_confirmed: bool = True

    @property
    def bills_tokens(self) -> bool:
        """Whether tokens have a price."""
        return self.dearest_in is not None or self.dearest_out is not None

    @property
    def dearest_in(self) -> float | None:
        """The highest price of a million tokens that go in."""
        return max((p for p in (self.text_in, self.audio_in, self.image_in) if p is not None), default=None)

    @property
    def dearest_out(self) -> float | None:
        """The highest price of a million tokens that come out."""
        return max((p for p in (self.text_out, self.audio_out) if p is not None), default=None)


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in USD. `unknown`: nothing, or only a part of it, could be counted.

    `per_minute` is what every minute adds, as long as the connection lasts.
    """

    usd: float = 0.0
    certainty: Certainty = "exact"
    per_minute: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        certainty = weaker(self.certainty, other.certainty)
        return Cost(self.usd + other.usd, certainty, self.per_minute + other.per_minute)

    def after(self, seconds: float) -> Cost:
        """What it will be when so much time has passed, and nothing else has happened."""
        return replace(self, usd=self.usd + self.per_minute * max(0.0, seconds) / 60)

    def at_most(self, certainty: Certainty) -> Cost:
        """The same amount, no surer than that."""
        return replace(self, certainty=weaker(self.certainty, certainty))


NOTHING = Cost()
UNKNOWN = Cost(certainty="unknown")


def weaker(one: Certainty, other: Certainty) -> Certainty:
    """The one that promises less."""
    return one if _WEAKEST_FIRST.index(one) <= _WEAKEST_FIRST.index(other) else other


def is_price(value: object) -> TypeGuard[float]:
    """Whether the value is an amount of money that can be a price: a number from 0 on, and not absurd."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST_USD


def rates_for(prices: Mapping[str, Rates], model: str) -> Rates | None:
    """The prices of a model: its own, its family's for a dated snapshot, or those of `*`.

    None: they are not known.
    """
    names = (model, _SNAPSHOT.sub("", model), ANY_MODEL)
    return next((prices[name] for name in names if name in prices), None)


def tokens_cost(counts: TokenCounts | None, rates: Rates | None) -> Cost:
    """What an answer, or a transcription, costs by its tokens; nothing where the model is billed by time.

    Without counts it is unknown, and so it is where the server only ever counts zero.
    """
    if rates is None:
        return UNKNOWN
    if not rates.bills_tokens:
        return NOTHING
    lines = [] if counts is None else [*_entered(counts, rates), *_left(counts, rates)]
    if not lines:
        return UNKNOWN
    usd = sum(line.tokens * line.price for line in lines) / _MILLION
    is_exact = rates.is_confirmed and all(line.is_sure for line in lines)
    return Cost(usd, "exact" if is_exact else "estimated")


def time_cost(seconds: float, rates: Rates | None) -> Cost:
    """What so much audio, or connection, costs; unknown where time has no price."""
    is_time = 0 <= seconds <= _MOST_SECONDS
    if rates is None or rates.per_minute is None or not is_time:
        return UNKNOWN
    return Cost(rates.per_minute * (seconds / 60), "exact" if rates.is_confirmed else "estimated")


class _Line(NamedTuple):
    """Some tokens of one price, in USD per million."""

    tokens: int
    price: float
    is_sure: bool


class _Kind(NamedTuple):
    """The tokens of one kind that went in, and their prices."""

    whole: int
    cached: int
    price: float | None
    cached_price: float | None


def _entered(counts: TokenCounts, rates: Rates) -> Iterator[_Line]:
    kinds = (  # in the order in which being cached saves more and more
        _Kind(_whole(counts.input_text), _whole(counts.cached_text), rates.text_in, rates.text_cached),
        _Kind(_whole(counts.input_image), _whole(counts.cached_image), rates.image_in, rates.image_cached),
        _Kind(_whole(counts.input_audio), _whole(counts.cached_audio), rates.audio_in, rates.audio_cached),
    )
    dearest = rates.dearest_in or 0.0
    spare = _whole(counts.cached) - sum(kind.cached for kind in kinds)
    for kind in kinds:
        told = min(kind.cached, kind.whole)
        more = max(0, min(spare, kind.whole - told))
        spare -= more
        is_sure = kind.price is not None and told == kind.cached and not more
        price = dearest if kind.price is None else kind.price
        yield from _line(kind.whole - told - more, price, is_sure=is_sure)
        has_price = kind.cached_price is not None
        cached_price = price if kind.cached_price is None else kind.cached_price
        yield from _line(told + more, cached_price, is_sure=is_sure and has_price)
    yield from _line(_whole(counts.input) - sum(kind.whole for kind in kinds), dearest, is_sure=False)


def _left(counts: TokenCounts, rates: Rates) -> Iterator[_Line]:
    dearest = rates.dearest_out or 0.0
    text, audio = _whole(counts.output_text), _whole(counts.output_audio)
    for count, price in ((text, rates.text_out), (audio, rates.audio_out)):
        yield from _line(count, dearest if price is None else price, is_sure=price is not None)
    yield from _line(_whole(counts.output) - text - audio, dearest, is_sure=False)


def _line(tokens: int, price: float, *, is_sure: bool) -> Iterator[_Line]:
    if tokens > 0:
        yield _Line(tokens, price, is_sure)


def _whole(tokens: int) -> int:
    """A count that a server sent, as one that there can be."""
    return min(max(0, tokens), _MOST_TOKENS)

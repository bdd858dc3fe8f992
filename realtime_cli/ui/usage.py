"""What was used and what it costs: a table of tokens by kind, the last turn beside the session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from realtime_cli.core.cost import Certainty, Cost, Rates, rates_for, time_cost, tokens_cost
from realtime_cli.core.view import ResponseView, SessionView, TokenCounts

from .billing import KINDS, allowance, parts_of, reason, source
from .figures import money, share, tokens

_NO_PRICES: Mapping[str, Rates] = {}
_NAME_CELLS, _FIGURE_CELLS = len("transcription"), len(" $12.3456")
# A sum of floats that is less than this is nothing.
_LEAST_USD = 1e-9
_DECIMALS, _LEAST_SHOWN_USD = 4, 0.0001
_SIGNS: Mapping[Certainty, str] = {"exact": "", "estimated": "~", "unknown": ">"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; what is None stays empty."""

    name: str
    last: int | None = None
    last_cost: Cost | None = None
    session: int | str | None = None
    cost: Cost | None = None
    style: str = ""


def usage_rows(
    console: Console, view: SessionView, width: int, *, prices: Mapping[str, Rates] = _NO_PRICES
) -> list[Text]:
    """Tokens and money by kind, how sure that is and why, and what the server still allows.

    `prices` are those that the session counts with (`Terms.prices`); without them only sums have a cost.
    """
    rates = rates_for(prices, view.model)
    last = next((each for each in reversed(view.responses) if each.usage is not None), None)
    if not view.tokens.total and not view.cost.usd:
        rows = [Text("nothing that costs was used yet", "info")]
    else:
        words = [reason(view, rates), *source(rates, width)]
        rows = [*_table(view, last, rates, width), *_wrapped(console, words, width)]
    rows += _wrapped(console, [allowance(limit) for limit in view.rate_limits], width)
    for row in rows:
        row.truncate(width)
    return rows


def _table(view: SessionView, last: ResponseView | None, rates: Rates | None, width: int) -> Iterator[Text]:
    is_wide = width >= _NAME_CELLS + 4 * _FIGURE_CELLS
    cost = ["cost"] if is_wide else []
    yield _row("tokens", ["last turn", *cost, "session", "cost"], style="heading")
    for line in [*_kinds(view, last, rates), *_sums(view, last, rates)]:
        last_cost = [_money(line.last_cost)] if is_wide else []
        figures = [_number(line.last), *last_cost, _number(line.session), _money(line.cost)]
        yield _row(line.name, figures, style=line.style)


def _row(name: str, figures: Sequence[str], *, style: str) -> Text:
    cells = "".join(f"{figure:>{_FIGURE_CELLS}}" for figure in figures)
    return Text(f"{name:{_NAME_CELLS}}{cells}".rstrip(), style)


def _number(value: int | str | None) -> str:
    if not isinstance(value, int):
        return value or ""
    written = f"{value:,}"
    return written if len(written) < _FIGURE_CELLS else tokens(value)


def _money(cost: Cost | None) -> str:
    """A figure of a column: all with as many decimals, `?` where nothing is known, `>` where a part is."""
    if cost is None:
        return ""
    if cost.usd < _LEAST_SHOWN_USD:
        return "?" if cost.certainty == "unknown" else money(cost)
    return f"{_SIGNS[cost.certainty]}${cost.usd:,.{_DECIMALS if cost.usd < 10 else 2}f}"


def _kinds(view: SessionView, last: ResponseView | None, rates: Rates | None) -> Iterator[Line]:
    """Tokens of each kind, the cached ones under those that they are a part of."""
    lately = (last.usage if last else None) or TokenCounts()
    for name, mine, all_of_it in zip(KINDS, parts_of(lately), parts_of(view.tokens), strict=True):
        if all_of_it.total:
            yield Line(name, mine.total, _cost(mine, rates), all_of_it.total, _cost(all_of_it, rates))
        if all_of_it.cached:
            cached = f" cached {share(all_of_it.cached, all_of_it.input)}"
            yield Line(cached, mine.cached, session=all_of_it.cached, style="info")


def _cost(counts: TokenCounts, rates: Rates | None) -> Cost | None:
    return tokens_cost(counts, rates) if rates is not None and rates.bills_tokens and counts.total else None


def _sums(view: SessionView, last: ResponseView | None, rates: Rates | None) -> Iterator[Line]:
    """The answers in all, what comes on top of them, and everything."""
    answers = _answers_cost(view)
    time = _time_cost(view, rates)
    rest = view.cost.usd - answers.usd - (time.usd if time else 0.0)
    transcription = Cost(rest, view.cost.certainty) if rest > _LEAST_USD else None
    if time is not None or transcription is not None:
        yield Line("answers", session=view.tokens.total, cost=answers if answers.usd else None)
    if time is not None:
        yield Line("time", session=f"{_connected_s(view) / 60:,.1f} min", cost=time)
    if transcription is not None:
        yield Line("transcription", cost=transcription)
    lately = last.usage.total if last and last.usage else None
    last_cost = last.cost if last and time is None else None
    yield Line("in all", lately, last_cost, view.tokens.total, view.cost, style="strong")


def _answers_cost(view: SessionView) -> Cost:
    return sum((each.cost for each in view.responses if each.cost is not None), start=Cost())


def _time_cost(view: SessionView, rates: Rates | None) -> Cost | None:
    return time_cost(_connected_s(view), rates) if rates is not None and rates.per_minute else None


def _connected_s(view: SessionView) -> float:
    return 0.0 if view.opened_s is None else view.now_s - view.opened_s


def _wrapped(console: Console, paragraphs: Iterable[Text], width: int) -> list[Text]:
    rows = [row for words in paragraphs for row in words.wrap(console, width)]
    for row in rows:
        row.rstrip()
    return rows

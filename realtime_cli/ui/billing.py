"""What is billed, in words: the kinds of tokens, how sure a sum is and why, what the server still allows."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from realtime_cli.core.cost import UNKNOWN, Rates
from realtime_cli.core.metrics import is_low
from realtime_cli.core.view import RateLimitView, SessionView, TokenCounts
from realtime_cli.visible import one_line

from .figures import milliseconds
from .summary import count

KINDS = ("text in", "audio in", "image in", "other in", "text out", "audio out", "other out")


def parts_of(counts: TokenCounts) -> tuple[TokenCounts, ...]:
    """The counts of each of `KINDS` by itself; `other` is what the server told no kind of."""
    other_in = counts.input - counts.input_text - counts.input_audio - counts.input_image
    other_cached = counts.cached - counts.cached_text - counts.cached_audio - counts.cached_image
    other_out = counts.output - counts.output_text - counts.output_audio
    return (
        _entered("text", counts.input_text, counts.cached_text),
        _entered("audio", counts.input_audio, counts.cached_audio),
        _entered("image", counts.input_image, counts.cached_image),
        TokenCounts(input=max(0, other_in), cached=max(0, other_cached)),
        TokenCounts(output=counts.output_text, output_text=counts.output_text),
        TokenCounts(output=counts.output_audio, output_audio=counts.output_audio),
        TokenCounts(output=max(0, other_out)),
    )


def _entered(kind: str, count: int, cached: int) -> TokenCounts:
    return TokenCounts(input=count, cached=cached, **{f"input_{kind}": count, f"cached_{kind}": cached})


def reason(view: SessionView, rates: Rates | None) -> Text:
    """How sure the sum is, and why it is not surer."""
    certainty = view.cost.certainty
    if certainty == "exact":
        return Text("exact, by the server's counts", "info")
    why = _why_unknown(view, rates) if certainty == "unknown" else _why_estimated(view, rates)
    return Text(f"{certainty}: {why}", "warning" if certainty == "unknown" else "info")


def source(rates: Rates | None, width: int) -> Iterator[Text]:
    """Where the prices are from, and when; at least whose page it was."""
    if rates is not None and rates.source:
        page, dated = one_line(rates.source).partition("://")[2], one_line(rates.dated)
        words = f"prices of {dated or 'no date'}, {page or one_line(rates.source)}"
        yield Text(words if len(words) <= width else words.partition("/")[0], "info")


def _why_unknown(view: SessionView, rates: Rates | None) -> str:
    if view.cost == UNKNOWN and rates is None:
        return f"no price of {one_line(view.model) or 'this model'} is known; --prices FILE gives one"
    silent = sum(not (each.is_active or each.usage) for each in view.responses)
    if silent:
        return f"the server told no usage of {count(silent, 'answer')}"
    return "the server or the prices do not tell enough of all parts"


def _why_estimated(view: SessionView, rates: Rates | None) -> str:
    if rates is not None and not rates.is_confirmed:
        return "the prices are not the provider's own"
    *_, other_in, _, _, other_out = parts_of(view.tokens)
    if other_in.total or other_in.cached or other_out.total:
        return "the server did not tell the kind of all tokens; the dearest counts"
    return "a kind of token has no price of its own; the dearest counts"


def allowance(limit: RateLimitView) -> Text:
    """What is left of an allowance, and when it is whole again."""
    left = "?" if limit.remaining is None else _amount(limit.remaining)
    of = "" if limit.limit is None else f" of {_amount(limit.limit)}"
    again = (
        "" if limit.reset_s is None else f", whole again in {milliseconds(max(0.0, limit.reset_s) * 1000)}"
    )
    return Text(
        f"rate limit of {one_line(limit.name)}: {left}{of} left{again}",
        "warning" if is_low(limit) else "info",
    )


def _amount(number: float) -> str:
    return f"{number:,.0f}"

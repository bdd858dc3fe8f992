"""What tokens and minutes cost, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.core.cost import (
    NOTHING,
    UNKNOWN,
    Certainty,
    Cost,
    Rates,
    is_price,
    rates_for,
    time_cost,
    tokens_cost,
    weaker,
)
from realtime_cli.core.view import TokenCounts

FULL = Rates(
    text_in=4.0,
    text_cached=0.4,
    text_out=16.0,
    audio_in=32.0,
    audio_cached=0.4,
    audio_out=64.0,
    image_in=5.0,
    image_cached=0.5,
)
TABLE = {"gpt-realtime": FULL, "gpt-realtime-2.1": replace(FULL, text_out=24.0)}
COUNTS = st.integers(0, 2**70)
PRICES = st.none() | st.floats(0, 1_000_000)
ANY_RATES = st.builds(
    Rates,
    text_in=PRICES,
    text_cached=PRICES,
    text_out=PRICES,
    audio_in=PRICES,
    audio_cached=PRICES,
    audio_out=PRICES,
    image_in=PRICES,
    image_cached=PRICES,
    is_confirmed=st.booleans(),
)
WILD = st.integers(-(2**70), 2**70)


def answer(text: int = 0, audio: int = 0, image: int = 0, **more: int) -> TokenCounts:
    """Counts that agree with each other: what went in by kind, `cached_*` of it, and `output_*`."""
    out = more.get("output_text", 0) + more.get("output_audio", 0)
    cached = sum(number for name, number in more.items() if name.startswith("cached_"))
    return TokenCounts(
        input=text + audio + image,
        output=out,
        input_text=text,
        input_audio=audio,
        input_image=image,
        cached=cached,
        **more,
    )


def usd_of(counts: TokenCounts, rates: Rates = FULL) -> float:
    return tokens_cost(counts, rates).usd


@pytest.mark.parametrize(
    ("counts", "micro_usd"),
    [
        (answer(text=1_000), 4_000),
        (answer(audio=1_000), 32_000),
        (answer(image=1_000), 5_000),
        (answer(output_text=1_000), 16_000),
        (answer(output_audio=1_000), 64_000),
        (answer(text=1_000, cached_text=400), 600 * 4 + 400 * 0.4),
        (answer(audio=1_000, cached_audio=1_000), 400),
        (answer(image=10, cached_image=4), 6 * 5 + 4 * 0.5),
        (
            answer(text=119, audio=13, cached_text=64, output_text=30, output_audio=91),
            55 * 4 + 64 * 0.4 + 13 * 32 + 30 * 16 + 91 * 64,
        ),
    ],
)
def test_every_kind_has_its_price_and_cached_tokens_have_another(
    counts: TokenCounts, micro_usd: float
) -> None:
    cost = tokens_cost(counts, FULL)
    assert cost.usd == pytest.approx(micro_usd / 1e6)
    assert cost.certainty == "exact"


@pytest.mark.parametrize(
    ("counts", "micro_usd"),
    [
        # Only totals: the dearest kind.
        (TokenCounts(input=100, output=10), 100 * 32 + 10 * 64),
        # A part of the details is missing.
        (TokenCounts(input=100, input_text=60, output=10, output_text=4), 60 * 4 + 40 * 32 + 4 * 16 + 6 * 64),
        # Cached tokens without their kind: text first, then image, then audio.
        (
            TokenCounts(input=120, input_text=50, input_image=20, input_audio=50, cached=80),
            50 * 0.4 + 20 * 0.5 + 10 * 0.4 + 40 * 32,
        ),
        (TokenCounts(input=50, input_text=50, cached=80, cached_text=30), 50 * 0.4),
        # More cached than there is: the API's own example.
        (TokenCounts(input=10, input_text=10, cached=99, cached_text=99), 10 * 0.4),
    ],
    ids=["totals", "partly", "cached", "cached-partly", "too-many-cached"],
)
def test_what_is_not_told_is_read_in_the_dearest_way_and_estimated(
    counts: TokenCounts, micro_usd: float
) -> None:
    cost = tokens_cost(counts, FULL)
    assert cost.usd == pytest.approx(micro_usd / 1e6)
    assert cost.certainty == "estimated"


@pytest.mark.parametrize(
    ("rates", "counts", "micro_usd"),
    [
        (replace(FULL, image_in=None), answer(image=10), 10 * 32),
        (replace(FULL, text_out=None), answer(output_text=10), 10 * 64),
        (replace(FULL, audio_cached=None), answer(audio=10, cached_audio=4), 10 * 32),
        (replace(FULL, image_in=None, image_cached=None), answer(image=10, cached_image=10), 10 * 32),
        (Rates(text_in=4.0), answer(text=10, output_text=10), 10 * 4),
        (Rates(text_out=4.0), answer(text=10, output_text=10), 10 * 4),
    ],
)
def test_a_price_that_is_missing_for_what_occurs_is_estimated(
    rates: Rates, counts: TokenCounts, micro_usd: float
) -> None:
    cost = tokens_cost(counts, rates)
    assert cost.usd == pytest.approx(micro_usd / 1e6)
    assert cost.certainty == "estimated"


def test_a_price_that_is_missing_for_what_does_not_occur_matters_to_nobody() -> None:
    assert tokens_cost(answer(text=10), Rates(text_in=4.0)).certainty == "exact"


def test_prices_from_hearsay_give_estimates() -> None:
    rates = replace(FULL, is_confirmed=False, per_minute=1.0)
    assert tokens_cost(answer(text=10), rates) == Cost(usd_of(answer(text=10)), "estimated")
    assert time_cost(60, rates) == Cost(1.0, "estimated")


@pytest.mark.parametrize(
    ("counts", "rates"), [(None, FULL), (TokenCounts(), FULL), (answer(text=5), None), (None, None)]
)
def test_without_counts_or_prices_a_cost_is_unknown(counts: TokenCounts | None, rates: Rates | None) -> None:
    assert tokens_cost(counts, rates) == UNKNOWN


@pytest.mark.parametrize("counts", [None, TokenCounts(), answer(text=5)])
def test_tokens_of_a_model_that_is_billed_by_time_cost_nothing(counts: TokenCounts | None) -> None:
    assert tokens_cost(counts, Rates(per_minute=0.05)) == NOTHING


@pytest.mark.parametrize(
    ("seconds", "cost"),
    [
        (0, Cost(0.0)),
        (120, Cost(0.034)),
        (-1, UNKNOWN),
        (math.nan, UNKNOWN),
        (math.inf, UNKNOWN),
        (10**400, UNKNOWN),
    ],
)
def test_time_costs_by_the_second(seconds: float, cost: Cost) -> None:
    assert time_cost(seconds, Rates(per_minute=0.017)) == cost


@pytest.mark.parametrize("rates", [None, FULL])
def test_time_has_no_cost_where_it_has_no_price(rates: Rates | None) -> None:
    assert time_cost(60, rates) == UNKNOWN


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-realtime", "gpt-realtime"),
        ("gpt-realtime-2025-08-28", "gpt-realtime"),
        ("gpt-realtime-2.1", "gpt-realtime-2.1"),
        ("gpt-realtime-2.1-2026-05-07", "gpt-realtime-2.1"),
        ("gpt-realtime-2.1-mini", None),
        ("gpt-realtime-mini-2025-10-06", None),
        ("gpt-realtime-2", None),
        ("gpt-realtime-2025", None),
        ("", None),
    ],
)
def test_a_snapshot_belongs_to_its_family_and_no_other_model_does(model: str, name: str | None) -> None:
    assert rates_for(TABLE, model) == (None if name is None else TABLE[name])


def test_a_snapshot_may_have_a_price_of_its_own_and_a_star_stands_for_the_rest() -> None:
    own, rest = Rates(text_in=1.0), Rates(per_minute=0.0)
    table = {**TABLE, "gpt-realtime-2025-08-28": own, "*": rest}
    assert rates_for(table, "gpt-realtime-2025-08-28") is own
    assert rates_for(table, "gpt-realtime-2.1-mini") is rest


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (0, True),
        (0.4, True),
        (1_000_000, True),
        (1_000_001, False),
        (-0.1, False),
        (math.nan, False),
        (math.inf, False),
        (True, False),
        ("4", False),
        (None, False),
    ],
)
def test_a_price_is_a_number_from_nothing_to_a_million(value: object, fits: bool) -> None:
    assert is_price(value) is fits


def test_the_weaker_certainty_holds_for_a_sum() -> None:
    order: list[Certainty] = ["unknown", "estimated", "exact"]
    for one in order:
        for other in order:
            assert weaker(one, other) == order[min(order.index(one), order.index(other))]
    assert Cost(1.0, "exact", 0.5) + Cost(2.0, "estimated", 0.25) == Cost(3.0, "estimated", 0.75)
    assert Cost(1.0).at_most("unknown") == Cost(1.0, "unknown")


def test_a_cost_by_the_minute_goes_on_by_itself() -> None:
    cost = Cost(1.0, "exact", 0.06)
    assert cost.after(90) == Cost(1.09, "exact", 0.06)
    assert cost.after(-5) == cost


@given(
    st.builds(answer, COUNTS, COUNTS, COUNTS, output_text=COUNTS, output_audio=COUNTS),
    st.builds(answer, COUNTS, COUNTS, COUNTS, output_text=COUNTS, output_audio=COUNTS),
    ANY_RATES,
)
def test_more_tokens_never_cost_less(some: TokenCounts, more: TokenCounts, rates: Rates) -> None:
    assert usd_of(some + more, rates) >= usd_of(some, rates)


@given(
    st.builds(TokenCounts, *(WILD for _ in TokenCounts.__dataclass_fields__)),
    ANY_RATES | st.just(Rates(per_minute=1.0)),
)
def test_whatever_a_server_counts_a_cost_is_an_amount(counts: TokenCounts, rates: Rates) -> None:
    cost = tokens_cost(counts, rates)
    assert 0 <= cost.usd < math.inf


@given(st.lists(st.builds(Cost, st.floats(0, 1e9), st.sampled_from(["exact", "estimated", "unknown"]))))
def test_adding_costs_never_lowers_the_sum_or_strengthens_it(costs: list[Cost]) -> None:
    total = NOTHING
    for cost in costs:
        before, total = total, total + cost
        assert total.usd >= before.usd
        assert weaker(total.certainty, before.certainty) == total.certainty

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.cost import Certainty, Cost
from realtime_cli.ui.figures import (
    dollars,
    milliseconds,
    money,
    money_changes_in_s,
    share,
    size,
    time_left,
    time_left_changes_in_s,
    tokens,
)

amounts = st.floats(min_value=1e-12, max_value=1e6)
certainties: st.SearchStrategy[Certainty] = st.sampled_from(["exact", "estimated", "unknown"])


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost(0.0123), "$0.0123"),
        (Cost(0.01234567), "$0.0123"),
        (Cost(0.123), "$0.123"),
        (Cost(0.5), "$0.50"),
        (Cost(1.239), "$1.24"),
        (Cost(1234.5), "$1,234"),
        (Cost(0.00004), "<$0.0001"),
        (Cost(0.02, "estimated"), "~$0.02"),
        (Cost(0.0149, "estimated"), "~$0.015"),
        (Cost(0.00004, "estimated"), "<$0.0001"),
        (Cost(0.02, "unknown"), "at least $0.02"),
        (Cost(0.0, "unknown"), "cost unknown"),
        (Cost(), "free"),
    ],
)
def test_money(cost: Cost, words: str) -> None:
    assert money(cost) == words


@pytest.mark.parametrize(
    ("usd", "words"),
    [(0.004, "<$0.01"), (0.01, "$0.01"), (0.0299, "$0.02"), (0.03, "$0.03"), (1.5, "$1.50")],
)
def test_what_grows_by_the_minute_is_told_in_cents(usd: float, words: str) -> None:
    assert money(Cost(usd, per_minute=0.05)) == words


@settings(deadline=None)
@given(amounts, certainties, st.sampled_from([0.0, 0.05]))
def test_what_cost_something_is_never_nothing(usd: float, certainty: Certainty, per_minute: float) -> None:
    words = money(Cost(usd, certainty, per_minute))
    assert re.search(r"[1-9]", words) or words == "cost unknown"


@settings(deadline=None)
@given(amounts)
def test_dollars_are_near_the_truth_and_short(usd: float) -> None:
    words = dollars(usd)
    shown = float(words.removeprefix("<").removeprefix("$").replace(",", ""))
    assert shown == pytest.approx(usd, rel=0.006, abs=0.00006) or words == "<$0.0001"
    assert len(words) <= len("$1,000,000")


@settings(deadline=None)
@given(st.floats(min_value=0.001, max_value=100), st.floats(min_value=0.001, max_value=5))
def test_money_says_when_it_has_other_words(usd: float, per_minute: float) -> None:
    cost = Cost(usd, per_minute=per_minute)
    changes_s = money_changes_in_s(cost)
    assert changes_s is not None
    assert money(cost.after(changes_s)) != money(cost) == money(cost.after(changes_s * 0.99))
    assert money_changes_in_s(Cost(usd)) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (840, "840"),
        (999, "999"),
        (1000, "1.0k"),
        (1234, "1.2k"),
        (12_345, "12.3k"),
        (99_949, "99.9k"),
        (99_951, "100k"),
        (999_499, "999k"),
        (999_500, "1.0M"),
        (1_234_567, "1.2M"),
        (2_000_000_000_000, "2,000G"),
    ],
)
def test_tokens(number: int, words: str) -> None:
    assert tokens(number) == words


def test_sizes() -> None:
    assert [size(number) for number in (0, 840, 1200, 3_400_000)] == ["0 B", "840 B", "1.2 kB", "3.4 MB"]


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, "0 ms"), (840, "840 ms"), (999.4, "999 ms"), (999.6, "1.0 s"), (1240, "1.2 s"), (99_960, "100 s")],
)
def test_milliseconds(ms: float, words: str) -> None:
    assert milliseconds(ms) == words


@pytest.mark.parametrize(
    ("seconds", "words", "calmly"),
    [
        (3900.0, "1 h 05 min left", "over 30 min left"),
        (3299.9, "54 min left", "over 30 min left"),
        (1800.0, "30 min left", "under 30 min left"),
        (120.0, "2 min left", "under 2 min left"),
        (119.9, "1:59 left", "under 2 min left"),
        (45.2, "0:45 left", "under 1 min left"),
        (0.5, "0:00 left", "under 1 min left"),
        (0.0, "time is up", "time is up"),
        (-5.0, "time is up", "time is up"),
    ],
)
def test_the_time_that_is_left(seconds: float, words: str, calmly: str) -> None:
    assert time_left(seconds) == words
    assert time_left(seconds, calm=True) == calmly


@settings(deadline=None)
@given(st.floats(min_value=0.01, max_value=10_000), st.booleans())
def test_time_says_when_it_has_other_words(seconds: float, calm: bool) -> None:
    changes_s = time_left_changes_in_s(seconds, calm=calm)
    assert changes_s is not None
    assert time_left(seconds - changes_s, calm=calm) != time_left(seconds, calm=calm)
    if changes_s > 0.01:
        assert time_left(seconds - changes_s + 0.005, calm=calm) == time_left(seconds, calm=calm)
    assert time_left_changes_in_s(0.0, calm=calm) is None


def test_shares() -> None:
    assert [share(part, 1000) for part in (0, 1, 640, 999, 1000)] == ["0 %", "1 %", "64 %", "99 %", "100 %"]
    assert share(0, 0) == "0 %"

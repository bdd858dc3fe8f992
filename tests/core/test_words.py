"""Times and money in words."""

from __future__ import annotations

import pytest

from realtime_cli.core.cost import Cost
from realtime_cli.core.words import dollars, duration, money


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (0.21, "0.2 s"),
        (3, "3 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_time_is_as_exact_as_it_matters(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (0, "$0.00"),
        (0.00001, "<$0.0001"),
        (0.0001, "$0.0001"),
        (0.00423, "$0.0042"),
        (0.1, "$0.10"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money_is_told_to_the_cent_or_below_it(usd: float, words: str) -> None:
    assert dollars(usd) == words


def test_money_tells_how_sure_it_is() -> None:
    assert money(Cost(0.5)) == "$0.50"
    assert money(Cost(0.5, "estimated")) == "about $0.50"
    assert money(Cost(0.5, "unknown")) == "at least $0.50"

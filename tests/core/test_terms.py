"""The terms of a session, and their form in a log."""

from __future__ import annotations

import json
import math

import pytest

from realtime_cli.core.cost import Rates
from realtime_cli.core.terms import Terms, terms_from_json, terms_to_json

PRICES = {
    "gpt-realtime": Rates(text_in=1, audio_in=0.0, source="a page", dated="2026-11-20", provider="openai"),
    "whisper-1": Rates(per_minute=0.006, is_confirmed=False),
    "other": Rates(text_in=9.0),
}
FULL = Terms(prices=PRICES, max_usd=0.5, max_s=60.0, server_limit_s=3600.0, started_unix_s=1_785_000_000.25)


def test_terms_come_back_from_a_log_as_they_were() -> None:
    assert terms_from_json(json.loads(json.dumps(terms_to_json(FULL)))) == FULL
    assert terms_to_json(Terms()) == {"prices": {}}
    assert terms_from_json(terms_to_json(Terms())) == Terms()


def test_a_log_keeps_the_prices_of_models_that_the_session_may_change_to() -> None:
    assert set(terms_to_json(FULL)["prices"]) == set(PRICES)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "x",
        {},
        {"prices": 5, "max_usd": "much"},
        {"max_usd": -1, "max_s": True, "server_limit_s": math.nan, "started_unix_s": 10**400},
    ],
)
def test_what_cannot_be_read_of_terms_is_left_out(data: object) -> None:
    assert terms_from_json(data) == Terms()


def test_of_prices_what_can_be_read_is_kept() -> None:
    data = {"prices": {"a": {"text_in": 4, "text_out": -1, "source": 5, "new_field": 1}, "b": None}}
    assert terms_from_json(data).prices == {"a": Rates(text_in=4), "b": Rates()}


@pytest.mark.parametrize(
    ("terms", "expires_at", "ends_s"),
    [
        (Terms(started_unix_s=1000.0), 4600, 3600.0),
        (Terms(started_unix_s=1000.0, server_limit_s=60.0), 4600.5, 3600.5),
        (Terms(started_unix_s=1000.0, server_limit_s=60.0), 900, 62.0),  # a clock that is wrong
        (Terms(started_unix_s=1000.0, server_limit_s=60.0), 0, 62.0),
        (Terms(started_unix_s=1000.0, server_limit_s=60.0), None, 62.0),
        (Terms(started_unix_s=1000.0, server_limit_s=60.0), "soon", 62.0),
        (Terms(started_unix_s=1000.0, server_limit_s=60.0), True, 62.0),
        (Terms(started_unix_s=1000.0), math.nan, None),
        (Terms(), 4600, None),
    ],
)
def test_the_servers_end_is_what_it_says_or_else_what_is_known_of_it(
    terms: Terms, expires_at: object, ends_s: float | None
) -> None:
    assert terms.ends_s(expires_at, opened_s=2.0) == ends_s
    assert terms.ends_s(expires_at, opened_s=None) is None

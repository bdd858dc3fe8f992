"""The terms of a session: the user's limits, and the prices at the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_cli.core.cost import rates_for
from realtime_cli.core.terms import Terms
from realtime_cli.errors import UsageError
from realtime_cli.providers.terms import terms_for
from realtime_cli.settings import Settings


def terms(provider: str = "openai", **settings: object) -> Terms:
    given = Settings(**settings)  # type: ignore[arg-type]  # each test gives what fits
    return terms_for(given, provider=provider, provider_limit_s=3600.0, started_unix_s=1_785_000_000.0)


def test_limits_come_from_the_settings_in_the_units_of_the_core() -> None:
    found = terms(max_cost=0.5, max_minutes=1.5)
    assert (found.max_usd, found.max_s) == (0.5, 90.0)
    assert (found.server_limit_s, found.started_unix_s) == (3600.0, 1_785_000_000.0)
    assert (terms().max_usd, terms().max_s) == (None, None)


@pytest.mark.parametrize(
    ("provider", "model", "is_confirmed"),
    [
        ("openai", "gpt-realtime", True),
        ("azure", "gpt-realtime", False),
        ("custom", "gpt-realtime", False),
        ("openai", "whisper-1", False),
    ],
)
def test_the_prices_of_another_service_are_a_guess(provider: str, model: str, is_confirmed: bool) -> None:
    rates = rates_for(terms(provider).prices, model)
    assert rates is not None
    assert rates.is_confirmed is is_confirmed


@pytest.mark.parametrize("provider", ["local", "speaches", "localai"])
@pytest.mark.parametrize("model", ["rules", "gpt-realtime", ""])
def test_a_server_on_ones_own_machine_is_free_whatever_its_model_is_called(provider: str, model: str) -> None:
    rates = rates_for(terms(provider).prices, model)
    assert rates is not None
    assert (rates.per_minute, rates.bills_tokens) == (0.0, False)


def test_the_users_prices_hold_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text('["gpt-realtime"]\ntext_in = 3\n["*"]\nper_minute = 2\n', encoding="utf-8")
    for provider in ("openai", "azure", "custom", "local"):
        prices = terms(provider, prices=path).prices
        own, rest = rates_for(prices, "gpt-realtime"), rates_for(prices, "no-such-model")
        assert own is not None
        assert rest is not None
        assert (own.text_in, own.is_confirmed, rest.per_minute) == (3, True, 2)


def test_a_price_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        terms(prices=tmp_path / "none.toml")

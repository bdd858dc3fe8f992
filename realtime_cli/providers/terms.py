"""What a session is held under: the user's limits, and the prices of the service that it is held with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from realtime_cli.core.cost import ANY_MODEL, Rates
from realtime_cli.core.terms import Terms
from realtime_cli.providers.prices import load_prices
from realtime_cli.providers.table import PROVIDERS

_EMBEDDED = "embedded"


class SpendingSettings(Protocol):
    """The part of the settings that limits a session (`realtime_cli.settings.Settings` fits)."""

    @property
    def max_cost(self) -> float | None: ...
    @property
    def max_minutes(self) -> float | None: ...
    @property
    def prices(self) -> Path | None: ...


def terms_for(
    settings: SpendingSettings,
    *,
    provider: str,
    provider_limit_s: float | None,
    started_unix_s: float,
) -> Terms:
    """The terms of a session that starts at that wall clock, with a provider of the table or `custom`.

    `provider_limit_s` is how long the provider lets a session last. Raises `UsageError` for a price file that
    cannot be used.
    """
    return Terms(
        prices=_prices_at(provider, load_prices(settings.prices)),
        max_usd=settings.max_cost,
        max_s=None if settings.max_minutes is None else settings.max_minutes * 60,
        server_limit_s=provider_limit_s,
        started_unix_s=started_unix_s,
    )


def _prices_at(provider: str, prices: Mapping[str, Rates]) -> Mapping[str, Rates]:
    """The prices that hold at a provider: those of another one are a guess, and one's own server is free."""
    row = PROVIDERS.get(provider)
    if row is not None and not row.key_env:
        own = {model: rates for model, rates in prices.items() if not rates.provider}
        return {ANY_MODEL: prices[_EMBEDDED], **own}
    return {
        model: rates if rates.provider in ("", provider) else replace(rates, is_confirmed=False)
        for model, rates in prices.items()
    }

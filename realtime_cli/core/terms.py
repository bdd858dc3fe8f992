"""What a session is held under: prices, and limits of time and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeGuard, cast

from .cost import Rates, is_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Prices by model, and when the session is to end.

    `max_usd` and `max_s` (seconds of the connection) are the user's limits, `server_limit_s` is the service's
    own, for servers that do not tell it. `started_unix_s` is the wall clock at session second 0: the server's
    `expires_at` is in that time.
    """

    prices: Mapping[str, Rates] = field(default_factory=dict[str, Rates])
    max_usd: float | None = None
    max_s: float | None = None
    server_limit_s: float | None = None
    started_unix_s: float | None = None

    def ends_s(self, expires_at: object, *, opened_s: float | None) -> float | None:
        """When the server ends the session, in session seconds; None where nobody knows.

        `expires_at` is what the server says of it; one that lies in the past comes from a wrong clock.
        """
        if opened_s is None:
            return None
        if _is_number(expires_at) and self.started_unix_s is not None:
            told_s = expires_at - self.started_unix_s
            if told_s > opened_s:
                return told_s
        return None if self.server_limit_s is None else opened_s + self.server_limit_s


_LIMITS = ("max_usd", "max_s", "server_limit_s", "started_unix_s")
_TEXTS = ("source", "dated", "provider")
_PRICES = tuple(each.name for each in fields(Rates) if each.name not in (*_TEXTS, "is_confirmed"))


def terms_to_json(terms: Terms) -> dict[str, Any]:
    """The terms as a log's header keeps them.

    With the prices of all models: servers call them by other names, and users change them on the way.
    """
    limits = {name: value for name in _LIMITS if (value := getattr(terms, name)) is not None}
    return {**limits, "prices": {name: _rates_to_json(rates) for name, rates in terms.prices.items()}}


def terms_from_json(data: object) -> Terms:
    """The terms that a log's header keeps; what cannot be read of them is left out."""
    told = _as_mapping(data)
    limits = {name: value for name in _LIMITS if _is_number(value := told.get(name)) and value > 0}
    prices = {model: _rates_from_json(rates) for model, rates in _as_mapping(told.get("prices")).items()}
    return Terms(prices=prices, **limits)


def _rates_to_json(rates: Rates) -> dict[str, Any]:
    told = {each.name: (getattr(rates, each.name), each.default) for each in fields(Rates)}
    return {name: value for name, (value, default) in told.items() if value != default}


def _rates_from_json(data: object) -> Rates:
    told = _as_mapping(data)
    kept: dict[str, Any] = {name: value for name in _TEXTS if isinstance(value := told.get(name), str)}
    kept |= {name: value for name in _PRICES if is_price(value := told.get(name))}
    return Rates(**kept, is_confirmed=told.get("is_confirmed") is not False)


def _is_number(value: object) -> TypeGuard[float]:
    # An integer may be too large for a float.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53


def _as_mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}

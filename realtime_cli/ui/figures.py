"""Amounts in words, as short as they can be and stay true: money, tokens, times, sizes."""

from __future__ import annotations

from collections.abc import Sequence

from realtime_cli.core.cost import Cost

# Nothing that cost something is written as nothing.
_LEAST_USD = 0.0001
_DECIMALS = 4
_CENT_USD = 0.01
# A whole number of cents may be a little less than that in a float.
_NEARLY_NOTHING = 1e-6
_DIGITS = {"exact": 3, "estimated": 2, "unknown": 2}
_TOKEN_UNITS = ("", "k", "M", "G")
_BYTE_UNITS = (" B", " kB", " MB", " GB")
# Seconds are told below this; above it a minute more or less changes nothing.
_SECONDS_COUNT_S = 120.0
# What is told of the time that is left where nothing may tick.
_CALM_STEPS_MIN = (1, 2, 5, 10, 15, 30)
_JUST_S = 0.001


def money(cost: Cost) -> str:
    """`$0.0123`, `~$0.02` (estimated), `at least $0.02` (a part is unknown), `cost unknown`, `free`.

    What grows by the minute is told in cents.
    """
    if not cost.usd:
        return "cost unknown" if cost.certainty == "unknown" else "free"
    amount = _cents(cost.usd) if cost.per_minute else dollars(cost.usd, digits=_DIGITS[cost.certainty])
    if amount.startswith("<"):
        return amount if cost.certainty != "unknown" else "cost unknown"
    if cost.certainty == "unknown":
        return f"at least {amount}"
    return f"~{amount}" if cost.certainty == "estimated" else amount


def money_changes_in_s(cost: Cost) -> float | None:
    """After how many seconds `money` has other words if only time passes; None where it has none."""
    if not cost.per_minute:
        return None
    next_usd = (_whole_cents(cost.usd) + 1) * _CENT_USD
    return (next_usd - cost.usd) / cost.per_minute * 60


def dollars(usd: float, *, digits: int = 3) -> str:
    """`$0.0123`, `$0.12`, `$1.23`, `$1,234`: cents, and below them so many digits that count."""
    if 0 < usd < _LEAST_USD:
        return f"<${_LEAST_USD}"
    if usd >= 999.995:
        return f"${usd:,.0f}"
    decimals = max(2, min(_DECIMALS, digits - _magnitude(usd) - 1)) if usd else 2
    whole, _, part = f"{usd:,.{decimals}f}".partition(".")
    return f"${whole}.{part.rstrip('0'):0<2}"


def tokens(number: int) -> str:
    """`840`, `1.2k`, `12.3k`, `123k`, `1.2M`."""
    return _scaled(number, step=1000, units=_TOKEN_UNITS)


def size(number_bytes: int) -> str:
    """`840 B`, `1.2 kB`, `3.4 MB`."""
    return _scaled(number_bytes, step=1000, units=_BYTE_UNITS)


def milliseconds(ms: float) -> str:
    """`840 ms`, `1.2 s`, `12.3 s`, `123 s`."""
    if round(ms) < 1000:
        return f"{round(ms)} ms"
    return f"{ms / 1000:.1f} s" if ms < 99_950 else f"{ms / 1000:,.0f} s"


def time_left(seconds: float, *, calm: bool = False) -> str:
    """`1 h 05 min left`, `54 min left`, `1:45 left`, `time is up`; calm: `under 5 min left`."""
    if seconds <= 0:
        return "time is up"
    if calm:
        return _calmly(seconds)
    if seconds < _SECONDS_COUNT_S:
        return f"{int(seconds) // 60}:{int(seconds) % 60:02d} left"
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes:02d} min left" if hours else f"{minutes} min left"


def time_left_changes_in_s(seconds: float, *, calm: bool = False) -> float | None:
    """After how many seconds `time_left` has other words; None where they will not change any more."""
    if seconds <= 0:
        return None
    if calm:
        return seconds - max(step * 60 for step in (0, *_CALM_STEPS_MIN) if step * 60 < seconds) + _JUST_S
    return seconds % (1 if seconds < _SECONDS_COUNT_S else 60) + _JUST_S


def share(part: float, whole: float) -> str:
    """`64 %`; nothing only where it is nothing, everything only where it is everything."""
    if not whole or not part:
        return "0 %"
    return f"{100 if part >= whole else max(1, min(99, round(100 * part / whole)))} %"


def _cents(usd: float) -> str:
    cents = _whole_cents(usd)
    return dollars(cents * _CENT_USD, digits=1) if cents else f"<${_CENT_USD}"


def _whole_cents(usd: float) -> int:
    return int(usd / _CENT_USD + _NEARLY_NOTHING)


def _calmly(seconds: float) -> str:
    step = next((minutes for minutes in _CALM_STEPS_MIN if seconds <= minutes * 60), None)
    return f"under {step} min left" if step else "over 30 min left"


def _magnitude(usd: float) -> int:
    """The power of ten of the first digit that counts."""
    return int(f"{usd:.1e}".partition("e")[2])


def _scaled(number: int, *, step: int, units: Sequence[str]) -> str:
    if number < step:
        return f"{number}{units[0]}"
    scaled, unit = float(number), 0
    while scaled >= step - 0.5 and unit < len(units) - 1:
        scaled, unit = scaled / step, unit + 1
    return f"{scaled:,.1f}{units[unit]}" if scaled < 99.95 else f"{scaled:,.0f}{units[unit]}"

"""The table of prices, and the user's own over it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from realtime_cli.core.cost import Cost, Rates, rates_for, time_cost, tokens_cost
from realtime_cli.core.view import TokenCounts
from realtime_cli.errors import UsageError
from realtime_cli.providers import PROVIDERS
from realtime_cli.providers.prices import load_prices

OWN = load_prices(None)
TURN = TokenCounts(
    input=1_300,
    output=300,
    input_text=1_000,
    input_audio=200,
    input_image=100,
    cached=640,
    cached_text=600,
    cached_audio=40,
    output_text=100,
    output_audio=200,
)


def written(folder: Path, text: str) -> Path:
    path = folder / "prices.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("model", OWN)
def test_every_price_has_its_source_and_its_date(model: str) -> None:
    rates = OWN[model]
    assert rates.source
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", rates.dated)
    assert rates.bills_tokens or rates.per_minute is not None
    assert rates.provider in PROVIDERS or model == "embedded"
    assert rates.is_confirmed is not rates.source.startswith("third-party") or not rates.is_confirmed


@pytest.mark.parametrize(
    ("model", "micro_usd"),
    [
        # 400 text, 600 cached; 160 audio, 40 cached; 100 image; out: 100 text, 200 audio.
        ("gpt-realtime-2.1", 1_600 + 240 + 5_120 + 16 + 500 + 2_400 + 12_800),
        ("gpt-realtime-2", 1_600 + 240 + 5_120 + 16 + 500 + 2_400 + 12_800),
        ("gpt-realtime-1.5", 1_600 + 240 + 5_120 + 16 + 500 + 1_600 + 12_800),
        ("gpt-realtime", 1_600 + 240 + 5_120 + 16 + 500 + 1_600 + 12_800),
        ("gpt-realtime-2025-08-28", 1_600 + 240 + 5_120 + 16 + 500 + 1_600 + 12_800),
        ("gpt-realtime-mini", 240 + 36 + 1_600 + 12 + 80 + 240 + 4_000),
        ("gpt-realtime-2.1-mini", 240 + 36 + 1_600 + 12 + 80 + 240 + 4_000),
    ],
)
def test_a_turn_costs_what_the_providers_pages_say(model: str, micro_usd: int) -> None:
    assert tokens_cost(TURN, rates_for(OWN, model)) == Cost(pytest.approx(micro_usd / 1e6))


def test_a_kind_without_a_price_makes_an_estimate() -> None:
    # There is no price of an image: it counts as the dearest kind, audio.
    cost = tokens_cost(TURN, OWN["gpt-4o-mini-realtime-preview"])
    micro_usd = 240 + 180 + 1_600 + 12 + 1_000 + 240 + 4_000
    assert cost == Cost(pytest.approx(micro_usd / 1e6), "estimated")


@pytest.mark.parametrize(
    ("model", "usd", "certainty"),
    [
        ("gpt-live-1", 0.05, "exact"),
        ("gpt-realtime-translate", 0.034, "exact"),
        ("gpt-realtime-whisper", 0.017, "exact"),
        ("gpt-live-transcribe", 0.017, "exact"),
        ("whisper-1", 0.006, "estimated"),
        ("gpt-transcribe", 0.0045, "estimated"),
        ("grok-voice-latest", 0.08, "estimated"),
        ("embedded", 0.0, "exact"),
    ],
)
def test_a_minute_costs_what_the_pages_say(model: str, usd: float, certainty: str) -> None:
    cost = time_cost(60, OWN[model])
    assert (cost.usd, cost.certainty) == (pytest.approx(usd), certainty)


def test_a_model_in_the_users_file_replaces_ours_and_others_stay(tmp_path: Path) -> None:
    text = '["gpt-realtime"]\ntext_in = 3\n["my-model"]\nper_minute = 0.5\nsource = "my bill"\n'
    prices = load_prices(written(tmp_path, text))
    assert prices["gpt-realtime"] == Rates(text_in=3)
    assert prices["my-model"] == Rates(per_minute=0.5, source="my bill")
    assert prices["gpt-realtime-2.1"] == OWN["gpt-realtime-2.1"]
    assert len(prices) == len(OWN) + 1


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("x", r"prices\.toml is not valid TOML: Expected", ""),
        ("a = 4", r"prices\.toml: a is not a table", "write a table"),
        ("[a]\ntext_in = -4", r"prices\.toml: a: text_in is -4, but must be a number of USD", ""),
        ("[a]\ntext_in = nan", r"a: text_in is nan, but must be", ""),
        ("[a]\ntext_in = inf", r"a: text_in is inf, but must be", ""),
        ('[a]\ntext_in = "4"', r"a: text_in is '4', but must be", ""),
        ("[a]\ntext_in = true", r"a: text_in is True, but must be", ""),
        ("[a]\ntext_in = []", r"a: text_in is a list, but must be", ""),
        ("[a]\nsource = 4", r"a: source is 4, but must be text", ""),
        ("[a]\nis_confirmed = 1", r"a: is_confirmed is 1, but must be true or false", ""),
        ("[a]\ntext_inn = 4", r"a: unknown field 'text_inn'", "did you mean text_in?"),
        ("[a]\nzzz = 4", r"a: unknown field 'zzz'", "known are text_in, "),
    ],
)
def test_a_price_file_that_makes_no_sense_is_explained(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load_prices(written(tmp_path, text))
    assert hint in caught.value.hint


def test_a_price_file_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*none\.toml: "):
        load_prices(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(UsageError, match=r"latin\.toml is not UTF-8 text"):
        load_prices(tmp_path / "latin.toml")
    with pytest.raises(UsageError, match="is not valid TOML: embedded null"):
        load_prices(Path("a\0b"))


def test_every_field_of_the_rates_can_be_written(tmp_path: Path) -> None:
    full = Rates(**{each.name: 1.5 for each in fields(Rates) if each.name.endswith(("in", "out", "cached"))})
    full = replace(full, per_minute=2.5, source="s", dated="2026-01-01", provider="p", is_confirmed=False)
    lines = (f"{each.name} = {written_as(getattr(full, each.name))}" for each in fields(Rates))
    assert load_prices(written(tmp_path, "\n".join(["[m]", *lines])))["m"] == full


def written_as(value: object) -> str:
    return repr(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


def test_prices_are_read_only_when_they_are_wanted() -> None:
    code = (
        "import sys, realtime_cli.providers.prices, realtime_cli.providers.terms\n"
        "print(*sorted({'tomllib', 'pydantic', 'numpy', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

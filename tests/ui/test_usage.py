from __future__ import annotations

import io
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from realtime_cli.core.cost import Cost, Rates, tokens_cost
from realtime_cli.core.session import Session
from realtime_cli.core.view import RateLimitView, ResponseView, SessionView, TokenCounts
from realtime_cli.ui.theme import make_console
from realtime_cli.ui.usage import usage_rows

RATES = Rates(
    text_in=4,
    text_cached=0.4,
    text_out=24,
    audio_in=32,
    audio_cached=0.4,
    audio_out=64,
    source="https://prices.example/models/gpt-realtime.md",
    dated="2026-11-20",
)
PRICES = {"gpt-realtime": RATES}
TURN = TokenCounts(
    input=1400,
    output=300,
    input_text=420,
    input_audio=980,
    cached=640,
    cached_text=400,
    cached_audio=240,
    output_text=60,
    output_audio=240,
)
NEW = replace(Session().view(), config={"model": "gpt-realtime"}, opened_s=0.0)


def after(*turns: TokenCounts, rates: Rates = RATES, more_usd: float = 0.0) -> SessionView:
    responses = tuple(
        ResponseView(f"resp_{number}", "completed", usage=turn, cost=tokens_cost(turn, rates))
        for number, turn in enumerate(turns)
    )
    cost = sum((each.cost for each in responses if each.cost), start=Cost(more_usd))
    return replace(NEW, responses=responses, tokens=sum(turns, start=TokenCounts()), cost=cost)


def shown(view: SessionView, *, width: int = 80, prices: dict[str, Rates] = PRICES) -> list[Text]:
    console = make_console(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), width=200)
    return usage_rows(console, view, width, prices=prices)


def rows(view: SessionView, *, width: int = 80, prices: dict[str, Rates] = PRICES) -> list[str]:
    return [row.plain for row in shown(view, width=width, prices=prices)]


def test_the_last_turn_stands_beside_the_session() -> None:
    assert rows(after(TURN, TURN)) == [
        "tokens       last turn     cost  session     cost",
        "text in            420  $0.0002      840  $0.0005",
        " cached 95 %       400               800",
        "audio in           980  $0.0238    1,960  $0.0476",
        " cached 24 %       240               480",
        "text out            60  $0.0014      120  $0.0029",
        "audio out          240  $0.0154      480  $0.0307",
        "in all           1,700  $0.0408    3,400  $0.0816",
        "exact, by the server's counts",
        "prices of 2026-11-20, prices.example/models/gpt-realtime.md",
    ]


def test_a_narrow_terminal_has_no_cost_of_the_last_turn() -> None:
    narrow = rows(after(TURN, TURN), width=40)
    assert narrow[0] == "tokens       last turn  session     cost"
    assert narrow[-3:] == [
        "in all           1,700    3,400  $0.0816",
        "exact, by the server's counts",
        "prices of 2026-11-20, prices.example",
    ]


def test_transcription_is_told_by_itself() -> None:
    *_, answers, transcription, total, _, _ = rows(after(TURN, more_usd=0.004))
    assert answers == "answers                            1,700  $0.0408"
    assert transcription == "transcription                             $0.0040"
    assert total == "in all           1,700  $0.0408    1,700  $0.0448"


def test_a_model_that_is_billed_by_the_minute_has_its_time() -> None:
    rates = Rates(per_minute=0.05, is_confirmed=False)
    view = replace(after(TURN, rates=rates), cost=Cost(0.6, "estimated", 0.05), now_s=720.0)
    assert rows(view, prices={"*": rates})[-4:] == [
        "answers                            1,700",
        "time                            12.0 min ~$0.6000",
        "in all           1,700             1,700 ~$0.6000",
        "estimated: the prices are not the provider's own",
    ]


def test_tokens_without_a_kind_are_told_and_make_an_estimate() -> None:
    view = after(TokenCounts(input=1000, output=100))
    assert view.cost.certainty == "estimated"
    assert rows(view)[1:5] == [
        "other in         1,000 ~$0.0320    1,000 ~$0.0320",
        "other out          100 ~$0.0064      100 ~$0.0064",
        "in all           1,100 ~$0.0384    1,100 ~$0.0384",
        "estimated: the server did not tell the kind of all tokens; the dearest counts",
    ]


def test_what_costs_nothing_is_free() -> None:
    free = Rates(per_minute=0.0, source="no service, no bill", dated="2026-11-20")
    assert rows(after(TURN, rates=free), prices={"*": free})[-3:] == [
        "in all           1,700     free    1,700     free",
        "exact, by the server's counts",
        "prices of 2026-11-20, no service, no bill",
    ]


def test_what_is_not_known_is_said_with_the_reason() -> None:
    unpriced = replace(after(TURN), cost=Cost(certainty="unknown"))
    *_, total, reason = rows(unpriced, prices={})
    assert total.endswith("?")
    assert reason == "unknown: no price of gpt-realtime is known; --prices FILE gives one"
    silent = after(TURN)
    silent = replace(
        silent,
        responses=(*silent.responses, ResponseView("resp_x", "completed")),
        cost=Cost(silent.cost.usd, "unknown"),
    )
    *_, total, reason, _ = rows(silent)
    assert total.endswith(">$0.0408")
    assert reason == "unknown: the server told no usage of 1 answer"


def test_rate_limits_are_told_and_loud_near_their_end() -> None:
    limits = (RateLimitView("requests", 5000, 4999, 0.012), RateLimitView("tokens", 40_000, 2100, 12.5))
    plenty, scarce = shown(replace(NEW, rate_limits=limits))[1:]
    assert plenty.plain == "rate limit of requests: 4,999 of 5,000 left, whole again in 12 ms"
    assert scarce.plain == "rate limit of tokens: 2,100 of 40,000 left, whole again in 12.5 s"
    assert (plenty.style, scarce.style) == ("info", "warning")
    unknown = replace(NEW, rate_limits=(RateLimitView("a\x1b[2Jb", None, None, None),))
    assert rows(unknown)[1:] == ["rate limit of a␛[2Jb: ? left"]


def test_nothing_used_is_one_line() -> None:
    assert rows(NEW) == ["nothing that costs was used yet"]


counts = st.builds(TokenCounts, *([st.integers(0, 10**9)] * 11))
names = st.text(max_size=30)


@settings(deadline=None)
@given(counts, names, names, st.integers(1, 200), st.sampled_from([0.0, 0.05]))
def test_no_row_is_wider_than_the_terminal(
    turn: TokenCounts, model: str, source: str, width: int, per_minute: float
) -> None:
    rates = replace(RATES, source=source, dated=source, per_minute=per_minute)
    limit = RateLimitView(source, 1e300, float("inf"), 1.0)
    view = replace(after(turn, rates=rates, more_usd=0.1), config={"model": model}, rate_limits=(limit,))
    for row in shown(view, width=width, prices={"*": rates}):
        assert row.cell_len <= width
        assert not {char for char in row.plain if char < " " or char in "\x7f\x9b\u202e\u2028"}

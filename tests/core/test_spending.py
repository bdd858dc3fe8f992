"""What a session has cost: answers, transcriptions, and minutes, with the figures worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from realtime_cli.core.cost import Certainty, Cost, Rates
from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened, Marked, SessionInput
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.protocol.server_events import ResponseDone
from tests.support.builders import event, response_created, response_done
from tests.support.recordings import recorded

PRICES = {
    "tokens": Rates(text_in=4.0, text_cached=0.4, text_out=16.0, audio_in=32.0, audio_out=64.0),
    "minutes": Rates(per_minute=0.06),
    "hearsay": Rates(per_minute=0.06, is_confirmed=False),
    "free": Rates(per_minute=0.0),
    "listener": Rates(text_in=2.0, text_out=10.0, audio_in=6.0),
    "clock": Rates(per_minute=0.006),
}
USAGE = {
    "input_tokens": 100,
    "output_tokens": 10,
    "input_token_details": {"text_tokens": 100},
    "output_token_details": {"text_tokens": 10},
}
ZEROS = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
# 100 * 4 + 10 * 16 millionths.
USD = 0.00056


def told(model: str | None = "tokens", listener: str | None = None, **fields: object) -> ServerEvent:
    transcription = {"model": listener} if listener else None
    session = {"type": "realtime", "model": model, "audio": {"input": {"transcription": transcription}}}
    return event("session.created", session={**session, **fields})


def transcribed(usage: Mapping[str, object] | None) -> ServerEvent:
    name = "conversation.item.input_audio_transcription.completed"
    return event(name, item_id="user_1", transcript="Hi", usage=usage)


def view_after(
    *happened: SessionInput, prices: Mapping[str, Rates] = PRICES, until: float = 0.0
) -> SessionView:
    """The view after inputs at 0 s, and one more that changes nothing at `until`."""
    session = Session(terms=Terms(prices=prices))
    for each in (ConnectionOpened(), *happened):
        session.receive(each, 0.0)
    session.receive(Marked(), until)
    return session.view()


def test_nothing_costs_nothing() -> None:
    assert Session().view().cost == Cost()


def test_answers_have_their_cost_and_the_session_has_their_sum() -> None:
    view = view_after(
        told(),
        response_done("resp_1", usage=USAGE),
        response_done("resp_2", usage=USAGE),
        response_created("resp_3"),
    )
    assert [response.cost for response in view.responses] == [Cost(USD), Cost(USD), None]
    assert view.cost == Cost(pytest.approx(2 * USD))


def test_an_answer_is_counted_once_even_if_it_ends_twice() -> None:
    view = view_after(told(), response_done("resp_1", usage=USAGE), response_done("resp_1", usage=USAGE))
    assert view.cost == Cost(USD)


@pytest.mark.parametrize("usage", [None, {}, ZEROS])
def test_a_session_with_an_answer_of_unknown_cost_tells_what_is_known(usage: object) -> None:
    view = view_after(told(), response_done("resp_1", usage=USAGE), response_done("resp_2", usage=usage))
    assert view.responses[1].cost == Cost(0.0, "unknown")
    assert view.cost == Cost(USD, "unknown")


def test_an_answer_that_failed_and_counts_nothing_cost_nothing() -> None:
    view = view_after(told(), response_done(status="failed", usage=ZEROS))
    assert view.cost == Cost()


def test_an_answer_of_a_model_without_price_is_unknown_even_if_it_failed() -> None:
    assert view_after(told("other"), response_done(status="failed", usage=ZEROS)).cost.certainty == "unknown"


def test_of_an_answer_that_was_broken_off_nobody_knows_the_cost() -> None:
    happened = (response_created(), ConnectionLost(1006))
    view = view_after(told(), *happened)
    assert view.responses[0].cost is None
    assert view.cost == Cost(0.0, "unknown")
    assert view_after(told("free"), *happened).cost == Cost()


@pytest.mark.parametrize(
    ("listener", "usage", "cost"),
    [
        (
            "listener",
            {
                "type": "tokens",
                "input_tokens": 30,
                "output_tokens": 10,
                "input_token_details": {"text_tokens": 10, "audio_tokens": 20},
            },
            Cost((10 * 2 + 20 * 6 + 10 * 10) / 1e6),
        ),
        (
            "listener",
            {"type": "tokens", "input_tokens": 30, "output_tokens": 10},
            Cost((30 * 6 + 10 * 10) / 1e6, "estimated"),
        ),
        ("clock", {"type": "duration", "seconds": 30}, Cost(0.003)),
        ("clock", {"type": "tokens", "input_tokens": 30, "output_tokens": 1}, Cost(0.0, "unknown")),
        ("listener", {"type": "duration", "seconds": 30}, Cost(0.0, "unknown")),
        ("listener", None, Cost(0.0, "unknown")),
        ("other", {"type": "duration", "seconds": 30}, Cost(0.0, "unknown")),
        (None, {"type": "tokens", "input_tokens": 3, "output_tokens": 1}, Cost(0.0, "unknown")),
        ("free", None, Cost()),
        ("free", {"type": "tokens", "input_tokens": 30, "output_tokens": 1}, Cost()),
    ],
)
def test_a_transcription_is_billed_at_its_own_models_prices(
    listener: str | None, usage: dict[str, object] | None, cost: Cost
) -> None:
    view = view_after(told(listener=listener), transcribed(usage))
    assert view.cost == Cost(pytest.approx(cost.usd), cost.certainty)


@pytest.mark.parametrize(("model", "certainty"), [("minutes", "exact"), ("hearsay", "estimated")])
def test_a_model_that_is_billed_by_time_costs_as_long_as_it_is_connected(model: str, certainty: str) -> None:
    session = Session(terms=Terms(prices=PRICES))
    session.receive(ConnectionOpened(), 10.0)
    session.receive(told(model), 10.0)
    session.receive(response_done(usage=USAGE), 40.0)
    cost = session.view().cost
    assert (cost.usd, cost.certainty, cost.per_minute) == (pytest.approx(0.03), certainty, 0.06)
    session.receive(ConnectionLost(1000), 70.0)
    session.receive(Marked(), 500.0)
    cost = session.view().cost
    assert (cost.usd, cost.per_minute) == (pytest.approx(0.06), 0.0)


def test_a_transcription_session_is_billed_for_its_audio_not_for_its_time() -> None:
    created = told("minutes", listener="clock", type="transcription")
    view = view_after(created, transcribed({"type": "duration", "seconds": 60}), until=600.0)
    assert view.cost == Cost(pytest.approx(0.006))


def test_a_free_server_is_free_whatever_its_model_is_called() -> None:
    prices = {"*": Rates(per_minute=0.0)}
    view = view_after(told(None), response_done(usage={}), transcribed(None), prices=prices, until=60.0)
    assert view.cost == Cost()


AZURE_SPOKEN = "azure_openai/test_azure_ws__test_spoken_turn_transcribed_drives_a_tool_and_answers_in_audio"
MINI = Rates(
    text_in=0.6, text_cached=0.06, text_out=2.4, audio_in=10.0, audio_cached=0.3, audio_out=20.0, image_in=0.8
)
FULL = Rates(
    text_in=4.0, text_cached=0.4, text_out=16.0, audio_in=32.0, audio_cached=0.4, audio_out=64.0, image_in=5.0
)
NEWEST = Rates(
    text_in=4.0, text_cached=0.4, text_out=24.0, audio_in=32.0, audio_cached=0.4, audio_out=64.0, image_in=5.0
)
PREVIEW = Rates(text_in=0.6, text_cached=0.3, text_out=2.4, audio_in=10.0, audio_cached=0.3, audio_out=20.0)


@pytest.mark.parametrize(
    ("name", "rates", "micro_usd"),
    [
        # Text only: 149 in, 128 of them cached, 33 out.
        (
            "azure_openai/test_azure_ws__test_message_history_seeding",
            FULL,
            [21 * 4 + 128 * 0.4 + 33 * 16],
        ),
        (
            "azure_openai/test_azure_ws__test_message_history_seeding",
            NEWEST,
            [21 * 4 + 128 * 0.4 + 33 * 24],
        ),
        # Text in, speech out.
        ("openai/test_openai_ws__test_text_in_audio_out_turn", MINI, [16 * 0.6 + 9 * 2.4 + 15 * 20]),
        # Speech in and out.
        (
            "openai/test_openai_ws__test_audio_in_server_vad_turn",
            PREVIEW,
            [14 * 0.6 + 27 * 10 + 28 * 2.4 + 136 * 20],
        ),
        # A spoken turn, a call, and the answer, with text and audio, some of it cached.
        (
            AZURE_SPOKEN,
            FULL,
            [
                69 * 4 + 26 * 32 + 24 * 16,
                (96 - 64) * 4 + 64 * 0.4 + 26 * 32 + 28 * 16 + 69 * 64,
            ],
        ),
    ],
)
def test_recorded_sessions_cost_what_the_price_lists_say(
    name: str, rates: Rates, micro_usd: list[float]
) -> None:
    session = Session(terms=Terms(prices={"*": rates}))
    for number, happened in enumerate(recorded(f"{name}.jsonl")):
        session.receive(happened, number / 10)
    costs = [response.cost for response in session.view().responses]
    assert costs == [Cost(pytest.approx(micro / 1e6)) for micro in micro_usd]


@pytest.mark.parametrize(
    ("name", "micro_usd", "certainty"),
    [
        ("ga", (119 - 64) * 4 + 64 * 0.4 + 13 * 32 + 30 * 16 + 91 * 64, "exact"),
        # 119 text and 8 audio tokens in, said to have 128 and 256 cached ones among them; 36 and 112 out.
        ("beta", 119 * 0.4 + 8 * 0.4 + 36 * 16 + 112 * 64, "estimated"),
    ],
)
def test_the_documented_examples_of_a_usage_cost_what_the_price_list_says(
    name: str, micro_usd: float, certainty: Certainty
) -> None:
    happened = recorded(f"openai/openapi_examples_{name}_server.jsonl")
    done = next(each for each in happened if isinstance(each, ResponseDone))
    view = view_after(done, prices={"*": FULL})
    assert view.responses[0].cost == Cost(pytest.approx(micro_usd / 1e6), certainty)

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.server.brains.port import Call, Prompt, Say, Turn
from realtime_cli.server.brains.rules import RulesBrain, reply

STRING = {"type": "string"}


def tool(name: str, description: str = "", **properties: Mapping[str, object]) -> Mapping[str, object]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "name": name, "description": description, "parameters": schema}


WEATHER = tool("get_weather", "Get the weather for a city.", city=STRING)
TIMER = tool("setTimer", "Starts a timer.", minutes={"type": "integer", "minimum": 1, "maximum": 60})
TRANSFER = tool("tf2", "Send money to a friend.", amount={"type": "number"})


def hearing(text: str, *tools: Mapping[str, object], choice: str = "auto", **fields: str) -> Prompt:
    return Prompt(
        fields.get("instructions", ""),
        (Turn("user", text),),
        tools,
        tool_choice=choice,
        model=fields.get("model", ""),
    )


def said(prompt: Prompt) -> str:
    [part] = reply(prompt)
    assert isinstance(part, Say)
    return part.text


def calls(prompt: Prompt) -> list[tuple[str, object]]:
    made = [part for part in reply(prompt) if isinstance(part, Call)]
    return [(call.name, json.loads(call.arguments)) for call in made]


def after(*turns: Turn, tools: tuple[Mapping[str, object], ...] = (WEATHER,), choice: str = "auto") -> Prompt:
    return Prompt("", (Turn("user", "weather in Paris"), *turns), tools, tool_choice=choice)


def chained(*returned: str, text: str = "weather in Paris, then set a timer for 3 minutes") -> Prompt:
    calls = [Turn("call", "{}", name=name, call_id=name) for name in returned]
    outputs = [Turn("call_output", "ok", call_id=name) for name in returned]
    return Prompt("", (Turn("user", text), *calls, *outputs), (WEATHER, TIMER))


def test_what_is_to_be_called_then_is_called_when_the_first_has_returned() -> None:
    assert calls(chained()) == [("get_weather", {"city": "Paris"})]
    assert calls(chained("get_weather")) == [("setTimer", {"minutes": 3})]
    assert "setTimer returned ok" in said(chained("get_weather", "setTimer"))


def test_without_a_then_functions_are_called_together_and_once() -> None:
    text = "weather in Paris and set a timer for 3 minutes"
    assert [name for name, _ in calls(chained(text=text))] == ["get_weather", "setTimer"]
    assert calls(chained("get_weather", "setTimer", text=text)) == []


def test_the_next_step_waits_for_all_of_the_one_before_and_for_its_own_beginning() -> None:
    waiting = chained("get_weather")
    turns = (*waiting.turns[:2], Turn("call", "{}", name="f", call_id="f"), *waiting.turns[2:])
    assert calls(replace(waiting, turns=turns)) == []
    assert calls(chained("somethingElse")) == []
    assert calls(replace(waiting, tool_choice="required")) == []


@pytest.mark.parametrize(
    "text", ["hello", "Hi there!", "good morning", "你好", "Who are you?", "are you a robot?", "HELP"]
)
def test_says_what_it_is(text: str) -> None:
    assert "I am the embedded server's rules brain, not a language model" in said(hearing(text))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("What can you do?", "call the session's functions"),
        ("how does this work", "call the session's functions"),
        ("what's your name?", "no name of my own"),
        ("What time is it?", "I have no clock"),
        ("what's the date today", "I have no clock"),
        ("what is your voice", "the session's voice"),
        ("Which model is this?", "No model runs here"),
        ("What are your instructions?", "gives me no instructions"),
        ("How are you today?", "I am well"),
        ("Thank you very much!", "You are welcome."),
        ("ok bye", "Goodbye!"),
    ],
)
def test_small_talk_is_answered(text: str, answer: str) -> None:
    assert answer in said(hearing(text))


def test_functions_of_the_session_are_listed_when_asked_for() -> None:
    assert "declares: get_weather, setTimer." in said(hearing("what can you do", WEATHER, TIMER))
    assert "declares no functions" in said(hearing("what can you do"))
    many = [tool(f"f{number}") for number in range(12)]
    assert "f9 and 2 more." in said(hearing("what can you do", *many))


def test_model_and_instructions_of_the_session_are_told() -> None:
    assert 'the model "gpt-realtime"' in said(hearing("which model", model="gpt-realtime"))
    assert '"Be kind."' in said(hearing("your instructions", instructions="Be kind."))


def test_the_unknown_is_repeated_and_explained_once() -> None:
    first = hearing("I like cheese")
    assert said(first).startswith('You said: "I like cheese". I am the embedded server')
    later = Prompt("", (Turn("user", "a"), Turn("assistant", "b"), Turn("user", "I like cheese")), ())
    assert said(later) == 'You said: "I like cheese".'


def test_at_most_200_characters_are_repeated() -> None:
    answer = said(hearing("word " * 20_000))
    assert len(answer) < 400
    assert 'word…"' in answer
    assert len(said(hearing("x" * 100_000))) < 400


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x1b\x07"])
def test_silence_is_answered(text: str) -> None:
    assert "I heard no words" in said(hearing(text))


def test_control_characters_and_half_characters_are_never_repeated() -> None:
    answer = said(hearing("red \x1b[31m \x00 alert \ud800 🎉"))
    assert 'You said: "red [31m alert 🎉"' in answer
    answer.encode()


@pytest.mark.parametrize("text", ["今天天气怎么样", "أهلا بالعالم", "🎉🎉", "नमस्ते दुनिया"])
def test_other_languages_come_back_unharmed(text: str) -> None:
    assert f'"{text}"' in said(hearing(text))


def test_empty_conversation_is_greeted() -> None:
    assert said(Prompt("", (), ())).startswith("Hello!")
    assert said(Prompt("", (Turn("system", "Be kind."),), (WEATHER,))).startswith("Hello!")


def test_nothing_new_is_said_so() -> None:
    assert "nothing new" in said(after(Turn("assistant", "It rains.")))


@pytest.mark.parametrize(
    "text",
    [
        "What's the weather in Paris?",
        "call get_weather for Paris",
        "getWeather Paris",
        "WEATHER IN Paris!!!",
        "weather paris".replace("paris", "at Paris"),
        "Quel weather à Paris",
    ],
)
def test_function_is_called_when_it_is_named(text: str) -> None:
    assert calls(hearing(text, TIMER, WEATHER)) == [("get_weather", {"city": "Paris"})]


def test_functions_named_in_one_sentence_are_called_in_order() -> None:
    sentence = "Set a timer for 10 minutes, and tell me the weather in Rome"
    assert calls(hearing(sentence, WEATHER, TIMER)) == [
        ("setTimer", {"minutes": 10}),
        ("get_weather", {"city": "Rome"}),
    ]


def test_clauses_share_only_what_plainly_suits() -> None:
    clock = tool("get_time", city=STRING)
    note = tool("add_note", label=STRING)
    sentence = "the weather and the time in Berlin and a note"
    assert calls(hearing(sentence, WEATHER, clock, note)) == [
        ("get_weather", {"city": "Berlin"}),
        ("get_time", {"city": "Berlin"}),
        ("add_note", {"label": "example"}),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("turn on the light", "turn_on_light"),
        ("turn the light off", "turn_off_light"),
        ("create an event", "create_event"),
        ("delete the event", "delete_event"),
    ],
)
def test_verbs_and_small_words_decide_between_functions_on_one_thing(text: str, name: str) -> None:
    names = ["turn_on_light", "turn_off_light", "delete_event", "create_event"]
    assert calls(hearing(text, *map(tool, names))) == [(name, {})]


def test_description_is_weaker_evidence_than_a_name() -> None:
    assert calls(hearing("send money, 50 please", WEATHER, TRANSFER)) == [("tf2", {"amount": 50})]
    named = calls(hearing("send the weather to my friend", TRANSFER, WEATHER))
    assert [name for name, _ in named] == ["get_weather"]


def test_small_talk_wins_over_a_description() -> None:
    helper = tool("assist_x", "Tell the user what can you do.")
    assert "rules brain" in said(hearing("what can you do?", helper))


def test_name_wins_over_small_talk() -> None:
    assert calls(hearing("what time is it?", tool("get_time"))) == [("get_time", {})]


def test_one_word_of_a_long_name_or_description_is_not_enough() -> None:
    prices = tool("get_stock_price_history", "Looks up what a share cost at the exchange.")
    assert "You said" in said(hearing("the stock is low", prices))
    assert "You said" in said(hearing("let us share this", prices))


def test_none_never_calls() -> None:
    assert "You said" in said(hearing("weather in Paris", WEATHER, choice="none"))


def test_required_calls_the_best_or_the_first() -> None:
    assert calls(hearing("timer", WEATHER, TIMER, choice="required")) == [("setTimer", {"minutes": 1})]
    assert calls(hearing("hello", WEATHER, TIMER, choice="required")) == [
        ("get_weather", {"city": "example"})
    ]
    assert "Hello" in said(hearing("hello", choice="required"))


def test_a_name_always_calls_that_function() -> None:
    assert calls(hearing("weather in Rome", TIMER, WEATHER, choice="setTimer")) == [
        ("setTimer", {"minutes": 1})
    ]
    assert calls(hearing("timer of 5", TIMER, choice="setTimer")) == [("setTimer", {"minutes": 5})]
    assert "You said" in said(hearing("weather", TIMER, choice="unknown"))


def test_function_is_called_before_the_user_has_spoken_if_required() -> None:
    assert calls(Prompt("", (), (WEATHER,), tool_choice="required")) == [("get_weather", {"city": "example"})]


@pytest.mark.parametrize("choice", ["auto", "required", "get_weather"])
def test_what_a_function_returned_is_said_and_it_is_not_called_again(choice: str) -> None:
    prompt = after(
        Turn("call", '{"city": "Paris"}', name="get_weather", call_id="c1"),
        Turn(
            "call_output",
            '{"temperature": 21, "sky": ["blue", "high"], "wind": {"from": null}}',
            call_id="c1",
        ),
        choice=choice,
    )
    assert said(prompt) == "get_weather returned temperature: 21, sky: (blue, high), wind: (from: nothing)."


def test_each_of_several_outputs_is_said() -> None:
    prompt = after(
        Turn("call", name="f", call_id="c1"),
        Turn("call", name="g", call_id="c2"),
        Turn("call_output", "fine!", call_id="c1"),
        Turn("system", "Be kind."),
        Turn("call_output", "", call_id="c2"),
        Turn("call_output", '"text"', call_id="lost"),
    )
    assert said(prompt) == "f returned fine! g returned nothing. The function returned text."


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("[" * 5000, "[[["),
        ('{"a":' * 900 + "1" + "}" * 900, "…"),
        ("9" * 5000, "999…"),
        ("true", "returned true."),
        ("21.5", "returned 21.5."),
        ("x" * 100_000, "x…"),
        ("\x1b[2J", "returned [2J."),
    ],
)
def test_hostile_outputs_are_shown_shortly(output: str, words: str) -> None:
    answer = said(after(Turn("call", name="f", call_id="c"), Turn("call_output", output, call_id="c")))
    assert words in answer
    assert len(answer) < 300


def test_call_without_output_is_waited_for() -> None:
    prompt = after(Turn("call", name="get_weather", call_id="c1"))
    assert said(prompt) == "I am waiting for the result of get_weather."


def test_new_words_after_an_output_are_answered() -> None:
    prompt = after(
        Turn("call", name="get_weather", call_id="c1"),
        Turn("call_output", "sunny", call_id="c1"),
        Turn("user", "thanks"),
    )
    assert said(prompt) == "You are welcome."


def test_misshapen_tools_are_left_alone() -> None:
    tools: list[Mapping[str, object]] = [
        {},
        {"name": 5},
        {"name": ""},
        {"type": "mcp", "server_label": "weather"},
        {"name": "weather", "description": 7, "parameters": [1]},
    ]
    assert calls(hearing("weather", *tools)) == [("weather", {})]


@given(st.text(max_size=300), st.sampled_from(["auto", "none", "required", "get_weather"]))
def test_any_words_get_the_same_answer_twice_and_valid_arguments(text: str, choice: str) -> None:
    prompt = hearing(text, WEATHER, TIMER, TRANSFER, choice=choice)
    first = reply(prompt)
    assert first == reply(prompt)
    for part in first:
        if isinstance(part, Call):
            assert isinstance(json.loads(part.arguments), dict)


async def test_brain_streams_the_reply_word_by_word() -> None:
    brain = RulesBrain()
    prompt = hearing("I like cheese")
    parts = [part async for part in brain.answer(prompt)]
    assert len(parts) > 10
    assert "".join(part.text for part in parts if isinstance(part, Say)) == said(prompt)
    assert [part.text for part in parts[:3] if isinstance(part, Say)] == ["You ", "said: ", '"I ']
    await brain.close()


async def test_brain_yields_calls_whole() -> None:
    prompt = hearing("weather in Paris", WEATHER)
    assert [part async for part in RulesBrain().answer(prompt)] == [Call("get_weather", '{"city": "Paris"}')]

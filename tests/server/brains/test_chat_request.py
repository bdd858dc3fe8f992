from __future__ import annotations

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.server.brains.chat_request import body, endpoint, messages
from realtime_cli.server.brains.port import Prompt, Turn
from realtime_cli.server.brains.schema import as_object, as_sequence

TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}


def conversation(*turns: Turn, instructions: str = "") -> Prompt:
    return Prompt(instructions, turns, ())


def call(call_id: str, arguments: str = "{}") -> Turn:
    return Turn("call", arguments, name=f"f_{call_id}", call_id=call_id)


def output(call_id: str) -> Turn:
    return Turn("call_output", f"out {call_id}", call_id=call_id)


def sketch(*turns: Turn) -> list[str]:
    """The messages in short: role, and for calls and outputs the call ids."""
    lines: list[str] = []
    for message in messages(conversation(*turns)):
        calls = as_sequence(message.get("tool_calls"))
        ids = ",".join(str(as_object(item)["id"]) for item in calls) or message.get("tool_call_id", "")
        lines.append(f"{message['role']} {ids}".strip())
    return lines


@pytest.mark.parametrize(
    ("url", "chat"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1/chat/completions"),
        ("http://localhost:11434/", "http://localhost:11434/v1/chat/completions"),
        (" http://localhost:11434/v1 ", "http://localhost:11434/v1/chat/completions"),
        ("http://[::1]:8080/v1/chat/completions/", "http://[::1]:8080/v1/chat/completions"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions"),
        ("https://api.groq.com/openai", "https://api.groq.com/openai/v1/chat/completions"),
        ("https://host/v1beta/openai/", "https://host/v1beta/openai/chat/completions"),
        ("https://host/chat/completions", "https://host/chat/completions"),
        ("https://host/d/chat/completions?api-version=2", "https://host/d/chat/completions?api-version=2"),
    ],
)
def test_url_is_completed(url: str, chat: str) -> None:
    assert endpoint(url).chat == chat


def test_models_stand_beside_the_chat() -> None:
    assert endpoint("http://localhost:11434").models == "http://localhost:11434/v1/models"


def test_shown_address_has_no_secrets() -> None:
    assert endpoint("https://me:secret@host/v1?key=secret").shown == "https://host/v1"


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost", True),
        ("http://127.0.0.9:1", True),
        ("http://[::1]", True),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback_is_recognised(url: str, loopback: bool) -> None:
    assert endpoint(url).loopback is loopback


@pytest.mark.parametrize(
    "url", ["localhost:11434", "", "ftp://host", "http://", "http://host:port", "http://[::1"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="chat URL") as refusal:
        endpoint(url)
    assert "http://" in refusal.value.hint


def test_secrets_of_a_wrong_url_are_not_repeated() -> None:
    for url in ("me:secret@host?key=secret", "http://me:secret@host:port", "http://me:secret@[::1"):
        with pytest.raises(UsageError) as refusal:
            endpoint(url)
        assert "secret" not in str(refusal.value) + refusal.value.hint


def test_missing_scheme_is_suggested() -> None:
    with pytest.raises(UsageError) as refusal:
        endpoint("localhost:11434")
    assert refusal.value.hint == "Did you mean http://localhost:11434?"


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", "auto"),
        ("required", "required"),
        ("get_weather", {"type": "function", "function": {"name": "get_weather"}}),
    ],
)
def test_tool_choice_is_passed_on(choice: str, sent: object) -> None:
    assert body(Prompt("", (), (TOOL,), tool_choice=choice), "m")["tool_choice"] == sent


def test_functions_that_must_not_be_called_are_not_shown() -> None:
    request = body(Prompt("", (), (TOOL,), tool_choice="none"), "m")
    assert "tools" not in request
    assert "tool_choice" not in request


def test_without_functions_and_limit_nothing_is_said_of_them() -> None:
    assert {"tools", "tool_choice", "max_tokens"}.isdisjoint(body(conversation(), "m"))


def test_instructions_come_first_and_messages_keep_their_order() -> None:
    told = messages(
        conversation(Turn("user", "a"), Turn("assistant", "b"), Turn("system", "c"), instructions="Be kind.")
    )
    assert told == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "system", "content": "c"},
    ]


def test_empty_conversation_asks_for_a_greeting() -> None:
    assert messages(conversation()) == [{"role": "system", "content": "Greet the user."}]


def test_call_and_output_become_assistant_and_tool_messages() -> None:
    told = messages(conversation(Turn("user", "hi"), call("a", '{"x": 1}'), output("a")))
    assert told[1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f_a", "arguments": '{"x": 1}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "out a"},
    ]


def test_parallel_calls_stand_in_one_message() -> None:
    told = sketch(Turn("user"), call("a"), call("b"), output("b"), output("a"), Turn("user"))
    assert told == ["user", "assistant a,b", "tool a", "tool b", "user"]


def test_calls_made_one_after_the_other_stand_apart() -> None:
    told = sketch(Turn("user"), call("a"), output("a"), call("b"), output("b"))
    assert told == ["user", "assistant a", "tool a", "assistant b", "tool b"]


def test_words_before_a_call_share_its_message() -> None:
    [_, message, _] = messages(
        conversation(Turn("user"), Turn("assistant", "Let me look."), call("a"), output("a"))
    )
    assert message["content"] == "Let me look."
    assert message["tool_calls"]


def test_output_that_comes_late_still_follows_its_call() -> None:
    assert sketch(call("a"), Turn("user"), output("a")) == ["assistant a", "tool a", "user"]


def test_call_without_output_gets_a_stand_in() -> None:
    [_, stand_in] = messages(conversation(call("a")))
    assert stand_in == {"role": "tool", "tool_call_id": "a", "content": "There is no result yet."}


def test_output_without_its_call_is_still_told() -> None:
    [message] = messages(conversation(output("a")))
    assert message == {"role": "system", "content": "The function a returned: out a"}


def test_call_without_arguments_sends_an_empty_object() -> None:
    [message, _] = messages(conversation(call("a", "")))
    assert '"arguments": "{}"' in str(message).replace("'", '"')

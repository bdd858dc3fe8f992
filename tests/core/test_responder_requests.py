"""What one answer is asked to be: its context, its settings, and what is refused."""

from __future__ import annotations

import pytest

from realtime_cli.core.answers import AnswerPart, Call, Fail, Prompt, Say, Turn
from realtime_cli.core.responder import AnswerPartReady
from tests.support.responder_play import Json, Play, only_error

TEXT = ["text"]


def test_an_answer_may_have_an_input_of_its_own() -> None:
    play = Play()
    known = play.add("Known")
    play.add("Ignored")
    items = [
        {"type": "item_reference", "id": known},
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Be brief."}]},
    ]
    play.ask(input=items)
    assert play.prompt.turns == (Turn("user", "Known"), Turn("system", "Be brief."))


def test_an_empty_input_means_no_context() -> None:
    play = Play()
    play.add("Ignored")
    play.ask(input=[], conversation="none")
    assert play.prompt.turns == ()


@pytest.mark.parametrize(
    ("response", "code", "param"),
    [
        ({"input": [{"type": "item_reference", "id": "nobody"}]}, "invalid_value", "response.input[0].id"),
        ({"input": [{"type": "mcp_list_tools", "server_label": "a", "tools": []}]}, "invalid_value", None),
        ({"conversation": "conv_other"}, "invalid_value", "response.conversation"),
        ({"modalities": ["text"]}, "unknown_parameter", "response.modalities"),
        ({"output_modalities": ["video"]}, "invalid_value", "response.output_modalities[0]"),
        ({"audio": {"output": {"format": {"type": "audio/opus"}}}}, "invalid_value", None),
        ({"max_output_tokens": 0}, "integer_below_min_value", "response.max_output_tokens"),
    ],
)
def test_a_bad_request_begins_nothing(response: Json, code: str, param: str | None) -> None:
    play = Play()
    error = only_error(play.say("response.create", response=response))
    assert error["code"] == code
    assert param in (None, error["param"])
    assert play.asked == []
    assert play.ask()


def test_no_client_can_begin_answers_without_end() -> None:
    play = Play()
    for _ in range(64):
        play.ask(conversation="none")
    error = only_error(play.say("response.create", response={"conversation": "none"}))
    assert error["code"] == "rate_limit_exceeded"


def test_the_brain_is_told_the_session_and_the_conversation() -> None:
    play = Play(model="m", instructions="Be kind.")
    tool = {"type": "function", "name": "now", "parameters": {"type": "object"}}
    play.update(
        tools=[tool, {"type": "mcp", "server_label": "docs"}], tool_choice="required", max_output_tokens=9
    )
    play.add("What time is it?")
    response_id = play.ask()
    assert play.prompt == Prompt("Be kind.", (Turn("user", "What time is it?"),), (tool,), "required", "m", 9)
    play.answer(response_id, Say("Let me see."), Call("now", "{}"))
    play.say(
        "conversation.item.create",
        item={"type": "function_call_output", "call_id": "call_t0001", "output": "noon"},
    )
    play.ask()
    assert play.prompt.turns == (
        Turn("user", "What time is it?"),
        Turn("assistant", "Let me see."),
        Turn("call", "{}", name="now", call_id="call_t0001"),
        Turn("call_output", "noon", call_id="call_t0001"),
    )


def test_a_request_overrides_the_session_for_one_answer() -> None:
    play = Play(instructions="Session.")
    play.update(tools=[{"type": "function", "name": "now"}])
    overrides: Json = {
        "instructions": "",
        "tools": [],
        "tool_choice": {"type": "function", "name": "later"},
        "output_modalities": TEXT,
        "audio": {"output": {"voice": "marin"}},
    }
    response_id = play.ask(**overrides)
    shown = play.sent[-1]["response"]
    assert shown["output_modalities"] == TEXT
    assert shown["audio"]["output"] == {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}
    assert (play.prompt.instructions, play.prompt.tools, play.prompt.tool_choice) == ("", (), "later")
    play.answer(response_id)
    play.ask()
    assert (play.prompt.instructions, play.prompt.tool_choice) == ("Session.", "auto")
    assert len(play.prompt.tools) == 1


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("none", "none"),
        ({"type": "function", "name": "f"}, "f"),
        ({"type": "mcp", "server_label": "d"}, "auto"),
    ],
)
def test_the_brain_is_told_the_choice_of_tools(choice: object, told: str) -> None:
    play = Play()
    play.ask(tool_choice=choice)
    assert play.prompt.tool_choice == told


def test_a_message_is_its_texts_and_transcripts() -> None:
    play = Play()
    content = [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
        {"type": "input_audio", "audio": "AAAA", "transcript": "at this"},
    ]
    play.say("conversation.item.create", item={"type": "message", "role": "user", "content": content})
    play.ask()
    assert play.prompt.turns == (Turn("user", "Look\nat this"),)


def test_an_unfinished_answer_is_no_context() -> None:
    play = Play()
    play.add("Hi")
    play.receive(AnswerPartReady(play.ask(), Say("Hel")))
    play.ask(conversation="none")
    assert play.prompt.turns == (Turn("user", "Hi"),)


@pytest.mark.parametrize("part", [Say("x"), Call("f", "{}"), Fail("c", "m")])
def test_parts_of_unknown_answers_are_ignored(part: AnswerPart) -> None:
    assert Play().receive(AnswerPartReady("resp_unknown", part)) == []

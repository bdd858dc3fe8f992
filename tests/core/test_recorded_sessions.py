"""Recorded sessions of other programs, replayed: who said what, what was called, what it cost."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from realtime_cli.core.session import Session
from realtime_cli.core.view import CallView, SessionView
from tests.support.recordings import RECORDINGS, SESSIONS, recorded

LONDON = '{  \n  "city": "London" \n} \n'
FOGGY = "It is foggy and 12 degrees in London."
TEAL = (
    "Your name is Alice, and your favorite color is teal! Got it locked in. "
    "Let’s make this chat as vibrant as that color, shall we?"
)
SEEDED = (
    ("user", "My name is Alice and my favorite color is teal."),
    ("assistant", "Nice to meet you, Alice!"),
    ("user", "What is my name and favorite color?"),
)
SPOKEN_CALL = (
    "azure_openai/test_azure_ws__test_spoken_turn_transcribed_drives_a_tool_and_answers_in_audio.jsonl"
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a session must be understood as: who said what, what was called, tokens in and out."""

    said: tuple[tuple[str, str], ...]
    calls: tuple[tuple[str, str, str], ...]
    tokens: tuple[int, int]


def said(*lines: tuple[str, str], tokens: tuple[int, int]) -> Content:
    return Content(lines, (), tokens)


CONTENTS = {
    "azure_openai/test_azure_ws__test_audio_in_server_vad_transcribes.jsonl": said(
        ("user", "Hello, my name is Marcelo."),
        ("assistant", "Hi Marcelo, it's great to meet you! What can I help you with today?"),
        tokens=(40, 106),
    ),
    "azure_openai/test_azure_ws__test_audio_in_server_vad_transcription_requires_deployment.jsonl": said(
        ("user", ""),
        ("assistant", "Hi Marcelo, it's great to meet you. How can I help you today?"),
        tokens=(40, 108),
    ),
    "azure_openai/test_azure_ws__test_message_history_seeding.jsonl": said(
        *SEEDED,
        (
            "assistant",
            TEAL,
        ),
        tokens=(149, 33),
    ),
    SPOKEN_CALL: Content(
        (
            ("user", "Hello, my name is Marcelo."),
            ("assistant", "Hello Marcelo, it's great to meet you! How can I help you today?"),
        ),
        (("remember_name", '{  \n  "name": "Marcelo" \n} \n', "Stored Marcelo."),),
        (217, 121),
    ),
    "azure_openai/test_azure_ws__test_text_in_audio_out_turn.jsonl": said(
        ("user", "Say a short greeting."), ("assistant", "Hello there! Great to meet you!"), tokens=(16, 98)
    ),
    "azure_openai/test_azure_ws__test_tool_call_round.jsonl": Content(
        (("user", "What is the weather in London?"), ("assistant", FOGGY)),
        (("get_weather", LONDON, FOGGY),),
        (159, 35),
    ),
    "azure_openai/test_azure_ws_sideband__test_webrtc_sideband_text_turn.jsonl": said(
        ("user", "Say hello."), ("assistant", "Hello there!"), tokens=(12, 5)
    ),
    "openai/beta_text_2025-08.jsonl": said(
        ("assistant", '{\n  "word": "pending",\n  "region":'), tokens=(0, 0)
    ),
    "openai/test_openai_ws__test_audio_in_server_vad_turn.jsonl": said(
        ("user", "Hello, my name is Marcelo."),
        ("assistant", "Hello, Marcelo! Great to meet you. How can I help you today?"),
        tokens=(41, 164),
    ),
    "openai/test_openai_ws__test_message_history_seeding.jsonl": said(
        *SEEDED, ("assistant", "Your name is Alice, and your favorite color is teal!"), tokens=(149, 14)
    ),
    "openai/test_openai_ws__test_text_in_audio_out_turn.jsonl": said(
        ("user", "Say a short greeting."), ("assistant", "Hi there!"), tokens=(16, 24)
    ),
    "openai/test_openai_ws__test_tool_call_round.jsonl": Content(
        (("user", "What is the weather in London?"), ("assistant", FOGGY)),
        (("get_weather", LONDON, FOGGY),),
        (166, 35),
    ),
    "openai/test_openai_ws_sideband__test_webrtc_sideband_audio_turn.jsonl": said(
        ("user", "Say hello."), ("assistant", "Hello there."), tokens=(12, 70)
    ),
    "openai/test_openai_ws_sideband__test_webrtc_sideband_text_turn.jsonl": said(
        ("user", "Say hello."), ("assistant", "Hello there!"), tokens=(12, 5)
    ),
}
# Ends in the middle of the answer, before the session could be asked or told anything.
CUT_OFF = "openai/beta_text_2025-08.jsonl"


def replayed(name: str) -> Session:
    session = Session()
    for number, happened in enumerate(recorded(name)):
        assert session.receive(happened, number / 10) == []
    return session


def messages(view: SessionView) -> tuple[tuple[str, str], ...]:
    return tuple((item.role, item.text) for item in view.items if item.kind == "message")


def made(call: CallView) -> tuple[str, str, str]:
    assert call.state == "done"
    return call.name, call.arguments, call.output


def test_every_recorded_session_has_its_content_written_down() -> None:
    assert set(SESSIONS) == set(CONTENTS)


@pytest.mark.parametrize("name", SESSIONS)
def test_a_recorded_session_is_understood(name: str) -> None:
    session = replayed(name)
    view, content = session.view(), CONTENTS[name]
    assert messages(view) == content.said
    assert tuple(made(call) for call in view.calls) == content.calls
    assert (view.tokens.input, view.tokens.output) == content.tokens
    assert (view.counters.unknown, view.counters.malformed) == (0, 0)
    assert not any(item.awaits_transcript for item in view.items)
    assert not any(notice.level == "error" for notice in view.notices)
    assert not session.expects_answers
    assert view.is_busy is (name == CUT_OFF)


@pytest.mark.parametrize("name", sorted(set(SESSIONS) - {CUT_OFF}))
def test_every_answer_of_a_recorded_session_completes_with_its_marks_in_order(name: str) -> None:
    view = replayed(name).view()
    assert view.turns == sum(response.marks.origin != "tool" for response in view.responses) > 0
    for response in view.responses:
        marks = response.marks
        assert (response.status, response.why) == ("completed", "")
        assert marks.origin in {"text", "speech", "tool"}
        steps = [marks.start, marks.committed, marks.response_created, marks.first_text, marks.done]
        told = [step for step in steps if step is not None]
        assert told == sorted(told)
        assert None not in (marks.start, marks.response_created, marks.done)


def test_a_transcription_that_failed_is_told() -> None:
    name = next(name for name in SESSIONS if "requires_deployment" in name)
    view = replayed(name).view()
    assert [notice.level for notice in view.notices] == ["warning"]
    assert "Input transcription failed" in view.items[0].transcription_error


@pytest.mark.parametrize("name", sorted(set(RECORDINGS) - set(SESSIONS)))
def test_the_documented_examples_of_events_are_heard_in_any_case(name: str) -> None:
    view = replayed(name).view()
    assert view.counters.malformed == 0
    assert view.counters.events_in + view.counters.events_out == len(list(recorded(name)))

"""Local inputs and their form in a log."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.core.inputs import (
    AudioGap,
    AudioNotice,
    AudioReady,
    Backpressure,
    CancelRequested,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    ListeningMode,
    LocalInput,
    MicrophoneEnded,
    MuteRequested,
    PlaybackProgress,
    PlaybackStopped,
    QuitRequested,
    TalkEnded,
    TalkStarted,
    ToolFinished,
    UserEvent,
    UserText,
    event_sent,
    from_json,
    to_json,
)
from realtime_cli.protocol.client_events import ResponseCreate
from realtime_cli.protocol.codec import MalformedEvent

# Surrogates too: a terminal can hand them over.
TEXT = st.text(st.characters(exclude_categories=()))
MS = st.floats(allow_nan=False)
LOCAL_INPUTS = (
    st.sampled_from([ConnectionOpened(), CancelRequested(), QuitRequested(), DeadlineReached()])
    | st.sampled_from([TalkStarted(), TalkEnded(), MicrophoneEnded()])
    | st.builds(AudioReady, TEXT, TEXT)
    | st.builds(ListeningMode, st.booleans(), st.booleans())
    | st.builds(MuteRequested, st.booleans())
    | st.builds(PlaybackProgress, TEXT, st.integers(), MS, MS)
    | st.builds(PlaybackStopped, TEXT, st.integers(), MS)
    | st.builds(AudioGap, st.sampled_from(["microphone", "speaker", "network"]), MS)
    | st.builds(AudioNotice, st.sampled_from(["info", "warning", "error"]), TEXT, TEXT)
    | st.builds(Backpressure, st.integers(), st.booleans(), MS)
    | st.builds(ConnectionLost, st.none() | st.integers(1000, 4999), TEXT, st.booleans())
    | st.builds(UserText, TEXT)
    | st.builds(UserEvent, TEXT)
    | st.builds(ToolFinished, TEXT, TEXT)
)


@given(LOCAL_INPUTS)
def test_a_local_input_survives_the_log(local: LocalInput) -> None:
    text = to_json(local)
    assert from_json(text) == local
    assert text.encode().decode("ascii") == text
    assert "\n" not in text


def test_local_inputs_have_names() -> None:
    assert json.loads(to_json(ConnectionLost(1001, "gone"))) == {
        "type": "connection.lost",
        "code": 1001,
        "reason": "gone",
        "by_us": False,
    }


@pytest.mark.parametrize("kind", get_args(LocalInput), ids=lambda kind: kind.__name__)
def test_every_kind_of_local_input_has_a_name_of_its_own(kind: type[LocalInput]) -> None:
    values = {"str": "x", "int": 1, "float": 1.5, "bool": True}
    words = {"level": "info", "source": "speaker", "outcome": "done", "side": "speaker"}
    fields = {
        name: words.get(name) or values.get(field.type.split(" ")[0])
        for name, field in kind.__dataclass_fields__.items()
    }
    local = kind(**fields)  # type: ignore[arg-type]  # by their annotations
    assert from_json(to_json(local)) == local


def test_a_part_that_is_not_a_number_survives_the_log() -> None:
    again = from_json(to_json(PlaybackProgress("item_1", 0, float("nan"))))
    assert isinstance(again, PlaybackProgress)
    assert again.heard_ms != again.heard_ms


def test_what_a_later_version_adds_is_left_out() -> None:
    assert from_json('{"type":"user.text","text":"hi","mood":"glad"}') == UserText("hi")


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"user.dance"}',
        '{"type":["user.text"]}',
        "{}",
        "[]",
        "5",
        '{"type":"user.text"}',
        '{"type":"user.text","text":5}',
        '{"type":"connection.lost","code":"many"}',
    ],
)
def test_what_cannot_be_read_is_left_out(text: str) -> None:
    assert from_json(text) is None


def test_a_frame_that_another_program_sent_is_an_input() -> None:
    assert event_sent('{"type":"response.create"}').event == ResponseCreate()
    assert isinstance(event_sent("garbage").event, MalformedEvent)


def test_a_damaged_line_of_a_log_is_no_input() -> None:
    assert [from_json(text) for text in ("", "{", "[]", "[" * 100_000)] == [None] * 4

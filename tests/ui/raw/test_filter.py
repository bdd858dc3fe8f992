from __future__ import annotations

import base64
import json
import os
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.errors import BadInput
from realtime_cli.runtime.ports import Direction
from realtime_cli.ui.live.raw.filter import parse_filter
from realtime_cli.ui.live.raw.reading import type_of
from realtime_cli.ui.live.raw.ring import Event


def shows(pattern: str, direction: Direction, raw: str | bytes) -> bool:
    event = Event(1, direction, raw, 0.0, isinstance(raw, str))
    return parse_filter(pattern).lets_through(event, type_of(event))


def shows_type(pattern: str, type_: str, direction: Direction = "in") -> bool:
    return shows(pattern, direction, json.dumps({"type": type_}))


@pytest.mark.parametrize(
    ("pattern", "type_", "shown"),
    [
        ("", "anything", True),
        ("  ", "anything", True),
        ("response.*", "response.done", True),
        ("response.*", "session.created", False),
        ("*.delta", "response.output_text.delta", True),
        ("*.delta", "response.output_text.delta.x", False),
        ("Response.DONE", "response.done", True),
        ("speech", "input_audio_buffer.speech_started", True),
        ("response.?one", "response.done", True),
        ("response.[cd]*", "response.done", True),
        ("response.[", "response.done", False),
        ("response.done,session.*", "session.created", True),
        ("response.done,session.*", "error", False),
        ("-input_audio_buffer.*", "input_audio_buffer.append", False),
        ("-input_audio_buffer.*", "response.done", True),
        ("response.* -*.delta", "response.output_text.delta", False),
        ("response.* -*.delta", "response.done", True),
        ("response.* -*.delta", "session.created", False),
        ("*", "", True),
    ],
)
def test_types_are_found_by_globs_and_by_parts(pattern: str, type_: str, shown: bool) -> None:
    assert shows_type(pattern, type_) is shown


@pytest.mark.parametrize(
    ("pattern", "direction", "shown"),
    [
        ("in:", "in", True),
        ("in:", "out", False),
        ("out:", "out", True),
        ("local:", "local", True),
        ("-local:", "local", False),
        ("-local:", "in", True),
        ("out:session.*", "out", True),
        ("out:session.*", "in", False),
        ("out:response.*", "out", False),
        ("-out:session.*", "out", False),
        ("-out:session.*", "in", True),
        ("-out:response.*", "out", True),
        ('in:"session"', "in", True),
        ('in:"session"', "out", False),
    ],
)
def test_directions(pattern: str, direction: Direction, shown: bool) -> None:
    assert shows_type(pattern, "session.update", direction) is shown


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"type": "error"}, True),
        ({"type": "conversation.item.input_audio_transcription.failed"}, True),
        ({"type": "response.done", "response": {"status": "failed"}}, True),
        ({"type": "response.done", "response": {"status": "completed"}}, False),
        ({"type": "session.created"}, False),
    ],
)
def test_error_finds_all_that_went_wrong(event: dict[str, object], shown: bool) -> None:
    assert shows("error", "in", json.dumps(event)) is shown


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("item:item_1", True),
        ("id:item_1", True),
        ('item:"item_1"', True),
        ("item:item_2", True),
        ("item:item_", False),
        ("item:item*", True),
        ("call:call_1", False),
        ("-item:item_1", False),
        ("item:item_1 response.*", True),
        ("item:item_1 session.*", False),
    ],
)
def test_ids_are_found_wherever_they_stand(pattern: str, shown: bool) -> None:
    raw = '{"type": "response.x", "previous_item_id": "item_1", "item": {"id": "item_2"}}'
    assert shows(pattern, "in", raw) is shown


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ('"weather in"', True),
        ('"WEATHER"', True),
        ('-"weather"', False),
        ('"foggy"', False),
        ('"Café"', True),
        ('"a/b"', True),
        ('"weather" "café"', True),
        ('"weather" "foggy"', False),
    ],
)
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_words_are_found_as_json_writes_them(pattern: str, shown: bool, ensure_ascii: bool) -> None:
    raw = json.dumps({"type": "x", "text": "The weather in a café, a/b"}, ensure_ascii=ensure_ascii)
    assert shows(pattern, "in", raw) is shown


def test_words_are_found_in_binary_frames() -> None:
    assert shows('"abc"', "in", b"\xff abc")
    assert not shows('"abc"', "in", b"\xff ab")


def test_words_are_not_found_in_audio() -> None:
    audio = base64.b64encode(os.urandom(3000)).decode() + "weather"
    raw = json.dumps({"type": "response.output_audio.delta", "item_id": "item_1", "delta": audio})
    assert not shows('"weather"', "in", raw)
    assert shows('"item_1"', "in", raw)
    text = json.dumps({"type": "x", "text": "a long talk about " * 50 + "weather"})
    assert shows('"weather"', "in", text)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("foo:bar", 'no filter begins with "foo:"'),
        ('"open', "the filter has a quotation mark too many or too few"),
        ('a"b', "the filter has a quotation mark too many or too few"),
        ('"a"b', "the filter has a quotation mark too many or too few"),
        ("item:", "the filter has nothing behind item:"),
        ("-", "the filter has nothing behind -"),
        ('""', 'the filter has nothing behind ""'),
        ("response.* -", "the filter has nothing behind -"),
    ],
)
def test_a_pattern_that_means_nothing_is_refused_in_words(pattern: str, words: str) -> None:
    with pytest.raises(BadInput, match="^" + words.replace("*", r"\*")) as refused:
        parse_filter(pattern)
    assert refused.value.hint.startswith("try ")


@given(st.text() | st.text(st.sampled_from('-":*?[]!,in oute\\ ')), st.sampled_from(["in", "out", "local"]))
def test_any_pattern_is_taken_or_refused(pattern: str, direction: Direction) -> None:
    with suppress(BadInput):
        shows(pattern, direction, '{"type": "response.done", "item_id": "item_1"}')

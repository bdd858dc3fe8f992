"""Whether the session is what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.core.differences import differences, merged
from realtime_cli.core.inputs import UserEvent
from realtime_cli.core.view import Difference
from realtime_cli.protocol.codec import ServerEvent
from tests.support.builders import event, greeted
from tests.support.playbook import listen

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), JSON)


def updated(**session: object) -> ServerEvent:
    return event("session.updated", session={"type": "realtime", **session})


def test_what_took_effect_differently_is_told_once() -> None:
    vad = {"type": "server_vad", "silence_duration_ms": 500}
    session = greeted(instructions="x", audio={"input": {"turn_detection": vad}})
    applied = updated(
        instructions="x", audio={"input": {"turn_detection": {**vad, "silence_duration_ms": 200}}}
    )
    view = listen(session, applied, applied)
    path = "audio.input.turn_detection.silence_duration_ms"
    assert view.differences == (Difference(path, 500, 200),)
    (notice,) = view.notices
    assert (notice.level, notice.text) == ("warning", f"the server set {path} to 200, not to 500")
    assert view.config["instructions"] == "x"


def test_a_difference_that_was_mended_is_none_any_more() -> None:
    session = greeted(instructions="x")
    view = listen(session, updated(instructions="y"), updated(instructions="x"))
    assert view.differences == ()


def test_later_updates_add_to_what_was_asked_for() -> None:
    session = greeted(instructions="x", audio={"output": {"voice": "ash"}})
    listen(session, updated(instructions="x", audio={"output": {"voice": "ash"}}))
    update = '{"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":1.5}}}}'
    view = listen(session, UserEvent(update), updated(audio={"output": {"voice": "alloy", "speed": 1.0}}))
    assert view.differences == (
        Difference("audio.output.voice", "ash", "alloy"),
        Difference("audio.output.speed", 1.5, 1.0),
    )


def test_nothing_is_compared_while_another_update_is_under_way() -> None:
    session = greeted(instructions="first")
    listen(session, UserEvent('{"type":"session.update","session":{"instructions":"second"}}'))
    assert listen(session, updated(instructions="first")).notices == ()
    (told,) = listen(session, updated(instructions="second")).notices
    assert told.text == 'session updated: instructions "first" -> "second"'


def test_a_beta_update_is_compared_as_well() -> None:
    update = '{"type":"transcription_session.update","session":{"include":["a"]}}'
    told = event("transcription_session.updated", session={"include": ["b"]})
    view = listen(greeted(), UserEvent(update), told)
    assert view.differences == (Difference("include", ["a"], ["b"]),)


def test_a_long_value_is_shortened_in_words() -> None:
    view = listen(greeted(instructions="x"), updated(instructions="y" * 100))
    assert view.notices[0].text == f'the server set instructions to "{"y" * 56}..., not to "x"'


@pytest.mark.parametrize(
    ("asked", "got", "differs"),
    [
        ({"model": "gpt-realtime"}, {"model": "gpt-realtime-2025-08-28"}, False),
        ({"model": "gpt-realtime"}, {"model": "gpt-realtime"}, False),
        ({"model": "gpt-realtime"}, {"model": "gpt-realtime-mini"}, True),
        ({"model": "gpt-realtime"}, {"model": "gpt-realtime-2"}, True),
        ({"model": "gpt-realtime"}, {"model": "gpt-realtime-mini-2025-10-06"}, True),
        ({"model": "gpt-realtime"}, {"model": None}, True),
        ({"speed": 1}, {"speed": 1.0}, False),
        ({"speed": 1}, {}, False),
        ({"turn_detection": None}, {"turn_detection": {"type": "server_vad"}}, True),
        ({"turn_detection": {"type": "server_vad"}}, {"turn_detection": None}, True),
        ({"tools": [{"name": "a"}]}, {"tools": [{"name": "a", "strict": True}]}, False),
        ({"type": "realtime"}, {"type": "transcription"}, False),
        ({"output_modalities": ["text"]}, {"output_modalities": ["audio"]}, True),
    ],
)
def test_what_counts_as_a_difference(asked: Mapping[str, Any], got: Mapping[str, Any], differs: bool) -> None:
    assert bool(differences(asked, got)) is differs


@given(OBJECTS, OBJECTS)
def test_merging_keeps_the_last_word_and_changes_no_input(
    base: dict[str, Any], change: dict[str, Any]
) -> None:
    before = repr((base, change))
    out = merged(base, change)
    assert repr((base, change)) == before
    assert set(out) == set(base) | set(change)
    assert differences(change, out) == ()
    assert all(out[key] == base[key] for key in set(base) - set(change))

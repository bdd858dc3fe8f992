from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.redaction import Redactor
from realtime_cli.ui.live.raw.reading import Reader, is_failure, is_stream, size_bytes, type_of
from realtime_cli.ui.live.raw.ring import Event, EventRing
from tests.ui.raw.scenes import HOSTILE


def type_in(raw: str | bytes, *, is_object: bool = True) -> str:
    return type_of(Event(1, "in", raw, 0.0, is_object))


@pytest.mark.parametrize(
    ("raw", "type_"),
    [
        ('{"type":"a.b"}', "a.b"),
        (' { "type" : "a.b" , "x": 1}', "a.b"),
        ('{"event_id": "e", "n": -1.5e3, "t": true, "type": "a"}', "a"),
        ('{"item": {"type": "message"}, "type": "conversation.item.added"}', "conversation.item.added"),
        ('{"a": "say \\"type\\":\\"no\\"", "type": "a"}', "a"),
        ('{"type": "\\u0061"}', "a"),
        ('{"item": {"type": "message"}}', ""),
        ('{"type": 5}', ""),
        (
            '{"audio": "' + "A" * 16_000 + '", "type": "input_audio_buffer.append"}',
            "input_audio_buffer.append",
        ),
        ("{}", ""),
        (b'{"type":"a"}', ""),
    ],
)
def test_the_type_is_the_one_of_the_whole_event(raw: str | bytes, type_: str) -> None:
    assert type_in(raw) == type_


def test_what_is_no_json_has_no_type() -> None:
    assert type_in('{"type": "a", broken', is_object=False) == ""
    assert type_in("[" * 100_000, is_object=False) == ""
    assert type_in('{"type": "a"}', is_object=False) == "a"


KEYS = st.sampled_from(["type", "item", "x"]) | st.text(max_size=3)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = PLAIN | st.dictionaries(KEYS, st.text()) | st.lists(st.text())


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.booleans())
def test_the_quick_way_to_the_type_gives_what_json_gives(event: dict[str, object], is_ascii: bool) -> None:
    name = event.get("type")
    assert type_in(json.dumps(event, ensure_ascii=is_ascii)) == (name if isinstance(name, str) else "")


@pytest.mark.parametrize("size", [100_000, 200_000])
def test_a_hostile_frame_is_read_in_linear_time(size: int) -> None:
    assert type_in("{" + '"a":1,' * size, is_object=True) == ""
    assert type_in('{"' + "\\" * size, is_object=True) == ""


def test_secrets_are_taken_out_of_text_and_bytes() -> None:
    ring = EventRing()
    ring.saw(
        "out", '{"type": "x", "authorization": "Bearer abc", "k": "my-own-key"}', now_s=0, is_object=True
    )
    ring.saw("in", b"\xff my-own-key", now_s=0, is_object=False)
    reader = Reader(ring, Redactor(["my-own-key"]))
    first, second = reader.frame(1), reader.frame(2)
    assert first is not None
    assert first.data == {"type": "x", "authorization": "[redacted]", "k": "[redacted]"}
    assert second is not None
    assert second.text == "\xff [redacted]"
    assert reader.frame(3) is None


@pytest.mark.parametrize(
    ("type_", "data", "failed"),
    [
        ("error", {}, True),
        ("response.mcp_call.failed", {}, True),
        ("response.done", {"response": {"status": "failed"}}, True),
        ("response.done", {"response": {"status": "incomplete"}}, True),
        ("response.done", {"response": {"status": "cancelled"}}, False),
        ("response.done", {"response": "x"}, False),
        ("response.created", {"response": {"status": "failed"}}, False),
        ("", None, False),
    ],
)
def test_failures(type_: str, data: dict[str, object] | None, failed: bool) -> None:
    assert is_failure(type_, data) is failed


def test_streams() -> None:
    assert is_stream("response.output_audio.delta")
    assert is_stream("input_audio_buffer.append")
    assert is_stream("playback.progress")
    assert not is_stream("response.done")


def test_sizes_are_bytes_on_the_wire() -> None:
    assert [size_bytes(raw) for raw in ("abc", b"abc", "é", HOSTILE)] == [
        3, 3, 2, len(HOSTILE.encode("utf-8", "surrogatepass")),
    ]  # fmt: skip

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.ui.live.raw import EventRing, RawView
from tests.ui.raw.scenes import HOSTILE, assert_fits, console, view_of

TEXTS = st.text(st.characters(exclude_categories=[]) | st.sampled_from(HOSTILE + "你好👩‍👩‍👧é̂\t\n"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just("QUJD" * 60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
KEYS = TEXTS | st.sampled_from(
    ["delta", "audio", "item", "item_id", "response", "session", "error", "part", "rate_limits", "arguments"]
)
TYPES = TEXTS | st.sampled_from(
    [
        "response.output_audio.delta", "response.output_text.delta", "input_audio_buffer.append", "error",
        "session.updated", "session.update", "response.done", "conversation.item.added",
    ]
)  # fmt: skip
FIELDS = st.dictionaries(KEYS, VALUES)
EVENTS = st.builds(lambda type_, fields: json.dumps({**fields, "type": type_}), TYPES, FIELDS)
FRAMES = EVENTS | TEXTS | st.binary()
LONG = {
    "a long text": json.dumps({"type": "x", "text": "word " * 200_000, "name": "你" * 500_000}),
    "a long type": json.dumps({"type": "a.b_" * 250_000}),
    "a long key": json.dumps({"type": "x", "k" * 1_000_000: 1}),
    "many keys": json.dumps({"type": "x", "o": {f"k{n}": {"a": n} for n in range(5_000)}}),
    "a long list": json.dumps({"type": "x", "l": [[n] for n in range(5_000)], "rate_limits": [{}] * 5_000}),
    "deep lists": '{"type": "x", "l": ' + "[" * 150 + "]" * 150 + "}",
    "nesting without end": '{"type": "x", "l": ' + "[" * 50_000,
    "escapes": json.dumps({"type": "x", "text": HOSTILE * 10_000, "arguments": HOSTILE * 10_000}),
    "odd numbers": '{"type": "x", "audio_end_ms": NaN, "n": 1e999, "m": -Infinity, "heard_ms": Infinity}',
    "a huge number": '{"type": "x", "audio_end_ms": ' + "9" * 4_000 + "}",
    "a number beyond all": '{"type": "x", "audio_end_ms": ' + "9" * 40_000 + "}",
    "audio that is none": json.dumps({"type": "x.audio.delta", "delta": "!" * 1_000_000}),
    "much audio": json.dumps({"type": "x.audio.delta", "delta": "QUJD" * 250_000}),
    "long ids": json.dumps({"type": "x", "item_id": "i" * 1_000_000, "response_id": HOSTILE, "call_id": '"'}),
    "a huge error": json.dumps(
        {"type": "error", "error": {"event_id": "e" * 100_000, "message": "m" * 1_000_000}}
    ),
}


def look_at_everything(view: RawView, *, width: int, height: int = 12) -> None:
    for key in ("home", "r", "b", "enter", "w", "end", "2", "b", "f", "enter", "end", "n"):
        view.press(key)
        assert_fits(view.rows(width=width, height=height), width=width, height=height)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["in", "out", "local"]), FRAMES), min_size=1, max_size=4),
    st.integers(1, 210),
)
def test_nothing_of_a_frame_acts_on_the_terminal_or_leaves_its_row(
    frames: list[tuple[str, str | bytes]], width: int
) -> None:
    ring = EventRing()
    for direction, raw in frames:
        ring.saw(direction, raw, now_s=1.5, is_object=False)  # type: ignore[arg-type]  # one of the three
    look_at_everything(view_of(ring), width=width)


@pytest.mark.parametrize("width", [10, 40, 120])
@pytest.mark.parametrize("name", LONG)
def test_huge_and_odd_frames_are_shown_in_part(name: str, width: int) -> None:
    ring = EventRing()
    for direction in ("in", "out", "in"):
        ring.saw(direction, LONG[name], now_s=1e9, is_object=True)  # type: ignore[arg-type]  # as above
    look_at_everything(view_of(ring), width=width)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_filters_and_ids_of_any_kind_stay_in_the_header(pattern: str, id_: str) -> None:
    ring = EventRing()
    ring.saw("in", json.dumps({"type": "x", "item_id": id_}), now_s=0, is_object=True)
    view = RawView(ring, console())
    view.press("r")
    assert_fits(view.rows(width=50, height=4), width=50, height=4)
    view.filter(pattern)
    assert_fits(view.rows(width=50, height=4), width=50, height=4)


@settings(deadline=None)
@given(st.integers(-5, 10), TEXTS)
def test_any_number_can_be_asked_for(number: int, key: str) -> None:
    ring = EventRing()
    for _ in range(3):
        ring.saw("in", '{"type": "a.delta"}', now_s=0, is_object=True)
    view = view_of(ring)
    assert view.inspect(number) is (1 <= number <= 3)
    view.press(key)
    assert_fits(view.rows(width=50, height=6), width=50, height=6)

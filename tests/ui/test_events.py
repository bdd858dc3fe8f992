from __future__ import annotations

import io
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import RenderableType

from realtime_cli.core.view import Cause
from realtime_cli.ui.events import event_line, event_tree, size_of
from realtime_cli.ui.theme import make_console

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = f"a\x1b[2J\x1b]0;title\x07\x9b31m\x00\x7f{BIDI}\ud800\r\n\u2028\u2029\x85z"


def printed(what: RenderableType, *, width: int = 100, encoding: str = "utf-8") -> str:
    file = io.BytesIO()
    console = make_console(
        io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=""), width=width
    )
    console.print(what)
    return file.getvalue().decode(encoding)


def line(raw: str | bytes, *, direction: str = "in", width: int = 1000, encoding: str = "utf-8") -> str:
    console = make_console(io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    return printed(
        event_line(console, raw, direction=direction, at_s=1.5), width=width, encoding=encoding
    ).removesuffix("\n")


def line_of(**event: object) -> str:
    """What stands behind time and arrow."""
    shown = line(json.dumps(event))
    assert shown.startswith("    1.500 ← ")
    return shown.removeprefix("    1.500 ← ")


def tree(raw: str | bytes, *, cause: Cause | None = None, width: int = 100, encoding: str = "utf-8") -> str:
    console = make_console(io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    return printed(
        event_tree(console, raw, direction="out", at_s=1.5, cause=cause), width=width, encoding=encoding
    )


def tree_of(**event: object) -> list[str]:
    return tree(json.dumps(event)).splitlines()


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"type": "x"}, ""),
        ({}, ""),
        ({"type": 5}, ""),
        ({"type": 5, "delta": "x"}, '"x"'),
        ({"type": "x", "delta": "\x9b\u202e"}, '"\\u009b\\u202e"'),
        ({"type": None, "name": "n"}, '"n"'),
        ({"type": "response.output_text.delta", "delta": "Hel lo", "item_id": "i"}, '"Hel lo"'),
        ({"type": "x", "transcript": "é\n\x1b"}, '"é\\n\\u001b"'),
        ({"type": "x", "delta": "", "text": "whole"}, '"whole"'),
        ({"type": "x", "arguments": '{"a":1}'}, '"{\\"a\\":1}"'),
        ({"type": "x", "item_id": "item_1"}, '"item_1"'),
        ({"type": "x", "name": None, "audio_end_ms": 1234}, "1234"),
        ({"type": "x", "audio_start_ms": True}, "true"),
        ({"type": "error", "error": {"code": "c", "type": "t", "message": "no \x1b"}}, "c: no ␛"),
        ({"type": "error", "error": {"type": "t", "message": "no"}}, "t: no"),
        ({"type": "error", "error": {"code": None, "message": {}}}, ""),
        ({"type": "error", "error": "words", "item_id": "i"}, '"words"'),
        (
            {"type": "x", "item": {"type": "message", "role": "user", "id": "i", "name": None}},
            "message user i",
        ),
        ({"type": "x", "item": {"type": 5, "id": ["i"]}}, ""),
        ({"type": "x", "item": "i", "response": {"status": "completed"}}, "completed"),
        ({"type": "x", "response": {"status": None}}, ""),
        ({"type": "x", "response": "r"}, ""),
    ],
)
def test_a_line_shows_the_one_field_that_matters(event: dict[str, Any], shown: str) -> None:
    name = event.get("type") if isinstance(event.get("type"), str) else "(no type)"
    assert line_of(**event) == (f"{name}  {shown}" if shown else name)


AUDIO = "QUFB" * 16


@pytest.mark.parametrize(
    ("event", "size"),
    [
        ({"type": "input_audio_buffer.append", "audio": AUDIO}, "(48 bytes)"),
        ({"type": "input_audio_buffer.append", "audio": "QQ=="}, "(1 byte)"),
        ({"type": "response.output_audio.delta", "delta": AUDIO}, "(48 bytes)"),
        ({"type": "response.audio.delta", "delta": "QUI="}, "(2 bytes)"),
        ({"type": "session.output_audio.delta", "delta": "QUI"}, "(2 bytes)"),
        ({"type": "unheard.of", "text": AUDIO * 20}, "(960 bytes)"),
    ],
)
def test_audio_is_shown_as_its_size(event: dict[str, Any], size: str) -> None:
    (key,) = event.keys() - {"type"}
    assert line_of(**event) == f"{event['type']}  {size}"
    assert tree_of(**event)[1:] == [f"└── {key}: {size}"]


@pytest.mark.parametrize("words", ["QUFB", "你好" * 200, "https://example.org/" + "a" * 400, "a" * 150])
def test_words_are_not_taken_for_audio(words: str) -> None:
    assert "bytes" not in line_of(type="response.output_text.delta", delta=words)
    assert "bytes" not in tree(json.dumps({"type": "response.output_text.delta", "delta": words}))


def test_images_are_shown_as_their_size() -> None:
    part = {"type": "input_image", "image_url": f"data:image/png;base64,{AUDIO * 10}"}
    shown = tree_of(type="conversation.item.create", item={"content": [part]})
    assert shown[-1].strip().endswith("image_url: (480 bytes)")


def test_a_tree_shows_everything() -> None:
    event = {
        "type": "session.updated",
        "event_id": "e1",
        "session": {"tools": [], "audio": {"output": {"voice": "alloy", "speed": 1.0}}, "x": {}},
        "list": ["a", None, True, 12],
        "empty": "",
        "lines": "one\ntwo\tthree",
    }
    assert tree_of(**event) == [
        "    1.500 → session.updated",
        "├── event_id: e1",
        "├── session",
        "│   ├── tools: []",
        "│   ├── audio",
        "│   │   └── output",
        "│   │       ├── voice: alloy",
        "│   │       └── speed: 1.0",
        "│   └── x: {}",
        "├── list",
        "│   ├── 0: a",
        "│   ├── 1: null",
        "│   ├── 2: true",
        "│   └── 3: 12",
        '├── empty: ""',
        "└── lines: one",
        "    two     three",
    ]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (Cause("session.update", "e1", certain=True), "  answers session.update e1"),
        (Cause("session.update", None, certain=False), "  answers probably session.update"),
        (Cause("x\n\x1b", "e\u202e", certain=True), "  answers x ␛ e\\u202e"),
        (None, ""),
    ],
)
def test_an_error_names_what_it_answers(cause: Cause | None, words: str) -> None:
    shown = tree('{"type": "error", "error": {"message": "no"}}', cause=cause).splitlines()
    assert shown == [f"    1.500 → error{words}", "└── error", "    └── message: no"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\x00\xffabc", "(not an event: 5 bytes) ␀\ufffdabc"),
        (b'{"type": "x"}', '(not an event: 13 bytes) {"type": "x"}'),
        ("x", "(not an event: 1 character) x"),
        ("[1, 2]", "(not an event: 6 characters) [1, 2]"),
        ("\x1b[2J\nrm -rf /", "(not an event: 13 characters) ␛[2J rm -rf /"),
        ("", "(not an event: 0 characters)"),
        ("[" * 100_000, f"(not an event: 100,000 characters) {'[' * 79}…"),
    ],
)
def test_a_frame_that_is_no_event_is_described(raw: str | bytes, words: str) -> None:
    assert line(raw) == f"    1.500 ← {words}".ljust(len(line(raw)))
    assert tree(raw, width=200).rstrip() == f"    1.500 → {words}"


@pytest.mark.parametrize(("direction", "arrow"), [("in", "←<"), ("out", "→>"), ("local", "·*")])
def test_directions_have_arrows_in_any_encoding(direction: str, arrow: str) -> None:
    raw = '{"type": "x"}'
    assert line(raw, direction=direction) == f"    1.500 {arrow[0]} x"
    assert line(raw, direction=direction, encoding="ascii") == f"    1.500 {arrow[1]} x"


def test_a_tree_in_ascii() -> None:
    assert tree('{"type": "x", "a": ["é"]}', encoding="ascii").isascii()


TEXTS = st.text(st.characters(exclude_categories=[]) | st.sampled_from(HOSTILE))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["type", "delta", "item", "error", "response", "audio", "name", "item_id"]) | TEXTS


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=6).map(json.dumps) | TEXTS | st.binary(), st.integers(1, 120))
def test_nothing_of_a_frame_acts_on_the_terminal(raw: str | bytes, width: int) -> None:
    one, whole = line(raw), tree(raw, width=width)
    assert "\n" not in one
    assert all(is_safe(char) for char in one + whole.replace("\n", ""))


def is_safe(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Zl", "Zp", "Cs"} and char not in BIDI


def test_hostile_keys_types_and_values_come_out_harmless() -> None:
    event = {"type": HOSTILE, HOSTILE: {HOSTILE: [HOSTILE]}, "error": {"code": HOSTILE, "message": HOSTILE}}
    shown = tree(json.dumps(event)) + line(json.dumps(event))
    assert all(is_safe(char) for char in shown.replace("\n", ""))
    assert "a␛[2J" in shown


@pytest.mark.parametrize("levels", [500, 900, 5000])
@pytest.mark.parametrize("width", [10, 40, 100])
def test_deep_nesting_is_cut_off(levels: int, width: int) -> None:
    nested = '{"a":[' * (levels // 2) + "1" + "]}" * (levels // 2)
    shown = tree(f'{{"type": "x", "value": {nested}, "item": {nested}, "delta": {nested}}}', width=width)
    assert len(shown) < 20_000
    assert line(f'{{"type": {nested}}}').startswith("    1.500 ← (no")
    assert levels != 500 or width != 100 or "(too deep to show)" in shown


@pytest.mark.parametrize("key", ["text", "delta", "transcript", "name", "arguments", "item_id", "type"])
def test_a_huge_field_leaves_the_line_short(key: str) -> None:
    assert len(line_of(**{"type": "x", key: "word " * 200_000})) < 700
    assert len(line_of(type="error", error={"message": "word " * 200_000})) < 400


def test_a_huge_text_is_cut_in_a_tree() -> None:
    shown = tree(json.dumps({"type": "x", "text": "\x1b\u202erd " * 200_000}), width=200)
    assert all(is_safe(char) for char in shown.replace("\n", ""))
    assert 15_000 < len(shown) < 60_000
    assert "(1,000,000 characters)" in " ".join(shown.split())


def test_a_huge_number_leaves_the_line_short() -> None:
    raw = f'{{"type": "x", "audio_end_ms": {"9" * 4000}}}'
    assert len(line(raw)) < 400
    assert len(tree(raw, width=1000)) < 800


def test_sizes() -> None:
    assert [size_of(raw) for raw in (b"", b"a", "ab", "x" * 1234)] == [
        "0 bytes",
        "1 byte",
        "2 characters",
        "1,234 characters",
    ]

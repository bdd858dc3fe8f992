from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.server.brains.chat_parts import Speech
from realtime_cli.server.brains.chat_stream import ChatStream, error_text
from realtime_cli.server.brains.port import AnswerPart, Call, Fail, Say
from realtime_cli.server.brains.sse import Events
from tests.server.brains.chat_server import DONE, call_delta, delta


def parts_of(chunks: Iterable[bytes]) -> list[AnswerPart]:
    stream = ChatStream()
    parts = [part for chunk in chunks for part in stream.feed(chunk)]
    return [*parts, *stream.end()]


def spoken(parts: Iterable[AnswerPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Say))


def speech(pieces: Iterable[str]) -> str:
    filtered = Speech()
    return "".join(map(filtered.feed, pieces)) + filtered.end()


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.lists(st.integers(0, 10_000), max_size=30), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_parts_do_not_depend_on_where_the_bytes_are_cut(places: list[int], ending: bytes) -> None:
    stream = b"".join(
        (
            b": hello\n\n",
            delta("<think>hm</think>\n\nGrüße 🎉 "),
            delta("du\u2028da"),
            call_delta(0, name="f", arguments='{"a": 1}', call_id="x"),
            delta(finish="tool_calls"),
            b'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n',
            DONE,
        )
    ).replace(b"\n", ending)
    parts = parts_of(cut(stream, places))
    assert spoken(parts) == "Grüße 🎉 du\u2028da"
    assert parts[-1] == Call("f", '{"a": 1}')


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_any_bytes_give_parts_and_never_raise(data: bytes, places: list[int]) -> None:
    parts = parts_of(cut(data, places))
    assert all(isinstance(part, Say | Call | Fail) for part in parts)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "tool_calls", "index", "function", "error", "name"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON_VALUES, max_size=4))
def test_any_json_gives_parts_and_never_raises(values: list[object]) -> None:
    chunks = [b"data: " + json.dumps(value).encode() + b"\n\n" for value in values]
    assert all(isinstance(part, Say | Call | Fail) for part in parts_of([*chunks, DONE]))


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("<think>plan</think>\n\nHello", "Hello"),
        ("Hello <think>plan</think>you", "Hello you"),
        ("<think>a</think><think>b</think>c", "c"),
        ("<think>never closed", ""),
        ("1 < 2 and <thin", "1 < 2 and <thin"),
        ("a</think>b", "a</think>b"),
        ("", ""),
    ],
)
def test_thoughts_are_left_out_wherever_they_are_cut(text: str, heard: str) -> None:
    assert speech([text]) == heard
    assert speech(text) == heard


@given(st.text(alphabet="<think>/ a"))
def test_text_without_a_tag_is_spoken_whole(text: str) -> None:
    if "<think>" not in text:
        assert speech(text) == text.lstrip()


def test_text_that_only_looked_like_a_tag_is_spoken_at_the_end() -> None:
    assert spoken(parts_of([delta("a <th"), DONE])) == "a <th"


def test_text_is_spoken_as_soon_as_it_is_certain() -> None:
    filtered = Speech()
    assert [filtered.feed("a <"), filtered.feed("b"), filtered.feed(" <th"), filtered.end()] == [
        "a ",
        "<b",
        " ",
        "<th",
    ]


def test_new_ids_at_one_index_are_new_calls() -> None:
    chunks = [
        call_delta(0, name="f", arguments="{}", call_id="a"),
        call_delta(0, name="g", arguments='{"x": 1}', call_id="b"),
        DONE,
    ]
    assert parts_of(chunks) == [Call("f", "{}"), Call("g", '{"x": 1}')]


def test_repeated_ids_and_names_belong_to_one_call() -> None:
    chunks = [
        call_delta(0, name="f", arguments='{"x"', call_id="a"),
        call_delta(0, name="f", arguments=": 1}", call_id="a"),
        DONE,
    ]
    assert parts_of(chunks) == [Call("f", '{"x": 1}')]


def test_calls_without_index_are_told_apart_by_id() -> None:
    chunks = [call_delta(None, name="f", call_id="a"), call_delta(None, name="g", call_id="b"), DONE]
    assert parts_of(chunks) == [Call("f", "{}"), Call("g", "{}")]


def test_arguments_given_as_an_object_become_text() -> None:
    assert parts_of([call_delta(0, name="f", arguments={"x": 1}), DONE]) == [Call("f", '{"x": 1}')]


def test_call_without_a_name_fails() -> None:
    [failure] = parts_of([call_delta(0, arguments="{}"), DONE])
    assert isinstance(failure, Fail)
    assert "without a name" in failure.message


def test_content_in_parts_and_refusals_are_spoken() -> None:
    parts = parts_of([delta(content=None, refusal="No."), DONE])
    assert spoken(parts) == "No."
    listed = (
        b'data: {"choices": [{"delta": {"content": [{"type": "text", "text": "Hi"}, {"type": "x"}]}}]}\n\n'
    )
    assert spoken(parts_of([listed, DONE])) == "Hi"


def test_half_a_surrogate_pair_is_replaced() -> None:
    event = b'data: {"choices": [{"delta": {"content": "a\\ud83d"}}]}\n\n'
    assert spoken(parts_of([event, DONE])) == "a\N{REPLACEMENT CHARACTER}"


def test_nothing_after_done_is_heard() -> None:
    assert parts_of([delta("x"), DONE, delta("y"), b"data: {oops\n\n"]) == [Say("x")]


def test_data_in_several_lines_is_one_event() -> None:
    assert list(Events().feed(b"data: a\ndata:b\n\n")) == ["a\nb"]


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        ("plain", "plain"),
        ({"error": {"message": "inner"}}, "inner"),
        ({"message": "outer"}, "outer"),
        ({"detail": [{"msg": "x"}]}, '[{"msg": "x"}]'),
        ({"code": 3}, '{"code": 3}'),
        (7, "7"),
    ],
)
def test_errors_of_any_shape_have_words(problem: object, text: str) -> None:
    assert error_text(problem) == text

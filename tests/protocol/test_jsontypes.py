from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.protocol.jsontypes import as_object, at, dump, kind_of, parse, with_article
from tests.protocol.strategies import canonical, json_values


@given(value=json_values)
def test_text_and_back(value: object) -> None:
    assert canonical(parse(dump(value))) == canonical(value)


@given(text=st.text(alphabet=st.characters(), max_size=5))
def test_what_is_written_always_encodes(text: str) -> None:
    assert json.loads(dump([text]).encode()) == [text]


@pytest.mark.parametrize("text", ["", "{", "[" * 300 + "]" * 300, "\ud800", '"\\ud800"'])
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_a_value_is_found_by_its_path() -> None:
    value = {"a": {"b": {"c": 1}}}
    assert at(value, "a", "b", "c") == 1
    assert at(value) is value
    assert at(value, "a", "x", "c") is None
    assert at([], "a") is None
    assert as_object([]) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "an integer"),
        (1.0, "a number"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_values_are_named_as_json_names_them(value: object, words: str) -> None:
    assert with_article(kind_of(value)) == words

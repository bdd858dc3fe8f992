"""The light check agrees with a full implementation of JSON Schema."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.tools.schema_check import problems

Json = Any
NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, 1.0, -2.5]),
    st.sampled_from(["", "a", "bb"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3))
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
SMALL = st.integers(0, 3)


def keywords(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    some = st.lists(inner, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.one_of(TYPES, st.lists(TYPES, min_size=1, max_size=2)),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "const": VALUES,
            "required": st.lists(NAMES, max_size=2, unique=True),
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=1),
            "additionalProperties": inner,
            "items": inner,
            "allOf": some,
            "anyOf": some,
            "oneOf": some,
            "not": inner,
            "pattern": st.sampled_from(["^a", "b+"]),
            "uniqueItems": st.booleans(),
            "minimum": SMALL,
            "maximum": SMALL,
            "exclusiveMinimum": SMALL,
            "exclusiveMaximum": SMALL,
            "minLength": SMALL,
            "maxLength": SMALL,
            "minItems": SMALL,
            "maxItems": SMALL,
        },
    )


SCHEMAS = st.recursive(st.one_of(st.booleans(), keywords(st.booleans())), keywords, max_leaves=6)


@given(VALUES, keywords(SCHEMAS))
def test_it_finds_problems_exactly_where_the_standard_does(value: Json, schema: Json) -> None:
    expected = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (not problems(value, schema)) == expected


def test_references_are_followed_and_recursion_ends() -> None:
    tree = {"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}}
    schema = {**tree, "$ref": "#/$defs/node"}
    assert problems({"next": {"next": {}}}, schema) == []
    assert problems({"next": {"next": 1}}, schema) == ["next.next must be object"]
    assert problems(1, {"anyOf": [{"$ref": "#"}, {"type": "string"}]}) == []


@pytest.mark.parametrize(
    ("value", "schema", "words"),
    [
        ({}, {"required": ["city"]}, "city is missing"),
        ({"x": 1}, {"additionalProperties": False}, "x is not a parameter"),
        ({"x": [1, "a"]}, {"properties": {"x": {"items": {"type": "integer"}}}}, "x[1] must be integer"),
        ("c", {"enum": ["a", "b"]}, "the value must be one of 'a', 'b'"),
        ({"x": 9}, {"properties": {"x": {"maximum": 5}}}, "x must be at most 5"),
    ],
)
def test_problems_name_their_place(value: Json, schema: Json, words: str) -> None:
    assert problems(value, schema) == [words]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nope"},
        {"pattern": "("},
        {"minimum": "x"},
        {"items": 3},
        {"required": 1},
        {"$ref": "other.json"},
    ],
)
def test_a_schema_that_makes_no_sense_forbids_nothing(schema: Json) -> None:
    assert problems({"a": ["b"]}, schema) == []
    assert problems("a", schema) == []
    assert problems(1, schema) == []


def test_a_schema_that_refers_to_itself_again_and_again_ends_soon() -> None:
    itself = {"$ref": "#/$defs/a"}
    schema = {**itself, "$defs": {"a": {"oneOf": [itself] * 3}}}
    assert len(problems({}, schema)) <= 1  # or this takes years


def test_a_whole_number_may_be_larger_than_any_float() -> None:
    assert problems(10**400, {"type": "integer"}) == []
    assert problems(float("inf"), {"type": "integer"}) == ["the value must be integer"]


def test_many_problems_are_a_few() -> None:
    schema = {"required": [f"p{number}" for number in range(100)]}
    assert len(problems({}, schema)) == 5

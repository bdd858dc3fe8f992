from __future__ import annotations

import re

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.server.brains.arguments import fill
from realtime_cli.server.brains.clues import Clues

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
Schema = dict[str, object]


def filled(text: str, **properties: object) -> dict[str, object]:
    return fill({"type": "object", "properties": properties, "required": list(properties)}, Clues(text))


def volunteered(text: str, **properties: object) -> dict[str, object]:
    return fill({"type": "object", "properties": properties}, Clues(text))


def value(text: str, schema: object, name: str = "x") -> object:
    return filled(text, **{name: schema})[name]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('post "good night" in Paris', "good night"),
        ("say «bonjour»", "bonjour"),
        ("write 'a b' now", "a b"),
        ("go to the old town today", "old town"),
        ("fly to Rio de Janeiro tomorrow", "Rio de Janeiro"),
        ("flights to San Francisco, California", "San Francisco"),
        ("a list called Weekend shopping", "Weekend shopping"),
        ("meet Ada Lovelace there", "Ada Lovelace"),
        ("à Genève", "Genève"),
        ("Berlin please", "Berlin"),
        ("take flight LH-123", "LH-123"),
        ("remind me at 7:30 pm", "7:30 pm"),
        ("nothing of use here", "use here"),
        ("please do", "example"),
        ("wait for 10 minutes", "10"),
        ("for today", "example"),
    ],
)
def test_string_comes_from_the_words(text: str, told: str) -> None:
    assert value(text, STRING) == told


def test_each_string_takes_the_words_that_suit_its_name() -> None:
    assert filled(
        'Send to Bob about Lunch: "See you at noon"', recipient=STRING, subject=STRING, message=STRING
    ) == {"recipient": "Bob", "subject": "Lunch", "message": "See you at noon"}
    assert filled("fly from Rome to Oslo", destination=STRING, origin=STRING) == {
        "destination": "Oslo",
        "origin": "Rome",
    }
    assert filled("fly to Oslo", origin=STRING, destination=STRING) == {
        "origin": "example",
        "destination": "Oslo",
    }
    assert filled("dinner with Ann tomorrow", date=STRING, contact=STRING) == {
        "date": "tomorrow",
        "contact": "Ann",
    }
    assert filled("the order A-17", order_id=STRING) == {"order_id": "A-17"}
    assert filled("tell Bob that dinner is ready", body=STRING) == {"body": "dinner is ready"}


def test_free_text_takes_what_is_left() -> None:
    assert value("look up, cats and dogs!", STRING, name="query") == "look up, cats and dogs"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("paint it Dark Blue please", "dark_blue"),
        ("paint it blue", "blue"),
        ("red or blue", "red"),
        ("surprise me", "red"),
        ("blueish", "red"),
    ],
)
def test_option_is_the_one_that_is_named_first_else_the_first(text: str, told: str) -> None:
    assert value(text, {"type": "string", "enum": ["red", "blue", "dark_blue"]}) == told


def test_option_falls_back_to_a_default_that_is_one() -> None:
    assert value("no idea", {"enum": ["a1", "b2"], "default": "b2"}) == "b2"
    assert value("no idea", {"enum": ["a1", "b2"], "default": "c3"}) == "a1"
    assert value("no idea", {"enum": [3, None], "default": None}) is None
    assert value("no idea", {"const": 7}) == 7


def test_option_keeps_its_words_from_the_strings() -> None:
    assert filled("weather in celsius", city=STRING, unit={"enum": ["celsius"]}) == {
        "city": "example",
        "unit": "celsius",
    }


@pytest.mark.parametrize(
    ("text", "schema", "told"),
    [
        ("wait 10 or 20", INTEGER, 10),
        ("it is -3.7 degrees", INTEGER, -3),
        ("it is -3.7 degrees", {"type": "number"}, -3.7),
        ("twenty-five of them", INTEGER, 25),
        ("zero or thirteen", INTEGER, 0),
        ("no number", INTEGER, 1),
        ("500", {"type": "integer", "maximum": 60}, 60),
        ("2", {"type": "integer", "minimum": 5}, 5),
        ("none", {"type": "integer", "exclusiveMinimum": 5}, 6),
        ("none", {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ("none", {"type": "number", "maximum": 0.25}, 0.25),
        ("none", {"type": "integer", "minimum": 1.5}, 2),
        ("7", {"type": "integer", "multipleOf": 5}, 10),
        ("7", {"type": "integer", "multipleOf": 5, "maximum": 9}, 5),
        ("none", {"type": "number", "default": 0.7}, 0.7),
        ("none", {"type": "number", "examples": [9]}, 9),
        ("9" * 40, INTEGER, 1),
        ("none", {"type": "number", "minimum": float("nan"), "maximum": "x", "multipleOf": True}, 1),
    ],
)
def test_number_comes_from_the_words_and_keeps_its_bounds(text: str, schema: Schema, told: float) -> None:
    assert value(text, schema) == told


def test_numbers_go_to_the_names_they_stand_beside() -> None:
    assert filled("2 hours and 30 minutes", minutes=INTEGER, hours=INTEGER) == {"minutes": 30, "hours": 2}
    assert filled("5 items, volume to 3", count=INTEGER, volume=INTEGER) == {"count": 5, "volume": 3}


@pytest.mark.parametrize(
    ("text", "told"),
    [("yes please", True), ("turn it on", True), ("switch it off", False), ("do not", False), ("hm", True)],
)
def test_flag_comes_from_yes_and_no(text: str, told: bool) -> None:
    assert value(text, {"type": "boolean"}) is told


def test_flag_prefers_its_default_to_an_example() -> None:
    assert value("hm", {"type": "boolean", "default": False}) is False


@pytest.mark.parametrize(
    ("form", "text", "told"),
    [
        ("date", "on 2026-03-04", "2026-03-04"),
        ("date", "tomorrow", "2025-01-31"),
        ("date-time", "at 2026-03-04T10:00:00Z", "2026-03-04T10:00:00Z"),
        ("email", "write to bob@example.org.", "bob@example.org"),
        ("email", "write to Bob", "person@example.com"),
        ("uri", "open https://example.org/a?b=1.", "https://example.org/a?b=1"),
        ("ipv4", "ping 10.0.0.1 now", "10.0.0.1"),
        ("uuid", "x", "00000000-0000-4000-8000-000000000000"),
        ("made-up", "go to Oslo", "Oslo"),
    ],
)
def test_formats_take_fitting_words_or_a_plain_example(form: str, text: str, told: str) -> None:
    assert value(text, {"type": "string", "format": form}) == told


def test_length_limits_are_kept() -> None:
    assert value("to Oslo", {"type": "string", "maxLength": 2}) == "Os"
    assert value("hm", {"type": "string", "minLength": 9}) == "examplexx"
    assert len(str(value("hm", {"type": "string", "minLength": 10**9}))) == 1_000


def test_lists_take_quoted_or_capitalised_words() -> None:
    strings = {"type": "array", "items": STRING}
    assert value('add "milk" and "eggs"', strings) == ["milk", "eggs"]
    assert value("invite Ann, Bob and Carl", strings) == ["Ann", "Bob", "Carl"]
    assert value('add "milk" and "eggs"', {**strings, "maxItems": 1}) == ["milk"]
    assert value("hm", strings) == ["example"]
    assert value("hm", {**strings, "minItems": 2}) == ["example", "example"]
    assert value("hm", {"type": "array"}) == ["example"]
    assert value("hm", {"type": "array", "maxItems": 0}) == []
    assert value("5 and 6", {"type": "array", "items": INTEGER, "minItems": 2}) == [5, 6]
    assert value("5", {"type": "array", "prefixItems": [INTEGER, {"type": "boolean"}]}) == [5, True]


def test_objects_are_filled_with_what_they_require() -> None:
    address = {
        "type": "object",
        "properties": {"city": STRING, "zip": STRING, "note": STRING},
        "required": ["city", "zip"],
    }
    assert value("ship it to Oslo", address) == {"city": "Oslo", "zip": "example"}
    assert value("hm", {"type": "object", "default": {"a": 1}}) == {"a": 1}
    assert value("hm", {"properties": {"a": INTEGER}, "required": ["a"]}) == {"a": 1}


def test_optional_arguments_are_given_only_if_they_are_plain() -> None:
    optional = {
        "unit": {"enum": ["celsius", "kelvin"]},
        "limit": INTEGER,
        "name": STRING,
        "deep": {"type": "object"},
    }
    assert volunteered("called Bob, 7 of them", **optional) == {}
    assert volunteered("in Kelvin, limit 7", **optional) == {"unit": "kelvin", "limit": 7}


def test_unions_and_nulls_are_resolved() -> None:
    assert value("hm", {"anyOf": [{"type": "null"}, INTEGER]}) == 1
    assert value("hm", {"type": ["null", "boolean"]}) is True
    assert value("hm", {"type": "null"}) is None
    merged = {"allOf": [{"properties": {"a": INTEGER}, "required": ["a"]}, {"properties": {"b": STRING}}]}
    assert value("hm", {**merged, "required": ["b"]}) == {"b": "example", "a": 1}


def test_required_property_without_a_schema_gets_an_example() -> None:
    assert fill({"required": ["ghost"]}, Clues("hm")) == {"ghost": "example"}


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": [1], "required": 5},
        {"required": [None, 3]},
        {"properties": {"a": True}},
        {"type": 7},
    ],
)
def test_misshapen_schemas_give_an_object(schema: Schema) -> None:
    assert fill(schema, Clues("hm")) == {}


def test_endless_schemas_end() -> None:
    schema: Schema = {"type": "array", "minItems": 10**9}
    for _ in range(12):
        schema = {"type": "array", "items": schema, "minItems": 10**9}
    assert len(str(value("hm", schema))) < 10_000
    wide = {f"p{number}": STRING for number in range(5_000)}
    assert len(filled("hm", **wide)) == 100


def whole_between(low: int, size: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": low + size}


def number_above(low: int) -> Schema:
    return {"type": "number", "exclusiveMinimum": low}


def multiple_of(step: int) -> Schema:
    return {"type": "integer", "multipleOf": step}


def text_of_length(low: int, more: int) -> Schema:
    return {"type": "string", "minLength": low, "maxLength": low + more}


def text_in_format(form: str) -> Schema:
    return {"type": "string", "format": form}


def one_of_options(options: list[object]) -> Schema:
    return {"enum": options}


def constant(value: int) -> Schema:
    return {"const": value}


def array_of(items: Schema, least: int, more: int) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": least + more}


def object_of(properties: dict[str, Schema], count: int) -> Schema:
    required = list(properties)[:count]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def null_or(branch: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, branch]}


OPTIONS = st.sampled_from(["on", "no", 3, None])
LEAVES: st.SearchStrategy[Schema] = st.one_of(
    st.builds(whole_between, st.integers(-50, 50), st.integers(0, 5)),
    st.builds(number_above, st.integers(-5, 5)),
    st.builds(multiple_of, st.integers(1, 9)),
    st.builds(text_of_length, st.integers(0, 20), st.integers(0, 20)),
    st.builds(text_in_format, st.sampled_from(["date", "email", "ipv4", "uuid"])),
    st.builds(one_of_options, st.lists(OPTIONS, min_size=1)),
    st.just({"type": ["boolean", "null"]}),
    st.builds(constant, st.integers()),
)
NAMES = st.sampled_from(["city", "count", "to", "from", "on", "x"])


def nested(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return st.one_of(
        st.builds(array_of, inner, st.integers(0, 3), st.integers(0, 2)),
        st.builds(object_of, st.dictionaries(NAMES, inner, max_size=4), st.integers(0, 4)),
        st.builds(null_or, inner),
    )


SCHEMAS = st.recursive(LEAVES, nested, max_leaves=8)
WORDS = re.split(" ", 'in to Paris count 5 -2.5 seven "quoted" no on a@b.org 2026-02-03 x 1.2.3.4')
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(SENTENCES, st.dictionaries(NAMES, SCHEMAS, max_size=4))
def test_arguments_fit_their_schema_by_an_independent_validator(
    text: str, properties: dict[str, Schema]
) -> None:
    schema = object_of(properties, len(properties))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(fill(schema, Clues(text)))] == []

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.cli.assignments import assign
from realtime_cli.cli.event_files import FileEvent
from realtime_cli.errors import UsageError


def _events(*values: object) -> list[FileEvent]:
    return [FileEvent(f"event {number}", json.dumps(value), value) for number, value in enumerate(values, 1)]


def _set(*assignments: str, of: object) -> Any:
    (event,) = assign(_events(of), assignments)
    assert json.loads(event.raw) == event.value
    return event.value


@pytest.mark.parametrize(
    ("assignment", "before", "after"),
    [
        ("type=response.create", {"type": "x"}, {"type": "response.create"}),
        ("a=1.5", {"a": 0}, {"a": 1.5}),
        ("a=", {"a": 0}, {"a": ""}),
        ("a=NaN", {"a": 0}, {"a": "NaN"}),
        ("a=b=c", {"a": 0}, {"a": "b=c"}),
        ('a={"b": [1]}', {"a": 0}, {"a": {"b": [1]}}),
        ("a.b.c=true", {"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"c": True, "d": 2}}}),
        ("a.b.c=new", {"a": {}}, {"a": {"b": {"c": "new"}}}),
        ("a[0].b=2", {"a": [{"b": 1}]}, {"a": [{"b": 2}]}),
        ("a[1]=2", {"a": [1]}, {"a": [1, 2]}),
        ("a[0][1]=2", {"a": [[1, 1]]}, {"a": [[1, 2]]}),
        ("a[0].b=1", {"a": None}, {"a": [{"b": 1}]}),
        ("new=1", {"a": 1}, {"a": 1, "new": 1}),
        ("[0].a=2", {"a": 1}, {"a": 2}),
    ],
)
def test_a_field_is_set(assignment: str, before: object, after: object) -> None:
    assert _set(assignment, of=before) == after


def test_later_assignments_see_earlier_ones() -> None:
    assert _set("a=[]", "a[0]=1", "a[1]=2", of={"a": 0}) == {"a": [1, 2]}


def test_a_field_is_set_in_each_event_that_has_its_beginning() -> None:
    events = assign(_events({"item": {}}, {"type": "x"}, {"item": {"id": "old"}}), ["item.id=new"])
    assert [event.value for event in events] == [
        {"item": {"id": "new"}},
        {"type": "x"},
        {"item": {"id": "new"}},
    ]
    assert events[1].raw == '{"type": "x"}'


def test_an_index_picks_one_event() -> None:
    events = assign(_events({"a": 1}, {"a": 1}), ["[1].a=2"])
    assert [event.value for event in events] == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("nothing", "has no path or no '='"),
        ("=1", "has no path or no '='"),
        ("a..b=1", "--set a..b: this is not a path"),
        ("a[x]=1", "--set a[x]: this is not a path"),
        ("a[0=1", "--set a[0: this is not a path"),
        (".=1", "--set .: this is not a path"),
        ("[2].a=1", "--set [2].a: there is no event 2"),
        ("[0]=1", "--set [0]: this names no field"),
        ("other=1", "--set other: no event has the field other"),
        ("a.b=1", "--set a.b: b cannot be set in 1"),
        ("a[0]=1", "--set a[0]: there is no element 0"),
        ("l[7]=1", "--set l[7]: there is no element 7"),
    ],
)
def test_a_bad_path_is_named(assignment: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        assign(_events({"a": 1, "l": [1]}, {"b": 2}), [assignment])
    assert words in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize("value", [None, [{"a": 1}], "text", 7])
def test_what_is_no_object_has_no_fields(value: object) -> None:
    with pytest.raises(UsageError, match="event 1 is no JSON object"):
        assign(_events(value), ["a=1"])


@given(st.text("ab01.[]=", max_size=12))
def test_no_assignment_crashes(assignment: str) -> None:
    with suppress(UsageError):
        assign(_events({"a": [{"b": 1}]}, {"b": None}), [assignment])

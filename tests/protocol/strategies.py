"""Wire JSON made from the models themselves: every event, with fields that no model knows."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

from realtime_cli.protocol.base import MOST, Event, Model
from realtime_cli.protocol.objects import members
from realtime_cli.protocol.shapes import Shape, fields_of, tag_of

integers = st.integers(-MOST, MOST)
numbers = integers | st.floats(-1e18, 1e18)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=8)
unknown_names = st.text(min_size=1, max_size=6).map(lambda name: f"x_{name}")
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)
unknown_fields = st.dictionaries(unknown_names, json_values, max_size=2)
_SCALARS = {
    "null": st.none(),
    "boolean": st.booleans(),
    "integer": integers,
    "number": numbers,
    "string": st.text(max_size=8),
}


def canonical(value: object) -> str:
    """JSON that tells 5 from 5.0 and null from absence, but not the order of fields."""
    return json.dumps(value, sort_keys=True)


@cache
def wire(model: type[Model]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that a peer might send for the model."""
    fields = {name: _value(shape) for name, shape in fields_of(model).items()}
    fixed = {"type": st.just(tag_of(model))} if tag_of(model) else {}
    needed = {name for name, field in model.model_fields.items() if field.is_required()}
    required = {name: strategy for name, strategy in fields.items() if name in needed} | fixed
    optional = {name: strategy for name, strategy in fields.items() if name not in required}
    known = st.fixed_dictionaries(required, optional=optional)
    return st.tuples(unknown_fields, known).map(lambda parts: {**parts[0], **parts[1]})


def _value(shape: Shape) -> st.SearchStrategy[Any]:
    if not shape.kinds:
        return json_values
    options = [_SCALARS[kind] for kind in sorted(shape.kinds) if kind in _SCALARS]
    if shape.items is not None:
        options.append(st.lists(_value(shape.items), max_size=2))
    if shape.values is not None:
        options.append(st.dictionaries(st.text(max_size=6), _value(shape.values), max_size=2))
    options += [wire(model) for model in members(shape).values()]
    if shape.tagged:
        options.append(_of_unknown_type())
    return st.one_of(options)


def _of_unknown_type() -> st.SearchStrategy[dict[str, Any]]:
    named = st.fixed_dictionaries({"type": unknown_names})
    return st.tuples(unknown_fields, named | st.just({})).map(lambda parts: {**parts[0], **parts[1]})


def event_models(union: tuple[Any, ...]) -> list[type[Event]]:
    """The event classes of a union, for `pytest.mark.parametrize`."""
    return sorted(union, key=lambda model: str(tag_of(model)))

"""Examples of events and objects, made from what the models' fields give as theirs."""

from __future__ import annotations

from copy import deepcopy

from .base import Model
from .jsontypes import Json
from .shapes import Shape, fields_of


def example_of(model: type[Model]) -> Json:
    """An object of the model, with every field that has an example."""
    values = {name: example_in(shape) for name, shape in fields_of(model).items()}
    return {name: value for name, value in values.items() if value is not None}


def example_in(shape: Shape) -> object:
    """An example of what a field takes; None where there is none."""
    if shape.spec.example is ...:
        return None
    if shape.spec.example is not None:
        return deepcopy(shape.spec.example)
    if shape.items is not None:
        entry = example_in(shape.items)
        return None if entry is None else [entry]
    return (example_of(shape.models[0]) or None) if shape.models else None

"""The openai package as an oracle: what its model of an event accepts, ours reads and writes back."""

from __future__ import annotations

import json
import os
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from realtime_cli.protocol.base import MOST, Event
from realtime_cli.protocol.codec import decode, decode_client, encode
from tests.protocol.strategies import canonical, json_values

try:
    from openai.types import realtime as ga
    from openai.types.beta import realtime as beta
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip("needs the openai package (the dev extra)", allow_module_level=True)

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.integers(-MOST, MOST),
    float: st.floats(-1e18, 1e18),
    str: st.text(max_size=8),
    object: json_values,
    Any: json_values,
}


def models_of(union: Any) -> list[type[BaseModel]]:
    return list(get_args(get_args(union)[0]))


@cache
def accepted_by(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of the SDK's model, whose optional fields may be missing or null."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    required = {name: value_of(field.annotation) for name, field in fields.items() if field.is_required()}
    optional = {name: value_of(field.annotation) for name, field in fields.items() if not field.is_required()}
    return st.fixed_dictionaries(required, optional=optional)


def value_of(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return value_of(arguments[0])
    if origin in (Union, UnionType):
        return st.one_of([value_of(argument) for argument in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(value_of(arguments[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(st.text(max_size=6), value_of(arguments[1]), max_size=2)
    return SCALARS[hint] if hint in SCALARS else accepted_by(hint)


def in_betas_order(value: Any) -> Any:
    """Beta has two sets of modalities; the order within one says nothing."""
    if isinstance(value, list):
        return [in_betas_order(part) for part in value]
    if not isinstance(value, dict):
        return value
    value = {key: in_betas_order(part) for key, part in value.items()}
    if "audio" in (value.get("modalities") or []):
        value["modalities"] = ["text", "audio"]
    return value


def by_name(model: type[BaseModel]) -> str:
    return model.__name__


lenient = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
SERVER = [*models_of(ga.RealtimeServerEvent), *models_of(ga.RealtimeTranslationServerEvent)]
CLIENT = [*models_of(ga.RealtimeClientEvent), *models_of(ga.RealtimeTranslationClientEvent)]


def test_the_sdk_has_the_events_that_we_know() -> None:
    assert len(models_of(ga.RealtimeServerEvent)) == 46
    assert len(models_of(ga.RealtimeClientEvent)) == 11
    assert len(SERVER) + len(CLIENT) == 46 + 11 + 7 + 3
    assert len(models_of(beta.RealtimeServerEvent)) == 34
    assert len(models_of(beta.RealtimeClientEvent)) == 12


@pytest.mark.parametrize("model", SERVER, ids=by_name)
@given(data=st.data())
@lenient
def test_server_events(model: type[BaseModel], data: st.DataObject) -> None:
    raw = json.dumps(data.draw(accepted_by(model)))
    model.model_validate_json(raw)
    event = decode(raw)
    assert isinstance(event, Event), str(event)
    assert canonical(json.loads(encode(event) or "")) == canonical(json.loads(raw))


@pytest.mark.parametrize("model", CLIENT, ids=by_name)
@given(data=st.data())
@lenient
def test_client_events(model: type[BaseModel], data: st.DataObject) -> None:
    raw = json.dumps(data.draw(accepted_by(model)))
    model.model_validate_json(raw)
    event = decode_client(raw)
    assert isinstance(event, Event), str(event)
    assert canonical(json.loads(encode(event) or "")) == canonical(json.loads(raw))


@pytest.mark.parametrize("model", models_of(beta.RealtimeServerEvent), ids=by_name)
@given(data=st.data())
@lenient
def test_beta_server_events(model: type[BaseModel], data: st.DataObject) -> None:
    sent = in_betas_order(data.draw(accepted_by(model)))
    model.model_validate_json(json.dumps(sent))
    event = decode(json.dumps(sent), "beta")
    assert isinstance(event, Event), str(event)
    assert canonical(json.loads(encode(event, "beta") or "")) == canonical(sent)


@pytest.mark.parametrize("model", models_of(beta.RealtimeClientEvent), ids=by_name)
@given(data=st.data())
@lenient
def test_beta_client_events(model: type[BaseModel], data: st.DataObject) -> None:
    sent = in_betas_order(data.draw(accepted_by(model)))
    model.model_validate_json(json.dumps(sent))
    event = decode_client(json.dumps(sent), "beta")
    assert isinstance(event, Event), str(event)
    assert canonical(json.loads(encode(event, "beta") or "")) == canonical(sent)

"""What a session's configuration says about its audio: as the server told it, and as we asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from realtime_cli.protocol.client_events import SessionUpdate
from realtime_cli.protocol.encoding import Encoding, encoding_named, is_pcm_rate
from realtime_cli.protocol.jsontypes import Json, as_object, at

from .state import SessionState

Side: TypeAlias = Literal["input", "output"]

# What a server does that says nothing about it.
_DEFAULT_TURN_DETECTION: Json = {"type": "server_vad"}


def configured_encoding(config: Mapping[str, Any], side: Side) -> Encoding:
    """The encoding of one side in a configuration."""
    return _encoding(at(config, "audio", side, "format"))


def odd_rate(config: Mapping[str, Any], side: Side) -> object:
    """The rate of one side's PCM in a configuration, where no sound has that rate; None where all is well."""
    format_ = at(config, "audio", side, "format")
    rate = at(format_, "rate")
    return None if at(format_, "type") != "audio/pcm" or is_pcm_rate(rate) else rate


def input_encoding(state: SessionState) -> Encoding:
    """The encoding that the server expects of what we send now."""
    encoding = _encoding(_input_setting(state, "format", default=None))
    if state.pcm_input_rate_hz is None or encoding.type != "audio/pcm":
        return encoding
    return replace(encoding, rate_hz=state.pcm_input_rate_hz)


def session_type(state: SessionState) -> str:
    """What kind of session this is: `realtime` or `transcription`."""
    return str(state.config.get("type") or state.requested.get("type") or "realtime")


def turn_detection(state: SessionState) -> Json | None:
    """How the server finds turns in what we send now; None where it does not."""
    return as_object(_input_setting(state, "turn_detection", default=_DEFAULT_TURN_DETECTION))


def told_turn_detection(state: SessionState) -> Json | None:
    """How the server says that it finds turns."""
    return as_object(_input(state.config).get("turn_detection", _DEFAULT_TURN_DETECTION))


def _input_setting(state: SessionState, name: str, *, default: object) -> object:
    """A setting of the input. The server reads what we send behind the update that we asked for."""
    told, asked = _input(state.config), _input(state.requested)
    if name in asked and (name not in told or state.sent.awaits(SessionUpdate)):
        return asked[name]
    return told.get(name, default)


def _input(config: Mapping[str, Any]) -> Json:
    return as_object(at(config, "audio", "input")) or {}


def _encoding(format_: object) -> Encoding:
    return encoding_named(at(format_, "type"), at(format_, "rate"))
